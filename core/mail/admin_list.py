"""What became of the letters that were promised: the list for administrators, and trying again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.db import pagination
from core.db.pagination import Page
from core.mail import stops
from core.mail.transport import explain
from core.models.mail import MailState, Outbox
from core.service.actions import open_action
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_outbox = table(Outbox)
_COLUMNS = [column for column in _outbox.c if column.name not in ("secrets", "claim", "details")]
_UNFINISHED = (MailState.QUEUED, MailState.HELD, MailState.SENDING, MailState.FAILED)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One letter. Never its text: that may hold a code, and is only made to be sent."""

    id: int
    letter: str
    address: str
    language: str
    ticket_id: int | None
    state: str
    created_at: dt.datetime
    due_at: dt.datetime
    tries: int
    sent_at: dt.datetime | None
    error: str
    """Why it is still here, in the current language; empty when nothing went wrong."""


def outbox(look: ReadContext, ask: pagination.PageRequest, state: str | None = None) -> Page[OutboxRow]:
    """Letters, newest first; only those in ``state`` when it is given."""
    look.require("mail.read")
    chosen = sa.select(*_COLUMNS)
    if state is not None:
        chosen = chosen.where(_outbox.c.state == state)
    return pagination.read(look, chosen, [_outbox.c.id], ask, _shown)


def _shown(row: Any) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        letter=row.letter,
        address=row.address,
        language=row.language,
        ticket_id=row.ticket_id,
        state=row.state,
        created_at=row.created_at,
        due_at=row.due_at,
        tries=row.tries,
        sent_at=row.sent_at,
        error=explain(row.error),
    )


def counts(look: ReadContext) -> dict[str, int]:
    """How many letters are in each state but *sent* and *cancelled*, whose number only grows."""
    look.require("mail.read")
    query = (
        sa.select(_outbox.c.state, sa.func.count())
        .where(_outbox.c.state.in_([state.value for state in _UNFINISHED]))
        .group_by(_outbox.c.state)
    )
    return {**{state.value: 0 for state in _UNFINISHED}, **dict(look.rows(query))}


@open_action("mail.retry")
def retry(work: UnitOfWork, ids: Sequence[int] | None = None) -> int:
    """Put failed letters (all of them, or those named) back in the queue, and returns how many.

    A named one that waits for its next try is tried now; and where mail has stopped as a whole, the server is asked
    again at once.
    """
    again: sa.ColumnElement[bool] = _outbox.c.state == MailState.FAILED.value
    if ids is not None:
        waiting = _outbox.c.state.in_((MailState.FAILED.value, MailState.QUEUED.value))
        again = sa.and_(waiting, _outbox.c.id.in_(ids))
    number = work.change(Outbox, again, state=MailState.QUEUED.value, due_at=work.now, tries=0, error="")
    if stops.ask_now(work) or number:
        work.mailed = True
    if number:
        work.record("mail.retry", "outbox", ids[0] if ids and len(ids) == 1 else None, letters=number)
    return number
