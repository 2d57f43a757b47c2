"""Reading news, outages, questions and answers: for everybody, before logging in too.

Everybody else than staff sees what is published and whose time is not over. A text that is missing in the reader's
language is shown in the other one and says so: an answer in the wrong language is better than none.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.db import pagination, text_search
from core.db.columns import Moment, moment
from core.db.pagination import Page, PageRequest
from core.knowledge.outages import LASTING, period
from core.knowledge.outages import planned as was_planned
from core.models.accounts import Account
from core.models.contracts import Asset
from core.models.knowledge import Article, ArticleKind, ArticleLine, ArticleState, ArticleText, Told
from core.models.names import display_name
from core.service.unit_of_work import ReadContext, not_found, table

_article, _text, _reached = table(Article), table(ArticleText), table(ArticleLine)
_account, _asset = table(Account), table(Asset)
_here, _other = _text.alias("here"), _text.alias("other")

_SHOWN_AT = sa.type_coerce(sa.func.coalesce(_article.c.published_at, _article.c.created_at), Moment()).label("at")
"""The day an article bears: that of its publishing, of a draft's beginning."""
_TITLE = sa.func.coalesce(_here.c.title, _other.c.title).label("title")
_SPOKEN = sa.func.coalesce(_here.c.language, _other.c.language).label("language")
_ROW = (
    _article.c.id,
    _article.c.kind,
    _article.c.state,
    _article.c.pinned,
    _article.c.position,
    _article.c.outage,
    moment(_article.c.begins_at),
    moment(_article.c.ends_at),
    moment(_article.c.over_at),
    moment(_article.c.until),
    _SHOWN_AT,
    _TITLE,
    _SPOKEN,
)
ANNOUNCED = dt.timedelta(days=7)
"""How long before its beginning an outage stands on the first screen of those it reaches."""


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One line of a list. ``period`` says how an outage stands (:func:`core.knowledge.outages.period`); ``at`` is when
    it was published; ``language`` is that of the title, which may not be the reader's."""

    id: int
    kind: str
    state: str
    pinned: bool
    position: int
    outage: bool
    begins_at: dt.datetime | None
    ends_at: dt.datetime | None
    over_at: dt.datetime | None
    until: dt.datetime | None
    at: dt.datetime
    title: str
    language: str
    period: str

    @property
    def planned(self) -> bool:
        """Whether these are works and no failure: :func:`core.knowledge.outages.planned`."""
        return self.outage and self.begins_at is not None and was_planned(self.begins_at, self.at)


@dataclass(frozen=True, slots=True)
class ArticleShown:
    """A whole article. ``mine`` are the reader's own lines that an outage reaches; ``reached`` and ``told_count``
    (lines, and those whose subscribers have been written to) and ``author`` are for staff."""

    row: ArticleRow
    body: str
    version: int
    changed_at: dt.datetime
    mine: tuple[str, ...] = ()
    author: str = ""
    reached: int = 0
    told_count: int = 0
    writes: bool = False
    """Whether the reader may change it."""


@dataclass(frozen=True, slots=True)
class Headline:
    """The one line that stands on the first screen: ``mine`` for an outage that reaches the reader's own line, else an
    ``outage`` or what is ``pinned``."""

    article_id: int
    what: str
    title: str
    period: str
    begins_at: dt.datetime | None
    ends_at: dt.datetime | None
    planned: bool = False
    """Works that were announced ahead."""


def page(look: ReadContext, ask: PageRequest, kind: str, language: str, search_: str = "") -> Page[ArticleRow]:
    """Articles of a kind: news with what is pinned first and then the newest, questions in their order. With
    ``search_`` those that hold all its words, in whichever language."""
    query = _rows(look, language).where(_article.c.kind == kind, _in_time(look))
    for term in text_search.query_terms(search_):
        query = query.where(_holds(term))
    if search_.strip() and not text_search.query_terms(search_):
        query = query.where(sa.false())
    if kind == ArticleKind.FAQ:
        return pagination.read(look, query, (_article.c.position, _article.c.id), ask, _shower(look), descending=False)
    return pagination.read(look, query, (_article.c.pinned, _SHOWN_AT, _article.c.id), ask, _shower(look))


def _rows(look: ReadContext, language: str, *more: Any) -> sa.Select[Any]:
    """Articles within sight with their title in ``language``, or else in the other one."""
    of = _article.c.id
    return look.scoped(Article, *_ROW, *more).select_from(
        _article.outerjoin(_here, sa.and_(_here.c.article_id == of, _here.c.language == language)).outerjoin(
            _other, sa.and_(_other.c.article_id == of, _other.c.language != language)
        )
    )


def _in_time(look: ReadContext) -> sa.ColumnElement[bool]:
    """News has a last day; staff see it all the same."""
    if look.may("article.edit"):
        return sa.true()
    return sa.or_(_article.c.until.is_(None), _article.c.until > look.now)


def _holds(term: text_search.Term) -> sa.ColumnElement[bool]:
    """An article with the word in one of its texts. The index text stands between spaces, so a word is found with a
    space at both ends and the beginning of one with a space before it: a plain LIKE, the same on both databases, and
    fast enough for as many articles as people write."""
    patterns = [f"% {word} %" for word in term.alternatives] + ([f"% {term.prefix}%"] if term.prefix else [])
    in_text = sa.or_(*(_text.c.found_by.like(pattern) for pattern in patterns))
    return sa.exists().where(_text.c.article_id == _article.c.id, in_text)


def _shower(look: ReadContext) -> Any:
    def show(row: Any) -> ArticleRow:
        return _row(row, look.now)

    return show


def _row(row: Any, now: dt.datetime) -> ArticleRow:
    values = {name: getattr(row, name) for name in ArticleRow.__slots__ if name != "period"}
    return ArticleRow(**values, period=period(row.outage, row.begins_at, row.ends_at, row.over_at, now))


def article(look: ReadContext, article_id: int, language: str) -> ArticleShown:
    """One article; the same :class:`core.errors.NotFound` for missing, hidden and past."""
    body = sa.func.coalesce(_here.c.body, _other.c.body).label("body")
    more = (body, _article.c.version, moment(_article.c.changed_at), _article.c.author_id)
    row = look.row(_rows(look, language, *more).where(_article.c.id == article_id, _in_time(look)))
    if row is None:
        raise not_found()
    writes = look.may("article.edit")
    reached, told_count = _reach(look, row.id) if writes and row.outage else (0, 0)
    return ArticleShown(
        _row(row, look.now),
        row.body or "",
        row.version,
        row.changed_at,
        mine=_mine(look, row.id) if row.outage else (),
        author=_name(look, row.author_id) if writes else "",
        reached=reached,
        told_count=told_count,
        writes=writes,
    )


def _reach(look: ReadContext, article_id: int) -> tuple[int, int]:
    told_count = sa.func.coalesce(sa.func.sum(sa.case((_reached.c.told >= Told.BEGUN.value, 1), else_=0)), 0)
    row = look.row(sa.select(sa.func.count(), told_count).where(_reached.c.article_id == article_id))
    return (int(row[0]), int(row[1])) if row is not None else (0, 0)


def _mine(look: ReadContext, article_id: int) -> tuple[str, ...]:
    """The reader's own lines among those it reaches."""
    if look.actor.subscriber_id is None:
        return ()
    mine = (
        look.scoped(Asset, _asset.c.identifier)
        .join(_reached, _reached.c.asset_id == _asset.c.id)
        .where(_reached.c.article_id == article_id, _asset.c.subscriber_id == look.actor.subscriber_id)
        .order_by(_asset.c.id)
    )
    return tuple(row.identifier for row in look.rows(mine))


def _name(look: ReadContext, account_id: int | None) -> str:
    named = (_account.c.first_name, _account.c.last_name, _account.c.login)
    row = look.row(look.scoped(Account, *named).where(_account.c.id == account_id))
    return display_name(row) if row is not None else ""


def outages(look: ReadContext, language: str) -> list[ArticleRow]:
    """Outages that reach the reader's own lines: those that last, and those that begin within :data:`ANNOUNCED`; the
    first to begin first. None for anybody who is no subscriber."""
    if look.actor.subscriber_id is None:
        return []
    mine = sa.exists().where(
        _reached.c.article_id == _article.c.id,
        _reached.c.asset_id == _asset.c.id,
        _asset.c.subscriber_id == look.actor.subscriber_id,
    )
    return _lasting(look, language, mine, 10)


def _lasting(look: ReadContext, language: str, where: sa.ColumnElement[bool], limit: int) -> list[ArticleRow]:
    soon = _article.c.begins_at <= look.now + ANNOUNCED
    query = _rows(look, language).where(LASTING, soon, where, _in_time(look))
    rows = look.rows(query.order_by(_article.c.begins_at, _article.c.id).limit(limit))
    return [_row(row, look.now) for row in rows]


def headline(look: ReadContext, language: str) -> Headline | None:
    """What everybody should see first, if there is anything: an outage of one's own line, an outage at all (for guests,
    who may be here because of it, and for staff, who are asked about it), or the newest news that is pinned."""
    mine = outages(look, language)
    if mine:
        return _headline(mine[0], "mine")
    if look.actor.role == "guest" or look.actor.staff:
        lasting = _lasting(look, language, _article.c.begins_at <= look.now, 1)
        if lasting:
            return _headline(lasting[0], "outage")
    pinned = _article.c.kind == ArticleKind.NEWS.value, _article.c.pinned
    published = _article.c.state == ArticleState.PUBLISHED.value
    newest = _rows(look, language).where(*pinned, published, _in_time(look))
    row = look.row(newest.order_by(_SHOWN_AT.desc(), _article.c.id.desc()).limit(1))
    return _headline(_row(row, look.now), "pinned") if row is not None else None


def _headline(row: ArticleRow, what: str) -> Headline:
    return Headline(row.id, what, row.title, row.period, row.begins_at, row.ends_at, row.planned)
