"""Corrections from a file, and invoices whose VAT was rounded on the sum: as they were issued, or refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.billing import fa3, invoice_document, invoices
from core.i18n.translation import speaking
from core.models.accounts import Role
from core.models.billing import Invoice, InvoiceLine, Payment
from core.service import upgrade
from tests.core.billing.test_fa3 import at, held
from tests.core.imports.csv.streams import INVOICE, PAYMENT, SELLER, Files, all_of, everything, one, slips, told
from tests.core.imports.test_invoices import _made
from tests.factories.desks import logged_in
from tests.factories.subscribers import paid, subscriber


@pytest.fixture
def files(any_store: dict[str, str], tmp_path: Path) -> Iterator[Files]:
    made = _made(tmp_path, SELLER, **any_store)
    yield made
    made.desk.close()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Files]:
    made = _made(tmp_path, SELLER)
    yield made
    made.desk.close()


BLANK = dict.fromkeys(("corrected_number", "corrected_on", "reason", "line_state", "total_gross", "total_vat"), "")
WHOLE = {**INVOICE, **BLANK}


def correcting(**changes: str) -> dict[str, str]:
    """Takes a third of the month off."""
    said = {
        "invoice_number": "FK/1/2026",
        "issued_on": "2026-11-12",
        "due_on": "",
        "quantity": "-1",
        "net_price": "18,70",
        "corrected_number": "FV/11/2026/1",
        "corrected_on": "2026-11-02",
        "reason": "Przerwa w dostępie",
    }
    return {**WHOLE, **said, **changes}


def unpaid(files: Files) -> dict[str, int]:
    return {row.number: row.unpaid for row in all_of(files.desk, Invoice)}


def shown(files: Files, number: str) -> invoice_document.InvoiceDocument:
    return logged_in(files.desk, "adam", Role.AGENT).see(invoices.read, one(files.desk, Invoice, number=number).id)


def test_a_correction_lowers_what_its_invoice_asks_for(files: Files) -> None:
    rows = [WHOLE, correcting()]
    assert told(files.bring("invoices", *rows)) == (2, 2, 0, 0)
    made = one(files.desk, Invoice, number="FK/1/2026")
    assert (made.net, made.vat, made.gross, made.unpaid) == (-1870, -430, -2300, 0)
    assert (made.corrects, made.corrects_key, made.corrects_on) == (
        "FV/11/2026/1",
        "fv/11/2026/1",
        dt.date(2026, 11, 2),
    )
    assert (made.reason, made.due_on) == ("Przerwa w dostępie", dt.date(2026, 11, 12))
    assert unpaid(files) == {"FV/11/2026/1": 4600, "FK/1/2026": 0}
    before = everything(files.desk)
    assert told(files.bring("invoices", *rows)) == (2, 0, 0, 2)
    assert told(files.bring("invoices", *rows, dry_run=True)) == (2, 0, 0, 2)
    assert everything(files.desk) == before


def test_after_a_way_back_and_forth_it_counts_once(files: Files) -> None:
    """What stood for it beside the payments goes; somebody else's payment of that mark stays."""
    rows = [WHOLE, correcting()]
    files.bring("invoices", *rows)
    before = unpaid(files)
    upgrade.run(files.desk.store, "downgrade", "0009")
    upgrade.run(files.desk.store, "upgrade", "head")
    assert [row.mark_key for row in all_of(files.desk, Payment)] == ["kor fk/1/2026"]
    assert told(files.bring("invoices", *rows, dry_run=True)) == (2, 1, 0, 1)
    assert len(all_of(files.desk, Payment)) == 1
    assert told(files.bring("invoices", *rows)) == (2, 1, 0, 1)
    assert all_of(files.desk, Payment) == []
    assert unpaid(files) == before


def test_a_payment_of_somebody_else_stands_for_no_correction(quick: Files) -> None:
    other = subscriber(quick.desk, "A-2", contract="U/2", addresses=())
    paid(quick.desk, other.id, "KOR FK/1/2026", dt.date(2026, 11, 1), 2300)
    quick.bring("invoices", WHOLE, correcting())
    assert [row.subscriber_id for row in all_of(quick.desk, Payment)] == [other.id]


def test_one_that_comes_before_its_invoice_or_without_it(quick: Files) -> None:
    told(quick.bring("invoices", correcting()))
    assert unpaid(quick) == {"FK/1/2026": 0}
    other = {**WHOLE, "invoice_number": "FV/0", "due_on": "2026-11-03"}
    told(quick.bring("invoices", other))
    assert unpaid(quick)["FV/0"] == 4600, "what is over pays the oldest"
    told(quick.bring("invoices", WHOLE))
    assert unpaid(quick) == {"FK/1/2026": 0, "FV/0": 6900, "FV/11/2026/1": 4600}, "until its own invoice is here"


def test_lines_before_and_after(quick: Files) -> None:
    before = correcting(quantity="1", net_price="56,10", line_state="przed", total_gross="-69", total_vat="-12,90")
    after = {**before, "quantity": "0", "line_state": "after"}
    assert told(quick.bring("invoices", WHOLE, before, after)) == (3, 3, 0, 0)
    assert unpaid(quick)["FV/11/2026/1"] == 0
    kept = all_of(quick.desk, InvoiceLine, invoice_id=one(quick.desk, Invoice, number="FK/1/2026").id)
    assert [(line.before, line.quantity, line.gross) for line in kept] == [(True, 1000, 6900), (False, 0, 0)]
    made = shown(quick, "FK/1/2026")
    assert invoice_document.problems(made) == [] and (made.net, made.vat, made.gross) == (-5610, -1290, -6900)
    tree = held(fa3.xml(made))
    assert (at(tree, "StanPrzed"), at(tree, "P_15"), at(tree, "RodzajFaktury")) == (["1"], ["-69.00"], ["KOR"])


def test_one_that_raises_is_to_be_paid_itself(quick: Files) -> None:
    told(quick.bring("invoices", WHOLE, correcting(quantity="1", due_on="2026-11-26")))
    assert unpaid(quick) == {"FV/11/2026/1": 6900, "FK/1/2026": 2300}
    again = {"invoice_number": "FK/2", "corrected_number": "fk/1/2026", "corrected_on": "2026-11-12"}
    told(quick.bring("invoices", correcting(**again)))
    assert unpaid(quick) == {"FV/11/2026/1": 6900, "FK/1/2026": 0, "FK/2": 0}


def test_a_correction_of_a_correction_is_for_the_invoice(quick: Files) -> None:
    again = {"invoice_number": "FK/2", "corrected_number": "FK/1/2026", "corrected_on": "2026-11-12"}
    told(quick.bring("invoices", WHOLE, correcting(), correcting(**again)))
    assert unpaid(quick)["FV/11/2026/1"] == 2300
    told(quick.bring("payments", {**PAYMENT, "amount": "69", "invoice_number": "FV/11/2026/1"}))
    assert unpaid(quick)["FV/11/2026/1"] == 0


def test_a_file_without_the_columns_contradicts_nothing(quick: Files) -> None:
    told(quick.bring("invoices", WHOLE, correcting(quantity="1")))
    short = {name: value for name, value in correcting(quantity="1", due_on="2026-11-12").items() if name not in BLANK}
    assert told(quick.bring("invoices", short)) == (1, 0, 0, 1)


OTHERWISE = [
    ("corrected_number", "FV/10/2026/1", "corrected_number"),
    ("corrected_on", "2026-11-01", "corrected_on"),
    ("reason", "Pomyłka", "reason"),
    ("line_state", "before", "name"),
]


@pytest.mark.parametrize(("column", "value", "where"), OTHERWISE)
def test_what_it_says_never_changes(quick: Files, column: str, value: str, where: str) -> None:
    told(quick.bring("invoices", correcting(quantity="1")))
    before = everything(quick.desk)
    assert slips(quick.bring("invoices", correcting(quantity="1", **{column: value}))) == [(2, where)]
    assert everything(quick.desk) == before


WRONG = [
    ({"corrected_number": ""}, ["corrected_on", "reason", "due_on"]),
    ({"corrected_number": "", "corrected_on": "", "reason": "", "due_on": "2026-11-26"}, ["net_price"]),
    ({"corrected_on": ""}, ["corrected_on"]),
    ({"corrected_on": "2026-11-13"}, ["corrected_on"]),
    ({"corrected_number": "FK / 1/2026"}, ["corrected_number"]),
    ({"corrected_number": "FV/2"}, ["corrected_number"]),
    ({"line_state": "między"}, ["line_state"]),
    ({"quantity": "0"}, ["quantity"]),
    ({"reason": "x" * 257}, ["reason"]),
    ({"due_on": "2026-11-11"}, ["due_on"]),
    ({"total_gross": "-22,99"}, ["total_gross"]),
]


@pytest.mark.parametrize(("changes", "columns"), WRONG)
def test_a_wrong_one_is_named_and_nothing_is_written(quick: Files, changes: dict[str, str], columns: list[str]) -> None:
    told(quick.bring("invoices", {**WHOLE, "invoice_number": "FV/2", "customer_number": "K-2", "contract_number": ""}))
    before = everything(quick.desk)
    report = quick.bring("invoices", WHOLE, correcting(**changes))
    assert slips(report) == [(3, column) for column in columns]
    for language in ("en", "pl"):
        with speaking(language):
            assert all("{" not in slip.say.text() for slip in report.errors)
    assert everything(quick.desk) == before


def test_nor_for_an_invoice_of_somebody_else_in_the_same_file(quick: Files) -> None:
    theirs = {**WHOLE, "invoice_number": "FV/2", "customer_number": "K-2", "contract_number": ""}
    assert slips(quick.bring("invoices", theirs, correcting(corrected_number="fv/2"))) == [(3, "corrected_number")]


# VAT on the sum


def parts(number: str = "FV/1", prices: tuple[str, ...] = ("0,33",) * 3, **more: str) -> list[dict[str, str]]:
    rows = []
    for at_, price in enumerate(prices, start=1):
        own = {"gross_price": "", "invoice_number": number, "name": f"Pozycja {at_}", "net_price": price}
        rows.append({**WHOLE, **own, **more})
    return rows


def test_vat_of_the_sum_stands_as_it_was_issued(files: Files) -> None:
    rows = parts(total_gross="1,22")
    assert told(files.bring("invoices", *rows)) == (3, 3, 0, 0)
    kept = one(files.desk, Invoice)
    assert (kept.net, kept.vat, kept.gross, kept.unpaid, kept.rates) == (99, 23, 122, 122, [["23", 99, 23]])
    assert told(files.bring("invoices", *rows)) == (3, 0, 0, 3)
    assert told(files.bring("invoices", *parts())) == (3, 0, 0, 3), "a file without the total contradicts nothing"
    assert slips(files.bring("invoices", *parts(total_gross="1,23"))) == [(2, "total_gross")]
    made = shown(files, "FV/1")
    assert invoice_document.problems(made) == [] and made.by_rate() == (invoice_document.Total("23", 99, 23),)
    tree = held(fa3.xml(made))
    assert (at(tree, "P_14_1"), at(tree, "P_15"), at(tree, "P_11"), at(tree, "P_11Vat")) == (
        ["0.23"],
        ["1.22"],
        ["0.33"] * 3,
        [],
    )


@pytest.mark.parametrize(
    ("said", "rates"),
    [
        ({"total_gross": "1,23"}, None),
        ({"total_vat": "0,24"}, None),
        ({"total_vat": "0,23"}, [["23", 99, 23]]),
        ({"total_gross": "1,22", "total_vat": "0,23"}, [["23", 99, 23]]),
    ],
)
def test_the_totals_tell_how_vat_was_rounded(quick: Files, said: dict[str, str], rates: object) -> None:
    told(quick.bring("invoices", *parts(**said)))
    assert one(quick.desk, Invoice).rates == rates


def test_gross_prices_with_vat_out_of_their_sum(quick: Files) -> None:
    """The total is the same either way, so the VAT tells."""
    rows = [{**row, "net_price": "", "gross_price": "0,41"} for row in parts(total_gross="1,23")]
    told(quick.bring("invoices", *({**row, "total_vat": "0,23"} for row in rows)))
    kept = one(quick.desk, Invoice)
    assert (kept.net, kept.vat, kept.gross) == (100, 23, 123)
    tree = held(fa3.xml(shown(quick, "FV/1")))
    assert (at(tree, "P_11A"), at(tree, "P_9B"), at(tree, "P_11"), at(tree, "P_14_1")) == (
        ["0.41"] * 3,
        ["0.41"] * 3,
        [],
        ["0.23"],
    )


def test_rates_are_rounded_each_for_itself_and_those_without_tax_have_none(quick: Files) -> None:
    rows = parts(prices=("0,33", "0,33", "0,33", "0,07", "0,07", "5", "7"), total_gross="13,37")
    for row, rate in zip(rows, ("23", "23", "23", "8", "8", "0", "zw"), strict=True):
        row.update(vat_rate=rate)
    told(quick.bring("invoices", *rows))
    made = shown(quick, "FV/1")
    assert [(total.rate, total.net, total.vat) for total in made.by_rate()] == [
        ("23", 99, 23),
        ("8", 14, 1),
        ("0", 500, 0),
        ("zw", 700, 0),
    ]


def test_a_correction_is_rounded_on_the_sum_too(quick: Files) -> None:
    rows = parts("FK/1", quantity="-1", corrected_number="FV/1", corrected_on="2026-11-02", total_gross="-1,22")
    told(quick.bring("invoices", *parts(total_gross="1,22"), *rows))
    assert unpaid(quick) == {"FV/1": 0, "FK/1": 0}


@pytest.mark.parametrize(
    ("said", "column", "words"),
    [
        ({"total_gross": "1,21"}, "total_gross", ["1.23", "1.22", "1.21"]),
        ({"total_vat": "0,25"}, "total_vat", ["0.24", "0.23", "0.25"]),
        ({"total_gross": "1,22", "total_vat": "0,24"}, "total_vat", ["No way of rounding"]),
    ],
)
def test_totals_that_are_nobodys_are_refused(quick: Files, said: dict[str, str], column: str, words: list[str]) -> None:
    report = quick.bring("invoices", *parts(**said))
    assert slips(report) == [(2, column)]
    with speaking("en"):
        assert all(word in report.errors[0].say.text() for word in words)
