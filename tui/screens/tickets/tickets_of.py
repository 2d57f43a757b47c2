"""The tickets of one person or about one asset, open and done."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType

from core.i18n import dates
from core.i18n.translation import N_
from core.tickets import listing
from core.tickets.listing import View
from tui.commands import Command, bindings
from tui.screens.list_room import ListRoom
from tui.screens.tickets import formatting
from tui.widgets.empty import EmptyState
from tui.widgets.frame import Frame
from tui.widgets.list import Column, ListView


class TicketsOf(ListRoom):
    """By change, the latest first; Enter opens one."""

    DESK_COMMANDS = (
        Command("tickets_of.back", "escape", N_("Back"), "app.pop_screen", N_("To where you came from"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, frame: Frame, view: View, name: str, room: str) -> None:
        super().__init__(frame)
        self._view, self._called, self._room = view, name, room

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it was opened from."""
        return self._room

    def where(self) -> tuple[str, ...]:
        return (*super().where(), self._called)

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("id", N_("No."), 6, lambda row: str(row.id), align="right"),
            Column("subject", N_("Subject"), None, lambda row: row.subject),
            Column("changed", N_("Changed"), 9, lambda row: dates.brief(row.changed_at, self.app.now)),
            Column("status", N_("Status"), 17, lambda row: formatting.short_status(row.status)),
        )

    def empty(self) -> EmptyState:
        return EmptyState(N_("Nothing has been asked yet"))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return listing.page_of, (self._view,), {}

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.tickets.ticket import TicketScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(TicketScreen(self.frame, event.row.id, self.ROOM))
