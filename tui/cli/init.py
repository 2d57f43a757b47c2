"""``okienko init``: a desk and its administrator, without a person at the screen (Ansible, a container's first start).

Who may is whoever has a shell on the machine, over SSH too; not somebody for whom sshd runs a command of its choice,
and not the account that strangers come in under.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from core.errors import DeskError, Invalid
from core.i18n.translation import N_, _
from tui.machine.desk import load_settings
from tui.machine.terminal import complain, tell

if TYPE_CHECKING:
    from core.service.settings import Settings

Result = TypeVar("Result")
CODE_VARIABLE = "OKIENKO_INIT_CODE"


def run(args: argparse.Namespace) -> int:
    """Make what is not there yet and print the code, or nothing of it when it was given."""
    from core import forms  # deferred: start-up, a command loads what it runs
    from core.people import staff
    from core.service import opening  # deferred: start-up, a command loads what it runs
    from core.service.desk import Desk
    from core.service.opening import May  # deferred: start-up, a command loads what it runs

    settings = load_settings()
    refuse_strangers(settings)
    form = _explained(lambda: forms.fill(staff.Appointed, _values(args, settings)))
    code_from_file = _given_code(args.code_file)
    new = not opening.is_there(settings)
    may = May.MAKE if settings.database_url is not None else May.MAKE | May.UPGRADE
    desk = Desk.open(settings, may=may)
    try:
        if new:
            complain(_made(settings))
        code = _explained(lambda: desk.as_system().do(staff.appoint, form, code_from_file))
    finally:
        desk.close()
    if code_from_file:
        sentence = _("The administrator {login} chooses a password with the code that was given: okienko reset")
    else:
        sentence = _("The administrator {login} chooses a password within 28 days with: okienko reset {code}")
    tell(sentence.format(login=form.login, code=code))
    return 0


def refuse_strangers(settings: Settings) -> None:
    """Raise unless whoever runs this has a shell here."""
    from core.service import client_address  # deferred: start-up, a command loads what it runs

    if client_address.under_command() or client_address.of_this_process(settings).source != "local":
        raise DeskError(N_("A desk is set up from a shell on its own machine."))


def _values(args: argparse.Namespace, settings: Settings) -> dict[str, str]:
    first, _space, last = (args.name or "").strip().partition(" ")
    return {
        "login": args.login or args.admin_email,
        "email": args.admin_email,
        "first_name": first,
        "last_name": last.strip(),
        "language": args.language or settings.desk.language,
    }


def _given_code(file: str | None) -> str:
    """From a file or the environment, never from the arguments, which everybody on the machine can read."""
    from core.service import one_time_codes  # deferred: start-up, a command loads what it runs

    if file is not None:
        try:
            typed = Path(file).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise DeskError(N_("The code can't be read from {file}."), file=file) from error
    else:
        typed = os.environ.get(CODE_VARIABLE, "")
        if not typed:
            return ""
    signs = one_time_codes.tidy(typed)
    if signs is None:
        raise DeskError(
            N_("The code that was given is none: {length} letters and digits are wanted, such as {example}."),
            length=one_time_codes.LENGTH,
            example="K7QF-M2XD-9PT3-HWC0",
        )
    return one_time_codes.grouped(signs)


def _made(settings: Settings) -> str:
    if settings.database_url is not None:
        return _(
            "A new desk was made in the database; its key is {file}. Every other machine needs a copy of it."
        ).format(file=settings.key_file)
    return _("A new desk was made in {folder}.").format(folder=settings.data_dir)


_OPTIONS = {
    "login": "--login",
    "email": "--admin-email",
    "first_name": "--name",
    "last_name": "--name",
    "language": "--language",
}


def _explained(act: Callable[[], Result]) -> Result:
    """What is wrong with the form, by the options that were typed."""
    try:
        return act()
    except Invalid as refused:
        slips = "\n".join(f"{_OPTIONS.get(name, name)}: {what.text()}" for name, what in refused.fields.items())
        raise DeskError("{told}", told=slips) from refused
