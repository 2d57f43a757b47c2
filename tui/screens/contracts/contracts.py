"""Contracts: one's own, or for the desk everybody's (002 p.6, *Kontrakty*)."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType

from core import moments
from core.contracts import cover
from core.contracts.cover import ContractRow
from core.paging import Ask, Page
from core.words import N_, _
from tui.commands import Command, bindings
from tui.screens.contracts.register import register_contract
from tui.screens.contracts.shown import state
from tui.screens.room import RoomScreen
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView
from tui.widgets.rooms import Frame
from tui.widgets.search_line import SearchLine


class Contracts(RoomScreen):
    """The list; Enter opens a contract's assets."""

    ROOM = "contracts"
    DESK_COMMANDS = (
        Command(
            "contracts.register", "c", N_("Register contract"), "register", footer=True, roles=frozenset({"customer"})
        ),
        Command("contracts.search", "slash", N_("Search"), "search", N_("By number or company"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    rows = getters.query_one(ListView)
    line = getters.query_one(SearchLine)

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._search = ""

    def compose_room(self) -> ComposeResult:
        yield SearchLine(_("Number or company"))
        yield ListView(
            (
                Column("number", N_("Number"), None, lambda row: row.number),
                Column("company", N_("Company"), 24, lambda row: row.company, min_app_width=90),
                Column("level", N_("Level"), 10, lambda row: row.level, min_app_width=84),
                Column("from", N_("From"), 12, lambda row: moments.day(row.valid_from), min_app_width=100),
                Column("until", N_("Until"), 12, lambda row: moments.day(row.valid_until)),
                Column(
                    "left", N_("Days left"), 10, lambda row: str(row.days_left) if row.days_left else "—", align="right"
                ),
                Column("assets", N_("Assets"), 7, lambda row: str(row.assets), align="right"),
                Column("state", N_("State"), 17, lambda row: state(row.state)),
            ),
            empty=EmptyState(
                N_("No contracts here yet"), N_("Press c to register one with its number and activation code.")
            ),
        )

    def on_mount(self) -> None:
        super().on_mount()
        self.line.display = False
        self.rows.focus()
        self.show_list()

    def show_list(self) -> None:
        """Read the list for what is searched."""
        desk: Any = self.app.desk
        search = self._search

        def source(ask: Ask) -> Page[ContractRow]:
            page: Page[ContractRow] = desk.see(cover.contracts, ask, search)
            return page

        self.rows.set_source(source)

    def registered(self) -> None:
        self.rows.reload()

    def action_register(self) -> None:
        register_contract(self)

    def action_search(self) -> None:
        self.line.display = True
        self.line.focus()

    @on(SearchLine.Searched)
    def _searched(self, event: SearchLine.Searched) -> None:
        self._search = event.text
        self.show_list()

    @on(SearchLine.Left)
    def _to_list(self) -> None:
        self.line.display = bool(self._search)
        self.rows.focus()

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.contracts.assets import Assets

        self.app.push_screen(Assets(self.frame, contract=event.row))
