"""Articles for tests: written, published, an outage."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from core import forms
from core.clock import MovableClock
from core.db.pagination import PageRequest
from core.knowledge import articles, edit
from core.knowledge.article_form import ArticleForm
from core.service.desk import Desk
from tests.factories.desks import journal_of

NEWS = {
    "kind": "news",
    "title_pl": "Nowa usługa w Łapszach",
    "body_pl": "Światłowód dla **wszystkich**.",
    "title_en": "A new service in Łapsze",
    "body_en": "Fibre for **everybody**.",
}
OUTAGE = {
    "kind": "news",
    "title_pl": "Koparka przecięła światłowód",
    "body_pl": "Spawamy.",
    "outage": "yes",
    "begins": "2026-11-20 08:00",
    "ends": "2026-11-20 14:00",
    "places": "Łapsze",
}


def form(**values: Any) -> ArticleForm:
    """News in both languages, with ``values`` in their place."""
    return forms.fill(ArticleForm, {**NEWS, **values})


def outage(**values: Any) -> ArticleForm:
    """An outage that began at 8:00 of Warsaw, in Polish."""
    return forms.fill(ArticleForm, {**OUTAGE, **values})


def published(staff: Desk, filled: ArticleForm) -> int:
    """An article that everybody reads; its version is 2."""
    article_id: int = staff.do(edit.create, filled)
    staff.do(edit.publish, article_id, seen=1)
    return article_id


def titles(desk: Desk, kind: str = "news", search: str = "", language: str = "pl") -> list[str]:
    """What a list shows, in its order."""
    return [row.title for row in desk.see(articles.page, PageRequest(), kind, language, search).rows]


def later(desk: Desk, **by: int) -> None:
    """Time passes."""
    cast("MovableClock", desk.clock).move(dt.timedelta(**by))


def done(desk: Desk) -> list[str]:
    """What was done to articles, by the journal."""
    return [action for action in journal_of(desk) if action.startswith("article.")]
