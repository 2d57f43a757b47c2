"""Choosing a theme: for this computer, and for one's account wherever one logs in.

The desk's own choice (``desk.theme``) counts until the reader makes one, and where nobody has chosen the terminal
decides: 16 colours over a slow line or where there are no more, else the dark theme. A terminal of 16 colours has
only the themes made of those.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

from rich.color import ColorSystem

from core import paths
from core.errors import DeskError
from core.i18n.translation import N_, _
from tui import themes
from tui.safe_app import SafeApp

if TYPE_CHECKING:
    from core.service.actor import Actor
    from core.service.desk import Desk

_SCREEN: Final = "theme"
"""The name under which an account keeps its choice."""
_AS_IT_CAN: Final = "as it can"
_OURS: Final = {
    themes.DARK.name: N_("Dark"),
    themes.LIGHT.name: N_("Light"),
    themes.CONTRAST.name: N_("High contrast"),
    themes.SIXTEEN.name: N_("16 colours, the terminal's own"),
}


class Themed(SafeApp):
    """An application whose colours are the reader's choice, as far as choosing needs it."""

    economical: bool
    """Whether it is drawn for a slow line."""
    seat: Actor | None
    """Who sits here."""
    served: bool
    """Whether this is a session of a server: the computer it runs on is none of the reader's."""

    async def ready(self) -> Desk:
        """The open desk, as soon as it is there."""
        raise NotImplementedError


def at_first(app: Themed) -> str:
    """The theme before anybody has logged in."""
    return suited(app, ("" if app.served else _kept_here()) or paths.desk_setting("theme"))


def suited(app: Themed, chosen: str) -> str:
    """The theme of this name (as settings say it, too), or what the terminal can show."""
    theme = app.get_theme(themes.full_name(chosen)) if chosen else None
    few = app.console._color_system in (None, ColorSystem.STANDARD)
    if theme is None or (few and not theme.ansi):
        return (themes.SIXTEEN if few or app.economical else themes.DARK).name
    return theme.name


def said(name: str) -> str:
    """What a theme is called, ready to be read."""
    return _(_OURS[name]) if name in _OURS else name


async def own(app: Themed, desk: Any) -> str:
    """What whoever ``desk`` acts for has chosen for a terminal like this one; empty if nothing."""
    from core.accounts import profile  # deferred: start-up, the first frame needs none of it

    with contextlib.suppress(DeskError):
        choices = await asyncio.to_thread(desk.see, profile.kept_choice, _SCREEN)
        if isinstance(chosen := choices.get(_profile(app)), str):
            return suited(app, chosen)
    return ""


async def choose(app: Themed) -> None:
    """Ask, change at once, and keep it: here where this computer is the reader's own, and with the account."""
    from tui.widgets.choose import Choose  # deferred: start-up, the first frame needs none of it
    from tui.widgets.menu import Option

    few = app.console._color_system in (None, ColorSystem.STANDARD)
    offered = [name for name, theme in app.available_themes.items() if theme.ansi or not few]
    ours = [name for name in _OURS if name in offered]
    options = [
        Option(_AS_IT_CAN, _("As the desk and the terminal have it")),
        *(Option(name, said(name)) for name in ours),
        *(Option(name, name, "Textual") for name in sorted(offered) if name not in _OURS),
    ]
    picked = await app.push_screen_wait(Choose(_("Theme"), options, at=app.theme))
    if picked is None:
        return
    chosen = "" if picked == _AS_IT_CAN else picked
    desk = await app.ready()
    if desk.peer.own_computer:
        _keep_here(chosen)
    app.theme = suited(app, chosen) if chosen else at_first(app)
    if app.seat is not None:
        await asyncio.to_thread(_keep_with_account, desk, _profile(app), chosen)


def _keep_with_account(desk: Any, profile_of_terminal: str, chosen: str) -> None:
    from core.accounts import profile  # deferred: start-up, the first frame needs none of it

    choices = desk.see(profile.kept_choice, _SCREEN)
    desk.do(profile.keep_choice, _SCREEN, {**choices, profile_of_terminal: chosen or None})


def _profile(app: Themed) -> str:
    """What one chooses at one's own screen is seldom what one wants over a slow line."""
    return "economical" if app.economical else "usual"


def _kept_here() -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return (paths.state_folder() / "theme").read_text(encoding="ascii").strip()
    return ""


def _keep_here(chosen: str) -> None:
    file = paths.private_folder(paths.state_folder()) / "theme"
    if chosen:
        file.write_text(chosen, encoding="ascii")
    else:
        file.unlink(missing_ok=True)
