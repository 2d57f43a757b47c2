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

from core.i18n.translation import N_, _
from tui.widgets.badge import Look
from tui.widgets.fitting import fit, paint, short, spread
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
    """Entries from the oldest to the newest; opens at the newest message: at its end, with what was said before it, or
    at its beginning where it is longer than the screen."""

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
        self._newest = 0
        """Lines from the head of the newest message to the end; 0 until it is laid out."""
        self._width = self._height = 0

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these; at the newest if the reader was there, else where the reader was."""
        follow = self._follow
        if follow == "end" and _newest_of(entries) != _newest_of(self._entries):
            follow = "newest"
        place = self.scroll_offset.y
        self._entries = tuple(entries)
        self._lay_out(follow)
        if not follow:
            self.scroll_to(y=place, animate=False, immediate=True)

    def show_newest(self) -> None:
        """Go to the newest message, wherever the reader was."""
        self._go_to("newest")

    @property
    def laid_out(self) -> bool:
        """Whether every entry has been laid out."""
        return self._left == 0

    @property
    def _follow(self) -> str:
        """Where the reader is, if that goes along with what comes: at the newest message (``newest``), at the very
        ``end`` of one that is longer than the screen, or neither (an empty text). By the height of the last look."""
        place, end = self.scroll_offset.y, max(0, len(self._lines) - self._height)
        if place == min(end, len(self._lines) - self._newest):
            return "newest"
        return "end" if place >= end else ""

    def _go_to(self, follow: str) -> None:
        end = max(0, len(self._lines) - self.size.height)
        place = end if follow == "end" else min(end, len(self._lines) - self._newest)
        self._height = self.size.height
        self.scroll_to(y=place, animate=False, immediate=True, force=True)

    def action_top(self) -> None:
        self.scroll_home(animate=False)

    def action_bottom(self) -> None:
        self.scroll_end(animate=False)

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._width:
            self._lay_out("newest")
        elif self.size.height != self._height:
            follow = self._follow
            self._height = self.size.height
            if follow:
                self._go_to(follow)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def _lay_out(self, follow: str) -> None:
        self._width = self.scrollable_content_region.width
        if not self._width:
            return
        self._height = self.size.height
        self._lines, self._newest = [], 0
        self._left = len(self._entries)
        wanted = self._height * 2 if follow else 1 << 30
        while self._left and (len(self._lines) < wanted or not self._newest):
            self._take_one()
        self._measure()
        if follow:
            self._go_to(follow)
        if self._left:
            self.call_later(self._lay_out_more)
        self.refresh()

    def _lay_out_more(self) -> None:
        """A few older entries; the view stays on the lines it shows."""
        before = len(self._lines)
        for _entry in range(min(_BATCH, self._left)):
            self._take_one()
        self._measure()
        place = self.scroll_offset.y + len(self._lines) - before
        self.scroll_to(y=place, animate=False, immediate=True, force=True)
        if self._left:
            self.call_later(self._lay_out_more)

    def _take_one(self) -> None:
        self._left -= 1
        entry = self._entries[self._left]
        self._lines[:0] = entry_lines(entry, self._width)
        if not self._newest and entry.side != "system":
            self._newest = len(self._lines) - 1

    def _measure(self) -> None:
        self.virtual_size = Size(self._width, len(self._lines))

    def render_line(self, y: int) -> Strip:
        place = self.scroll_offset.y + y
        line = self._lines[place] if 0 <= place < len(self._lines) else Content()
        return paint(self, line, self._width, self.visual_style)


def _newest_of(entries: Sequence[Entry]) -> object:
    """The id of the newest message; None where nothing was said yet."""
    return next((entry.id for entry in reversed(entries) if entry.side != "system"), None)


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
