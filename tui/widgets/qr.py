"""A QR code in half blocks: two modules in each cell, black on white whatever the theme is."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_BORDER = 2
"""Light modules around the code: cameras need them to find it (ISO/IEC 18004 asks for 4; 2 is read by phones and
leaves a code of 41 modules within 24 lines)."""


class QR(Static):
    """``data`` as a QR code. Some terminals and readers can't show it: put the text itself beside it."""

    DEFAULT_CSS = "QR { width: auto; height: auto; }"

    def __init__(self, data: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(qr_content(data), id=id, classes=classes)


def qr_content(data: str) -> Content:
    """The lines of the code. Costs the import of segno (about 10 ms) the first time."""
    import segno

    # Said, because a text whose only accent is ó would come out as Latin-1, which some readers take for something else.
    code = segno.make(data, micro=False, error="l", encoding=None if data.isascii() else "utf-8")
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=_BORDER)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    lines = [
        "".join(_BLOCKS[pair] for pair in zip(*two, strict=True)) for two in zip(rows[::2], rows[1::2], strict=True)
    ]
    return Content("\n").join([Content(line).stylize("#000000 on #ffffff") for line in lines])
