"""Writing articles and putting them before everybody.

A draft is staff's own. Publishing shows it; an outage also goes by mail to the subscribers it reaches
(:mod:`core.knowledge.outages`). Every change names the version it was shown, so that two who edit never overwrite one
another.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import sqlalchemy as sa

from core.db import text_search
from core.errors import Conflict, Invalid, Say, say
from core.forms import (
    Raw,
    local_time,
    raw,
)
from core.i18n.translation import LANGUAGES, N_
from core.knowledge import audience, outages
from core.knowledge.article_form import ArticleForm
from core.knowledge.audience import Audience, Reach
from core.models.knowledge import Article, ArticleState, ArticleText
from core.service.actions import Available, action, offered, open_action
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_article, _text = table(Article), table(ArticleText)


@open_action("article.create")
def create(work: UnitOfWork, form: ArticleForm) -> int:
    """A new draft; returns its id."""
    article_id = work.add(
        Article,
        **_columns(work, form),
        author_id=work.actor.account_id,
        created_at=work.now,
        changed_at=work.now,
    )
    _keep_texts(work, article_id, form)
    work.record("article.create", "article", article_id, kind=form.kind)
    return article_id


@action("article.edit", on=Article)
def edit(work: UnitOfWork, article: Article, form: ArticleForm, *, seen: int) -> None:
    """Change an article. What is published changes before everybody's eyes at once; subscribers whom an outage reaches
    only since now are told of it, and those who were told other times, or that it reaches them, are told again."""
    lasting = article.state == ArticleState.PUBLISHED and article.over_at is None
    columns = _columns(work, form)
    if lasting and article.outage and not form.outage:
        raise Invalid({"outage": say(N_("This outage has been told of. End it instead (E)."))})
    _change(work, article.id, seen, **columns, **({"untold": True} if lasting and form.outage else {}))
    _keep_texts(work, article.id, form)
    if lasting and form.outage:
        audience.keep(work, article.id, form.reach)
        outages.tell(work)
    work.record("article.edit", "article", article.id)


def is_lasting(article: Article | Any) -> bool:
    """Whether an article, or its row, is an outage that has not ended."""
    return bool(article.outage) and article.over_at is None


def reason_against_publishing(article: Article | Any) -> Say | None:
    """What everybody sees is published once. Asked of an article, and of its row."""
    published = article.state == ArticleState.PUBLISHED
    return say(N_("This article is published already.")) if published else None


def reason_against_withdrawing(article: Article | Any) -> Say | None:
    """Only what everybody sees is taken away, and an outage is ended: those who know of it are told."""
    if article.state != ArticleState.PUBLISHED:
        return say(N_("This article is not published: only staff see it."))
    if is_lasting(article):
        return say(N_("This outage has not ended: end it first (E), so that those it reaches are told."))
    return None


def reason_against_ending(article: Article | Any) -> Say | None:
    """Only an outage that everybody sees can end, and once."""
    if article.state == ArticleState.PUBLISHED and is_lasting(article):
        return None
    return say(N_("There is no outage here that could end."))


def available_for(actor: Actor, row: Any) -> Available:
    """What the actor can do to the article of a row."""
    return offered(
        actor,
        (
            (edit, None),
            (publish, reason_against_publishing(row)),
            (withdraw, reason_against_withdrawing(row)),
            (end_outage, reason_against_ending(row)),
        ),
    )


@action("article.publish", on=Article, when=lambda _look, article: reason_against_publishing(article))
def publish(work: UnitOfWork, article: Article, *, seen: int) -> int:
    """Show an article to everybody. Returns how many lines it reaches: their subscribers get mail, the first at once,
    all others by the jobs. An outage that has ended stays so: a new one is another article."""
    hidden = _article.c.state != ArticleState.PUBLISHED.value
    columns = {"state": ArticleState.PUBLISHED.value, "published_at": work.now}
    lasting = is_lasting(article)
    _change(work, article.id, seen, hidden, **columns, untold=lasting)
    reached = 0
    if lasting:
        reached = audience.keep(work, article.id, Reach.from_column(article.reach))
        outages.tell(work)
    work.record("article.publish", "article", article.id, lines=reached)
    return reached


def would_reach(look: ReadContext, article_id: int) -> Audience:
    """How many a published outage would reach: what is asked before it goes out."""
    article = look.find(Article, article_id)
    return audience.audience(look, Reach.from_column(article.reach))


@action("article.withdraw", on=Article, when=lambda _look, article: reason_against_withdrawing(article))
def withdraw(work: UnitOfWork, article: Article, *, seen: int) -> None:
    """Take an article away from everybody but staff. An outage has to be ended first: those who know of it are told."""
    published = _article.c.state == ArticleState.PUBLISHED.value
    _change(work, article.id, seen, published, state=ArticleState.WITHDRAWN.value)
    work.record("article.withdraw", "article", article.id)


@action("article.end", on=Article, when=lambda _look, article: reason_against_ending(article))
def end_outage(work: UnitOfWork, article: Article, *, seen: int) -> None:
    """An outage is over, or called off before it began. Whoever was told of it is told."""
    lasting = _article.c.outage, _article.c.state == ArticleState.PUBLISHED.value, _article.c.over_at.is_(None)
    _change(work, article.id, seen, *lasting, over_at=work.now, untold=True)
    outages.tell(work)
    work.record("article.over", "article", article.id)


def _change(work: UnitOfWork, article_id: int, seen: int, *also: Any, **values: Any) -> None:
    done = work.change(
        Article,
        _article.c.id == article_id,
        _article.c.version == seen,
        *also,
        **values,
        changed_at=work.now,
        version=seen + 1,
    )
    if done == 0:
        raise Conflict(N_("Somebody else has changed this article meanwhile. Read it again first."))


def _columns(work: UnitOfWork, form: ArticleForm) -> dict[str, Any]:
    """What a form says of the article itself. Whom it reaches is looked up now too: what names nobody is refused
    beside its field, not when it is published at night."""
    wrong: dict[str, Say] = {}
    moments: dict[str, dt.datetime | None] = {}
    try:
        moments = _moments(form, zoneinfo.ZoneInfo(work.actor.zone))
    except Invalid as error:
        wrong |= error.fields
    try:
        audience.lines(work, form.reach)
    except Invalid as error:
        wrong |= error.fields
    if wrong:
        raise Invalid(wrong)
    return {
        "kind": form.kind,
        "pinned": form.pinned,
        "position": form.position,
        "outage": form.outage,
        **moments,
        "reach": form.reach.to_keep(),
    }


def _moments(form: ArticleForm, zone: dt.tzinfo) -> dict[str, dt.datetime | None]:
    """What was typed by the clock of ``zone``, in UTC. Only there it can be told which of two comes first. Raises
    :class:`Invalid` for times that no clock shows, and for an end that isn't after its beginning."""
    typed = {"until": form.until}
    if form.outage:
        typed |= {"begins": form.begins, "ends": form.ends}
    filled = {name: at for name, at in typed.items() if at is not None}
    wrong = {name: what for name, at in filled.items() if (what := local_time.problem(at, zone)) is not None}
    if wrong:
        raise Invalid(wrong)
    begins = local_time.to_utc(filled["begins"], zone) if "begins" in filled else None
    ends = local_time.to_utc(filled["ends"], zone, after=begins) if "ends" in filled else None
    if begins is not None and ends is not None and ends <= begins:
        raise Invalid({"ends": say(N_("The end must come after the beginning."))})
    until = local_time.to_utc(filled["until"], zone) if "until" in filled else None
    return {"begins_at": begins, "ends_at": ends, "until": until}


def _keep_texts(work: UnitOfWork, article_id: int, form: ArticleForm) -> None:
    work.connection.execute(sa.delete(_text).where(_text.c.article_id == article_id))
    texts = [(language, form.title(language), form.body(language)) for language in LANGUAGES]
    work.add_all(
        ArticleText,
        [
            {
                "article_id": article_id,
                "language": language,
                "title": title,
                "body": body,
                "found_by": found_by(title, body),
            }
            for language, title, body in texts
            if title
        ],
    )


def found_by(title: str, body: str) -> str:
    """The words an article is found by, with a space before and after each (:func:`core.knowledge.articles.page`)."""
    return f" {' '.join([*text_search.words(title), *text_search.words(body)])} "


def values(look: ReadContext, article_id: int) -> tuple[dict[str, Raw], int]:
    """An article as the form holds it, by the clock of whoever edits, and the version that is."""
    article = look.find(Article, article_id)
    look.require("article.edit", article)
    zone = zoneinfo.ZoneInfo(look.actor.zone)

    def local(at: dt.datetime | None) -> Raw:
        return raw(at.astimezone(zone).replace(tzinfo=None)) if at is not None else ""

    reach = Reach.from_column(article.reach)
    raw_values: dict[str, Raw] = {
        "kind": article.kind,
        "pinned": raw(article.pinned),
        "until": local(article.until),
        "position": raw(article.position),
        "outage": raw(article.outage),
        "begins": local(article.begins_at),
        "ends": local(article.ends_at),
        "places": "\n".join(reach.places),
        "networks": " ".join(reach.networks),
        "lines": ", ".join(reach.lines),
    }
    for row in look.rows(sa.select(_text).where(_text.c.article_id == article_id)):
        raw_values |= {f"title_{row.language}": row.title, f"body_{row.language}": row.body}
    return raw_values, article.version
