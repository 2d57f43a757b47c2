"""The widget an article is read in: laid out for its width, scrolled by the keys of every list."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from core.knowledge.articles import ArticleShown
from tui.screens.knowledge import formatting


class Reading(VerticalScroll):
    """One article, or nothing."""

    DEFAULT_CSS = """
    Reading {
        width: 1fr; height: 1fr; padding: 1 2; background: $background;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    Reading Static { width: 1fr; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "scroll_up", show=False),
        Binding("j", "scroll_down", show=False),
        Binding("space", "page_down", show=False),
        Binding("G", "scroll_end", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._article: ArticleShown | None = None
        self._language = ""
        self._now: dt.datetime | None = None

    def compose(self) -> ComposeResult:
        yield Static()

    @property
    def empty(self) -> bool:
        """Whether nothing is shown."""
        return self._article is None

    def show(self, article: ArticleShown | None, language: str, now: dt.datetime) -> None:
        """Show ``article`` to a reader of ``language``; None is nothing. Another one begins at its top."""
        other = self._article is None or article is None or self._article.row.id != article.row.id
        self._article, self._language, self._now = article, language, now
        self._lay_out()
        if other:
            self.scroll_home(animate=False)

    def action_top(self) -> None:
        """The first line: what ``g g`` asks for."""
        self.scroll_home(animate=False)

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        text = self.query_one(Static)
        if self._article is None or self._now is None:
            text.update("")
            return
        width = self.scrollable_content_region.width
        text.update(formatting.article(self._article, self._language, self._now, width))
