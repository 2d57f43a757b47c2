"""Which letters a worker has in hand: taken in one short transaction, each given back with its outcome.

Nothing is locked while a mail is sent. A claim is a random token with a deadline (``due_at``): a worker that dies loses
nothing, because the letter is due again then; one that is late finds its token gone and books nothing. Tries are
counted with the outcome, not with the claim, so that a crash burns no tries of letters that were never tried
(docs/facts.md, *Mail*).
"""

import datetime as dt
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from core.clock import AHEAD
from core.models.accounts import Account, Purpose
from core.models.mail import MailState, Outbox
from core.security.crypto import Keys
from core.service import one_time_codes
from core.service.letters import LETTERS
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_outbox, _account = table(Outbox), table(Account)
_OPEN = sa.text("outbox.state IN ('queued', 'sending')")
"""Literally the condition of the partial index ``ix_outbox_due``, or no planner could use it."""


def _due(now: dt.datetime, limit: int) -> sa.Select[Any]:
    """What may be sent, the longest waiting first."""
    chosen = sa.select(_outbox.c.id).where(_OPEN, _outbox.c.due_at <= now)
    return chosen.order_by(_outbox.c.due_at, _outbox.c.id).limit(limit)


def _astray(now: dt.datetime, limit: int) -> sa.Select[Any]:
    """Letters that wait longer than any rule makes them wait, because the clock was ahead for a moment."""
    farthest = sa.case(
        (_outbox.c.state == MailState.SENDING.value, now + LONGEST_LEASE), else_=now + PAUSES[-1] + AHEAD
    )
    return sa.select(_outbox.c.id).where(_OPEN, _outbox.c.due_at > farthest).order_by(_outbox.c.id).limit(limit)


CODES = {kind.name: Purpose(kind.code) for kind in LETTERS.values() if kind.code}
"""Letters that bring a code, and whose life it has."""


def _outlived(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Letters whose code is worth nothing any more (or was made by a clock that was ahead)."""
    lives = [
        sa.and_(
            _outbox.c.letter == letter,
            sa.or_(_outbox.c.created_at <= now - one_time_codes.LIFETIME[purpose], _outbox.c.created_at > now + AHEAD),
        )
        for letter, purpose in CODES.items()
    ]
    return sa.or_(*lives)


def _forgettable(now: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What failed for good and still holds a code that is of no use to anybody."""
    return _outbox.c.state == MailState.FAILED.value, _outbox.c.secrets.is_not(None), _outlived(now)


PAUSES = (
    *(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180)),
    *(dt.timedelta(hours=6) for _ in range(11)),
)
"""Before the second, third … try; three days in all. They grow fast because a mail that was cut off after DATA may have
arrived each time (docs/facts.md, *Mail*)."""


LONGEST_LEASE = dt.timedelta(hours=2)
"""No worker takes a letter for longer."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter in hand."""

    id: int
    letter: str
    language: str
    address: str
    zone: str
    ticket_id: int | None
    message_id: str
    created_at: dt.datetime
    tries: int
    claim: str
    details: Mapping[str, Any] = field(repr=False)
    sealed: str | None = field(repr=False)

    def secrets(self, keys: Keys) -> dict[str, str]:
        """The codes, opened; raises ``cryptography.exceptions.InvalidTag`` when they were tampered with."""
        if self.sealed is None:
            return {}
        opened: dict[str, str] = json.loads(keys.unseal("outbox", self.sealed, self.message_id))
        return opened


def claim(work: UnitOfWork, number: int, lease: dt.timedelta) -> list[Claimed]:
    """Take up to ``number`` letters that are due, the longest waiting first, until ``lease`` from now. Those whose code
    has died meanwhile are not sent any more; what failed loses such a code."""
    work.change(Outbox, *_forgettable(work.now), secrets=None)
    # Skipping locks is for PostgreSQL, where workers deadlock without it. SQLite has one writer anyway.
    due, astray = (choose(work.now, number).with_for_update(skip_locked=True) for choose in (_due, _astray))
    ids = [row.id for row in work.rows(due) or work.rows(astray)]
    while ids and _cancelled(work, ids) == len(ids):
        ids = [row.id for row in work.rows(due) or work.rows(astray)]
    if not ids:
        return []
    token = secrets.token_hex(16)
    work.change(
        Outbox, _OPEN, _outbox.c.id.in_(ids), state=MailState.SENDING.value, claim=token, due_at=work.now + lease
    )
    taken = (
        sa.select(_outbox, _account.c.zone)
        .outerjoin(_account, _account.c.id == _outbox.c.account_id)
        .where(_outbox.c.claim == token)
        .order_by(_outbox.c.id)
    )
    return [_claimed(row) for row in work.rows(taken)]


def _cancelled(work: UnitOfWork, ids: Sequence[int]) -> int:
    """How many of these letters bring a code that is worth nothing any more; they are over."""
    dead = _outbox.c.id.in_(ids), _outlived(work.now)
    return work.change(Outbox, *dead, state=MailState.CANCELLED.value, **_emptied())


def _claimed(row: Any) -> Claimed:
    return Claimed(
        id=row.id,
        letter=row.letter,
        language=row.language,
        address=row.address,
        zone=row.zone or "",
        ticket_id=row.ticket_id,
        message_id=row.message_id,
        created_at=row.created_at,
        tries=row.tries,
        claim=row.claim,
        details=row.details,
        sealed=row.secrets,
    )


def _emptied() -> dict[str, Any]:
    """Of a letter that is in nobody's hand any more."""
    return {"secrets": None, "claim": ""}


def _mine(taken: Claimed) -> tuple[sa.ColumnElement[bool], ...]:
    return _outbox.c.id == taken.id, _outbox.c.claim == taken.claim, _outbox.c.state == MailState.SENDING.value


def sent(work: UnitOfWork, taken: Claimed) -> None:
    """It left; what was secret in it is forgotten, and what somebody wrote: that stands in its ticket."""
    read_once: dict[str, Any] = {"details": {}} if "body" in taken.details else {}
    work.change(
        Outbox,
        *_mine(taken),
        state=MailState.SENT.value,
        sent_at=work.now,
        tries=taken.tries + 1,
        error="",
        **_emptied(),
        **read_once,
    )


def postponed(work: UnitOfWork, taken: Claimed, why: str) -> bool:
    """It didn't leave; the next try is after a growing pause. False when that was the last one: it has failed."""
    if taken.tries >= len(PAUSES):
        failed(work, taken, why)
        return False
    work.change(
        Outbox,
        *_mine(taken),
        state=MailState.QUEUED.value,
        due_at=work.now + PAUSES[taken.tries],
        tries=taken.tries + 1,
        claim="",
        error=why[:300],
    )
    return True


def failed(work: UnitOfWork, taken: Claimed, why: str) -> None:
    """It will not leave by itself any more. Its secrets stay sealed while they are good, so that somebody can try
    again."""
    work.change(Outbox, *_mine(taken), state=MailState.FAILED.value, tries=taken.tries + 1, claim="", error=why[:300])


def given_back(work: UnitOfWork, several: Sequence[Claimed]) -> None:
    """Letters that were not tried after all: as if they had never been taken."""
    for taken in several:
        work.change(Outbox, *_mine(taken), state=MailState.QUEUED.value, due_at=work.now, claim="")


def anything_due(look: ReadContext) -> bool:
    """Whether it is worth taking the writers' turn for a claim."""
    forgettable = sa.select(_outbox.c.id).where(*_forgettable(look.now)).limit(1)
    return any(look.value(wanted) is not None for wanted in (_due(look.now, 1), _astray(look.now, 1), forgettable))
