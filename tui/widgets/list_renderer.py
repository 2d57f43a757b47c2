"""How a list looks: header, rows, rows on their way, an empty list, the status line; all drawn by the line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from core.errors import DeskError
from core.i18n.translation import _
from tui.text import plain
from tui.widgets.empty import EmptyState, empty_content
from tui.widgets.fitting import fit, paint, short
from tui.widgets.page_buffer import Window

if TYPE_CHECKING:
    from textual.style import Style

_LEAD = 2
"""Cells before the first column: the cursor's bar and a space."""
_GAP = 2
POSITION = 24
"""Cells at the left of the status line in which the position stands. The compositor cuts what it sends at the right
of a changed region only, so at the right it would cost the whole line with each key."""
_NARROWEST = 8
"""What a column that takes the rest is left with at least, in cells."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``width`` in cells, None takes what is left; ``render`` gives a row's Content, or a text that is
    shown as text. It is left out while the list is narrower than ``from_width`` cells."""

    key: str
    label: str
    width: int | None
    render: Callable[[Any], Content | str]
    from_width: int = 0
    align: str = "left"


class ListFace(Widget):
    """Draws what :class:`tui.widgets.list.ListView` holds; knows nothing of pages and keys."""

    DEFAULT_CSS = """
    ListFace { width: 1fr; height: 1fr; background: $background; color: $foreground; }
    ListFace > .list--header { color: $text-muted; background: $panel; text-style: bold; }
    ListFace > .list--cursor {
        color: $block-cursor-blurred-foreground; background: $block-cursor-blurred-background;
    }
    ListFace:focus > .list--cursor {
        color: $block-cursor-foreground; background: $block-cursor-background; text-style: $block-cursor-text-style;
    }
    ListFace > .list--waiting { color: $text-disabled; }
    ListFace > .list--status { color: $text-muted; background: $background; }
    ListFace > .list--error { color: $text-error; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--header",
        "list--cursor",
        "list--waiting",
        "list--status",
        "list--error",
    }
    total: reactive[int | None] = reactive(None, repaint=False)
    """How many rows there are in all, when somebody counted: shown in the status line."""

    window: Window
    cursor: int
    top: int
    _columns: tuple[Column, ...]
    _empty: EmptyState
    _loaded: bool
    _error: DeskError | None
    _plan: tuple[int, list[tuple[Column, int]]]

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
    def _height(self) -> int:
        """How many lines there are for rows."""
        return max(1, self.size.height - 1 - self._has_status)

    @property
    def _has_status(self) -> bool:
        return self.total is not None

    def _columns_at(self, width: int) -> list[tuple[Column, int]]:
        """The columns that are shown at this width, each with its cells."""
        if self._plan[0] != width:
            columns = [column for column in self._columns if width >= column.from_width]
            room = width - _LEAD - _GAP * (len(columns) - 1) - 1
            rest = room - sum(column.width or 0 for column in columns)
            takers = sum(column.width is None for column in columns)
            each = max(_NARROWEST, rest // takers) if takers else 0
            self._plan = (width, [(column, each if column.width is None else column.width) for column in columns])
        return self._plan[1]

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
        return self._line(" " * _LEAD, cells, width, self.get_visual_style("list--header"))

    def _row(self, row: Any, here: bool, width: int) -> Strip:
        cells = []
        for column, room in self._columns_at(width):
            value = column.render(row)
            text = short(value, room) if isinstance(value, str) else value
            cells.append(fit(text.without_spans if here else text, room, column.align))
        return self._line(self.lead(row, here), cells, width, self._style_of(here))

    def lead(self, row: Any, here: bool) -> str:
        """The two cells before a row."""
        return "▌ " if here else "  "

    def _waiting(self, here: bool, width: int) -> Strip:
        cells = [fit(Content("·" * min(room, 6)), room, column.align) for column, room in self._columns_at(width)]
        style = self._style_of(here) if here else self.get_visual_style("list--waiting")
        return self._line(("▌" if here else " ").ljust(_LEAD), cells, width, style)

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
        return fit(Content("  " + "   ".join(parts)), width)

    def _where(self) -> str:
        total = _grouped(self.total or 0)
        if self.position is None:
            return total
        return _("{n} of {total}").format(n=_grouped(self.position), total=total).ljust(POSITION - 4)


def _grouped(number: int) -> str:
    """Thousands apart by a gap that both languages read."""
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")
