"""Payments from a file: known by the bank's mark, never counted twice, and what they cover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.billing import statement
from core.db.pagination import PageRequest
from core.errors import Forbidden
from core.imports.csv.source import Source
from core.imports.payments import import_payments
from core.models.accounts import Role
from core.models.billing import Invoice, Payment
from core.models.subscribers import Subscriber
from core.service.desk import Desk
from tests.core.imports.csv.streams import (
    INVOICE,
    PAYMENT,
    SELLER,
    SUBSCRIBER,
    Files,
    all_of,
    everything,
    one,
    slips,
    told,
)
from tests.factories.desks import journal_of, logged_in, make_desk
from tests.factories.subscribers import OTHER_PESEL


@pytest.fixture
def files(any_store: dict[str, str], tmp_path: Path) -> Iterator[Files]:
    made = _billed(make_desk(tmp_path / "desk", seller=SELLER, **any_store), tmp_path)
    yield made
    made.desk.close()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Files]:
    """On SQLite only, for what doesn't depend on the store."""
    made = _billed(make_desk(tmp_path / "desk", seller=SELLER), tmp_path)
    yield made
    made.desk.close()


def _billed(desk: Desk, folder: Path) -> Files:
    """K-1 owes three months of 69 zł, K-2 one."""
    files = Files(desk, folder)
    second = {"customer_number": "K-2", "contract_number": "UA/2", "pesel": OTHER_PESEL}
    files.bring("subscribers", SUBSCRIBER, {**SUBSCRIBER, **second})
    months = [
        {
            **INVOICE,
            "invoice_number": f"FV/{month}",
            "issued_on": f"2026-{month:02}-02",
            "due_on": f"2026-{month:02}-16",
        }
        for month in (9, 10, 11)
    ]
    other = {**INVOICE, "invoice_number": "FV/K2", "customer_number": "K-2", "contract_number": ""}
    told(files.bring("invoices", *months, other))
    return files


def row(number: int = 1, amount: str = "69,00", **changes: str) -> dict[str, str]:
    return {**PAYMENT, "payment": f"BANK-{number:04}", "amount": amount, **changes}


def unpaid(desk: Desk) -> dict[str, int]:
    return {found.number: found.unpaid for found in all_of(desk, Invoice)}


def test_a_file_comes_in(files: Files) -> None:
    desk = files.desk
    rows = [row(1, "1 069,00"), row(2, "-1000", title=""), row(3, "60", invoice_number=" fv/11 ")]
    assert told(files.bring("payments", *rows)) == (3, 3, 0, 0)
    first, back, named = all_of(desk, Payment)
    assert (first.mark, first.mark_key, first.amount, first.paid_on, first.title, first.invoice_id) == (
        "BANK-0001",
        "bank-0001",
        106900,
        dt.date(2026, 11, 10),
        "za internet",
        None,
    )
    assert (back.amount, back.title) == (-100000, "")
    assert named.invoice_id == one(desk, Invoice, number="FV/11").id
    assert unpaid(desk) == {"FV/9": 0, "FV/10": 6900, "FV/11": 900, "FV/K2": 6900}
    holder = one(desk, Subscriber, number="K-1").id
    assert journal_of(desk)[-1] == "billing.import"
    agent = logged_in(desk, "agent", Role.AGENT)
    shown = agent.see(statement.summary, holder)
    assert (shown.balance, shown.to_pay, shown.overdue) == (12900 - 3 * 6900, 7800, 7800)
    page = agent.see(statement.page, PageRequest(), holder)
    assert page.rows[0].balance == shown.balance


def test_twice_is_once(files: Files) -> None:
    rows = [row(number, "1", customer_number=f"K-{1 + number % 2}") for number in range(1, 41)]
    assert told(files.bring("payments", *rows)) == (40, 40, 0, 0)
    before = everything(files.desk)
    assert told(files.bring("payments", *reversed(rows))) == (40, 0, 0, 40)
    assert everything(files.desk) == before
    assert told(files.bring("payments", *rows, row(99, "49,00"))) == (41, 1, 0, 40)
    assert unpaid(files.desk)["FV/9"] == 0


def test_a_dry_run_tells_the_same_and_writes_nothing(files: Files) -> None:
    files.bring("payments", row())
    before = everything(files.desk)
    rows = [row(), row(2, "5")]
    trial = files.bring("payments", *rows, dry_run=True)
    assert everything(files.desk) == before
    assert told(trial) == (2, 1, 0, 1)
    assert trial.as_json() == files.bring("payments", *rows).as_json()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("customer_number", "K-2"),
        ("paid_on", "2026-11-11"),
        ("amount", "69,01"),
        ("title", "inny"),
        ("invoice_number", "FV/9"),
    ],
)
def test_a_payment_that_is_here_never_changes(quick: Files, column: str, value: str) -> None:
    quick.bring("payments", row())
    before = everything(quick.desk)
    assert slips(quick.bring("payments", {**row(), column: value})) == [(2, column)]
    assert everything(quick.desk) == before


@pytest.mark.parametrize(
    ("bad", "columns"),
    [
        (row(payment=""), ["payment"]),
        (row(payment="x" * 65), ["payment"]),
        (row(payment=" bank-0002 "), ["payment"]),
        (row(customer_number=""), ["customer_number"]),
        (row(customer_number="K-404"), ["customer_number"]),
        (row(paid_on="2026-02-30"), ["paid_on"]),
        (row(paid_on="2026-13-01"), ["paid_on"]),
        (row(paid_on=""), ["paid_on"]),
        (row(paid_on="2026-11-21"), ["paid_on"]),
        (row(amount=""), ["amount"]),
        (row(amount="0"), ["amount"]),
        (row(amount="12,50 zł"), ["amount"]),
        (row(amount="12,5 0"), ["amount"]),
        (row(amount="1,234.50"), ["amount"]),
        (row(amount="12, 50"), ["amount"]),
        (row(amount="1000000000"), ["amount"]),
        (row(title="x" * 141), ["title"]),
        (row(invoice_number="FV/404"), ["invoice_number"]),
        (row(invoice_number="FV/K2"), ["invoice_number"]),
        (row(amount="?", paid_on="?"), ["paid_on", "amount"]),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(quick: Files, bad: dict[str, str], columns: list[str]) -> None:
    before, journal = everything(quick.desk), journal_of(quick.desk)
    report = quick.bring("payments", row(2), bad, row(3))
    assert slips(report) == [(3, column) for column in columns]
    assert report.rows == 3
    assert everything(quick.desk) == before
    assert journal_of(quick.desk) == journal


def test_an_unknown_invoice_and_customer_are_named(quick: Files) -> None:
    report = quick.bring("payments", row(invoice_number="FV/404"), row(2, customer_number="K-404"))
    assert [slip.say.text() for slip in report.errors] == [
        "There is no invoice FV/404 here.",
        "There is no customer K-404 here.",
    ]


def test_columns_that_may_be_left_out(quick: Files) -> None:
    short = {name: value for name, value in row().items() if name not in ("title", "invoice_number")}
    assert told(quick.bring("payments", short)) == (1, 1, 0, 0)
    assert slips(quick.bring("payments", {**short, "currency": "PLN"})) == [(1, "currency")]


@pytest.mark.parametrize("gone", [("title",), ("invoice_number",), ("title", "invoice_number")])
def test_a_column_that_is_not_there_contradicts_nothing(quick: Files, gone: tuple[str, ...]) -> None:
    whole = row(invoice_number="FV/9")
    told(quick.bring("payments", whole))
    before = everything(quick.desk)
    short = {name: value for name, value in whole.items() if name not in gone}
    assert told(quick.bring("payments", short)) == (1, 0, 0, 1)
    assert slips(quick.bring("payments", {**short, "amount": "70"})) == [(2, "amount")]
    assert everything(quick.desk) == before


def test_who_may_not(quick: Files) -> None:
    with pytest.raises(Forbidden):
        quick.bring("payments", seat=logged_in(quick.desk, "ola", Role.AGENT))
    assert all_of(quick.desk, Payment) == []


def test_the_debt_of_others_is_left_alone(quick: Files) -> None:
    quick.bring("payments", row(1, "10", customer_number="K-2"))
    assert unpaid(quick.desk) == {"FV/9": 6900, "FV/10": 6900, "FV/11": 6900, "FV/K2": 5900}


def test_called_without_the_door_it_checks_first(quick: Files) -> None:
    source = Source(quick.write("payments", [row(), row(2, "?")]))
    refused = quick.desk.as_system().do(lambda work: import_payments(work, source))
    assert slips(refused) == [(3, "amount")]
    assert all_of(quick.desk, Payment) == []
    fine = Source(quick.write("payments", [row(), row(2)]))
    trial = quick.desk.as_system().do(lambda work: import_payments(work, fine, dry_run=True))
    assert (told(trial), all_of(quick.desk, Payment)) == ((2, 2, 0, 0), [])
    assert told(quick.desk.as_system().do(lambda work: import_payments(work, fine))) == (2, 2, 0, 0)
    assert len(all_of(quick.desk, Payment)) == 2


def test_a_mark_of_lms_is_refused(quick: Files) -> None:
    """The next import from LMS would take it away."""
    report = quick.bring("payments", PAYMENT, {**PAYMENT, "payment": "lms-17"}, {**PAYMENT, "payment": "L MS-D4"})
    assert slips(report) == [(3, "payment"), (4, "payment")]
    assert "LMS-" in report.errors[0].say.text()
    assert all_of(quick.desk, Payment) == []
