"""Invoices by mail: agreed to or withdrawn, in which wording and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from core.models.accounts import Account
from core.models.subscribers import Consent, ConsentKind, Subscriber
from core.service.actions import own_action
from core.service.unit_of_work import ReadContext, UnitOfWork, not_found, table

_consent, _subscriber = table(Consent), table(Subscriber)

VERSION = "2026-11-20"
"""Of the wording that the screen shows (``data/notices/e_invoices.*.md``)."""


@dataclass(frozen=True, slots=True)
class ConsentState:
    """What counts now: whether, since when and in which wording. ``at`` is None for somebody who was never asked."""

    given: bool
    version: str
    at: dt.datetime | None


def state(look: ReadContext, subscriber_id: int | None = None) -> ConsentState:
    """The last word of a subscriber within sight, the actor's own by default."""
    subscriber = _find(look, subscriber_id)
    last = (
        sa.select(_consent)
        .where(_consent.c.subscriber_id == subscriber.id, _consent.c.kind == ConsentKind.E_INVOICE.value)
        .order_by(_consent.c.id.desc())
        .limit(1)
    )
    row = look.row(last)
    return ConsentState(subscriber.e_invoices, row.version if row else "", row.at if row else None)


def _find(look: ReadContext, subscriber_id: int | None) -> Subscriber:
    wanted = look.actor.subscriber_id if subscriber_id is None else subscriber_id
    if wanted is None:
        raise not_found()
    return look.find(Subscriber, wanted)


@own_action("consent.change", find=lambda look: _find(look, None))
def decide(work: UnitOfWork, subscriber: Subscriber, *, agreed: bool) -> None:
    """Agree, or withdraw. Saying again what counts already changes nothing."""
    other = _subscriber.c.id == subscriber.id, _subscriber.c.e_invoices.is_(not agreed)
    if not work.change(Subscriber, *other, e_invoices=agreed, changed_at=work.now):
        return
    of = {"subscriber_id": subscriber.id, "account_id": work.actor.account_id, "kind": ConsentKind.E_INVOICE.value}
    work.add(Consent, **of, version=VERSION, given=agreed, at=work.now)
    work.record("consent.change", "subscriber", subscriber.id, kind=ConsentKind.E_INVOICE.value, given=agreed)
    account = work.find(Account, work.actor.account_id or 0)
    work.mail("e_invoices_changed", account, name=account.first_name, on=agreed)
