"""The menu: a short list held in memory, narrowed by what is typed beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from core.i18n.sanitize import fold
from core.i18n.translation import _
from tui.widgets.fitting import paint, short, spread

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Option(Generic[Value]):
    """One thing to pick: its value, its label in the reader's language, a hint at the right (a key, a date)."""

    value: Value
    label: str
    hint: str = ""
    search: str = ""
    """More words by which it is found."""

    def found_by(self, words: Sequence[str]) -> bool:
        """Whether every one of the folded ``words`` occurs in it."""
        text = fold(f"{self.label} {self.hint} {self.search}")
        return all(word in text for word in words)


class Menu(Widget, Generic[Value]):
    """Options by the line; whoever holds the keys calls :meth:`move` and :meth:`narrow`."""

    DEFAULT_CSS = """
    Menu { width: 1fr; height: auto; max-height: 100%; background: $surface; color: $foreground; }
    Menu > .menu--cursor {
        color: $block-cursor-foreground; background: $block-cursor-background; text-style: $block-cursor-text-style;
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"menu--cursor"}

    class Picked(Message):
        """A click on an option that was highlighted, or on another one."""

    def __init__(self, options: Sequence[Option[Value]], *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._all = tuple(options)
        self.options = self._all
        self.cursor = 0
        self.top = 0

    @property
    def picked(self) -> Option[Value] | None:
        """The option under the cursor."""
        return self.options[self.cursor] if self.options else None

    def narrow(self, text: str) -> None:
        """Show only what has every word of ``text``; accents and case do not matter."""
        words = fold(text).split()
        self.options = tuple(option for option in self._all if option.found_by(words))
        self.cursor = self.top = 0
        self.refresh()

    def point_at(self, value: Value) -> None:
        """Put the cursor on the option with this value."""
        self.move_to(next((place for place, option in enumerate(self.options) if option.value == value), 0))

    def move(self, lines: int) -> None:
        """Move the cursor; it stops at both ends."""
        self.move_to(self.cursor + lines)

    def move_to(self, place: int) -> None:
        self.cursor = max(0, min(place, len(self.options) - 1))
        self._settle()
        self.refresh()

    @property
    def page(self) -> int:
        """Lines that are shown at once."""
        return max(1, self.size.height)

    def _settle(self) -> None:
        self.top = max(0, min(self.top, self.cursor), self.cursor - self.page + 1)

    def on_resize(self) -> None:
        self._settle()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return max(1, len(self._all))

    def on_click(self, event: events.Click) -> None:
        if self.top + event.y < len(self.options):
            self.move_to(self.top + event.y)
            self.post_message(self.Picked())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-3)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        place = self.top + y
        if not self.options and y == 0:
            return paint(self, Content(_("  Nothing like that")).stylize("$text-muted"), width, self.visual_style)
        if place >= len(self.options):
            return paint(self, Content(), width, self.visual_style)
        option, here = self.options[place], place == self.cursor
        hint = (short(option.hint, width // 2) + " ").stylize("" if here else "$text-muted")
        lead = "▌ " if here else "  "
        line = spread(Content(lead) + short(option.label, width - 2), hint, width)
        return paint(self, line, width, self.get_visual_style("menu--cursor") if here else self.visual_style)
