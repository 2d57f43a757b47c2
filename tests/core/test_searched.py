"""Lists of names: in the order of the alphabet however they are paged, and found by what they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core import addresses
from core.accounts import staff
from core.accounts.models import Account, Role, Standing
from core.care import grants, invitations
from core.care.models import Grant
from core.companies import service_members
from core.contracts import cover
from core.desk import Desk
from core.paging import Ask
from core.subscribers import read as subscribers
from core.tickets import create, queue
from core.tickets import read as tickets
from core.tickets.queue import View
from core.work import Work, table
from tests import cares
from tests.core.care.acting import invite_form
from tests.desks import admin_values, contract, logged_in, person, seat
from tests.subscribers import subscriber

LAST_NAMES = ["Adamska", "Cyran", "Czyż", "Ćwik", "Lasota", "Łukasik", "Maj", "Śliwa", "Zenon", "Źrebiec", "Żak"]
MIXED = LAST_NAMES[1::2][::-1] + LAST_NAMES[::2]

_account, _grant = table(Account), table(Grant)


def rename(desk: Desk, account_id: int, first: str, last: str, email: str = "") -> None:
    """Give somebody names, and an address."""

    def change(work: Work) -> None:
        given = {"email": email, "email_key": addresses.normal(email)} if email else {}
        work.change(Account, _account.c.id == account_id, first_name=first, last_name=last, **given)

    desk.as_system().do(change)


def all_of(as_: Desk, query: Callable[..., Any], *given: Any) -> list[Any]:
    """Every row of a list, read by pages of three: from the top, and back from the end the same."""
    down: list[Any] = []
    page = as_.see(query, Ask(limit=3), *given)
    while True:
        down += page.rows
        if not page.more_after:
            break
        page = as_.see(query, Ask(after=page.end, limit=3), *given)
    up: list[Any] = []
    page = as_.see(query, Ask(last=True, limit=3), *given)
    while True:
        up = [*page.rows, *up]
        if not page.more_before:
            break
        page = as_.see(query, Ask(before=page.start, limit=3), *given)
    assert up == down
    return down


def test_people_and_agents_stand_by_their_last_names(any_desk: Desk) -> None:
    for at, last in enumerate(MIXED):
        rename(any_desk, person(any_desk, f"a{at}", Role.AGENT), "Jan", last)
    agent = seat(any_desk, 1)
    assert [row.name.split()[-1] for row in all_of(agent, staff.people)] == LAST_NAMES
    number = logged_in(any_desk, "ola").do(create.create, admin_values())
    assert [name.split()[-1] for _id, name in agent.see(tickets.agents, number)] == LAST_NAMES


def test_members_and_customers_of_a_company_stand_by_their_names(any_desk: Desk) -> None:
    company = cares.service_company(any_desk)
    members = [cares.installer(any_desk, f"i{at}", company, Standing.OWNER) for at in range(len(MIXED))]
    for at, (last, member) in enumerate(zip(MIXED, members, strict=True)):
        rename(any_desk, member.actor().account_id or 0, "Iga", last)
        customer = person(any_desk, f"k{at}")
        grant, _asset = cares.grant(any_desk, company, customer, f"B12345678{at}" if at < 10 else "B223456789")
        any_desk.as_system().do(lambda work, id_, name: work.change(Grant, _grant.c.id == id_, name=name), grant, last)
    assert [row.name.split()[-1] for row in all_of(members[0], service_members.members)] == LAST_NAMES
    assert [row.name for row in all_of(members[0], grants.customers)] == LAST_NAMES


def test_subscribers_stand_by_their_names(any_desk: Desk) -> None:
    for at, last in enumerate(MIXED):
        subscriber(any_desk, f"A-{at}", contract=f"U/{at}", name=f"{last} Anna", addresses=())
    agent = logged_in(any_desk, "adam", Role.AGENT)
    assert [row.name.split()[0] for row in all_of(agent, subscribers.subscribers)] == LAST_NAMES


@pytest.mark.parametrize(
    "typed", ["jan@żółw.pl", "żółw.pl", "ZÓŁW", "xn--", "Jan Kowalski-Łoś", "kowalski-los jan", "kow jan@"]
)
def test_people_and_invitations_are_found_as_they_are_shown(any_desk: Desk, typed: str) -> None:
    rename(any_desk, person(any_desk, "jk"), "Jan", "Kowalski-Łoś", "jan@żółw.pl")
    rename(any_desk, person(any_desk, "ak"), "Anna", "Kowalska", "anna@zubr.example")
    agent = logged_in(any_desk, "adam", Role.AGENT)
    assert [row.login for row in agent.see(staff.people, Ask(), typed).rows] == ["jk"]
    iga = cares.installer(any_desk, "iga", cares.service_company(any_desk), Standing.OWNER)
    iga.do(invitations.send, invite_form(name="Jan Kowalski–Łoś", email="jan@żółw.pl"))
    iga.do(invitations.send, invite_form(name="Anna Kowalska", email="anna@zubr.example"))
    assert [row.email for row in iga.see(invitations.page, Ask(), typed).rows] == ["jan@żółw.pl"]


@pytest.mark.parametrize("typed", ["jan@żółw.pl", "żółw.pl", "jan@zolw", "O'Neil Jan", "o’neil"])
def test_a_subscriber_is_found_by_the_address_of_the_account(any_desk: Desk, typed: str) -> None:
    account_id = person(any_desk, "jk")
    rename(any_desk, account_id, "Jan", "O’Neil", "jan@żółw.pl")
    subscriber(any_desk, name="Jan O’Neil", email="", account_id=account_id)
    subscriber(any_desk, "A-2", contract="U/2", name="Anna Neil", email="", addresses=())
    agent = logged_in(any_desk, "adam", Role.AGENT)
    assert [row.name for row in agent.see(subscribers.subscribers, Ask(), typed).rows] == ["Jan O’Neil"]


@pytest.mark.parametrize("typed", ["Łoś – Dom", "los - dom", "dom „Łoś”", 'Dom "łoś"'])
def test_contracts_and_tickets_are_found_by_the_company_that_they_show(any_desk: Desk, typed: str) -> None:
    contract(any_desk, company="„Łoś” — Dom")
    contract(any_desk, "OK-2", company="Tarnina", identifiers=("FW-2",))
    agent = logged_in(any_desk, "adam", Role.AGENT)
    number = logged_in(any_desk, "ola", company="„Łoś” — Dom").do(create.create, admin_values())
    logged_in(any_desk, "ewa", company="Tarnina").do(create.create, admin_values())
    plain = typed.replace("„", "").replace("”", "").replace('"', "")
    assert [row.number for row in agent.see(cover.contracts, Ask(), plain).rows] == ["OK-1"]
    assert [row.id for row in agent.see(queue.page, View("open", company=plain), Ask()).rows] == [number]


def test_what_is_typed_is_no_pattern_and_may_be_long(any_desk: Desk) -> None:
    agent = logged_in(any_desk, "adam", Role.AGENT)
    for typed in ("%", "_", "a%m", "\\"):
        assert agent.see(staff.people, Ask(), typed).rows == []
    assert agent.see(staff.people, Ask(), "q " * 5_000).rows == []
    assert [row.login for row in agent.see(staff.people, Ask(), "adam " * 5_000).rows] == ["adam"]
