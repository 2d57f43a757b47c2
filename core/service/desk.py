"""The only door. Everything that changes anything goes through :meth:`Desk.do`, everything that reads through
:meth:`Desk.see`, and both run it as somebody."""

import datetime as dt
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from core.clock import AHEAD, Clock, SystemClock
from core.db import refusals
from core.db.engine import Database
from core.db.ready import ReadyStatement
from core.errors import DeskError
from core.i18n.translation import N_
from core.models.accounts import Account, Session
from core.models.names import display_name
from core.models.subscribers import Subscriber
from core.security.crypto import Keys
from core.service import client_address as peers
from core.service import mail_allowance, mail_bell, opening
from core.service.actor import GUEST, SYSTEM, Actor
from core.service.client_address import LOCAL, Peer
from core.service.opening import May
from core.service.settings import Settings
from core.service.unit_of_work import ReadContext, UnitOfWork, table

P = ParamSpec("P")
R = TypeVar("R")
UseCase = TypeVar("UseCase", bound=Callable[..., Any])

TRIES = 5
"""How often a change is run again when the database says that it met another one."""

_account, _session, _subscriber = table(Account), table(Session), table(Subscriber)
_who = ReadyStatement(
    sa.select(
        _account.c.id,
        _account.c.role,
        _account.c.login,
        _account.c.first_name,
        _account.c.last_name,
        _account.c.company_id,
        _account.c.standing,
        _account.c.language,
        _account.c.zone,
        _subscriber.c.id.label("subscriber_id"),
    )
    .join_from(_session, _account, _session.c.account_id == _account.c.id)
    .outerjoin(_subscriber, _subscriber.c.account_id == _account.c.id)
    .where(
        _session.c.id == sa.bindparam("session", type_=_session.c.id.type),
        _session.c.ended_at.is_(None),
        _session.c.created_at <= sa.bindparam("soon", type_=_session.c.created_at.type),
        _session.c.expires_at > sa.bindparam("now", type_=_session.c.expires_at.type),
        _account.c.state == "active",
    )
)


UnitOfWork.allows = staticmethod(mail_allowance.allows)


class SessionEnded(DeskError):
    """The session was ended, ran out, or its account was switched off, while a screen was still open."""


def prepared(
    prepare: Callable[..., dict[str, Any]], *, first: Callable[..., dict[str, Any] | None] | None = None
) -> Callable[[UseCase], UseCase]:
    """For slow work that must not hold up other writers (a password hash: 14 ms and more).

    ``prepare(look, …the use case's own arguments…)`` runs before the transaction; what it returns is added to the
    use case's arguments. The use case must check again, in its statements, whatever may have changed meanwhile.
    ``first`` is a use case with the same arguments that is committed before the slow part: it books the try. What it
    returns, if anything, is added to the arguments of both.
    """

    def mark(use_case: UseCase) -> UseCase:
        use_case.prepare = prepare  # type: ignore[attr-defined]
        use_case.first = first  # type: ignore[attr-defined]
        return use_case

    return mark


PACE = 0.05
"""Seconds: an answer that must not tell whom the desk knows comes so long after the question, or twice as long, …"""


def paced(use_case: Callable[P, R]) -> Callable[P, R]:
    """For what is answered before somebody is logged in, known or unknown. The same statements still differ by some
    twenty microseconds, by which rows they meet; so the answer waits for the next beat since the question came
    (docs/facts.md, *Passwords and codes*). Nobody else waits meanwhile: the transaction is over by then."""
    use_case.paced = True  # type: ignore[attr-defined]
    return use_case


def nothing(_look: ReadContext, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
    """The ``prepare`` of a use case that only wants its ``first``."""
    return {}


class Desk:
    """An open desk, acting as one session (or as a guest, or as the system). Safe to call from any thread."""

    def __init__(self, settings: Settings, store: Database, keys: Keys, clock: Clock) -> None:
        self.settings = settings
        self.store = store
        self.keys = keys
        self.clock = clock
        self.peer: Peer = LOCAL
        """Where whoever sits here comes from."""
        self.mail_waits = threading.Event()
        """Set whenever a change promised mail."""
        self._seat: int | None = None
        self._fixed: Actor | None = GUEST

    @classmethod
    def open(
        cls,
        settings: Settings | None = None,
        clock: Clock | None = None,
        *,
        may: May = opening.EVERYTHING,
        peer: Peer | None = None,
    ) -> "Desk":
        """Open the desk the settings name. Unless ``may`` says less, a new one is made, and an older one is brought up
        to date (a file after a copy). ``peer`` is where whoever sits here comes from, for a process that was told; else
        this process's own surroundings say it."""
        settings = settings or Settings.load()
        opened = opening.open_store(settings, may)
        desk = cls(settings, opened.store, opened.keys, clock or SystemClock())
        desk.peer = peer or peers.of_this_process(settings)
        return desk

    def close(self) -> None:
        self.store.close()

    def acting(self, session_id: int | None) -> "Desk":
        """The same desk as seen from a session; None is a guest."""
        return self._as(session_id, GUEST if session_id is None else None)

    def as_system(self) -> "Desk":
        """For the operator's own command line and the desk's jobs. Nothing on a screen may reach this."""
        return self._as(None, SYSTEM)

    def _as(self, seat: int | None, fixed: Actor | None) -> "Desk":
        other = Desk(self.settings, self.store, self.keys, self.clock)
        other.mail_waits, other.peer = self.mail_waits, self.peer
        other._seat, other._fixed = seat, fixed
        return other

    @property
    def now(self) -> dt.datetime:
        return self.clock.now()

    @property
    def mail_folder(self) -> Path | None:
        """Where letters lie when no mail leaves this machine, so that a page that waits for a code can say so.
        None where a server takes them, in a demo, whose post room shows them, and for whoever doesn't sit at the
        machine: they could not look there, and its folders are no business of theirs."""
        if self.settings.demo or not self.peer.at_the_machine:
            return None
        return self.settings.mail_folder

    def see(self, query: Callable[Concatenate[ReadContext, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run ``query(look, …)`` on a reading connection that is given back before this returns."""
        with opening.told_as_it_is():
            try:
                return self._seen(query, args, kwargs)
            except sa.exc.DBAPIError as error:
                if not self.store.went_stale(error):
                    raise
            return self._seen(query, args, kwargs)

    def _seen(self, query: Callable[..., R], args: Any, kwargs: Any) -> R:
        now = self.clock.now()
        with self.store.reading() as connection:
            look = ReadContext(connection, self._actor(connection, now), now, self.settings, self.keys, self.peer)
            return query(look, *args, **kwargs)

    def do(self, use_case: Callable[Concatenate[UnitOfWork, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run ``use_case(work, …)`` in one transaction, which is kept if it returns and dropped if it raises.

        Waits its turn at the lock file; when the database reports a conflict with another change, the whole use
        case runs again from the start.
        """
        begun = time.monotonic()
        try:
            return self._done(use_case, args, {**kwargs, **self._prepare(use_case, args, kwargs)})
        finally:
            if PACE and getattr(use_case, "paced", False):
                time.sleep(PACE - (time.monotonic() - begun) % PACE)

    def _done(self, use_case: Callable[..., R], args: Any, kwargs: Any) -> R:
        for attempt in range(TRIES):
            try:
                return self._once(use_case, args, kwargs)
            except sa.exc.IntegrityError as error:
                if attempt == TRIES - 1 or not _met_a_twin(error):
                    raise
            except sa.exc.DBAPIError as error:
                if attempt == TRIES - 1 or not (_worth_another_try(error) or self.store.has_old_statement(error)):
                    refusal = refusals.explain(error)
                    if refusal is None:
                        raise
                    raise refusal from error
            time.sleep(random.uniform(0.005, 0.02) * 2**attempt)  # noqa: S311 - spreads retries, no secret
        raise AssertionError("unreachable")

    def _once(self, use_case: Callable[..., R], args: Any, kwargs: Any) -> R:
        with self.store.writing() as connection:
            now = self.clock.now()
            work = UnitOfWork(connection, self._actor(connection, now), now, self.settings, self.keys, self.peer)
            result = use_case(work, *args, **kwargs)
        if work.mailed:
            self.mail_waits.set()
            mail_bell.ring(self.settings.data_dir)
        return result

    def _prepare(self, use_case: Any, args: Any, kwargs: Any) -> dict[str, Any]:
        prepare = getattr(use_case, "prepare", None)
        if prepare is None:
            return {}
        booked: dict[str, Any] = {}
        if use_case.first is not None:
            booked = self.do(use_case.first, *args, **kwargs) or {}
        return {**booked, **self.see(prepare, *args, **{**kwargs, **booked})}

    def actor(self) -> Actor:
        """Who acts here, read anew."""
        return self._fixed or self.see(lambda look: look.actor)

    def _actor(self, connection: sa.Connection, now: dt.datetime) -> Actor:
        """Read again at every call: a session that was ended or an account switched off counts at once."""
        if self._fixed is not None:
            return self._fixed
        rows = _who.rows(connection, {"session": self._seat, "now": now, "soon": now + AHEAD})
        if not rows:
            raise SessionEnded(N_("Your session has ended. Please log in again."))
        row = rows[0]
        member = row.standing in ("member", "owner")
        return Actor(
            role=row.role,
            account_id=row.id,
            session_id=self._seat,
            login=row.login,
            name=display_name(row),
            company_id=row.company_id if member else None,
            owner=row.standing == "owner",
            language=row.language,
            zone=row.zone,
            subscriber_id=row.subscriber_id,
        )


def _worth_another_try(error: sa.exc.DBAPIError) -> bool:
    """A lock that was not got, a deadlock, a serialization failure: nothing was changed and the next try may pass."""
    code = getattr(error.orig, "sqlstate", None) or ""
    return code.startswith("40") or "locked" in str(error.orig)


def _met_a_twin(error: sa.exc.IntegrityError) -> bool:
    """PostgreSQL let two at once make what there can be only one of. Run again, the later one sees the earlier one's
    and says so in words; SQLite's writers take turns, so this can't happen there."""
    return getattr(error.orig, "sqlstate", None) == "23505"
