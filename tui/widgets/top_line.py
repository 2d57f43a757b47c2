"""The header: the desk's name, where I am, who I am, what waits; one line."""

from __future__ import annotations

from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from core.words import ngettext
from tui.widgets.drawing import paint, short, spread
from tui.widgets.rooms import Frame


class TopLine(Widget):
    """``where`` is the way here, outermost first, ready to be read."""

    DEFAULT_CSS = "TopLine { dock: top; height: 1; width: 1fr; background: $panel; color: $foreground; }"

    def __init__(self, frame: Frame, where: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._frame, self._where = frame, where

    def show(self, where: tuple[str, ...]) -> None:
        """Say where the reader is now."""
        self._where = where
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        left = Content(" ") + short(self._frame.desk, max(8, width // 3)).stylize("bold $text-accent")
        for place, name in enumerate(self._where):
            last = place == len(self._where) - 1
            left += Content(" › ").stylize("$text-muted") + short(name, width).stylize(
                "bold" if last else "$text-muted"
            )
        return paint(self, spread(left, self._right(width), width), width, self.visual_style)

    def _right(self, width: int) -> Content:
        frame = self._frame
        parts = []
        waiting = frame.counts.get("waiting", 0)
        if waiting:
            said = ngettext("{n} waits", "{n} wait", waiting).format(n=waiting)
            parts.append(Content(f"● {said}").stylize("$text-warning"))
        if frame.who:
            parts.append(short(frame.who, max(10, width // 3)).stylize("$text-muted"))
        return Content("  ") + Content(" · ").stylize("$text-muted").join(parts) + Content(" ") if parts else Content()
