"""The card: a titled box of label and value pairs, and free lines below them."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from core.words import _
from tui.text import plain

Value = Content | str
"""Content is drawn as it is; a text is shown as text, whatever stands in it."""

_WIDEST_LABEL = 22


class Card(Widget):
    """Facts about one thing. Labels are msgids; values wrap under themselves."""

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
        labels = [_(label) for label, _value in self._facts]
        column = min(_WIDEST_LABEL, width // 2, max((Content(label).cell_length for label in labels), default=0))
        out: list[Content] = []
        for label, (_msgid, value) in zip(labels, self._facts, strict=True):
            head = plain(label).stylize("$text-muted").truncate(column, ellipsis=True, pad=True)
            for line in _content(value).wrap(max(1, width - column - 2)):
                out.append(head + "  " + line)
                head = Content(" " * column)
        if out and self._lines:
            out.append(Content())
        for free in self._lines:
            out.extend(_content(free).wrap(max(1, width)))
        return out

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.laid_out(width))

    def render(self) -> Content:
        return Content("\n").join(self.laid_out(self.content_size.width))


def _content(value: Value) -> Content:
    return plain(value) if isinstance(value, str) else value
