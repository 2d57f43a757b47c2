"""The question before something that can't be taken back: the answer is never one stroke."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from core.i18n.translation import N_, _
from tui.text import plain
from tui.widgets.dialog import Dialog


class Confirm(Dialog[bool]):
    """``await app.push_screen_wait(Confirm(…))`` is True only if the reader said yes; Escape and Enter say no."""

    DEFAULT_CSS = "Confirm .dialog--body { padding: 0 0 1 0; } Confirm Static { height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "leave", show=False)]

    def __init__(self, title: str, text: str, *, yes: str = N_("Yes"), no: str = N_("No"), danger: bool = True) -> None:
        """``title`` and ``text`` are ready to be read; ``yes`` and ``no`` are msgids: say what happens (Delete)."""
        super().__init__(title)
        self._text, self._yes, self._no, self._danger = text, yes, no, danger

    def compose_body(self) -> ComposeResult:
        yield Static(plain(self._text))

    def buttons(self) -> Sequence[tuple[str, str, str]]:
        return (("no", self._no, "default"), ("yes", self._yes, "error" if self._danger else "primary"))

    def on_mount(self) -> None:
        self.query(Button).first().focus()

    def on_key(self, event: events.Key) -> None:
        """The first letter of Yes in the reader's language, or y."""
        if event.character and event.character.casefold() in {"y", _("Yes")[:1].casefold()}:
            event.stop()
            self.dismiss(True)

    def pressed(self, name: str) -> None:
        self.dismiss(name == "yes")

    def action_leave(self) -> None:
        self.dismiss(False)
