"""What ``okienko check`` looks at of a desk's store: the library or server, the tables, the key, the clock, the mail.

It makes nothing. Opening the file is the one thing that changes something: its permissions, which are looked at before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.errors import DeskError
from core.i18n.translation import _, ngettext
from tui.machine.finding import Finding

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from core.db.engine import Database
    from core.service.settings import Settings

NO_DESK = "desk"
"""The name of the finding that there is none."""


def database(settings: Settings) -> Iterator[Finding]:
    """The library or the server, the tables' version and their key, and whether the file is whole."""
    from core.db import engine as databases  # deferred: start-up, a command loads what it runs
    from core.service import opening, upgrade

    if settings.database_url is None:
        yield _library(databases.sqlite_module().sqlite_version)
        if not opening.is_there(settings):
            yield Finding(NO_DESK, False, opening.no_desk(settings).text())
            return
        if settings.database_file.stat().st_size == 0:
            yield _emptied(settings)
            return
    store = None
    try:
        store = opening.connect(settings)
        with opening.told_as_it_is():
            yield from _tables(store, settings)
    except upgrade.Damaged as error:
        yield Finding("database", False, error.text())
    except DeskError as error:
        yield Finding("database", False, error.text(), _what_to_do(settings))
    except Exception as error:  # whatever a driver raises, it is what was to be found out
        problem = _("The database can't be read ({kind}).").format(kind=type(error).__name__)
        yield Finding("database", False, problem, _what_to_do(settings))
    finally:
        if store is not None:
            store.close()


def _what_to_do(settings: Settings) -> str:
    if settings.database_url is None:
        return _("Stop Okienko and restore your last copy.")
    return _("See that the server runs and OKIENKO_DATABASE_URL is right, or restore a copy.")


def _emptied(settings: Settings) -> Finding:
    problem = _("{file} is empty, and yet its key is there: the desk's data are lost.").format(
        file=settings.database_file
    )
    return Finding("database", False, problem, _("Stop Okienko and restore your last copy."))


def _library(version: str) -> Finding:
    from core.db.engine import has_wal_reset_bug  # deferred: start-up, a command loads what it runs

    parts = tuple(int(part) for part in version.split("."))
    if not has_wal_reset_bug((parts[0], parts[1], parts[2])):
        return Finding("sqlite", True, version)
    problem = _("{version} can damage a file that several programs use; the desk's lock file prevents it.").format(
        version=version
    )
    return Finding(
        "sqlite", True, problem, _("Let nothing but Okienko open the file, or install pysqlite3 0.6.1 or newer.")
    )


def _tables(store: Database, settings: Settings) -> Iterator[Finding]:
    import sqlalchemy as sa

    from core.service import upgrade  # deferred: start-up, a command loads what it runs

    with store.reading() as connection:
        whole = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() if store.is_sqlite else "ok"
        if whole != "ok":
            damaged = _("The database file is damaged.")
            yield Finding("database", False, damaged, _("Stop Okienko and restore your last copy."))
            return
        wrong = [] if store.is_sqlite else list(_server(connection))
        yield from wrong
        try:
            version = upgrade.version(connection)
        except sa.exc.DBAPIError:
            if wrong:
                return  # and it was said why
            raise
        if version is None:
            yield _empty(settings)
            return
        if not wrong or version != upgrade.HEAD:
            yield _version(version, store)
        yield _key(connection, settings)
    yield from _clock(store)
    yield _letters(store)


def _server(connection: Connection) -> Iterator[Finding]:
    """What keeps a server's role from doing a desk's work."""
    import sqlalchemy as sa

    from core.db import postgresql  # deferred: start-up, a command loads what it runs

    to_make = not sa.inspect(connection).has_table("alembic_version")
    for obstacle in postgresql.obstacles(connection, to_make=to_make):
        yield Finding("database", False, obstacle.problem.text(), obstacle.do.text())


def _empty(settings: Settings) -> Finding:
    from core.service.opening import no_desk  # deferred: start-up, a command loads what it runs

    if settings.database_url is None:
        problem = _("{file} holds no desk.").format(file=settings.database_file)
        return Finding("database", False, problem, _("Restore your last copy, or remove the file for a new desk."))
    return Finding(NO_DESK, False, no_desk(settings).text(), "okienko init --admin-email …")


def _version(version: str, store: Database) -> Finding:
    from core.service import upgrade  # deferred: start-up, a command loads what it runs

    if version == upgrade.HEAD:
        text = _("whole, and its tables are up to date ({version})").format(version=version)
        return Finding("database", True, text)
    if version > upgrade.HEAD:
        text = _("It was made by a newer Okienko ({found}; this knows {head}).").format(
            found=version, head=upgrade.HEAD
        )
        return Finding("database", False, text, _("Update the program."))
    text = _("Its tables are at {found}, this program's at {head}.").format(found=version, head=upgrade.HEAD)
    if store.is_sqlite:
        return Finding("database", True, text, _("Opening Okienko upgrades them, after making a copy."))
    return Finding("database", False, text, _("okienko upgrade, once every machine has the new program"))


def _key(connection: Connection, settings: Settings) -> Finding:
    """Without its key a desk can check no code and open no authenticator's secret; with another one neither."""
    import sqlalchemy as sa

    from core.security import crypto  # deferred: start-up, a command loads what it runs
    from core.service import key_check

    try:
        lies_there = crypto.load(settings.key_file)
    except DeskError as error:
        return Finding("key", False, error.text(), _("Put it back before anybody opens the desk."))
    if sa.inspect(connection).has_table("desk_key"):
        right = key_check.fits(lies_there, key_check.read(connection))
    else:
        right = key_check.opens_what_is_there(connection, lies_there)
    if right:
        return Finding("key", True, str(settings.key_file))
    problem = _("The key in {path} is not this desk's.").format(path=settings.key_file)
    return Finding("key", False, problem, _("Put back the key that the desk was made with."))


def _clock(store: Database) -> Iterator[Finding]:
    """A clock that went back brings codes alive again and puts the journal out of order."""
    import sqlalchemy as sa

    from core.clock import SystemClock  # deferred: start-up, a command loads what it runs
    from core.service.audit_log import Entry
    from core.service.unit_of_work import table  # deferred: start-up, a command loads what it runs

    if not sa.inspect(store.engine).has_table("journal"):
        return
    entry = table(Entry)
    with store.reading() as connection:
        last = connection.execute(sa.select(entry.c.at).order_by(entry.c.id.desc()).limit(1)).scalar()
    now = SystemClock().now()
    if last is not None and last > now:
        problem = _("This machine's clock ({now}) is behind the journal ({last}).").format(now=now, last=last)
        yield Finding("clock", False, problem, _("Set the clock (timedatectl set-ntp true)."))
    else:
        yield Finding("clock", True, now.isoformat(timespec="seconds"))


def _has(store: Database, name: str) -> bool:
    import sqlalchemy as sa

    return sa.inspect(store.engine).has_table(name)


def _letters(store: Database) -> Finding:
    import sqlalchemy as sa

    from core.mail.transport import explain  # deferred: start-up, a command loads what it runs
    from core.models.mail import MailStop, Outbox
    from core.service.unit_of_work import table  # deferred: start-up, a command loads what it runs

    outbox = table(Outbox)
    with store.reading() as connection:
        number = 0
        if _has(store, "outbox"):
            failed = sa.select(sa.func.count()).where(outbox.c.state == "failed")
            number = int(connection.execute(failed).scalar_one())
        stopped = connection.execute(sa.select(table(MailStop))).first() if _has(store, "mail_stop") else None
    if stopped is not None:
        problem = _("Since {since} no mail leaves: {reason}.").format(
            since=stopped.since.isoformat(timespec="minutes"), reason=explain(stopped.reason)
        )
        return Finding("letters", False, problem, _("Correct the settings under mail, then okienko mail retry."))
    if number == 0:
        return Finding("letters", True, _("none has failed"))
    problem = ngettext("{n} letter has failed.", "{n} letters have failed.", number).format(n=number)
    return Finding("letters", False, problem, _("okienko mail list --state failed, then okienko mail retry"))
