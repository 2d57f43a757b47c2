"""Articles: who sees which, in which language and order, found by which words; writing them two at a time."""

from __future__ import annotations

import pytest

from core import forms
from core.db.pagination import PageRequest
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.knowledge import articles, edit
from core.knowledge.article_form import ArticleForm
from core.models.accounts import Role
from core.service.desk import Desk
from tests.core.knowledge.stage import done, form, later, outage, published, titles
from tests.factories.desks import logged_in
from tests.factories.subscribers import subscriber


@pytest.fixture
def adam(any_desk: Desk) -> Desk:
    return logged_in(any_desk, "adam", Role.AGENT)


# Who sees what


def test_everybody_reads_what_is_published_and_only_staff_a_draft(any_desk: Desk, adam: Desk) -> None:
    shown, draft = published(adam, form()), adam.do(edit.create, form(title_pl="Szkic"))
    gone = published(adam, form(title_pl="Wycofane"))
    adam.do(edit.withdraw, gone, seen=2)
    readers = [any_desk, logged_in(any_desk, "ola"), logged_in(any_desk, "igor", Role.INSTALLER)]
    for reader in readers:
        assert titles(reader) == ["Nowa usługa w Łapszach"]
        assert reader.see(articles.article, shown, "pl").body == "Światłowód dla **wszystkich**."
        assert not reader.see(articles.article, shown, "pl").writes
        for hidden in (draft, gone, 999):
            with pytest.raises(NotFound):
                reader.see(articles.article, hidden, "pl")
    assert sorted(titles(adam)) == ["Nowa usługa w Łapszach", "Szkic", "Wycofane"]
    assert adam.see(articles.article, draft, "pl").writes


@pytest.mark.parametrize("role", [None, Role.CUSTOMER, Role.INSTALLER])
def test_nobody_but_staff_writes(any_desk: Desk, adam: Desk, role: Role | None) -> None:
    shown = published(adam, form())
    other = logged_in(any_desk, "ola", role) if role else any_desk
    for refused in (
        lambda: other.do(edit.create, form()),
        lambda: other.do(edit.edit, shown, form(), seen=2),
        lambda: other.do(edit.withdraw, shown, seen=2),
        lambda: other.do(edit.publish, shown, seen=2),
        lambda: other.do(edit.end_outage, shown, seen=2),
        lambda: other.see(edit.values, shown),
    ):
        with pytest.raises(Forbidden):
            refused()
    assert adam.see(articles.article, shown, "pl").version == 2


def test_news_whose_time_is_over_is_staffs_alone(any_desk: Desk, adam: Desk) -> None:
    article = published(adam, form(until="2026-11-20 12:00", pinned="yes"))
    assert titles(any_desk) and any_desk.see(articles.headline, "pl") is not None
    later(any_desk, hours=3)
    assert titles(any_desk) == []
    assert any_desk.see(articles.headline, "pl") is None
    with pytest.raises(NotFound):
        any_desk.see(articles.article, article, "pl")
    assert titles(adam) == ["Nowa usługa w Łapszach"]


# In which language and order


def test_a_text_that_is_missing_is_shown_in_the_other_language(any_desk: Desk, adam: Desk) -> None:
    both = published(adam, form())
    polish = published(adam, form(title_pl="Tylko po polsku", title_en="", body_en=""))
    assert any_desk.see(articles.article, both, "en").row.language == "en"
    assert any_desk.see(articles.article, both, "en").body == "Fibre for **everybody**."
    shown = any_desk.see(articles.article, polish, "en")
    assert (shown.row.title, shown.row.language) == ("Tylko po polsku", "pl")
    assert titles(any_desk, language="en") == ["Tylko po polsku", "A new service in Łapsze"]


def test_what_is_pinned_stands_first_then_the_newest(any_desk: Desk, adam: Desk) -> None:
    for number, pinned in enumerate(["no", "yes", "no", "yes", "no"]):
        published(adam, form(title_pl=f"{number}", pinned=pinned))
        later(any_desk, hours=1)
    assert titles(any_desk) == ["3", "1", "4", "2", "0"]
    first = any_desk.see(articles.page, PageRequest(limit=3), "news", "pl")
    assert [row.title for row in first.rows] == ["3", "1", "4"]
    rest = any_desk.see(articles.page, PageRequest(after=first.end, limit=3), "news", "pl")
    assert [row.title for row in rest.rows] == ["2", "0"]
    back = any_desk.see(articles.page, PageRequest(before=rest.start, limit=3), "news", "pl")
    assert [row.title for row in back.rows] == ["3", "1", "4"]


def test_questions_stand_in_the_order_staff_gave_them(any_desk: Desk, adam: Desk) -> None:
    for title, position in (("b", "2"), ("c", "3"), ("a", "1"), ("b2", "2")):
        published(adam, form(kind="faq", title_pl=title, position=position))
    assert titles(any_desk, "faq") == ["a", "b", "b2", "c"]
    assert titles(any_desk) == []
    first = any_desk.see(articles.page, PageRequest(limit=2), "faq", "pl")
    rest = any_desk.see(articles.page, PageRequest(after=first.end, limit=2), "faq", "pl")
    assert [row.title for row in rest.rows] == ["b2", "c"]


# Found by which words


@pytest.mark.parametrize(
    "typed",
    ["usługa", "uslugi", "USLUGE", "usług", "lapszach", "Łapszach nowa", "swiatlowod", "światłowodów", "everybody"],
)
def test_what_finds_it(any_desk: Desk, adam: Desk, typed: str) -> None:
    """Without accents, in other cases of the word, begun only, in either language."""
    published(adam, form())
    published(adam, form(title_pl="Inna", body_pl="Zupełnie coś innego.", title_en="", body_en=""))
    assert titles(any_desk, search=typed) == ["Nowa usługa w Łapszach"]


@pytest.mark.parametrize("typed", ["gruszka", "usługa gruszka", "%", "_", "a%b", "*", "sług"])
def test_what_does_not(any_desk: Desk, adam: Desk, typed: str) -> None:
    published(adam, form())
    assert titles(any_desk, search=typed) == []


def test_a_search_follows_the_words(any_desk: Desk, adam: Desk) -> None:
    article = published(adam, form())
    adam.do(edit.edit, article, form(title_pl="Modem na święta"), seen=2)
    assert titles(any_desk, search="modemy") == ["Modem na święta"]
    assert titles(any_desk, search="usługa") == []


# Writing


def test_of_two_who_edit_the_later_is_told(any_desk: Desk, adam: Desk) -> None:
    ewa = logged_in(any_desk, "ewa", Role.ADMIN)
    article = adam.do(edit.create, form())
    values, seen = ewa.see(edit.values, article)
    adam.do(edit.edit, article, form(title_pl="Adama"), seen=1)
    for late in (
        lambda: ewa.do(edit.edit, article, forms.fill(ArticleForm, values), seen=seen),
        lambda: ewa.do(edit.publish, article, seen=seen),
    ):
        with pytest.raises(Conflict):
            late()
    assert titles(adam) == ["Adama"]
    assert done(any_desk) == ["article.create", "article.edit"], "what was refused is not in the journal"


def test_what_is_edited_is_what_was_written(any_desk: Desk, adam: Desk) -> None:
    subscriber(any_desk)
    article = adam.do(edit.create, outage(until="2026-12-01 10:00", pinned="yes", ends=""))
    values, seen = adam.see(edit.values, article)
    again = forms.fill(ArticleForm, values)
    assert again == outage(until="2026-12-01 10:00", pinned="yes", ends="")
    adam.do(edit.edit, article, again, seen=seen)
    assert adam.see(edit.values, article) == (values, seen + 1)


def test_an_outage_that_nobody_was_told_of_may_become_news(any_desk: Desk, adam: Desk) -> None:
    subscriber(any_desk)
    draft = adam.do(edit.create, outage())
    adam.do(edit.edit, draft, form(), seen=1)
    assert adam.see(edit.values, draft)[0]["outage"] == "no"
    told = published(adam, outage())
    with pytest.raises(Invalid, match="told of"):
        adam.do(edit.edit, told, form(), seen=2)


def test_publishing_and_withdrawing_are_done_once(any_desk: Desk, adam: Desk) -> None:
    article = published(adam, form())
    with pytest.raises(Conflict):
        adam.do(edit.publish, article, seen=2)
    adam.do(edit.withdraw, article, seen=2)
    with pytest.raises(Conflict):
        adam.do(edit.withdraw, article, seen=3)
    with pytest.raises(Conflict):
        adam.do(edit.end_outage, article, seen=3)
    adam.do(edit.publish, article, seen=3)
    assert titles(any_desk) == ["Nowa usługa w Łapszach"]


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"title_pl": "", "body_pl": "", "title_en": "", "body_en": ""}, "title_pl", "one language at least"),
        ({"body_pl": ""}, "body_pl", "belong together"),
        ({"title_en": ""}, "title_en", "belong together"),
        ({"title_pl": "x" * 151}, "title_pl", "150"),
        ({"body_pl": "x" * 20_001}, "body_pl", "20000"),
        ({"kind": "gossip"}, "kind", "Choose one"),
        ({"until": "jutro"}, "until", "2026-11-20 14:30"),
        ({"outage": "yes"}, "begins", "needed"),
        ({"kind": "faq", "position": "1000"}, "position", "999"),
    ],
)
def test_what_is_wrong_with_a_form_stands_at_its_field(values: dict[str, str], field: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        form(**values)
    assert said in refused.value.fields[field].text()


@pytest.mark.parametrize(
    ("begins", "ends", "field", "said"),
    [
        ("2026-11-20 10:00", "2026-11-20 10:00", "ends", "after the beginning"),
        ("2027-03-28 02:30", "2027-03-28 03:10", "begins", "There is no 02:30"),
        ("2027-03-28 01:30", "2027-03-28 02:10", "ends", "There is no 02:10"),
    ],
)
def test_works_at_times_that_cannot_be_are_refused(adam: Desk, begins: str, ends: str, field: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        adam.do(edit.create, form(outage="yes", begins=begins, ends=ends, places="*"))
    assert said in refused.value.fields[field].text()


def test_works_in_the_night_in_which_clocks_go_back_end_after_they_begin(any_desk: Desk, adam: Desk) -> None:
    values = {"outage": "yes", "begins": "2026-10-25 02:40", "ends": "2026-10-25 02:20", "places": "*"}
    subscriber(any_desk)
    article = adam.do(edit.create, form(**values))
    kept, seen = adam.see(edit.values, article)
    assert (kept["begins"], kept["ends"]) == (values["begins"], values["ends"])
    adam.do(edit.edit, article, forms.fill(ArticleForm, kept), seen=seen)
    assert adam.see(edit.values, article)[0] == kept


def test_what_belongs_to_the_other_kind_is_left_out() -> None:
    filled = form(kind="faq", outage="yes", begins="2026-11-20 10:00", places="Łapsze", until="2026-11-20 10:00")
    assert not filled.outage and filled.begins is None and filled.until is None and filled.reach.places == ()


# The first screen


def test_the_newest_of_what_is_pinned_is_the_headline(any_desk: Desk, adam: Desk) -> None:
    ola = logged_in(any_desk, "ola")
    assert ola.see(articles.headline, "pl") is None
    published(adam, form(title_pl="Zwykłe"))
    published(adam, form(kind="faq", title_pl="Pytanie", pinned="yes"))
    adam.do(edit.create, form(title_pl="Szkic", pinned="yes"))
    assert ola.see(articles.headline, "pl") is None
    published(adam, form(title_pl="Ważne", pinned="yes"))
    for reader in (ola, any_desk, adam):
        headline = reader.see(articles.headline, "pl")
        assert headline is not None and (headline.what, headline.title) == ("pinned", "Ważne")
