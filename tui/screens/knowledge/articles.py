"""News, and questions with their answers: a list, and on a wide terminal the article under the cursor beside it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget

from core.errors import NotFound
from core.i18n import dates
from core.i18n.translation import N_
from core.knowledge import articles
from core.knowledge.articles import ArticleRow
from core.models.knowledge import ArticleKind
from tui.commands import Command, bindings
from tui.screens.base import errand
from tui.screens.knowledge import formatting
from tui.screens.knowledge.open_room import OpenRoom
from tui.screens.knowledge.publishing import Publishing
from tui.screens.knowledge.text import Reading
from tui.screens.list_room import ListRoom
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView
from tui.widgets.page_buffer import Window

ROOM_FOR_ARTICLE = 130
"""Columns from which the article under the cursor is shown beside the list."""
RESTING = 0.12
"""Seconds the cursor must rest before that article is read."""
_STAFF = frozenset({"agent", "admin"})

_ESCAPES = [each for each in (*ListRoom.DESK_COMMANDS, *OpenRoom.DESK_COMMANDS) if each.keys == "escape"]
"""Ending a search, and leaving. A class's key hides the same key of the classes it comes from: said together, the one
that works is taken."""


class Articles(Publishing, ListRoom):
    """Both rooms; they differ in :attr:`KIND` and in their columns."""

    KIND: ClassVar[str]
    SEARCHES = N_("Words of the title or the text")
    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("articles.new", "n", N_("New article"), "new", N_("Write a draft"), footer=True, roles=_STAFF),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings((*DESK_COMMANDS, *_ESCAPES))
    CSS_PATH = "knowledge.tcss"

    reading = getters.query_one(Reading)

    def __init__(self, frame: Any) -> None:
        super().__init__(frame)
        self._rest: Timer | None = None

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return articles.page, (self.KIND, self.app.language, search), {}

    def compose_room(self) -> ComposeResult:
        above: list[Widget] = []
        lists: list[Widget] = []
        for widget in super().compose_room():
            (lists if isinstance(widget, ListView) else above).append(widget)
        yield from above
        with Horizontal(id="articles"):
            yield from lists
            reading = Reading()
            reading.can_focus = False
            yield reading

    def lacks(self, action: str) -> bool:
        """Escape ends a search first."""
        return (action == "leave" and bool(self._search)) or super().lacks(action)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.reading.display = event.size.width >= ROOM_FOR_ARTICLE
        self._other_row()

    def on_screen_resume(self) -> None:
        """Back from an article: what was done there shows here."""
        super().on_screen_resume()
        self.read_again()

    @property
    def row_here(self) -> ArticleRow | None:
        row: ArticleRow | None = self.rows.row if isinstance(self.rows.window, Window) else None
        return row

    def read_again(self) -> None:
        self.rows.reload()
        self._other_row()

    @on(ListView.Highlighted)
    @on(ListView.Emptied)
    def _other_row(self) -> None:
        """Other keys may fit it; it is read once the cursor rests. No row has no keys, and nothing beside it."""
        self.refresh_bindings()
        if self._rest is not None:
            self._rest.stop()
        if not self.reading.display:
            return
        if self.reading.empty:
            self._read()
        else:
            self._rest = self.set_timer(RESTING, self._read)

    @errand
    async def _read(self) -> None:
        row = self.row_here
        try:
            article = await self.see(articles.article, row.id, self.app.language) if row is not None else None
        except NotFound:
            article = None
        self.reading.show(article, self.app.language, self.app.now)

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.knowledge.article import ArticleScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(ArticleScreen(self.frame, event.row.id, self.ROOM))

    def action_new(self) -> None:
        from tui.screens.knowledge.edit import EditArticle  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(EditArticle(self.frame, self.ROOM, {"kind": self.KIND}))


class News(Articles):
    """The newest first, what is pinned above."""

    ROOM = "news"
    KIND = ArticleKind.NEWS.value

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("when", N_("Date"), 8, lambda row: dates.brief(row.at, self.app.now)),
            Column("title", N_("Title"), None, lambda row: row.title),
            Column("mark", N_("State"), 13, formatting.mark),
        )

    def empty(self) -> EmptyState:
        if self.role in _STAFF:
            return EmptyState(N_("No news yet"), N_("Press n to write some."))
        return EmptyState(N_("No news"), N_("What is new, and what is out of order, stands here."))


class Faq(Articles):
    """Questions in the order staff gave them."""

    ROOM = "faq"
    KIND = ArticleKind.FAQ.value

    def columns(self) -> tuple[Column, ...]:
        title = Column("title", N_("Question"), None, lambda row: row.title)
        if self.role not in _STAFF:
            return (title,)
        return (
            Column("place", N_("Place"), 6, lambda row: str(row.position), align="right"),
            title,
            Column("mark", N_("State"), 13, formatting.mark),
        )

    def empty(self) -> EmptyState:
        if self.role in _STAFF:
            return EmptyState(N_("No questions yet"), N_("Press n to write one with its answer."))
        return EmptyState(N_("No questions"), N_("What is asked often stands here with its answer."))
