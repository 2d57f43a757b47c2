"""The password of a line: shown to its subscriber on request, made anew by them or by an agent.

Each time it is shown or made stands in the journal. It is kept sealed, because a router must be told it as it is.
"""

from __future__ import annotations

import secrets

from core.errors import DeskError
from core.i18n.translation import N_
from core.models.accounts import Account
from core.models.contracts import Asset
from core.models.subscribers import Line, Subscriber
from core.service.actions import action
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_asset, _line = table(Asset), table(Line)
_account, _subscriber = table(Account), table(Subscriber)

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without look-alikes: it is read from a screen and typed into a router."""
LENGTH = 16
"""Signs; 78 bits."""


@action("line.reveal", on=Asset)
def reveal(work: UnitOfWork, asset: Asset) -> str:
    """The line's PPPoE password, for its subscriber."""
    line = _of(work, asset)
    if line.pppoe_password is None:
        raise DeskError(N_("This line has no password: the router needs none."))
    work.record("line.reveal", "asset", asset.id)
    return work.keys.unseal("pppoe", line.pppoe_password, str(asset.id))


@action("line.reset", on=Asset)
def reset(work: UnitOfWork, asset: Asset) -> str:
    """Make a new PPPoE password and return it, to be shown this once or read out; the old one counts no more. The
    subscriber hears of it by mail, without the password."""
    line = _of(work, asset)
    if line.pppoe_login is None:
        raise DeskError(N_("This line has no password: the router needs none."))
    new = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    work.change(
        Line,
        _line.c.asset_id == asset.id,
        pppoe_password=work.keys.seal("pppoe", new, str(asset.id)),
        pppoe_changed_at=work.now,
    )
    work.record("line.reset", "asset", asset.id)
    holder = _holder(work, asset)
    if holder is not None:
        by_staff = work.actor.staff
        work.mail("line_password_changed", holder, name=holder.first_name, line=asset.identifier, by_staff=by_staff)
    return new


def _of(work: UnitOfWork, asset: Asset) -> Line:
    line = work.unscoped(Line, _line.c.asset_id == asset.id)
    if line is None:
        raise DeskError(N_("This is not an internet line."))
    return line


def _holder(look: ReadContext, asset: Asset) -> Account | None:
    subscriber = look.unscoped(Subscriber, _subscriber.c.id == asset.subscriber_id)
    if subscriber is None or subscriber.account_id is None:
        return None
    return look.unscoped(Account, _account.c.id == subscriber.account_id)
