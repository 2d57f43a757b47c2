"""The store: an SQLite file, or a PostgreSQL server.

Three measured facts shape this module (docs/facts.md, *SQLite*): a deferred read-then-write loses updates, so a
writing transaction begins IMMEDIATE; many writers on one file queue best at a ``flock`` beside it (write p99 four to
six times lower, WAL at 5 MB instead of 1.2 GB); and SQLite before 3.51.3 can corrupt a file that several processes
checkpoint, which the same lock file prevents. Reads take no lock and hold no transaction.
"""

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from core.db import upgrade_notice
from core.errors import DeskError, Unavailable
from core.i18n.translation import N_
from core.paths import private_folder

FIXED_LIBRARIES = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
FIRST_LOOK = 0.5
"""Seconds of waiting for a turn after which it is looked whether the tables are being changed: that takes longer."""
GATE_DEADLINE = 15.0
"""Seconds a write waits its turn before it gives up: four times the worst seen with 100 processes busy on two cores."""

BUSY = N_("The desk is very busy. Nothing was changed; please try again.")
AT_HAND = 2
"""Connections kept for readers. One program is one person, who waits for one thing at a time."""


@dataclass
class Cache:
    """How much of an SQLite file each connection of this process keeps in memory. It is no matter of speed (a median
    read takes as long with any of these), but of what stays in memory once somebody has read through much: of eighty
    sessions on one machine, each with a program's own size, gigabytes (docs/facts.md, *Speed*)."""

    kilobytes: int = 8000

    def for_import(self) -> None:
        """Whole tables are walked through, by one connection."""
        self.kilobytes = 32_000

    def for_one_of_many(self) -> None:
        """A session beside many others on the same machine."""
        self.kilobytes = 2000


cache = Cache()
STALE_STATEMENT = ("0A000", "26000")
"""PostgreSQL: *cached plan must not change result type*, and a prepared statement that is not there."""


def sqlite_module() -> ModuleType:
    """The bundled build where its wheel exists, else Python's own."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        import sqlite3 as dbapi2
    return dbapi2  # type: ignore[no-any-return]


def has_wal_reset_bug(version: tuple[int, int, int]) -> bool:
    """True for libraries that need the lock file to be safe (sqlite.org/wal.html#walresetbug)."""
    return not any(
        version >= fixed and (version[:2] == fixed[:2] or fixed == FIXED_LIBRARIES[0]) for fixed in FIXED_LIBRARIES
    )


class Gate:
    """Writers wait here, one at a time across all threads and processes, before BEGIN IMMEDIATE."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @contextmanager
    def held(self, deadline: float = GATE_DEADLINE) -> Iterator[None]:
        """Hold the turn; raises :class:`Unavailable` after ``deadline`` seconds, or at once while the tables are
        brought up to date. Whoever can be told how far that is waits for it (:func:`upgrade_notice.heard_by`). Does
        nothing for PostgreSQL."""
        if self._path is None:
            yield
            return
        file = _locked(self._path, deadline)
        try:
            yield
        finally:
            os.close(file)


def _locked(path: Path, deadline: float) -> int:
    """A descriptor of ``path`` that holds its lock; closing it lets the next one in.

    The kernel queues those who wait but offers no lock with a deadline, so the waiting is done by a thread that can be
    left behind; polling would let newcomers past whoever waits longest (p99 of 100 busy processes: 5.6 s to 3.7).
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _wait_for_turn(path, _Turn(file), deadline)
    return file


def _wait_for_turn(path: Path, turn: "_Turn", deadline: float) -> None:
    try:
        while not turn.came_within(min(deadline, FIRST_LOOK)):
            progress, teller = upgrade_notice.read(path), upgrade_notice.listener()
            if progress is None:
                if turn.came_within(max(deadline - FIRST_LOOK, 0)):
                    return
                progress = upgrade_notice.read(path)
            if progress is None or teller is None:
                raise Unavailable(progress.say() if progress is not None else BUSY)
            teller(progress.say())  # and waits anew: an upgrade takes as long as it takes
    except BaseException:
        if turn.give_up():
            raise
        turn.release()  # it came at the last moment
        raise


class _Turn:
    """One place in the queue. Whoever gives up leaves word, and the turn is passed on the moment it comes."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._came = threading.Event()
        self._settling = threading.Lock()
        self._given_up = False
        threading.Thread(target=self._wait, name="okienko-turn", daemon=True).start()

    def came_within(self, seconds: float) -> bool:
        return self._came.wait(seconds)

    def give_up(self) -> bool:
        """False when it has come at the last moment."""
        with self._settling:
            self._given_up = not self._came.is_set()
        return self._given_up

    def release(self) -> None:
        os.close(self._file)

    def _wait(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        with self._settling:
            if self._given_up:
                os.close(self._file)
            else:
                self._came.set()


class Database:
    """An engine, its gate, and the two ways to use it: :meth:`reading` and :meth:`writing`."""

    def __init__(self, engine: Engine, gate: Gate, file: Path | None = None) -> None:
        self.engine = engine
        self.gate = gate
        self.file = file
        self._is_closed = False
        self._at_hand: deque[Connection] = deque()
        """Connections that were read from and wait for whoever comes next: getting one from the pool and giving it back
        costs as much as a small query, and on a server three round trips."""

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that is given back at once; every statement sees the newest commit."""
        connection = self._taken()
        try:
            yield connection
        except BaseException:
            connection.close()  # something may be half read
            raise
        self._give_back(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        if self.is_sqlite:
            with self._writing_file() as connection:
                yield connection
        else:
            with self.engine.connect() as connection, connection.begin():
                yield connection

    @contextmanager
    def _writing_file(self) -> Iterator[Connection]:
        # One that is at hand is there before its turn comes. Nobody takes one from the pool to wait with it: those who
        # read would be left without.
        connection = self._from_hand()
        try:
            with self.gate.held():
                connection = connection or self.engine.connect()
                if connection.in_transaction():
                    connection.rollback()  # what SQLAlchemy calls one after reading; the file knows of none
                with connection.begin():
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                    yield connection
        except BaseException:
            if connection is not None:
                connection.close()
            raise
        self._give_back(connection)

    def _from_hand(self) -> Connection | None:
        try:
            return self._at_hand.pop()
        except IndexError:
            return None

    def _taken(self) -> Connection:
        connection = self._from_hand()
        if connection is not None:
            return connection
        connection = self.engine.connect()
        # On a server reading needs no transaction, and so no word before and after it.
        return connection if self.is_sqlite else connection.execution_options(isolation_level="AUTOCOMMIT")

    def _give_back(self, connection: Connection) -> None:
        if self._is_closed or connection.closed or connection.invalidated or len(self._at_hand) >= AT_HAND:
            connection.close()
        else:
            self._at_hand.append(connection)

    def went_stale(self, error: sa.exc.DBAPIError) -> bool:
        """Whether reading failed because of a connection that was kept too long: the server ended it, or its tables
        were changed under a statement it had prepared. All that there are go; a new one will do."""
        if self.is_sqlite or not error.connection_invalidated:
            return self.has_old_statement(error)
        self._renew()
        return True

    def has_old_statement(self, error: sa.exc.DBAPIError) -> bool:
        """Whether a server refused a statement that was prepared before its tables were changed: nothing has been done,
        and a new connection will do. psycopg remembers what it has prepared as long as the connection lives."""
        old = getattr(error.orig, "sqlstate", None) in STALE_STATEMENT
        if old:
            self._renew()
        return old

    def _renew(self) -> None:
        self._let_go()
        self.engine.dispose()

    def _let_go(self) -> None:
        while self._at_hand:
            self._at_hand.pop().close()

    def close(self) -> None:
        """Whoever still reads gives nothing back to be kept."""
        self._is_closed = True
        self._renew()


def open_server(url: str) -> Database:
    """A PostgreSQL desk. Writers don't wait for one another here: the server sees to that."""
    return Database(_server(url), Gate(None))


def open_file(path: Path, gate: Gate | None = None) -> Database:
    """An SQLite desk at ``path``; its folder and files belong to their owner only. Writers wait at the lock file beside
    it, unless another ``gate`` is given."""
    private_folder(path.parent)
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    # Made of its parts: in a written address ?, % and # of a folder's name would mean something.
    address = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(address, module=sqlite_module(), hide_parameters=True, pool_size=4)
    sa.event.listen(engine, "connect", _prepare)
    return Database(engine, gate or Gate(lock_of(path)), path)


def lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


def _prepare(connection: Any, _record: Any) -> None:
    """Settings of every SQLite connection; the driver must begin no transaction by itself."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=10000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "secure_delete=ON",
        f"cache_size=-{cache.kilobytes}",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


SESSION = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "standard_conforming_strings": "on",
    "backslash_quote": "safe_encoding",
    "transform_null_equals": "off",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "0",
    "gin_fuzzy_search_limit": "0",
    "plan_cache_mode": "force_custom_plan",
}
"""What a role, a database or a server may have set otherwise and the desk relies on. Left as they are:
``default_transaction_read_only``, by which an operator says that nothing is to be written, and ``search_path``, which
says where the tables are. A plan is made for the words that are looked for: the one for any words, which a server takes
from the eleventh time on, reads every ticket (16 ms and 1,250 for a search among 10,000)."""
_IF_THERE = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'"
"""Not every version has it, and who waits for a lock while tables are changed must not be cut off."""
_SETTING_UP = "; ".join(f"SET {name} TO '{value}'" for name, value in SESSION.items())
_SERVERS = ("postgres", "postgresql", "postgresql+psycopg")


def _server(url: str) -> Engine:
    wrong = DeskError(
        N_("OKIENKO_DATABASE_URL is no address of a PostgreSQL database, such as {example}."),
        example="postgresql+psycopg://okienko@localhost/okienko",
    )
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise wrong from None
    if address.drivername not in _SERVERS:
        raise wrong
    try:
        engine = sa.create_engine(
            address.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_size=4,
            pool_pre_ping=True,
            # From the first word on: what a database without an encoding says would come as bytes.
            connect_args={"client_encoding": "UTF8"},
        )
    except ImportError as error:
        raise DeskError(
            N_("PostgreSQL is reached with psycopg, which is not installed here: {command}"),
            command="pip install 'okienko[postgres]'",
        ) from error
    sa.event.listen(engine, "connect", prepare_session)
    return engine


def prepare_session(connection: Any, _record: Any) -> None:
    """Settings of every connection to a server, outside a transaction, so that no rollback takes them back."""
    before, connection.autocommit = connection.autocommit, True
    connection.execute(_SETTING_UP)
    connection.execute(_IF_THERE)
    connection.autocommit = before
