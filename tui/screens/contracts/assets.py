"""Assets: one's own, the desk's, or those of one contract."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from core.contracts import coverage
from core.contracts.coverage import AssetRow, ContractRow
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.contracts.formatting import NOT_COVERED, category_name, days_left, period, state, until
from tui.screens.list_room import ListRoom
from tui.widgets.card import Card
from tui.widgets.empty import EmptyState
from tui.widgets.frame import Frame
from tui.widgets.list import Column, ListView


class Assets(ListRoom):
    """By category, vendor and name, with the day their cover ends."""

    SEARCHES = N_("Name, vendor, serial or MAC")
    DESK_COMMANDS = (
        Command(
            "assets.ticket",
            "n",
            N_("New ticket"),
            "ticket",
            N_("About this asset"),
            footer=True,
            roles=frozenset({"customer"}),
        ),
        Command("assets.back", "escape", N_("Back"), "back", footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, frame: Frame, contract: ContractRow | None = None) -> None:
        super().__init__(frame)
        self._contract = contract

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The contracts' room for the assets of one contract, else the assets' own."""
        if self._contract is not None:
            return "contracts"
        return "my_assets" if self.role == "customer" else "assets"

    def where(self) -> tuple[str, ...]:
        return (*super().where(), self._contract.number) if self._contract else super().where()

    def compose_above(self) -> ComposeResult:
        if self._contract is not None:
            yield Card(N_("Contract"), self._facts(self._contract))

    def columns(self) -> tuple[Column, ...]:
        # Whose it is, is the desk's question, at any size; who looks after it, its owner's.
        desk = self.role != "customer"
        whose = (
            Column("company", N_("Whose"), 24, lambda row: row.company)
            if desk
            else Column("care", N_("Looked after by"), 22, lambda row: row.care or "—", from_width=120)
        )
        return (
            Column(
                "category", N_("Category"), 20, lambda row: category_name(row.category), from_width=110 if desk else 0
            ),
            Column("vendor", N_("Vendor"), 14, lambda row: row.vendor, from_width=96 if desk else 0),
            Column("name", N_("Product"), None, lambda row: row.name),
            Column("identifier", N_("SN/MAC"), 20, lambda row: row.identifier),
            whose,
            Column("contract", N_("Contract"), 16, lambda row: row.contract or "—", from_width=130 if desk else 100),
            Column("until", N_("Cover until"), 12, _until, from_width=120 if desk else 84),
        )

    def empty(self) -> EmptyState:
        if self.me.staff:
            return EmptyState(N_("No assets here yet"), N_("They come with the contracts that are imported."))
        return EmptyState(
            N_("No assets here yet"), N_("They come with your contracts: register one with its activation code.")
        )

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return coverage.assets, (search,), {"contract_id": self._contract.id if self._contract else None}

    def _facts(self, contract: ContractRow) -> list[tuple[str, Any]]:
        facts = [
            (N_("Number"), contract.number),
            (N_("Company"), contract.company),
            (N_("Level"), contract.level),
            (N_("Period"), period(contract)),
            (N_("Cover"), state(contract.state)),
            ("", days_left(contract.days_left)),
        ]
        return [(label, value) for label, value in facts if value]

    def lacks(self, action: str) -> bool:
        return (action == "back" and self._contract is None) or super().lacks(action)

    def action_ticket(self) -> None:
        from tui.screens.tickets.new import NewTicketScreen  # deferred: a screen is loaded when it is first shown

        row: AssetRow | None = self.rows.row
        if row is None:
            return
        if not row.covered:
            self.notify(_(NOT_COVERED))
        else:
            self.app.push_screen(NewTicketScreen(self.frame, (row,), room=self.ROOM))

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.contracts.asset import AssetScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(AssetScreen(self.frame, event.row.id, self.ROOM))

    def action_back(self) -> None:
        self.app.pop_screen()


def _until(row: AssetRow) -> str:
    return until(row.cover_until)
