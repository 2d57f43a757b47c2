"""What staff do to an article, from the list and from the article itself: the same keys, the same questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from core.i18n.translation import N_, _, ngettext
from core.knowledge import articles, edit
from core.knowledge.articles import ArticleRow, ArticleShown
from core.knowledge.audience import Audience
from tui.commands import Command, bindings
from tui.screens.base import deed, errand
from tui.screens.knowledge.open_room import OpenRoom
from tui.widgets.confirm import Confirm

if TYPE_CHECKING:
    from core.service.actions import Available

_STAFF = frozenset({"agent", "admin"})


class Publishing(OpenRoom):
    """Subclasses say :attr:`row_here` and :meth:`read_again`."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command(
            "articles.edit",
            "e",
            N_("Edit"),
            "edit",
            N_("Change the article"),
            footer=True,
            roles=_STAFF,
            asks="article.edit",
        ),
        Command(
            "articles.publish",
            "P",
            N_("Publish"),
            "publish",
            N_("Show it to everybody; write to those an outage reaches"),
            footer=True,
            roles=_STAFF,
            danger=True,
            asks="article.publish",
        ),
        Command(
            "articles.end",
            "E",
            N_("End it"),
            "end",
            N_("It is over: those who were told are told"),
            footer=True,
            roles=_STAFF,
            danger=True,
            asks="article.end",
        ),
        Command(
            "articles.withdraw",
            "W",
            N_("Withdraw"),
            "withdraw",
            N_("Take it away from everybody but staff"),
            footer=True,
            roles=_STAFF,
            danger=True,
            asks="article.withdraw",
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    @property
    def row_here(self) -> ArticleRow | None:
        """The article that the keys are about."""
        raise NotImplementedError

    def read_again(self) -> None:
        """It was changed, or may have been."""
        raise NotImplementedError

    @property
    def available(self) -> Available | None:
        row = self.row_here if self.is_mounted and not self.guest else None
        return edit.available_for(self.me, row) if row is not None else {}

    async def _as_it_is(self) -> ArticleShown | None:
        row = self.row_here
        if row is None:
            return None
        article: ArticleShown = await self.see(articles.article, row.id, self.app.language)
        return article

    @errand
    async def action_edit(self) -> None:
        from tui.screens.knowledge.edit import EditArticle  # deferred: a screen is loaded when it is first shown

        row = self.row_here
        if row is not None:
            values, version = await self.see(edit.values, row.id)
            self.app.push_screen(EditArticle(self.frame, self.ROOM, values, article_id=row.id, seen=version))

    @deed
    async def action_publish(self) -> None:
        article = await self._as_it_is()
        if article is None:
            return
        audience: Audience | None = None
        if article.row.outage:
            audience = await self.see(edit.would_reach, article.row.id)
        question = Confirm(
            _("Publish this article?"), publish_words(article, audience), yes=N_("Publish"), danger=audience is not None
        )
        try:
            if await self.app.push_screen_wait(question):
                await self.do(edit.publish, article.row.id, seen=article.version)
                self.notify(_("Published: everybody can read it."))
        finally:
            self.read_again()

    @deed
    async def action_end(self) -> None:
        article = await self._as_it_is()
        if article is None:
            return
        begun = article.row.period != "announced"
        question = Confirm(
            _("Is the outage over?") if begun else _("Call these works off?"),
            _("Whoever was told of it gets a letter that says so."),
            yes=N_("It is over") if begun else N_("Call off"),
            no=N_("Not yet") if begun else N_("No"),
        )
        try:
            if await self.app.push_screen_wait(question):
                await self.do(edit.end_outage, article.row.id, seen=article.version)
                self.notify(_("Those who were told of it are told."))
        finally:
            self.read_again()

    @deed
    async def action_withdraw(self) -> None:
        article = await self._as_it_is()
        if article is None:
            return
        question = Confirm(
            _("Withdraw this article?"),
            _("“{title}” is there for staff only, until it is published again.").format(title=article.row.title),
            yes=N_("Withdraw"),
        )
        try:
            if await self.app.push_screen_wait(question):
                await self.do(edit.withdraw, article.row.id, seen=article.version)
        finally:
            self.read_again()


def publish_words(article: ArticleShown, audience: Audience | None) -> str:
    """What is published, and whom that reaches."""
    sentence = _("Everybody can read “{title}” from now on, before logging in too.").format(title=article.row.title)
    return sentence if audience is None else f"{sentence}\n\n{audience_words(audience)}"


def audience_words(audience: Audience) -> str:
    """How many an outage reaches, and how many of them get mail."""
    if audience.lines == 0:
        return _("It reaches no line: nobody gets mail about it.")
    lines = ngettext("It reaches {n} line.", "It reaches {n} lines.", audience.lines).format(n=audience.lines)
    letters = ngettext(
        "{n} subscriber with an account gets mail.", "{n} subscribers with an account get mail.", audience.mailed
    ).format(n=audience.mailed)
    return f"{lines} {letters}"
