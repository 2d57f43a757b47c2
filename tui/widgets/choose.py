"""Pick one of many: type to narrow, Enter takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from core.i18n.translation import _
from tui.text import plain
from tui.widgets.fields.line import LineInput
from tui.widgets.menu import Menu, Option

Value = TypeVar("Value")


class Choose(ModalScreen["Value | None"], Generic[Value]):
    """Gives the value of what was picked, or None. ``title`` is ready to be read."""

    DEFAULT_CSS = """
    Choose { align: center top; background: $background 70%; }
    Choose > Vertical {
        width: 72; max-width: 100%; height: auto; max-height: 90%; margin: 1 0; padding: 0 1;
        border: round $border; border-title-color: $text-accent; border-title-style: bold;
        border-subtitle-color: $text-muted; background: $surface;
    }
    Choose LineInput { margin: 0 0 1 0; }
    Choose Menu { max-height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
    ]

    def __init__(self, title: str, options: Sequence[Option[Value]], *, at: Value | None = None) -> None:
        super().__init__()
        self._title, self._options, self._at = title, tuple(options), at

    def compose(self) -> ComposeResult:
        box = Vertical()
        box.border_title = plain(self._title)
        box.border_subtitle = Content(_("enter takes · esc leaves"))
        with box:
            yield LineInput(placeholder=_("Type to narrow"), max_length=100)
            yield Menu(self._options)

    def on_mount(self) -> None:
        self.menu.styles.height = max(1, len(self._options))
        if self._at is not None:
            self.call_after_refresh(self.menu.point_at, self._at)

    @property
    def menu(self) -> Menu[Value]:
        return self.query_one(Menu)

    def action_move(self, lines: int) -> None:
        self.menu.move(lines)

    def action_page(self, pages: int) -> None:
        self.menu.move(pages * self.menu.page)

    def action_leave(self) -> None:
        self.dismiss(None)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self.menu.narrow(event.value)

    @on(Input.Submitted)
    @on(Menu.Picked)
    def _take(self) -> None:
        option = self.menu.picked
        if option is not None:
            self.dismiss(option.value)
