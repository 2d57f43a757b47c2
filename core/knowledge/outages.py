"""Outages: the mail about them, and how they stand.

Whom an outage reaches is written down line by line (:mod:`core.knowledge.audience`); what each has been told of stands
beside it, and is claimed by the UPDATE that the letter belongs to. So the letters leave in batches that hold no other
writer up, once each, whoever runs them and however often. Whoever was told of an outage is told again when it is put
off, lasts longer or shorter, or does not reach them after all: nobody stays up for works that were moved.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from core.models.accounts import Account, AccountState
from core.models.contracts import Asset
from core.models.knowledge import Article, ArticleLine, ArticleText, SparedLine, Told
from core.models.subscribers import Subscriber
from core.service.unit_of_work import UnitOfWork, table

_article, _text, _reached = table(Article), table(ArticleText), table(ArticleLine)
_spared = table(SparedLine)
_asset, _subscriber, _account = table(Asset), table(Subscriber), table(Account)

Letter = Callable[[UnitOfWork, Any, Any, Any, str], None]
"""Promises one letter: of an article, to an account, with its text in their language and the names of their lines."""

BATCH = 200
"""Subscribers that one transaction writes to."""
MOST_LINES = 5
"""Lines of one subscriber that a letter names."""
LONGEST = 4000
"""As much of the article as goes into a letter."""

LASTING = sa.text("article.outage AND article.state = 'published' AND article.over_at IS NULL")
"""Literally the condition of the partial index ``ix_article_outage``."""


def period(
    outage: bool,
    begins_at: dt.datetime | None,
    ends_at: dt.datetime | None,
    over_at: dt.datetime | None,
    now: dt.datetime,
) -> str:
    """How an outage stands: ``announced``, ``running``, ``late`` (it should have ended), ``over``, ``called_off``
    (before it began); empty for none."""
    if not outage or begins_at is None:
        return ""
    if over_at is not None:
        return "called_off" if called_off(begins_at, over_at) else "over"
    if begins_at > now:
        return "announced"
    return "late" if ends_at is not None and ends_at <= now else "running"


def planned(begins_at: dt.datetime, published_at: dt.datetime) -> bool:
    """Whether these are works that were announced before they began, and no failure: whenever somebody reads of it."""
    return begins_at >= published_at


def called_off(begins_at: dt.datetime, over_at: dt.datetime) -> bool:
    """Whether what was to begin at ``begins_at`` never did."""
    return over_at < begins_at


def end_planned(work: UnitOfWork, limit: int = BATCH) -> int:
    """What was announced ahead, with an end, is over when that end has come; a failure lasts until somebody says that
    it has been mended. A job."""
    due = (
        LASTING,
        _article.c.begins_at >= _article.c.published_at,
        _article.c.ends_at <= work.now,
    )
    ids = [
        row.id for row in work.rows(sa.select(_article.c.id).where(*due).order_by(_article.c.begins_at).limit(limit))
    ]
    for article_id in ids:
        ended = {"over_at": _article.c.ends_at, "untold": True, "version": _article.c.version + 1}
        if work.change(Article, _article.c.id == article_id, *due, **ended):
            work.record("article.over", "article", article_id)
    return len(ids)


def tell(work: UnitOfWork, limit: int = BATCH) -> int:
    """Write to the next subscribers who are to be told of an outage, or that it is over; returns how many subscribers
    that settled, 0 when nobody is left. A job, and part of publishing."""
    for article in work.rows(sa.select(_article).where(sa.text("article.untold")).order_by(_article.c.id)):
        settled = _tell_spared(work, article, limit)
        if not settled and article.over_at is not None:
            settled = _tell_of(work, article, Told.OVER, limit)
        elif not settled:
            settled = _tell_of(work, article, Told.BEGUN, limit) or _tell_moved(work, article, limit)
        if settled:
            return settled
        work.change(Article, _article.c.id == article.id, _article.c.version == article.version, untold=False)
    return 0


def _tell_of(work: UnitOfWork, article: Any, stage: Told, limit: int) -> int:
    """One letter for each of the next subscribers, whatever number of lines they have; none for those who have been
    told by another line, or have no account. Whoever never heard of an outage does not hear that it is over."""
    waiting = _reached.c.article_id == article.id, _reached.c.told == stage.value - 1
    holders = _holders(work, _reached, limit, *waiting)
    if not holders:
        return 0
    already = _reached.c.article_id == article.id, _reached.c.told >= stage.value
    before = set(_holders(work, _reached, limit, *already, _HOLDER.in_(holders)))
    values = {"told": stage.value, **_period_of(article)}
    claim = sa.update(_reached).where(*waiting, _of(_reached, holders)).values(**values).returning(_reached.c.asset_id)
    lines = {row.asset_id for row in work.connection.execute(claim).all()}
    _write(work, article, [holder for holder in holders if holder not in before], lines, _letter_of)
    return len(holders)


def _tell_moved(work: UnitOfWork, article: Any, limit: int) -> int:
    """One letter for each of the next subscribers who were told other times than those that hold now."""
    period_ = _period_of(article)
    other = sa.or_(*(_reached.c[name].is_distinct_from(value) for name, value in period_.items()))
    waiting = _reached.c.article_id == article.id, _reached.c.told == Told.BEGUN.value, other
    holders = _holders(work, _reached, limit, *waiting)
    if not holders:
        return 0
    claim = sa.update(_reached).where(*waiting, _of(_reached, holders)).values(**period_)
    lines = {row.asset_id for row in work.connection.execute(claim.returning(_reached.c.asset_id)).all()}
    _write(work, article, holders, lines, _letter_of_move)
    return len(holders)


def _tell_spared(work: UnitOfWork, article: Any, limit: int) -> int:
    """One letter for each of the next subscribers with lines that were said to be reached and are not."""
    waiting = _spared.c.article_id == article.id
    holders = _holders(work, _spared, limit, waiting)
    if not holders:
        return 0
    claim = sa.delete(_spared).where(waiting, _of(_spared, holders)).returning(_spared.c.asset_id)
    lines = {row.asset_id for row in work.connection.execute(claim).all()}
    _write(work, article, holders, lines, _letter_of_sparing)
    return len(holders)


def _period_of(article: Any) -> dict[str, dt.datetime | None]:
    return {"told_begins": article.begins_at, "told_ends": article.ends_at}


_HOLDER = sa.func.coalesce(_asset.c.subscriber_id, 0)


def _holders(work: UnitOfWork, lines: sa.Table, limit: int, *where: sa.ColumnElement[bool]) -> list[int]:
    """The next subscribers (0: none) of these rows, by their ids."""
    query = sa.select(_HOLDER.label("holder")).join_from(lines, _asset, _asset.c.id == lines.c.asset_id).distinct()
    return [row.holder for row in work.rows(query.where(*where).order_by(_HOLDER).limit(limit))]


def _of(lines: sa.Table, holders: list[int]) -> sa.ColumnElement[bool]:
    return sa.exists().where(_asset.c.id == lines.c.asset_id, _HOLDER.in_(holders))


def _write(work: UnitOfWork, article: Any, holders: list[int], lines: set[int], letter: Letter) -> None:
    """The letters to ``holders`` about those of their lines that are among ``lines``."""
    texts = {row.language: row for row in work.rows(sa.select(_text).where(_text.c.article_id == article.id))}
    rows = work.rows(
        sa.select(
            _asset.c.id.label("asset_id"),
            _asset.c.identifier,
            _asset.c.subscriber_id,
            _subscriber.c.name,
            _account.c.id,
            _account.c.email,
            _account.c.language,
        )
        .join_from(_asset, _subscriber, _subscriber.c.id == _asset.c.subscriber_id)
        .join(_account, _account.c.id == _subscriber.c.account_id)
        .where(_subscriber.c.id.in_(holders), _account.c.state == AccountState.ACTIVE.value)
        .order_by(_subscriber.c.id, _asset.c.id)
    )
    theirs: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        if row.asset_id in lines:
            theirs[row.subscriber_id].append(row)
    for own_lines in theirs.values():
        to = own_lines[0]
        text = texts.get(to.language) or next(iter(texts.values()))
        named = ", ".join(row.identifier for row in own_lines[:MOST_LINES]) + (
            " …" if len(own_lines) > MOST_LINES else ""
        )
        letter(work, article, to, text, named)


def _letter_of(work: UnitOfWork, article: Any, to: Any, text: Any, named: str) -> None:
    """That it has begun or is announced; or that it is over."""
    details: dict[str, Any] = {"name": to.name, "title": text.title, "lines": named}
    if article.over_at is None:
        work.mail(
            "outage",
            to,
            **details,
            body=text.body[:LONGEST],
            begins=article.begins_at.isoformat(),
            ends=article.ends_at.isoformat() if article.ends_at else "",
            ahead=planned(article.begins_at, article.published_at),
        )
    else:
        work.mail(
            "outage_over",
            to,
            **details,
            begins=article.begins_at.isoformat(),
            over=article.over_at.isoformat(),
            called_off=called_off(article.begins_at, article.over_at),
            by_plan=article.over_at == article.ends_at,
        )


def _letter_of_move(work: UnitOfWork, article: Any, to: Any, text: Any, named: str) -> None:
    work.mail(
        "outage_moved",
        to,
        name=to.name,
        title=text.title,
        lines=named,
        begins=article.begins_at.isoformat(),
        ends=article.ends_at.isoformat() if article.ends_at else "",
        ahead=planned(article.begins_at, article.published_at),
    )


def _letter_of_sparing(work: UnitOfWork, article: Any, to: Any, text: Any, named: str) -> None:
    ahead = planned(article.begins_at, article.published_at)
    work.mail("outage_spared", to, name=to.name, title=text.title, lines=named, ahead=ahead)
