"""When the mail server takes no mail from this desk as it is set up: the whole desk waits, no letter pays for it.

A refusal of the sender, of the password or of the encryption says nothing about the letter that happened to be in
hand. So it costs none a try, and the rest of the queue is not tried against it: after a growing pause one letter asks
whether it is over. Administrators see it beside their mail until it is.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.db.ready import ReadyStatement
from core.mail.transport import explain
from core.models.mail import MailState, MailStop, Outbox
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_stop, _outbox = table(MailStop), table(Outbox)

_current = ReadyStatement(sa.select(_stop))
_queued = ReadyStatement(sa.select(sa.func.count()).where(_outbox.c.state == MailState.QUEUED.value))

PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""Before the first, second … question; the last one for as long as it takes."""

THE_ONE = 1


@dataclass(frozen=True, slots=True)
class Stop:
    """Why no mail leaves, since when, when the next letter asks, and how many wait."""

    reason: str
    """In the current language, with the server's own words."""
    since: dt.datetime
    opens_at: dt.datetime
    waiting: int


def current(look: ReadContext) -> Stop | None:
    """The stop that is on, for administrators; None while mail leaves."""
    look.require("mail.read")
    row = look.row(_current)
    if row is None:
        return None
    return Stop(explain(row.reason), row.since, _believed(row, look.now), int(look.value(_queued)))


def pending(look: ReadContext) -> tuple[str, bool]:
    """For a worker: why it must wait now (a kept reason, or ""), and whether its next letter is the question."""
    row = look.row(_current)
    if row is None:
        return "", False
    return (row.reason if _believed(row, look.now) > look.now else ""), True


def _believed(row: Any, now: dt.datetime) -> dt.datetime:
    """When the pause is over. One that is longer than any can be was begun by a clock that was ahead."""
    opens_at: dt.datetime = row.opens_at
    return opens_at if opens_at <= now + PAUSES[-1] else now


def begin(work: UnitOfWork, reason: str) -> None:
    """Mail stops for ``reason``, or the question was answered with no: the next pause is longer.

    Two workers that ask at once lengthen it once.
    """
    if work.row(sa.select(_stop.c.id)) is None:
        first = {"id": THE_ONE, "reason": reason[:300], "since": work.now, "tries": 1, "opens_at": work.now + PAUSES[0]}
        work.add_all(MailStop, [first])
        work.record("mail.stopped", "outbox")
        return
    tries = int(work.value(sa.select(_stop.c.tries)))
    work.change(
        MailStop,
        sa.or_(_stop.c.opens_at <= work.now, _stop.c.opens_at > work.now + PAUSES[-1]),
        reason=reason[:300],
        tries=tries + 1,
        opens_at=work.now + PAUSES[min(tries, len(PAUSES) - 1)],
    )


def ask_now(work: UnitOfWork) -> bool:
    """Somebody has put the settings right, or says so: the next letter asks at once. False when mail isn't stopped."""
    return bool(work.change(MailStop, sa.true(), opens_at=work.now))


def end(work: UnitOfWork) -> None:
    """A letter was taken (or refused for its own sake): mail leaves again."""
    if work.row(sa.select(_stop.c.id)) is not None:
        work.connection.execute(sa.delete(_stop))
        work.record("mail.resumed", "outbox")
