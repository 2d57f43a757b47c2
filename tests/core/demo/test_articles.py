"""The demo's articles: whole in both languages, one outage running and one ahead, and those it reaches told."""

from __future__ import annotations

import re

from core import jobs
from core.db.pagination import PageRequest
from core.demo import articles
from core.knowledge import articles as knowledge_articles
from core.knowledge import outages
from core.knowledge.article_form import TITLE
from core.models.accounts import Role
from core.service.desk import Desk
from tests.factories.desks import START, logged_in, mail, person, seat
from tests.factories.subscribers import subscriber

MADE = articles.articles(START, ["Łapsze", "Frydman"])


def test_every_article_is_whole_in_both_languages() -> None:
    assert len({one.slug for one in MADE}) == len(MADE) >= 16
    for one in MADE:
        assert set(one.texts) == {"en", "pl"}, one.slug
        for title, body in one.texts.values():
            assert title and len(title) <= TITLE and not title.startswith("#"), one.slug
            assert len(body) > 100 and not re.search(r"[{}]|^# |\+\+\+", body, re.MULTILINE), one.slug
        polish, english = one.texts["pl"][1], one.texts["en"][1]
        assert polish.count("\n## ") == english.count("\n## "), one.slug
        assert len(re.findall(r"^(?:-|\d\.) ", polish, re.M)) == len(re.findall(r"^(?:-|\d\.) ", english, re.M)), (
            one.slug
        )


def test_one_outage_runs_and_one_is_ahead() -> None:
    lasting = [one for one in MADE if one.town]
    periods = {outages.period(True, one.begins_at, one.ends_at, None, START) for one in lasting}
    assert periods == {"running", "announced"}
    assert all("Łapsze" in one.texts["pl"][1] or "Frydman" in one.texts["pl"][1] for one in lasting)
    assert [one.position for one in MADE if one.kind == "faq"] == sorted(
        one.position for one in MADE if one.kind == "faq"
    )


def test_kept_they_are_read_found_and_told(desk: Desk) -> None:
    adam = person(desk, "adam", Role.AGENT)
    account = person(desk, "wanda", language="pl")
    subscriber(desk, account_id=account)
    desk.as_system().do(articles.keep, articles.articles(desk.now, ["Łapsze"]), adam)
    wanda = seat(desk, account)
    assert len(desk.see(knowledge_articles.page, PageRequest(), "faq", "pl").rows) >= 10
    news = desk.see(knowledge_articles.page, PageRequest(), "news", "pl").rows
    assert news[0].pinned and len(news) >= 6
    assert [row.title for row in desk.see(knowledge_articles.page, PageRequest(), "faq", "pl", "wolny internet").rows][
        :1
    ] == ["Internet działa wolno. Co mogę sprawdzić?"]
    assert [row.period for row in wanda.see(knowledge_articles.outages, "pl")] == ["running", "announced"]
    while desk.as_system().do(outages.tell):
        pass
    assert sorted(row.details["ahead"] for row in mail(desk, "outage")) == [False, True]
    assert logged_in(desk, "ola").see(knowledge_articles.outages, "pl") == []
    assert jobs.run(desk) is not None
