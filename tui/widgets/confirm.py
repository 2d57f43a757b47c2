"""Questions before something that can't be taken back: that answer is never one stroke."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from core.i18n.translation import N_, _
from tui.text import plain
from tui.widgets.dialog import Dialog


def is_yes(event: events.Key) -> bool:
    """The first letter of Yes in the reader's language, or y."""
    return bool(event.character) and str(event.character).casefold() in {"y", _("Yes")[:1].casefold()}


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
        if is_yes(event):
            event.stop()
            self.dismiss(True)

    def pressed(self, name: str) -> None:
        self.dismiss(name == "yes")

    def action_leave(self) -> None:
        self.dismiss(False)


class Unsent(StrEnum):
    """What becomes of something typed when its form is left."""

    WRITE_ON = "write"
    KEEP = "keep"
    THROW_AWAY = "throw"


class LeaveTyped(Dialog[Unsent]):
    """The question where what was typed has a draft: Escape and Enter go on writing, ``k`` keeps it for later, and only
    ``y`` throws it away."""

    DEFAULT_CSS = "LeaveTyped .dialog--body { padding: 0 0 1 0; } LeaveTyped Static { height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "leave", show=False),
        Binding("k", "keep", show=False),
    ]

    def __init__(self, *, with_secrets: bool) -> None:
        """``with_secrets``: something was typed that no draft may hold."""
        super().__init__(_("Leave without saving?"))
        self._with_secrets = with_secrets

    def compose_body(self) -> ComposeResult:
        sentences = [
            _("What you have typed is not sent yet. Kept for later (k), it is there when you open this again.")
        ]
        if self._with_secrets:
            sentences.append(_("Passwords and codes are not kept."))
        yield Static(plain(" ".join(sentences)))

    def buttons(self) -> Sequence[tuple[str, str, str]]:
        return (
            (Unsent.WRITE_ON, N_("Keep writing"), "default"),
            (Unsent.KEEP, N_("Keep it for later"), "primary"),
            (Unsent.THROW_AWAY, N_("Throw it away"), "error"),
        )

    def on_mount(self) -> None:
        self.query(Button).first().focus()

    def on_key(self, event: events.Key) -> None:
        """As in :class:`Confirm`: what can't be taken back is a yes in the reader's language."""
        if is_yes(event):
            event.stop()
            self.dismiss(Unsent.THROW_AWAY)

    def pressed(self, name: str) -> None:
        self.dismiss(Unsent(name))

    def action_keep(self) -> None:
        self.dismiss(Unsent.KEEP)

    def action_leave(self) -> None:
        self.dismiss(Unsent.WRITE_ON)
