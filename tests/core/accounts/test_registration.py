"""Sign-ups on their way: whose form a code confirms, who comes first, and that nobody's can be taken over or voided."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from core.accounts import login as account_login
from core.accounts import registration
from core.accounts.address_owner import Started
from core.accounts.registration import Proof
from core.errors import Invalid, Throttled
from core.forms import email_address
from core.jobs import jobs
from core.models.accounts import Account, Code, Registration
from core.service import mail_allowance, throttle
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.sign_up import confirmation, customer, end_user
from core.sign_up import installer as installer_sign_up
from core.sign_up import subscriber as subscribing
from tests.core.installers.firms import EMAIL, code_to
from tests.core.installers.firms import form as company_form
from tests.core.sign_up.test_end_user import form as at_home
from tests.factories.desks import PASSWORD, come_back, contract, mail, mailed_code, person, sign_up_form
from tests.factories.subscribers import coming_from, subscriber
from tests.factories.subscribers import sign_up_form as subscriber_form

HERS, HIS = "Zofia@example.com", "calkiem inne haslo"
_account, _registration = table(Account), table(Registration)


def count(desk: Desk, model: Any) -> int:
    return desk.as_system().see(lambda look: look.value(sa.select(sa.func.count()).select_from(table(model))))


def account(desk: Desk, login: str) -> Account | None:
    return desk.as_system().see(lambda look: look.unscoped(Account, _account.c.login_key == login.casefold()))


def signs_up(desk: Desk, kind: str, login: str, password: str = PASSWORD) -> Started:
    """Somebody fills in a form of this kind with her address."""
    chosen = {"email": HERS, "password": password, "again": password}
    if kind == "support":
        return desk.do(customer.start, sign_up_form(login=login, **chosen))
    if kind == "home":
        return desk.do(end_user.start, at_home(**chosen))
    if kind == "subscriber":
        return desk.do(subscribing.start, subscriber_form(login=login, **chosen))
    given = {"login": login, "password": password, "again": password, "management_email": HERS}
    given["email"] = EMAIL if password == PASSWORD else "serwis@inna.example"
    return desk.do(installer_sign_up.start, company_form(**given))


def latest(desk: Desk) -> str:
    """The newest code in her mail, of whatever kind."""
    letter = [row.letter for row in mail(desk) if row.address == HERS][-1]
    return code_to(desk, HERS, letter)


def confirm(desk: Desk, code: str, proof: Proof, login: str = "") -> Any:
    try:
        return desk.do(confirmation.confirm, code, proof, login)
    except Invalid as error:
        if "code" not in error.fields or "any more" not in error.text():
            raise
        return desk.do(installer_sign_up.confirm, code, proof, login)


KINDS = ("support", "home", "subscriber", "company")


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """A contract of each sort to sign up with."""
    contract(desk, registered=False)
    subscriber(desk)
    coming_from(desk, "203.0.113.7")
    return desk


@pytest.mark.parametrize("his", KINDS)
@pytest.mark.parametrize("hers", KINDS)
def test_the_newest_code_in_her_mail_does_not_confirm_his_password(ready: Desk, hers: str, his: str) -> None:
    desk = ready
    mine = signs_up(desk, hers, "zofia")
    own_code = latest(desk)
    signs_up(desk, his, "zofia-2", HIS)
    foreign = latest(desk)
    assert own_code != foreign
    for proof in (Proof(receipt=mine.receipt), Proof(login="zofia", password=PASSWORD), Proof()):
        with pytest.raises(Invalid):
            confirm(desk, foreign, proof)
    assert count(desk, Account) == 0
    confirm(desk, own_code, Proof(receipt=mine.receipt))
    if hers == "company":
        confirm(desk, code_to(desk, EMAIL), Proof(login="zofia", password=PASSWORD))
    assert desk.do(account_login.password, HERS, PASSWORD) is not None
    assert desk.do(account_login.password, HERS, HIS) is None
    with pytest.raises(Invalid):
        confirm(desk, foreign, Proof(login="zofia-2", password=HIS))
    assert count(desk, Account) == 1


def test_the_letters_of_two_forms_can_be_told_apart_and_say_nothing_that_was_typed(ready: Desk) -> None:
    first, second = signs_up(ready, "home", ""), signs_up(ready, "home", "", HIS)
    told = [row.details for row in mail(ready, "confirm_address")]
    assert [one["form"] for one in told] == [first.sign, second.sign]
    assert first.sign != second.sign
    assert {name for one in told for name in one} == {"form"}


def test_on_another_machine_it_takes_login_and_password_of_the_form(desk: Desk) -> None:
    desk.do(end_user.start, at_home())
    code = mailed_code(desk, "confirm_address")
    for login, password in (("zofia@example.com", HIS), ("inna@example.com", PASSWORD), ("", "")):
        with pytest.raises(Invalid) as error:
            desk.do(confirmation.confirm, code, Proof(login=login, password=password))
        assert list(error.value.fields) == ["password"]
    assert desk.do(confirmation.confirm, code, Proof(login="ZOFIA@example.com", password=PASSWORD)).login == HERS


def test_guessing_them_is_slowed(desk: Desk) -> None:
    desk.do(end_user.start, at_home())
    code = mailed_code(desk, "confirm_address")
    for _try in range(throttle.FREE_FAILURES):
        with pytest.raises(Invalid):
            desk.do(confirmation.confirm, code, Proof(login=HERS, password=HIS))
    with pytest.raises(Throttled):
        desk.do(confirmation.confirm, code, Proof(login=HERS, password=PASSWORD))


MAILED, UPGRADED = "mailed", "bound by an upgrade"


@pytest.mark.parametrize("bound", [MAILED, UPGRADED])
@pytest.mark.parametrize("kind", ["support", "home", "subscriber"])
def test_a_code_proves_no_address_that_took_the_place_of_its_own(any_desk: Desk, kind: str, bound: str) -> None:
    """Also where no letter leaves for the new one, since strangers have used up what it may get."""
    desk = any_desk
    contract(desk, registered=False)
    subscriber(desk)
    coming_from(desk, "203.0.113.7")
    start, form = STARTS[kind]
    mine = desk.do(start, form(email="obcy@example.com"))
    code = mailed_code(desk, "confirm_address")
    if bound == UPGRADED:
        mark = sa.select(_registration.c.mark).scalar_subquery()
        desk.as_system().do(lambda work: work.change(Code, sa.true(), binding=mark))
    use_up(desk, HERS)
    letters = len(mail(desk))
    assert desk.do(start, form(email=HERS), mine.receipt).sign == mine.sign
    assert len(mail(desk)) == letters
    with pytest.raises(Invalid) as error:
        desk.do(confirmation.confirm, code, Proof(receipt=mine.receipt))
    assert list(error.value.fields) == ["code"]
    assert count(desk, Account) == 0
    desk.clock.move(dt.timedelta(hours=2))
    come_back(desk, desk.do(start, form(email=HERS), mine.receipt))
    assert desk.as_system().see(lambda look: account_login.by_name(look, HERS)) is not None


def test_a_code_is_for_the_address_that_it_was_mailed_to_whatever_was_made_void(desk: Desk) -> None:
    """As when two send the form in at the same moment, and neither sees what the other one changes."""
    mine = desk.do(end_user.start, at_home(email="obcy@example.com"))
    code = mailed_code(desk, "confirm_address")
    desk.as_system().do(lambda work: work.change(Registration, sa.true(), email=HERS))
    with pytest.raises(Invalid):
        desk.do(confirmation.confirm, code, Proof(receipt=mine.receipt))
    desk.as_system().do(lambda work: work.change(Registration, sa.true(), email="Obcy@example.com"))
    desk.do(confirmation.confirm, code, Proof(receipt=mine.receipt))


def use_up(desk: Desk, email: str) -> None:
    """Strangers have had as many letters sent there as an hour has."""
    for _letter in range(mail_allowance.AN_HOUR):
        desk.as_system().do(mail_allowance.book, email_address.normal(email))


STARTS: dict[str, tuple[Any, Any]] = {
    "support": (customer.start, sign_up_form),
    "home": (end_user.start, at_home),
    "subscriber": (subscribing.start, subscriber_form),
}


# Who comes first


def test_neither_login_nor_address_is_anybodys_before_a_code_comes_back(ready: Desk) -> None:
    desk = ready
    for kind in KINDS:
        signs_up(desk, kind, "zofia")
    assert count(desk, Account) == 0
    assert count(desk, Registration) == len(KINDS)
    assert desk.do(account_login.password, "zofia", PASSWORD) is None


def test_the_first_one_gets_the_login_and_the_next_is_asked_for_another(desk: Desk) -> None:
    contract(desk, registered=False)
    contract(desk, "OK-2", identifiers=("S2",), company="Inna", registered=False)
    slow = desk.do(customer.start, sign_up_form(login="ola", email="pierwsza@example.com", first_name="Aleksandra"))
    slow_code = mailed_code(desk, "confirm_address")
    fast = desk.do(customer.start, sign_up_form(login="OLA", contract="OK-2", email="druga@example.com"))
    assert come_back(desk, fast).login == "OLA"
    mine = Proof(receipt=slow.receipt)
    for another in ("", "ola", "o", "ewa@example.com"):
        with pytest.raises(Invalid) as error:
            desk.do(confirmation.confirm, slow_code, mine, another)
        assert list(error.value.fields) == ["login"]
    done = desk.do(confirmation.confirm, slow_code, mine, "ola.n")
    assert (done.login, done.number) == ("ola.n", "OK-1")
    stored = account(desk, "ola.n")
    assert stored is not None
    assert (stored.email, stored.first_name, stored.phone) == ("pierwsza@example.com", "Aleksandra", "+48 601 234 567")


def test_the_first_one_gets_the_address_and_the_next_is_told(desk: Desk) -> None:
    contract(desk, registered=False)
    desk.do(customer.start, sign_up_form(login="ola", email=HERS))
    old = mailed_code(desk, "confirm_address")
    come_back(desk, desk.do(end_user.start, at_home()))
    with pytest.raises(Invalid) as error:
        desk.do(confirmation.confirm, old, Proof(login="ola", password=PASSWORD))
    assert "meanwhile" in error.value.text()


@pytest.mark.parametrize("same", ["login", "email"])
def test_two_that_come_back_at_once_make_one_account(any_desk: Desk, same: str) -> None:
    contract(any_desk, registered=False)
    contract(any_desk, "OK-2", identifiers=("S2",), company="Inna", registered=False)
    codes, proofs = [], []
    for number, name in enumerate(("OK-1", "OK-2")):
        own = {"login": f"ola{number}", "email": f"ola{number}@example.com", same: "ola@example.com"}
        if same == "login":
            own["login"] = "ola"
        proofs.append(Proof(receipt=any_desk.do(customer.start, sign_up_form(contract=name, **own)).receipt))
        codes.append(mailed_code(any_desk, "confirm_address"))

    def back(number: int) -> str:
        try:
            any_desk.do(confirmation.confirm, codes[number], proofs[number])
        except Invalid as error:
            return next(iter(error.fields))
        return ""

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(back, range(2))) == ["", "login" if same == "login" else "code"]
    assert count(any_desk, Account) == 1


def test_one_code_twice_at_once_makes_one_account(any_desk: Desk) -> None:
    mine = Proof(receipt=any_desk.do(end_user.start, at_home()).receipt)
    code = mailed_code(any_desk, "confirm_address")

    def back(_number: int) -> bool:
        try:
            any_desk.do(confirmation.confirm, code, mine)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(back, range(2))) == [False, True]
    assert (count(any_desk, Account), len(mail(any_desk, "welcome_alone"))) == (1, 1)


# Receipts, and forgetting


def test_a_receipt_is_good_for_its_own_form_alone(desk: Desk) -> None:
    mine = desk.do(end_user.start, at_home())
    code = mailed_code(desk, "confirm_address")
    other = desk.do(end_user.start, at_home(email="inna@example.com"))
    for wrong in (other.receipt, mine.receipt[:-6] + "AAAA==", "x"):
        with pytest.raises(Invalid):
            desk.do(confirmation.confirm, code, Proof(receipt=wrong))
    assert desk.do(confirmation.confirm, code, Proof(receipt=mine.receipt)).login == HERS
    again = desk.do(end_user.start, at_home(email="trzecia@example.com"), mine.receipt)
    assert again.receipt != mine.receipt, "what is done is not begun again"


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_confirmed_is_forgotten_after_a_day(ready: Desk, kind: str) -> None:
    desk = ready
    started = signs_up(desk, kind, "zofia")
    if kind in STARTS:
        start, form = STARTS[kind]
        assert desk.do(start, form(email="obcy@example.com"), started.receipt).sign == started.sign
        desk.do(start, form(email="inna@example.com"), started.receipt)
    job = next(job for job in jobs() if job.id == "registrations-run-out")
    desk.clock.move(dt.timedelta(hours=23))
    assert desk.as_system().do(job.step) == 0
    desk.clock.move(dt.timedelta(hours=1))
    with pytest.raises(Invalid):
        confirm(desk, latest(desk), Proof(receipt=started.receipt))
    assert desk.as_system().do(job.step) == 1
    assert (count(desk, Registration), count(desk, Code)) == (0, 0)
    assert desk.as_system().do(job.step) == 0


def test_what_is_done_keeps_no_password_and_nothing_that_was_typed(desk: Desk) -> None:
    started = desk.do(end_user.start, at_home())
    come_back(desk, started)
    kept = desk.as_system().see(lambda look: registration.by_receipt(look, started.receipt))
    assert kept is not None
    assert (kept.password_hash, kept.details, kept.done_at) == ("", {}, desk.now)


@pytest.mark.parametrize("email", ["ola+dom@example.com", "o'la!#$%@example.com", "ola@łąka.example"])
def test_a_login_that_is_an_address_may_have_the_signs_of_one(desk: Desk, email: str) -> None:
    """What a chosen login may be made of (letters, digits and . _ - @) binds nobody here; both names let them in, also
    when the address has become another one."""
    login = come_back(desk, desk.do(end_user.start, at_home(email=email))).login
    assert login == email
    for typed in (login, login.upper(), f" {login} "):
        step = desk.do(account_login.password, typed, PASSWORD)
        assert step is not None and step.step == "code"
    away = {"email": "gdzie@example.com", "email_key": "gdzie@example.com"}
    desk.as_system().do(lambda work: work.change(Account, _account.c.login == login, **away))
    for typed in (login, "gdzie@example.com"):
        step = desk.do(account_login.password, typed, PASSWORD)
        assert step is not None and step.step == "code"


def test_somebody_with_an_account_is_in_nobodys_way(desk: Desk) -> None:
    """A stranger who signs up with her address while she has an account gets nowhere, and she hears of it."""
    person(desk, "ewa")
    started = desk.do(end_user.start, at_home(email="ewa@example.com"))
    assert [row.letter for row in mail(desk)] == ["sign_up_known"]
    assert started.receipt
