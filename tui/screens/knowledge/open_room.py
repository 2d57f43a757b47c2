"""A room that nobody has to log in for: guests have a frame of their own with such rooms alone."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from core.i18n.translation import N_
from tui.commands import Command, bindings
from tui.screens.room import RoomScreen


class OpenRoom(RoomScreen):
    """Guests come from the way in and go back there with Escape; they have no session to end and no tickets."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("open.back", "escape", N_("Back"), "leave", N_("To the way in"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    @property
    def guest(self) -> bool:
        """Whether nobody is logged in."""
        return self.app.seat is None

    def lacks(self, action: str) -> bool:
        if action in ("log_out", "find", "begun"):
            return self.guest
        return (action == "leave" and not self.guest) or super().lacks(action)

    def action_leave(self) -> None:
        self.app.pop_screen()
