"""The search line of a list: what is typed narrows the list a moment after the last key."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from tui.widgets.fields.line import LineInput

PAUSE = 0.15
"""Seconds without a key before the list is asked: one query a word rather than one a letter."""


class SearchLine(LineInput):
    """``placeholder`` is ready to be read. Enter and Down go to the list, Escape leaves."""

    DEFAULT_CSS = "SearchLine { width: 1fr; margin: 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave(True)", show=False),
        Binding("down", "leave", show=False),
        Binding("enter", "leave(False,True)", show=False),
    ]

    class Searched(Message):
        """Search for ``text`` now."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The reader is done typing; ``by_escape`` if they turned away rather than went on to what was found,
        ``by_enter`` if what is lit may be meant already."""

        def __init__(self, by_escape: bool, by_enter: bool = False) -> None:
            super().__init__()
            self.by_escape, self.by_enter = by_escape, by_enter

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, max_length=120)
        self._pause: Timer | None = None
        self._last_text = ""

    def clear(self) -> None:
        """Forget what was typed, without searching."""
        self._last_text = ""
        with self.prevent(Input.Changed):
            self.value = ""

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._tell)

    def _tell(self) -> None:
        if self.value != self._last_text:
            self._last_text = self.value
            self.post_message(self.Searched(self.value))

    def action_leave(self, by_escape: bool = False, by_enter: bool = False) -> None:
        """Search for what stands there, then leave."""
        if self._pause is not None:
            self._pause.stop()
        self._tell()
        self.post_message(self.Left(by_escape, by_enter))
