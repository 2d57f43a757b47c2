"""What a subscriber has ordered, and where each order stands."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType

from core.billing import orders
from core.billing.orders import price
from core.i18n import dates
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.billing import formatting
from tui.screens.list_room import ListRoom
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView


class MyOrders(ListRoom):
    """The latest first; Enter opens the ticket that an order is talked about in."""

    ROOM = "order"
    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("my_orders.back", "escape", N_("Back"), "app.pop_screen", N_("To the catalogue"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def where(self) -> tuple[str, ...]:
        return (*super().where(), _("My orders"))

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("id", N_("No."), 6, lambda row: str(row.id), align="right"),
            Column("name", N_("Offered service"), None, lambda row: row.name),
            Column("line", N_("Line"), 13, lambda row: row.line, from_width=100),
            Column("price", N_("Price"), 24, lambda row: price(row.price, row.every), from_width=110, align="right"),
            Column("from", N_("Takes effect on"), 16, lambda row: dates.day(row.effective_on)),
            Column("state", N_("State"), 34, lambda row: formatting.state(row.state)),
        )

    def empty(self) -> EmptyState:
        return EmptyState(N_("Nothing has been ordered yet"), N_("What you order stands here with its state."))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return orders.mine, (), {}

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.tickets.ticket import TicketScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(TicketScreen(self.frame, event.row.id, self.ROOM))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.rows.reload()
