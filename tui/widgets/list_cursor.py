"""Where one is in a list: the cursor, and the view around it, by keys and by the wheel."""

from __future__ import annotations

from textual import events
from textual.geometry import Region

from tui.widgets.list_renderer import POSITION, ListFace


class ListCursor(ListFace):
    """Moves through what :class:`tui.widgets.list.ListView` holds; what must be read for it, and who hears of it, is
    left to that (:meth:`_follow`)."""

    def _follow(self) -> None:
        """The cursor, or the view, may be elsewhere now."""
        raise NotImplementedError

    @property
    def _bounds(self) -> tuple[int, int]:
        """The first and last place the cursor may be at: rows held, and one screen of rows on their way."""
        window = self.window
        low = -self._height if window.more_before else 0
        high = len(window.rows) - 1 + (self._height if window.more_after else 0)
        return low, max(low, high)

    def _settle(self) -> None:
        """Bring the cursor into the list and the view around the cursor."""
        low, high = self._bounds
        self.cursor = max(low, min(self.cursor, high))
        step = self._height // 2 if getattr(self.app, "economical", False) else 1
        if self.cursor < self.top:
            self.top = self.cursor - step + 1
        elif self.cursor >= self.top + self._height:
            self.top = self.cursor - self._height + step
        self.top = max(low, min(self.top, high - self._height + 1))

    def _move_to(self, cursor: int) -> None:
        before, top = self.cursor, self.top
        self.cursor = cursor
        self._settle()
        if self.top != top:
            self.refresh()
        elif self.cursor != before:
            self._refresh_lines(before, self.cursor)
        self._follow()

    def _refresh_lines(self, *rows: int) -> None:
        """Repaint these rows and the position: what a cursor move costs over a slow line."""
        width = self.size.width
        regions = [Region(0, row - self.top + 1, width, 1) for row in rows]
        if self._has_status:
            regions.append(Region(0, self.size.height - 1, min(width, POSITION), 1))
        self.refresh(*regions)

    def action_move(self, rows: int) -> None:
        self._move_to(self.cursor + rows)

    def action_move_page(self, pages: int) -> None:
        step = pages * max(1, self._height - 1)
        self.top += step
        self._move_to(self.cursor + step)
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._wheel(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._wheel(-3)

    def _wheel(self, lines: int) -> None:
        low, high = self._bounds
        self.top = max(low, min(self.top + lines, high - self._height + 1))
        self._move_to(max(self.top, min(self.cursor, self.top + self._height - 1)))
        self.refresh()
