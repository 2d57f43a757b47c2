"""What all dialogs share: a box in the middle, a body that scrolls, buttons that are always in sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button

from core.i18n.translation import _
from tui.screen_guard import Leavable
from tui.text import plain

Result = TypeVar("Result")


class Dialog(Leavable[Result], ModalScreen[Result], Generic[Result]):
    """A modal box titled ``title`` (ready to be read). A dialog says its buttons (name, label, variant) in
    :meth:`buttons` and its body in :meth:`compose_body`; Escape is :meth:`action_leave`."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 70%; }
    Dialog > .dialog--box {
        width: 64; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        border: round $border; border-title-color: $text-accent; border-title-style: bold;
        border-subtitle-color: $text-muted; background: $surface;
    }
    Dialog .dialog--body { height: auto; max-height: 100%; width: 1fr; background: $surface; }
    Dialog .dialog--buttons { dock: bottom; height: 1; width: 1fr; align: right bottom; background: $surface; }
    Dialog .dialog--buttons Button { margin: 0 0 0 2; min-width: 8; }
    Dialog.-roomy > .dialog--box { width: 96; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]
    AUTO_FOCUS = ""

    def __init__(self, title: str, *, roomy: bool = False, classes: str | None = None) -> None:
        """``roomy``: wide, for long texts."""
        super().__init__(classes=classes)
        self.set_class(roomy, "-roomy")
        self._title = title

    def compose(self) -> ComposeResult:
        box = Vertical(classes="dialog--box")
        box.border_title = plain(self._title)
        with box:
            with VerticalScroll(classes="dialog--body", can_focus=False):
                yield from self.compose_body()
            buttons = self.buttons()
            if buttons:
                with Horizontal(classes="dialog--buttons"):
                    for name, label, variant in buttons:
                        yield Button(Content(_(label)), variant, name=name, compact=True)  # type: ignore[arg-type]

    def compose_body(self) -> ComposeResult:
        """What stands above the buttons."""
        raise NotImplementedError

    def buttons(self) -> Sequence[tuple[str, str, str]]:
        """Name, msgid and Textual variant of each button, from left to right."""
        return ()

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        self.pressed(event.button.name or "")

    def pressed(self, name: str) -> None:
        """A button was pressed."""
        raise NotImplementedError

    def action_leave(self) -> None:
        """Escape: close without an answer."""
        self.dismiss(None)
