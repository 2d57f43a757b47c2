"""One asset: what it is, whose, what covers it, and who looks after it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from core.contracts import asset_card
from core.contracts.asset_card import AssetCard
from core.errors import Say, say
from core.i18n import dates
from core.i18n.translation import N_, _
from core.tickets.listing import View
from tui.commands import Command, bindings
from tui.screens.card_room import CardRoom
from tui.screens.contracts.formatting import NOT_COVERED, category_name, period, state, until
from tui.widgets.card import Card
from tui.widgets.frame import Frame


class AssetScreen(CardRoom):
    """Cards, and the ways to its tickets."""

    DESK_COMMANDS = (
        Command(
            "asset.ticket",
            "n",
            N_("New ticket"),
            "ticket",
            N_("About this asset"),
            footer=True,
            roles=frozenset({"customer"}),
        ),
        Command("asset.asked", "T", N_("Tickets"), "tickets", N_("Everything asked about it"), footer=True),
        Command("asset.reload", "f5", N_("Read again"), "reload"),
        Command("asset.back", "escape", N_("Back"), "app.pop_screen", N_("To the list"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "../care/care.tcss"
    PAGE = "care-page"

    def __init__(self, frame: Frame, asset_id: int, room: str) -> None:
        super().__init__(frame)
        self._asset_id, self._room = asset_id, room
        self.card: AssetCard | None = None

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it was opened from."""
        return self._room

    @property
    def thing(self) -> str:
        return self.card.asset.identifier if self.card else ""

    def compose_cards(self) -> ComposeResult:
        yield Card(N_("Asset"), id="asset-what")

    async def fill(self) -> None:
        self.card = card = await self.see(asset_card.card, self._asset_id)
        self.query_one("#asset-what", Card).show(_facts(card), [] if card.asset.covered else [_(NOT_COVERED)])
        async with self.batch():
            await self.page.query(".asset-contract").remove()
            await self.page.mount(
                *(
                    Card(
                        N_("Contract"),
                        [
                            (N_("Number"), contract.number),
                            *([(N_("Level"), contract.level)] if contract.level else []),
                            (N_("Period"), period(contract)),
                            (N_("State"), state(contract.state)),
                        ],
                        classes="asset-contract",
                    )
                    for contract in card.contracts
                )
            )

    def why_not(self, action: str) -> Say | None:
        if action == "ticket" and self.card is not None and not self.card.asset.covered:
            return say(NOT_COVERED)
        return super().why_not(action)

    def action_ticket(self) -> None:
        from tui.screens.tickets.new import NewTicketScreen  # deferred: a screen is loaded when it is first shown

        if self.card is not None:
            self.app.push_screen(NewTicketScreen(self.frame, (self.card.asset,), room=self.ROOM))

    def action_tickets(self) -> None:
        from tui.screens.tickets.tickets_of import TicketsOf  # deferred: a screen is loaded when it is first shown

        if self.card is not None:
            name = self.card.asset.identifier
            self.app.push_screen(TicketsOf(self.frame, View("all", asset=name), name, self._room))


def _facts(card: AssetCard) -> list[tuple[str, Any]]:
    asset = card.asset
    facts = [
        (N_("Category"), category_name(asset.category)),
        (N_("Vendor"), asset.vendor),
        (N_("Product"), asset.name),
        (N_("SN/MAC"), asset.identifier),
        (N_("Whose"), asset.company),
        (N_("Looked after by"), asset.care),
        (N_("Cover until"), until(asset.cover_until)),
        (N_("Known here since"), dates.moment(card.known_since)),
    ]
    return [(label, value) for label, value in facts if value]
