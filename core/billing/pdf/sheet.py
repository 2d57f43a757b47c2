"""The paper an invoice is drawn on: its font, its measures, and the few ways in which text and rules get onto it.

Imports fpdf2 (a quarter of a second), so only :mod:`core.billing.pdf.page` imports it. Units are millimetres, and
points for the sizes of letters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final, Self

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

from core import resources
from core.i18n.sanitize import clean

FAMILY: Final = "Source Sans 3"
REGULAR, BOLD = "", "B"
_FILES: Final = {REGULAR: "SourceSans3-Regular.ttf", BOLD: "SourceSans3-SemiBold.ttf"}

LEFT, RIGHT, TOP, BOTTOM = 16.0, 16.0, 16.0, 22.0
WIDTH: Final = 210.0 - LEFT - RIGHT
"""Between the margins of A4."""
LEAD: Final = 0.46
"""Millimetres from line to line for each point of a letter's size."""

SMALL, BODY, LARGE = 8.0, 9.5, 13.0
"""Sizes of letters."""
_SMALLEST: Final = 5.0
GAP: Final = 7.0
"""Between the parts of the page."""

Colour = tuple[int, int, int]
INK: Final[Colour] = (28, 34, 40)
MUTED: Final[Colour] = (98, 107, 117)
ACCENT: Final[Colour] = (14, 88, 104)
RULE: Final[Colour] = (208, 214, 220)
WASH: Final[Colour] = (241, 245, 247)

UNKNOWN: Final = "\N{WHITE SQUARE}"
"""Stands for a letter the font has not, so that a reader sees that something is missing."""
_TEXT_LIMIT: Final = 2000


class Sheet(FPDF):
    """A document of A4 pages. ``running`` draws the head of every page but the first."""

    def __init__(self, *, title: str, author: str, language: str, day: dt.date) -> None:
        super().__init__(format="A4")
        self.running: Callable[[], None] | None = None
        for style, name in _FILES.items():
            self.add_font(FAMILY, style, resources.folder("fonts") / name)
        for font in self.fonts.values():
            _without_layout(font)
        self.set_margins(LEFT, TOP, RIGHT)
        self.set_auto_page_break(False)
        self.c_margin = 0
        # fpdf2 would put the number of pages wherever {nb} is written, also where a customer's name is {nb}.
        self.str_alias_nb_pages = ""
        self.set_lang({"pl": "pl-PL"}.get(language, "en-GB"))
        self.set_title(safe(title))
        self.set_author(safe(author))
        # The day of issue and not of printing: the same invoice is the same bytes.
        self.set_creation_date(dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC))
        self.add_page()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        """Closes the files of the font, which fpdf2 reads from to the end and leaves open."""
        for font in self.fonts.values():
            font.ttfont.close()  # type: ignore[union-attr]

    @property
    def bottom(self) -> float:
        """Where the footer begins."""
        return float(self.h) - BOTTOM

    def room(self, height: float) -> bool:
        """Begins a page when ``height`` is not left on this one; whether it did."""
        if self.get_y() + height <= self.bottom:
            return False
        self.add_page()
        self.set_y(TOP)
        if self.running:
            self.running()
        return True

    def turn(self, page: int) -> None:
        """Goes back to a page. What fpdf2 believes to be chosen was chosen on the last one, so it is chosen anew."""
        self.page = page
        self.set_font(FAMILY, REGULAR, 1)
        self.set_draw_color(1, 2, 3)
        self.set_fill_color(1, 2, 3)
        self.set_line_width(0.01)

    def font(self, size: float, style: str = REGULAR, colour: Colour = INK) -> None:
        self.set_font(FAMILY, style, size)
        self.set_text_color(*colour)

    def put(self, x: float, y: float, text: str, *, width: float = 0.0, align: str = "L") -> None:
        """One line with its top at ``y``, in the font last chosen; smaller when it would be wider than ``width``, and
        cut with a sign when that would be too small to read."""
        printable, size = safe(text), float(self.font_size_pt)
        width = width or float(self.w) - RIGHT - x
        smaller = min(size, size * width / max(self.get_string_width(printable), 0.1))
        if smaller < _SMALLEST:
            printable = printable[: int(len(printable) * smaller / _SMALLEST * 0.9)] + "…"
            smaller = _SMALLEST
        with self._sized(smaller):
            self.set_xy(x, y + (size - smaller) * LEAD / 2)
            self.cell(width, smaller * LEAD, printable, align=align, new_x=XPos.LEFT, new_y=YPos.TOP)

    def wrapped(self, text: str, width: float) -> list[str]:
        """``text`` in lines that fit ``width`` in the font last chosen; a word longer than a line is broken."""
        printable = safe(text, multiline=True)
        if not printable:
            return []
        lines = self.multi_cell(width, 1, printable, dry_run=True, output=MethodReturnValue.LINES, align="L")
        return [str(line) for line in lines] if isinstance(lines, list) else [printable]

    def lines(self, x: float, y: float, texts: Sequence[str], *, width: float) -> float:
        """Lines below each other; the ordinate under the last one."""
        for text in texts:
            self.put(x, y, text, width=width)
            y += float(self.font_size_pt) * LEAD
        return y

    def label(self, x: float, y: float, text: str, *, width: float, align: str = "L") -> None:
        """A small word above or beside what it names."""
        self.font(SMALL, colour=MUTED)
        self.put(x, y, text, width=width, align=align)

    def clipped(self, text: str, width: float, most: int) -> list[str]:
        """:meth:`wrapped` in at most ``most`` lines; what is left out leaves its sign."""
        lines = self.wrapped(text, width)
        return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][:-1].rstrip() + "…"]

    def rule(
        self, y: float, *, x: float = LEFT, width: float = WIDTH, colour: Colour = RULE, thick: float = 0.2
    ) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(thick)
        self.line(x, y, x + width, y)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour = WASH) -> None:
        self.set_fill_color(*colour)
        self.rect(x, y, width, height, style="F")

    def code(self, x: float, y: float, size: float, rows: Sequence[Sequence[bool]]) -> None:
        """A QR code: each run of dark modules in a row is one black rectangle."""
        step = size / len(rows)
        self.set_fill_color(0, 0, 0)
        for down, row in enumerate(rows):
            for start, length in _runs(row):
                # A hair taller than a module, or viewers that smooth edges draw white lines between the rows.
                self.rect(x + start * step, y + down * step, length * step, step * 1.02, style="F")

    @contextmanager
    def _sized(self, size: float) -> Iterator[None]:
        before = float(self.font_size_pt)
        self.set_font_size(size)
        yield
        self.set_font_size(before)


def _without_layout(font: Any) -> None:
    """Drops the tables for scripts that join letters, which fpdf2 leaves out of the document anyway: unless they are
    gone, fontTools reads all of them each time, and a document takes half as long again."""
    for table in ("GDEF", "GPOS", "GSUB"):
        if table in font.ttfont:
            del font.ttfont[table]


def safe(text: str, *, multiline: bool = False) -> str:
    """``text`` without controls and turned-around writing, letters the font has not as :data:`UNKNOWN`; a text of a
    length nobody prints is cut, and says so."""
    cleaned = clean(text, multiline=multiline)
    if len(cleaned) > _TEXT_LIMIT:
        cleaned = cleaned[:_TEXT_LIMIT].rstrip() + "…"
    known = _letters()
    return "".join(letter if letter in known or letter == "\n" else UNKNOWN for letter in cleaned)


@lru_cache(maxsize=1)
def _letters() -> frozenset[str]:
    """What both weights of the font can draw."""
    alphabets = []
    for name in _FILES.values():
        with TTFont(resources.folder("fonts") / name, lazy=True) as font:
            alphabets.append({chr(code) for code in font.getBestCmap()})
    return frozenset(set.intersection(*alphabets))


def _runs(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start = None
    for at, dark in enumerate([*row, False]):
        if dark and start is None:
            start = at
        elif not dark and start is not None:
            yield start, at - start
            start = None
