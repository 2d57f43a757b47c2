"""Something that is shown once: a code or a password, large enough to be read out over the phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from core.i18n.translation import N_
from tui.text import plain
from tui.widgets.dialog import Dialog


class Once(Dialog[None]):
    """``secret`` stands on a line of its own; closing the dialog forgets it."""

    DEFAULT_CSS = """
    Once Static { height: auto; }
    Once .once--secret { text-align: center; text-style: bold; color: $text-accent; padding: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "leave", show=False)]

    def __init__(self, title: str, secret: str, text: str) -> None:
        """All of it is ready to be read."""
        super().__init__(title)
        self._secret, self._text = secret, text

    def compose_body(self) -> ComposeResult:
        yield Static(plain(self._text))
        yield Static(plain(self._secret), classes="once--secret")

    def buttons(self) -> Sequence[tuple[str, str, str]]:
        return (("leave", N_("Done"), "primary"),)

    def on_mount(self) -> None:
        self.query(Button).first().focus()

    def pressed(self, name: str) -> None:
        self.action_leave()

    def action_leave(self) -> None:
        self.dismiss(None)
