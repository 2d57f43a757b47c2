"""Who makes room for whom: at the same moment on two connections, among many accounts, and under odd addresses."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from core.accounts import end_user, log_in, sign_up
from core.accounts.models import Account, AccountState, Code
from core.companies import service_sign_up
from core.companies.models import Company, ServiceProfile
from core.desk import Desk
from core.errors import Invalid
from core.work import Work, table
from tests.core.accounts.test_end_user import form as at_home
from tests.core.companies.firms import EMAIL, MANAGEMENT, code_to
from tests.core.companies.firms import account as by_login
from tests.core.companies.firms import start as start_company
from tests.desks import PASSWORD, contract, mailed_code, sign_up_form, statements

_account = table(Account)


def account(desk: Desk, email: str) -> Account | None:
    return desk.as_system().see(lambda look: look.unscoped(Account, _account.c.email_key == email))


def somebody_waits(desk: Desk) -> bool:
    """Whether a statement of this database waits for a lock."""
    asked = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with desk.store.reading() as connection:
        return bool(connection.execute(asked).scalar())


def while_it_comes_back(desk: Desk, confirm: Any, code: str, meanwhile: Any) -> Any:
    """``meanwhile()`` begins when ``confirm`` has taken the code and not ended yet. Gives what became of it."""
    taken, go_on = threading.Event(), threading.Event()

    def slowly(work: Work) -> Any:
        done = confirm(work, code)
        taken.set()
        assert go_on.wait(20)
        return done

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(desk.do, slowly)
        assert taken.wait(20)
        second = pool.submit(meanwhile)
        while not second.done() and not somebody_waits(desk):
            threading.Event().wait(0.01)
        go_on.set()
        first.result(20)
        return second.result(20)


# At the same moment


def test_an_account_confirmed_meanwhile_is_not_forgotten(postgres_desk: Desk) -> None:
    desk = postgres_desk
    desk.do(end_user.start, at_home())
    code = mailed_code(desk, "confirm_address")
    desk.clock.move(dt.timedelta(minutes=1))
    while_it_comes_back(desk, sign_up.confirm, code, lambda: desk.do(end_user.start, at_home(first_name="Inna")))
    found = account(desk, "zofia@example.com")
    assert found is not None
    assert (found.state, found.first_name) == (AccountState.ACTIVE, "Zofia")


def test_a_login_confirmed_late_is_not_forgotten(postgres_desk: Desk) -> None:
    """The code is a little younger than the sign-up that it is for: it was sent again by hand of the clock."""
    desk = postgres_desk
    contract(desk, registered=False)
    desk.do(sign_up.start, sign_up_form(login="ola"))
    code = mailed_code(desk, "confirm_address")
    desk.as_system().do(lambda work: work.change(Account, created_at=work.now - dt.timedelta(hours=25)))
    other = sign_up_form(login="ola", email="inna@example.com")
    while_it_comes_back(desk, sign_up.confirm, code, lambda: desk.do(sign_up.start, other))
    found = by_login(desk, "ola")
    assert found is not None
    assert (found.state, found.email) == (AccountState.ACTIVE, "ola@example.com")


@pytest.mark.parametrize("half", [False, True], ids=["the first code", "the second code"])
def test_a_company_confirmed_meanwhile_is_not_forgotten(postgres_desk: Desk, half: bool) -> None:
    desk = postgres_desk
    start_company(desk)
    if half:
        desk.do(service_sign_up.confirm, code_to(desk, EMAIL))
        began = desk.now - dt.timedelta(hours=25)
        desk.as_system().do(lambda work: work.change(Company, created_at=began))
    code = code_to(desk, MANAGEMENT)
    desk.clock.move(dt.timedelta(minutes=1))
    other = {"login": "obca", "email": "a@x.example", "management_email": EMAIL}
    while_it_comes_back(desk, service_sign_up.confirm, code, lambda: start_company(desk, **other))
    found = by_login(desk, "cieplo")
    assert found is not None
    assert found.state == (AccountState.ACTIVE if half else AccountState.UNCONFIRMED)
    profile = desk.as_system().see(
        lambda look: look.unscoped(ServiceProfile, table(ServiceProfile).c.company_id == found.company_id)
    )
    assert profile is not None
    assert profile.management_confirmed_at is not None
    if not half:
        assert desk.do(service_sign_up.confirm, code_to(desk, EMAIL)).login == "cieplo"


def test_what_is_confirmed_too_late_finds_nothing(postgres_desk: Desk) -> None:
    """The other way round: the address is asked for first, and the older code comes back meanwhile."""
    desk = postgres_desk
    desk.do(end_user.start, at_home())
    old = mailed_code(desk, "confirm_address")
    desk.clock.move(dt.timedelta(minutes=1))

    def again(work: Work, _nothing: str) -> Any:
        return end_user.start(work, at_home(first_name="Inna"), hashed="x")

    def confirm() -> str:
        try:
            return str(desk.do(sign_up.confirm, old))
        except Invalid:
            return "not a code"

    assert while_it_comes_back(desk, again, "", confirm) == "not a code"
    found = account(desk, "zofia@example.com")
    assert found is not None
    assert (found.state, found.first_name) == (AccountState.UNCONFIRMED, "Inna")


# Among many


def test_no_account_is_looked_at_but_those_in_the_way(desk: Desk) -> None:
    """However many there are: each way of being in the way has its index."""
    first = desk.do(end_user.start, at_home())
    start_company(desk)
    desk.clock.move(dt.timedelta(minutes=2))
    with statements(desk) as sent:
        desk.do(end_user.start, at_home(email=EMAIL), first.receipt)
    about = [one for one in sent if one.startswith("SELECT account.id, account.company_id")]
    assert len(about) >= 2, "asked, and asked again once nobody can confirm any more"
    plans = []
    with desk.store.reading() as connection:
        for one in {*about, *(each for each in sent if "FROM service_profile" in each)}:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", tuple([1] * one.count("?")))
            plans += [str(row[3]) for row in rows]
    assert "MULTI-INDEX OR" in plans
    assert [one for one in plans if one.startswith("SCAN")] == []


# Receipts


def test_a_receipt_is_worth_nothing_once_another_sign_up_has_its_number(desk: Desk) -> None:
    """SQLite gives the number of a forgotten account out again."""
    contract(desk, registered=False)
    old = desk.do(end_user.start, at_home())
    desk.clock.move(dt.timedelta(minutes=1))
    desk.do(sign_up.start, sign_up_form(login="zosia", email="zofia@example.com"))
    found = account(desk, "zofia@example.com")
    assert found is not None and found.login == "zosia"
    desk.do(end_user.start, at_home(email="inna@example.com"), old.receipt)
    assert account(desk, "zofia@example.com") is not None
    codes = table(Code)
    assert desk.as_system().see(lambda look: look.value(sa.select(codes.c.id).where(codes.c.account_id == found.id)))


# Logins that are addresses


@pytest.mark.parametrize("email", ["ola+dom@example.com", "o'la!#$%@example.com", "ola@łąka.example"])
def test_a_login_that_is_an_address_may_have_the_signs_of_one(desk: Desk, email: str) -> None:
    """What a chosen login may be made of (letters, digits and . _ - @) binds nobody here; both names let them in, also
    when the address has become another one."""
    desk.do(end_user.start, at_home(email=email))
    login = desk.do(sign_up.confirm, mailed_code(desk, "confirm_address")).login
    assert login == email
    for typed in (login, login.upper(), f" {login} "):
        step = desk.do(log_in.password, typed, PASSWORD)
        assert step is not None and step.step == "code"
    away = {"email": "gdzie@example.com", "email_key": "gdzie@example.com"}
    desk.as_system().do(lambda work: work.change(Account, _account.c.login == login, **away))
    for typed in (login, "gdzie@example.com"):
        step = desk.do(log_in.password, typed, PASSWORD)
        assert step is not None and step.step == "code"
