"""The desk's name drawn large: two dots a cell, or where there is room four times as large; plain when too wide."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui.text import plain
from tui.widgets.logo_font import LETTERS, MARKED

_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_ROOMY = (100, 36)
"""From this size of the whole screen on, a dot is two cells wide and one high."""


class Logo(Widget):
    """``name`` in large letters, in the theme's first colour, centred in the room it gets."""

    DEFAULT_CSS = "Logo { width: 1fr; height: auto; color: $text-primary; content-align: center top; }"

    def __init__(self, name: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.desk_name = name

    def show(self, name: str) -> None:
        """Draw another name."""
        self.desk_name = name
        self.refresh(layout=True)

    def laid_out(self, width: int) -> list[str] | None:
        """Its lines at ``width`` cells, or None when the letters do not fit or are not known."""
        dots = dotted(self.desk_name)
        if dots is None or len(dots[0]) > width:
            return None
        size = self.app.size
        if 2 * len(dots[0]) <= width and size.width >= _ROOMY[0] and size.height >= _ROOMY[1]:
            return ["".join("██" if dot else "  " for dot in row) for row in dots]
        return halved(dots)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        lines = self.laid_out(width)
        return 1 if lines is None else len(lines)

    def on_resize(self, event: events.Resize) -> None:
        self.refresh()

    def render(self) -> Content:
        width = self.content_size.width
        lines = self.laid_out(width)
        if lines is None:
            return plain(self.desk_name).stylize("bold").truncate(width, ellipsis=True)
        return Content("\n").join([Content(line) for line in lines])


def dotted(name: str) -> list[list[bool]] | None:
    """The dots of ``name``, row by row; rows of marks only where some letter has one. None: a letter is unknown."""
    text = name.upper().strip()
    if not text or any(letter not in LETTERS and letter not in MARKED for letter in text):
        return None
    rows: list[list[bool]] = [[] for _row in range(8)]
    for letter in text:
        for row, dots in zip(rows, _letter(letter), strict=True):
            row.extend([*dots, False])
    marks = [MARKED[letter][1] for letter in text if letter in MARKED]
    first = 0 if any(mark != "tail" for mark in marks) else 2
    last = 8 if "tail" in marks else 7
    return [row[:-1] for row in rows[first:last]]


def halved(dots: list[list[bool]]) -> list[str]:
    """Two rows of dots in each line of half blocks."""
    even = dots if len(dots) % 2 == 0 else [*dots, [False] * len(dots[0])]
    return [
        "".join(_HALVES[pair] for pair in zip(*two, strict=True)) for two in zip(even[::2], even[1::2], strict=True)
    ]


def _letter(letter: str) -> list[list[bool]]:
    """Eight rows: two for a mark above, five of the letter, one for a mark below."""
    base, mark = MARKED.get(letter, (letter, ""))
    body = [[dot == "#" for dot in row] for row in LETTERS[base].split("/")]
    width = len(body[0])
    middle, right = width // 2, width - 1
    above, below = [False] * width, [False] * width
    if mark == "acute":
        above[middle] = True
    elif mark == "dot":
        above[middle - 1] = True
    elif mark == "tail":
        below[right] = True
    return [above, [False] * width, *body, below]
