"""What every kind of field does alike: it has a raw value, says when it was edited and when it refused something."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget

from core.field import Raw


class Edited(Message):
    """The raw value of ``answer`` was changed by the reader's hand."""

    def __init__(self, answer: Widget) -> None:
        super().__init__()
        self.answer = answer


class Refused(Message):
    """Something typed or pasted into ``answer`` was not taken; ``text`` says why, ready to be read."""

    def __init__(self, answer: Widget, text: str) -> None:
        super().__init__()
        self.answer, self.text = answer, text


class Answer(Widget):
    """The typing of a field's input: what :class:`tui.widgets.form.Form` asks of it. Line inputs and text areas
    are not subclasses, since Textual's own do their editing; they have the same ``raw``."""

    raw: Raw


FIELD_CSS = "background: $surface; border-left: outer $border-blurred; padding: 0 1; color: $foreground;"
FOCUS_CSS = "background: $panel; border-left: outer $border;"
"""The look of everything that can be filled in: a bar at the left, lit where one is."""
