"""Articles: news (some of them outages) and questions with their answers, in both languages."""

import datetime as dt
from enum import IntEnum, StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.db.columns import json_type, key, one_of, part_of_key, reference


class ArticleKind(StrEnum):
    NEWS = "news"
    FAQ = "faq"


class ArticleState(StrEnum):
    DRAFT = "draft"
    """Only staff see it."""
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


def _where(text: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(text), "postgresql_where": sa.text(text)}


class Article(SQLModel, table=True):
    """``version`` grows with every change, so that two people who edit never overwrite each other."""

    __table_args__ = (
        one_of("kind", "kind", ArticleKind),
        one_of("state", "state", ArticleState),
        sa.Index("ix_article_shown", "kind", "state", "published_at", "id"),
        sa.Index(
            "ix_article_outage", "begins_at", "id", **_where("outage AND state = 'published' AND over_at IS NULL")
        ),
        sa.Index("ix_article_untold", "id", **_where("untold")),
    )

    id: int = key()
    kind: str = Field(max_length=8)
    state: str = Field(default=ArticleState.DRAFT.value, max_length=10)
    pinned: bool = Field(default=False)
    position: int = Field(default=0)
    """The order of questions."""
    outage: bool = Field(default=False)
    begins_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    """When an outage is expected to end."""
    over_at: dt.datetime | None = None
    """When it has ended; None while it lasts."""
    reach: dict[str, Any] = Field(default_factory=dict, sa_type=json_type())
    """Whom an outage reaches, as staff wrote it: ``places``, ``networks``, ``lines``."""
    untold: bool = Field(default=False)
    """Somebody is still to be told of this outage, or that it is over."""
    until: dt.datetime | None = None
    """News that is not shown after this moment."""
    published_at: dt.datetime | None = None
    author_id: int | None = reference("account.id", nullable=True)
    created_at: dt.datetime
    changed_at: dt.datetime
    version: int = Field(default=1)


class ArticleText(SQLModel, table=True):
    """An article in one language. ``found_by`` holds the words it is searched by (:mod:`core.db.text_search`)."""

    __tablename__ = "article_text"

    article_id: int = part_of_key("article.id")
    language: str = Field(primary_key=True, max_length=2)
    title: str = Field(max_length=150)
    body: str = Field(max_length=20_000)
    found_by: str = Field(default="", sa_type=sa.Text)


class Told(IntEnum):
    """How far the mail about an outage has come, for one line."""

    NOTHING = 0
    BEGUN = 1
    OVER = 2


class ArticleLine(SQLModel, table=True):
    """An outage reaches this line."""

    __tablename__ = "article_line"
    __table_args__ = (sa.Index("ix_article_line_asset", "asset_id"),)

    article_id: int = part_of_key("article.id")
    asset_id: int = part_of_key("asset.id")
    told: int = Field(default=Told.NOTHING.value)
    """What mail its subscriber has had about it (:class:`Told`), so that each goes once."""
    told_begins: dt.datetime | None = None
    """From when it was to last, by the last letter; another beginning now is told again."""
    told_ends: dt.datetime | None = None
    """Until when, by the last letter."""


class SparedLine(SQLModel, table=True):
    """An outage was said to reach this line and does not after all; its subscriber is still to be told."""

    __tablename__ = "article_line_spared"

    article_id: int = part_of_key("article.id")
    asset_id: int = part_of_key("asset.id")
    told_begins: dt.datetime | None = None
    told_ends: dt.datetime | None = None
