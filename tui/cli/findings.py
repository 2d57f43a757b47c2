"""The single checks of ``okienko check``. They make nothing."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DeskError
from core.i18n.translation import _, ngettext
from tui.cli.findings_store import database
from tui.machine.finding import Finding

if TYPE_CHECKING:
    from core.service.settings import Settings


def settings_file(settings: Settings) -> Iterator[Finding]:
    """Read without a complaint by now; what is in it that nobody knows, and who else can read a password in it."""
    from core import paths  # deferred: start-up, a command loads what it runs
    from tui.machine.origins import file_content

    file = paths.settings_file()
    for name in settings.unknown_variables():
        problem = _("{name} in the environment is no setting of the desk's.").format(name=name)
        yield Finding("settings", False, problem, _("Correct or remove it."))
    unknown = sorted(set(file_content()) - set(type(settings).model_fields))
    if unknown:
        problem = _("{file} has settings that nothing knows: {names}").format(file=file, names=", ".join(unknown))
        yield Finding("settings", False, problem, _("Correct or remove them."))
    elif file.exists():
        yield Finding("settings", True, str(file))
    else:
        yield Finding("settings", True, _("defaults and the environment; there is no {file}").format(file=file))


def products(_settings: Settings) -> Iterator[Finding]:
    """Every problem in ``data/products`` with its file and line."""
    from core.products.catalogue import catalogue  # deferred: start-up, a command loads what it runs

    known = catalogue()
    for problem in known.problems:
        yield Finding("products", False, problem.text(), _("Correct this line; until then the category is left out."))
    if not known.problems:
        number = len(known.definitions)
        yield Finding("products", True, ngettext("{n} category", "{n} categories", number).format(n=number))


def translations(_settings: Settings) -> Iterator[Finding]:
    """A catalogue of words and the same letters for each language."""
    from core import resources  # deferred: start-up, a command loads what it runs
    from core.i18n.translation import DOMAIN, LANGUAGES

    letters = {each: {file.name for file in (resources.folder("mail") / each).glob("*.j2")} for each in LANGUAGES}
    missing = sorted(
        f"mail/{each}/{name}" for each in LANGUAGES for name in set().union(*letters.values()) - letters[each]
    )
    for language in LANGUAGES[1:]:
        folder = resources.folder("locale") / language / "LC_MESSAGES"
        if not any((folder / f"{DOMAIN}.{kind}").is_file() for kind in ("mo", "po")):
            missing.append(f"locale/{language}/LC_MESSAGES/{DOMAIN}.mo")
    if missing:
        problem = _("These files are missing: {names}").format(names=", ".join(missing))
        yield Finding("translations", False, problem, _("Install Okienko again."))
    else:
        yield Finding("translations", True, ", ".join(LANGUAGES))


def mail_stays(settings: Settings) -> Iterator[Finding]:
    """What a new desk is content with and one that serves people is not."""
    if settings.mail_folder is not None:
        problem = _("No mail leaves this machine: letters are put into {folder}.").format(folder=settings.mail_folder)
        yield Finding("mail", True, problem, _("Read them there (in new/), or name a server under mail."), warning=True)
    if settings.mail.sender == type(settings.mail).model_fields["sender"].default:
        problem = _("mail.sender is still {address}.").format(address=settings.mail.sender)
        yield Finding("mail", True, problem, _("Set mail.sender to an address whose answers you read."), warning=True)


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether mail could leave now. Nothing is sent."""
    from core.mail import mime  # deferred: start-up, a command loads what it runs
    from core.mail.backend import open_transport
    from core.mail.transport import Temporary, explain  # deferred: start-up, a command loads what it runs

    try:
        mime.sender(settings)
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
            f"{where}: {explain(error.stored_text)}",
            _("Correct the settings under mail; letters wait until then."),
        )
    finally:
        transport.close()


def own_keys(_settings: Settings) -> Iterator[Finding]:
    """What is wrong with the reader's own choice of keys; nothing is said where there is none."""
    from core import paths  # deferred: start-up, a command loads what it runs

    file = paths.keys_file()
    if not file.exists():
        return
    from tui.commands import load_keymap  # deferred: start-up, a command loads what it runs
    from tui.keys_page import problems

    try:
        wrong = [each.text() for each in problems(load_keymap(file))]
    except DeskError as error:
        wrong = [error.text()]
    for problem in wrong:
        yield Finding("keys", False, problem, _("Correct {file}; docs/keys.md lists every command.").format(file=file))
    if not wrong:
        yield Finding("keys", True, str(file))


def permissions(settings: Settings) -> Iterator[Finding]:
    """The desk's files are their owner's only; so is a settings file that holds a password."""
    from core import paths  # deferred: start-up, a command loads what it runs

    private = [path for path in _private(settings) if path.exists()]
    open_ones = [path for path in private if not path.is_dir() and path.stat().st_mode & 0o077]
    file = paths.settings_file()
    if (
        file.exists()
        and file.stat().st_mode & 0o077
        and "password" in file.read_text(encoding="utf-8", errors="replace")
    ):
        open_ones.append(file)
    for path in open_ones:
        problem = _("{path} can be read by others.").format(path=path)
        yield Finding("permissions", False, problem, f"chmod 600 {shlex.quote(str(path))}")
    foreign = [path for path in private if path.stat().st_uid != os.geteuid()]
    for path in foreign:
        problem = _("{path} belongs to somebody else.").format(path=path)
        yield Finding("permissions", False, problem, _("Run Okienko as its owner, or change the owner."))
    folders = [path for path in private if path.is_dir() and path not in foreign and path.stat().st_mode & 0o077]
    for path in folders:
        yield _open_folder(path)
    if not open_ones and not foreign and not folders:
        yield Finding("permissions", True, str(settings.data_dir))


def _open_folder(path: Path) -> Finding:
    """Where others can write, they can put files in the place of the desk's; where they can look, they see names."""
    do = f"chmod 700 {shlex.quote(str(path))}"
    if path.stat().st_mode & 0o022:
        return Finding("permissions", False, _("Others can write in {path}.").format(path=path), do)
    return Finding("permissions", True, _("Others can look into {path}.").format(path=path), do, warning=True)


FULL, NEARLY_FULL = 32 * 2**20, 1024 * 2**20
"""Bytes that are left: with less than the first a desk can't count on being saved; the second wants looking after."""


def disk(settings: Settings) -> Iterator[Finding]:
    """How much room the desk's files and its mail have left."""
    import shutil

    places_ = {settings.data_dir, settings.maildir} if settings.mail_folder else {settings.data_dir}
    for folder in sorted(place for place in places_ if place.is_dir()):
        left = shutil.disk_usage(folder).free
        text = _("{folder}: {left} MB are left.").format(folder=folder, left=left // 2**20)
        if left < FULL:
            yield Finding("disk", False, _("The disk is full. {told}").format(told=text), _("Make room on it."))
        else:
            nearly = left < NEARLY_FULL
            yield Finding("disk", True, text, _("Make room on it soon.") if nearly else "", warning=nearly)


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
    disk,
    database,
    products,
    translations,
    mail,
    mail_stays,
    own_keys,
)
