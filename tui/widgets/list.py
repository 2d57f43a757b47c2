"""The list: any query of the desk, endless, drawn by the line.

It holds the few pages around what it shows (:mod:`tui.widgets.window`), so a million rows cost what two hundred do
(facts/textual.md C.1: 439 bytes a key against DataTable's 1,332). Pages are read in threads; a reader who scrolls
faster than they come sees dim rows that fill in. Keyset pages have no numbers, so the list keeps its own place:
``cursor`` and ``top`` count from the first row held and may lie a little outside while a page is on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from core.errors import DeskError
from core.paging import Ask, Page
from core.words import N_, _
from tui.text import plain
from tui.widgets.drawing import fit, paint, short
from tui.widgets.empty import EmptyState, empty_content
from tui.widgets.window import Source, Window, read_again

if TYPE_CHECKING:
    from textual.style import Style

NOTHING = EmptyState(N_("Nothing to show"))
_GAP = 2
_POSITION = 24
"""Cells at the left of the status line in which the position stands. The compositor cuts what it sends at the right
of a changed region only, so at the right it would cost the whole line with each key."""
_NARROWEST = 8
"""What a column that takes the rest is left with at least, in cells."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``width`` in cells, None takes what is left; ``render`` gives a row's Content, or a text that is
    shown as text. It is left out while the list is narrower than ``min_app_width`` cells."""

    key: str
    label: str
    width: int | None
    render: Callable[[Any], Content | str]
    min_app_width: int = 0
    align: str = "left"


class ListView(Widget, can_focus=True):
    """Rows of ``source`` under a header line; Enter or a second click opens one."""

    DEFAULT_CSS = """
    ListView { width: 1fr; height: 1fr; background: $background; color: $foreground; }
    ListView > .list--header { color: $text-muted; background: $panel; text-style: bold; }
    ListView > .list--cursor {
        color: $block-cursor-blurred-foreground; background: $block-cursor-blurred-background;
    }
    ListView:focus > .list--cursor {
        color: $block-cursor-foreground; background: $block-cursor-background; text-style: $block-cursor-text-style;
    }
    ListView > .list--waiting { color: $text-disabled; }
    ListView > .list--status { color: $text-muted; background: $background; }
    ListView > .list--error { color: $text-error; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--header",
        "list--cursor",
        "list--waiting",
        "list--status",
        "list--error",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move_page(-1)", show=False),
        Binding("pagedown", "move_page(1)", show=False),
        Binding("home", "top", show=False),
        Binding("end,G", "bottom", show=False),
        Binding("enter", "open", show=False),
        Binding("space", "mark", show=False),
        Binding("f5", "reload", show=False),
    ]

    total: reactive[int | None] = reactive(None, repaint=False)
    """How many rows there are in all, when somebody counted: shown in the status line."""

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

    class Marked(Message):
        """What is marked changed; ``ids`` are the marked rows' ids."""

        def __init__(self, view: ListView, ids: frozenset[Any]) -> None:
            super().__init__()
            self.view, self.ids = view, ids

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
        marks: bool = False,
        limit: int = 50,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """``source`` may come later (:meth:`set_source`); ``marks`` adds a column ticked by space; ``limit`` rows are
        read at once."""
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns)
        self._source = source
        self._empty = empty
        self._marks = marks
        self._limit = limit
        self.window = Window()
        self.cursor = 0
        self.top = 0
        self.marked: frozenset[Any] = frozenset()
        self._turn = 0
        self._reading = False
        self._loaded = False
        self._error: DeskError | None = None
        self._told: Any = None
        self._plan: tuple[int, list[tuple[Column, int]]] = (-1, [])

    # What others ask of it

    @property
    def row(self) -> Any | None:
        """The row under the cursor; None while it is on its way or there is none."""
        rows = self.window.rows
        return rows[self.cursor] if 0 <= self.cursor < len(rows) else None

    @property
    def position(self) -> int | None:
        """The place of the cursor's row counted from 1, when it is known."""
        return None if self.window.offset is None or self.row is None else self.window.offset + self.cursor + 1

    @property
    def loading_rows(self) -> bool:
        """Whether a page is being read."""
        return self._reading

    def set_source(self, source: Source) -> None:
        """Show another query, from its top; marks are kept by id only while their rows can still be seen."""
        self._source = source
        self.marked = frozenset()
        self.action_top()

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

    def clear_marks(self) -> None:
        """Forget what was marked."""
        self.marked = frozenset()
        self.post_message(self.Marked(self, self.marked))
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
            self._pull()
            self._tell()

    def _put_error(self, error: DeskError) -> None:
        self._error = error
        self.refresh()

    def _put_first(self, ask: Ask, page: Page[Any], at_end: bool) -> None:
        self._loaded = True
        self.window.replace([(ask, page)], self.total)
        self.cursor = max(0, len(page.rows) - 1) if at_end else 0
        self.top = 0
        self._settle()
        self.refresh()

    def _put_again(self, pages: list[tuple[Ask, Page[Any]]], row_id: Any, place: int, shown_at: int) -> None:
        offset_known = self.window.offset
        self.window.replace(pages, self.total)
        found = self.window.find(row_id)
        self.cursor = place if found is None else found
        self.top = self.cursor - shown_at
        if self.window.offset is None and offset_known is not None and len(pages) == 1:
            self.window.offset = offset_known
        self._told = None
        self._settle()
        self.refresh()

    def _put_page(self, page: Page[Any], above: bool) -> None:
        shift = self.window.prepend(page) if above else -self.window.append(page)
        self.cursor += shift
        self.top += shift
        self._settle()
        self.refresh()

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
        """Say which row the cursor is on, once for each row."""
        row = self.row
        if row is not None and row.id != self._told:
            self._told = row.id
            self.post_message(self.Highlighted(self, row))

    # Moving

    @property
    def _height(self) -> int:
        """How many lines there are for rows."""
        return max(1, self.size.height - 1 - self._has_status)

    @property
    def _has_status(self) -> bool:
        return self.total is not None or self._marks

    @property
    def _bounds(self) -> tuple[int, int]:
        """The first and last place the cursor may be at: rows held, and one screen of rows on their way."""
        window = self.window
        low = -self._height if window.more_before else 0
        high = len(window.rows) - 1 + (self._height if window.more_after else 0)
        return low, max(low, high)

    def _settle(self) -> None:
        """Bring the cursor into the list and the view around the cursor."""
        low, high = self._bounds
        self.cursor = max(low, min(self.cursor, high))
        step = self._height // 2 if getattr(self.app, "economical", False) else 1
        if self.cursor < self.top:
            self.top = self.cursor - step + 1
        elif self.cursor >= self.top + self._height:
            self.top = self.cursor - self._height + step
        self.top = max(low, min(self.top, high - self._height + 1))

    def _move_to(self, cursor: int) -> None:
        before, top = self.cursor, self.top
        self.cursor = cursor
        self._settle()
        if self.top != top:
            self.refresh()
        elif self.cursor != before:
            self._refresh_lines(before, self.cursor)
        self._pull()
        self._tell()

    def _refresh_lines(self, *rows: int) -> None:
        """Repaint these rows and the position: what a cursor move costs over a slow line."""
        width = self.size.width
        regions = [Region(0, row - self.top + 1, width, 1) for row in rows]
        if self._has_status:
            regions.append(Region(0, self.size.height - 1, min(width, _POSITION), 1))
        self.refresh(*regions)

    def action_move(self, rows: int) -> None:
        self._move_to(self.cursor + rows)

    def action_move_page(self, pages: int) -> None:
        step = pages * max(1, self._height - 1)
        self.top += step
        self._move_to(self.cursor + step)
        self.refresh()

    def action_top(self) -> None:
        """The first row, read afresh."""
        self._jump(Ask(limit=self._limit), at_end=False)

    def action_bottom(self) -> None:
        """The last row."""
        if self._loaded and not self.window.more_after:
            self._move_to(len(self.window.rows) - 1)
        else:
            self._jump(Ask(last=True, limit=self._limit), at_end=True)

    def action_reload(self) -> None:
        self.reload()

    def _jump(self, ask: Ask, at_end: bool) -> None:
        if self._source is None:
            return
        source = self._source
        self._told = None
        self._start(lambda: partial(self._put_first, ask, source(ask), at_end))

    def action_open(self) -> None:
        if self.row is not None:
            self.post_message(self.Opened(self, self.row))

    def action_mark(self) -> None:
        if self._marks and self.row is not None:
            self.marked ^= {self.row.id}
            self.post_message(self.Marked(self, self.marked))
            self.refresh(Region(0, self.size.height - 1, self.size.width, 1))
            self._refresh_lines(self.cursor)
            self.action_move(1)

    def on_click(self, event: events.Click) -> None:
        place = self.top + event.y - 1
        if not 1 <= event.y <= self._height or not 0 <= place < len(self.window.rows):
            return
        if place == self.cursor:
            self.action_open()
        else:
            self._move_to(place)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._wheel(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._wheel(-3)

    def _wheel(self, lines: int) -> None:
        low, high = self._bounds
        self.top = max(low, min(self.top + lines, high - self._height + 1))
        self._move_to(max(self.top, min(self.cursor, self.top + self._height - 1)))
        self.refresh()

    def on_resize(self) -> None:
        self.window.hold = max(200, 4 * self._height)
        self._settle()
        self._pull()

    def watch_total(self) -> None:
        if self.total is not None and self._loaded and not self.window.more_after and self.window.more_before:
            self.window.offset = max(0, self.total - len(self.window.rows))
        self.refresh()

    # Drawing

    def _columns_at(self, width: int) -> list[tuple[Column, int]]:
        """The columns that are shown at this width, each with its cells."""
        if self._plan[0] != width:
            shown = [column for column in self._columns if width >= column.min_app_width]
            room = width - self._lead - _GAP * (len(shown) - 1) - 1
            rest = room - sum(column.width or 0 for column in shown)
            takers = sum(column.width is None for column in shown)
            each = max(_NARROWEST, rest // takers) if takers else 0
            self._plan = (width, [(column, each if column.width is None else column.width) for column in shown])
        return self._plan[1]

    @property
    def _lead(self) -> int:
        """Cells before the first column: the cursor's bar, the mark, a space."""
        return 3 if self._marks else 2

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            return self._header(width)
        if self._has_status and y == self.size.height - 1:
            return paint(self, self._status(width), width, self.get_visual_style("list--status"))
        place = self.top + y - 1
        rows = self.window.rows
        if 0 <= place < len(rows):
            return self._row(rows[place], place == self.cursor, width)
        if self._error is not None or (self._loaded and not rows):
            return self._message(y, width)
        if not self._loaded or (place < 0 and self.window.more_before) or (place > 0 and self.window.more_after):
            return self._waiting(place == self.cursor and self._loaded, width)
        return paint(self, Content(), width, self.visual_style)

    def _header(self, width: int) -> Strip:
        cells = [fit(Content(_(column.label)), cells, column.align) for column, cells in self._columns_at(width)]
        return self._line(" " * self._lead, cells, width, self.get_visual_style("list--header"))

    def _row(self, row: Any, here: bool, width: int) -> Strip:
        cells = []
        for column, room in self._columns_at(width):
            value = column.render(row)
            shown = short(value, room) if isinstance(value, str) else value
            cells.append(fit(shown.without_spans if here else shown, room, column.align))
        lead = ("▌" if here else " ") + (("✓ " if row.id in self.marked else "  ") if self._marks else " ")
        return self._line(lead, cells, width, self._style_of(here))

    def _waiting(self, here: bool, width: int) -> Strip:
        cells = [fit(Content("·" * min(room, 6)), room, column.align) for column, room in self._columns_at(width)]
        style = self._style_of(here) if here else self.get_visual_style("list--waiting")
        return self._line(("▌" if here else " ").ljust(self._lead), cells, width, style)

    def _style_of(self, here: bool) -> Style:
        return self.get_visual_style("list--cursor") if here else self.visual_style

    def _line(self, lead: str, cells: Sequence[Content], width: int, style: Style) -> Strip:
        return paint(self, Content(lead) + Content(" " * _GAP).join(cells), width, style)

    def _message(self, y: int, width: int) -> Strip:
        """One line of what stands in the middle of a list without rows."""
        if self._error is None:
            text, style = empty_content(self._empty), self.visual_style
        else:
            sentence = f"× {self._error.text()}"
            text = plain(sentence) + Content("\n\n") + Content(_("F5 tries again."))
            style = self.get_visual_style("list--error")
        lines = text.wrap(max(1, width - 4))
        index = y - 1 - max(0, (self._height - len(lines)) // 2)
        line = lines[index] if 0 <= index < len(lines) else Content()
        return paint(self, line.center(width), width, style)

    def _status(self, width: int) -> Content:
        parts = [self._where()] if self.total is not None else []
        if self.marked:
            parts.append(_("{n} marked").format(n=len(self.marked)))
        return fit(Content("  " + "   ".join(parts)), width)

    def _where(self) -> str:
        total = _grouped(self.total or 0)
        if self.position is None:
            return total
        return _("{n} of {total}").format(n=_grouped(self.position), total=total).ljust(_POSITION - 4)


def _grouped(number: int) -> str:
    """Thousands apart by a gap that both languages read."""
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")
