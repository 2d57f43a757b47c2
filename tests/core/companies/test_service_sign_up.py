"""An installer company signs up: two of everything, what is told to whom, and what becomes of what is taken."""

from __future__ import annotations

import datetime as dt
import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from core import countries, forms, passwords
from core.accounts import end_user, log_in, profile, recovery, sign_up, staff
from core.accounts.models import Account, AccountState, Purpose, Role, Standing
from core.accounts.profile import NewAddress
from core.accounts.staff import NewAgent
from core.companies import service_invitations, service_sign_up
from core.companies.models import Company, CompanyKind, ServiceProfile
from core.companies.service_addresses import FIELDS
from core.companies.service_form import ServiceSignUp, WebAddress
from core.companies.service_invitations import Colleague
from core.companies.service_sign_up import Status
from core.desk import Desk
from core.errors import Conflict, Forbidden, Invalid, Throttled
from core.exchange.accounts import import_accounts
from core.kinds import FormError
from core.words import speaking
from core.work import table
from tests.core.accounts.test_end_user import form as at_home
from tests.core.companies.firms import (
    BOTH,
    EMAIL,
    MANAGEMENT,
    account,
    code_to,
    form,
    joining,
    letters,
    start,
    team,
    values,
)
from tests.core.companies.firms import profile as company_profile
from tests.desks import (
    PASSWORD,
    contract,
    journal_of,
    logged_in,
    mail,
    mailed_code,
    moved_away,
    person,
    sign_up_form,
    statements,
)


def confirm(desk: Desk, address: str) -> Any:
    return desk.do(service_sign_up.confirm, code_to(desk, address))


def status(desk: Desk, receipt: str) -> Status:
    return desk.see(service_sign_up.status, receipt)


def again(desk: Desk, receipt: str, purpose: Purpose, **given: Any) -> str:
    return desk.do(service_sign_up.again, form(**given), receipt, purpose)


def count(desk: Desk, model: Any) -> int:
    return desk.as_system().see(lambda look: look.value(sa.select(sa.func.count()).select_from(table(model))))


@pytest.mark.parametrize("order", [(EMAIL, MANAGEMENT), (MANAGEMENT, EMAIL)])
def test_the_whole_way_in(any_desk: Desk, order: tuple[str, str]) -> None:
    desk = any_desk
    receipt = start(desk)
    assert letters(desk) == [("confirm_company", EMAIL), ("confirm_company", MANAGEMENT)]
    assert status(desk, receipt) == Status(False, False)
    first = confirm(desk, order[0])
    assert (first.address, first.waits_for) == order
    assert (status(desk, receipt).email, status(desk, receipt).management) == (
        order[0] == EMAIL,
        order[0] == MANAGEMENT,
    )
    assert desk.do(log_in.password, "cieplo", PASSWORD) is None, "not before both are confirmed"
    assert company_profile(desk).active_at is None
    second = confirm(desk, order[1])
    assert (second.waits_for, second.login, second.company) == ("", "cieplo", "Ciepło Dolne")
    assert status(desk, receipt).finished
    assert company_profile(desk).active_at == desk.now
    owner = account(desk, "cieplo")
    assert owner is not None
    assert (owner.role, owner.standing, owner.state, owner.email) == (
        Role.INSTALLER,
        Standing.OWNER,
        AccountState.ACTIVE,
        MANAGEMENT,
    )
    assert letters(desk)[2:] == [("company_registered", EMAIL), ("company_registered", MANAGEMENT)]
    assert journal_of(desk) == [
        "company.sign_up",
        "company.confirm",
        "company.confirm",
        "company.registered",
    ]
    kind = desk.as_system().see(lambda look: look.value(sa.select(table(Company).c.kind)))
    assert kind == CompanyKind.SERVICE


def test_its_owner_must_add_an_authenticator(desk: Desk) -> None:
    start(desk)
    confirm(desk, EMAIL)
    confirm(desk, MANAGEMENT)
    step = desk.do(log_in.password, "cieplo", PASSWORD)
    assert (step.step, step.digits) == ("code", 6)
    assert desk.do(log_in.code, step.attempt, mailed_code(desk, "login_code")).step == "enrol"


def test_codes_are_good_once_and_for_one_address(desk: Desk) -> None:
    start(desk)
    code = code_to(desk, EMAIL)
    desk.do(service_sign_up.confirm, code)
    for wrong in (code, "AAAA-AAAA-AAAA-AAAA", ""):
        with pytest.raises(Invalid) as error:
            desk.do(service_sign_up.confirm, wrong)
        assert list(error.value.fields) == ["code"]
    with pytest.raises(Invalid):
        desk.do(sign_up.confirm, code_to(desk, MANAGEMENT))
    desk.clock.move(dt.timedelta(hours=24, seconds=1))
    with pytest.raises(Invalid):
        confirm(desk, MANAGEMENT)
    assert company_profile(desk).active_at is None


def test_both_codes_at_the_same_moment_make_one_company(any_desk: Desk) -> None:
    start(any_desk)
    codes = [code_to(any_desk, address) for address in (EMAIL, MANAGEMENT)]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda code: any_desk.do(service_sign_up.confirm, code), codes))
    assert [one.waits_for for one in done].count("") == 1
    assert len(mail(any_desk, "company_registered")) == 2
    assert journal_of(any_desk).count("company.registered") == 1


# Correcting and sending again


def test_a_corrected_address_takes_the_place_of_the_first_and_the_other_stays(any_desk: Desk) -> None:
    desk = any_desk
    receipt = start(desk, management_email="zarzad@ceiplo.example")
    old = code_to(desk, "zarzad@ceiplo.example")
    confirm(desk, EMAIL)
    assert again(desk, receipt, Purpose.MANAGEMENT) == receipt
    assert status(desk, receipt) == Status(True, False)
    with pytest.raises(Invalid):
        desk.do(service_sign_up.confirm, old)
    assert confirm(desk, MANAGEMENT).login == "cieplo"
    assert company_profile(desk).management_email == MANAGEMENT


def test_so_does_the_management_address_with_its_account(desk: Desk) -> None:
    receipt = start(desk, management_email="zarzad@ceiplo.example")
    again(desk, receipt, Purpose.MANAGEMENT)
    confirm(desk, EMAIL)
    confirm(desk, MANAGEMENT)
    owner = account(desk, "cieplo")
    assert owner is not None
    assert (owner.email, owner.email_key) == (MANAGEMENT, MANAGEMENT)


def test_who_reads_the_mailing_list_can_not_come_in(desk: Desk) -> None:
    """Codes to log in and to choose a new password go to the management address, whatever name is typed."""
    start(desk, email="lista@cieplo.example")
    confirm(desk, "lista@cieplo.example")
    confirm(desk, MANAGEMENT)
    before = len(mail(desk))
    assert desk.do(log_in.password, "lista@cieplo.example", PASSWORD) is None
    assert desk.do(log_in.password, "cieplo", PASSWORD).step == "code"
    desk.do(recovery.ask, "cieplo")
    desk.do(recovery.ask, "lista@cieplo.example")
    assert letters(desk)[before:] == [("login_code", MANAGEMENT), ("reset", MANAGEMENT)]


@pytest.mark.parametrize("purpose", BOTH)
def test_the_companys_other_address_is_refused_where_it_was_typed(desk: Desk, purpose: Purpose) -> None:
    """Also when another terminal has corrected that one meanwhile, so that this form does not know."""
    name, other = (FIELDS[one] for one in (purpose, next(each for each in BOTH if each is not purpose)))
    receipt = start(desk, **{other: "inny@cieplo.example"})
    desk.clock.move(dt.timedelta(minutes=1))
    with pytest.raises(Invalid) as stored:
        again(desk, receipt, purpose, **{name: "Inny@cieplo.example"})
    with pytest.raises(Invalid) as shown:
        service_sign_up.corrected(form(), purpose, getattr(form(), other).upper())
    for error in (stored, shown):
        assert list(error.value.fields) == [name]
    assert count(desk, Company) == 1


def test_what_a_corrected_address_makes_wrong_is_said_beside_it(desk: Desk) -> None:
    typed = form(login=MANAGEMENT)
    with pytest.raises(Invalid) as error:
        service_sign_up.corrected(typed, Purpose.MANAGEMENT, "inny@cieplo.example")
    assert list(error.value.fields) == ["management_email"]
    right = service_sign_up.corrected(form(), Purpose.COMPANY, "inny@cieplo.example")
    assert (right.email, right.login) == ("inny@cieplo.example", "cieplo")


def test_sending_again_is_once_a_minute_for_each_address(desk: Desk) -> None:
    receipt = start(desk)
    for purpose in BOTH:
        with pytest.raises(Throttled):
            again(desk, receipt, purpose)
    with pytest.raises(Throttled):
        start(desk, login="druga")
    desk.clock.move(dt.timedelta(minutes=1))
    old = code_to(desk, EMAIL)
    again(desk, receipt, Purpose.COMPANY)
    assert letters(desk)[2:] == [("confirm_company", EMAIL)]
    with pytest.raises(Invalid):
        desk.do(service_sign_up.confirm, old)
    confirm(desk, EMAIL)
    desk.clock.move(dt.timedelta(minutes=1))
    with pytest.raises(Conflict):
        again(desk, receipt, Purpose.COMPANY)


def test_a_receipt_is_nobody_elses(desk: Desk) -> None:
    receipt = start(desk)
    desk.clock.move(dt.timedelta(minutes=1))
    other = start(desk, login="inna", email="a@inna.example", management_email="b@inna.example")
    confirm(desk, EMAIL)
    assert status(desk, other) == Status(False, False)
    for wrong in ("", "x" * 60, receipt[:-4] + "AAAA"):
        assert status(desk, wrong) == Status(False, False)


def test_whoever_signs_up_again_replaces_what_was_not_begun_to_be_confirmed(desk: Desk) -> None:
    receipt = start(desk)
    old = code_to(desk, MANAGEMENT)
    desk.clock.move(dt.timedelta(minutes=1))
    start(desk, company="Ciepło Górne")
    assert (count(desk, Company), count(desk, ServiceProfile), count(desk, Account)) == (1, 1, 1)
    with pytest.raises(Invalid):
        desk.do(service_sign_up.confirm, old)
    confirm(desk, EMAIL)
    assert status(desk, receipt) == Status(), "the number is the same (SQLite), the sign-up is another one"
    confirm(desk, MANAGEMENT)
    assert count(desk, Account) == 1


@pytest.mark.parametrize("proved", [EMAIL, MANAGEMENT])
@pytest.mark.parametrize("how", ["a company, for notifications", "a company, for management", "a customer", "at home"])
def test_what_is_half_confirmed_stays_for_a_day_whoever_types_the_other_address(
    desk: Desk, how: str, proved: str
) -> None:
    receipt = start(desk)
    confirm(desk, proved)
    other = MANAGEMENT if proved == EMAIL else EMAIL
    contract(desk, registered=False)

    def try_it() -> None:
        if how == "a customer":
            desk.do(sign_up.start, sign_up_form(email=other))
        elif how == "at home":
            desk.do(end_user.start, at_home(email=other))
        else:
            name = "email" if how.endswith("notifications") else "management_email"
            start(desk, **{"login": "obca", "email": "a@x.example", "management_email": "b@x.example", name: other})

    desk.clock.move(dt.timedelta(hours=23))
    before = len(mail(desk))
    try_it()
    told = [row for row in mail(desk)[before:] if row.address == other]
    assert [(row.letter, row.details["waits"]) for row in told] == [("address_of_company", True)]
    assert status(desk, receipt) == Status(proved == EMAIL, proved == MANAGEMENT)
    assert confirm(desk, other).login == "cieplo"


def test_after_a_day_it_is_in_the_way_again_however_often_a_code_was_asked_for(desk: Desk) -> None:
    receipt = start(desk)
    confirm(desk, EMAIL)
    desk.clock.move(dt.timedelta(hours=23))
    again(desk, receipt, Purpose.MANAGEMENT)
    desk.clock.move(dt.timedelta(hours=1, seconds=1))
    start(desk, login="obca", email="a@x.example")
    assert status(desk, receipt) == Status()
    assert [one.login for one in (account(desk, "cieplo"), account(desk, "obca")) if one] == ["obca"]


def test_whoever_has_the_mail_need_not_wait(desk: Desk) -> None:
    """A colleague's invitation to the other address proves whose that is."""
    owner, _member = team(desk)
    invited = forms.fill(Colleague, {"email": MANAGEMENT, "language": "en"})
    start(desk)
    confirm(desk, EMAIL)
    owner.do(service_invitations.invite, invited)
    code = code_to(desk, MANAGEMENT, "member_invited")
    desk.do(service_invitations.join, code, joining(login="nel"))
    assert account(desk, "cieplo") is None
    assert count(desk, Company) == 1


@pytest.mark.parametrize(("later", "free"), [(dt.timedelta(hours=23), False), (dt.timedelta(hours=25), True)])
def test_a_login_nobody_confirmed_is_free_after_a_day(desk: Desk, later: dt.timedelta, free: bool) -> None:
    start(desk)
    desk.clock.move(later)
    start(desk, email="a@inna.example", management_email="b@inna.example")
    found = account(desk, "cieplo")
    assert found is not None
    assert (found.email == "b@inna.example") is free
    assert count(desk, Company) == 1


# One answer


def taken_cases(desk: Desk) -> dict[str, dict[str, str]]:
    person(desk, "ewa")
    person(desk, "gone", state=AccountState.OFF)
    moved_away(desk, "dawny@example.com")
    start(desk)
    confirm(desk, EMAIL)
    confirm(desk, MANAGEMENT)
    return {
        "new": {},
        "notification is an account's": {"email": "EWA@example.com"},
        "management is an account's": {"management_email": "ewa@example.com"},
        "notification is a switched off account's": {"email": "gone@example.com"},
        "notification is a company's": {"email": EMAIL},
        "notification is a company's management": {"email": MANAGEMENT},
        "management is a company's": {"management_email": EMAIL.upper()},
        "management is a company's management": {"management_email": MANAGEMENT},
        "management is a login": {"management_email": "dawny@example.com"},
        "both taken": {"email": EMAIL, "management_email": "ewa@example.com"},
        "login": {"login": "EWA"},
        "login and management": {"login": "ewa", "management_email": "ewa@example.com"},
    }


def test_everybody_gets_the_same_answer_and_only_the_owner_hears(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    real = passwords.hash
    cases = taken_cases(desk)
    monkeypatch.setattr(passwords, "hash", lambda password: hashed.append(password) or real(password))
    told, costs, counted = {}, {}, {}
    for number, (case, given_) in enumerate(cases.items()):
        own = {"login": f"nowa{number}", "email": f"n{number}@x.example", "management_email": f"m{number}@x.example"}
        desk.clock.move(dt.timedelta(minutes=13))
        before, hashes = len(mail(desk)), len(hashed)
        with statements(desk) as sent:
            receipt = start(desk, **{**own, **given_})
        costs[case] = (len(hashed) - hashes, len(receipt))
        counted[case] = len(sent)
        assert status(desk, receipt) == Status(False, False)
        told[case] = [(row.letter, row.address.replace(str(number), "#")) for row in mail(desk)[before:]]
    assert set(costs.values()) == {(2, costs["new"][1])}, "two hashes and one receipt in any case"
    assert max(counted.values()) - min(counted.values()) <= 12, counted
    fresh_n, fresh_m = ("confirm_company", "n#@x.example"), ("confirm_company", "m#@x.example")
    assert told == {
        "new": [fresh_n, fresh_m],
        "notification is an account's": [("sign_up_known", "ewa@example.com"), fresh_m],
        "management is an account's": [fresh_n, ("sign_up_known", "ewa@example.com")],
        "notification is a switched off account's": [("sign_up_known", "gone@example.com"), fresh_m],
        "notification is a company's": [("address_of_company", EMAIL), fresh_m],
        "notification is a company's management": [("sign_up_known", MANAGEMENT), fresh_m],
        "management is a company's": [fresh_n, ("address_of_company", EMAIL)],
        "management is a company's management": [fresh_n, ("sign_up_known", MANAGEMENT)],
        "management is a login": [fresh_n, ("login_taken", "dawny@example.com")],
        "both taken": [("address_of_company", EMAIL), ("sign_up_known", "ewa@example.com")],
        "login": [("login_taken", "m#@x.example")],
        "login and management": [("sign_up_known", "ewa@example.com")],
    }


def test_a_free_address_is_confirmed_while_the_other_one_never_can_be(desk: Desk) -> None:
    person(desk, "ewa")
    receipt = start(desk, management_email="ewa@example.com")
    assert confirm(desk, EMAIL).waits_for == "ewa@example.com"
    assert status(desk, receipt) == Status(True, False)
    assert company_profile(desk).active_at is None
    again(desk, receipt, Purpose.MANAGEMENT)
    confirm(desk, MANAGEMENT)
    assert status(desk, receipt).finished


def test_a_taken_login_is_changed_by_starting_over(desk: Desk) -> None:
    person(desk, "cieplo")
    receipt = start(desk)
    assert letters(desk) == [("login_taken", MANAGEMENT)]
    desk.clock.move(dt.timedelta(minutes=1))
    assert status(desk, again(desk, receipt, Purpose.MANAGEMENT)) == Status()
    assert count(desk, Company) == 0
    desk.clock.move(dt.timedelta(minutes=1))
    start(desk, login="cieplo2")
    confirm(desk, EMAIL)
    assert confirm(desk, MANAGEMENT).login == "cieplo2"


@pytest.mark.parametrize(("taken", "letter"), [(EMAIL, "address_of_company"), (MANAGEMENT, "sign_up_known")])
def test_the_addresses_of_a_company_are_nobody_elses_anywhere(desk: Desk, taken: str, letter: str) -> None:
    """As a support customer, as staff, as the new address of an account, and from an older system."""
    start(desk)
    confirm(desk, EMAIL)
    confirm(desk, MANAGEMENT)
    contract(desk, registered=False)
    before = len(letters(desk))
    desk.do(sign_up.start, sign_up_form(email=taken))
    assert letters(desk)[before:] == [(letter, taken)]
    assert account(desk, "ola") is None
    admin = logged_in(desk, "root", Role.ADMIN)
    agent = {"login": "adam", "email": taken, "first_name": "A", "last_name": "B", "language": "en"}
    with pytest.raises(Invalid) as refused:
        admin.do(staff.employ, forms.fill(NewAgent, {**agent, "role": "agent"}))
    assert list(refused.value.fields) == ["email"]
    ewa = logged_in(desk, "ewa")
    ewa.do(profile.ask_new_address, forms.fill(NewAddress, {"now": PASSWORD, "email": taken}))
    assert letters(desk)[-1] == (letter, taken)
    brought = f"email;first_name;last_name\n{taken};Iga;K\nnowa@example.com;N;N\n"
    assert desk.as_system().do(import_accounts, brought.encode()).created == 1


@pytest.mark.parametrize("pair", list(itertools.combinations_with_replacement(["email", "management_email"], 2)))
def test_two_at_once_for_one_address_leave_one_that_can_finish(any_desk: Desk, pair: tuple[str, str]) -> None:
    """The later one replaces the earlier, whichever of the two places the address is wanted in."""
    wanted = "spolny@x.example"

    def sign(number: int) -> str:
        own = {"login": f"firma{number}", "email": f"n{number}@x.example", "management_email": f"m{number}@x.example"}
        try:
            return start(any_desk, **{**own, pair[number]: wanted})
        except Throttled:
            return ""  # one code a minute to an address, if both are of one purpose

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(sign, range(2)))
    keys = [table(ServiceProfile).c.email_key, table(ServiceProfile).c.management_key]
    rows = any_desk.as_system().see(lambda look: look.rows(sa.select(*keys)))
    assert [key for row in rows for key in row].count(wanted) == 1
    assert count(any_desk, Company) == count(any_desk, ServiceProfile) == count(any_desk, Account)


# The form


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"company": " "}, "company"),
        ({"country": "XX"}, "country"),
        ({"zone": "Europe/Nowhere"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"url": "gopher://x.example"}, "url"),
        ({"founded": "1799"}, "founded"),
        ({"employees": "0"}, "employees"),
        ({"employees": "1000001"}, "employees"),
        ({"login": "ab"}, "login"),
        ({"login": "inna@cieplo.example"}, "login"),
        ({"password": "krótkie", "again": "krótkie"}, "password"),
        ({"again": "inne"}, "again"),
        ({"management_email": EMAIL.upper()}, "management_email"),
        ({"management_password": PASSWORD, "management_again": PASSWORD}, "management_password"),
        ({"management_password": "Ciepło Dolne", "management_again": "Ciepło Dolne"}, "management_password"),
        ({"management_again": "inne"}, "management_again"),
        ({"terms": ""}, "terms"),
    ],
)
def test_what_the_form_refuses(given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as error:
        form(**given)
    assert list(error.value.fields) == [field]


def test_what_need_not_be_told(desk: Desk) -> None:
    start(desk, url="", founded="", employees="", first_name="", last_name="")
    found = company_profile(desk)
    assert (found.url, found.founded, found.employees) == ("", None, None)


def test_nobody_was_founded_in_a_year_to_come(desk: Desk) -> None:
    start(desk, founded=str(desk.now.year))
    with pytest.raises(Invalid) as error:
        start(desk, founded=str(desk.now.year + 1))
    assert list(error.value.fields) == ["founded"]


def test_only_a_guest_signs_up(desk: Desk) -> None:
    ewa = logged_in(desk, "ewa")
    for call in (
        lambda: ewa.do(service_sign_up.start, form()),
        lambda: ewa.do(service_sign_up.confirm, "K7QF-M2XD-9PLT-3HWC"),
        lambda: ewa.see(service_sign_up.status, ""),
    ):
        with pytest.raises(Forbidden):
            call()


def test_passwords_are_in_no_repr() -> None:
    assert PASSWORD not in repr(form())
    assert values()["management_password"] not in repr(form())


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://cieplo.example", "https://cieplo.example"),
        ("www.cieplo.example/a?b=1", "https://www.cieplo.example/a?b=1"),
        ("http://cieplo.example:8080", "http://cieplo.example:8080"),
    ],
)
def test_web_addresses(typed: str, kept: str) -> None:
    assert WebAddress().value(typed) == kept


@given(st.text(max_size=250))
def test_any_text_is_a_web_address_or_is_refused(typed: str) -> None:
    try:
        kept = WebAddress().value(typed)
    except FormError:
        return
    assert kept is None or (kept.startswith(("http://", "https://")) and WebAddress().value(kept) == kept)


@pytest.mark.parametrize("language", ["en", "pl"])
def test_countries_are_named_in_the_readers_language(language: str) -> None:
    with speaking(language):
        found = countries.choices()
        assert found[0].label == {"en": "Poland", "pl": "Polska"}[language]
        assert countries.name("DE") == {"en": "Germany", "pl": "Niemcy"}[language]
        assert len({one.value for one in found}) == len(found) == 250
    assert forms.describe(ServiceSignUp)[1].choices[0].value == "PL"


def test_zones() -> None:
    assert countries.zone_of("CZ", "Europe/Warsaw") == "Europe/Prague"
    assert countries.zone_of("US", "Europe/Warsaw") == "Europe/Warsaw"
    assert {"Europe/Warsaw", "UTC"} <= {one.value for one in countries.zones()}
