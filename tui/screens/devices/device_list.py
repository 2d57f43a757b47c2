"""A customer's devices: one line each with what it does just now."""

from __future__ import annotations

from typing import Any

from textual import on

from core.devices import device_list
from core.devices.device_list import DeviceRow
from core.i18n.translation import N_
from tui.screens.devices import formatting
from tui.screens.list_room import ListRoom
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView


class Devices(ListRoom):
    """The list; Enter opens one."""

    ROOM = "devices"

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("identifier", N_("Device ID"), 13, lambda row: row.identifier),
            Column("product", N_("Product"), None, lambda row: formatting.name(row.vendor, row.product)),
            Column("does", N_("Now"), 18, lambda row: formatting.operation(row.reading)),
            Column("room", N_("Room"), 8, lambda row: formatting.degrees(row.reading.room), align="right"),
            Column(
                "tank",
                N_("Hot water"),
                11,
                lambda row: formatting.degrees(row.reading.tank),
                align="right",
                from_width=110,
            ),
            Column("company", N_("Company"), 20, lambda row: row.company or "—", from_width=84),
            Column("level", N_("Access level"), 26, lambda row: formatting.level(row.level), from_width=126),
        )

    def empty(self) -> EmptyState:
        return EmptyState(
            N_("No devices here yet"),
            N_("A heat pump comes here once an installer company looks after it, or a contract covers it."),
        )

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return device_list.devices, (), {}

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        for rows in self.query(ListView):
            if rows.row is not None:
                rows.reload()

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.devices.device import DeviceScreen  # deferred: a screen is loaded when it is first shown

        row: DeviceRow = event.row
        self.app.push_screen(DeviceScreen(self.frame, row.id, self.ROOM))
