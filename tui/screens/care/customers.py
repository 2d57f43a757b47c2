"""An installer's customers: whose device, at which level, since when, and what is open."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType

from core.care import grants
from core.care.grants import CustomerRow
from core.i18n import dates
from core.i18n.translation import N_
from tui.commands import Command, bindings
from tui.screens.base import deed
from tui.screens.care import formatting
from tui.screens.care.grant import GrantScreen, customer_facts, service_facts
from tui.screens.care.list_beside import Facts, ListBeside
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView


class Customers(ListBeside):
    """By name; Enter opens one, ``v`` their device."""

    ROOM = "customers"
    SEARCHES = N_("Name, device ID or address")
    CARDS = (N_("Service"), N_("Customer"))
    DESK_COMMANDS = (
        Command("customers.device", "v", N_("Device"), "device", N_("Monitoring and control"), footer=True),
        Command("customers.invite", "n", N_("Invite"), "invite", N_("Ask a customer by mail"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("name", N_("Customer"), None, lambda row: row.name),
            Column("device", N_("Device ID"), 13, lambda row: row.device),
            Column("product", N_("Product"), 20, lambda row: row.product, from_width=120),
            Column("address", N_("Address"), 32, lambda row: row.address, from_width=140),
            Column("level", N_("Access level"), 24, lambda row: formatting.level(row.level)),
            Column("since", N_("Since"), 12, lambda row: dates.brief(row.since, self.app.now), from_width=84),
            Column("tickets", N_("Tickets"), 9, lambda row: str(row.open_tickets or "—"), align="right"),
        )

    def empty(self) -> EmptyState:
        return EmptyState(
            N_("No customers yet"), N_("Approve those who wait under Pending customers, or press n to invite one.")
        )

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return grants.customers, (search,), {}

    async def facts(self, row: CustomerRow) -> tuple[Facts, Facts]:
        grant = await self.see(grants.card, row.id)
        return service_facts(grant), customer_facts(grant)

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        self.app.push_screen(GrantScreen(self.frame, event.row.id, self.ROOM))

    def action_device(self) -> None:
        if self.rows.row is not None:
            from tui.screens.devices.device import DeviceScreen  # deferred: a screen is loaded when it is first shown

            self.app.push_screen(DeviceScreen(self.frame, self.rows.row.asset_id, self.ROOM))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.rows.reload()

    @deed
    async def action_invite(self) -> None:
        from tui.screens.care.invitations import invite  # deferred: a screen is loaded when it is first shown

        await invite(self)
