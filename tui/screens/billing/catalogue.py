"""*Order services*: the catalogue with its prices, and what is under way."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType

from core.billing import orders
from core.billing.catalogue import OfferedService
from core.billing.orders import price
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.billing.formatting import GROUPS, service_facts
from tui.screens.care.list_beside import Facts, ListBeside
from tui.screens.knowledge.open_room import OpenRoom
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView


class Services(OpenRoom, ListBeside):
    """One line a service; Enter orders it, for a subscriber. Guests read the prices."""

    ROOM = "order"
    CARDS = (N_("Offered service"),)
    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("services.new", "n", N_("Order"), "new", N_("The service under the cursor"), footer=True),
        Command("services.history", "h", N_("My orders"), "history", N_("What became of them"), footer=True),
    )
    KEYS_OF_ROW = True
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def columns(self) -> tuple[Column, ...]:
        language = self.app.language
        return (
            Column("name", N_("Offered service"), None, lambda row: row.name.text(language)),
            Column("group", N_("Kind"), 12, lambda row: _(GROUPS[row.group]), from_width=70),
            Column("price", N_("Price"), 24, lambda row: price(row.price, row.every), align="right"),
        )

    def empty(self) -> EmptyState:
        return EmptyState(N_("Nothing can be ordered here"), N_("Please write to the office: see Contact."))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return orders.catalogue_page, (), {}

    async def facts(self, row: OfferedService) -> tuple[Facts, ...]:
        return (service_facts(row, self.app.language),)

    def lacks(self, action: str) -> bool:
        if action == "new" and self.rows.row is None:
            return True
        return (action in ("new", "history") and self.guest) or super().lacks(action)

    @on(ListView.Opened)
    def _open(self) -> None:
        self.action_new()

    def action_new(self) -> None:
        """Order what is under the cursor. A guest is told how."""
        if self.guest:
            self.notify(_("Log in first (Esc); then Enter orders it."), markup=False)
            return
        from tui.screens.billing.order import OrderScreen  # deferred: a screen is loaded when it is first shown

        if self.rows.row is not None:
            self.app.push_screen(OrderScreen(self.frame, self.rows.row))

    def action_history(self) -> None:
        from tui.screens.billing.my_orders import MyOrders  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(MyOrders(self.frame))
