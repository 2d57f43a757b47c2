"""A full screen that says one thing, where nothing else can be shown: the desk would not open."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from core.i18n.translation import N_, _
from tui.text import mixed, plain


class NoticeScreen(Screen[None]):
    """``title`` and ``text`` in the middle; ``r`` calls ``retry`` and leaves, ``q`` ends Okienko."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,enter", "retry", N_("Try again")),
        Binding("q", "app.quit", N_("Quit")),
    ]

    def __init__(self, title: str, text: str, *, retry: Callable[[], None]) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._retry = retry

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="notice"):
            yield Static(plain(self._title), id="notice-title")
            yield Static(plain(self._text), id="notice-text")
            yield Static(
                mixed("[b]r[/b] $again   [b]q[/b] $leave", again=_("try again"), leave=_("quit")), id="notice-keys"
            )

    def action_retry(self) -> None:
        """Try again; if it fails again the notice comes back."""
        self.dismiss()
        self._retry()
