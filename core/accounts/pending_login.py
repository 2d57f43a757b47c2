"""A log-in on its way, from the right password to the end of the second step: whose it is, which step comes next, and
what a try at that costs.

A try is paid before anything is compared, in a transaction of its own: by the attempt, which has five, and by the
account, whose pauses grow until a log-in is completed. So neither many processes at once nor a new attempt for each
right password buys more guesses at six digits. Pauses count by account and source, and all strange sources together
have a rate; whoever has the mailbox besides is counted apart: who knows the password alone keeps no owner out.
"""

import datetime as dt
import secrets

import sqlalchemy as sa

from core.accounts import login_attempts
from core.accounts.login_attempts import TryRate
from core.clock import AHEAD
from core.errors import DeskError, Throttled
from core.i18n.translation import N_
from core.models.accounts import Account, AccountState, LoginAttempt, Purpose
from core.service import one_time_codes, throttle
from core.service.unit_of_work import UnitOfWork, table

_account, _attempt = table(Account), table(LoginAttempt)

LIFETIME = dt.timedelta(minutes=30)
"""From the password to the end of the second step; within it a code lives ten minutes and can be asked for again."""
TRIES = 5
FIRST_CODES = 3
FIRST_CODE_EVERY = dt.timedelta(minutes=20)
"""Log-ins in a row that are each mailed a code: three, and at most six an hour while none of them is completed."""


OF_STRANGERS = TryRate(dt.timedelta(minutes=20), 12)
"""Tries at the second step from all sources that the account doesn't know: at most 84 a day."""


class AttemptOver(DeskError):
    """The attempt was used up or is too old: back to the password."""

    def __init__(self) -> None:
        super().__init__(N_("This log-in is over. Please start again with your password."))


def begin(work: UnitOfWork, account: Account, step: str, *, mailbox: bool = False) -> str:
    """Open an attempt that waits for ``step`` and return its public id. ``mailbox``: it began with a code from there
    (:mod:`core.accounts.login_unlock`)."""
    attempt = secrets.token_hex(16)
    work.add(
        LoginAttempt,
        public_id=attempt,
        account_id=account.id,
        step=step,
        tries_left=TRIES,
        mailbox=mailbox,
        created_at=work.now,
        expires_at=work.now + LIFETIME,
    )
    return attempt


def waiting(work: UnitOfWork, account_id: int) -> str | None:
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
    if last is None or not one_time_codes.alive(work, Purpose.LOGIN, last):
        raise Throttled(
            N_("Several codes were sent and none was used. The next one can be sent after {time}."),
            until=until,
        )
    return str(last)


def allow_codes(work: UnitOfWork, account_id: int) -> None:
    """The owner was here, or has a new password that whoever logged in over and over does not know: the next log-ins
    are mailed their codes again. Failed second steps stay: whoever holds the mailbox may still be guessing."""
    throttle.clear(work, _first_codes(work, account_id))


def _first_codes(work: UnitOfWork, account_id: int) -> str:
    return throttle.bucket(work, "first-code", account_id)


def pay(work: UnitOfWork, attempt: str, step: str) -> None:
    """Pay for one try, in one statement: exactly five an attempt, however many processes try at once. While the
    account is paused a try costs nothing and raises :class:`Throttled`."""
    row = work.connection.execute(
        sa.update(_attempt)
        .where(_attempt.c.public_id == attempt, *_open(work, step))
        .values(tries_left=_attempt.c.tries_left - 1)
        .returning(_attempt.c.account_id, _attempt.c.mailbox)
    ).first()
    if row is None:
        raise AttemptOver()
    until, _failures = throttle.attempt(work, _second_steps(work, row.account_id, mailbox=row.mailbox))
    if until is None and not row.mailbox and not login_attempts.is_familiar(work, row.account_id):
        until = OF_STRANGERS.hit(work, _strangers(work, row.account_id))
    if until is not None:
        raise login_attempts.paused(until, "code")


def _open(work: UnitOfWork, step: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Attempts that wait for ``step`` and have tries left."""
    return _attempt.c.step == step, _attempt.c.tries_left > 0, *_lives(work)


def _lives(work: UnitOfWork) -> tuple[sa.ColumnElement[bool], ...]:
    return _attempt.c.expires_at > work.now, _attempt.c.created_at <= work.now + AHEAD


def _second_steps(work: UnitOfWork, account_id: int, *, mailbox: bool) -> str:
    whence = ("mailbox",) if mailbox else ("source", work.peer.network)
    return throttle.member(work, _strangers(work, account_id), *whence)


def _strangers(work: UnitOfWork, account_id: int) -> str:
    return throttle.bucket(work, "second-step", account_id)


def left(work: UnitOfWork, account: Account, attempt: str) -> int:
    """How many tries remain after a wrong one. The one that begins a pause of the account is in the journal."""
    row = work.row(sa.select(_attempt.c.tries_left, _attempt.c.mailbox).where(_attempt.c.public_id == attempt))
    mailbox = row is not None and bool(row.mailbox)
    if throttle.failures(work, _second_steps(work, account.id, mailbox=mailbox)) == throttle.FREE_FAILURES:
        work.record("account.paused", "account", account.id, step=2)
    return int(row.tries_left) if row is not None else 0


def account_of(work: UnitOfWork, attempt: str, step: str, *, tries: bool = False) -> Account:
    """Whose attempt this is while it waits for ``step`` (with ``tries``, while some are left). Raises
    :class:`AttemptOver`."""
    alive = _attempt.c.public_id == attempt, _attempt.c.step == step, *_lives(work)
    some = _attempt.c.tries_left > 0 if tries else sa.true()
    account_id = work.value(sa.select(_attempt.c.account_id).where(*alive, some))
    active = _account.c.state == AccountState.ACTIVE.value
    account = work.unscoped(Account, _account.c.id == account_id, active) if account_id is not None else None
    if account is None:
        raise AttemptOver()
    return account


def go_on(work: UnitOfWork, attempt: str, step: str) -> str:
    """The attempt has passed one step and waits for the next, under a new id, which is returned: two log-ins may have
    shared the old one (:func:`waiting`), and only one of them had the code."""
    fresh = secrets.token_hex(16)
    work.change(LoginAttempt, _attempt.c.public_id == attempt, public_id=fresh, step=step)
    return fresh


def complete(work: UnitOfWork, attempt: str, account_id: int) -> None:
    """Every step was passed. Those that failed here (or with a code from the mailbox) are forgotten; what strangers
    have used up elsewhere stays so."""
    mailbox = bool(work.value(sa.select(_attempt.c.mailbox).where(_attempt.c.public_id == attempt)))
    work.change(LoginAttempt, _attempt.c.public_id == attempt, step="done")
    throttle.clear(work, _second_steps(work, account_id, mailbox=mailbox))
    if not mailbox:
        OF_STRANGERS.give_back(work, _strangers(work, account_id))
    allow_codes(work, account_id)


def give_up(work: UnitOfWork, account_id: int) -> None:
    """End the attempts that are under way: what they have passed so far is not good any more."""
    unfinished = _attempt.c.step != "done"
    work.change(LoginAttempt, _attempt.c.account_id == account_id, unfinished, expires_at=work.now)
