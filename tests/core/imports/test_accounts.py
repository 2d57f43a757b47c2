"""People from an older system: known, without a password, and left alone by a second import."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.accounts import login, recovery
from core.errors import Forbidden
from core.imports.accounts import import_accounts
from core.imports.csv.report import Report
from core.imports.csv.source import Pasted
from core.models.accounts import Account, Role
from core.service.audit_log import Entry
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.desks import PASSWORD, journal_of, logged_in, mail, mailed_code, moved_away, person

HEADER = "email;first_name;last_name;phone;company;language\n"
ANNA = "Anna.Nowak@example.com;Anna;Nowak;600 123 456;Tarnina sp. z o.o.;pl\n"


def bring(desk: Desk, text: str, *, dry_run: bool = False) -> Report:
    return desk.as_system().do(import_accounts, Pasted((HEADER + text).encode()), dry_run=dry_run)


def slips(report: Report) -> list[tuple[int, str]]:
    return [(slip.line, slip.column) for slip in report.errors]


def account(desk: Desk, login: str) -> Account | None:
    return desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.login_key == login.casefold()))


def test_people_come_in_and_get_in_by_the_reset(desk: Desk) -> None:
    report = bring(desk, ANNA + "ela@example.com;;;;;\nOLA@example.com;Ola;;;TARNINA  sp. z o.o.;en\n")
    assert (report.rows, report.created, report.errors) == (3, 3, [])
    anna, ola, ela = (account(desk, f"{name}@example.com") for name in ("anna.nowak", "ola", "ela"))
    assert anna is not None
    assert ola is not None
    assert ela is not None
    assert (anna.login, anna.state, anna.password_hash, anna.language) == (
        "Anna.Nowak@example.com",
        "active",
        None,
        "pl",
    )
    assert (anna.standing, ola.standing, ela.standing) == ("owner", "member", "none")
    assert anna.company_id == ola.company_id is not None
    assert (ela.language, ela.company_id) == ("en", None)
    assert mail(desk) == []
    assert desk.do(login.password, "anna.nowak@example.com", "the old one") is None
    desk.do(recovery.ask, "anna.nowak@example.com")
    assert desk.do(recovery.set_password, mailed_code(desk, "reset"), PASSWORD, PASSWORD) == "Anna.Nowak@example.com"
    assert desk.do(login.password, "anna.nowak@example.com", PASSWORD) is not None
    assert "account.import" in journal_of(desk)


def test_a_second_import_touches_nothing(desk: Desk) -> None:
    bring(desk, ANNA)
    before = account(desk, "anna.nowak@example.com")
    report = bring(desk, "anna.nowak@EXAMPLE.com;Other;Name;;Elsewhere;en\nnew@example.com;;;;;\n")
    assert (report.created, report.unchanged) == (1, 1)
    assert account(desk, "anna.nowak@example.com") == before


def test_who_came_in_while_the_file_was_checked_is_not_counted_as_made(desk: Desk) -> None:
    """The file is checked before the transaction; what it writes is counted inside."""
    new = "new@example.com;;;;;\n"
    operator, source = desk.as_system(), Pasted((HEADER + ANNA + new).encode())
    checked = operator.see(import_accounts.prepare, source)  # type: ignore[attr-defined]
    bring(desk, ANNA)
    report: Report = operator.do(lambda work: import_accounts(work, source, **checked))
    assert (report.rows, report.created, report.unchanged) == (2, 1, 1)
    entry = operator.see(lambda look: look.rows(sa.select(table(Entry)).order_by(table(Entry).c.id.desc())))[0]
    assert (entry.facts["rows"], entry.facts["created"]) == (2, 1)


def test_a_login_that_was_somebodys_stays_theirs(desk: Desk) -> None:
    bring(desk, ANNA)
    desk.as_system().do(
        lambda work: work.change(
            Account,
            table(Account).c.login_key == "anna.nowak@example.com",
            email="x@example.com",
            email_key="x@example.com",
        )
    )
    assert bring(desk, ANNA).unchanged == 1
    assert account(desk, "x@example.com") is None


def test_an_address_that_is_a_login_in_ascii_stays_its_own(desk: Desk) -> None:
    """A domain with letters of its own is the same one in ASCII."""
    moved_away(desk, "anna@xn--bcher-kva.example")
    report = bring(desk, "anna@bücher.example;Anna;;;;pl\n")
    assert (report.created, report.unchanged, report.errors) == (0, 1, [])


def test_a_company_that_has_people_gets_members_only(desk: Desk) -> None:
    person(desk, "szef", company="Tarnina sp. z o.o.")
    bring(desk, ANNA)
    found = account(desk, "anna.nowak@example.com")
    assert found is not None
    assert found.standing == "member"


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    assert bring(desk, ANNA, dry_run=True).created == 1
    assert account(desk, "anna.nowak@example.com") is None
    assert journal_of(desk) == []


@pytest.mark.parametrize(
    ("bad", "columns"),
    [
        (";Ola;Nowak;;;\n", ["email"]),
        ("ola;Ola;Nowak;;;\n", ["email"]),
        ("x@example.com;Ola;Nowak;12;;\n", ["phone"]),
        ("x@example.com;Ola;Nowak;;;de\n", ["language"]),
        (f"{'o' * 60}@example.com;;;;;\n", ["email"]),
        ("ANNA.nowak@example.com;;;;;\n", ["email"]),
        ("x@example.com;Ola\n", ["last_name"]),
        (f"x@example.com;{'o' * 81};;;;xx\n", ["first_name", "language"]),
    ],
)
def test_a_bad_row_is_named_and_nobody_comes_in(desk: Desk, bad: str, columns: list[str]) -> None:
    report = bring(desk, ANNA + bad)
    assert slips(report) == [(3, column) for column in columns]
    assert (report.rows, report.created) == (2, 0)
    assert account(desk, "anna.nowak@example.com") is None


def test_only_who_may(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        logged_in(desk, "agnes", Role.AGENT).do(import_accounts, Pasted(HEADER.encode()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: (HEADER + text).encode("utf-8", "surrogatepass")),
    )
)
def test_no_file_raises(desk: Desk, content: bytes) -> None:
    desk.as_system().do(import_accounts, Pasted(content), dry_run=True)
