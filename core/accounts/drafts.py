"""What somebody has typed and not sent: kept by account and form, so that a line that is cut costs no sentence.

It is sealed with the desk's key, offered wherever its owner opens the form again, and forgotten when it was sent,
thrown away, or not touched for :data:`KEPT_FOR`. Two sessions of one account may have the same form open: the last
writer wins, but what forgets a draft, or writes at the end of a session, names the draft that it knows and touches no
newer one.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.accounts.own_password import own_account
from core.errors import DeskError
from core.field import Raw
from core.i18n.translation import N_
from core.models.accounts import Account
from core.models.drafts import UnsentForm
from core.service.actions import own_action
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_draft = table(UnsentForm)

KEPT_FOR = dt.timedelta(days=30)
LONGEST = 100_000
"""Characters of one draft, names of its fields included; an article in two languages has 40,000."""
MOST = 60
"""Drafts of one account; for one more the oldest goes."""
FORGOTTEN_AT_ONCE = 500
_LONGEST_NAME = 120
_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)*(:[0-9A-Za-z_.-]+)?")


class TooLong(DeskError):
    """More than one draft can hold."""


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """One form as its owner has left it. ``beside`` is what the form needs to know besides its fields."""

    form: str
    values: Mapping[str, Raw]
    beside: Mapping[str, Any]
    changed_at: dt.datetime


@own_action("account.keep_draft", find=own_account)
def keep(
    work: UnitOfWork,
    account: Account,
    form: str,
    values: Mapping[str, Raw],
    beside: Mapping[str, Any],
    *,
    known: dt.datetime | None = None,
    unless_newer: bool = False,
) -> dt.datetime | None:
    """Put a form's draft in place of the one that is there.

    Args:
        form: Which form, and what it is about: ``ticket.reply:1042``.
        values: What was typed, by field. Whoever shows the form leaves out what must not be kept.
        known: When the draft that this one continues was kept; None where there was none.
        unless_newer: Leave alone what is not that draft: for the end of a session, which may come long after its owner
            went on elsewhere.

    Returns:
        When it was kept; None when there was a newer one that was to be left alone.

    Raises:
        TooLong: it is longer than :data:`LONGEST`.
    """
    content = json.dumps({"values": dict(values), "beside": dict(beside)}, ensure_ascii=False)
    if len(content) > LONGEST:
        raise TooLong(N_("What you have typed is too long to be kept. Send it before you leave."))
    if len(form) > _LONGEST_NAME or not _NAME.fullmatch(form):
        raise ValueError("not the name of a form")
    its = _draft.c.account_id == account.id, _draft.c.form == form
    if unless_newer and known != work.value(sa.select(_draft.c.changed_at).where(*its)):
        return None
    sealed = work.keys.seal("draft", content, _about(account.id, form))
    if work.change(UnsentForm, *its, content=sealed, changed_at=work.now) == 0:
        _make_room(work, account.id)
        row = {"account_id": account.id, "form": form, "content": sealed, "changed_at": work.now}
        work.add_all(UnsentForm, [row])
    return work.now


def _make_room(work: UnitOfWork, account_id: int | None) -> None:
    oldest = sa.select(_draft.c.form).where(_draft.c.account_id == account_id).order_by(_draft.c.changed_at.desc())
    over = work.rows(oldest.offset(MOST - 1))
    if over:
        names = _draft.c.form.in_([row.form for row in over])
        work.connection.execute(sa.delete(_draft).where(_draft.c.account_id == account_id, names))


def _about(account_id: int | None, form: str) -> str:
    return f"{account_id}:{form}"


@own_action("account.forget_draft", find=own_account)
def forget(work: UnitOfWork, account: Account, form: str, known: dt.datetime) -> None:
    """The form was sent, or what was typed is not wanted: the draft that was kept at ``known`` goes, or an older one.
    One that another session has kept since then stays."""
    its = _draft.c.account_id == account.id, _draft.c.form == form
    work.connection.execute(sa.delete(_draft).where(*its, _draft.c.changed_at <= known))


def own(look: ReadContext) -> list[KeptDraft]:
    """The actor's own drafts. What can't be opened any more (it was sealed with another key, or changed from outside)
    is passed over."""
    rows = look.rows(look.scoped(UnsentForm, _draft.c.form, _draft.c.content, _draft.c.changed_at))
    return [draft for row in rows if (draft := _opened(look, row)) is not None]


def _opened(look: ReadContext, row: Any) -> KeptDraft | None:
    from cryptography.exceptions import InvalidTag  # deferred: start-up, loaded with what opens it

    try:
        content = json.loads(look.keys.unseal("draft", row.content, _about(look.actor.account_id, row.form)))
        values = {str(name): _raw(value) for name, value in content["values"].items()}
        return KeptDraft(row.form, values, dict(content["beside"]), row.changed_at)
    except (InvalidTag, ValueError, TypeError, KeyError, AttributeError):
        return None


def _raw(value: object) -> Raw:
    """JSON knows no tuples."""
    return tuple(str(each) for each in value) if isinstance(value, list) else str(value)


def forget_old(work: UnitOfWork) -> int:
    """A job: what nobody has come back to for :data:`KEPT_FOR`."""
    old = sa.select(_draft.c.account_id, _draft.c.form).where(_draft.c.changed_at <= work.now - KEPT_FOR)
    these = sa.tuple_(_draft.c.account_id, _draft.c.form).in_(old.limit(FORGOTTEN_AT_ONCE))
    return work.connection.execute(sa.delete(_draft).where(these)).rowcount
