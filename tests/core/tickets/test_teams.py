"""Tickets about devices in care: which team gets them, who reads, answers and hears of them, and who never does."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from core.contracts import coverage
from core.db.pagination import PageRequest
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.models.accounts import Role, Standing
from core.models.contracts import Contract, Cover
from core.models.tickets import Priority, Status, Tally, Ticket, TicketKind
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.tickets import conversation, create, detail, listing, workflow
from core.tickets.detail import TicketDetail
from core.tickets.listing import View
from tests.factories.cares import COMPANY, end, grant, installer, join, service_company
from tests.factories.desks import admin_values, contract, journal_of, logged_in, mail, person, seat

SERVICE = "serwis@example.com"
PUMP_ANSWERS = {
    "occurred": "2026-11-19 07:30",
    "symptoms": ("no_heating",),
    "running": "no",
    "outdoor_temperature": "-4",
    "hot_water": "none",
    "new_installation": "no",
    "changed": "no",
}


def pump_values(subject: str = "The house is cold", **more: Any) -> dict[str, Any]:
    """Raw values of a ticket about a heat pump."""
    own = {"subject": subject, "priority": "3", "description": "Cold since the morning.", "relation": "fault"}
    return {**own, **PUMP_ANSWERS, **more}


class Care(NamedTuple):
    """Hanna's heat pump in the care of a company with two people; another company; the desk's own agent."""

    desk: Desk
    hanna: Desk
    asset: int
    grant: int
    company: int
    iwo: Desk
    iga: Desk
    other: Desk
    adam: Desk

    def opened(self, subject: str = "The house is cold") -> int:
        number: int = self.hanna.do(create.create, pump_values(subject), (self.asset,))
        return number

    def ticket(self, number: int) -> Ticket:
        found = self.desk.as_system().see(lambda look: look.unscoped(Ticket, table(Ticket).c.id == number))
        assert found is not None
        return found

    def told(self, since: int = 0) -> list[tuple[str, str]]:
        return [(row.letter, row.address) for row in mail(self.desk)[since:]]


def made(desk: Desk) -> Care:
    company = service_company(desk, language="pl")
    other = service_company(desk, "Zimny Piec", "inni@example.com")
    hanna = person(desk, "hanna")
    grant_id, asset = grant(desk, company, hanna)
    return Care(
        desk,
        seat(desk, hanna),
        asset,
        grant_id,
        company,
        installer(desk, "iwo", company, Standing.OWNER),
        installer(desk, "iga", company),
        installer(desk, "obcy", other, Standing.OWNER),
        logged_in(desk, "adam", Role.AGENT),
    )


@pytest.fixture
def care(any_desk: Desk) -> Care:
    return made(any_desk)


@pytest.fixture
def small(desk: Desk) -> Care:
    """The same on SQLite alone, for what no database decides."""
    return made(desk)


def me(desk: Desk) -> int:
    account_id = desk.actor().account_id
    assert account_id is not None
    return account_id


def ids(desk: Desk, view: View) -> list[int]:
    rows = [row.id for row in desk.see(listing.page, view, PageRequest()).rows]
    assert desk.see(listing.count, view) == len(rows), view
    return rows


def reply(desk: Desk, number: int, body: str = "Nadal zimno.") -> int:
    return desk.do(conversation.reply, number, conversation.Reply(body=body))


def answer(desk: Desk, number: int, body: str = "Przyjedziemy jutro.", status: Status = Status.WAITING_CUSTOMER) -> int:
    return desk.do(conversation.reply, number, conversation.StaffReply(body=body, status=str(status.value)))


# To whom it goes


def test_a_ticket_about_a_device_in_care_goes_to_the_company(care: Care) -> None:
    asked = care.hanna.see(create.ask, (care.asset,))
    assert asked.kind is TicketKind.TECHNICAL
    assert {"symptoms", "error_code"} <= {field.name for field in asked.product}
    number = care.opened()
    ticket = care.ticket(number)
    assert (ticket.team_id, ticket.grant_id, ticket.contract_id) == (care.company, care.grant, None)
    assert (ticket.kind, ticket.company_id, ticket.status) == ("technical", None, Status.NEW)
    assert care.told() == [("ticket_created", "hanna@example.com"), ("ticket_new", SERVICE)]
    assert [(row.language, row.account_id, row.details["team"]) for row in mail(care.desk, "ticket_new")] == [
        ("pl", None, COMPANY)
    ]
    assert mail(care.desk, "ticket_created")[0].details["team"] == COMPANY
    assert journal_of(care.desk)[-1] == "ticket.create"


def test_without_the_device_it_is_the_operators(care: Care) -> None:
    number = care.hanna.do(create.create, admin_values())
    assert (care.ticket(number).team_id, care.ticket(number).grant_id) == (None, None)
    assert care.told() == [("ticket_created", "hanna@example.com"), ("ticket_new", "adam@example.com")]
    assert mail(care.desk, "ticket_new")[0].details["team"] == ""
    assert ids(care.iwo, View("all")) == []
    with pytest.raises(NotFound):
        care.iwo.see(detail.ticket, number)


def test_the_grant_wins_over_a_contract(care: Care) -> None:
    made_id, (firewall,) = contract(care.desk, company="Tarnina")
    ola = person(care.desk, "ola", company="Tarnina")
    grant_id, pump = grant(care.desk, care.company, ola, "B000000002")
    ours = care.desk.as_system().see(
        lambda look: look.value(sa.select(table(Contract).c.company_id).where(table(Contract).c.id == made_id))
    )
    from core.models.contracts import Asset

    def both(work: Any) -> None:
        work.change(Asset, table(Asset).c.id == pump, account_id=None, company_id=ours)
        work.add_all(Cover, [{"contract_id": made_id, "asset_id": pump}])

    care.desk.as_system().do(both)
    covering = seat(care.desk, ola).see(coverage.covering, (pump, firewall))
    assert (covering[pump].contract_id, covering[pump].grant_id) == (None, grant_id)
    assert (covering[firewall].contract_id, covering[firewall].team_id) == (made_id, None)
    end(care.desk, grant_id)
    covering = seat(care.desk, ola).see(coverage.covering, (pump,))
    assert (covering[pump].contract_id, covering[pump].grant_id) == (made_id, None)


def test_no_ticket_is_in_two_hands(small: Care) -> None:
    other = small.other.actor().company_id
    assert other is not None
    _grant, elsewhere = grant(small.desk, other, me(small.hanna), "B000000003")
    _grant, beside = grant(small.desk, small.company, me(small.hanna), "B000000004")
    with pytest.raises(Invalid) as refused:
        small.hanna.do(create.create, pump_values(), (small.asset, elsewhere))
    assert set(refused.value.fields) == {"assets"}
    number = small.hanna.do(create.create, pump_values(), (small.asset, beside))
    assert small.ticket(number).team_id == small.company
    first = small.hanna.see(coverage.asset, small.asset)
    offered = small.hanna.see(
        coverage.assets, PageRequest(), covered_only=True, beside=first, without=frozenset({first.id})
    )
    assert [row.id for row in offered.rows] == [beside], "what can't stand beside it is not offered"


def test_what_nobody_looks_after_is_not_covered(small: Care) -> None:
    (row,) = small.hanna.see(coverage.assets, PageRequest(), covered_only=True).rows
    assert (row.id, row.care, row.team, row.covered) == (small.asset, COMPANY, small.company, True)
    asked = small.hanna.see(create.ask, (small.asset,))
    assert asked.kind is TicketKind.TECHNICAL
    end(small.desk, small.grant)
    with pytest.raises(Invalid) as refused:
        small.hanna.do(create.create, pump_values(), (small.asset,))
    assert set(refused.value.fields) == {"assets"}
    assert small.hanna.see(coverage.assets, PageRequest(), covered_only=True).rows == []
    (row,) = small.hanna.see(coverage.assets, PageRequest()).rows
    assert (row.id, row.care, row.covered) == (small.asset, "", False), "it is still one's own"


def test_a_grant_that_ends_between_the_form_and_the_ticket(small: Care) -> None:
    """What was found before the transaction counts for nothing inside it."""
    values = pump_values()
    ready = small.hanna.see(create._ready, values, (small.asset,))["ready"]
    end(small.desk, small.grant)
    with pytest.raises(Invalid):
        small.hanna.do(lambda work: create.create(work, values, (small.asset,), ready=ready))
    assert ids(small.iwo, View("all")) == []


def test_only_its_owner_asks_about_a_device(small: Care) -> None:
    stranger = logged_in(small.desk, "zyta")
    for nosy in (stranger, logged_in(small.desk, "ola", company="Tarnina")):
        with pytest.raises(Invalid):
            nosy.do(create.create, pump_values(), (small.asset,))
        with pytest.raises(NotFound):
            nosy.see(coverage.asset, small.asset)
    for answering in (small.iwo, small.adam):
        with pytest.raises(Forbidden):
            answering.do(create.create, pump_values(), (small.asset,))


# Who sees it


def test_each_side_sees_its_own_and_the_operator_reads_along(care: Care) -> None:
    team = care.opened("Zimno w salonie")
    desks = care.hanna.do(create.create, admin_values("Zimno na infolinii"))
    nobody = installer(care.desk, "bezdomny", None)
    every = [View(name, search=word) for name in ("new", "open", "all") for word in ("", "zimno")]
    for view in every:
        for theirs in (care.iwo, care.iga):
            assert ids(theirs, view) == [team], view
        for stranger in (care.other, nobody):
            assert ids(stranger, view) == [], view
        assert ids(care.adam, view) == ([desks, team] if view.name == "all" else [desks]), view
    for name, wanted in (("open", [desks, team]), ("all", [desks, team])):
        assert ids(care.hanna, View(name)) == ids(care.hanna, View(name, search="zimno")) == wanted
    care.iwo.do(workflow.set_status, team, Status.CLOSED, seen=1)
    for view in (View("closed"), View("closed", search="salon")):
        assert ids(care.iwo, view) == [team]
        assert ids(care.adam, view) == ids(care.other, view) == []
    for view in (View("new"), View("open"), View("open", search="salon"), View("mine")):
        assert ids(care.iwo, view) == []
    assert care.iwo.see(listing.counts) == {"new": 0, "mine": 0, "open": 0, "all": 1, "closed": 1}
    assert care.adam.see(listing.counts) == {"new": 1, "mine": 0, "open": 1, "all": 2, "closed": 0}
    for stranger in (care.other, nobody):
        assert set(stranger.see(listing.counts).values()) == {0}


def test_the_word_that_marks_a_teams_ticket_hides_nothing(care: Care) -> None:
    """Somebody writes what the index says of itself: their ticket stays where it is."""
    number = care.hanna.do(create.create, admin_values("Do you care t1 open"))
    for view in (View("open"), View("open", search="care"), View("all", search="t1")):
        assert ids(care.adam, view) == [number], view
    assert ids(care.iwo, View("all", search="care")) == []


def test_strangers_reach_nothing_of_it(care: Care) -> None:
    number = care.opened()
    for stranger in (care.other, installer(care.desk, "bezdomny", None), logged_in(care.desk, "zyta")):
        for use in (
            lambda work: conversation.reply(work, number, conversation.Reply(body="x")),
            lambda work: conversation.note(work, number, conversation.Note(body="x")),
            lambda work: workflow.assign(work, number, work.actor.account_id, seen=1),
            lambda work: workflow.set_status(work, number, Status.CLOSED, seen=1),
            lambda work: workflow.set_priority(work, number, Priority.LOW, seen=1),
            lambda work: workflow.close(work, number, seen=1),
        ):
            with pytest.raises(NotFound):
                stranger.do(use)
        for query in (detail.ticket, detail.agents):
            with pytest.raises(NotFound):
                stranger.see(query, number)
    assert care.ticket(number).version == 1


def test_the_operator_reads_it_and_does_nothing_to_it(care: Care) -> None:
    number = care.opened()
    care.iwo.do(conversation.note, number, conversation.Note(body="Kwarcowy czujnik"))
    root = logged_in(care.desk, "root", Role.ADMIN)
    for staff in (care.adam, root):
        shown = staff.see(detail.ticket, number)
        assert (shown.team, can(shown), shown.assets[0].identifier) == (COMPANY, set(), "B123456789")
        assert shown.care is not None
        assert (shown.care.level, shown.care.asset_id, shown.care.address) == (2, None, "")
        assert "Kwarcowy" in repr(shown.conversation), "the operator answers for the desk, and reads all of it"
        for use in (
            lambda work: conversation.reply(work, number, conversation.Reply(body="x")),
            lambda work: conversation.reply(work, number, conversation.StaffReply(body="x", status="6")),
            lambda work: conversation.note(work, number, conversation.Note(body="x")),
            lambda work: workflow.assign(work, number, work.actor.account_id, seen=1),
            lambda work: workflow.assign(work, number, None, seen=1),
            lambda work: workflow.set_status(work, number, Status.CLOSED, seen=1),
            lambda work: workflow.set_priority(work, number, Priority.LOW, seen=1),
            lambda work: workflow.close(work, number, seen=1),
        ):
            with pytest.raises(Forbidden):
                staff.do(use)
        with pytest.raises(Forbidden):
            staff.see(detail.agents, number)
    assert len(care.hanna.see(detail.ticket, number).conversation) == 1
    assert care.ticket(number).version == 1


# Answering it


def can(ticket: TicketDetail) -> set[str]:
    """What its reader can do to it now."""
    return {name.removeprefix("ticket.") for name, reason in ticket.available.items() if reason is None}


def test_the_company_answers_and_the_customer_reads_who(care: Care) -> None:
    number = care.opened()
    shown = care.iwo.see(detail.ticket, number)
    assert can(shown) == {"reply", "note", "take", "assign", "status", "priority"}
    assert (shown.customer.email, shown.customer.name) == ("hanna@example.com", "Hanna Testowa")
    assert shown.care is not None
    assert (shown.care.asset_id, shown.care.ended_at) == (care.asset, None)
    assert "Lipowa" in shown.care.address
    before = len(mail(care.desk))
    answer(care.iwo, number)
    ticket = care.ticket(number)
    assert (ticket.assignee_id, ticket.status) == (me(care.iwo), Status.WAITING_CUSTOMER)
    assert ticket.answered_at is not None
    assert care.told(before) == [("ticket_replied", "hanna@example.com")]
    assert mail(care.desk)[-1].details["team"] == COMPANY
    seen = care.hanna.see(detail.ticket, number)
    assert (seen.team, seen.assignee, can(seen)) == (COMPANY, "Iwo Testowa", {"reply", "close"})
    assert seen.care is not None
    assert (seen.care.asset_id, seen.care.address) == (care.asset, "")
    assert [(said.author, said.staff) for said in seen.conversation] == [
        ("Hanna Testowa", False),
        ("Iwo Testowa", True),
    ]


def test_a_note_of_the_company_never_reaches_the_customer(care: Care) -> None:
    number = care.opened()
    before = len(mail(care.desk))
    care.iwo.do(conversation.note, number, conversation.Note(body="Klientka ma stary kwarcowy czujnik"))
    assert care.told(before) == []
    assert "kwarcowy" not in repr(care.hanna.see(detail.ticket, number))
    assert ids(care.hanna, View("all", search="kwarcowy")) == ids(care.other, View("all", search="kwarcowy")) == []
    assert ids(care.iga, View("all", search="kwarcowego")) == [number]
    assert "kwarcowy" in repr(care.iga.see(detail.ticket, number))


def test_it_is_given_to_the_companys_people_only(care: Care) -> None:
    number = care.opened()
    off = person(care.desk, "ida", Role.INSTALLER)
    assert care.iwo.see(detail.agents, number) == [(me(care.iga), "Iga Testowa"), (me(care.iwo), "Iwo Testowa")]
    join(care.desk, off, care.company, Standing.PENDING)
    for whom in (me(care.adam), me(care.other), me(care.hanna), off, 999):
        with pytest.raises(Invalid):
            care.iwo.do(workflow.assign, number, whom, seen=1)
    before = len(mail(care.desk))
    care.iwo.do(workflow.assign, number, me(care.iga), seen=1)
    assert care.told(before) == [("ticket_assigned", "iga@example.com")]
    assert ids(care.iga, View("mine")) == [number]
    assert care.iga.see(listing.counts)["mine"] == 1
    assert care.ticket(number).status == Status.OPEN
    desks = care.hanna.do(create.create, admin_values())
    for whom in (me(care.iwo), me(care.hanna)):
        with pytest.raises(Invalid):
            care.adam.do(workflow.assign, desks, whom, seen=1)


def test_who_hears_of_the_customers_reply(care: Care) -> None:
    number = care.opened()
    before = len(mail(care.desk))
    reply(care.hanna, number)
    assert care.told(before) == [("ticket_replied", SERVICE)], "nobody has it yet"
    care.iwo.do(workflow.assign, number, me(care.iga), seen=2)
    before = len(mail(care.desk))
    reply(care.hanna, number)
    assert care.told(before) == [("ticket_replied", "iga@example.com")]
    join(care.desk, me(care.iga), None)
    before = len(mail(care.desk))
    reply(care.hanna, number)
    assert care.told(before) == [("ticket_replied", SERVICE)], "who left the company reads no more of it"


def test_two_of_the_company_at_once(care: Care) -> None:
    number = care.opened()
    care.iwo.do(workflow.assign, number, me(care.iwo), seen=1)
    with pytest.raises(Conflict):
        care.iga.do(workflow.assign, number, me(care.iga), seen=1)
    assert care.ticket(number).assignee_id == me(care.iwo)


# When things end


def test_who_is_removed_from_the_company_loses_everything_at_once(care: Care) -> None:
    number = care.opened()
    care.iga.do(workflow.assign, number, me(care.iga), seen=1)
    gone = me(care.iga)
    join(care.desk, gone, None)
    for view in (*map(View, ("new", "mine", "open", "all", "closed")), View("all", search="house")):
        assert ids(care.iga, view) == [], view
    assert set(care.iga.see(listing.counts).values()) == {0}
    for use in (lambda work: workflow.assign(work, number, None, seen=2), lambda work: reply_with(work, number)):
        with pytest.raises(NotFound):
            care.iga.do(use)
    with pytest.raises(NotFound):
        care.iga.see(detail.ticket, number)
    with pytest.raises(Invalid):
        care.iwo.do(workflow.assign, number, gone, seen=2)
    other = care.other.actor().company_id
    join(care.desk, gone, other)
    assert ids(care.iga, View("mine")) == [], "what they had there does not come along"
    assert care.iga.see(listing.counts)["mine"] == 0


def reply_with(work: Any, number: int) -> int:
    return conversation.reply(work, number, conversation.StaffReply(body="x", status="2"))


def test_what_somebody_who_leaves_had_is_there_to_be_taken(care: Care) -> None:
    first, done = care.opened(), care.opened("Solved")
    for number in (first, done):
        care.iga.do(workflow.assign, number, me(care.iga), seen=1)
    care.iga.do(workflow.set_status, done, Status.CLOSED, seen=2)
    desks = care.hanna.do(create.create, admin_values())
    care.adam.do(workflow.assign, desks, me(care.adam), seen=1)
    care.iwo.do(workflow.hand_back, me(care.iga), care.company)
    assert (care.ticket(first).assignee_id, care.ticket(first).version) == (None, 3)
    assert care.ticket(done).assignee_id == me(care.iga), "who solved it stays written down"
    assert care.ticket(desks).assignee_id == me(care.adam)
    assert [(event.before, event.after) for event in care.iwo.see(detail.ticket, first).history][-1] == (
        "Iga Testowa",
        "",
    )
    care.iwo.do(workflow.assign, first, me(care.iwo), seen=3)


def test_after_the_service_has_ended_what_was_asked_is_still_answered(care: Care) -> None:
    number = care.opened()
    end(care.desk, care.grant)
    assert ids(care.iwo, View("open")) == [number]
    reply(care.hanna, number)
    answer(care.iwo, number, status=Status.RESOLVED)
    shown = care.iwo.see(detail.ticket, number)
    assert shown.care is not None
    assert (shown.care.asset_id, shown.care.address) == (None, ""), "the device itself is closed"
    assert shown.care.ended_at == care.desk.now
    with pytest.raises(Invalid):
        care.opened()


def test_who_joins_a_company_brings_a_teams_ticket_along_and_the_team_still_finds_it(care: Care) -> None:
    """The index says anew whose the ticket is; that the service company handles it must not get lost on the way."""
    from core.companies import activation
    from core.service.unit_of_work import UnitOfWork

    number = care.opened()
    contract(care.desk, company="Tarnina")
    boss = logged_in(care.desk, "ola", company="Tarnina", standing=Standing.OWNER)
    company_id = boss.actor().company_id
    assert company_id is not None

    def joins(work: UnitOfWork) -> None:
        activation.bring_own_tickets(work, me(care.hanna), company_id)

    care.desk.as_system().do(joins)
    for theirs in (care.iwo, boss):
        assert ids(theirs, View("open", search="house")) == ids(theirs, View("open")) == [number]
    assert ids(care.adam, View("open", search="house")) == []


def test_figures_follow_a_teams_tickets(care: Care) -> None:
    numbers = [care.opened() for _each in range(3)]
    care.hanna.do(create.create, admin_values())
    care.iwo.do(workflow.set_status, numbers[0], Status.CLOSED, seen=1)
    care.iwo.do(workflow.assign, numbers[1], me(care.iga), seen=1)
    tally = table(Tally)
    chosen = sa.select(tally.c.owner_kind, tally.c.owner_id, tally.c.status, tally.c.tickets).where(
        tally.c.tickets != 0, tally.c.owner_kind.in_(("desk", "care", "team"))
    )
    kept = sorted(map(tuple, care.desk.as_system().see(lambda look: look.rows(chosen))))
    team = [(care.company, 1, 1), (care.company, 2, 1), (care.company, 6, 1)]
    assert kept == [
        *(("care", 0, status, tickets) for _company, status, tickets in team),
        ("desk", 0, 1, 1),
        *(("team", *row) for row in team),
    ]
    assert care.hanna.see(listing.counts) == {"open": 3, "waiting": 0}
