"""Signing up: what is answered alike, what is told to whom by mail, and what becomes of contract and company."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from core.accounts import address_owner, login
from core.accounts.registration import Proof
from core.companies import membership
from core.contracts import coverage
from core.db.pagination import PageRequest
from core.errors import Forbidden, Invalid, Throttled
from core.i18n.sanitize import fold
from core.models.accounts import Account, AccountState, Registration, Role, Standing
from core.models.contracts import Contract
from core.security import passwords
from core.service import throttle
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.sign_up import confirmation, customer
from core.sign_up.confirmed import Confirmed
from tests.factories.desks import (
    PASSWORD,
    come_back,
    contract,
    journal_of,
    logged_in,
    mail,
    mailed_code,
    moved_away,
    person,
    seat,
    sign_up_form,
    statements,
)

_account = table(Account)


def account(desk: Desk, login: str) -> Account | None:
    return desk.as_system().see(lambda look: look.unscoped(Account, _account.c.login == login))


def start(desk: Desk, receipt: str = "", **given: Any) -> customer.Started:
    return desk.do(customer.start, sign_up_form(**given), receipt)


def confirm(desk: Desk, login: str = "ola") -> Confirmed:
    """The latest code, with login and password of the form: as on another machine."""
    return desk.do(confirmation.confirm, mailed_code(desk, "confirm_address"), Proof(login=login, password=PASSWORD))


def registration(desk: Desk, login: str) -> Registration | None:
    return desk.as_system().see(lambda look: look.unscoped(Registration, table(Registration).c.login == login))


def letters(desk: Desk) -> list[tuple[str, str]]:
    return [(row.letter, row.address) for row in mail(desk)]


def test_the_whole_way_in(any_desk: Desk) -> None:
    contract(any_desk, registered=False)
    started = start(any_desk, login="Ola", email="Ola@Example.com")
    assert started.address == "Ola@Example.com"
    assert account(any_desk, "Ola") is None, "nothing is anybody's before the address is confirmed"
    assert any_desk.do(login.password, "ola", PASSWORD) is None
    began = any_desk.now
    any_desk.clock.move(dt.timedelta(minutes=5))
    done = any_desk.do(confirmation.confirm, mailed_code(any_desk, "confirm_address"), Proof(receipt=started.receipt))
    stored = account(any_desk, "Ola")
    assert (stored.state, stored.login_key, stored.email_key) == (AccountState.ACTIVE, "ola", "ola@example.com")
    assert (stored.terms_version, stored.terms_at, stored.phone) == (
        address_owner.TERMS_VERSION,
        began,
        "+48 601 234 567",
    )
    assert (done.login, done.number, done.company) == ("Ola", "OK-1", "Tarnina sp. z o.o.")
    assert done.standing == Standing.OWNER, "the first one of a company decides about those who follow"
    assert any_desk.do(login.password, "ola", PASSWORD).step == "code"
    registered = any_desk.as_system().see(lambda look: look.unscoped(Contract, table(Contract).c.number == "OK-1"))
    assert (registered.registered_at, registered.registered_by) == (any_desk.now, account(any_desk, "Ola").id)
    assert [letter for letter, _to in letters(any_desk)][:2] == ["confirm_address", "welcome"]
    assert journal_of(any_desk)[:4] == [
        "account.sign_up_mailed",
        "account.sign_up",
        "account.confirm",
        "contract.register",
    ]
    with pytest.raises(Invalid):
        confirm(any_desk)


def test_whoever_follows_asks_to_be_let_in(desk: Desk) -> None:
    contract(desk)
    person(desk, "szefowa", company="Tarnina sp. z o.o.", standing=Standing.OWNER)
    start(desk)
    done = confirm(desk)
    assert done.standing == Standing.PENDING
    assert account(desk, "ola").standing == Standing.PENDING
    assert ("colleague_waits", "szefowa@example.com") in letters(desk)


def test_a_company_whose_people_are_switched_off_is_not_free(desk: Desk) -> None:
    contract(desk)
    person(desk, "dawna", company="Tarnina sp. z o.o.", standing=Standing.OWNER, state=AccountState.OFF)
    start(desk)
    assert confirm(desk).standing == Standing.PENDING


def test_a_contract_for_nobody_belongs_to_the_company_that_was_named(desk: Desk) -> None:
    contract(desk, company="")
    start(desk, company="Nowa Firma")
    done = confirm(desk)
    assert (done.company, done.standing) == ("Nowa Firma", Standing.OWNER)
    ola = seat(desk, account(desk, "ola").id)
    assert [row.identifier for row in ola.see(coverage.assets, PageRequest(), covered_only=True).rows] == ["FW-1"]


def test_a_typed_name_makes_nobody_the_owner_of_a_company_that_is_here(any_desk: Desk) -> None:
    """The contract is nobody's, so its code proves nothing about the company that is named."""
    contract(any_desk, company="")
    boss = logged_in(any_desk, "szefowa", company="Tarnina sp. z o.o.", standing=Standing.OWNER)
    start(any_desk, login="mallory", company="TARNINA  sp. z o.o.")
    assert confirm(any_desk, "mallory").standing == Standing.PENDING
    mallory = account(any_desk, "mallory")
    assert (mallory.standing, mallory.company_id) == (Standing.PENDING, boss.actor().company_id)
    mine = seat(any_desk, mallory.id)
    assert mine.actor().company_id is None
    assert mine.see(coverage.assets, PageRequest()).rows == boss.see(coverage.assets, PageRequest()).rows == []
    (asked,) = mail(any_desk, "colleague_waits")
    assert (asked.address, asked.details["company"], asked.details["proved"]) == (
        "szefowa@example.com",
        "Tarnina sp. z o.o.",
        False,
    )
    boss.do(membership.decide, mallory.id, let_in=True)
    assert [row.identifier for row in boss.see(coverage.assets, PageRequest(), covered_only=True).rows] == ["FW-1"]


def test_nor_of_one_that_has_nobody_yet_and_then_the_team_decides(desk: Desk) -> None:
    contract(desk, "OK-2", identifiers=("S2",), company="Pusta", registered=False)
    contract(desk, company="")
    agent = logged_in(desk, "adam", Role.AGENT)
    start(desk, company="Pusta")
    assert confirm(desk).standing == Standing.PENDING
    assert [row.address for row in mail(desk, "colleague_waits")] == ["adam@example.com"]
    assert [one.login for one in agent.see(membership.waiting, PageRequest()).rows] == ["ola"]


def test_one_who_is_turned_away_has_brought_nothing_there(desk: Desk) -> None:
    """The contract stays nobody's, and its holder can have it counted elsewhere."""
    contract(desk, company="", registered=False)
    boss = logged_in(desk, "szefowa", company="Tarnina sp. z o.o.", standing=Standing.OWNER)
    start(desk)
    confirm(desk)
    ola = account(desk, "ola")
    boss.do(membership.decide, ola.id, let_in=False)
    found = desk.as_system().see(lambda look: look.unscoped(Contract, table(Contract).c.number == "OK-1"))
    assert (found.company_id, found.registered_at) == (None, None)


# One answer


def known_cases(desk: Desk) -> dict[str, dict[str, str]]:
    person(desk, "ewa")
    person(desk, "gone", state=AccountState.OFF)
    moved_away(desk, "dawny@example.com")
    return {
        "new": {"login": "nowa", "email": "nowa@example.com"},
        "known address": {"login": "inna", "email": "EWA@example.com"},
        "taken login": {"login": "EWA", "email": "obca@example.com"},
        "switched off": {"login": "jeszcze", "email": "gone@example.com"},
        "both": {"login": "ewa", "email": "ewa@example.com"},
        "login of another": {"login": "zupelnie", "email": "Dawny@example.com"},
    }


def test_everybody_gets_the_same_answer_and_only_the_owner_hears(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    real = passwords.hash
    monkeypatch.setattr(passwords, "hash", lambda password: hashed.append(password) or real(password))
    answers, costs, told = {}, {}, {}
    for number, (case, given) in enumerate(known_cases(desk).items()):
        contract(desk, f"OK-{number}", identifiers=(f"S{number}",), registered=False)
        desk.clock.move(dt.timedelta(minutes=1))
        before, hashes = len(mail(desk)), len(hashed)
        with statements(desk) as sent:
            answers[case] = start(desk, contract=f"OK-{number}", **given)
        costs[case] = (len(hashed) - hashes, len(sent))
        told[case] = [(row.letter, row.address) for row in mail(desk)[before:]]
        assert answers[case].address.casefold() == given["email"].casefold()
    assert {type(one) for one in answers.values()} == {customer.Started}
    assert len({len(one.receipt) for one in answers.values()}) == 1
    assert {cost[0] for cost in costs.values()} == {1}, "one hash in any case"
    counted = [cost[1] for cost in costs.values()]
    assert max(counted) - min(counted) <= 1, costs
    assert told == {
        "new": [("confirm_address", "nowa@example.com")],
        "known address": [("sign_up_known", "ewa@example.com")],
        "taken login": [("confirm_address", "obca@example.com")],
        "switched off": [("sign_up_known", "gone@example.com")],
        "both": [("sign_up_known", "ewa@example.com")],
        "login of another": [("login_taken", "Dawny@example.com")],
    }
    assert account(desk, "zupelnie") is None
    assert account(desk, "inna") is None
    assert account(desk, "jeszcze") is None


# Doing it over


def test_a_corrected_address_takes_the_place_of_the_first(desk: Desk) -> None:
    contract(desk, registered=False)
    first = start(desk, email="ola@exmaple.com")
    old = mailed_code(desk, "confirm_address")
    desk.clock.move(dt.timedelta(minutes=1))
    again = start(desk, first.receipt, email="ola@example.com")
    assert again.sign == first.sign
    with pytest.raises(Invalid):
        desk.do(confirmation.confirm, old, Proof(receipt=first.receipt))
    assert come_back(desk, again).login == "ola"
    assert account(desk, "ola").email == "ola@example.com"


def test_sending_again_is_once_a_minute(desk: Desk) -> None:
    contract(desk, registered=False)
    receipt = start(desk).receipt
    with pytest.raises(Throttled):
        start(desk, receipt)
    desk.clock.move(dt.timedelta(minutes=1))
    start(desk, receipt)
    assert [letter for letter, _ in letters(desk)] == ["confirm_address"] * 2


# The contract


def refused(desk: Desk, **given: Any) -> tuple[str, str]:
    with pytest.raises(Invalid) as error:
        start(desk, **given)
    ((field, what),) = error.value.fields.items()
    return field, what.text()


def test_a_wrong_number_and_a_wrong_code_are_one_error_and_use_nothing_up(desk: Desk) -> None:
    contract(desk, registered=False)
    wrong_code = refused(desk, code="WRONG-CODE", email="a@example.com")
    assert wrong_code == refused(desk, contract="OK-9", email="b@example.com")
    assert wrong_code[0] == "code"
    assert mail(desk) == []
    assert start(desk).address == "ola@example.com"


def test_wrong_tries_are_throttled_by_contract_and_by_person(desk: Desk) -> None:
    contract(desk, registered=False)
    for number in range(throttle.FREE_FAILURES):
        refused(desk, code="WRONG", email=f"a{number}@example.com")
    with pytest.raises(Throttled):
        start(desk, email="somebody.else@example.com")
    for number in range(throttle.FREE_FAILURES):
        refused(desk, contract=f"OK-{number + 50}", email="b@example.com")
    with pytest.raises(Throttled):
        start(desk, contract="OK-99", email="b@example.com")
    desk.clock.move(throttle.LONGEST_PAUSE)
    assert start(desk).receipt


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (dt.date(2026, 11, 21), "starts on 21 Nov 2026"),
        (dt.date(2026, 11, 20), ""),
    ],
)
def test_not_yet_started(desk: Desk, day: dt.date, said: str) -> None:
    contract(desk, valid_from=day, registered=False)
    if said:
        field, what = refused(desk)
        assert (field, said in what) == ("contract", True)
    else:
        assert start(desk)


@pytest.mark.parametrize(
    ("day", "said"), [(dt.date(2026, 11, 19), "ended on 19 Nov 2026"), (dt.date(2026, 11, 20), "")]
)
def test_ended(desk: Desk, day: dt.date, said: str) -> None:
    contract(desk, valid_until=day, registered=False)
    if said:
        field, what = refused(desk)
        assert (field, said in what) == ("contract", True)
    else:
        assert start(desk)


# The form


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"login": "ewa@example.com", "email": "ola@example.com"}, "login"),
        ({"login": "ab"}, "login"),
        ({"login": "ola nowak", "email": "ola@example.com"}, "login"),
        ({"email": "ola@"}, "email"),
        ({"email": "оla@example.com"}, "email"),
        ({"password": "krótkie", "again": "krótkie"}, "password"),
        ({"password": "ola@example.com", "again": "ola@example.com"}, "password"),
        ({"password": "Tarnina sp. z o.o.", "again": "Tarnina sp. z o.o."}, "password"),
        ({"again": "inne hasło zupełnie"}, "again"),
        ({"terms": "no"}, "terms"),
        ({"terms": ""}, "terms"),
        ({"phone": "12"}, "phone"),
        ({"first_name": "  "}, "first_name"),
    ],
)
def test_what_the_form_refuses(given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as error:
        sign_up_form(**given)
    assert list(error.value.fields) == [field]


def test_a_login_may_be_ones_own_address(desk: Desk) -> None:
    contract(desk, registered=False)
    start(desk, login="Ola@Example.com", email="ola@example.com")
    assert confirm(desk, "OLA@example.com").login == "Ola@Example.com"
    assert desk.do(login.password, "OLA@EXAMPLE.COM", PASSWORD) is not None


def test_only_a_guest_signs_up(desk: Desk) -> None:
    contract(desk, registered=False)
    ola = logged_in(desk, "ewa")
    with pytest.raises(Forbidden):
        ola.do(customer.start, sign_up_form())
    with pytest.raises(Forbidden):
        ola.do(confirmation.confirm, "K7QF-M2XD-9PLT-3HWC", Proof())


def test_an_account_is_never_given_its_login_twice(desk: Desk) -> None:
    """Also when it is switched off: logins are for ever."""
    contract(desk, registered=False)
    person(desk, "ola", state=AccountState.OFF)
    started = start(desk, login="OLA", email="nowa@example.com")
    assert letters(desk) == [("confirm_address", "nowa@example.com")], "the page and the letter say nothing of it"
    with pytest.raises(Invalid) as error:
        come_back(desk, started)
    assert list(error.value.fields) == ["login"]
    count = sa.select(sa.func.count()).select_from(_account)
    assert desk.as_system().see(lambda look: look.value(count)) == 1
    assert fold("OLA") == "ola"
