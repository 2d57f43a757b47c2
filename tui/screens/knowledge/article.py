"""One article on the whole screen."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import BindingType

from core.i18n.translation import N_
from core.knowledge import articles
from core.knowledge.articles import ArticleRow, ArticleShown
from tui.commands import Command, bindings
from tui.screens.base import errand
from tui.screens.knowledge.publishing import Publishing
from tui.screens.knowledge.text import Reading
from tui.widgets.frame import Frame


class ArticleScreen(Publishing):
    """Read, and for staff what can be done to it."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("article.reload", "f5", N_("Read again"), "reload"),
        Command("article.back", "escape", N_("Back"), "back", N_("To the list"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "knowledge.tcss"

    reading = getters.query_one(Reading)

    def __init__(self, frame: Frame, article_id: int, room: str) -> None:
        super().__init__(frame)
        self.article_id = article_id
        self._room = room
        self._article: ArticleShown | None = None

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it was opened from."""
        return self._room

    def where(self) -> tuple[str, ...]:
        return (*super().where(), self._article.row.title if self._article else "…")

    def compose_room(self) -> ComposeResult:
        yield Reading(id="article")

    def on_mount(self) -> None:
        self.reading.focus()
        self.read_again()

    def on_screen_resume(self) -> None:
        """Back from editing it."""
        super().on_screen_resume()
        if self._article is not None:
            self.read_again()

    @property
    def row_here(self) -> ArticleRow | None:
        return self._article.row if self._article is not None else None

    @errand
    async def _read(self) -> None:
        article: ArticleShown = await self.see(articles.article, self.article_id, self.app.language)
        self._article = article
        self.reading.show(article, self.app.language, self.app.now)
        self.redraw_frame()
        self.refresh_bindings()

    def read_again(self) -> None:
        self._read()

    def action_reload(self) -> None:
        self.read_again()

    def action_back(self) -> None:
        self.app.pop_screen()

    def lacks(self, action: str) -> bool:
        """Escape goes back to the list here, for guests too."""
        return action == "leave" or super().lacks(action)
