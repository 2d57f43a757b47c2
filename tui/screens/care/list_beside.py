"""A list with the cards of the line under the cursor beside it, where the screen is wide enough for both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget

from core.errors import NotFound
from tui.screens.base import errand
from tui.screens.list_room import ListRoom
from tui.widgets.card import Card, Value
from tui.widgets.list import ListView

ROOM_FOR_CARDS = 130
"""Columns from which the cards stand there."""
Facts = Sequence[tuple[str, Value]]


class Beside(VerticalScroll, can_focus=False):
    """Some cards; nothing for an empty list."""

    DEFAULT_CSS = """
    Beside { width: 56; height: 1fr; padding: 0 0 0 1; border-left: vkey $border-blurred; }
    """

    def __init__(self, titles: Sequence[str]) -> None:
        """``titles`` are msgids, one a card."""
        super().__init__()
        self._cards = [Card(title) for title in titles]

    def compose(self) -> ComposeResult:
        yield from self._cards

    def show(self, facts: Sequence[Facts]) -> None:
        """Fill the cards in their order."""
        self.visible = bool(facts)
        for card, known in zip(self._cards, facts, strict=False):
            card.show(known)


class ListBeside(ListRoom):
    """Subclasses say :attr:`CARDS` and :meth:`facts`."""

    CARDS: ClassVar[tuple[str, ...]] = ()
    """The titles (msgids) of the cards."""

    beside = getters.query_one(Beside)

    async def facts(self, row: Any) -> Sequence[Facts]:
        """What the cards say of ``row``."""
        raise NotImplementedError

    def compose_room(self) -> ComposeResult:
        above: list[Widget] = []
        lists: list[Widget] = []
        for widget in super().compose_room():
            (lists if isinstance(widget, ListView) else above).append(widget)
        yield from above
        with Horizontal():
            yield from lists
            yield Beside(self.CARDS)

    def on_mount(self) -> None:
        super().on_mount()
        self.beside.visible = False

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.beside.display = event.size.width >= ROOM_FOR_CARDS
        self.show_beside()

    @on(ListView.Highlighted)
    @on(ListView.Emptied)
    def _other_row(self) -> None:
        self.show_beside()

    @errand
    async def show_beside(self) -> None:
        """Read what stands beside the line; a line that has gone meanwhile has nothing."""
        row = self.rows.row
        if not self.beside.display or row is None:
            self.beside.show(())
            return
        try:
            self.beside.show(await self.facts(row))
        except NotFound:
            self.beside.show(())
