"""Opening the interface on this terminal: the machine's own desk, or whatever the settings name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from core import paths
from core.i18n.translation import _
from core.service.client_address import came_from_afar
from tui.machine.terminal import log_path, on_terminal

if TYPE_CHECKING:
    import argparse

    from core.service.desk import Desk

NO_TERMINAL = 2


def run(args: argparse.Namespace | None = None) -> int:
    """Open the desk in the interface; the exit status."""
    if not on_terminal():
        print(_("Okienko needs a terminal. Try “okienko --help” for what works without one."), file=sys.stderr)
        return NO_TERMINAL
    if getattr(args, "screen", "") and not came_from_afar():  # the code of a mail is a desk's that is there
        from tui.machine.desk import load_settings, need_desk  # deferred: start-up, a command loads what it runs

        need_desk(load_settings())
    from tui.app import OkienkoApp, run_okienko  # deferred: start-up, a command loads what it runs
    from tui.screens.accounts.welcome import Welcome

    app = OkienkoApp(_opener(), first=Welcome, log_path=log_path())
    app.keys_file = paths.keys_file()
    app.start_with = _asked_for(args)
    return run_okienko(app)


def _opener() -> Any:
    def open_desk() -> Desk:
        from core import jobs  # deferred: start-up, a command loads what it runs
        from core.mail.loop import Deliverer
        from core.security import passwords  # deferred: start-up, a command loads what it runs

        desk = open_for_people()
        passwords.use_slots(desk.settings.data_dir)
        Deliverer(desk).start()
        jobs.Runner(desk).start()
        return desk

    return open_desk


def open_for_people() -> Desk:
    """The desk for whoever sits at this terminal. From afar none is made, and of one that has no administrator yet it
    is said that it isn't set up, and nothing else: whoever came first would own it."""
    from core.errors import Forbidden  # deferred: start-up, a command loads what it runs
    from core.people import staff
    from core.service import client_address  # deferred: start-up, a command loads what it runs
    from core.service.desk import Desk
    from core.service.opening import NoDesk  # deferred: start-up, a command loads what it runs
    from tui.machine.desk import allowed, load_settings

    settings = load_settings()
    here = client_address.of_this_process(settings).at_the_machine
    try:
        desk = Desk.open(settings, may=allowed(settings, make=here))
    except NoDesk as error:
        if here:
            raise
        raise Forbidden(staff.NOT_SET_UP) from error
    if not here and desk.see(staff.is_new):
        desk.close()
        raise Forbidden(staff.NOT_SET_UP)
    return desk


SCREENS = ("answer", "confirm", "enter", "join", "reset")
"""The commands that open a screen, each with the code of a letter."""


def _asked_for(args: argparse.Namespace | None) -> Any:
    return screen_asked_for(getattr(args, "screen", ""), getattr(args, "code", "") or "")


def screen_asked_for(screen: str, code: str = "") -> Any:
    """The screen a mail's command brings up: ``okienko confirm CODE``, ``okienko reset CODE``; None for none. Where the
    code itself says what comes next, one screen serves several commands."""

    def by_code() -> Any:
        from tui.screens.accounts.recovery import HaveCode  # deferred: a screen is loaded when it is first shown

        return HaveCode(code)

    def reset() -> Any:
        from tui.screens.accounts.recovery import NewPassword  # deferred: a screen is loaded when it is first shown

        return NewPassword(code)

    return {name: reset if name == "reset" else by_code for name in SCREENS}.get(screen)
