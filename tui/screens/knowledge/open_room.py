"""A room that nobody has to log in for: guests have a frame of their own with such rooms alone."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import BindingType
from textual.screen import Screen

from core.i18n.translation import N_
from tui.commands import Command, bindings
from tui.screens.room import RoomScreen
from tui.widgets.frame import Frame, Room


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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("log_out", "find") and self.guest:
            return False
        if action == "leave" and not self.guest:
            return False
        return super().check_action(action, parameters)

    def action_leave(self) -> None:
        self.app.pop_screen()


def guest_frame(desk: str) -> Frame:
    """The frame around the rooms of guests."""
    frame = Frame(desk=desk)

    def news() -> Screen[Any]:
        from tui.screens.knowledge.articles import News

        return News(frame)

    def faq() -> Screen[Any]:
        from tui.screens.knowledge.articles import Faq

        return Faq(frame)

    def contact() -> Screen[Any]:
        from tui.screens.knowledge.contact import ContactRoom

        return ContactRoom(frame)

    def order() -> Screen[Any]:
        from tui.screens.billing.catalogue import Services

        return Services(frame)

    frame.rooms = (
        Room("news", "j", N_("News"), "", news),
        Room("faq", "f", N_("FAQ"), "", faq),
        Room("contact", "k", N_("Contact"), "", contact),
        Room("order", "o", N_("Order services"), "", order),
    )
    return frame
