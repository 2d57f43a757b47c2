"""The chart: a few lines over a day, drawn with braille dots, with bars of one more value under them.

Our own, because nothing at hand has axes: Textual's Sparkline is one row of bars, Rich has none, and plotext (with
textual-plotext) would be two dependencies that draw markup and escape sequences of their own for what fits here in two
hundred lines. Lines are told apart by a glyph that stands on each of them, and by colour besides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.widget import Widget

from core.i18n.translation import _
from tui.widgets.plot import AXIS, GRID, GRID_SIGN, Cell, beside_axis, corner, joined, put_where_free

Point = tuple[float, float]
"""A place from 0 to 1 along the axis, and a value."""


@dataclass(frozen=True, slots=True)
class Line:
    """One value: a msgid, a glyph one cell wide, a theme variable, and its points from left to right."""

    label: str
    glyph: str
    colour: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """A value told in a row of bars under the lines, from nothing to ``most``."""

    label: str
    colour: str
    points: tuple[Point, ...]
    most: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis with what stands under it."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn. ``marks`` are stretches of the axis where something was wrong."""

    lines: tuple[Line, ...] = ()
    ticks: tuple[Tick, ...] = ()
    unit: str = ""
    bars: Bars | None = None
    marks: tuple[tuple[float, float], ...] = ()


_WRONG = "$text-error"
_LEVELS = " ▁▂▃▄▅▆▇█"
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bits of a braille cell, by column and row."""
_BETWEEN_GLYPHS = 16
"""Cells between two glyphs of a line."""


class Chart(Widget):
    """Fills the room it gets; with fewer than five rows it draws nothing but its legend."""

    DEFAULT_CSS = "Chart { width: 1fr; height: 1fr; min-height: 6; color: $foreground; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._picture = Picture()

    def show(self, picture: Picture) -> None:
        """Draw ``picture``; the same one again costs nothing."""
        if picture != self._picture:
            self._picture = picture
            self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self.refresh()

    def render(self) -> Content:
        return Content("\n").join(drawn(self._picture, self.content_size.width, self.content_size.height))


def drawn(picture: Picture, width: int, height: int) -> list[Content]:
    """The chart's lines at ``width`` cells and ``height`` rows."""
    legend = _legend(picture, width)
    below = 2 + (picture.bars is not None)
    rows = height - len(legend) - below
    values = [value for line in picture.lines for _place, value in line.points]
    if rows < 2 or not values:
        return legend
    low, high, step = scale(min(values), max(values), rows)
    gutter = max(len(_number(value)) for value in _stops(low, high, step) or (low,)) + 2
    plot = _Plot(max(1, width - gutter), rows, low, high)
    plot.grid(step)
    for number, line in enumerate(picture.lines):
        plot.draw(line, number)
    labels = {plot.row(value): _number(value) for value in _stops(low, high, step)}
    bars = [_bars(picture.bars, plot.width)] if picture.bars is not None else []
    rows_drawn = beside_axis([*plot.cells, *bars], labels, gutter)
    return [*legend, *rows_drawn, *_axis(picture, gutter, plot.width)]


def _legend(picture: Picture, width: int) -> list[Content]:
    """Which glyph is which line; over two lines where one is too narrow."""
    entries = [Content(f"{line.glyph} {_(line.label)}").stylize(line.colour) for line in picture.lines]
    if picture.bars is not None:
        entries.append(Content(f"▅ {_(picture.bars.label)}").stylize(picture.bars.colour))
    if picture.unit and entries:
        entries.append(Content(picture.unit).stylize(AXIS))
    lines: list[Content] = []
    for entry in entries:
        if lines and lines[-1].cell_length + entry.cell_length + 2 <= width:
            lines[-1] = lines[-1] + "  " + entry
        else:
            lines.append(entry)
    return lines


def scale(least: float, most: float, rows: int) -> tuple[float, float, float]:
    """The axis for values from ``least`` to ``most``: where it begins and ends, and the step between its numbers, one
    that people count by and with a row between two numbers at least."""
    low, high = math.floor(least - 0.5), math.ceil(most + 0.5)
    fits = max(1, (rows - 1) // 2)
    step = next((each for each in (1, 2, 5, 10, 20, 50, 100, 200, 500) if (high - low) / each <= fits), high - low)
    return low, high, step


def _stops(low: float, high: float, step: float) -> list[float]:
    """The numbers beside the axis, lowest first."""
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step) + 1)]


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


class _Plot:
    """Cells of two by four dots."""

    def __init__(self, width: int, rows: int, low: float, high: float) -> None:
        self.width, self.rows, self._low, self._high = width, rows, low, high
        self.cells: list[list[Cell]] = [[(" ", "")] * width for _row in range(rows)]
        self._bits: dict[tuple[int, int], int] = {}

    def _dot(self, value: float) -> int:
        """Rows of dots from the top."""
        share = (value - self._low) / (self._high - self._low)
        return round((1 - min(1.0, max(0.0, share))) * (self.rows * 4 - 1))

    def row(self, value: float) -> int:
        """The row of cells that ``value`` lies in."""
        return self._dot(value) // 4

    def grid(self, step: float) -> None:
        for value in _stops(self._low, self._high, step):
            self.cells[self.row(value)] = [(GRID_SIGN, GRID)] * self.width

    def draw(self, line: Line, number: int) -> None:
        """The dots of a line, and its glyph on it here and there; each line has its glyphs at places of its own."""
        columns = _sampled(line.points, self.width * 2)
        before: int | None = None
        for column, value in columns.items():
            dot = self._dot(value)
            first, last = sorted((dot, before)) if before is not None else (dot, dot)
            for each in range(first, last + 1):
                self._set(column, each, line.colour)
            before = dot
        cells = sorted({column // 2 for column in columns})
        for place in _places(cells, number):
            self.cells[self.row(columns.get(place * 2, columns.get(place * 2 + 1, 0.0)))][place] = (
                line.glyph,
                f"bold {line.colour}",
            )

    def _set(self, column: int, dot: int, colour: str) -> None:
        at = dot // 4, column // 2
        self._bits[at] = self._bits.get(at, 0) | _DOTS[column % 2][dot % 4]
        self.cells[at[0]][at[1]] = (chr(0x2800 + self._bits[at]), colour)


def _places(cells: Sequence[int], number: int) -> list[int]:
    """Where the glyphs of the ``number``-th line stand: every so many cells, and near its end."""
    if not cells:
        return []
    shift = 2 + number * 4
    places = [cell for cell in cells if cell % _BETWEEN_GLYPHS == shift % _BETWEEN_GLYPHS]
    return places or [cells[min(len(cells) - 1, number * 2)]]


def _sampled(points: Sequence[Point], columns: int) -> dict[int, float]:
    """The value at each column of dots that the points reach, straight between two of them."""
    values: dict[int, float] = {}
    for (left, first), (right, last) in zip(points, points[1:] or points, strict=False):
        begin, end = round(left * (columns - 1)), round(right * (columns - 1))
        for column in range(begin, end + 1):
            share = (column - begin) / (end - begin) if end > begin else 0.0
            values[column] = first + (last - first) * share
    return values


def _bars(bars: Bars, width: int) -> list[Cell]:
    """The highest value of each cell's stretch."""
    highest: dict[int, float] = {}
    for place, value in bars.points:
        cell = min(int(place * width), width - 1)
        highest[cell] = max(highest.get(cell, 0.0), value)
    sampled = {column: value for column, value in _sampled(bars.points, width).items() if column not in highest}
    highest |= sampled
    return [(_level(highest.get(cell, 0.0), bars.most), bars.colour) for cell in range(width)]


def _level(value: float, most: float) -> str:
    if value <= 0:
        return " "
    return _LEVELS[max(1, min(8, round(8 * value / most)))]


def _axis(picture: Picture, gutter: int, width: int) -> list[Content]:
    """The axis with its marks, and under it what its places are called."""
    line: list[Cell] = [("─", AXIS)] * width
    names = [" "] * (gutter + width)
    for tick in picture.ticks:
        cell = min(width - 1, round(tick.place * (width - 1)))
        line[cell] = ("┴", AXIS)
        put_where_free(names, tick.label, gutter + cell)
    for first, last in picture.marks:
        for cell in range(int(first * (width - 1)), int(last * (width - 1)) + 1):
            line[cell] = ("×", _WRONG)
    return [corner(gutter) + joined(line), Content("".join(names).rstrip()).stylize(AXIS)]
