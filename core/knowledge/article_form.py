"""What is asked of an article: its text in one language or both, how it is shown, and whom an outage reaches."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import model_validator

from core.errors import say
from core.forms import Check, Choice, DateTime, FormError, FormModel, Label, LongText, Number, OneOf, Text, When
from core.i18n.translation import LANGUAGES, N_
from core.knowledge.audience import Reach
from core.models.knowledge import ArticleKind

KINDS = (Choice(ArticleKind.NEWS.value, N_("news")), Choice(ArticleKind.FAQ.value, N_("question and answer")))
_NEWS, _FAQ = When("kind", ("news",)), When("kind", ("faq",))
_OUTAGE = When("outage", ("yes",))
TITLE = 150


class ArticleForm(FormModel):
    """An article in one language or both; times are those of the writer's own clock."""

    kind: Annotated[str, OneOf(offered=KINDS), Label(N_("Kind"), default="news")]
    title_pl: Annotated[str | None, Text(limit=TITLE), Label(N_("Title (Polish)"), section=N_("Text"))] = None
    body_pl: Annotated[
        str | None,
        LongText(),
        Label(N_("Text (Polish)"), section=N_("Text"), help=N_("# heading, **bold**, - list, `code`")),
    ] = None
    title_en: Annotated[str | None, Text(limit=TITLE), Label(N_("Title (English)"), section=N_("Text"))] = None
    body_en: Annotated[
        str | None,
        LongText(),
        Label(N_("Text (English)"), section=N_("Text"), help=N_("One language is enough; both are better.")),
    ] = None
    pinned: Annotated[
        bool, Check(), Label(N_("Keep it at the top of the list"), section=N_("How it is shown"), required=False)
    ] = False
    until: Annotated[
        dt.datetime | None,
        DateTime(),
        Label(
            N_("Shown until"),
            section=N_("How it is shown"),
            help=N_("Leave it empty to show it always."),
            when=_NEWS,
            required=False,
        ),
    ] = None
    position: Annotated[
        int,
        Number(low=0, high=999),
        Label(
            N_("Place in the list"),
            section=N_("How it is shown"),
            help=N_("Lower numbers stand higher."),
            when=_FAQ,
            required=False,
        ),
    ] = 0
    outage: Annotated[
        bool, Check(), Label(N_("This is an outage or works"), section=N_("Outage"), when=_NEWS, required=False)
    ] = False
    begins: Annotated[
        dt.datetime | None, DateTime(), Label(N_("Begins"), section=N_("Outage"), when=_OUTAGE, required=True)
    ] = None
    ends: Annotated[
        dt.datetime | None,
        DateTime(),
        Label(
            N_("Ends (expected)"),
            section=N_("Outage"),
            help=N_("Empty while nobody knows."),
            when=_OUTAGE,
            required=False,
        ),
    ] = None
    places: Annotated[
        str | None,
        LongText(limit=4000),
        Label(
            N_("Where"),
            section=N_("Outage"),
            help=N_("One a line: a town, or a town, its street and number. * is everywhere."),
            when=_OUTAGE,
            required=False,
        ),
    ] = None
    networks: Annotated[
        str | None,
        Text(limit=2000),
        Label(N_("Networks"), section=N_("Outage"), help=N_("Like 203.0.113.0/24"), when=_OUTAGE, required=False),
    ] = None
    lines: Annotated[
        str | None,
        Text(limit=4000),
        Label(N_("Lines"), section=N_("Outage"), help=N_("Their numbers, by commas"), when=_OUTAGE, required=False),
    ] = None

    @model_validator(mode="after")
    def _whole(self) -> ArticleForm:
        texts = {language: (self.title(language), self.body(language)) for language in LANGUAGES}
        for language, (title, body) in texts.items():
            if bool(title) != bool(body):
                missing = f"body_{language}" if title else f"title_{language}"
                raise FormError(missing, say(N_("Title and text belong together: fill in both, or neither.")))
        if not any(title for title, _body in texts.values()):
            raise FormError("title_pl", say(N_("An article needs a title and a text in one language at least.")))
        return self

    def title(self, language: str) -> str:
        """The title in a language; empty without one."""
        return str(getattr(self, f"title_{language}") or "")

    def body(self, language: str) -> str:
        """The text in a language; empty without one."""
        return str(getattr(self, f"body_{language}") or "")

    @property
    def reach(self) -> Reach:
        """Whom it reaches, as it is written."""
        return Reach.typed(self.places, self.networks, self.lines) if self.outage else Reach()
