"""Which asset a ticket is about: those under active cover or in a service company's care, by category, name, vendor
and serial."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from core.contracts import coverage
from core.contracts.coverage import AssetRow
from core.db.pagination import Page, PageRequest
from core.i18n.translation import N_, _
from tui.app import OkienkoApp
from tui.screens.contracts.formatting import category_name
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView
from tui.widgets.search_line import SearchLine


class AddAsset(ModalScreen["AssetRow | None"]):
    """Gives the asset that was picked, or None. ``taken`` are those the ticket has already: of their kind and in the
    same hands only."""

    app = getters.app(OkienkoApp)
    CSS_PATH = "add_asset.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("slash", "search", show=False),
    ]
    AUTO_FOCUS = ""

    rows = getters.query_one(ListView)

    def __init__(self, taken: tuple[AssetRow, ...] = ()) -> None:
        super().__init__()
        self._taken = {asset.id for asset in taken}
        self._first = taken[0] if taken else None
        self._wanted = False
        """Whether Enter was pressed over rows that were still being read: the first of them is taken."""

    def compose(self) -> ComposeResult:
        box = Vertical(id="add-asset")
        box.border_title = Content(_("Add asset"))
        box.border_subtitle = Content(_("enter takes · esc leaves"))
        with box:
            yield SearchLine(_("Type to narrow: name, vendor, serial or MAC"))
            yield ListView(
                (
                    Column("category", N_("Category"), 16, lambda row: category_name(row.category), from_width=64),
                    Column("name", N_("Product"), None, lambda row: row.name),
                    Column("vendor", N_("Vendor"), 12, lambda row: row.vendor),
                    Column("identifier", N_("SN/MAC"), 20, lambda row: row.identifier),
                    Column("care", N_("Looked after by"), 20, lambda row: row.care or "—", from_width=92),
                ),
                empty=EmptyState(
                    N_("Nothing is under active cover"),
                    N_("Register a contract, let a service company look after your device, or leave the asset out."),
                ),
            )

    def on_mount(self) -> None:
        self._show("")
        self.query_one(SearchLine).focus()

    def _show(self, search: str) -> None:
        desk = self.app.desk

        def source(ask: PageRequest) -> Page[AssetRow]:
            page: Page[AssetRow] = desk.see(
                coverage.assets, ask, search, covered_only=True, beside=self._first, without=frozenset(self._taken)
            )
            return page

        self.rows.set_source(source)

    @on(SearchLine.Searched)
    def _search(self, event: SearchLine.Searched) -> None:
        self._show(event.text)

    @on(SearchLine.Left)
    def _to_list(self, event: SearchLine.Left) -> None:
        """Enter takes the row that is lit, as it does in the list; anything else goes there."""
        self.rows.focus()
        if not event.by_enter:
            return
        if self.rows.loading_rows:
            self._wanted = True
        else:
            self.rows.action_open()

    @on(ListView.Highlighted)
    def _take_wanted(self, event: ListView.Highlighted) -> None:
        if self._wanted:
            self._give(event.row)

    @on(ListView.Emptied)
    def _want_nothing(self) -> None:
        self._wanted = False

    @on(ListView.Opened)
    def _take(self, event: ListView.Opened) -> None:
        self._give(event.row)

    def _give(self, asset: AssetRow) -> None:
        """Once, however often Enter was pressed."""
        if self.is_current:
            self.dismiss(asset)

    def action_search(self) -> None:
        self.query_one(SearchLine).focus()

    def action_leave(self) -> None:
        self.dismiss(None)
