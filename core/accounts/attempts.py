"""A log-in on its way, from the right password to the end of the second step: whose it is, which step comes next, and
what a try at that costs.

A try is paid before anything is compared, in a transaction of its own: by the attempt, which has five, and by the
account, whose pauses grow until a log-in is completed. So neither many processes at once nor a new attempt for each
right password buys more guesses at six digits.
"""

import datetime as dt
import secrets

import sqlalchemy as sa

from core import codes, throttle
from core.accounts.models import Account, AccountState, LoginAttempt, Purpose
from core.errors import DeskError, Throttled
from core.words import N_
from core.work import Work, table

_account, _attempt = table(Account), table(LoginAttempt)

LIFETIME = dt.timedelta(minutes=30)
"""From the password to the end of the second step; within it a code lives ten minutes and can be asked for again."""
TRIES = 5
FIRST_CODES = 3
FIRST_CODE_EVERY = dt.timedelta(minutes=20)
"""Log-ins in a row that are each mailed a code: three, and at most six an hour while none of them is completed."""


class AttemptOver(DeskError):
    """The attempt was used up or is too old: back to the password."""

    def __init__(self) -> None:
        super().__init__(N_("This log-in is over. Please start again with your password."))


def begin(work: Work, account: Account, step: str) -> str:
    """Open an attempt that waits for ``step`` and return its public id."""
    attempt = secrets.token_hex(16)
    work.add(
        LoginAttempt,
        public_id=attempt,
        account_id=account.id,
        step=step,
        tries_left=TRIES,
        created_at=work.now,
        expires_at=work.now + LIFETIME,
    )
    return attempt


def waiting(work: Work, account_id: int) -> str | None:
    """None: a new attempt may be mailed its code. Otherwise the attempt whose code was mailed last, while that can be
    used: somebody who knows the password and logs in over and over gets no more codes to guess at, and keeps nobody
    out who has the mail. Raises :class:`Throttled` when there is none."""
    until = throttle.hit(work, _first_codes(work, account_id), every=FIRST_CODE_EVERY, burst=FIRST_CODES)
    if until is None:
        return None
    last = work.value(
        sa.select(_attempt.c.public_id)
        .where(*_open(work, "code"), _attempt.c.account_id == account_id)
        .order_by(_attempt.c.id.desc())
        .limit(1)
    )
    if last is None or not codes.alive(work, Purpose.LOGIN, last):
        raise Throttled(
            N_("Several codes were sent and none was used. The next one can be sent after {time}."),
            until=until,
        )
    return str(last)


def allow_codes(work: Work, account_id: int) -> None:
    """The owner was here, or has a new password that whoever logged in over and over does not know: the next log-ins
    are mailed their codes again. Failed second steps stay: whoever holds the mailbox may still be guessing."""
    throttle.clear(work, _first_codes(work, account_id))


def _first_codes(work: Work, account_id: int) -> str:
    return throttle.bucket(work, "first-code", account_id)


def pay(work: Work, attempt: str, step: str) -> None:
    """Pay for one try, in one statement: exactly five an attempt, however many processes try at once. While the
    account is paused a try costs nothing and raises :class:`Throttled`."""
    account_id = work.connection.execute(
        sa.update(_attempt)
        .where(_attempt.c.public_id == attempt, *_open(work, step))
        .values(tries_left=_attempt.c.tries_left - 1)
        .returning(_attempt.c.account_id)
    ).scalar()
    if account_id is None:
        raise AttemptOver()
    until, _failures = throttle.attempt(work, _second_steps(work, account_id))
    if until is not None:
        raise Throttled(N_("Too many wrong tries. You can try again after {time}."), until=until, field="code")


def _open(work: Work, step: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Attempts that wait for ``step`` and have tries left."""
    return _attempt.c.step == step, _attempt.c.tries_left > 0, _attempt.c.expires_at > work.now


def _second_steps(work: Work, account_id: int) -> str:
    return throttle.bucket(work, "second-step", account_id)


def left(work: Work, account: Account, attempt: str) -> int:
    """How many tries remain after a wrong one. The one that begins the account's pauses is in the journal."""
    if throttle.failures(work, _second_steps(work, account.id)) == throttle.FREE_FAILURES:
        work.record("account.paused", "account", account.id, step=2)
    return int(work.value(sa.select(_attempt.c.tries_left).where(_attempt.c.public_id == attempt)) or 0)


def account_of(work: Work, attempt: str, step: str, *, tries: bool = False) -> Account:
    """Whose attempt this is while it waits for ``step`` (with ``tries``, while some are left). Raises
    :class:`AttemptOver`."""
    alive = _attempt.c.public_id == attempt, _attempt.c.step == step, _attempt.c.expires_at > work.now
    some = _attempt.c.tries_left > 0 if tries else sa.true()
    account_id = work.value(sa.select(_attempt.c.account_id).where(*alive, some))
    active = _account.c.state == AccountState.ACTIVE.value
    account = work.unscoped(Account, _account.c.id == account_id, active) if account_id is not None else None
    if account is None:
        raise AttemptOver()
    return account


def go_on(work: Work, attempt: str, step: str) -> str:
    """The attempt has passed one step and waits for the next, under a new id, which is returned: two log-ins may have
    shared the old one (:func:`waiting`), and only one of them had the code."""
    fresh = secrets.token_hex(16)
    work.change(LoginAttempt, _attempt.c.public_id == attempt, public_id=fresh, step=step)
    return fresh


def complete(work: Work, attempt: str, account_id: int) -> None:
    """Every step was passed. The account's failed ones are forgotten."""
    work.change(LoginAttempt, _attempt.c.public_id == attempt, step="done")
    throttle.clear(work, _second_steps(work, account_id))
    allow_codes(work, account_id)


def give_up(work: Work, account_id: int) -> None:
    """End the attempts that are under way: what they have passed so far is not good any more."""
    unfinished = _attempt.c.step != "done"
    work.change(LoginAttempt, _attempt.c.account_id == account_id, unfinished, expires_at=work.now)
