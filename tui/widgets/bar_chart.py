"""Bars: two amounts side by side for each day or month, over an axis, with a cursor that goes from one to the next.

Beside :mod:`tui.widgets.line_chart`, whose lines go through a day: here every stretch has a sum of its own, and a
stretch that nobody measured is a gap. The two amounts are told apart by their glyphs and by colour besides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from core.i18n.translation import _, language
from tui.widgets.fitting import fit, paint
from tui.widgets.plot import AXIS, GRID, GRID_SIGN, Cell, beside_axis, corner, put_where_free, span

FIRST, SECOND = "█", "▒"
"""What the two amounts are drawn with, where they fill a cell."""
_EIGHTHS = " ▁▂▃▄▅▆▇"
"""Their tops, an eighth of a cell at a time: there are no shaded ones, but the second always stands at the right."""
_GAP, _MARK = "·", "▲"
_NOTHING = 1e-9
"""What is less is far below anything that is counted, and soon below what can be divided by."""
_FIRST_COLOUR, _SECOND_COLOUR, _HERE = "$text-primary", "$text-accent", "$text-warning"
_SECOND_TOP = f"{_SECOND_COLOUR} 55%"
"""As bright as the shaded cells below it, where there are colours to mix."""
_LEAST_ROWS = 3
_WIDEST = 9
"""Cells of the widest group of bars: on a large screen twelve months would become walls."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch: what stands under it, and its two amounts; None where nothing was measured."""

    label: str
    first: float | None
    second: float | None


@dataclass(frozen=True, slots=True)
class Bars:
    """Everything that is drawn, from left to right. ``first`` and ``second`` (msgids) and ``unit`` stand above."""

    bars: tuple[Bar, ...] = ()
    first: str = ""
    second: str = ""
    unit: str = ""

    @property
    def most(self) -> float:
        """The largest amount."""
        return max((value for bar in self.bars for value in (bar.first, bar.second) if value is not None), default=0.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where things stand: ``gutter`` cells of numbers, then a ``group`` of cells for each bar, over ``rows`` rows up to
    the amount ``top``, with a number at each ``step``."""

    gutter: int
    group: int
    rows: int
    top: float
    step: float

    @property
    def widths(self) -> tuple[int, int]:
        """Cells of the first and of the second amount within a group; the rest is free."""
        room = max(2, self.group - (self.group > 2))
        return room - room // 2, room // 2


class BarChart(Widget, can_focus=True):
    """Fills the room it gets. The arrows go from one bar to the next."""

    DEFAULT_CSS = "BarChart { width: 1fr; height: 1fr; min-height: 6; color: $foreground; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", show=False),
        Binding("right", "step(1)", show=False),
        Binding("home", "step(-1000)", show=False),
        Binding("end", "step(1000)", show=False),
    ]

    class Moved(Message):
        """The cursor came to another bar."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._bars, self._at = Bars(), 0
        self._lines: list[Content] = []

    def show(self, bars: Bars, at: int) -> None:
        """Draw ``bars`` with the cursor at the ``at``-th of them."""
        moved, self._at = bars == self._bars, at
        self._bars = bars
        self._draw()
        height = self.content_size.height
        if moved and height:  # the mark moves in two lines at the foot: nothing else is sent over a slow line
            self.refresh(Region(0, height - 2, self.content_size.width, 2))
        else:
            self.refresh()

    def action_step(self, by: int) -> None:
        """So many bars on, no further than the last."""
        at = max(0, min(self._at + by, len(self._bars.bars) - 1))
        if at != self._at:
            self.show(self._bars, at)
            self.post_message(self.Moved(at))

    def on_resize(self, event: events.Resize) -> None:
        self._draw()
        self.refresh()

    def _draw(self) -> None:
        self._lines = drawn(self._bars, self.content_size.width, self.content_size.height, self._at)

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else Content()
        return paint(self, line, self.size.width, self.visual_style)


def drawn(bars: Bars, width: int, height: int, at: int = -1) -> list[Content]:
    """The lines at ``width`` cells and ``height`` rows; the ``at``-th bar is marked on the axis, and its name is said.
    With fewer rows than a picture takes there is nothing but the legend."""
    legend = [fit(_legend(bars), width)]
    plan = planned(bars, width, height - len(legend) - 2)
    if plan is None:
        return legend
    numbers = {_row(plan, value): _number(value) for value in _stops(plan)}
    rows = (_line(bars, plan, row, over_grid=row in numbers) for row in range(plan.rows))
    return [*legend, *beside_axis(rows, numbers, plan.gutter), _axis(bars, plan, at), _names(bars, plan, at, width)]


def planned(bars: Bars, width: int, rows: int) -> Plan | None:
    """How ``bars`` fit into ``rows`` rows of ``width`` cells; None when they don't."""
    if rows < _LEAST_ROWS or not bars.bars:
        return None
    top, step = scale(bars.most, rows)
    stops = [step * number for number in range(round(top / step) + 1)]
    gutter = max(len(_number(value)) for value in stops) + 2
    group = min(_WIDEST, (width - gutter) // len(bars.bars))
    return Plan(gutter, group, rows, top, step) if group >= 2 else None


def scale(most: float, rows: int) -> tuple[float, float]:
    """The top of the axis and the step between its numbers: one that people count by (1, 2 or 5 and zeros), with a row
    between two numbers at least."""
    if most < _NOTHING:
        return 1.0, 1.0
    fits = max(1, rows // 3)
    power = 10.0 ** (math.floor(math.log10(most)) - 2)
    steps = (base * power * 10**zeros for zeros in range(5) for base in (1, 2, 5))
    step = next(each for each in steps if math.ceil(most / each - 1e-9) <= fits)
    return step * math.ceil(most / step - 1e-9), step


def _legend(bars: Bars) -> Content:
    first = Content(f"{FIRST} {_(bars.first)}").stylize(_FIRST_COLOUR)
    second = Content(f"{SECOND} {_(bars.second)}").stylize(_SECOND_COLOUR)
    return Content("   ").join([first, second, Content(bars.unit).stylize(AXIS)])


def _stops(plan: Plan) -> list[float]:
    return [plan.step * number for number in range(1, round(plan.top / plan.step) + 1)]


def _row(plan: Plan, value: float) -> int:
    """The row, from the top, that a bar of ``value`` ends in."""
    return max(0, min(plan.rows - 1, plan.rows - math.ceil(value / plan.top * plan.rows - 1e-9)))


def _number(value: float) -> str:
    text = f"{value:.6g}"
    return text.replace(".", ",") if language() == "pl" else text


def _line(bars: Bars, plan: Plan, row: int, *, over_grid: bool) -> Iterator[Cell]:
    """All bars in one row; where it has a number, its free cells are a line of the grid."""
    for bar in bars.bars:
        for cell in _cells(bar, plan, row):
            yield (GRID_SIGN, GRID) if over_grid and cell[0] == " " else cell


def _cells(bar: Bar, plan: Plan, row: int) -> Iterator[Cell]:
    """One group of bars in one row, cell by cell."""
    first, second = plan.widths
    if bar.first is None and bar.second is None:
        gap = (_GAP if row == plan.rows - 1 else " ").center(first + second)
        yield from ((sign, AXIS) for sign in gap)
    else:
        yield from [(_part(bar.first, plan, row, FIRST), _FIRST_COLOUR)] * first
        top = _part(bar.second, plan, row, SECOND)
        yield from [(top, _SECOND_COLOUR if top == SECOND else _SECOND_TOP)] * second
    yield from [(" ", "")] * (plan.group - first - second)


def _part(value: float | None, plan: Plan, row: int, full: str) -> str:
    """The glyph of ``value`` in ``row``: full, empty, or as many eighths as reach into it. What is more than nothing
    is seen at the foot, however little it is."""
    glyphs = _EIGHTHS + full
    level = round((value or 0) / plan.top * plan.rows * 8)
    level = max(level, 1) if value else level
    return glyphs[max(0, min(8, level - (plan.rows - 1 - row) * 8))]


def _axis(bars: Bars, plan: Plan, at: int) -> Content:
    first, second = plan.widths
    parts = [corner(plan.gutter)]
    for number, _bar in enumerate(bars.bars):
        if number == at:
            mark = _MARK * (first + second) + "─" * (plan.group - first - second)
            parts.append(Content(mark).stylize(f"bold {_HERE}"))
        else:
            parts.append(Content("─" * plan.group).stylize(AXIS))
    return Content().join(parts)


def _names(bars: Bars, plan: Plan, at: int, width: int) -> Content:
    """What the bars are called: as many names as there is room for, counted from the last; the marked one always."""
    widest = max(len(bar.label) for bar in bars.bars)
    every = max(1, math.ceil((widest + 1) / plan.group))
    places = [number for number in range(len(bars.bars)) if (len(bars.bars) - 1 - number) % every == 0]
    room = [" "] * max(width, plan.gutter + plan.group * len(bars.bars))
    taken: tuple[int, int] | None = None
    if 0 <= at < len(bars.bars):
        begin, end = taken = span(bars.bars[at].label, _middle(plan, at), len(room))
        room[begin:end] = bars.bars[at].label
    for number in places:
        put_where_free(room, bars.bars[number].label, _middle(plan, number))
    text = "".join(room)
    if taken is None:
        return Content(text.rstrip()).stylize(AXIS)
    begin, end = taken
    parts = (Content(text[:begin]).stylize(AXIS), Content(text[begin:end]).stylize(f"bold {_HERE}"))
    return Content().join([*parts, Content(text[end:].rstrip()).stylize(AXIS)])


def _middle(plan: Plan, number: int) -> int:
    """The cell below the middle of a group of bars."""
    return plan.gutter + number * plan.group + sum(plan.widths) // 2
