"""Drawing by the line: how our own widgets turn Content into strips with the theme's colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip

from tui.text import fitted

if TYPE_CHECKING:
    from textual.style import Style
    from textual.widget import Widget


def paint(widget: Widget, content: Content, width: int, style: Style) -> Strip:
    """One line of exactly ``width`` cells; ``$variables`` in the content's styles are the theme's."""
    parse = widget.app.stylesheet.parse_style
    segments = [Segment(text, each.rich_style) for text, each in content.render(style, "", parse_style=parse)]
    return Strip(segments).adjust_cell_length(width, style.rich_style).simplify()


def one_line(content: Content) -> Content:
    """The same content with line breaks and tabs as spaces, so that it stays in its row."""
    if content.plain.isprintable():
        return content
    flat = "".join(char if char not in "\n\r\t\v\f\x85\u2028\u2029" else " " for char in content.plain)
    return Content(flat, list(content.spans))


def fit(content: Content, width: int, align: str = "left") -> Content:
    """``content`` in exactly ``width`` cells: padded, or cut with a ``…``."""
    flat = one_line(content)
    if align == "right" and flat.cell_length < width:
        return flat.pad_left(width - flat.cell_length)
    return flat.truncate(width, ellipsis=True, pad=True)


def spread(left: Content, right: Content, width: int) -> Content:
    """``left`` and ``right`` at the two ends of one line; the left gives way and says so with a ``…``."""
    gap = Content(" ") if right else Content()
    room = max(0, width - right.cell_length - gap.cell_length)
    return fit(left, room) + (gap + right).truncate(width, ellipsis=True)


def short(text: str, width: int) -> Content:
    """``text`` on one line of at most ``width`` cells, without :func:`tui.text.cell`'s padding."""
    return Content(fitted(text, width).rstrip())
