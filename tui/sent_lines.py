"""Only what has changed goes to the terminal: Textual sends the whole screen whenever something as large as it was
drawn anew, four times before the first page rests and at each Tab in a form (docs/facts.md, *A server*).

Private names are used; the version is pinned and tests/tui/test_sent_lines.py tells when they move.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip


class SentLines:
    """The lines that a terminal shows, as far as that is known."""

    def __init__(self) -> None:
        self._lines: dict[int, str] = {}
        self._of: tuple[Any, Region] | None = None

    def forget(self) -> None:
        """The terminal may show anything."""
        self._lines.clear()

    def update(self, screen: object, renderable: Any) -> Any:
        """What is to be sent of ``renderable``, which draws ``screen``. Of a screen that has just been gone to all is
        sent: what another program wrote on the terminal is gone then."""
        if isinstance(renderable, LayoutUpdate):
            return _Changed(self, screen, renderable)
        if isinstance(renderable, ChopsUpdate):
            return _Parts(self, screen, renderable)
        self.forget()
        return renderable

    def gone_to(self, screen: object, region: Region) -> None:
        """A screen is drawn as a whole."""
        if self._of != (screen, region):
            self._of = (screen, region)
            self.forget()

    def width(self, screen: object) -> int | None:
        """How wide the screen is; None for one that was never drawn as a whole."""
        return self._of[1].width if self._of is not None and self._of[0] is screen else None

    def changed(self, lines: Iterable[tuple[int, str]]) -> str:
        """Those of the ``lines`` that the terminal doesn't show yet, to be written; from now on it does."""
        parts = []
        for y, line in lines:
            if self._lines.get(y) != line:
                self._lines[y] = line
                parts.append(Control.move_to(0, y).segment.text + line)
        return "".join(parts)

    def touched(self, y: int) -> None:
        """A part of this line was sent."""
        self._lines.pop(y, None)


class _Update(CompositorUpdate):
    """Written as text alone; nothing here asks for Rich's segments."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        raise NotImplementedError


class _Changed(_Update):
    def __init__(self, sent: SentLines, screen: object, whole: LayoutUpdate) -> None:
        self._sent, self._screen, self._whole = sent, screen, whole

    def render_segments(self, console: Console) -> str:
        self._sent.gone_to(self._screen, self._whole.region)
        return self._sent.changed((y, _text(line, console)) for y, line in enumerate(self._whole.strips))


class _Parts(_Update):
    def __init__(self, sent: SentLines, screen: object, parts: ChopsUpdate) -> None:
        self._sent, self._screen, self._parts = sent, screen, parts

    def render_segments(self, console: Console) -> str:
        """A list is a part of its screen that has whole lines."""
        chops, spans = self._parts.chops, self._parts.spans
        width = self._sent.width(self._screen)
        whole = {
            y for y, begin, end in spans if width and begin <= 0 and end >= width and None not in chops[y].values()
        }
        others = [span for span in spans if span[0] not in whole]
        for y, _begin, _end in others:
            self._sent.touched(y)
        changed = self._sent.changed((y, _text(chops[y].values(), console)) for y in sorted(whole))
        if not others:
            return changed
        return changed + ChopsUpdate(chops, others, self._parts.chop_ends).render_segments(console)


def _text(line: Iterable[Strip | None], console: Console) -> str:
    return "".join(strip.render(console) for strip in line if strip is not None)
