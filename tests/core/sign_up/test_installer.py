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

from core import forms
from core.accounts import login, profile, recovery
from core.accounts.profile import NewAddress
from core.accounts.registration import Proof
from core.errors import Conflict, Forbidden, Invalid, Throttled
from core.forms import countries
from core.forms.field_types import FormError
from core.i18n.translation import speaking
from core.imports.accounts import import_accounts
from core.imports.csv.source import Pasted
from core.installers import invitations
from core.installers.addresses import FIELDS
from core.installers.forms import ServiceSignUp, WebAddress
from core.installers.invitations import Colleague
from core.models.accounts import Account, AccountState, Purpose, Registration, Role, Standing
from core.models.companies import Company, CompanyKind, ServiceProfile
from core.people import staff
from core.people.staff import NewAgent
from core.security import passwords
from core.service import mail_allowance
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.sign_up import confirmation, customer, end_user
from core.sign_up import installer as installer_sign_up
from core.sign_up.installer import ConfirmedAddresses
from tests.core.installers.firms import (
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
from tests.core.installers.firms import confirm as at_page
from tests.core.installers.firms import profile as company_profile
from tests.core.sign_up.test_end_user import form as at_home
from tests.factories.desks import (
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


def confirm(desk: Desk, address: str, login: str = "cieplo") -> Any:
    """The latest code to an address, with login and password of its form: as on another machine."""
    return desk.do(installer_sign_up.confirm, code_to(desk, address), Proof(login=login, password=PASSWORD))


def status(desk: Desk, receipt: str) -> ConfirmedAddresses:
    return desk.see(installer_sign_up.status, receipt)


def again(desk: Desk, receipt: str, purpose: Purpose, **given: Any) -> str:
    return desk.do(installer_sign_up.again, form(**given), receipt, purpose).receipt


def count(desk: Desk, model: Any) -> int:
    return desk.as_system().see(lambda look: look.value(sa.select(sa.func.count()).select_from(table(model))))


@pytest.mark.parametrize("order", [(EMAIL, MANAGEMENT), (MANAGEMENT, EMAIL)])
def test_the_whole_way_in(any_desk: Desk, order: tuple[str, str]) -> None:
    desk = any_desk
    receipt = start(desk)
    assert letters(desk) == [("confirm_company", EMAIL), ("confirm_company", MANAGEMENT)]
    assert status(desk, receipt) == ConfirmedAddresses(False, False)
    first = at_page(desk, receipt, order[0])
    assert (first.address, first.waits_for) == order
    assert (status(desk, receipt).email, status(desk, receipt).management) == (
        order[0] == EMAIL,
        order[0] == MANAGEMENT,
    )
    assert desk.do(login.password, "cieplo", PASSWORD) is None, "not before both are confirmed"
    assert count(desk, Company) == count(desk, Account) == 0, "nothing is anybody's before that"
    second = at_page(desk, receipt, order[1])
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
    step = desk.do(login.password, "cieplo", PASSWORD)
    assert (step.step, step.digits) == ("code", 6)
    assert desk.do(login.code, step.attempt, mailed_code(desk, "login_code")).step == "enrol"


def test_codes_are_good_once_and_for_one_address(desk: Desk) -> None:
    receipt = start(desk)
    code = code_to(desk, EMAIL)
    desk.do(installer_sign_up.confirm, code, Proof(receipt=receipt))
    for wrong in (code, "AAAA-AAAA-AAAA-AAAA", ""):
        with pytest.raises(Invalid) as error:
            desk.do(installer_sign_up.confirm, wrong, Proof(receipt=receipt))
        assert list(error.value.fields) == ["code"]
    with pytest.raises(Invalid):
        desk.do(confirmation.confirm, code_to(desk, MANAGEMENT), Proof(receipt=receipt))
    desk.clock.move(dt.timedelta(hours=24, seconds=1))
    with pytest.raises(Invalid):
        confirm(desk, MANAGEMENT)
    assert count(desk, Company) == 0


def test_both_codes_at_the_same_moment_make_one_company(any_desk: Desk) -> None:
    mine = Proof(receipt=start(any_desk))
    codes = [code_to(any_desk, address) for address in (EMAIL, MANAGEMENT)]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda code: any_desk.do(installer_sign_up.confirm, code, mine), codes))
    assert [one.waits_for for one in done].count("") == 1
    assert len(mail(any_desk, "company_registered")) == 2
    assert journal_of(any_desk).count("company.registered") == 1


# Correcting and sending again


def test_a_corrected_address_takes_the_place_of_the_first_and_the_other_stays(any_desk: Desk) -> None:
    desk = any_desk
    receipt = start(desk, management_email="zarzad@ceiplo.example")
    old = code_to(desk, "zarzad@ceiplo.example")
    confirm(desk, EMAIL)
    desk.clock.move(dt.timedelta(minutes=1))
    assert again(desk, receipt, Purpose.MANAGEMENT) == receipt
    assert status(desk, receipt) == ConfirmedAddresses(True, False)
    with pytest.raises(Invalid):
        desk.do(installer_sign_up.confirm, old, Proof(receipt=receipt))
    assert confirm(desk, MANAGEMENT).login == "cieplo"
    assert company_profile(desk).management_email == MANAGEMENT


def test_so_does_the_management_address_with_its_account(desk: Desk) -> None:
    receipt = start(desk, management_email="zarzad@ceiplo.example")
    desk.clock.move(dt.timedelta(minutes=1))
    again(desk, receipt, Purpose.MANAGEMENT)
    confirm(desk, EMAIL)
    confirm(desk, MANAGEMENT)
    owner = account(desk, "cieplo")
    assert owner is not None
    assert (owner.email, owner.email_key) == (MANAGEMENT, MANAGEMENT)


@pytest.mark.parametrize("purpose", BOTH)
def test_a_code_proves_no_address_that_took_the_place_of_its_own(any_desk: Desk, purpose: Purpose) -> None:
    """Also where no letter leaves for the new one, since strangers have used up what it may get."""
    desk, hers = any_desk, "zofia@example.com"
    receipt, old = start(desk), {Purpose.COMPANY: EMAIL, Purpose.MANAGEMENT: MANAGEMENT}
    code = code_to(desk, old[purpose])
    for _letter in range(mail_allowance.AN_HOUR):
        desk.as_system().do(mail_allowance.book, hers)
    sent = letters(desk)
    assert again(desk, receipt, purpose, **{FIELDS[purpose]: hers}) == receipt
    assert letters(desk) == sent
    with pytest.raises(Invalid) as error:
        desk.do(installer_sign_up.confirm, code, Proof(receipt=receipt))
    assert list(error.value.fields) == ["code"]
    other = next(each for each in BOTH if each is not purpose)
    assert at_page(desk, receipt, old[other]).waits_for == hers
    assert count(desk, Account) == 0


def test_who_reads_the_mailing_list_can_not_come_in(desk: Desk) -> None:
    """Codes to log in and to choose a new password go to the management address, whatever name is typed."""
    start(desk, email="lista@cieplo.example")
    confirm(desk, "lista@cieplo.example")
    confirm(desk, MANAGEMENT)
    before = len(mail(desk))
    assert desk.do(login.password, "lista@cieplo.example", PASSWORD) is None
    assert desk.do(login.password, "cieplo", PASSWORD).step == "code"
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
        installer_sign_up.corrected(form(), purpose, getattr(form(), other).upper())
    for error in (stored, shown):
        assert list(error.value.fields) == [name]
    assert count(desk, Registration) == 1


def test_what_a_corrected_address_makes_wrong_is_said_beside_it(desk: Desk) -> None:
    typed = form(login=MANAGEMENT)
    with pytest.raises(Invalid) as error:
        installer_sign_up.corrected(typed, Purpose.MANAGEMENT, "inny@cieplo.example")
    assert list(error.value.fields) == ["management_email"]
    right = installer_sign_up.corrected(form(), Purpose.COMPANY, "inny@cieplo.example")
    assert (right.email, right.login) == ("inny@cieplo.example", "cieplo")


def test_sending_again_is_once_a_minute_for_each_address(desk: Desk) -> None:
    receipt = start(desk)
    for purpose in BOTH:
        with pytest.raises(Throttled):
            again(desk, receipt, purpose)
    desk.clock.move(dt.timedelta(minutes=1))
    old = code_to(desk, EMAIL)
    again(desk, receipt, Purpose.COMPANY)
    assert letters(desk)[2:] == [("confirm_company", EMAIL)]
    with pytest.raises(Invalid):
        desk.do(installer_sign_up.confirm, old, Proof(receipt=receipt))
    confirm(desk, EMAIL)
    desk.clock.move(dt.timedelta(minutes=1))
    with pytest.raises(Conflict):
        again(desk, receipt, Purpose.COMPANY)


def test_a_receipt_is_nobody_elses(desk: Desk) -> None:
    receipt = start(desk)
    desk.clock.move(dt.timedelta(minutes=1))
    other = start(desk, login="inna", email="a@inna.example", management_email="b@inna.example")
    confirm(desk, EMAIL)
    assert status(desk, other) == ConfirmedAddresses(False, False)
    for wrong in ("", "x" * 60, receipt[:-4] + "AAAA"):
        assert status(desk, wrong) == ConfirmedAddresses(False, False)


@pytest.mark.parametrize("proved", [EMAIL, MANAGEMENT])
@pytest.mark.parametrize("how", ["a company, for notifications", "a company, for management", "a customer", "at home"])
def test_nobody_elses_sign_up_makes_it_void(desk: Desk, how: str, proved: str) -> None:
    """Whoever types its addresses, before the first code or after it."""
    receipt = start(desk)
    contract(desk, registered=False)
    other = MANAGEMENT if proved == EMAIL else EMAIL

    def try_it() -> None:
        if how == "a customer":
            desk.do(customer.start, sign_up_form(email=other))
        elif how == "at home":
            desk.do(end_user.start, at_home(email=other))
        else:
            name = "email" if how.endswith("notifications") else "management_email"
            start(desk, **{"login": "obca", "email": "a@x.example", "management_email": "b@x.example", name: other})

    codes = {address: code_to(desk, address) for address in (EMAIL, MANAGEMENT)}
    try_it()
    desk.do(installer_sign_up.confirm, codes[proved], Proof(receipt=receipt))
    try_it()
    assert desk.do(installer_sign_up.confirm, codes[other], Proof(receipt=receipt)).login == "cieplo"


def test_an_address_that_has_come_into_use_meanwhile_is_corrected(desk: Desk) -> None:
    """The first proof reserves nothing; it is asked again when the company is founded."""
    receipt = start(desk)
    confirm(desk, EMAIL)
    person(desk, "szybsza")
    has_it = {"email": EMAIL, "email_key": EMAIL}
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.login == "szybsza", **has_it))
    for _try in range(2):
        with pytest.raises(Invalid) as error:
            confirm(desk, MANAGEMENT)
        assert "meanwhile" in error.value.text()
    assert status(desk, receipt) == ConfirmedAddresses(True, False)
    desk.clock.move(dt.timedelta(minutes=1))
    again(desk, receipt, Purpose.COMPANY, email="inny@cieplo.example")
    assert status(desk, receipt) == ConfirmedAddresses()
    confirm(desk, "inny@cieplo.example")
    assert confirm(desk, MANAGEMENT).login == "cieplo"


def test_whoever_is_invited_meanwhile_is_not_in_the_way(desk: Desk) -> None:
    owner, _member = team(desk)
    invited = forms.fill(Colleague, {"email": MANAGEMENT, "language": "en"})
    start(desk)
    confirm(desk, EMAIL)
    owner.do(invitations.invite, invited)
    code = code_to(desk, MANAGEMENT, "member_invited")
    desk.do(invitations.join, code, joining(login="nel"))
    with pytest.raises(Invalid):
        confirm(desk, MANAGEMENT)
    assert count(desk, Company) == 1


def test_a_login_that_was_given_out_meanwhile_is_asked_for_again(desk: Desk) -> None:
    receipt = start(desk)
    person(desk, "cieplo")
    with pytest.raises(Invalid) as error:
        at_page(desk, receipt, EMAIL)
    assert list(error.value.fields) == ["login"]
    assert at_page(desk, receipt, EMAIL, "cieplo2").login == "cieplo2"
    assert at_page(desk, receipt, MANAGEMENT).login == "cieplo2", "once is enough"


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
        assert status(desk, receipt) == ConfirmedAddresses(False, False)
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
        "login": [fresh_n, fresh_m],
        "login and management": [fresh_n, ("sign_up_known", "ewa@example.com")],
    }


def test_a_free_address_is_confirmed_while_the_other_one_never_can_be(desk: Desk) -> None:
    person(desk, "ewa")
    receipt = start(desk, management_email="ewa@example.com")
    assert confirm(desk, EMAIL).waits_for == "ewa@example.com"
    assert status(desk, receipt) == ConfirmedAddresses(True, False)
    desk.clock.move(dt.timedelta(minutes=1))
    again(desk, receipt, Purpose.MANAGEMENT)
    confirm(desk, MANAGEMENT)
    assert status(desk, receipt).finished


@pytest.mark.parametrize(("taken", "letter"), [(EMAIL, "address_of_company"), (MANAGEMENT, "sign_up_known")])
def test_the_addresses_of_a_company_are_nobody_elses_anywhere(desk: Desk, taken: str, letter: str) -> None:
    """As a support customer, as staff, as the new address of an account, and from an older system."""
    start(desk)
    confirm(desk, EMAIL)
    confirm(desk, MANAGEMENT)
    contract(desk, registered=False)
    before = len(letters(desk))
    desk.do(customer.start, sign_up_form(email=taken))
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
    assert desk.as_system().do(import_accounts, Pasted(brought.encode())).created == 1


@pytest.mark.parametrize("pair", list(itertools.combinations_with_replacement(["email", "management_email"], 2)))
def test_of_two_for_one_address_the_first_to_prove_it_has_it(any_desk: Desk, pair: tuple[str, str]) -> None:
    """At the same moment, whichever of the two places the address is wanted in."""
    wanted = "spolny@x.example"
    receipts, codes = [], []
    for number in range(2):
        own = {"login": f"firma{number}", "email": f"n{number}@x.example", "management_email": f"m{number}@x.example"}
        addresses = {**own, pair[number]: wanted}
        receipts.append(start(any_desk, **addresses))
        other = "email" if pair[number] == "management_email" else "management_email"
        at_page(any_desk, receipts[number], addresses[other])
        codes.append(code_to(any_desk, wanted))

    def come_back(number: int) -> bool:
        try:
            any_desk.do(installer_sign_up.confirm, codes[number], Proof(receipt=receipts[number]))
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(come_back, range(2))) == [False, True]
    assert count(any_desk, ServiceProfile) == count(any_desk, Company) == count(any_desk, Account) == 1


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
    confirm(desk, EMAIL)
    confirm(desk, MANAGEMENT)
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
        lambda: ewa.do(installer_sign_up.start, form()),
        lambda: ewa.do(installer_sign_up.confirm, "K7QF-M2XD-9PLT-3HWC", Proof()),
        lambda: ewa.see(installer_sign_up.status, ""),
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
