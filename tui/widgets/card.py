"""The card: a titled box of label and value pairs, and free lines below them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from core.i18n.translation import _
from tui.text import plain

Value = Content | str
"""Content is drawn as it is; a text is shown as text, whatever stands in it."""

_GAP = 2
_LABELS = 22
"""Cells that labels get even where values have to wrap for it."""


class Card(Widget):
    """Facts about one thing. Labels are msgids; they and their values wrap under themselves."""

    DEFAULT_CSS = """
    Card {
        width: 1fr; height: auto; padding: 0 1; margin: 0 0 1 0;
        border: round $border-blurred; border-title-color: $text-primary; border-title-style: bold;
        color: $foreground; background: $background;
    }
    """

    def __init__(
        self,
        title: str,
        facts: Sequence[tuple[str, Value]] = (),
        lines: Sequence[Value] = (),
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._title = title
        self._facts: tuple[tuple[str, Value], ...] = tuple(facts)
        self._lines: tuple[Value, ...] = tuple(lines)

    def on_mount(self) -> None:
        self._name_it()

    def show(
        self, facts: Sequence[tuple[str, Value]], lines: Sequence[Value] = (), *, title: str | None = None
    ) -> None:
        """Show other facts in the same box."""
        self._facts, self._lines = tuple(facts), tuple(lines)
        self._title = self._title if title is None else title
        self._name_it()
        self.refresh(layout=True)

    def _name_it(self) -> None:
        self.border_title = plain(_(self._title))

    def on_resize(self, event: events.Resize) -> None:
        self.refresh()

    def laid_out(self, width: int) -> list[Content]:
        """Its lines at ``width`` cells."""
        facts = [(plain(_(label)).stylize("$text-muted"), _content(value)) for label, value in self._facts]
        column = _column(facts, width)
        out: list[Content] = []
        for label, value in facts:
            heads = label.wrap(max(1, column)) if column else []
            lines = value.wrap(max(1, width - column - _GAP))
            for head, line in zip_longest(heads, lines, fillvalue=Content()):
                out.append(head.rstrip().truncate(column, pad=True) + " " * _GAP + line)
        if out and self._lines:
            out.append(Content())
        for free in self._lines:
            out.extend(_content(free).wrap(max(1, width)))
        return out

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.laid_out(width))

    def render(self) -> Content:
        return Content("\n").join(self.laid_out(self.content_size.width))


def _column(facts: Sequence[tuple[Content, Content]], width: int) -> int:
    """Cells for the labels: as many as the longest needs where no value wraps for it, else a few, and never more than
    half of the card."""
    longest = max((label.cell_length for label, _value in facts), default=0)
    values = max((_widest(value) for _label, value in facts), default=0)
    return min(longest, width // 2, max(_LABELS, width // 3, width - _GAP - values))


def _widest(value: Content) -> int:
    return max((line.cell_length for line in value.split("\n")), default=0)


def _content(value: Value) -> Content:
    return plain(value) if isinstance(value, str) else value
