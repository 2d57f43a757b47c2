"""The sidebar: the rooms of one's role with their counts."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from core.words import _
from tui.widgets.drawing import paint, short, spread
from tui.widgets.rooms import Frame, Room


class Sidebar(Widget):
    """A room a line. It takes the focus only when asked to (:meth:`enter`), so Tab stays in the room."""

    DEFAULT_CSS = """
    Sidebar { width: 27; height: 1fr; padding: 1 0; background: $surface; color: $foreground; }
    Sidebar > .sidebar--here {
        background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground; text-style: bold;
    }
    Sidebar > .sidebar--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: $block-cursor-text-style;
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"sidebar--here", "sidebar--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("enter,right", "choose", show=False),
        Binding("escape,left,f9", "leave", show=False),
    ]

    class Chosen(Message):
        """The reader wants to go to ``room``."""

        def __init__(self, room: Room) -> None:
            super().__init__()
            self.room = room

    class Left(Message):
        """The reader is done with the sidebar."""

    def __init__(self, frame: Frame, here: str) -> None:
        """``here`` is the id of the room one is in."""
        super().__init__()
        self._frame, self._here = frame, here
        self._cursor = 0

    def enter(self) -> None:
        """Take the focus, on the room one is in."""
        ids = [room.id for room in self._frame.open_rooms]
        self._cursor = ids.index(self._here) if self._here in ids else 0
        self.can_focus = True
        self.focus()

    def on_blur(self) -> None:
        self.can_focus = False
        self.post_message(self.Left())
        self.refresh()

    def on_focus(self) -> None:
        self.refresh()

    def action_move(self, step: int) -> None:
        self._cursor = max(0, min(self._cursor + step, len(self._frame.open_rooms) - 1))
        self.refresh()

    def action_choose(self) -> None:
        rooms = self._frame.open_rooms
        if rooms:
            self.post_message(self.Chosen(rooms[self._cursor]))

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset_capture(self).y
        rooms = self._frame.open_rooms
        if 0 <= place < len(rooms):
            self.post_message(self.Chosen(rooms[place]))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        rooms = self._frame.open_rooms
        if y >= len(rooms):
            return paint(self, Content(), width, self.visual_style)
        room = rooms[y]
        pointed = self.has_focus and y == self._cursor
        count = self._frame.counts.get(room.count_key, 0)
        lead = "▌" if room.id == self._here else " "
        muted = "" if pointed else "$text-muted"
        left = Content(f"{lead} ") + Content(f"{room.key} ").stylize(muted)
        waiting = Content(f" {count} " if count else " ").stylize(muted)
        left += short(_(room.label), width - left.cell_length - waiting.cell_length)
        line = spread(left, waiting, width)
        part = "sidebar--cursor" if pointed else "sidebar--here" if room.id == self._here else ""
        return paint(self, line, width, self.get_visual_style(part) if part else self.visual_style)
