"""The single checks of ``okienko check``. They make nothing.

Opening the database is the one thing that changes something: its file's permissions, so those are looked at before.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DeskError
from core.words import _, ngettext
from tui.cli_tools import no_desk

if TYPE_CHECKING:
    from core.database import Database
    from core.settings import Settings

NO_DESK = "desk"
"""The name of the finding that there is none."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is in order, what was found, and what to do. A warning is in order
    as far as the desk goes, and yet may not be what its operator wants."""

    name: str
    ok: bool
    found: str
    do: str = ""
    warning: bool = False


def settings_file(settings: Settings) -> Iterator[Finding]:
    """Read without a complaint by now; what is in it that nobody knows, and who else can read a password in it."""
    from core import places
    from tui.cli_config import file_content

    file = places.settings_file()
    unknown = sorted(set(file_content()) - set(type(settings).model_fields))
    if unknown:
        found = _("{file} has settings that nothing knows: {names}").format(file=file, names=", ".join(unknown))
        yield Finding("settings", False, found, _("Correct or remove them."))
    elif file.exists():
        yield Finding("settings", True, str(file))
    else:
        yield Finding("settings", True, _("defaults and the environment; there is no {file}").format(file=file))


def database(settings: Settings) -> Iterator[Finding]:
    """The library, the tables' version, and whether the file is whole."""
    from core import database as databases

    if settings.database_url is None:
        yield _library(databases.sqlite_module().sqlite_version)
        if not settings.database_file.exists():
            yield Finding(NO_DESK, False, no_desk(settings).text())
            return
    store = None
    try:
        store = databases.connect(settings)
        yield from _tables(store)
        yield from _clock(store)
        yield _letters(store)
    except Exception as error:  # whatever a driver raises, it is what was to be found out
        found = _("The database can't be read ({kind}).").format(kind=type(error).__name__)
        yield Finding(
            "database",
            False,
            found,
            _("See that the server runs and OKIENKO_DATABASE_URL is right, or restore a copy."),
        )
    finally:
        if store is not None:
            store.close()


def _library(version: str) -> Finding:
    from core.database import has_wal_reset_bug

    parts = tuple(int(part) for part in version.split("."))
    if not has_wal_reset_bug((parts[0], parts[1], parts[2])):
        return Finding("sqlite", True, version)
    found = _("{version} can damage a file that several programs use; the desk's lock file prevents it.").format(
        version=version
    )
    return Finding(
        "sqlite", True, found, _("Let nothing but Okienko open the file, or install pysqlite3 0.6.1 or newer.")
    )


def _tables(store: Database) -> Iterator[Finding]:
    from core import upgrade

    with store.reading() as connection:
        found = upgrade.version(connection)
        whole = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() if store.is_sqlite else "ok"
    if whole != "ok":
        yield Finding(
            "database", False, _("The database file is damaged."), _("Stop Okienko and restore your last copy.")
        )
    elif found is None:
        yield Finding("database", True, _("empty; opening Okienko makes the tables"))
    elif found == upgrade.HEAD:
        yield Finding("database", True, _("whole, and its tables are up to date ({version})").format(version=found))
    elif found < upgrade.HEAD:
        told = _("Its tables are at {found}, this program's at {head}.").format(found=found, head=upgrade.HEAD)
        yield Finding("database", True, told, _("Opening Okienko upgrades them, after making a copy."))
    else:
        told = _("It was made by a newer Okienko ({found}; this knows {head}).").format(found=found, head=upgrade.HEAD)
        yield Finding("database", False, told, _("Update the program."))


def _clock(store: Database) -> Iterator[Finding]:
    """A clock that went back brings codes alive again and puts the journal out of order."""
    import sqlalchemy as sa

    from core.clock import SystemClock
    from core.journal import Entry
    from core.work import table

    if not sa.inspect(store.engine).has_table("journal"):
        return
    entry = table(Entry)
    with store.reading() as connection:
        last = connection.execute(sa.select(entry.c.at).order_by(entry.c.id.desc()).limit(1)).scalar()
    now = SystemClock().now()
    if last is not None and last > now:
        found = _("This machine's clock ({now}) is behind the journal ({last}).").format(now=now, last=last)
        yield Finding("clock", False, found, _("Set the clock (timedatectl set-ntp true)."))
    else:
        yield Finding("clock", True, now.isoformat(timespec="seconds"))


def _has(store: Database, name: str) -> bool:
    import sqlalchemy as sa

    return sa.inspect(store.engine).has_table(name)


def _letters(store: Database) -> Finding:
    import sqlalchemy as sa

    from core.mail.models import MailStop, Outbox
    from core.mail.transport import explain
    from core.work import table

    outbox = table(Outbox)
    with store.reading() as connection:
        number = 0
        if _has(store, "outbox"):
            failed = sa.select(sa.func.count()).where(outbox.c.state == "failed")
            number = int(connection.execute(failed).scalar_one())
        stopped = connection.execute(sa.select(table(MailStop))).first() if _has(store, "mail_stop") else None
    if stopped is not None:
        found = _("Since {since} no mail leaves: {reason}.").format(
            since=stopped.since.isoformat(timespec="minutes"), reason=explain(stopped.reason)
        )
        return Finding("letters", False, found, _("Correct the settings under mail, then okienko mail retry."))
    if number == 0:
        return Finding("letters", True, _("none has failed"))
    found = ngettext("{n} letter has failed.", "{n} letters have failed.", number).format(n=number)
    return Finding("letters", False, found, _("okienko mail list --state failed, then okienko mail retry"))


def key(settings: Settings) -> Iterator[Finding]:
    """Without its key a desk can check no code and open no authenticator's secret."""
    from core import keys

    if settings.key_file.exists():
        try:
            keys.load(settings.key_file)
        except DeskError as error:
            yield Finding("key", False, error.text())
        else:
            yield Finding("key", True, str(settings.key_file))
    elif settings.database_url is not None or settings.database_file.exists():
        found = _("There is a desk, but not its key file {file}.").format(file=settings.key_file)
        yield Finding("key", False, found, _("Restore it from your backup before anybody opens the desk."))


def products(_settings: Settings) -> Iterator[Finding]:
    """Every problem in ``data/products`` with its file and line."""
    from core.contracts.catalogue import catalogue

    known = catalogue()
    for problem in known.problems:
        yield Finding("products", False, problem.text(), _("Correct this line; until then the category is left out."))
    if not known.problems:
        number = len(known.definitions)
        yield Finding("products", True, ngettext("{n} category", "{n} categories", number).format(n=number))


def translations(_settings: Settings) -> Iterator[Finding]:
    """A catalogue of words and the same letters for each language."""
    from core import resources
    from core.words import DOMAIN, LANGUAGES

    letters = {one: {file.name for file in (resources.folder("mail") / one).glob("*.j2")} for one in LANGUAGES}
    missing = sorted(
        f"mail/{one}/{name}" for one in LANGUAGES for name in set().union(*letters.values()) - letters[one]
    )
    for language in LANGUAGES[1:]:
        folder = resources.folder("locale") / language / "LC_MESSAGES"
        if not any((folder / f"{DOMAIN}.{kind}").is_file() for kind in ("mo", "po")):
            missing.append(f"locale/{language}/LC_MESSAGES/{DOMAIN}.mo")
    if missing:
        found = _("These files are missing: {names}").format(names=", ".join(missing))
        yield Finding("translations", False, found, _("Install Okienko again."))
    else:
        yield Finding("translations", True, ", ".join(LANGUAGES))


def mail_stays(settings: Settings) -> Iterator[Finding]:
    """What a new desk is content with and one that serves people is not."""
    if settings.mail_folder is not None:
        found = _("No mail leaves this machine: letters are put into {folder}.").format(folder=settings.mail_folder)
        yield Finding("mail", True, found, _("Read them there (in new/), or name a server under mail."), warning=True)
    if settings.mail.sender == type(settings.mail).model_fields["sender"].default:
        found = _("mail.sender is still {address}.").format(address=settings.mail.sender)
        yield Finding("mail", True, found, _("Set mail.sender to an address whose answers you read."), warning=True)


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether mail could leave now. Nothing is sent."""
    from core.mail import messages
    from core.mail.transport import Temporary, explain, open_transport

    try:
        messages.sender(settings)
    except DeskError as error:
        yield Finding("mail", False, error.text(), _("Set mail.sender to an address whose answers you read."))
        return
    if settings.mail.backend == "maildir" and not settings.maildir.exists():
        yield Finding(
            "mail", True, _("The folder {folder} is made with the first letter.").format(folder=settings.maildir)
        )
        return
    where = (
        str(settings.maildir) if settings.mail.backend == "maildir" else f"{settings.mail.host}:{settings.mail.port}"
    )
    transport = open_transport(settings)
    try:
        transport.check()
        yield Finding("mail", True, where)
    except Temporary as error:
        yield Finding(
            "mail",
            False,
            f"{where}: {explain(error.told)}",
            _("Correct the settings under mail; letters wait until then."),
        )
    finally:
        transport.close()


def own_keys(_settings: Settings) -> Iterator[Finding]:
    """What is wrong with the reader's own choice of keys; nothing is said where there is none."""
    from core import places

    file = places.keys_file()
    if not file.exists():
        return
    from tui.commands import load_keymap
    from tui.keys_page import problems

    try:
        wrong = [said.text() for said in problems(load_keymap(file))]
    except DeskError as error:
        wrong = [error.text()]
    for found in wrong:
        yield Finding("keys", False, found, _("Correct {file}; docs/keys.md lists every command.").format(file=file))
    if not wrong:
        yield Finding("keys", True, str(file))


def zone(settings: Settings) -> Iterator[Finding]:
    """The desk's time zone."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(settings.desk.zone)
        yield Finding("zone", True, settings.desk.zone)
    except (ValueError, OSError, KeyError):
        found = _("There is no time zone {name}.").format(name=settings.desk.zone)
        yield Finding("zone", False, found, _("Set desk.zone to a name such as Europe/Warsaw."))


def permissions(settings: Settings) -> Iterator[Finding]:
    """The desk's files are their owner's only; so is a settings file that holds a password."""
    from core import places

    open_ones = [path for path in _private(settings) if path.exists() and path.stat().st_mode & 0o077]
    file = places.settings_file()
    if (
        file.exists()
        and file.stat().st_mode & 0o077
        and "password" in file.read_text(encoding="utf-8", errors="replace")
    ):
        open_ones.append(file)
    for path in open_ones:
        found = _("{path} can be read by others.").format(path=path)
        yield Finding("permissions", False, found, f"chmod {'700' if path.is_dir() else '600'} {path}")
    foreign = [path for path in _private(settings) if path.exists() and path.stat().st_uid != os.geteuid()]
    for path in foreign:
        found = _("{path} belongs to somebody else.").format(path=path)
        yield Finding("permissions", False, found, _("Run Okienko as its owner, or change the owner."))
    if not open_ones and not foreign:
        yield Finding("permissions", True, str(settings.data_dir))


def _private(settings: Settings) -> Iterator[Path]:
    yield settings.data_dir
    yield settings.key_file
    yield from sorted(settings.data_dir.glob("*.db*"))
    yield from sorted(settings.data_dir.glob("*.lock"))
    yield from (settings.maildir / part for part in ("", "tmp", "new", "cur"))
    if settings.mail.password_file is not None:
        yield settings.mail.password_file


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    settings_file,
    permissions,
    database,
    key,
    products,
    translations,
    mail,
    mail_stays,
    zone,
    own_keys,
)
