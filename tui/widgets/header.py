"""The header: the desk's name, where I am, who I am, what waits; one line."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from core.i18n.translation import ngettext
from tui.widgets.fitting import paint, short, spread
from tui.widgets.frame import Frame

_STEP: Final = " › "
_SHORTEST: Final = 5
"""Cells that are left of a name that gives way."""


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
        right = self._right(width)
        return paint(
            self, spread(self._left(width, width - right.cell_length - 1), right, width), width, self.visual_style
        )

    def _left(self, width: int, room: int) -> Content:
        """The way here in ``room`` cells. What is open now stands last and gives way last."""
        names = [short(self._frame.desk, max(_SHORTEST, width // 3)), *(short(name, width) for name in self._where)]
        over = 1 + sum(name.cell_length for name in names) + len(_STEP) * (len(names) - 1) - room
        for place, name in enumerate(names[:-1]):
            cells = max(_SHORTEST, name.cell_length - max(0, over))
            if cells < name.cell_length:
                over -= name.cell_length - cells
                names[place] = short(name.plain, cells)
        looks = ["bold $text-accent", *["$text-muted"] * (len(names) - 2), "bold"]
        step = Content(_STEP).stylize("$text-muted")
        return Content(" ") + step.join(name.stylize(look) for name, look in zip(names, looks, strict=False))

    def _right(self, width: int) -> Content:
        frame = self._frame
        parts = []
        waiting = frame.counts.get("waiting", 0)
        if waiting:
            text = ngettext("{n} waits", "{n} wait", waiting).format(n=waiting)
            parts.append(Content(f"● {text}").stylize("$text-warning"))
        if frame.who:
            parts.append(short(frame.who, max(10, width // 3)).stylize("$text-muted"))
        return Content("  ") + Content(" · ").stylize("$text-muted").join(parts) + Content(" ") if parts else Content()
