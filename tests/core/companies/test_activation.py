"""Registering a contract: one error for what is wrong, and who ends up where."""

from __future__ import annotations

import datetime as dt

import pytest

from core.companies import activation, membership
from core.contracts import coverage
from core.db.pagination import PageRequest
from core.errors import Forbidden, Invalid, Throttled
from core.models.accounts import Account, Role, Standing
from core.models.contracts import Asset, Contract
from core.service import throttle
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.desks import contract, journal_of, logged_in, mail, person

OURS = "Tarnina sp. z o.o."


def register(desk: Desk, number: str = "OK-1", code: str = "ABCD-EFGH") -> activation.Registered:
    return desk.do(activation.register, activation.RegisterContract(number=number, code=code))


def refused(desk: Desk, number: str = "OK-1", code: str = "ABCD-EFGH") -> tuple[str, str]:
    with pytest.raises(Invalid) as error:
        register(desk, number, code)
    ((field, what),) = error.value.fields.items()
    return field, what.text()


def stored(desk: Desk, number: str = "OK-1") -> Contract:
    return desk.as_system().see(lambda look: look.unscoped(Contract, table(Contract).c.number == number))


def numbers(desk: Desk) -> list[str]:
    return [row.number for row in desk.see(coverage.contracts, PageRequest()).rows]


@pytest.mark.parametrize(("number", "code"), [("OK-1", "ABCD-EFGH"), (" ok-1 ", "abcd efgh"), ("OK - 1", "ABCDEFGH")])
def test_however_it_is_typed(desk: Desk, number: str, code: str) -> None:
    contract(desk, registered=False)
    ola = logged_in(desk, "ola", company=OURS, standing=Standing.OWNER)
    assert numbers(ola) == []
    assert register(ola, number, code) == activation.Registered("OK-1", OURS, "owner")
    assert numbers(ola) == ["OK-1"]
    assert [(row.letter, row.details["number"]) for row in mail(desk)] == [("contract_registered", "OK-1")]
    assert "contract.register" in journal_of(desk)


def test_one_error_for_unknown_wrong_and_anothers(desk: Desk) -> None:
    contract(desk, registered=False)
    contract(desk, "OK-2", identifiers=("S2",), company="Inna")
    person(desk, "ktos", company="Inna", standing=Standing.OWNER)
    ola = logged_in(desk, "ola", company=OURS, standing=Standing.OWNER)
    answers = {refused(ola, "OK-9"), refused(ola, "OK-1", "WRONG"), refused(ola, "OK-2"), refused(ola, "OK-2", "WRONG")}
    assert answers == {("code", activation.MISMATCH.text())}


def test_what_was_proved_gets_a_clear_answer(desk: Desk) -> None:
    ola = logged_in(desk, "ola", company=OURS, standing=Standing.OWNER)
    today = desk.now.date()
    contract(desk, "EARLY", identifiers=("a",), valid_from=today + dt.timedelta(days=1), registered=False)
    contract(desk, "OVER", identifiers=("b",), valid_until=today - dt.timedelta(days=1), registered=False)
    contract(desk, "DONE", identifiers=("c",))
    assert "starts on 21 Nov 2026" in refused(ola, "EARLY")[1]
    assert "ended on 19 Nov 2026" in refused(ola, "OVER")[1]
    assert "already registered" in refused(ola, "DONE")[1]
    assert "match" in refused(ola, "EARLY", "WRONG")[1], "but nothing is told to whoever has no code"


def test_tries_are_throttled_by_contract_and_by_person(desk: Desk) -> None:
    contract(desk, registered=False)
    ola, ewa = logged_in(desk, "ola"), logged_in(desk, "ewa")
    for _try in range(throttle.FREE_FAILURES):
        refused(ola, code="WRONG")
    for mine in (ola, ewa):
        with pytest.raises(Throttled):
            register(mine)
    contract(desk, "OK-2", identifiers=("S2",), company="Inna", registered=False)
    with pytest.raises(Throttled):
        register(ola, "OK-2")
    desk.clock.move(dt.timedelta(seconds=30))
    assert register(ewa).standing == Standing.OWNER


def test_a_success_forgets_the_tries(desk: Desk) -> None:
    contract(desk, registered=False)
    contract(desk, "OK-2", identifiers=("S2",), registered=False)
    ola = logged_in(desk, "ola")
    for _try in range(throttle.FREE_FAILURES - 1):
        refused(ola, code="WRONG")
    register(ola)
    refused(ola, "OK-2", "WRONG")
    assert register(ola, "OK-2").number == "OK-2"


def test_an_empty_company_comes_to_life_with_its_owner(any_desk: Desk) -> None:
    _id, assets = contract(any_desk, registered=False)
    ola = logged_in(any_desk, "ola")
    assert register(ola).standing == Standing.OWNER
    assert ola.actor().owner
    assert [row.id for row in ola.see(coverage.assets, PageRequest(), covered_only=True).rows] == list(assets)


def test_a_contract_of_nobody_brings_its_assets(any_desk: Desk) -> None:
    _id, assets = contract(any_desk, company="")
    ola = logged_in(any_desk, "ola", company=OURS)
    assert register(ola).company == OURS
    assert [row.id for row in ola.see(coverage.assets, PageRequest(), covered_only=True).rows] == list(assets)


def test_a_contract_of_nobody_makes_no_owner_of_a_company_that_is_here(desk: Desk) -> None:
    """An account without a company: the one it named at its sign-up, or one that is called as its person is."""
    contract(desk, company="", registered=False)
    boss = logged_in(desk, "szefowa", company="Ola Testowa", standing=Standing.OWNER)
    ola = logged_in(desk, "ola")
    assert register(ola) == activation.Registered("OK-1", "Ola Testowa", "pending")
    assert (ola.actor().company_id, ola.actor().owner) == (None, False)
    assert (stored(desk).company_id, stored(desk).registered_at) == (None, None)
    boss.do(membership.decide, ola.actor().account_id, let_in=True)
    assert numbers(boss) == ["OK-1"]
    assert boss.see(coverage.contract, stored(desk).id).assets == 1


def test_a_contract_that_somebody_else_registered_meanwhile_stays_theirs(desk: Desk) -> None:
    contract(desk, company="", registered=False)
    boss = logged_in(desk, "szefowa", company="Ola Testowa", standing=Standing.OWNER)
    ola = logged_in(desk, "ola")
    register(ola)
    other = logged_in(desk, "ktos", company=OURS, standing=Standing.OWNER)
    register(other)
    boss.do(membership.decide, ola.actor().account_id, let_in=True)
    assert (numbers(boss), numbers(other)) == ([], ["OK-1"])


def test_an_empty_companys_contract_moves_to_the_company_that_has_the_code(desk: Desk) -> None:
    contract(desk, company="Dawna", registered=False)
    ola = logged_in(desk, "ola", company=OURS)
    assert register(ola).company == OURS
    assert stored(desk).company_id == ola.actor().company_id
    assert ola.see(coverage.contract, stored(desk).id).assets == 1


def test_anothers_asset_stays_theirs(desk: Desk) -> None:
    """A contract that covers somebody else's device does not give the device away."""
    from core.models.contracts import Cover

    _id, (theirs,) = contract(desk, "OK-2", identifiers=("S2",), company="Inna")
    other = logged_in(desk, "ktos", company="Inna", standing=Standing.OWNER)
    mine, _ = contract(desk, company="", registered=False)
    desk.as_system().do(lambda work: work.add_all(Cover, [{"contract_id": mine, "asset_id": theirs}]))
    ola = logged_in(desk, "ola", company=OURS)
    register(ola)
    owner = desk.as_system().see(lambda look: look.unscoped(Asset, table(Asset).c.id == theirs).company_id)
    assert owner == other.actor().company_id
    assert theirs not in [row.id for row in ola.see(coverage.assets, PageRequest()).rows]


def test_the_first_registration_stands(desk: Desk) -> None:
    contract(desk, registered=False)
    ola = logged_in(desk, "ola", company=OURS, standing=Standing.OWNER)
    register(ola)
    first = stored(desk).registered_at
    desk.clock.move(dt.timedelta(days=1))
    ola = logged_in(desk, "ola2", company=OURS)
    refused(ola)
    assert stored(desk).registered_at == first


def test_one_who_waits_elsewhere_can_still_bring_an_own_company_to_life(desk: Desk) -> None:
    contract(desk, registered=False)
    person(desk, "ktos", company="Inna", standing=Standing.OWNER)
    ola = logged_in(desk, "ola", company="Inna", standing=Standing.PENDING)
    assert register(ola).standing == Standing.OWNER
    account = desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.login == "ola"))
    assert account.company_id == stored(desk).company_id


@pytest.mark.parametrize("role", [Role.INSTALLER, Role.AGENT, Role.ADMIN])
def test_only_customers_register(desk: Desk, role: Role) -> None:
    contract(desk, registered=False)
    with pytest.raises(Forbidden):
        register(logged_in(desk, "ktos", role))
    with pytest.raises(Forbidden):
        register(desk)
    assert stored(desk).registered_at is None
