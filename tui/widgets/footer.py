"""The footer: the keys that work here, as many as fit; what does not fit is in ``?``, and the footer says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from core.i18n.translation import _
from tui.commands import Working
from tui.widgets.fitting import paint, spread
from tui.widgets.frame import Room

_GAP = 2


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    end: int
    working: Working


class KeyLine(Widget):
    """Shows commands; while ``g`` waits for its letter it shows the rooms and takes the next key."""

    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; width: 1fr; }
    KeyLine { background: $footer-background; color: $footer-description-foreground; }
    """

    class Pressed(Message):
        """A click on a command."""

        def __init__(self, working: Working) -> None:
            super().__init__()
            self.working = working

    class Went(Message):
        """The key after ``g``; empty when the reader thought better of it."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__()
        self._items: tuple[Working, ...] = ()
        self._more: Working | None = None
        self._places: list[_Place] = []
        self._rooms: tuple[Room, ...] = ()
        self.going = False

    def show(self, items: Sequence[Working], more: Working | None) -> None:
        """Show ``items``, and ``more`` (the help) at the right whatever happens."""
        self._items, self._more = tuple(items), more
        self.refresh()

    def wait_for_room(self, rooms: Sequence[Room]) -> None:
        """Take the next key: the letter of one of ``rooms``, ``g`` for the top."""
        self._rooms = tuple(rooms)
        self.going = True
        self.can_focus = True
        self.focus(scroll_visible=False)
        self.refresh()

    def _stop_waiting(self, key: str) -> None:
        if self.going:
            self.going = False
            self.can_focus = False
            self.post_message(self.Went(key))
            self.refresh()

    def on_key(self, event: events.Key) -> None:
        if self.going:
            event.stop()
            event.prevent_default()
            self._stop_waiting(event.character or "")

    def on_blur(self) -> None:
        self._stop_waiting("")

    def on_click(self, event: events.Click) -> None:
        for place in self._places:
            if place.start <= event.x < place.end:
                self.post_message(self.Pressed(place.working))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        return paint(self, self._going(width) if self.going else self._keys(width), width, self.visual_style)

    def _going(self, width: int) -> Content:
        parts = [_item(room.key, _(room.label)) for room in self._rooms]
        line = Content(" g … ").stylize("bold $text-accent") + Content(" " * _GAP).join(parts)
        return spread(line, _item(" g", _("top")) + "  " + _item("esc", _("stay")) + " ", width)

    def _keys(self, width: int) -> Content:
        more = Content() if self._more is None else _item(self._more.first_key, _("more"))
        room = width - more.cell_length - 2
        self._places = []
        line = Content(" ")
        cut = False
        for working in self._items:
            item = _item(working.first_key, _(working.command.label))
            if line.cell_length + item.cell_length > room - 2:
                cut = True
                break
            self._places.append(_Place(line.cell_length, line.cell_length + item.cell_length, working))
            line = line + item + Content(" " * _GAP)
        if cut:
            line = line + Content("…").stylize("$text-muted")
        if self._more is not None:
            self._places.append(_Place(width - more.cell_length - 1, width, self._more))
        return spread(line, more + " ", width)


def _item(key: str, label: str) -> Content:
    return Content(key).stylize("bold $footer-key-foreground") + Content(f" {label}")
