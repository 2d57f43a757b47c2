"""The rows a list holds: a few neighbouring keyset pages of an endless list, without anything that draws."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from core.db.pagination import Page, PageRequest

Source = Callable[[PageRequest], Page[Any]]
"""Reads one page; blocking, called in a thread. Rows have an ``id``."""

_REACH = 4
"""Pages looked through for a row that moved before it is given up (4 × 50 rows: about a millisecond)."""


class Window:
    """A run of pages. ``rows`` are theirs in order; ``offset`` is the place of ``rows[0]`` in the whole list,
    counted from 0, or None when nobody knows it (keyset pages have no numbers)."""

    def __init__(self, hold: int = 200) -> None:
        self.hold = hold
        """How many rows are kept at least before a far page is dropped."""
        self.rows: list[Any] = []
        self.offset: int | None = None
        self.more_before = False
        self.more_after = False
        self._pages: deque[tuple[PageRequest, Page[Any]]] = deque()

    def replace(self, pages: Sequence[tuple[PageRequest, Page[Any]]], total: int | None = None) -> None:
        """Forget everything and hold ``pages`` (neighbours, in the list's order)."""
        self._pages = deque(pages)
        self._collect()
        self.more_before = self._pages[0][1].more_before
        self.more_after = self._pages[-1][1].more_after
        self.offset = None
        if not self.more_before:
            self.offset = 0
        elif total is not None and not self.more_after:
            self.offset = max(0, total - len(self.rows))

    def append(self, page: Page[Any]) -> int:
        """Add the page after the last one; returns how many rows were dropped at the top."""
        self.more_after = page.more_after
        if not page.rows:
            return 0
        self._pages.append((PageRequest(after=self._pages[-1][1].end), page))
        dropped = 0
        while len(self.rows) + len(page.rows) - dropped - len(self._pages[0][1].rows) >= self.hold:
            dropped += len(self._pages.popleft()[1].rows)
            self.more_before = True
        if self.offset is not None:
            self.offset += dropped
        self._collect()
        return dropped

    def prepend(self, page: Page[Any]) -> int:
        """Add the page before the first one; returns how many rows came in above. Drops from the bottom."""
        self.more_before = page.more_before
        if page.rows:
            self._pages.appendleft((PageRequest(before=self._pages[0][1].start), page))
            if self.offset is not None:
                self.offset = max(0, self.offset - len(page.rows))
            self._collect()
        while len(self.rows) - len(self._pages[-1][1].rows) >= self.hold:
            self._pages.pop()
            self.more_after = True
            self._collect()
        if not self.more_before:
            self.offset = 0
        return len(page.rows)

    def before(self, limit: int) -> PageRequest:
        """What to ask for the page above."""
        return PageRequest(before=self._pages[0][1].start, limit=limit)

    def after(self, limit: int) -> PageRequest:
        """What to ask for the page below."""
        return PageRequest(after=self._pages[-1][1].end, limit=limit)

    def find(self, row_id: Any) -> int | None:
        """Where the row with this id is now, if it is held."""
        return next((index for index, row in enumerate(self.rows) if row.id == row_id), None)

    def put(self, row: Any) -> None:
        """Have this row in place of the one with its id, wherever it would stand if it were read again."""
        for place, (ask, page) in enumerate(self._pages):
            if any(each.id == row.id for each in page.rows):
                rows = [row if each.id == row.id else each for each in page.rows]
                self._pages[place] = ask, replace(page, rows=rows)
        self._collect()

    def anchor(self, index: int, limit: int) -> tuple[PageRequest, int]:
        """What brought the page that row ``index`` is on, and its place there: asked again, it keeps the reader's
        place."""
        for ask, page in self._pages:
            if index < len(page.rows):
                return PageRequest(after=ask.after, before=ask.before, last=ask.last, limit=limit), max(0, index)
            index -= len(page.rows)
        return PageRequest(limit=limit), 0

    def _collect(self) -> None:
        self.rows = [row for _ask, page in self._pages for row in page.rows]


def read_again(source: Source, anchor: PageRequest, row_id: Any, around: int) -> list[tuple[PageRequest, Page[Any]]]:
    """The pages around the row with ``row_id``, read afresh: at most ``around`` rows short on either side.

    Rows that came in since may have pushed it off the page it was on, so the next few are looked through in the
    direction in which it can have been pushed. When it is gone, the page where it was stands.
    """
    first = (anchor, source(anchor))
    pages = [first]
    backwards = anchor.before is not None or anchor.last
    for _try in range(_REACH):
        further = None if _holds(pages, row_id) else _neighbour(source, pages, backwards, anchor.limit)
        if further is None:
            break
        pages = [further, *pages] if backwards else [*pages, further]
    if not _holds(pages, row_id):
        pages = [first]
    for above in (True, False):
        if _room(pages, row_id, above) < around:
            further = _neighbour(source, pages, above, anchor.limit)
            if further is not None:
                pages = [further, *pages] if above else [*pages, further]
    return pages


def _holds(pages: Sequence[tuple[PageRequest, Page[Any]]], row_id: Any) -> bool:
    return any(row.id == row_id for _ask, page in pages for row in page.rows)


def _neighbour(
    source: Source, pages: Sequence[tuple[PageRequest, Page[Any]]], above: bool, limit: int
) -> tuple[PageRequest, Page[Any]] | None:
    edge = pages[0][1] if above else pages[-1][1]
    if not (edge.more_before if above else edge.more_after):
        return None
    ask = PageRequest(before=edge.start, limit=limit) if above else PageRequest(after=edge.end, limit=limit)
    page = source(ask)
    return (ask, page) if page.rows else None


def _room(pages: Sequence[tuple[PageRequest, Page[Any]]], row_id: Any, above: bool) -> int:
    rows = [row for _ask, page in pages for row in page.rows]
    index = next((place for place, row in enumerate(rows) if row.id == row_id), 0)
    return index if above else len(rows) - index - 1
