"""The conversation: customer and staff apart at a glance, internal notes impossible to mistake.

It draws lines itself. Laying out a message costs about a millisecond, so the newest are laid out at once and the
older ones a few at a time behind the first picture; nothing moves under the reader while they come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.words import N_, _
from tui.widgets.badge import Look
from tui.widgets.drawing import fit, paint, short, spread
from tui.widgets.markdown_lite import markdown_lines

_BATCH: Final = 12
"""Messages laid out in one go behind the first picture: at most a few tens of milliseconds."""
_INDENT: Final = 6
_WIDEST: Final = 100
"""A line of text longer than this is hard to follow with the eye."""

_SIDES: Final = {
    "customer": Look("◄", N_("customer"), "$text-success"),
    "staff": Look("►", N_("staff"), "$text-primary"),
    "internal": Look("■", N_("INTERNAL NOTE: the customer never sees this"), "$text-warning"),
    "system": Look("·", "", "$text-muted"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``side`` is customer, staff, internal or system; ``when`` is ready to be read.

    ``text`` is what was written (Markdown); for a system entry one sentence. ``files`` are names of attachments.
    """

    id: object
    who: str
    side: str
    when: str
    text: str
    files: tuple[str, ...] = ()


class Timeline(ScrollView, can_focus=True):
    """Entries from the oldest to the newest; opens at the newest."""

    DEFAULT_CSS = """
    Timeline {
        width: 1fr; height: 1fr; background: $background; color: $foreground;
        scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: scroll;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", show=False),
        Binding("down,j", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown,space", "page_down", show=False),
        Binding("home", "top", show=False),
        Binding("end,G", "bottom", show=False),
    ]

    def __init__(self, entries: Sequence[Entry] = (), *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._entries: tuple[Entry, ...] = tuple(entries)
        self._lines: list[Content] = []
        self._left = 0
        """Entries before this index are not laid out yet."""
        self._width = 0

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these; at the newest if the reader was there, else where the reader was."""
        at_end = self._at_end
        place = self.scroll_offset.y
        self._entries = tuple(entries)
        self._lay_out(at_end)
        if not at_end:
            self.scroll_to(y=place, animate=False, immediate=True)

    @property
    def laid_out(self) -> bool:
        """Whether every entry has been laid out."""
        return self._left == 0

    @property
    def _at_end(self) -> bool:
        return self.scroll_offset.y >= self.max_scroll_y

    def action_top(self) -> None:
        self.scroll_home(animate=False)

    def action_bottom(self) -> None:
        self.scroll_end(animate=False)

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._width:
            self._lay_out(True)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def _lay_out(self, at_end: bool) -> None:
        self._width = self.scrollable_content_region.width
        if not self._width:
            return
        self._lines = []
        self._left = len(self._entries)
        wanted = self.size.height * 2 if at_end else 1 << 30
        while self._left and len(self._lines) < wanted:
            self._take_one()
        self._measure()
        if at_end:
            self.scroll_to(y=self.virtual_size.height, animate=False, immediate=True, force=True)
        if self._left:
            self.call_later(self._lay_out_more)
        self.refresh()

    def _lay_out_more(self) -> None:
        """A few older entries; the view stays on the lines it shows."""
        before, at_end = len(self._lines), self._at_end
        for _entry in range(min(_BATCH, self._left)):
            self._take_one()
        self._measure()
        added = len(self._lines) - before
        place = self.virtual_size.height if at_end else self.scroll_offset.y + added
        self.scroll_to(y=place, animate=False, immediate=True, force=True)
        if self._left:
            self.call_later(self._lay_out_more)

    def _take_one(self) -> None:
        self._left -= 1
        self._lines[:0] = entry_lines(self._entries[self._left], self._width)

    def _measure(self) -> None:
        self.virtual_size = Size(self._width, len(self._lines))

    def render_line(self, y: int) -> Strip:
        place = self.scroll_offset.y + y
        line = self._lines[place] if 0 <= place < len(self._lines) else Content()
        return paint(self, line, self._width, self.visual_style)


def entry_lines(entry: Entry, width: int) -> list[Content]:
    """One entry at ``width`` cells: messages after an empty line, what happened close together."""
    if entry.side == "system":
        return _system(entry, width)
    return [Content(), *(_framed(entry, width) if entry.side == "internal" else _barred(entry, width))]


def _system(entry: Entry, width: int) -> list[Content]:
    words = " · ".join(part for part in (entry.when, entry.who, entry.text) if part)
    return [(Content("  · ") + short(words, width - 4)).stylize("$text-muted")]


def _barred(entry: Entry, width: int) -> list[Content]:
    """Customers at the left behind a thin bar, staff moved in behind a thick one."""
    look = _SIDES[entry.side]
    indent = Content(" " * (_INDENT if entry.side == "staff" and width >= 60 else 1))
    bar = Content("┃ " if entry.side == "staff" else "│ ").stylize(look.colour)
    room = min(_WIDEST, width - indent.cell_length - 3)
    lines = [_head(entry, look, room), *_body(entry, room)]
    return [indent + bar + line for line in lines]


def _framed(entry: Entry, width: int) -> list[Content]:
    """Internal notes stand in a double frame with their warning in it."""
    look = _SIDES["internal"]
    room = min(_WIDEST, width - 4)
    title = short(f"═ {look.glyph} {_(look.word)} ", room)
    top = Content("╔") + title + Content("═" * (room + 2 - title.cell_length)) + Content("╗")
    bottom = Content("╚" + "═" * (room + 2) + "╝")
    side = Content("║").stylize(look.colour)
    inner = [_head(entry, Look(look.glyph, "", look.colour), room), *_body(entry, room)]
    middle = [side + " " + fit(line, room) + " " + side for line in inner]
    lines = [top.stylize(f"bold {look.colour}"), *middle, bottom.stylize(look.colour)]
    return [line.stylize_before("on $warning 10%") for line in lines]


def _head(entry: Entry, look: Look, room: int) -> Content:
    who = Content(f"{look.glyph} ") + short(entry.who, max(8, room // 2))
    role = Content(f"  {_(look.word)}").stylize("$text-muted") if look.word else Content()
    return spread(
        who.stylize(f"bold {look.colour}") + role,
        short(entry.when, max(5, room // 2)).stylize("$text-muted"),
        max(12, room),
    )


def _body(entry: Entry, room: int) -> list[Content]:
    lines = markdown_lines(entry.text, room)
    for name in entry.files:
        lines.append(Content("≡ ").stylize("$text-accent") + short(name, max(4, room - 2)))
    return lines
