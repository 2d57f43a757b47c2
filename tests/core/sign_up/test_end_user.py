"""Signing up without a contract, by oneself or on the way of an installer's invitation."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core import forms
from core.accounts import address_owner, login
from core.accounts.address_owner import Started
from core.accounts.registration import Proof
from core.errors import Forbidden, Invalid, Throttled
from core.models.accounts import Account, AccountState, Purpose, Role, Standing
from core.models.care import Invitation
from core.service import one_time_codes
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from core.sign_up import confirmation, end_user
from core.sign_up.end_user import EndUser
from tests.factories.cares import service_company
from tests.factories.desks import (
    PASSWORD,
    come_back,
    journal_of,
    logged_in,
    mail,
    mailed_code,
    make_desk,
    moved_away,
    person,
    statements,
)


def form(**given: Any) -> EndUser:
    values = {
        "email": "Zofia@example.com",
        "first_name": "Zofia",
        "last_name": "Domowa",
        "language": "en",
        "password": PASSWORD,
        "again": PASSWORD,
        "terms": "yes",
    }
    return forms.fill(EndUser, {**values, **given})


def start(desk: Desk, receipt: str = "", **given: Any) -> Started:
    return desk.do(end_user.start, form(**given), receipt)


def account(desk: Desk, email: str) -> Account | None:
    return desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.email_key == email))


def letters(desk: Desk) -> list[tuple[str, str]]:
    return [(row.letter, row.address) for row in mail(desk)]


def invitation(desk: Desk, email: str = "zofia@example.com") -> str:
    """An invitation by a company, and its code."""

    def make(work: UnitOfWork) -> str:
        number = work.add(
            Invitation,
            company_id=company,
            name="Zofia Domowa",
            name_key="zofia domowa",
            address="ul. Lipowa 5",
            country="PL",
            email=email,
            email_key=email.casefold(),
            language="pl",
            created_at=work.now,
            sent_at=work.now,
            expires_at=work.now + dt.timedelta(days=28),
        )
        return one_time_codes.issue_bound(work, Purpose.CARE, str(number))

    company = service_company(desk)
    return str(desk.as_system().do(make))


def test_the_whole_way_in(any_desk: Desk) -> None:
    desk = any_desk
    started = start(desk)
    assert started.address == "Zofia@example.com"
    assert desk.do(login.password, "zofia@example.com", PASSWORD) is None
    done = come_back(desk, started)
    assert (done.login, done.number, done.company, done.standing) == ("Zofia@example.com", "", "", Standing.NONE)
    found = account(desk, "zofia@example.com")
    assert found is not None
    assert (found.role, found.state, found.company_id, found.login) == (
        Role.CUSTOMER,
        AccountState.ACTIVE,
        None,
        "Zofia@example.com",
    )
    assert found.terms_version == address_owner.TERMS_VERSION
    assert desk.do(login.password, "ZOFIA@example.com", PASSWORD).step == "code"
    assert [letter for letter, _to in letters(desk)] == ["confirm_address", "welcome_alone", "login_code"]
    assert journal_of(desk)[:3] == ["account.sign_up_mailed", "account.sign_up", "account.confirm"]


def test_a_corrected_address_takes_the_place_of_the_first(desk: Desk) -> None:
    first = start(desk, email="zofia@exmaple.com")
    old = mailed_code(desk, "confirm_address")
    desk.clock.move(dt.timedelta(minutes=1))
    again = start(desk, first.receipt)
    with pytest.raises(Invalid):
        desk.do(confirmation.confirm, old, Proof(receipt=first.receipt))
    assert come_back(desk, again).login == "Zofia@example.com"
    assert account(desk, "zofia@exmaple.com") is None


def test_sending_again_is_once_a_minute(desk: Desk) -> None:
    receipt = start(desk).receipt
    with pytest.raises(Throttled):
        start(desk, receipt)
    desk.clock.move(dt.timedelta(minutes=1))
    start(desk, receipt)


def test_everybody_gets_the_same_answer_and_only_the_owner_hears(desk: Desk) -> None:
    person(desk, "ewa")
    service_company(desk)
    moved_away(desk, "dawny@example.com")
    cases = {
        "nowa@example.com": "confirm_address",
        "EWA@example.com": "sign_up_known",
        "zarzad-serwis@example.com": "address_of_company",
        "dawny@example.com": "login_taken",
    }
    costs, answers = [], set()
    for email, letter in cases.items():
        with statements(desk) as sent:
            answers.add(type(start(desk, email=email)))
        costs.append(len(sent))
        assert mail(desk)[-1].letter == letter
        assert mail(desk)[-1].address.casefold() == email.casefold()
    assert len(answers) == 1
    assert max(costs) - min(costs) <= 3, costs


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": f"{'z' * 55}@example.com"}, "email"),
        ({"password": "Zofia@Example.com", "again": "Zofia@Example.com"}, "password"),
        ({"password": "krótkie", "again": "krótkie"}, "password"),
        ({"again": "inne"}, "again"),
        ({"phone": "12"}, "phone"),
        ({"first_name": ""}, "first_name"),
        ({"terms": ""}, "terms"),
    ],
)
def test_what_the_form_refuses(given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as error:
        form(**given)
    assert list(error.value.fields) == [field]


def test_only_a_guest_signs_up(desk: Desk) -> None:
    ewa = logged_in(desk, "ewa")
    for call in (
        lambda: ewa.do(end_user.start, form()),
        lambda: ewa.do(end_user.enter_by_invitation, "AAAA", form()),
    ):
        with pytest.raises(Forbidden):
            call()


# By invitation


def test_an_invitation_proves_the_address_and_stays_to_be_answered(any_desk: Desk) -> None:
    desk = any_desk
    code = invitation(desk)
    number = desk.as_system().see(one_time_codes.bound_to, Purpose.CARE, code)
    arrived = desk.do(end_user.enter_by_invitation, code, form())
    assert arrived.login == "Zofia@example.com"
    assert arrived.entered is not None
    inside = desk.acting(arrived.entered.session_id)
    assert inside.actor().login == "Zofia@example.com"
    assert desk.do(login.password, "zofia@example.com", PASSWORD) is not None
    assert desk.as_system().see(one_time_codes.bound_to, Purpose.CARE, code) == number, "still to be answered"
    with pytest.raises(Invalid) as error:
        desk.do(end_user.enter_by_invitation, code, form())
    assert "log in" in error.value.fields["email"].text()


def test_it_is_for_the_invited_address_and_while_it_waits(desk: Desk) -> None:
    code = invitation(desk)
    with pytest.raises(Invalid) as error:
        desk.do(end_user.enter_by_invitation, code, form(email="inna@example.com"))
    assert list(error.value.fields) == ["email"]
    with pytest.raises(Invalid) as error:
        desk.do(end_user.enter_by_invitation, "AAAA-AAAA-AAAA-AAAA", form())
    assert list(error.value.fields) == ["code"]
    desk.clock.move(dt.timedelta(days=28))
    with pytest.raises(Invalid):
        desk.do(end_user.enter_by_invitation, code, form())
    assert account(desk, "zofia@example.com") is None


def test_an_unfinished_sign_up_is_not_in_its_way(desk: Desk) -> None:
    started = start(desk)
    old = mailed_code(desk, "confirm_address")
    code = invitation(desk)
    assert desk.do(end_user.enter_by_invitation, code, form()).entered is not None
    with pytest.raises(Invalid) as error:
        desk.do(confirmation.confirm, old, Proof(receipt=started.receipt))
    assert "meanwhile" in error.value.text()


def test_two_with_one_invitation_make_one_account(any_desk: Desk) -> None:
    code = invitation(any_desk)

    def enter(_number: int) -> bool:
        try:
            any_desk.do(end_user.enter_by_invitation, code, form())
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, range(2))) == [False, True]


def test_where_customers_need_an_authenticator_they_log_in(tmp_path: Any) -> None:
    desk = make_desk(tmp_path / "d", security={"second_step": {"customer": "strong"}})
    assert desk.do(end_user.enter_by_invitation, invitation(desk), form()).entered is None
    desk.close()
