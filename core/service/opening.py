"""Opening what a desk stands on, tables and key together: neither is made, changed or taken without the other.

A new file is made aside and moved into place, its key last; on a server the key waits as a draft until its tables are
committed. So a start that is killed leaves nothing, or what the next one finishes. A key that is missing or another
desk's stops whoever opens the desk, and is never replaced.
"""

from __future__ import annotations

import enum
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.db import engine as databases
from core.db import refusals, upgrade_notice
from core.db.engine import Database, Gate
from core.db.postgresql import obstacles
from core.db.upgrade_notice import Posted, Progress
from core.errors import DeskError, Say, Unavailable, say
from core.i18n.translation import N_
from core.paths import keep_names, private_folder
from core.security import crypto as keyring
from core.security.crypto import Keys
from core.service import audit_log, key_check, upgrade
from core.service.settings import Settings
from core.service.upgrade import Damaged

CHANGES = 716041
"""The server's lock for who makes or changes tables."""


class May(enum.Flag):
    """What opening a desk may do to its tables. ``TAKE_KEY``: go on with another key, or a new one, where the desk's
    own is lost for good; what that one sealed stays shut."""

    OPEN = 0
    MAKE = enum.auto()
    UPGRADE = enum.auto()
    TAKE_KEY = enum.auto()


EVERYTHING = May.MAKE | May.UPGRADE


class NoDesk(DeskError):
    """There is no desk where the settings say, and whoever opens it makes none."""


class Older(DeskError):
    """The tables are older than the program, and whoever opens them does not change them."""


class ForeignKey(DeskError):
    """The key that lies there is another desk's."""


@dataclass(frozen=True, slots=True)
class OpenStore:
    """An open store with its key. ``before`` is what the tables were at: None when they were made just now. ``copy`` is
    the file as it was before an upgrade."""

    store: Database
    keys: Keys
    before: str | None = upgrade.HEAD
    copy: Path | None = None


def connect(settings: Settings) -> Database:
    """The store that the settings name, without a look at its tables."""
    if settings.database_url is not None:
        return databases.open_server(settings.database_url.get_secret_value())
    return databases.open_file(settings.database_file)


def open_store(settings: Settings, may: May = EVERYTHING) -> OpenStore:
    """Open the store that the settings name, with its key.

    Raises:
        NoDesk, Older: Something had to be made or changed, which ``may`` does not allow.
        KeyMissing, ForeignKey, Damaged: What is there does not belong together; nothing was changed.
    """
    if settings.database_url is None and _is_blank(settings.database_file):
        _refuse_emptied(settings)
        if May.MAKE not in may:
            raise NoDesk(no_desk(settings))
        if _make_file(settings):
            return OpenStore(connect(settings), keyring.load(settings.key_file), before=None)
    store = connect(settings)
    try:
        keys = _keys_at_once(store, settings)
        return OpenStore(store, keys) if keys is not None else _settled(store, settings, may)
    except BaseException:
        store.close()
        raise


def is_there(settings: Settings) -> bool:
    """Whether the settings name a desk that was made already. Looking makes none."""
    if settings.database_url is None:
        file = settings.database_file
        return file.exists() and (file.stat().st_size > 0 or settings.key_file.exists())
    store = connect(settings)
    try:
        with told_as_it_is(), store.reading() as connection:
            return upgrade.version(connection) is not None
    finally:
        store.close()


def no_desk(settings: Settings) -> Say:
    """What is said instead of making one."""
    if settings.database_url is not None:
        return say(N_("There is no desk yet in the database that OKIENKO_DATABASE_URL names. “okienko init” makes it."))
    return say(
        N_("There is no desk in {folder} yet. “okienko” makes it; or is OKIENKO_DATA_DIR mistyped?"),
        folder=str(settings.data_dir),
    )


@contextmanager
def told_as_it_is() -> Iterator[None]:
    """What a database refuses inside the block is raised as a :class:`DeskError`."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        refusal = refusals.explain(error)
        if refusal is None:
            raise
        raise refusal from error


def _keys_at_once(store: Database, settings: Settings) -> Keys | None:
    """The everyday start, in one statement: everything is as it should be, or None."""
    known = sa.text("SELECT version_num, (SELECT mac FROM desk_key) FROM alembic_version")
    try:
        with store.reading() as connection:
            row = connection.execute(known).first()
    except sa.exc.DBAPIError:
        return None
    if row is None or row[0] != upgrade.HEAD or not settings.key_file.exists():
        return None
    keys = keyring.load(settings.key_file)
    return keys if key_check.fits(keys, str(row[1] or "")) else None


def _settled(store: Database, settings: Settings, may: May) -> OpenStore:
    """Look properly, alone: what is there may be older, half made, or not belong together."""
    with store.gate.held(), told_as_it_is(), _alone_on_server(store) as posted:
        with store.reading() as connection:
            version = upgrade.version(connection)
            check = key_check.read(connection) if version == upgrade.HEAD else ""
        if version == upgrade.HEAD:
            return OpenStore(store, _taken(store, settings) if May.TAKE_KEY in may else _key_of(settings, check))
        if version is None:
            return _make_on_server(store, settings, may)
        return _upgraded(store, settings, version, may, posted)


def _key_of(settings: Settings, check: str) -> Keys:
    """The key that fits ``check``: the one in its place, or the draft that an interrupted start has left."""
    file = settings.key_file
    if not file.exists():
        try:
            draft = keyring.load(keyring.draft_of(file))
        except DeskError:
            draft = None
        if draft is not None and key_check.fits(draft, check):
            keyring.settle(file)
    keys = keyring.load(file)
    if not key_check.fits(keys, check):
        raise ForeignKey(
            N_(
                "The key in {path} is not this desk's. Put back the key that the desk was made with, or see that the "
                "folder and the database belong together. Nothing was changed."
            ),
            path=str(file),
        )
    return keys


def _taken(store: Database, settings: Settings) -> Keys:
    """Whatever key lies there, or a new one, is the desk's from now on."""
    keys = keyring.for_new_desk(settings.key_file)
    with store.engine.begin() as connection:
        key_check.keep(connection, keys)
        audit_log.close(connection, keys)
    keyring.settle(settings.key_file)
    return keys


def _upgraded(
    store: Database, settings: Settings, version: str, may: May, post_on_server: Callable[[Progress], None]
) -> OpenStore:
    if version > upgrade.HEAD:
        raise DeskError(
            N_("This desk was made by a newer Okienko ({found}; this knows {head}). Please update the program."),
            found=version,
            head=upgrade.HEAD,
        )
    if May.UPGRADE not in may:
        raise Older(
            N_(
                "The desk's tables are at {found}, this program's at {head}. “okienko upgrade” brings them up to date, "
                "once everybody who uses them has the new program."
            ),
            found=version,
            head=upgrade.HEAD,
        )
    if May.TAKE_KEY in may:
        keys = keyring.for_new_desk(settings.key_file)
    else:
        keys = keyring.load(settings.key_file)
        with store.reading() as connection:
            _must_be_the_desks(connection, keys, settings.key_file)
    with _posting(store, post_on_server) as post:
        copy = upgrade.bring_up_to_date(store, keys, version, post)
    if May.TAKE_KEY in may:
        _taken(store, settings)
    return OpenStore(store, keys, version, copy)


def _must_be_the_desks(connection: Connection, keys: Keys, file: Path) -> None:
    if sa.inspect(connection).has_table("desk_key"):
        right = key_check.fits(keys, key_check.read(connection))
    else:
        right = key_check.opens_what_is_there(connection, keys)
    if not right:
        raise ForeignKey(
            N_(
                "The key in {path} does not open all that is kept sealed in this desk, so its tables are not brought "
                "up to date. Put back the key that the desk was made with. Nothing was changed."
            ),
            path=str(file),
        )


# A new desk


def _is_blank(file: Path) -> bool:
    """No file, or an empty one with nothing in its log either: nobody's data."""
    log = file.with_name(f"{file.name}-wal")
    return all(not path.exists() or path.stat().st_size == 0 for path in (file, log))


def _make_file(settings: Settings) -> bool:
    """Make the desk's file aside and move it into place; False when somebody was faster."""
    file, key_file = settings.database_file, settings.key_file
    private_folder(file.parent)
    with Gate(databases.lock_of(file)).held():
        if not _is_blank(file):
            return False
        _refuse_emptied(settings)
        keys = keyring.for_new_desk(key_file)
        aside = file.with_name("desk.new.db")
        _remove(aside)
        _make_tables_in(aside, keys)
        _remove(file)  # an empty one, with what SQLite kept beside it
        aside.replace(file)
        keep_names(file.parent)
        keyring.settle(key_file)
    return True


def _make_tables_in(file: Path, keys: Keys) -> None:
    store = databases.open_file(file, Gate(None))
    try:
        with told_as_it_is():
            upgrade.make(store, keys)
            with store.reading() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.close()
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(file: Path) -> None:
    for ending in ("-wal", "-shm", "-journal", ""):
        file.with_name(f"{file.name}{ending}").unlink(missing_ok=True)


def _refuse_emptied(settings: Settings) -> None:
    """A key was never made before its tables: where it lies, an empty file had data in it."""
    if settings.database_file.exists() and settings.key_file.exists():
        raise Damaged(
            N_(
                "{file} is empty, and yet its key is there: the desk's data are lost. Restore your last copy beside "
                "the key. Only if there is nothing to restore, remove {file}, and a new desk can be made."
            ),
            file=str(settings.database_file),
        )


def _make_on_server(store: Database, settings: Settings, may: May) -> OpenStore:
    """Tables that are committed or not there at all; the key follows."""
    if store.file is not None:
        raise Damaged(
            N_("{file} holds no desk. Restore your last copy, or remove the file for a new desk."),
            file=str(store.file),
        )
    if May.MAKE not in may:
        raise NoDesk(no_desk(settings))
    with store.reading() as connection:
        obstacle = next(obstacles(connection, to_make=True), None)
    if obstacle is not None:
        raise Unavailable("{found} {do}", found=obstacle.problem, do=obstacle.do)
    keys = keyring.for_new_desk(settings.key_file)
    upgrade.make(store, keys)
    keyring.settle(settings.key_file)
    return OpenStore(store, keys, before=None)


@contextmanager
def _posting(store: Database, post_on_server: Callable[[Progress], None]) -> Iterator[Callable[[Progress], None]]:
    """Where it is told how far an upgrade is: to whoever made it, and to all who wait for it."""
    posted = None
    if store.file is not None:
        posted = Posted(databases.lock_of(store.file), store.file, upgrade.copy_of(store.file))

    def post(progress: Progress) -> None:
        upgrade_notice.tell(progress)
        (post_on_server if posted is None else posted.write)(progress)

    try:
        yield post
    finally:
        if posted is not None:
            posted.take_down()


@contextmanager
def _alone_on_server(store: Database) -> Iterator[Callable[[Progress], None]]:
    """What the gate is for a file: on PostgreSQL a lock that ends with its connection, which is called by what it does.
    Gives what calls it so."""
    if store.is_sqlite:
        yield lambda _progress: None
        return
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(sa.text("SELECT pg_try_advisory_lock(:changes)"), {"changes": CHANGES}):
            for name in connection.scalars(_WHO_UPGRADES):
                if (progress := upgrade_notice.named(name)) is not None:
                    upgrade_notice.tell(progress)
            time.sleep(databases.FIRST_LOOK)
        before = connection.scalar(sa.text("SELECT current_setting('application_name')"))
        call = sa.text("SELECT set_config('application_name', :name, false)")

        def post(progress: Progress) -> None:
            connection.execute(call, {"name": progress.name()})

        try:
            yield post
        finally:
            # A connection that broke has lost the lock; what went wrong is for others to say.
            with suppress(sa.exc.DBAPIError):
                connection.execute(call, {"name": before})
                connection.execute(sa.text("SELECT pg_advisory_unlock(:changes)"), {"changes": CHANGES})


_WHO_UPGRADES = sa.text(
    "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
