"""The commands there are, and how one is run for a visitor without the screen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import DeskError
from core.i18n.sanitize import visible
from core.i18n.translation import N_, _, speaking
from core.service.settings import Settings
from tui import crash
from tui.launch import SCREENS
from tui.serve.arrive import open_desk, peer_of
from tui.serve.commands import invoice
from tui.serve.hand_over import Visitor

if TYPE_CHECKING:
    from core.service.desk import Desk

WRONG_USAGE = 2


@dataclass(frozen=True, slots=True)
class RemoteCommand:
    """One thing that can be done without the screen: how it is called, what it says of itself, what it does.

    ``run`` gets the desk, acting as the account of the key, and the words after the name; it writes to ``sys.stdout``,
    raises :class:`DeskError` for what can't be done, and gives the exit status.
    """

    usage: str
    help: str
    run: Callable[[Desk, Sequence[str]], int]


COMMANDS: Mapping[str, RemoteCommand] = {
    "invoice": RemoteCommand(
        "invoice NUMBER [--xml] > FILE",
        N_("one of your invoices, as PDF or for the national e-invoice system"),
        invoice.run,
    ),
}


def run(visitor: Visitor, settings: Settings) -> int:
    """Do what the visitor's words say, as the account of their key; the exit status."""
    with speaking(visitor.language or settings.desk.language):
        try:
            return _run(visitor, settings)
        except DeskError as error:
            _complain("\n".join(what.text() for what in error.fields.values()))
            return 1
        except BrokenPipeError:
            return 0
        except Exception as error:
            number = crash.incident_number()
            written = crash.write_down(number, error, settings.data_dir / "state" / "incidents.log")
            _complain(crash.page(number, written=written))
            return crash.STATUS


def _run(visitor: Visitor, settings: Settings) -> int:
    name, *words = visitor.words
    if name in SCREENS and not visitor.terminal:
        where = settings.desk.address or "…"
        asked = visible(" ".join(visitor.words[:2]))[:80]
        _complain(_("This opens a form and needs a terminal: ssh -t {where} {name}").format(where=where, name=asked))
        return WRONG_USAGE
    command = COMMANDS.get(name)
    if command is None:
        _list(name)
        return WRONG_USAGE
    desk = open_desk(settings, peer_of(visitor, settings))
    try:
        from core.accounts import key_login, sessions  # deferred: what a session shares is loaded by then

        mine = desk.acting(desk.do(key_login.enter_for_command).session_id)
        try:
            return command.run(mine, words)
        finally:
            mine.do(sessions.log_out)
    finally:
        desk.close()


def _list(name: str) -> None:
    """Whatever else was asked for is answered with what there is."""
    _complain(_("There is no command “{name}” here. There are:").format(name=visible(name)[:40]))
    for command in COMMANDS.values():
        _complain(f"  {command.usage:34}  {_(command.help)}")
    about = _("opens the form for the code from a letter (ssh -t)")
    for screen in SCREENS:
        _complain(f"  {screen + ' CODE':34}  {about}")


def _complain(text: str) -> None:
    for line in text.split("\n"):
        sys.stderr.write(visible(line) + "\n")
    sys.stderr.flush()
