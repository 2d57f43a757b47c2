"""How a ticket stands: who may move it, two who move it at once, and figures that always agree."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.db.pagination import PageRequest
from core.errors import Conflict, DeskError, Forbidden, Invalid, NotFound, Overtaken
from core.models.accounts import AccountState, Role
from core.models.tickets import Priority, Status, Tally, Ticket, TicketWords
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.tickets import conversation, create, detail, listing, workflow
from core.tickets.listing import View
from tests.core.tickets.test_teams import pump_values
from tests.factories.cares import grant, installer, service_company
from tests.factories.desks import admin_values, journal_of, logged_in, mail, make_desk, person, seat, statements


@pytest.fixture
def number(any_desk: Desk) -> int:
    return logged_in(any_desk, "ola", company="Ours").do(create.create, admin_values())


@pytest.fixture
def agent(any_desk: Desk) -> Desk:
    return logged_in(any_desk, "adam", Role.AGENT)


def version(desk: Desk, number: int) -> int:
    return desk.see(detail.ticket, number).version


def test_taken_it_is_open_and_released_it_stays_so(agent: Desk, number: int) -> None:
    me = agent.actor().account_id
    agent.do(workflow.assign, number, me, seen=1)
    shown = agent.see(detail.ticket, number)
    assert (shown.assignee_id, shown.status, shown.version) == (me, Status.OPEN, 2)
    assert agent.see(listing.counts)["mine"] == 1
    agent.do(workflow.assign, number, None, seen=2)
    assert (agent.see(detail.ticket, number).assignee_id, agent.see(listing.counts)["mine"]) == (None, 0)
    told = [(event.what, event.before, event.after) for event in agent.see(detail.ticket, number).history]
    assert told == [
        ("created", "", ""),
        ("assignee", "", "Adam Testowa"),
        ("status", "1", "2"),
        ("assignee", "Adam Testowa", ""),
    ]


def test_taking_is_the_change_itself_and_nothing_is_taken_twice(desk: Desk) -> None:
    number = logged_in(desk, "ola", company="Ours").do(create.create, admin_values())
    agent = logged_in(desk, "adam", Role.AGENT)
    row = agent.see(listing.page, View("new"), PageRequest()).rows[0]
    assert (row.id, row.version, row.assignee_id, row.team_id) == (number, 1, None, None)
    with statements(desk) as sent:
        agent.do(workflow.take, row.id, holder=row.assignee_id)
    told = [statement for statement in sent if not statement.startswith("BEGIN")]
    reads = [statement for statement in told if statement.startswith("SELECT") and "journal_end" not in statement]
    assert len(reads) == 2, "who it is, and the ticket"
    assert len(told) <= 8, told
    with pytest.raises(Conflict, match="yours already"):
        agent.do(workflow.take, number, holder=None)


def test_what_was_said_meanwhile_keeps_nobody_from_taking_it_but_another_taker_does(any_desk: Desk) -> None:
    ola = logged_in(any_desk, "ola", company="Ours")
    number = ola.do(create.create, admin_values())
    adam, eryk = (logged_in(any_desk, name, Role.AGENT) for name in ("adam", "eryk"))
    ola.do(conversation.reply, number, conversation.Reply(body="One thing more."))
    adam.do(workflow.take, number, holder=None)
    with pytest.raises(Overtaken):
        eryk.do(workflow.take, number, holder=None)
    eryk.do(workflow.take, number, holder=adam.actor().account_id)
    assert eryk.see(detail.ticket, number).assignee_id == eryk.actor().account_id


def test_a_row_says_who_can_take_it_as_the_ticket_does(any_desk: Desk, agent: Desk, number: int) -> None:
    eryk = logged_in(any_desk, "eryk", Role.AGENT)
    for whom in (None, agent.actor().account_id, eryk.actor().account_id):
        agent.do(workflow.assign, number, whom, seen=version(agent, number))
        row = agent.see(listing.page, View("open" if whom else "all"), PageRequest()).rows[0]
        for seat_ in (agent, eryk):
            assert (
                listing.reason_against_taking(seat_.actor(), row)
                == seat_.see(detail.ticket, number).available["ticket.take"]
            )


def test_whoever_is_given_a_ticket_hears_of_it(any_desk: Desk, agent: Desk, number: int) -> None:
    eryk = person(any_desk, "eryk", Role.AGENT)
    agent.do(workflow.assign, number, agent.actor().account_id, seen=1)
    assert mail(any_desk, "ticket_assigned") == []
    agent.do(workflow.assign, number, eryk, seen=2)
    assert [row.address for row in mail(any_desk, "ticket_assigned")] == ["eryk@example.com"]


def test_only_the_desks_people_are_given_tickets(any_desk: Desk, agent: Desk, number: int) -> None:
    customer, gone = person(any_desk, "ewa"), person(any_desk, "gone", Role.AGENT, state=AccountState.OFF)
    for whom in (customer, gone, 999):
        with pytest.raises(Invalid):
            agent.do(workflow.assign, number, whom, seen=1)
    assert agent.see(detail.ticket, number).assignee_id is None


def test_two_who_change_it_at_once(any_desk: Desk, number: int) -> None:
    seats = [logged_in(any_desk, name, Role.AGENT) for name in ("adam", "eryk")]

    def change(pair: tuple[int, Desk]) -> bool:
        try:
            pair[1].do(workflow.set_priority, number, (Priority.HIGH, Priority.URGENT)[pair[0]], seen=1)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(change, enumerate(seats)))
    assert sorted(won) == [False, True]
    shown = seats[0].see(detail.ticket, number)
    assert (shown.version, shown.priority) == (2, (Priority.HIGH, Priority.URGENT)[won.index(True)])
    assert journal_of(any_desk).count("ticket.priority") == 1


def test_what_was_seen_must_still_be(agent: Desk, number: int) -> None:
    for use in (
        lambda work: workflow.assign(work, number, None, seen=7),
        lambda work: workflow.set_status(work, number, Status.OPEN, seen=7),
        lambda work: workflow.set_priority(work, number, 1, seen=0),
    ):
        with pytest.raises(Conflict):
            agent.do(use)
    assert version(agent, number) == 1


def test_many_replies_at_once_are_all_there(any_desk: Desk, number: int) -> None:
    seats = [logged_in(any_desk, f"c{index}", company="Ours") for index in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda mine: mine.do(conversation.reply, number, conversation.Reply(body="x")), seats))
    assert len(seats[0].see(detail.ticket, number).conversation) == 5
    assert version(seats[0], number) == 5


def test_the_customer_hears_of_the_desks_change(any_desk: Desk, agent: Desk, number: int) -> None:
    agent.do(workflow.set_status, number, Status.RESOLVED, seen=1)
    assert [(row.address, row.details["status"]) for row in mail(any_desk, "ticket_status")] == [("ola@example.com", 5)]
    agent.do(workflow.set_status, number, Status.RESOLVED, seen=2)
    assert version(agent, number) == 2, "the same again is no change"
    with pytest.raises(Invalid):
        agent.do(workflow.set_status, number, Status.NEW, seen=2)


def test_what_cannot_be_done_to_a_ticket_says_why(desk: Desk) -> None:
    ola_id = person(desk, "ola")
    number = seat(desk, ola_id).do(create.create, admin_values())

    def reasons() -> dict[str, str]:
        shown = seat(desk, ola_id).see(detail.ticket, number).available
        return {name: reason.text() for name, reason in shown.items() if reason is not None}

    assert reasons() == {"ticket.reopen": "This ticket is open already."}
    logged_in(desk, "adam", Role.AGENT).do(workflow.set_status, number, Status.CLOSED, seen=1)
    assert reasons() == {"ticket.close": "This ticket is closed already."}
    desk.clock.move(dt.timedelta(days=15))
    late = "This ticket was closed more than 14 days ago. Please open a new one."
    assert reasons() == {
        "ticket.close": "This ticket is closed already.",
        "ticket.reopen": late,
        "ticket.reply": late,
    }
    assert set(seat(desk, ola_id).see(detail.ticket, number).available) == {
        "ticket.close",
        "ticket.reopen",
        "ticket.reply",
    }, "customers have no other keys"


@pytest.mark.parametrize(
    ("status", "days", "opens"),
    [(Status.CLOSED, 14, True), (Status.CLOSED, 15, False), (Status.RESOLVED, 99, True), (Status.OPEN, 0, False)],
)
def test_reopening(desk: Desk, status: Status, days: int, opens: bool) -> None:
    ola_id = person(desk, "ola")
    number = seat(desk, ola_id).do(create.create, admin_values())
    logged_in(desk, "adam", Role.AGENT).do(workflow.set_status, number, status, seen=1)
    desk.clock.move(dt.timedelta(days=days))
    ola = seat(desk, ola_id)
    if opens:
        ola.do(workflow.reopen, number, seen=2)
        assert ola.see(detail.ticket, number).status == Status.OPEN
        assert [row.id for row in ola.see(listing.page, View(search="question"), PageRequest()).rows] == [number]
    else:
        with pytest.raises(Conflict):
            ola.do(workflow.reopen, number, seen=2)


def test_closed_by_the_customer_and_not_twice(any_desk: Desk, number: int) -> None:
    ola = logged_in(any_desk, "ewa", company="Ours")
    ola.do(workflow.close, number, seen=1)
    with pytest.raises(Conflict):
        ola.do(workflow.close, number, seen=2)
    assert ola.see(listing.page, View(search="question"), PageRequest()).rows == []
    assert [row.id for row in ola.see(listing.page, View("closed", search="question"), PageRequest()).rows] == [number]


def test_strangers_move_nothing(any_desk: Desk, number: int) -> None:
    stranger, ola = logged_in(any_desk, "obcy", company="Theirs"), logged_in(any_desk, "ewa", company="Ours")
    for use in (workflow.close, workflow.reopen):
        with pytest.raises(NotFound):
            stranger.do(use, number, seen=1)
    with pytest.raises(NotFound):
        stranger.see(detail.ticket, number)
    for use in (
        lambda work: workflow.assign(work, number, None, seen=1),
        lambda work: workflow.set_status(work, number, 5, seen=1),
        lambda work: workflow.set_priority(work, number, 4, seen=1),
    ):
        with pytest.raises(Forbidden):
            ola.do(use)
    with pytest.raises(Forbidden):
        ola.see(detail.agents, number)
    with pytest.raises(NotFound):
        stranger.see(detail.agents, number)
    assert version(ola, number) == 1


class Figures(RuleBasedStateMachine):
    """Whatever people do, the kept figures are those one would count, and the search knows who may find what."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(prefix="okienko-test-")
        self.desk = make_desk(Path(self.folder.name) / "d")
        self.agents = [logged_in(self.desk, name, Role.AGENT) for name in ("adam", "eryk")]
        self.customers = [
            logged_in(self.desk, f"c{n}", company=name) for n, name in enumerate(("", "Ours", "Theirs", ""))
        ]
        self.numbers: list[int] = []
        teams = [service_company(self.desk, f"Serwis {n}", f"s{n}@example.com") for n in (0, 1)]
        self.installers = [installer(self.desk, f"i{n}", team) for n, team in enumerate(teams)]
        self.pumps = [grant(self.desk, teams[n], self._id(self.customers[n]), f"B00000000{n}")[1] for n in (0, 1)]

    def _id(self, desk: Desk) -> int:
        return desk.actor().account_id or 0

    def teardown(self) -> None:
        self.desk.close()
        self.folder.cleanup()

    def try_it(self, desk: Desk, use: object, *arguments: object, **more: object) -> None:
        with suppress(DeskError):
            desk.do(use, *arguments, **more)

    def pick(self, at: int) -> tuple[int, int]:
        number = self.numbers[at % len(self.numbers)]
        return number, version(self.agents[0], number)

    @initialize()
    def begin(self) -> None:
        self.open(0)

    @rule(by=st.integers(0, 3))
    def open(self, by: int) -> None:
        self.numbers.append(self.customers[by].do(create.create, admin_values()))

    @rule(by=st.integers(0, 1))
    def open_about_a_device(self, by: int) -> None:
        values = pump_values("A question")
        self.numbers.append(self.customers[by].do(create.create, values, (self.pumps[by],)))

    @rule(at=st.integers(0, 9), by=st.integers(0, 1), to=st.integers(0, 2))
    def installers_assign(self, at: int, by: int, to: int) -> None:
        number, seen = self.pick(at)
        whom = None if to == 2 else self._id(self.installers[to])
        self.try_it(self.installers[by], workflow.assign, number, whom, seen=seen)

    @rule(at=st.integers(0, 9), by=st.integers(0, 1), status=st.sampled_from([*Status]))
    def installers_move(self, at: int, by: int, status: Status) -> None:
        number, seen = self.pick(at)
        self.try_it(self.installers[by], workflow.set_status, number, status, seen=seen)

    @rule(at=st.integers(0, 9), by=st.integers(0, 1), to=st.integers(0, 2))
    def assign(self, at: int, by: int, to: int) -> None:
        number, seen = self.pick(at)
        whom = None if to == 2 else self.agents[to].actor().account_id
        self.try_it(self.agents[by], workflow.assign, number, whom, seen=seen)

    @rule(at=st.integers(0, 9), status=st.sampled_from([*Status]))
    def move(self, at: int, status: Status) -> None:
        number, seen = self.pick(at)
        self.try_it(self.agents[0], workflow.set_status, number, status, seen=seen)

    @rule(at=st.integers(0, 9), by=st.integers(0, 3), what=st.sampled_from([workflow.close, workflow.reopen]))
    def customer_moves(self, at: int, by: int, what: object) -> None:
        number, seen = self.pick(at)
        self.try_it(self.customers[by], what, number, seen=seen)

    @rule(at=st.integers(0, 9), by=st.integers(0, 3))
    def reply(self, at: int, by: int) -> None:
        self.try_it(self.customers[by], conversation.reply, self.pick(at)[0], conversation.Reply(body="x"))

    @rule()
    def a_stale_change_is_refused(self) -> None:
        self.try_it(self.agents[0], workflow.set_status, self.numbers[0], Status.OPEN, seen=0)

    @invariant()
    def kept_is_counted(self) -> None:
        ticket, tally = table(Ticket), table(Tally)
        owners = {
            "desk": (sa.literal(0), ticket.c.team_id.is_(None)),
            "care": (sa.literal(0), ticket.c.team_id.is_not(None)),
            "team": (ticket.c.team_id, ticket.c.team_id.is_not(None)),
            "assignee": (ticket.c.assignee_id, ticket.c.assignee_id.is_not(None)),
            "company": (ticket.c.company_id, ticket.c.company_id.is_not(None)),
            "requester": (ticket.c.requester_id, ticket.c.company_id.is_(None)),
        }
        look = self.desk.as_system().see
        for kind, (owner, when) in owners.items():
            counted = sa.select(owner, ticket.c.status, sa.func.count()).where(when).group_by(owner, ticket.c.status)
            kept = sa.select(tally.c.owner_id, tally.c.status, tally.c.tickets).where(
                tally.c.owner_kind == kind, tally.c.tickets != 0
            )
            assert sorted(map(tuple, look(lambda on, q=kept: on.rows(q)))) == sorted(
                map(tuple, look(lambda on, q=counted: on.rows(q)))
            )

    @invariant()
    def lists_counts_and_search_agree(self) -> None:
        for mine in (*self.agents, *self.installers, *self.customers):
            for name in ("open", "closed", "all") + (("new", "mine") if mine.actor().answers else ()):
                ids = {row.id for row in mine.see(listing.page, View(name), PageRequest(limit=99)).rows}
                assert mine.see(listing.count, View(name)) == len(ids)
                assert {
                    row.id for row in mine.see(listing.page, View(name, search="question"), PageRequest(limit=99)).rows
                } == ids

    @invariant()
    def what_is_found_by_is_in_step(self) -> None:
        def check(look: object) -> None:
            look.connection.exec_driver_sql("INSERT INTO ticket_fts (ticket_fts, rank) VALUES ('integrity-check', 1)")

        self.desk.as_system().do(check)
        assert len(self.desk.as_system().see(lambda look: look.rows(sa.select(table(TicketWords).c.ticket_id)))) == len(
            self.numbers
        )


TestFigures = pytest.mark.thorough(Figures.TestCase)
TestFigures.settings = settings(max_examples=6, stateful_step_count=10, deadline=None)
