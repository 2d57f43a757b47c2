"""How much mail a stranger can cause: nobody's mailbox is filled, and the desk is nobody's megaphone.

Every letter says by whom it can be caused (:mod:`core.service.letters`), and each one passes through :func:`allows` on
its way (see :meth:`core.service.unit_of_work.UnitOfWork.mail`), so that a new one can't be forgotten. What somebody
without a session can cause shares one allowance for each address; what is over is not sent, and the next letter says
how many there were.
Whose an address is is not asked, so an address without an account costs the same statements.

Whoever makes the desk write to addresses that nobody has proved is counted too, by where they come from and for the
whole desk (:func:`admit`), before anything else is looked at.
"""

import datetime as dt

import sqlalchemy as sa

from core.errors import Throttled
from core.forms import email_address
from core.i18n.translation import N_
from core.models.accounts import Account
from core.service import throttle
from core.service.letters import LETTERS, Cause
from core.service.unit_of_work import UnitOfWork, table

_account = table(Account)


CAUSES = {kind.name: kind.cause for kind in LETTERS.values()}
"""Every letter there is."""

AN_HOUR, A_DAY = 5, 15
"""Letters that strangers can cause to one address."""
_RATES = (
    ("letters-hour", dt.timedelta(hours=1), AN_HOUR),
    ("letters-day", dt.timedelta(hours=24) / (A_DAY - 10), 10),
)
"""Five at once and then one an hour; ten at most, and one more each 4.8 hours."""

_HOUR = dt.timedelta(hours=1)
FROM_ONE = 10
"""Letters at once that somebody without a session asks for, from one place; then as many an hour."""


def allows(work: UnitOfWork, letter: str, address: str) -> int | None:
    """Whether ``letter`` may leave. None: it is one too many, and was counted. Otherwise how many were too many since
    the last one."""
    if work.actor.role in ("agent", "admin", "system") or (cause := CAUSES[letter]) is Cause.OWNER:
        return 0
    key = email_address.normal(address) or address  # a stand-in's is no address: each has its own all the same
    if cause is Cause.TO_STRANGER and work.value(sa.select(_account.c.id).where(_account.c.email_key == key)):
        return 0
    return book(work, key)


def book(work: UnitOfWork, key: str) -> int | None:
    """Count one letter to ``key``, an address by its normal form. Where there is nobody to write to, something that is
    no address takes its place: it costs the same statements, so time tells nothing, and nobody's allowance."""
    over = throttle.bucket(work, "letters-over", key)
    for kind, every, burst in _RATES:
        if throttle.hit(work, throttle.bucket(work, kind, key), every=every, burst=burst) is not None:
            throttle.count(work, over)
            return None
    return throttle.take_count(work, over)


def admit(work: UnitOfWork, letters: int = 1) -> None:
    """Let somebody make the desk write to addresses that nobody has proved, or raise :class:`Throttled`. Ask before
    anything is looked at. Where a place is unknown, or this very machine, only the whole desk's limit counts."""
    half = max(1, work.settings.mail.strangers_an_hour // 2)
    whole = throttle.bucket(work, "letters-desk")
    for _letter in range(letters):
        admit_from_here(work)
        _wait(throttle.hit(work, whole, every=_HOUR / half, burst=half))


def admit_from_here(work: UnitOfWork) -> None:
    """The same for letters to people with accounts, whom somebody without a session names: the place alone counts, so
    that strangers elsewhere keep nobody from asking."""
    if work.peer.network:
        here = throttle.bucket(work, "letters-from", work.peer.network)
        _wait(throttle.hit(work, here, every=_HOUR / FROM_ONE, burst=FROM_ONE))


def _wait(until: dt.datetime | None) -> None:
    if until is not None:
        raise Throttled(
            N_("Very many codes were asked for. Please wait; the next one can be sent after {time}."), until=until
        )
