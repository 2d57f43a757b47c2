"""What charts share: cells with colours, numbers beside the axis, and names under it where there is room for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from textual.content import Content

AXIS, GRID = "$text-muted", "$border-blurred"
GRID_SIGN = "┈"
Cell = tuple[str, str]
"""A sign one cell wide, and its style; empty for none."""


def joined(cells: Iterable[Cell]) -> Content:
    """Cells as Content, those of one style together."""
    runs = (("".join(sign for sign, _style in run), style) for style, run in groupby(cells, key=lambda cell: cell[1]))
    return Content().join(Content(text).stylize(style) if style else Content(text) for text, style in runs)


def beside_axis(rows: Iterable[Iterable[Cell]], numbers: Mapping[int, str], gutter: int) -> Iterator[Content]:
    """The rows of a picture from the top, each behind the axis with its number, if it has one. The numbers and the axis
    take ``gutter`` cells."""
    for row, cells in enumerate(rows):
        edge = f"{numbers.get(row, ''):>{gutter - 2}} {'┤' if row in numbers else '│'}"
        yield Content(edge).stylize(AXIS) + joined(cells)


def corner(gutter: int) -> Content:
    """Where the axis turns, below the numbers."""
    return Content(" " * (gutter - 1) + "└").stylize(AXIS)


def span(name: str, middle: int, width: int) -> tuple[int, int]:
    """Where ``name`` begins and ends when it stands around ``middle``, within ``width`` cells."""
    begin = max(0, min(middle - len(name) // 2, width - len(name)))
    return begin, begin + len(name)


def put_where_free(line: list[str], name: str, middle: int) -> None:
    """Write ``name`` around ``middle`` into a line of cells, unless it would touch one that stands there."""
    begin, end = span(name, middle, len(line))
    if all(sign == " " for sign in line[max(0, begin - 1) : end + 1]):
        line[begin:end] = name
