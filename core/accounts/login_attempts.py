"""What a try at a password costs before anything is compared, so that nobody guesses and nobody is kept out.

A try is booked under the name as typed, known or not, and counts three times: by *name and source* (pauses that grow
to an hour), by *name* alone (what all strangers together get in a day), and by *source* alone (how many names fail from
one address). While one of the latter two is used up, the name is **held**: nothing is compared but the passwords of
accounts that have logged in from this very source before, and those have a small rate of their own. Who is held
elsewhere, or by strangers at the same source, gets in by a mailed code (:mod:`core.accounts.login_unlock`).

A name and its answers are alike for known and unknown names, and for familiar and strange sources: the same statements
and one hash, and a wrong password is told the time that everybody else is told. Sources that can't be told apart have
no rate of their own and are nobody's familiar one. What was tried is kept nowhere, in no form.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from core.errors import Throttled
from core.forms import email_address
from core.i18n.sanitize import clean_id
from core.i18n.translation import N_
from core.models.accounts import Account, FamiliarSource
from core.service import throttle
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_familiar = table(FamiliarSource)


@dataclass(frozen=True, slots=True)
class TryRate:
    """So many at once, then one each ``every``."""

    every: dt.timedelta
    burst: int

    def hit(self, work: UnitOfWork, name: str) -> dt.datetime | None:
        """See :func:`core.service.throttle.hit`."""
        return throttle.hit(work, name, every=self.every, burst=self.burst)

    def used_up(self, look: ReadContext, name: str) -> dt.datetime | None:
        """See :func:`core.service.throttle.used_up`."""
        return throttle.used_up(look, name, every=self.every, burst=self.burst)

    def give_back(self, work: UnitOfWork, name: str) -> None:
        """See :func:`core.service.throttle.give_back`."""
        throttle.give_back(work, name, every=self.every)


LONGEST_PAUSE = dt.timedelta(hours=1)
"""Of one name from one source: somebody who tries all day long gets one try an hour."""
OF_NAME = TryRate(dt.timedelta(minutes=30), 12)
"""At most 60 a day: an account has two names, so 120 for all strangers together. One source alone never uses it up."""
AT_HOME = TryRate(dt.timedelta(hours=4), 5)
"""While the name is held, from a source that the account knows."""
OF_SOURCE = TryRate(dt.timedelta(minutes=6), 20)
"""Names that fail from one source, each counted once."""
TOLD_EVERY = TryRate(dt.timedelta(hours=1), 1)
"""Entries in the journal about a source that is being slowed."""

FAMILIAR_FOR = dt.timedelta(days=180)
FORGOTTEN_AT_ONCE = 500


def login_key(typed: str) -> str:
    """Logins are one without regard to case."""
    return clean_id(typed, limit=254).casefold()


def _name(look: ReadContext, typed: str) -> str:
    """Counted under the name as typed, known or not: counted under the account, a pause that two names share would
    tell that they are one person's."""
    return throttle.bucket(look, "login", email_address.normal(clean_id(typed, limit=254)) or login_key(typed))


def _here(look: ReadContext, typed: str) -> str:
    return throttle.member(look, _name(look, typed), look.peer.network)


def _home(look: ReadContext, typed: str) -> str:
    return throttle.member(look, _name(look, typed), "home", look.peer.network)


def _source(look: ReadContext) -> str:
    return throttle.bucket(look, "login-from", look.peer.network)


def book(work: UnitOfWork, typed: str) -> dt.datetime | None:
    """Pay for one try at the password of ``typed``. None: it is compared. A time: the name is held until then, so only
    a source that is familiar to the account has its password compared. Raises :class:`Throttled` while the name is
    paused for this source; such a try costs nothing."""
    until = throttle.opens_at(work, _here(work, typed), longest=LONGEST_PAUSE)
    if until is not None:
        raise paused(until)
    held_until = _slowed(work) or OF_NAME.hit(work, _name(work, typed))
    if held_until is None:
        until, failed = throttle.attempt(work, _here(work, typed), longest=LONGEST_PAUSE)
        if until is not None:
            raise paused(until)
        held_until = _count_name(work, typed) if failed == 1 else None
    if held_until is not None:
        until = AT_HOME.hit(work, _home(work, typed))
        if until is not None:
            raise paused(max(until, held_until))
    return held_until


def _slowed(work: UnitOfWork) -> dt.datetime | None:
    """Until when this source is slowed: too many names have failed from it. Asked at every try, whether or not its name
    was tried before; such a try counts against no name. The first one is in the journal with the address."""
    if not work.peer.network:
        return None
    until = OF_SOURCE.used_up(work, _source(work))
    if until is not None and TOLD_EVERY.hit(work, throttle.bucket(work, "login-from-told", work.peer.network)) is None:
        work.record("source.slowed", address=work.peer.network)
    return until


def _count_name(work: UnitOfWork, typed: str) -> dt.datetime | None:
    """One more name from this source. If others have used up the rest at this very moment nothing is compared, and the
    name is new here the next time as well."""
    if not work.peer.network:
        return None
    until = OF_SOURCE.hit(work, _source(work))
    if until is not None:
        OF_NAME.give_back(work, _name(work, typed))
        throttle.clear(work, _here(work, typed))
    return until


def paused(until: dt.datetime, field: str = "") -> Throttled:
    """The sentence for whoever must wait."""
    return Throttled(N_("Too many wrong tries. You can try again after {time}."), until=until, field=field)


def right(work: UnitOfWork, account: Account, typed: str, held_until: dt.datetime | None) -> None:
    """The password was right, so that was none of a stranger's tries: what it cost is given back, and what failed from
    here is forgotten, under both names. What strangers elsewhere have used up stays so."""
    for name in {_here(work, account.login), _here(work, account.email)}:
        throttle.clear(work, name)
    if held_until is not None:
        AT_HOME.give_back(work, _home(work, typed))
        return
    OF_NAME.give_back(work, _name(work, typed))
    if work.peer.network:
        OF_SOURCE.give_back(work, _source(work))


def forget(work: UnitOfWork, account: Account) -> None:
    """A new password or an agent's unlock: both names of the account are free again, from wherever."""
    for name in {_name(work, account.login), _name(work, account.email)}:
        throttle.clear(work, name)
        throttle.clear_family(work, name)


def pause_begins(look: ReadContext, typed: str) -> dt.datetime | None:
    """Until when the name is paused for this source, if the try that has just failed is what began it; else None."""
    until = throttle.opens_at(look, _here(look, typed), longest=LONGEST_PAUSE)
    failed = throttle.failures(look, _here(look, typed))
    return until if failed == throttle.FREE_FAILURES else None


# Where an account has logged in from


def _mac(look: ReadContext) -> str:
    return look.keys.mac("source", look.peer.network)


def is_familiar(look: ReadContext, account_id: int) -> bool:
    """Whether this account has logged in from where this is being done. Never where that can't be told."""
    known = _familiar.c.account_id == account_id, _familiar.c.source == _mac(look)
    since = look.now - FAMILIAR_FOR
    familiar = look.value(sa.select(_familiar.c.account_id).where(*known, _familiar.c.used_at > since))
    return familiar is not None and bool(look.peer.network)


def remember_source(work: UnitOfWork, account_id: int) -> None:
    """The account has just logged in from here."""
    if not work.peer.network:
        return
    known = _familiar.c.account_id == account_id, _familiar.c.source == _mac(work)
    if work.change(FamiliarSource, *known, used_at=work.now) == 0:
        work.add_all(FamiliarSource, [{"account_id": account_id, "source": _mac(work), "used_at": work.now}])


def forget_sources(work: UnitOfWork) -> int:
    """A job: where nobody has come from for half a year is strange again."""
    old = (
        sa.select(_familiar.c.account_id, _familiar.c.source)
        .where(_familiar.c.used_at <= work.now - FAMILIAR_FOR)
        .limit(FORGOTTEN_AT_ONCE)
    )
    gone = sa.delete(_familiar).where(sa.tuple_(_familiar.c.account_id, _familiar.c.source).in_(old))
    return work.connection.execute(gone).rowcount
