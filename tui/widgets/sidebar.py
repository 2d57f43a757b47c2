"""The sidebar: the rooms of one's role with their counts, and below them the ways out."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from core.i18n.translation import _
from tui.widgets.fitting import paint, short, spread
from tui.widgets.frame import Frame, Room, WayOut


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

    class Leaving(Message):
        """The reader wants to log out, or to quit."""

        def __init__(self, way: WayOut) -> None:
            super().__init__()
            self.way = way

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
        self._cursor = max(0, min(self._cursor + step, len(self._entries) - 1))
        self.refresh()

    def action_choose(self) -> None:
        if self._entries:
            self._take(self._entries[self._cursor])

    @property
    def _entries(self) -> tuple[Room | WayOut, ...]:
        return *self._frame.open_rooms, *self._frame.ways_out

    def _place_at(self, line: int) -> int | None:
        """Which of the entries stands in a line; a line is free between rooms and ways out."""
        rooms = len(self._frame.open_rooms)
        place = line if line < rooms else line - 1
        return None if line == rooms or not 0 <= place < len(self._entries) else place

    def _take(self, entry: Room | WayOut) -> None:
        self.post_message(self.Chosen(entry) if isinstance(entry, Room) else self.Leaving(entry))

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def on_key(self, event: events.Key) -> None:
        """The letter beside a room goes there, but for those that move; no letter is a key of what lies beneath."""
        if not self.has_focus or not event.is_printable or event.key in ("j", "k"):
            return
        event.stop()
        event.prevent_default()
        room = self._frame.by_key(event.key)
        if room is not None:
            self._take(room)

    def on_click(self, event: events.Click) -> None:
        place = self._place_at(event.get_content_offset_capture(self).y)
        if place is not None:
            self._take(self._entries[place])

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        place = self._place_at(y)
        if place is None:
            return paint(self, Content(), width, self.visual_style)
        room = self._entries[place]
        pointed = self.has_focus and place == self._cursor
        if isinstance(room, WayOut):
            line = Content(f" {room.key} ").stylize("" if pointed else "$text-muted") + _(room.label)
            style = self.get_visual_style("sidebar--cursor") if pointed else self.visual_style
            return paint(self, line, width, style)
        count = self._frame.counts.get(room.count_key, 0)
        lead = "▌" if room.id == self._here else " "
        muted = "" if pointed else "$text-muted"
        left = Content(f"{lead} ") + Content(f"{room.key} ").stylize(muted)
        waiting = Content(f" {count} " if count else " ").stylize(muted)
        left += short(_(room.label), width - left.cell_length - waiting.cell_length)
        line = spread(left, waiting, width)
        part = "sidebar--cursor" if pointed else "sidebar--here" if room.id == self._here else ""
        return paint(self, line, width, self.get_visual_style(part) if part else self.visual_style)
