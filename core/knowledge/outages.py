"""Outages: the mail about them, and how they stand.

Whom an outage reaches is written down line by line (:mod:`core.knowledge.reach`); what each has been told of stands
beside it, and is claimed by the UPDATE that the letter belongs to. So the letters leave in batches that hold no other
writer up, once each, whoever runs them and however often.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from core.accounts.models import Account, AccountState
from core.contracts.models import Asset
from core.knowledge.models import Article, ArticleLine, ArticleText, Told
from core.subscribers.models import Subscriber
from core.work import Work, table

_article, _text, _reached = table(Article), table(ArticleText), table(ArticleLine)
_asset, _subscriber, _account = table(Asset), table(Subscriber), table(Account)

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


def end_planned(work: Work, limit: int = BATCH) -> int:
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


def tell(work: Work, limit: int = BATCH) -> int:
    """Write to the next subscribers who are to be told of an outage, or that it is over; returns how many subscribers
    that settled, 0 when nobody is left. A job, and part of publishing."""
    for article in work.rows(sa.select(_article).where(sa.text("article.untold")).order_by(_article.c.id)):
        settled = _tell_of(work, article, Told.OVER if article.over_at is not None else Told.BEGUN, limit)
        if settled:
            return settled
        work.change(Article, _article.c.id == article.id, _article.c.version == article.version, untold=False)
    return 0


def _tell_of(work: Work, article: Any, stage: Told, limit: int) -> int:
    """One letter for each of the next subscribers, whatever number of lines they have; none for those who have been
    told by another line, or have no account. Whoever never heard of an outage does not hear that it is over."""
    waiting = _reached.c.article_id == article.id, _reached.c.told == stage.value - 1
    holder = sa.func.coalesce(_asset.c.subscriber_id, 0)
    held = sa.select(holder.label("holder")).join_from(_reached, _asset, _asset.c.id == _reached.c.asset_id).distinct()
    next_ones = [row.holder for row in work.rows(held.where(*waiting).order_by(holder).limit(limit))]
    if not next_ones:
        return 0
    theirs = sa.exists().where(_asset.c.id == _reached.c.asset_id, holder.in_(next_ones))
    told = _reached.c.article_id == article.id, _reached.c.told >= stage.value
    before = {row.holder for row in work.rows(held.where(*told, holder.in_(next_ones)))}
    claim = sa.update(_reached).where(*waiting, theirs).values(told=stage.value).returning(_reached.c.asset_id)
    lines = {row.asset_id for row in work.connection.execute(claim).all()}
    _write(work, article, [one for one in next_ones if one not in before], lines)
    return len(next_ones)


def _write(work: Work, article: Any, holders: list[int], lines: set[int]) -> None:
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
    for held in theirs.values():
        _mail(work, article, texts, held)


def _mail(work: Work, article: Any, texts: Mapping[str, Any], held: list[Any]) -> None:
    to = held[0]
    said = texts.get(to.language) or next(iter(texts.values()))
    named = ", ".join(row.identifier for row in held[:MOST_LINES]) + (" …" if len(held) > MOST_LINES else "")
    told: dict[str, Any] = {"name": to.name, "title": said.title, "lines": named}
    if article.over_at is None:
        work.mail(
            "outage",
            to,
            **told,
            body=said.body[:LONGEST],
            begins=article.begins_at.isoformat(),
            ends=article.ends_at.isoformat() if article.ends_at else "",
            ahead=planned(article.begins_at, article.published_at),
        )
    else:
        work.mail(
            "outage_over",
            to,
            **told,
            begins=article.begins_at.isoformat(),
            over=article.over_at.isoformat(),
            called_off=called_off(article.begins_at, article.over_at),
            by_plan=article.over_at == article.ends_at,
        )
