"""The list: any query of the desk, endless, drawn by the line.

It holds the few pages around what it shows (:mod:`tui.widgets.page_buffer`), so a million rows cost what two hundred do
(docs/facts.md, *Textual*: 439 bytes a key against DataTable's 1,332). Pages are read in threads; a reader who scrolls
faster than they come sees dim rows that fill in. Keyset pages have no numbers, so the list keeps its own place
(:mod:`tui.widgets.list_cursor`): ``cursor`` and ``top`` count from the first row held and may lie a little outside
while a page is on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from core.db.pagination import Page, PageRequest
from core.errors import DeskError
from core.i18n.translation import N_
from tui.commands import Command, bindings
from tui.widgets.empty import EmptyState
from tui.widgets.list_cursor import ListCursor
from tui.widgets.list_renderer import Column
from tui.widgets.page_buffer import Source, Window, read_again

__all__ = ["Column", "ListView"]

NOTHING = EmptyState(N_("Nothing to show"))
_NO_ROW = object()
"""What was told when the list turned out to be empty: no row has such an id."""


class ListView(ListCursor, can_focus=True):
    """Rows of ``source`` under a header line; Enter or a second click opens one."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (Command("list.reload", "f5", N_("Read again"), "reload"),)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move_page(-1)", show=False),
        Binding("pagedown", "move_page(1)", show=False),
        Binding("home", "top", show=False),
        Binding("end,G", "bottom", show=False),
        Binding("enter", "open", show=False),
        *bindings(DESK_COMMANDS),
    ]

    class _About(Message):
        def __init__(self, view: ListView, row: Any) -> None:
            super().__init__()
            self.view, self.row = view, row

        @property
        def control(self) -> ListView:
            return self.view

    class Opened(_About):
        """Enter or a second click on ``row``."""

    class Highlighted(_About):
        """The cursor came to ``row``."""

    class Emptied(Message):
        """There is no row: what stands beside the list is about none."""

        def __init__(self, view: ListView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> ListView:
            return self.view

    class _Read(Message):
        """A thread has read something: ``fill`` puts it in place, if the list still wants it."""

        def __init__(self, turn: int, fill: Callable[[], None]) -> None:
            super().__init__()
            self.turn, self.fill = turn, fill

    def __init__(
        self,
        columns: Sequence[Column],
        source: Source | None = None,
        *,
        empty: EmptyState = NOTHING,
        limit: int = 50,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """``source`` may come later (:meth:`set_source`); ``limit`` rows are
        read at once."""
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns)
        self._source = source
        self._empty = empty
        self._limit = limit
        self.window = Window()
        self.cursor = 0
        self.top = 0
        self._turn = 0
        self._reading = False
        self._loaded = False
        self._error: DeskError | None = None
        self._announced_id: Any = None
        self._plan: tuple[int, list[tuple[Column, int]]] = (-1, [])

    # What others ask of it

    @property
    def found_nothing(self) -> bool:
        """Whether it has been read, and there was no row."""
        return self._loaded and not self._reading and not self.window.rows

    @property
    def loading_rows(self) -> bool:
        """Whether a page is being read."""
        return self._reading

    def set_source(self, source: Source) -> None:
        """Show another query, from its top."""
        self._source = source
        self.action_top()

    def say_when_empty(self, state: EmptyState) -> None:
        """Other words for a list without rows: a search that found nothing is not a beginning."""
        if state != self._empty:
            self._empty = state
            self.refresh()

    def reload(self) -> None:
        """Read again what is shown; the cursor stays on its row, wherever that has gone."""
        if not self._loaded or self.row is None:
            self.action_top()
            return
        anchor, place = self.window.anchor(self.cursor, self._limit)
        row_id, height, source = self.row.id, self._height, self._wanted_source()
        shown_at = self.cursor - self.top

        def read() -> Callable[[], None]:
            pages = read_again(source, anchor, row_id, height)
            first_rows = next((len(page.rows) for ask, page in pages if ask is anchor), 0)
            return partial(self._put_again, pages, row_id, min(place, max(0, first_rows - 1)), shown_at)

        self._start(read)

    def put(self, row: Any) -> None:
        """Show this row in place of the one with its id. Nothing is read, and nothing moves under the reader."""
        self.window.put(row)
        self._announced_id = None
        self._tell()
        self.refresh()

    # Reading

    def on_mount(self) -> None:
        if self._source is not None:
            self.action_top()

    def _wanted_source(self) -> Source:
        if self._source is None:
            raise RuntimeError("a list without a source was asked for rows")
        return self._source

    def _start(self, read: Callable[[], Callable[[], None]]) -> None:
        """Run ``read`` in a thread; whatever was being read before is no longer wanted."""
        self._turn += 1
        self._go(read)

    def _go(self, read: Callable[[], Callable[[], None]]) -> None:
        turn = self._turn
        self._reading = True

        def work() -> None:
            try:
                fill = read()
            except DeskError as error:
                fill = partial(self._put_error, error)
            self.post_message(self._Read(turn, fill))

        self.run_worker(work, thread=True, group="list", name="list page")

    def on_list_view__read(self, message: _Read) -> None:
        message.stop()
        if message.turn == self._turn:
            self._reading = False
            self._error = None
            message.fill()
            self._follow()

    def _put_error(self, error: DeskError) -> None:
        self._error = error
        self.refresh()

    def _put_first(self, ask: PageRequest, page: Page[Any], at_end: bool) -> None:
        self._loaded = True
        self.window.replace([(ask, page)], self.total)
        self.cursor = max(0, len(page.rows) - 1) if at_end else 0
        self.top = 0
        self._settle()
        self.refresh()

    def _put_again(self, pages: list[tuple[PageRequest, Page[Any]]], row_id: Any, place: int, shown_at: int) -> None:
        offset_known = self.window.offset
        self.window.replace(pages, self.total)
        row_place = self.window.find(row_id)
        self.cursor = place if row_place is None else row_place
        self.top = self.cursor - shown_at
        if self.window.offset is None and offset_known is not None and len(pages) == 1:
            self.window.offset = offset_known
        self._announced_id = None
        self._settle()
        self.refresh()

    def _put_page(self, page: Page[Any], above: bool) -> None:
        shift = self.window.prepend(page) if above else -self.window.append(page)
        self.cursor += shift
        self.top += shift
        self._settle()
        self.refresh()

    def _follow(self) -> None:
        self._pull()
        self._tell()

    def _pull(self) -> None:
        """Read on in the direction in which what is held ends within a page of what is shown."""
        if self._reading or not self._loaded or self._error is not None:
            return
        window, margin = self.window, self._height
        low, high = min(self.top, self.cursor), max(self.top + self._height, self.cursor)
        source = self._wanted_source()
        if window.more_after and high + margin > len(window.rows):
            ask, above = window.after(self._limit), False
        elif window.more_before and low - margin < 0:
            ask, above = window.before(self._limit), True
        else:
            return
        self._go(lambda: partial(self._put_page, source(ask), above))

    def _tell(self) -> None:
        """Say which row the cursor is on, once for each row; or that there is none."""
        row = self.row
        if self._loaded and not self.window.rows and self._announced_id is not _NO_ROW:
            self._announced_id = _NO_ROW
            self.post_message(self.Emptied(self))
        if row is not None and row.id != self._announced_id:
            self._announced_id = row.id
            self.post_message(self.Highlighted(self, row))

    # Moving

    def action_top(self) -> None:
        """The first row, read afresh."""
        self._jump(PageRequest(limit=self._limit), at_end=False)

    def action_bottom(self) -> None:
        """The last row."""
        if self._loaded and not self.window.more_after:
            self._move_to(len(self.window.rows) - 1)
        else:
            self._jump(PageRequest(last=True, limit=self._limit), at_end=True)

    def action_reload(self) -> None:
        self.reload()

    def _jump(self, ask: PageRequest, at_end: bool) -> None:
        if self._source is None:
            return
        source = self._source
        self._announced_id = None
        self._start(lambda: partial(self._put_first, ask, source(ask), at_end))

    def action_open(self) -> None:
        if self.row is not None:
            self.post_message(self.Opened(self, self.row))

    def on_click(self, event: events.Click) -> None:
        place = self.top + event.y - 1
        if not 1 <= event.y <= self._height or not 0 <= place < len(self.window.rows):
            return
        if place == self.cursor:
            self.action_open()
        else:
            self._move_to(place)

    def on_resize(self) -> None:
        self.window.hold = max(200, 4 * self._height)
        self._settle()
        self._pull()

    def watch_total(self) -> None:
        if self.total is not None and self._loaded and not self.window.more_after and self.window.more_before:
            self.window.offset = max(0, self.total - len(self.window.rows))
        self._settle()  # the line that says it takes the place of a row
        self.refresh()
