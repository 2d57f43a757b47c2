"""``?``: the keys of this screen, from the commands themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.i18n.translation import N_, _
from tui.commands import Working
from tui.widgets.fitting import fit
from tui.widgets.frame import Room

_ALWAYS = (
    ("↑ ↓ j k", N_("Move")),
    ("home G", N_("First and last")),
    ("enter", N_("Open")),
    ("esc", N_("Back")),
    ("tab", N_("Next field or part")),
)


class KeysHelp(ModalScreen[None]):
    """A sheet of keys; it scrolls, and Escape or ``?`` leaves."""

    DEFAULT_CSS = """
    KeysHelp { align: center middle; background: $background 70%; }
    KeysHelp > Vertical {
        width: 76; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        border: round $border; border-title-color: $text-accent; border-title-style: bold;
        border-subtitle-color: $text-muted; background: $surface;
    }
    KeysHelp VerticalScroll { height: auto; max-height: 100%; background: $surface; }
    KeysHelp Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "leave", show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def __init__(self, working: Sequence[Working], rooms: Sequence[Room] = ()) -> None:
        super().__init__()
        self._working, self._rooms = tuple(each for each in working if each.enabled), tuple(rooms)

    def compose(self) -> ComposeResult:
        box = Vertical()
        box.border_title = Content(_("Keys that work here"))
        box.border_subtitle = Content(_("esc leaves"))
        with box, VerticalScroll():
            yield Static(self._sheet())

    def _sheet(self) -> Content:
        rows = [(each.command.scope, _row_of(each)) for each in self._working]
        lines = [row for scope, row in rows if scope != "shell"]
        lines += [Content()] if lines else []
        lines += [Content(_("Everywhere")).stylize("bold $text-primary")]
        lines += [row for scope, row in rows if scope == "shell"]
        lines += [_row(keys, _(label), "") for keys, label in _ALWAYS]
        if self._rooms:
            lines += [Content(), Content(_("Rooms")).stylize("bold $text-primary")]
            lines += [_row(f"g {room.key}", _(room.label), "") for room in self._rooms]
        return Content("\n").join(lines)

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        self.dismiss(None)


def _row_of(working: Working) -> Content:
    return _row(working.shown_keys, _(working.command.label), _(working.command.help))


def _row(keys: str, label: str, meaning: str) -> Content:
    line = fit(Content(keys), 12).stylize("bold $accent") + Content(label)
    return line + Content(f"  {meaning}").stylize("$text-muted") if meaning else line
