"""Lists of names: in the order of the alphabet however they are paged, and found by what they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.care import grants, invitations
from core.contracts import coverage
from core.db.pagination import PageRequest
from core.forms import email_address
from core.i18n.sanitize import identity
from core.installers import members as installer_members
from core.models.accounts import Account, Role, Standing
from core.models.care import Application, Grant
from core.models.contracts import Asset
from core.people import staff
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from core.subscribers import detail as subscribers
from core.tickets import create, listing
from core.tickets import detail as tickets
from core.tickets.listing import View
from tests.core.care.acting import applied, invite_form, waiting
from tests.factories import cares
from tests.factories.desks import admin_values, contract, logged_in, person, seat
from tests.factories.subscribers import subscriber

LAST_NAMES = ["Adamska", "Cyran", "Czyż", "Ćwik", "Lasota", "Łukasik", "Maj", "Śliwa", "Zenon", "Źrebiec", "Żak"]
MIXED = LAST_NAMES[1::2][::-1] + LAST_NAMES[::2]

HEAT_PUMP = {
    "subject": "Zimno",
    "description": "Od rana",
    "priority": "2",
    "relation": "fault",
    "occurred": "2026-11-20 08:00",
    "symptoms": ("noise",),
    "running": "yes",
    "outdoor_temperature": "3",
    "hot_water": "none",
    "new_installation": "no",
    "changed": "no",
}
"""A ticket about one."""

_account, _grant = table(Account), table(Grant)


def rename(desk: Desk, account_id: int, first: str, last: str, email: str = "") -> None:
    """Give somebody names, and an address."""

    def change(work: UnitOfWork) -> None:
        given = {"email": email, "email_key": email_address.normal(email)} if email else {}
        work.change(Account, _account.c.id == account_id, first_name=first, last_name=last, **given)

    desk.as_system().do(change)


def all_of(as_: Desk, query: Callable[..., Any], *given: Any) -> list[Any]:
    """Every row of a list, read by pages of three: from the top, and back from the end the same."""
    down: list[Any] = []
    page = as_.see(query, PageRequest(limit=3), *given)
    while True:
        down += page.rows
        if not page.more_after:
            break
        page = as_.see(query, PageRequest(after=page.end, limit=3), *given)
    up: list[Any] = []
    page = as_.see(query, PageRequest(last=True, limit=3), *given)
    while True:
        up = [*page.rows, *up]
        if not page.more_before:
            break
        page = as_.see(query, PageRequest(before=page.start, limit=3), *given)
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
    assert [row.name.split()[-1] for row in all_of(members[0], installer_members.members)] == LAST_NAMES
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
    assert [row.login for row in agent.see(staff.people, PageRequest(), typed).rows] == ["jk"]
    iga = cares.installer(any_desk, "iga", cares.service_company(any_desk), Standing.OWNER)
    iga.do(invitations.send, invite_form(name="Jan Kowalski–Łoś", email="jan@żółw.pl"))
    iga.do(invitations.send, invite_form(name="Anna Kowalska", email="anna@zubr.example"))
    assert [row.email for row in iga.see(invitations.page, PageRequest(), typed).rows] == ["jan@żółw.pl"]


@pytest.mark.parametrize("typed", ["jan@żółw.pl", "żółw.pl", "jan@zolw", "O'Neil Jan", "o’neil"])
def test_a_subscriber_is_found_by_the_address_of_the_account(any_desk: Desk, typed: str) -> None:
    account_id = person(any_desk, "jk")
    rename(any_desk, account_id, "Jan", "O’Neil", "jan@żółw.pl")
    subscriber(any_desk, name="Jan O’Neil", email="", account_id=account_id)
    subscriber(any_desk, "A-2", contract="U/2", name="Anna Neil", email="", addresses=())
    agent = logged_in(any_desk, "adam", Role.AGENT)
    assert [row.name for row in agent.see(subscribers.subscribers, PageRequest(), typed).rows] == ["Jan O’Neil"]


@pytest.mark.parametrize("typed", ["Łoś – Dom", "los - dom", "dom „Łoś”", 'Dom "łoś"'])
def test_contracts_and_tickets_are_found_by_the_company_that_they_show(any_desk: Desk, typed: str) -> None:
    contract(any_desk, company="„Łoś” — Dom")
    contract(any_desk, "OK-2", company="Tarnina", identifiers=("FW-2",))
    agent = logged_in(any_desk, "adam", Role.AGENT)
    number = logged_in(any_desk, "ola", company="„Łoś” — Dom").do(create.create, admin_values())
    logged_in(any_desk, "ewa", company="Tarnina").do(create.create, admin_values())
    plain = typed.replace("„", "").replace("”", "").replace('"', "")
    assert [row.number for row in agent.see(coverage.contracts, PageRequest(), plain).rows] == ["OK-1"]
    assert [row.id for row in agent.see(listing.page, View("open", company=plain), PageRequest()).rows] == [number]


@pytest.mark.parametrize("typed", ["ŁĄCZE–7", "łącze–7 Ż", "łącze–"])
def test_lines_and_devices_are_found_by_what_is_printed_on_them(any_desk: Desk, typed: str) -> None:
    """Their keys keep every accent and dash."""
    printed = {"identifier": "Łącze–7 Ż", "identifier_key": identity("Łącze–7 Ż")}
    line = subscriber(any_desk).lines[0]
    any_desk.as_system().do(lambda work: work.change(Asset, table(Asset).c.id == line, **printed))
    agent = logged_in(any_desk, "adam", Role.AGENT)
    assert [row.number for row in agent.see(subscribers.subscribers, PageRequest(), typed).rows] == ["A-1001"]
    assert [row.id for row in agent.see(coverage.assets, PageRequest(), typed).rows] == [line]
    assert [row.id for row in agent.see(coverage.assets, PageRequest(), f"światło {typed}").rows] == [line]
    company, zofia = cares.service_company(any_desk), logged_in(any_desk, "zofia")
    iga = cares.installer(any_desk, "iga", company, Standing.OWNER)
    pump = cares.grant(any_desk, company, zofia.actor().account_id or 0, "Łącze–7 Żar")[1]
    number = zofia.do(create.create, HEAT_PUMP, (pump,))
    assert [row.id for row in iga.see(listing.page, View("all", asset=typed), PageRequest()).rows] == [number]
    assert [row.asset_id for row in iga.see(grants.customers, PageRequest(), typed).rows] == [pump]
    applied(zofia)
    any_desk.as_system().do(lambda work: work.change(Application, device_key=identity("Łącze–7 Żuk")))
    assert len(waiting(iga, typed)) == 1


def test_an_identifier_is_found_without_its_accents_if_it_has_none(any_desk: Desk) -> None:
    line = subscriber(any_desk).lines[0]
    agent = logged_in(any_desk, "adam", Role.AGENT)
    for typed in ("PN–0000", "pń-0000"):
        assert [row.number for row in agent.see(subscribers.subscribers, PageRequest(), typed).rows] == ["A-1001"]
        assert [row.id for row in agent.see(coverage.assets, PageRequest(), typed).rows] == [line]


def test_what_is_typed_is_no_pattern_and_may_be_long(any_desk: Desk) -> None:
    agent = logged_in(any_desk, "adam", Role.AGENT)
    for typed in ("%", "_", "a%m", "\\"):
        assert agent.see(staff.people, PageRequest(), typed).rows == []
    assert agent.see(staff.people, PageRequest(), "q " * 5_000).rows == []
    assert [row.login for row in agent.see(staff.people, PageRequest(), "adam " * 5_000).rows] == ["adam"]
