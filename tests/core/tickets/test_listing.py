"""Lists of tickets against the plainest reading of them, and against the plan SQLite makes."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.db.pagination import PageRequest
from core.models.accounts import Role
from core.models.tickets import Ticket
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from core.tickets import create, listing
from core.tickets.listing import TicketRow, View
from tests.factories.cares import installer, join, service_company
from tests.factories.desks import admin_values, logged_in, make_desk, person, seat, statements

VIEWS = ("open", "new", "mine", "closed", "all")
COMPANIES = ("", "Ours", "A_B %", "AXB Żółw")
SUBJECTS = ("Drukarka nie drukuje", "Zapora 10.0.0.1", "drukarki", "open closed done c1 a1 t1 care", "ŁÓDŹ")
START = dt.datetime(2026, 11, 1, 22, 30, tzinfo=dt.UTC)

_made = st.fixed_dictionaries(
    {
        "subject": st.sampled_from(SUBJECTS),
        "status": st.integers(1, 6),
        "priority": st.integers(1, 4),
        "kind": st.sampled_from(["technical", "administrative"]),
        "by": st.integers(0, len(COMPANIES) - 1),
        "assignee": st.sampled_from([None, "adam", "eryk", "iwo"]),
        "team": st.sampled_from([None, None, "iwo", "iga"]),
        "hours": st.integers(0, 5),
    }
)
_view = st.builds(
    View,
    name=st.sampled_from(VIEWS),
    search=st.sampled_from(
        ["", "", "drukarka", "druk", "lodz", "open", "c1", "care", "t1", "zapora 10.0", "!!!", "adam"]
    ),
    status=st.sampled_from([None, None, 1, 3, 6]),
    priority=st.sampled_from([None, None, 1, 4]),
    kind=st.sampled_from([None, None, "technical"]),
    company=st.sampled_from(["", "", "a_b", "%", "ZOLW", "ours"]),
    since=st.sampled_from([None, None, dt.date(2026, 11, 2)]),
    until=st.sampled_from([None, None, dt.date(2026, 11, 1)]),
)


class Desks:
    """A small desk of random tickets, and its people."""

    def __init__(self, folder: Path, tickets: list[dict[str, Any]]) -> None:
        self.desk = make_desk(folder)
        self.people = {"adam": person(self.desk, "adam", Role.AGENT), "eryk": person(self.desk, "eryk", Role.AGENT)}
        self.teams = {
            name: service_company(self.desk, f"Serwis {name}", f"{name}@serwis.example") for name in ("iwo", "iga")
        }
        for name, company_id in self.teams.items():
            self.people[name] = person(self.desk, name, Role.INSTALLER)
            join(self.desk, self.people[name], company_id)
        for number, company in enumerate(COMPANIES):
            self.people[f"c{number}"] = person(self.desk, f"c{number}", company=company)
        self.seats = {name: seat(self.desk, id_) for name, id_ in self.people.items()}
        for one in tickets:
            self._make(one)

    def _make(self, one: dict[str, Any]) -> None:
        number = self.seats[f"c{one['by']}"].do(create.create, admin_values(one["subject"], description="x"))
        at = START + dt.timedelta(hours=one["hours"])
        row = table(Ticket).c.id == number

        def place(work: UnitOfWork) -> None:
            from core.tickets import search_index

            ticket = work.unscoped(Ticket, row)
            work.change(
                Ticket,
                row,
                status=one["status"],
                priority=one["priority"],
                kind=one["kind"],
                assignee_id=self.people.get(one["assignee"]),
                team_id=self.teams.get(one["team"]),
                changed_at=at,
            )
            scope = search_index.scope_tokens(
                one["status"], ticket.company_id, ticket.requester_id, self.teams.get(one["team"])
            )
            search_index.rescope(work, number, scope)

        self.desk.as_system().do(place)


def _sees(one: dict[str, Any], who: str, view: str) -> bool:
    """Staff see their own team's, and in two views others' too; an installer's team is the company."""
    if who in ("adam", "eryk"):
        return one["team"] is None or view in ("all", "mine")
    return one["team"] == who if who in ("iwo", "iga") else who == f"c{one['by']}"


def plain(one: dict[str, Any], number: int, who: str, view: View) -> bool:
    """Whether a ticket is in a view, said as plainly as can be."""
    from core.i18n.sanitize import fold

    here = (START + dt.timedelta(hours=one["hours"], minutes=60)).date()  # Warsaw in November
    words = [*fold(one["subject"]).split(), str(number), "x"]
    return all(
        (
            _sees(one, who, view.name),
            {
                "open": one["status"] < 5,
                "new": one["status"] == 1,
                "mine": one["status"] < 5 and one["assignee"] == who,
                "closed": one["status"] >= 5,
                "all": True,
            }[view.name],
            view.status in (None, one["status"]),
            view.priority in (None, one["priority"]),
            view.kind in (None, one["kind"]),
            fold(view.company) in fold(COMPANIES[one["by"]]) if view.company else True,
            view.since is None or here >= view.since,
            view.until is None or here <= view.until,
            {
                "drukarka": any(word.startswith("drukark") for word in words),
                "druk": any(word.startswith("druk") for word in words),
                "zapora 10.0": "zapora" in words,
                "lodz": "lodz" in words,
                "open": "open" in words,
                "c1": "c1" in words,
                "care": "care" in words,
                "t1": "t1" in words,
                "adam": False,
                "!!!": False,
            }.get(view.search, True),
        )
    )


@pytest.mark.thorough
@settings(max_examples=6, deadline=None)
@given(
    tickets=st.lists(_made, max_size=9),
    views=st.lists(_view, min_size=6, max_size=10),
    limit=st.integers(1, 4),
)
def test_a_list_is_what_a_plain_filter_says(tickets: list[dict[str, Any]], views: list[View], limit: int) -> None:
    with TemporaryDirectory() as folder:
        desks = Desks(Path(folder) / "d", tickets)
        for view in (*views, *(View(name) for name in VIEWS)):
            for who, mine in desks.seats.items():
                if view.name == "mine" and who.startswith("c"):
                    continue
                wanted = [n for n, one in enumerate(tickets, 1) if plain(one, n, who, view)]
                if view.search:
                    wanted.sort(reverse=True)
                else:
                    wanted.sort(key=lambda n: (tickets[n - 1]["hours"], n), reverse=True)
                assert walk(mine, view, limit, forwards=True) == wanted, (who, view)
                assert walk(mine, view, limit, forwards=False) == wanted, (who, view)
                assert mine.see(listing.count, view) == len(wanted), (who, view)
        desks.desk.close()


def walk(desk: Desk, view: View, limit: int, *, forwards: bool) -> list[int]:
    found: list[int] = []
    ask = PageRequest(limit=limit) if forwards else PageRequest(last=True, limit=limit)
    while True:
        got = desk.see(listing.page, view, ask)
        ids = [row.id for row in got.rows]
        found = found + ids if forwards else ids + found
        if not (got.more_after if forwards else got.more_before):
            return found
        ask = PageRequest(after=got.end, limit=limit) if forwards else PageRequest(before=got.start, limit=limit)


def test_the_same_on_each_database(any_desk: Desk) -> None:
    ola, ewa = logged_in(any_desk, "ola", company="Ours"), logged_in(any_desk, "ewa", company="Theirs")
    agent = logged_in(any_desk, "adam", Role.AGENT)
    numbers = []
    for mine, subject in (
        (ola, "Drukarka"),
        (ewa, "Drukarka u innych"),
        (ola, "open sesame"),
        (ola, "Zapora 10.0.0.1"),
    ):
        any_desk.clock.move(dt.timedelta(minutes=1))
        numbers.append(mine.do(create.create, admin_values(subject)))
    first, second, third, fourth = numbers
    for who, view, wanted in (
        (ola, View(), [fourth, third, first]),
        (agent, View("new"), [fourth, third, second, first]),
        (agent, View("mine"), []),
        (ola, View(search="drukarki"), [first]),
        (agent, View(search="DRUK"), [second, first]),
        (ola, View(search="open"), [third]),
        (agent, View("all", search="done"), []),
        (agent, View(search="10.0.0"), [fourth]),
        (agent, View(company="the"), [second]),
        (agent, View(since=any_desk.now.date(), until=any_desk.now.date()), [fourth, third, second, first]),
        (agent, View(until=any_desk.now.date() - dt.timedelta(days=1)), []),
        (agent, View("closed"), []),
    ):
        assert walk(who, view, 2, forwards=True) == wanted, view
        assert walk(who, view, 2, forwards=False) == wanted, view
        assert who.see(listing.count, view) == len(wanted), view
    assert agent.see(listing.counts) == {"new": 4, "mine": 0, "open": 4, "all": 4, "closed": 0}
    assert ola.see(listing.counts) == {"open": 3, "waiting": 0}
    (row,) = agent.see(listing.page, View(company="the"), PageRequest()).rows
    assert isinstance(row, TicketRow)
    assert (row.subject, row.company, row.requester, row.assignee) == ("Drukarka u innych", "Theirs", "ewa", "")
    assert row.changed_at.tzinfo is not None
    assert row.changed_at == START.replace(day=20, hour=9, minute=2)


def test_a_day_is_the_readers_day(desk: Desk) -> None:
    """23:30 UTC on the 20th is the 21st in Warsaw, and still the 20th in New York."""
    desk.clock.move(dt.timedelta(hours=14, minutes=30))
    ola = logged_in(desk, "ola")
    number = ola.do(create.create, admin_values())
    assert desk.now.hour == 23
    day = View(since=dt.date(2026, 11, 21), until=dt.date(2026, 11, 21))
    agent_id = person(desk, "adam", Role.AGENT)
    agent = seat(desk, agent_id)
    assert [row.id for row in agent.see(listing.page, day, PageRequest()).rows] == [number]
    from core.models.accounts import Account

    away = table(Account).c.id == agent_id
    desk.as_system().do(lambda work: work.change(Account, away, zone="America/New_York"))
    assert agent.see(listing.page, day, PageRequest()).rows == []
    assert len(agent.see(listing.page, replace(day, since=dt.date(2026, 11, 20)), PageRequest()).rows) == 1


@pytest.mark.parametrize(
    "typed", ['"', "' OR 1=1 --", "NEAR(a b)", "scope : c1", "*", "a*b", "{staff} : x", "-x", "\x00", "(" * 50]
)
def test_nothing_typed_breaks_a_search(any_desk: Desk, typed: str) -> None:
    ola = logged_in(any_desk, "ola", company="Ours")
    logged_in(any_desk, "ewa", company="Theirs").do(create.create, admin_values("theirs c1 scope staff x"))
    for view in (View("all", search=typed), View("all", company=typed), View("all", asset=typed)):
        assert ola.see(listing.page, view, PageRequest()).rows == []
        assert ola.see(listing.count, view) == 0


@pytest.mark.parametrize("typed", ['[/]"*', "!!!", "·", "\u200b"])
def test_signs_without_a_word_find_nothing(any_desk: Desk, typed: str) -> None:
    ola = logged_in(any_desk, "ola", company="Ours")
    ola.do(create.create, admin_values("ours"))
    agent = logged_in(any_desk, "adam", Role.AGENT)
    for mine in (ola, agent):
        for view in (View(search=typed), View("all", search=typed), View(search=typed, priority=2)):
            assert mine.see(listing.page, view, PageRequest()).rows == []
            assert mine.see(listing.count, view) == 0
        assert len(mine.see(listing.page, View(search="  "), PageRequest()).rows) == 1, "nothing was typed at all"
        assert mine.see(listing.count, View(search="  ")) == 1


# How it is read


def plan(desk: Desk, sent: list[str]) -> str:
    """How SQLite reads the last statement about tickets."""
    statement = next(one for one in reversed(sent) if "FROM ticket" in one)
    with desk.store.reading() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", [0] * statement.count("?") or {})
        return " / ".join(str(row[3]) for row in cursor.fetchall())


@pytest.mark.parametrize(
    ("who", "view", "index"),
    [
        ("agent", "open", "ix_ticket_open"),
        ("agent", "new", "ix_ticket_new"),
        ("agent", "mine", "ix_ticket_assignee"),
        ("agent", "closed", "ix_ticket_done"),
        ("agent", "all", "ix_ticket_changed"),
        ("installer", "open", "ix_ticket_team_open"),
        ("installer", "new", "ix_ticket_team_new"),
        ("installer", "mine", "ix_ticket_assignee"),
        ("installer", "closed", "ix_ticket_team"),
        ("installer", "all", "ix_ticket_team"),
        ("customer", "open", "ix_ticket_company_open"),
        ("customer", "closed", "ix_ticket_company"),
        ("customer", "all", "ix_ticket_company"),
        ("alone", "open", "ix_ticket_requester"),
        ("alone", "all", "ix_ticket_requester"),
    ],
)
@pytest.mark.parametrize(
    "ask",
    [PageRequest(), PageRequest(after=(START, 5)), PageRequest(before=(START, 5)), PageRequest(last=True)],
    ids=str,
)
def test_each_view_walks_its_own_index(desk: Desk, who: str, view: str, index: str, ask: PageRequest) -> None:
    mine = reader(desk, who)
    with statements(desk) as sent:
        mine.see(listing.page, View(view), ask)
    told = plan(desk, sent)
    assert f"ticket USING INDEX {index} " in f"{told} ".replace("(", " ("), told
    assert "TEMP B-TREE" not in told, "nothing is sorted"


@pytest.mark.parametrize("who", ["agent", "installer", "customer", "alone"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_search_starts_from_its_words(desk: Desk, who: str, view: str) -> None:
    mine = reader(desk, who)
    with statements(desk) as sent:
        mine.see(listing.page, View(view, search="drukarka"), PageRequest())
    told = plan(desk, sent)
    assert told.startswith("SCAN ticket_fts VIRTUAL TABLE"), told
    assert "SEARCH ticket USING INTEGER PRIMARY KEY" in told, told
    assert "TEMP B-TREE" not in told, "the newest of what is found come first, and only a page of them is read"


def test_figures_are_kept_not_counted(desk: Desk) -> None:
    for who in ("agent", "customer"):
        mine = reader(desk, who)
        with statements(desk) as sent:
            mine.see(listing.counts)
        assert not [one for one in sent if "FROM ticket" in one]


def test_an_installers_own_are_counted_by_their_index_and_the_rest_is_kept(desk: Desk) -> None:
    mine = reader(desk, "installer")
    with statements(desk) as sent:
        mine.see(listing.counts)
    (counted,) = [one for one in sent if "FROM ticket" in one]
    assert "ticket.assignee_id" in counted
    assert "ix_ticket_assignee" in plan(desk, sent)


def reader(desk: Desk, who: str) -> Desk:
    if who == "agent":
        return logged_in(desk, "adam", Role.AGENT)
    if who == "installer":
        return installer(desk, "iwo", service_company(desk))
    return logged_in(desk, who, company="Ours" if who == "customer" else "")
