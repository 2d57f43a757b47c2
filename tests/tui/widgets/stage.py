"""A small stage for widgets: an application in our themes, and what stands on its screen as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

import tui
from core.db.pagination import Page, PageRequest
from tui import themes

SIZES = ((80, 24), (160, 50))
NASTY = (
    "[/]",
    "[b]bold[/b]",
    "[@click=app.quit]x[/]",
    "[$x] C:\\[x]\\",
    "\x1b]0;PWNED\x07title",
    "\x9b31m red",
    "two\nlines\tand a tab",
    "\u202egnp.exe",
    "日本語" * 20,
)


class Stage(App[None]):
    """Shows the widgets that ``make`` gives, in one of our themes and under the application's own style."""

    CSS_PATH = Path(tui.__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, make: Callable[[], Sequence[Widget]] = tuple, *, theme: str = themes.DARK.name) -> None:
        super().__init__()
        self._make = make
        for ours in themes.OURS:
            self.register_theme(ours)
        self.theme = theme
        self.heard: list[object] = []

    def compose(self) -> ComposeResult:
        yield from self._make()


def on_screen(app: App[None]) -> str:
    """What stands on the screen now, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def settle(pilot: Pilot[None]) -> None:
    """Until threads have answered and everything is drawn."""
    await pilot.pause()
    reading = [worker for worker in pilot.app.workers if worker.group == "list" and not worker.is_finished]
    if reading:
        await pilot.app.workers.wait_for_complete(reading)
    await pilot.pause()
    await pilot.pause()


@dataclass(frozen=True)
class Row:
    """A row of :class:`Table`."""

    id: int
    text: str = ""


class Table:
    """A million rows that exist only when asked for, with the pages counted; ``ids`` may be changed meanwhile."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids
        self.asked: list[PageRequest] = []
        self.named: dict[int, str] = {}

    def __call__(self, ask: PageRequest) -> Page[Row]:
        self.asked.append(ask)
        count = len(self.ids)
        first, last = 0, min(count, ask.limit)
        if ask.after is not None:
            first = self._place(ask.after[0] + 1)
            last = min(count, first + ask.limit)
        elif ask.before is not None:
            last = self._place(ask.before[0])
            first = max(0, last - ask.limit)
        elif ask.last:
            first, last = max(0, count - ask.limit), count
        rows = [Row(row_id, self.named.get(row_id, f"row number {row_id}")) for row_id in self.ids[first:last]]
        start = (rows[0].id,) if rows else None
        end = (rows[-1].id,) if rows else None
        return Page(rows, start, end, first > 0, last < count)

    def _place(self, row_id: int) -> int:
        import bisect

        return bisect.bisect_left(self.ids, row_id)
