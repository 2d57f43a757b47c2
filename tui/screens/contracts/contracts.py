"""Contracts: one's own, or for the desk everybody's."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType

from core.contracts import coverage
from core.i18n import dates
from core.i18n.translation import N_
from tui.commands import Command, bindings
from tui.screens.contracts.activation import register_contract
from tui.screens.contracts.formatting import state, until
from tui.screens.list_room import ListRoom
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView


class Contracts(ListRoom):
    """The list; Enter opens a contract's assets."""

    ROOM = "contracts"
    SEARCHES = N_("Number or company")
    DESK_COMMANDS = (
        Command(
            "contracts.register", "c", N_("Register contract"), "register", footer=True, roles=frozenset({"customer"})
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("number", N_("Number"), 18, lambda row: row.number),
            Column("company", N_("Company"), None, lambda row: row.company),
            Column("level", N_("Level"), 10, lambda row: row.level, from_width=116),
            Column("from", N_("From"), 12, lambda row: dates.day(row.valid_from), from_width=130),
            Column("until", N_("Until"), 12, lambda row: until(row.valid_until)),
            Column("left", N_("Days left"), 10, lambda row: str(row.days_left or "—"), align="right", from_width=90),
            Column("assets", N_("Assets"), 7, lambda row: str(row.assets), align="right", from_width=104),
            Column("state", N_("State"), 17, lambda row: state(row.state)),
        )

    def empty(self) -> EmptyState:
        if self.me.staff:
            return EmptyState(
                N_("No contracts here yet"), N_("They are brought in by “okienko import contracts FILE.csv”.")
            )
        return EmptyState(
            N_("No contracts here yet"), N_("Press c to register one with its number and activation code.")
        )

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return coverage.contracts, (search,), {}

    def registered(self) -> None:
        super().registered()
        self.rows.reload()

    def action_register(self) -> None:
        register_contract(self)

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.contracts.assets import Assets  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(Assets(self.frame, contract=event.row))
