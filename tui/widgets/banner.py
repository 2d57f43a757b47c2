"""The headline: one line under the header of the first room, for what everybody there should know first."""

from __future__ import annotations

from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from tui.text import plain
from tui.widgets.fitting import paint, short, spread


class Headline(Widget):
    """A mark, a title and where to read on; takes no room while there is nothing to say."""

    DEFAULT_CSS = """
    Headline { height: 1; width: 1fr; background: $surface; color: $foreground; display: none; }
    Headline.-shown { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._mark, self._title, self._hint = Content(), "", ""

    def say(self, mark: Content, title: str, hint: str) -> None:
        """Show ``mark`` (a glyph and a word) before ``title``, and ``hint`` at the right; no title hides it."""
        self._mark, self._title, self._hint = mark, title, hint
        self.set_class(bool(title), "-shown")
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        hint = plain(f"{self._hint} ").stylize("$text-muted")
        room = max(8, width - self._mark.cell_length - hint.cell_length - 5)
        left = Content(" ") + self._mark + Content("  ") + short(self._title, room).stylize("bold")
        return paint(self, spread(left, hint, width), width, self.visual_style)
