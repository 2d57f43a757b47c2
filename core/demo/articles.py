"""The demo's news, outages and questions: ``data/demo/articles``, one text a language.

The English file begins with the facts of the article, TOML between lines of ``+++``; both then have the title as their
one first-level heading. Times count from the moment the demo is made, so one outage always runs and one is always
ahead; ``{town}`` is filled with one of the towns that the demo's subscribers live in.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import resources
from core.i18n.translation import LANGUAGES
from core.knowledge import audience
from core.knowledge.audience import Reach
from core.knowledge.edit import found_by
from core.models.knowledge import Article, ArticleState, ArticleText
from core.service.unit_of_work import UnitOfWork

FENCE = "+++\n"


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """One article as it will be kept: ``texts`` is title and body by language, ``town`` whom an outage reaches."""

    slug: str
    kind: str
    published_at: dt.datetime
    texts: Mapping[str, tuple[str, str]]
    pinned: bool = False
    position: int = 0
    begins_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    until: dt.datetime | None = None
    town: str = ""


def articles(now: dt.datetime, towns: Sequence[str]) -> list[DemoArticle]:
    """All of them, the oldest first; ``towns`` are those of subscribers, at least one."""
    folder = resources.folder("demo") / "articles"
    slugs = sorted(file.name.removesuffix(".en.md") for file in folder.glob("*.en.md"))
    demo_articles = []
    for slug in slugs:
        texts = {code: (folder / f"{slug}.{code}.md").read_text(encoding="utf-8") for code in LANGUAGES}
        _nothing, facts, texts["en"] = texts["en"].split(FENCE, 2)
        demo_articles.append(_told(slug, tomllib.loads(facts), texts, now, towns))
    return sorted(demo_articles, key=lambda each: (each.published_at, each.slug))


def _told(
    slug: str, facts: Mapping[str, Any], texts: Mapping[str, str], now: dt.datetime, towns: Sequence[str]
) -> DemoArticle:
    outage = facts.get("outage", {})
    town = towns[outage["town"] % len(towns)] if outage else ""
    since = dt.timedelta(
        days=facts.get("days_ago", 0 if facts["kind"] == "news" else 90), hours=facts.get("hours_ago", 0)
    )
    split = {code: text.strip().removeprefix("# ").partition("\n") for code, text in texts.items()}
    return DemoArticle(
        slug=slug,
        kind=facts["kind"],
        published_at=now - since,
        texts={code: (title, body.strip().replace("{town}", town)) for code, (title, _end, body) in split.items()},
        pinned=facts.get("pinned", False),
        position=int(slug.partition("-")[0]) if facts["kind"] == "faq" else 0,
        begins_at=now + dt.timedelta(hours=outage["begins"]) if outage else None,
        ends_at=now + dt.timedelta(hours=outage["ends"]) if outage else None,
        until=now + dt.timedelta(days=facts["until_days"]) if "until_days" in facts else None,
        town=town,
    )


def keep(work: UnitOfWork, made: Sequence[DemoArticle], author_id: int) -> None:
    """Write them down, published; the lines of an outage's town must be there already. Its letters are the jobs' to
    write (:func:`core.knowledge.outages.tell`), as on any desk."""
    for article in made:
        reach = Reach(places=(article.town,)) if article.town else Reach()
        article_id = work.add(
            Article,
            kind=article.kind,
            state=ArticleState.PUBLISHED.value,
            pinned=article.pinned,
            position=article.position,
            outage=bool(article.town),
            begins_at=article.begins_at,
            ends_at=article.ends_at,
            until=article.until,
            reach=reach.to_keep(),
            untold=bool(article.town),
            published_at=article.published_at,
            author_id=author_id,
            created_at=article.published_at,
            changed_at=article.published_at,
        )
        texts = [
            {
                "article_id": article_id,
                "language": code,
                "title": title,
                "body": body,
                "found_by": found_by(title, body),
            }
            for code, (title, body) in article.texts.items()
        ]
        work.add_all(ArticleText, texts)
        if article.town:
            audience.keep(work, article_id, reach)
