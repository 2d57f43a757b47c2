"""Screens by dotted path, for what stands below all screens and brings some up: the app, the session, the rooms.

A screen is imported when it is first shown; whatever imports a screen at the top stands above it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from textual.screen import Screen

INVITATION: Final = "tui.screens.care.invitation_reply:Invitation"
LOCK: Final = "tui.screens.accounts.lock:Lock"
NOTICE: Final = "tui.screens.notice:NoticeScreen"
TICKETS: Final = "tui.screens.tickets.listing:Tickets"
TERMS: Final = "tui.screens.accounts.terms:Terms"
WELCOME: Final = "tui.screens.accounts.welcome:Welcome"


def screen_class(path: str) -> type[Screen[Any]]:
    """The class that ``module:class`` names."""
    module, _colon, name = path.partition(":")
    cls: type[Screen[Any]] = getattr(import_module(module), name)
    return cls


def screen(path: str, *args: Any, **named: Any) -> Screen[Any]:
    """One of that class."""
    return screen_class(path)(*args, **named)
