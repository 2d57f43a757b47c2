"""Outages: which lines they reach, who is written to and how often, and when they are over."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.i18n.sanitize import fold
from core.knowledge import articles, audience, edit, outages
from core.knowledge.audience import Audience, Reach
from core.models.accounts import Account, AccountState, Role
from core.models.contracts import Asset
from core.models.knowledge import Article, ArticleLine
from core.models.subscribers import Line
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from tests.core.knowledge.stage import done, form, later, outage, published
from tests.factories.desks import logged_in, mail, make_desk, person, seat
from tests.factories.subscribers import Made, subscriber

ADDRESSES = {"wanda": "203.0.113.7", "zenon": "203.0.113.130", "irka": "198.51.100.9"}


class Village:
    """Wanda and Zenon live in Łapsze, Irka in Frydman; a fourth line is nobody's account."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.adam = logged_in(desk, "adam", Role.AGENT)
        self.made: dict[str, Made] = {}
        self.seats: dict[str, Desk] = {}
        for number, (login, address) in enumerate(ADDRESSES.items()):
            account = person(desk, login, language="en" if login == "zenon" else "pl")
            self.made[login] = subscriber(
                desk,
                f"A-{number}",
                contract=f"U-{number}",
                account_id=account,
                addresses=(address,),
                name=login.title(),
            )
            self.seats[login] = seat(desk, account)
        self.made["nobody"] = subscriber(desk, "A-9", contract="U-9", addresses=("2001:db8:7::/48",))
        self.move("zenon", "ul. Krzywa 33")
        self.move("irka", "Nad Zalewem 1", "Frydman")

    def move(self, who: str, street: str, town: str = "Łapsze") -> None:
        def change(work: UnitOfWork) -> None:
            here = table(Line).c.asset_id == self.line(who)
            work.change(Line, here, street=street, town=town, town_key=fold(town))

        self.desk.as_system().do(change)

    def line(self, who: str) -> int:
        return self.made[who].lines[0]

    def named(self, who: str) -> str:
        chosen = sa.select(table(Asset).c.identifier).where(table(Asset).c.id == self.line(who))
        return str(self.desk.as_system().see(lambda look: look.value(chosen)))

    def whom(self, **values: str) -> set[str]:
        """Who is reached by what is written."""
        found = self.adam.see(
            audience.lines, Reach.typed(*(values.get(name) for name in ("places", "networks", "lines")))
        )
        return {who for who in self.made if self.line(who) in found}

    def told(self, letter: str) -> list[str]:
        """Whom the letter went to."""
        return [row.address.partition("@")[0] for row in mail(self.desk, letter)]


@pytest.fixture
def village(any_desk: Desk) -> Village:
    return Village(any_desk)


# Which lines


def test_places_networks_and_numbers(village: Village) -> None:
    assert village.whom(places="Łapsze") == {"wanda", "zenon", "nobody"}
    assert village.whom(places="LAPSZE\n frydman ") == set(village.made)
    assert village.whom(places="Łapsze, Krzywa") == {"wanda", "zenon", "nobody"}
    assert village.whom(places="Łapsze, ul. Krzywa 3") == {"wanda", "nobody"}, "3 is not 33"
    assert village.whom(places="Frydman, nad zalewem") == {"irka"}
    assert village.whom(places="*") == set(village.made)
    assert village.whom(networks="203.0.113.0/24") == {"wanda", "zenon"}
    assert village.whom(networks="203.0.113.0/25, 198.51.100.9") == {"wanda", "irka"}
    assert village.whom(networks="2001:db8:7:1::/64") == {"nobody"}, "a part of what the line has"
    assert village.whom(networks="2001:db8::/32") == {"nobody"}
    assert village.whom(lines=f"{village.named('irka')}, {village.named('wanda').lower()}") == {
        "irka",
        "wanda",
    }
    assert village.whom(places="Frydman", networks="203.0.113.7") == {"irka", "wanda"}
    assert village.whom() == set()


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"places": "Łapsze\nNiedzica"}, "places", "Niedzica"),
        ({"places": "Łapsze, Prosta"}, "places", "Łapsze, Prosta"),
        ({"networks": "203.0.113.0/24 kot"}, "networks", "kot"),
        ({"networks": "203.0.113.5/24"}, "networks", "203.0.113.5/24"),
        ({"networks": "192.0.2.0/24"}, "networks", "192.0.2.0/24"),
        ({"lines": "PN-77777777"}, "lines", "PN-77777777"),
    ],
)
def test_what_names_no_line_is_refused_at_its_field(
    village: Village, values: dict[str, str], field: str, said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        village.adam.do(edit.create, outage(**{"places": "", **values}))
    assert said in refused.value.fields[field].text()
    assert done(village.desk) == []


def test_all_that_names_no_line_is_refused_at_once(village: Village) -> None:
    wrong = {"places": "Łapsze\nNiedzica\nŁapsze, Prosta", "networks": "kot 192.0.2.0/24", "lines": "PN-7, PN-8"}
    with pytest.raises(Invalid) as refused:
        village.adam.do(edit.create, outage(**wrong))
    told = {field: said.text() for field, said in refused.value.fields.items()}
    assert set(told) == {"places", "networks", "lines"}
    assert "Niedzica; Łapsze, Prosta" in told["places"] and "kot" in told["networks"] and "PN-7; PN-8" in told["lines"]
    with pytest.raises(Invalid) as many:
        village.adam.do(edit.create, outage(lines=", ".join(f"PN-{number}" for number in range(9))))
    assert many.value.fields["lines"].text().endswith("PN-4; ….")


@pytest.mark.parametrize("place", ["Łapsze, .", "Łapsze, -", "Łapsze, …"])
def test_signs_alone_behind_a_town_are_not_the_whole_town(village: Village, place: str) -> None:
    with pytest.raises(Invalid) as refused:
        village.whom(places=place)
    assert place in refused.value.fields["places"].text()


def test_staff_see_how_many_it_would_reach(village: Village) -> None:
    assert village.adam.see(audience.audience, outage().reach) == Audience(lines=3, subscribers=3, mailed=2)
    with pytest.raises(Forbidden):
        village.seats["wanda"].see(audience.audience, outage().reach)


# Who is told


def test_those_it_reaches_are_told_once_in_their_language(village: Village) -> None:
    article = published(village.adam, outage(title_en="A digger won", body_en="We are splicing."))
    assert village.told("outage") == ["wanda", "zenon"]
    first, second = mail(village.desk, "outage")
    assert (first.details["title"], second.details["title"]) == ("Koparka przecięła światłowód", "A digger won")
    assert first.details["lines"] == village.named("wanda")
    assert not first.details["ahead"]
    assert first.details["begins"] == "2026-11-20T07:00:00+00:00", "8:00 by the clocks of Warsaw"
    assert village.desk.as_system().do(outages.tell) == 0
    shown = village.adam.see(articles.article, article, "pl")
    assert (shown.reached, shown.told_count) == (3, 3)
    assert len(mail(village.desk)) == 2


def test_a_draft_and_ordinary_news_tell_nobody(village: Village) -> None:
    village.adam.do(edit.create, outage())
    published(village.adam, form())
    assert village.desk.as_system().do(outages.tell) == 0
    assert mail(village.desk) == []


def test_many_are_told_in_batches_each_once(village: Village) -> None:
    published(village.adam, outage(places="*"))
    forget = village.desk.as_system()

    def anew(work: UnitOfWork) -> None:
        work.change(ArticleLine, told=0)
        work.change(Article, untold=True)

    forget.do(anew)
    before = len(mail(village.desk))
    assert [forget.do(outages.tell, limit=2) for _ in range(4)] == [2, 2, 0, 0]
    assert sorted(village.told("outage")[before:]) == ["irka", "wanda", "zenon"]


def test_works_are_works_also_for_whoever_hears_of_them_once_they_have_begun(village: Village) -> None:
    published(village.adam, outage(places="*", begins="2026-11-20 11:00", ends=""))
    village.desk.as_system().do(lambda work: (work.change(ArticleLine, told=0), work.change(Article, untold=True)))
    later(village.desk, hours=2)
    village.desk.as_system().do(outages.tell)
    assert all(row.details["ahead"] for row in mail(village.desk, "outage"))


def test_who_has_several_lines_gets_one_letter(village: Village) -> None:
    def give(work: UnitOfWork) -> None:
        work.change(Asset, table(Asset).c.id == village.line("irka"), subscriber_id=village.made["wanda"].id)

    village.desk.as_system().do(give)
    article = published(village.adam, outage(places="", networks="203.0.113.7"))
    assert village.told("outage") == ["wanda"]
    village.adam.do(edit.edit, article, outage(places="Frydman", networks="203.0.113.0/24"), seen=2)
    assert village.told("outage") == ["wanda", "zenon"], "another line of hers is no news to her"
    village.adam.do(edit.end_outage, article, seen=3)
    assert village.told("outage_over") == ["wanda", "zenon"]
    over = mail(village.desk, "outage_over")[0].details
    assert over["lines"] == f"{village.named('wanda')}, {village.named('irka')}"


def test_somebody_switched_off_gets_no_mail(village: Village) -> None:
    def switch(work: UnitOfWork) -> None:
        work.change(Account, table(Account).c.login == "wanda", state=AccountState.OFF.value)

    village.desk.as_system().do(switch)
    published(village.adam, outage())
    assert village.told("outage") == ["zenon"]


def test_a_correction_reaches_those_who_were_not_told_yet(village: Village) -> None:
    article = published(village.adam, outage(places="", networks="203.0.113.7"))
    village.adam.do(edit.edit, article, outage(title_pl="Koparka i dźwig"), seen=2)
    assert village.told("outage") == ["wanda", "zenon"]
    village.adam.do(edit.edit, article, outage(title_pl="Koparka"), seen=3)
    assert len(mail(village.desk)) == 2
    with pytest.raises(Invalid) as refused:
        village.adam.do(edit.edit, article, form(), seen=4)
    assert "outage" in refused.value.fields


# Told again


def tell_all(village: Village) -> None:
    """What the jobs do."""
    while village.desk.as_system().do(outages.tell):
        pass


def test_whoever_was_told_is_told_of_new_times_once(village: Village) -> None:
    article = published(village.adam, outage(begins="2026-11-25 02:00", ends="2026-11-25 04:00"))
    moved = outage(begins="2026-12-02 02:00", ends="2026-12-02 04:00")
    village.adam.do(edit.edit, article, moved, seen=2)
    assert village.told("outage_moved") == ["wanda", "zenon"]
    row = mail(village.desk, "outage_moved")[0]
    assert (row.details["begins"], row.details["ends"]) == ("2026-12-02T01:00:00+00:00", "2026-12-02T03:00:00+00:00")
    assert village.desk.as_system().do(outages.tell) == 0
    village.adam.do(edit.edit, article, outage(begins="2026-12-02 02:00", ends="2026-12-02 04:00", body_pl="x"), seen=3)
    assert len(mail(village.desk, "outage_moved")) == 2, "other words alone are no news"


@pytest.mark.parametrize(("before", "after"), [("14:00", "18:00"), ("14:00", "12:00"), ("14:00", ""), ("", "14:00")])
def test_an_outage_that_lasts_otherwise_is_told_again(village: Village, before: str, after: str) -> None:
    said, now = (f"2026-11-20 {time}" if time else "" for time in (before, after))
    article = published(village.adam, outage(ends=said))
    village.adam.do(edit.edit, article, outage(ends=now), seen=2)
    assert village.told("outage_moved") == ["wanda", "zenon"]
    assert all(bool(row.details["ends"]) is bool(after) for row in mail(village.desk, "outage_moved"))


def test_who_hears_of_it_only_now_hears_the_new_times_once(village: Village) -> None:
    article = published(village.adam, outage(places="", networks="203.0.113.7"))
    village.adam.do(edit.edit, article, outage(ends="2026-11-20 20:00"), seen=2)
    tell_all(village)
    assert (village.told("outage"), village.told("outage_moved")) == (["wanda", "zenon"], ["wanda"])


def test_a_line_that_is_spared_is_told_so_and_hears_no_more(village: Village) -> None:
    article = published(village.adam, outage())
    village.adam.do(edit.edit, article, outage(places="Łapsze, Krzywa 33"), seen=2)
    assert village.told("outage_spared") == ["wanda"]
    assert village.named("wanda") in mail(village.desk, "outage_spared")[0].details["lines"]
    village.adam.do(edit.end_outage, article, seen=3)
    assert village.told("outage_over") == ["zenon"]


def test_a_line_that_was_never_told_is_spared_in_silence(village: Village) -> None:
    article = published(village.adam, outage())
    village.desk.as_system().do(lambda work: work.change(ArticleLine, sa.true(), told=0))
    village.adam.do(edit.edit, article, outage(places="Frydman"), seen=2)
    assert (village.told("outage_spared"), village.told("outage")[-1]) == ([], "irka")


def test_a_line_that_comes_back_before_it_was_told_hears_nothing_twice(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = published(village.adam, outage())
    with monkeypatch.context() as patched:
        patched.setattr(outages, "tell", lambda work: 0)
        village.adam.do(edit.edit, article, outage(places="Łapsze, Krzywa 33"), seen=2)
        village.adam.do(edit.edit, article, outage(), seen=3)
    tell_all(village)
    assert village.told("outage") == ["wanda", "zenon"]
    assert (village.told("outage_spared"), village.told("outage_moved")) == ([], [])


def test_an_outage_that_was_moved_and_ended_is_told_as_over_alone(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = published(village.adam, outage())
    with monkeypatch.context() as patched:
        patched.setattr(outages, "tell", lambda work: 0)
        village.adam.do(edit.edit, article, outage(ends="2026-11-20 20:00"), seen=2)
    village.adam.do(edit.end_outage, article, seen=3)
    assert (village.told("outage_moved"), village.told("outage_over")) == ([], ["wanda", "zenon"])


# Who sees it


def test_only_those_it_reaches_see_it_on_the_first_screen(village: Village) -> None:
    article = published(village.adam, outage())
    for who in ("wanda", "zenon"):
        assert [row.id for row in village.seats[who].see(articles.outages, "pl")] == [article]
        headline = village.seats[who].see(articles.headline, "pl")
        assert headline is not None and (headline.what, headline.period) == ("mine", "running")
        assert village.seats[who].see(articles.article, article, "pl").mine == (village.named(who),)
    assert village.seats["irka"].see(articles.outages, "pl") == []
    assert village.seats["irka"].see(articles.headline, "pl") is None
    assert village.seats["irka"].see(articles.article, article, "pl").mine == (), "she may read it all the same"
    for reader in (village.desk, village.adam):
        headline = reader.see(articles.headline, "pl")
        assert headline is not None and headline.what == "outage"
        assert reader.see(articles.outages, "pl") == []


def test_readers_do_not_learn_how_many_others_it_reaches(village: Village) -> None:
    article = published(village.adam, outage())
    shown = village.seats["wanda"].see(articles.article, article, "pl")
    assert (shown.reached, shown.told_count, shown.author) == (0, 0, "")


# When it is over


def test_a_failure_lasts_until_somebody_says_it_is_mended(village: Village) -> None:
    article = published(village.adam, outage())
    later(village.desk, hours=8)
    assert village.desk.as_system().do(outages.end_planned) == 0
    assert village.desk.see(articles.article, article, "pl").row.period == "late"
    village.adam.do(edit.end_outage, article, seen=2)
    assert village.told("outage_over") == ["wanda", "zenon"]
    details = mail(village.desk, "outage_over")[0].details
    assert not details["called_off"] and not details["by_plan"]
    assert village.seats["wanda"].see(articles.outages, "pl") == []
    assert village.seats["wanda"].see(articles.headline, "pl") is None
    with pytest.raises(Conflict):
        village.adam.do(edit.end_outage, article, seen=3)


def test_works_announced_ahead_end_by_plan(village: Village) -> None:
    article = published(village.adam, outage(begins="2026-11-22 01:00", ends="2026-11-22 05:00"))
    assert mail(village.desk, "outage")[0].details["ahead"]
    assert village.seats["wanda"].see(articles.outages, "pl")[0].period == "announced"
    later(village.desk, days=1, hours=18)
    system = village.desk.as_system()
    assert system.do(outages.end_planned) == 0
    assert village.desk.see(articles.article, article, "pl").row.period == "running"
    later(village.desk, hours=2)
    assert [system.do(outages.end_planned) for _ in range(2)] == [1, 0]
    assert [system.do(outages.tell) for _ in range(2)] == [3, 0]
    assert village.told("outage_over") == ["wanda", "zenon"]
    assert mail(village.desk, "outage_over")[0].details["by_plan"]
    assert village.desk.see(articles.article, article, "pl").row.period == "over"


def test_works_far_ahead_wait_with_the_first_screen(village: Village) -> None:
    published(village.adam, outage(begins="2026-12-10 01:00", ends=""))
    assert village.seats["wanda"].see(articles.outages, "pl") == []
    assert village.told("outage") == ["wanda", "zenon"]


def test_works_can_be_called_off(village: Village) -> None:
    article = published(village.adam, outage(begins="2026-11-22 01:00", ends=""))
    with pytest.raises(Conflict, match="not ended"):
        village.adam.do(edit.withdraw, article, seen=2)
    village.adam.do(edit.end_outage, article, seen=2)
    assert mail(village.desk, "outage_over")[0].details["called_off"]
    assert village.desk.see(articles.article, article, "pl").row.period == "called_off"
    village.adam.do(edit.withdraw, article, seen=3)
    with pytest.raises(NotFound):
        village.desk.see(articles.article, article, "pl")


def test_works_that_were_called_off_never_end(village: Village) -> None:
    article = published(village.adam, outage(begins="2026-11-22 01:00", ends="2026-11-22 05:00"))
    village.adam.do(edit.end_outage, article, seen=2)
    later(village.desk, days=3)
    assert village.desk.as_system().do(outages.end_planned) == 0
    assert village.desk.see(articles.article, article, "pl").row.period == "called_off"


def test_who_never_heard_of_it_does_not_hear_that_it_is_over(village: Village) -> None:
    article = published(village.adam, outage())

    def unheard(work: UnitOfWork) -> None:
        work.change(ArticleLine, table(ArticleLine).c.asset_id == village.line("zenon"), told=0)

    village.desk.as_system().do(unheard)
    village.adam.do(edit.end_outage, article, seen=2)
    assert village.told("outage_over") == ["wanda"]


def test_the_journal_names_nobody(village: Village) -> None:
    from core.service.audit_log import Entry

    article = published(village.adam, outage())
    village.adam.do(edit.end_outage, article, seen=2)
    assert done(village.desk) == ["article.create", "article.publish", "article.over"]
    facts = village.desk.as_system().see(lambda look: [row.facts for row in look.rows(sa.select(table(Entry)))])
    assert "Łapsze" not in str(facts) and "anda" not in str(facts)


def test_thousands_are_told_at_a_steady_rate(tmp_path: Path) -> None:
    """A batch reads what it takes, not everything that waits: the number of statements stays the same."""
    from tests.factories.desks import statements

    desk = make_desk(tmp_path / "desk")
    adam = logged_in(desk, "adam", Role.AGENT)
    for number in range(40):
        subscriber(desk, f"A-{number}", contract=f"U-{number}", account_id=person(desk, f"o{number}"), addresses=())
    article = published(adam, outage(places="*"))
    desk.as_system().do(lambda work: (work.change(ArticleLine, told=0), work.change(Article, untold=True)))
    counted = []
    for _ in range(4):
        with statements(desk) as sent:
            desk.as_system().do(outages.tell, limit=10)
        counted.append(len([one for one in sent if "SELECT" in one]))
    assert len(set(counted)) == 1
    assert adam.see(articles.article, article, "pl").told_count == 40
    desk.close()
