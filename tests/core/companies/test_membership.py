"""Joining a company: the first decision stands, and until then nothing of the company's is seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core import badges
from core.companies import activation, membership, names
from core.contracts import coverage
from core.db.pagination import PageRequest
from core.errors import Conflict, Forbidden, NotFound
from core.models.accounts import Account, Role, Standing
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.sign_up import customer
from core.tickets import create, detail, listing
from core.tickets.listing import View
from tests.factories.desks import (
    admin_values,
    come_back,
    contract,
    journal_of,
    logged_in,
    mail,
    person,
    seat,
    sign_up_form,
)

OURS = "Tarnina sp. z o.o."


@pytest.fixture
def owner(desk: Desk) -> Desk:
    return logged_in(desk, "szefowa", company=OURS, standing=Standing.OWNER)


def asks(desk: Desk, login: str = "ola") -> int:
    return person(desk, login, company=OURS, standing=Standing.PENDING)


def account(desk: Desk, id_: int) -> Account:
    return desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.id == id_))


def waiting(desk: Desk) -> list[str]:
    return [one.login for one in desk.see(membership.waiting, PageRequest()).rows]


def test_let_in(desk: Desk, owner: Desk) -> None:
    contract(desk)
    ola = asks(desk)
    mine = seat(desk, ola)
    assert mine.see(coverage.contracts, PageRequest()).rows == []
    owner.do(membership.decide, ola, let_in=True)
    assert account(desk, ola).standing == Standing.MEMBER
    assert [row.number for row in mine.see(coverage.contracts, PageRequest()).rows] == ["OK-1"]
    assert [(row.letter, row.address, row.details["let_in"]) for row in mail(desk)] == [
        ("colleague_decided", "ola@example.com", True)
    ]
    assert "company.join_decided" in journal_of(desk)


def test_turned_away(desk: Desk, owner: Desk) -> None:
    contract(desk)
    ola = asks(desk)
    owner.do(membership.decide, ola, let_in=False)
    assert (account(desk, ola).standing, account(desk, ola).company_id) == (Standing.NONE, None)
    assert seat(desk, ola).see(coverage.assets, PageRequest()).rows == []
    assert mail(desk, "colleague_decided")[0].details["let_in"] is False


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ({"company": OURS}, NotFound),
        ({"company": OURS, "standing": Standing.PENDING}, NotFound),
        ({"company": "Inna", "standing": Standing.OWNER}, NotFound),
        ({"role": Role.INSTALLER, "company": OURS, "standing": Standing.OWNER}, NotFound),
        ({}, NotFound),
    ],
)
def test_who_may_not_decide(desk: Desk, owner: Desk, who: dict[str, object], error: type[Exception]) -> None:
    ola = asks(desk)
    with pytest.raises(error):
        logged_in(desk, "ewa", **who).do(membership.decide, ola, let_in=True)
    assert account(desk, ola).standing == Standing.PENDING


def test_nobody_lets_themselves_in(desk: Desk, owner: Desk) -> None:
    ola = asks(desk)
    with pytest.raises(Forbidden):
        seat(desk, ola).do(membership.decide, ola, let_in=True)


def test_an_agent_may_too(desk: Desk, owner: Desk) -> None:
    ola = asks(desk)
    logged_in(desk, "adam", Role.AGENT).do(membership.decide, ola, let_in=True)
    assert account(desk, ola).standing == Standing.MEMBER


def test_the_first_decision_stands(any_desk: Desk) -> None:
    owner = logged_in(any_desk, "szefowa", company=OURS, standing=Standing.OWNER)
    agent = logged_in(any_desk, "adam", Role.AGENT)
    ola = asks(any_desk)

    def decide(pair: tuple[Desk, bool]) -> str:
        try:
            pair[0].do(membership.decide, ola, let_in=pair[1])
        except (Conflict, NotFound):
            return "too late"
        return "in" if pair[1] else "out"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(decide, [(owner, True), (agent, False)]))
    assert said in (["in", "too late"], ["out", "too late"])
    assert account(any_desk, ola).standing == (Standing.MEMBER if "in" in said else Standing.NONE)
    assert len(mail(any_desk, "colleague_decided")) == 1
    with pytest.raises(Conflict):
        agent.do(membership.decide, ola, let_in=True)


def test_who_waits_is_seen_by_those_who_decide(desk: Desk, owner: Desk) -> None:
    asks(desk)
    person(desk, "obca", company="Inna", standing=Standing.PENDING)
    agent, member = logged_in(desk, "adam", Role.AGENT), logged_in(desk, "ewa", company=OURS)
    assert waiting(owner) == ["ola"]
    assert waiting(agent) == ["ola", "obca"]
    assert waiting(member) == []
    shown = {who: desk_.see(badges.sidebar)["colleagues"] for who, desk_ in (("o", owner), ("a", agent), ("m", member))}
    assert shown == {"o": 1, "a": 2, "m": 0}


def test_what_was_asked_before_is_brought_along(desk: Desk, owner: Desk) -> None:
    """Shown, counted and found as the company's from then on."""
    ola = asks(desk)
    mine = seat(desk, ola)
    number = mine.do(create.create, admin_values("Przedtem"))
    assert mine.see(listing.counts)["open"] == 1
    with pytest.raises(NotFound):
        owner.see(detail.ticket, number)
    owner.do(membership.decide, ola, let_in=True)
    for desk_ in (mine, owner):
        assert [row.id for row in desk_.see(listing.page, View(), PageRequest()).rows] == [number]
        assert [row.id for row in desk_.see(listing.page, View(search="przedtem"), PageRequest()).rows] == [number]
        assert desk_.see(listing.counts)["open"] == 1


def test_so_does_the_first_of_a_company(desk: Desk) -> None:
    contract(desk, registered=False)
    mine = logged_in(desk, "ola")
    number = mine.do(create.create, admin_values("Przedtem"))
    mine.do(activation.register, activation.RegisterContract(number="OK-1", code="ABCD-EFGH"))
    assert mine.actor().owner
    assert [row.id for row in mine.see(listing.page, View(search="przedtem"), PageRequest()).rows] == [number]
    assert mine.see(listing.counts)["open"] == 1


def test_the_contract_somebody_brought_counts_once_they_are_let_in(desk: Desk, owner: Desk) -> None:
    contract(desk, registered=False)
    ola = person(desk, "ola")
    mine = seat(desk, ola)
    done = mine.do(activation.register, activation.RegisterContract(number="OK-1", code="ABCD-EFGH"))
    assert done.standing == Standing.PENDING
    assert owner.see(coverage.contracts, PageRequest()).rows == []
    owner.do(membership.decide, ola, let_in=True)
    assert [row.number for row in owner.see(coverage.contracts, PageRequest()).rows] == ["OK-1"]


def test_whoever_was_turned_away_is_still_of_the_company_they_named(any_desk: Desk) -> None:
    """The contract that they bring the next time is the one that counts once they are let in."""
    desk = any_desk
    contract(desk, company="", registered=False)
    contract(desk, "OK-2", identifiers=("FW-2",), company="", registered=False)
    owner = logged_in(desk, "szefowa", company=OURS, standing=Standing.OWNER)
    assert come_back(desk, desk.do(customer.start, sign_up_form(company=OURS))).standing == Standing.PENDING
    ola = owner.see(membership.waiting, PageRequest()).rows[0].id
    owner.do(membership.decide, ola, let_in=False)
    again = seat(desk, ola).do(activation.register, activation.RegisterContract(number="OK-2", code="ABCD-EFGH"))
    assert (again.company, again.standing) == (OURS, Standing.PENDING)
    owner.do(membership.decide, ola, let_in=True)
    assert [row.number for row in owner.see(coverage.contracts, PageRequest()).rows] == ["OK-2"]


def test_names_are_one_however_they_are_written(desk: Desk) -> None:
    made = {
        desk.as_system().do(names.find_or_make, name)
        for name in ("Żółw i Syn", "ŻÓŁW  I  SYN", " żółw i syn\u200b", "Żo\u0301łw i Syn\x1b")
    }
    assert len(made) == 1
    others = {desk.as_system().do(names.find_or_make, name) for name in ("Zolw i Syn", "Żołw i Syn", "Żólw i Syn")}
    assert len(others | made) == 4, "an accent makes another company: Los must not read what is Łoś's"
