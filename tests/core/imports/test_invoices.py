"""Invoices from a file: as they were issued, once and for ever; sums by the law; who still owes what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing import invoice_document, invoices
from core.billing.invoice_document import Party
from core.errors import Forbidden
from core.imports import invoice_rows
from core.imports.csv import pipeline
from core.models.accounts import Role
from core.models.billing import Invoice, InvoiceLine, InvoiceParty
from core.models.contracts import Contract
from core.models.subscribers import Subscriber
from core.service.bulk import chunks
from core.service.settings import SellerSection
from core.service.unit_of_work import table
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
from tests.factories.desks import START, journal_of, logged_in, make_desk
from tests.factories.subscribers import OTHER_PESEL


@pytest.fixture
def files(any_store: dict[str, str], tmp_path: Path) -> Iterator[Files]:
    made = _made(tmp_path, SELLER, **any_store)
    yield made
    made.desk.close()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Files]:
    """On SQLite only, for what doesn't depend on the store."""
    made = _made(tmp_path, SELLER)
    yield made
    made.desk.close()


def _made(folder: Path, seller: SellerSection, **more: Any) -> Files:
    files = Files(make_desk(folder / "desk", seller=seller, **more), folder)
    second = {"customer_number": "K-2", "contract_number": "UA/2", "pesel": OTHER_PESEL, "name": "Ambroży Kruk"}
    files.bring("subscribers", SUBSCRIBER, {**SUBSCRIBER, **second})
    return files


def row(**changes: str) -> dict[str, str]:
    return {**INVOICE, **changes}


def second(**changes: str) -> dict[str, str]:
    return row(**{"invoice_number": "FV/11/2026/2", "customer_number": "K-2", "contract_number": "UA/2", **changes})


def test_a_file_comes_in(files: Files) -> None:
    desk = files.desk
    address = row(name="Stały adres IPv4", quantity="0,5", net_price="10", vat_rate="8%")
    assert told(files.bring("invoices", INVOICE, address, second())) == (3, 3, 0, 0)
    kept = one(desk, Invoice, number="FV/11/2026/1")
    assert (kept.net, kept.vat, kept.gross, kept.unpaid) == (5610 + 500, 1290 + 40, 7440, 7440)
    assert (kept.number_key, kept.issued_on, kept.sold_on, kept.due_on) == (
        "fv/11/2026/1",
        dt.date(2026, 11, 2),
        dt.date(2026, 11, 30),
        dt.date(2026, 11, 16),
    )
    assert (kept.contract_id, kept.mail_due) == (one(desk, Contract, number="UA/2024/118").id, False)
    first, more = all_of(desk, InvoiceLine, invoice_id=kept.id)
    assert (first.position, first.name, first.quantity, first.unit, first.net_price, first.rate) == (
        1,
        "Dostęp do internetu",
        1000,
        "mies.",
        5610,
        "23",
    )
    assert (more.position, more.quantity, more.net, more.vat, more.gross, more.rate) == (2, 500, 500, 40, 540, "8")
    shown = desk.as_system().see(lambda look: invoices._document(look, look.unscoped(Invoice) or kept))
    assert shown.seller == Party(
        SELLER.name, SELLER.street, SELLER.postcode, SELLER.town, tax_id=SELLER.tax_id, bank_account=SELLER.bank_account
    ), "but for the desk's own phone and address"
    assert shown.buyer == Party("Bronisława Ćwiąkała", "ul. Łączna 12 m. 4", "05-121", "Święta Góra")
    assert len(all_of(desk, InvoiceParty)) == 3, "one seller, two buyers"
    assert journal_of(desk) == ["subscriber.import", "billing.import"]


def test_twice_is_once(files: Files) -> None:
    rows = [second(invoice_number=f"FV/{number // 3}", name=f"Pozycja {number}") for number in range(30)]
    assert told(files.bring("invoices", *rows)) == (30, 30, 0, 0)
    before = everything(files.desk)
    assert told(files.bring("invoices", *rows)) == (30, 0, 0, 30)
    assert everything(files.desk) == before
    assert told(files.bring("invoices", *rows, INVOICE)) == (31, 1, 0, 30)


def test_a_dry_run_tells_the_same_and_writes_nothing(files: Files) -> None:
    before = everything(files.desk)
    trial = files.bring("invoices", INVOICE, second(), dry_run=True)
    assert everything(files.desk) == before
    assert trial.as_json() == files.bring("invoices", INVOICE, second()).as_json()


def test_its_parties_stay_as_they_stood(quick: Files) -> None:
    quick.bring("invoices")
    moved = {**SUBSCRIBER, "name": "Bronisława Kruk", "town": "Łęgi"}
    assert told(quick.bring("subscribers", moved)) == (1, 0, 1, 0)
    assert told(quick.bring("invoices")) == (1, 0, 0, 1)
    quick.bring("invoices", row(invoice_number="FV/2"))
    buyers = [one(quick.desk, InvoiceParty, id=found.buyer_id).body["town"] for found in all_of(quick.desk, Invoice)]
    assert buyers == ["Święta Góra", "Łęgi"]


def test_gross_prices_come_out_to_the_grosz(quick: Files) -> None:
    priced = row(net_price="", gross_price="0,03", total_gross="0,03")
    assert told(quick.bring("invoices", priced)) == (1, 1, 0, 0)
    assert one(quick.desk, Invoice).gross == 3


def test_texts_of_the_whole_invoice(quick: Files) -> None:
    texts = {"period": "listopad 2026", "notes": "Dziękujemy.", "exemption": "art. 113 ust. 1"}
    first, more = row(vat_rate="zw", **texts), row(vat_rate="zw", name="Druga", **texts)
    assert told(quick.bring("invoices", first, more)) == (2, 2, 0, 0)
    kept = one(quick.desk, Invoice)
    assert (kept.period, kept.notes, kept.exemption, kept.vat) == (*texts.values(), 0)
    without = [{name: value for name, value in one_.items() if name not in texts} for one_ in (first, more)]
    assert told(quick.bring("invoices", *without)) == (2, 0, 0, 2), "what the file doesn't say it doesn't contradict"
    assert slips(quick.bring("invoices", first, {**more, "notes": "?"})) == [(3, "notes")]


@pytest.mark.parametrize(("issued", "due"), [("2026-11-02", True), ("2026-10-21", True), ("2026-10-20", False)])
def test_recent_ones_go_by_mail_to_those_who_want_it(quick: Files, issued: str, due: bool) -> None:
    quick.desk.as_system().do(
        lambda work: work.change(Subscriber, table(Subscriber).c.number == "K-1", e_invoices=True)
    )
    quick.bring("invoices", row(issued_on=issued), second(issued_on=issued))
    assert [found.mail_due for found in all_of(quick.desk, Invoice)] == [due, False]


def test_an_advance_covers_what_comes(quick: Files) -> None:
    quick.bring("payments", {**PAYMENT, "amount": "100"})
    quick.bring("invoices", INVOICE, row(invoice_number="FV/2", due_on="2026-12-16"))
    assert [found.unpaid for found in all_of(quick.desk, Invoice)] == [0, 3800]


OTHERWISE = [
    ("issued_on", "2026-11-03"),
    ("sold_on", "2026-11-03"),
    ("due_on", "2026-11-17"),
    ("contract_number", ""),
    ("name", "Telefon"),
    ("quantity", "2"),
    ("unit", "szt."),
    ("net_price", "56,11"),
    ("vat_rate", "8"),
]


@pytest.mark.parametrize(("column", "value"), OTHERWISE)
def test_what_was_issued_never_changes(quick: Files, column: str, value: str) -> None:
    quick.bring("invoices")
    before = everything(quick.desk)
    report = quick.bring("invoices", row(**{column: value}))
    where = column if column in ("issued_on", "sold_on", "due_on", "contract_number") else "name"
    assert slips(report) == [(2, where)]
    assert "issued otherwise" in report.errors[0].say.text()
    assert everything(quick.desk) == before


def test_a_column_that_is_not_there_contradicts_nothing(quick: Files) -> None:
    whole = row(period="listopad 2026", notes="Dziękujemy.", exemption="", total_gross="69,00", gross_price="")
    told(quick.bring("invoices", whole))
    before = everything(quick.desk)
    for gone in invoice_rows.OPTIONAL:
        short = {name: value for name, value in whole.items() if name != gone}
        assert told(quick.bring("invoices", short)) == (1, 0, 0, 1), gone
    short = {name: value for name, value in whole.items() if name not in invoice_rows.OPTIONAL}
    assert told(quick.bring("invoices", short)) == (1, 0, 0, 1)
    assert slips(quick.bring("invoices", {**short, "due_on": "2026-11-17"})) == [(2, "due_on")]
    assert everything(quick.desk) == before
    told(quick.bring("invoices", {**short, "invoice_number": "FV/2"}))
    assert one(quick.desk, Invoice, number="FV/2").contract_id is None


def test_nor_does_its_number_of_lines_or_its_customer(quick: Files) -> None:
    quick.bring("invoices", INVOICE, row(name="Druga"))
    assert slips(quick.bring("invoices")) == [(2, "invoice_number")]
    assert slips(quick.bring("invoices", INVOICE, row(name="Druga"), row(name="Trzecia"))) == [(4, "name")]
    other = row(customer_number="K-2", contract_number="")
    assert (2, "customer_number") in slips(quick.bring("invoices", other, {**other, "name": "Druga"}))


BAD = [
    (row(invoice_number=""), ["invoice_number"]),
    (row(invoice_number="x" * 41), ["invoice_number"]),
    (row(customer_number="K-404"), ["customer_number"]),
    (row(contract_number="UA/404"), ["contract_number"]),
    (row(contract_number="UA/2"), ["contract_number"]),
    (row(issued_on="2026-02-30"), ["issued_on"]),
    (row(issued_on="20261102"), ["issued_on"]),
    (row(sold_on=""), ["sold_on"]),
    (row(due_on="2026-11-01"), ["due_on"]),
    (row(name=""), ["name"]),
    (row(name="x" * 201), ["name"]),
    (row(quantity="0"), ["quantity"]),
    (row(quantity="1,2345"), ["quantity"]),
    (row(quantity="dużo"), ["quantity"]),
    (row(quantity=""), ["quantity"]),
    (row(unit="x" * 17), ["unit"]),
    (row(net_price="12,50 zł"), ["net_price"]),
    (row(net_price="12,5 0"), ["net_price"]),
    (row(net_price="1, 50"), ["net_price"]),
    (row(net_price="12,505"), ["net_price"]),
    (row(net_price=""), ["net_price"]),
    (row(gross_price="69"), ["net_price"]),
    (row(net_price="-56,10"), ["net_price"]),
    (row(vat_rate="22"), ["vat_rate"]),
    (row(vat_rate=""), ["vat_rate"]),
    (row(total_gross="69,01"), ["total_gross"]),
    (row(total_gross="69.0.0"), ["total_gross"]),
    (row(quantity="999999999", net_price="999999999,99"), ["net_price"]),
]


@pytest.mark.parametrize(("bad", "columns"), BAD)
def test_a_bad_row_is_named_and_nothing_is_written(quick: Files, bad: dict[str, str], columns: list[str]) -> None:
    before, journal = everything(quick.desk), journal_of(quick.desk)
    full = {**dict.fromkeys(("total_gross", "gross_price"), ""), **second()}
    rows = [full, {name: bad.get(name, "") for name in full}, {**full, "invoice_number": "FV/3"}]
    assert slips(quick.bring("invoices", *rows)) == [(3, column) for column in columns]
    assert everything(quick.desk) == before
    assert journal_of(quick.desk) == journal


def test_a_broken_row_of_an_invoice_doesnt_make_its_sum_wrong_too(quick: Files) -> None:
    rows = [row(total_gross="138,00"), row(total_gross="138,00", quantity="x"), row(total_gross="138,00", name="c")]
    assert slips(quick.bring("invoices", *rows)) == [(3, "quantity")]
    headless = [row(issued_on="?", total_gross="138"), row(issued_on="2026-11-02", total_gross="138")]
    assert slips(quick.bring("invoices", *headless)) == [(2, "issued_on")]


def test_the_sum_is_that_of_all_its_lines(quick: Files) -> None:
    rows = [row(total_gross="138,00"), row(total_gross="138,00", name="Druga")]
    assert told(quick.bring("invoices", *rows)) == (2, 2, 0, 0)
    wrong = quick.bring("invoices", *({**one_, "invoice_number": "FV/2", "total_gross": "137,99"} for one_ in rows))
    assert slips(wrong) == [(2, "total_gross")]
    assert "138.00" in wrong.errors[0].say.text()


def test_the_rows_of_one_stand_together_and_agree(quick: Files) -> None:
    apart = quick.bring("invoices", INVOICE, second(), row(name="Druga"))
    assert slips(apart) == [(4, "invoice_number")]
    assert "line 2" in apart.errors[0].say.text()
    differ = quick.bring("invoices", INVOICE, row(due_on="2026-11-18", customer_number="K-2", contract_number=""))
    assert slips(differ) == [(3, "customer_number"), (3, "contract_number"), (3, "due_on")]


def test_invoices_of_many_lines_are_not_torn(quick: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "chunks", lambda rows, _size: chunks(rows, 2))
    rows = [row(invoice_number=f"FV/{number // 50}", name=f"Pozycja {number}") for number in range(250)]
    assert told(quick.bring("invoices", *rows)) == (250, 250, 0, 0)
    assert [found.gross for found in all_of(quick.desk, Invoice)] == [50 * 6900] * 5


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": ""}, "seller.name"),
        ({"street": " "}, "seller.street"),
        ({"tax_id": ""}, "seller.tax_id"),
        ({"tax_id": "1234563219"}, "seller.tax_id"),
        ({"bank_account": "1"}, "seller.bank_account"),
    ],
)
def test_a_setting_of_the_seller_that_is_missing(tmp_path: Path, change: dict[str, str], named: str) -> None:
    files = _made(tmp_path, SELLER.model_copy(update=change))
    report = files.bring("invoices", INVOICE, second())
    assert slips(report) == [(1, "")]
    assert named in report.errors[0].say.text()
    assert all_of(files.desk, Invoice) == []
    files.desk.close()


def test_who_may_not(quick: Files) -> None:
    with pytest.raises(Forbidden):
        quick.bring("invoices", seat=logged_in(quick.desk, "ola", Role.AGENT))
    assert all_of(quick.desk, Invoice) == []


def test_the_journal_names_nobody(quick: Files) -> None:
    from tests.core.imports.test_subscribers import _journal

    quick.bring("invoices")
    entry = quick.desk.as_system().see(lambda look: look.rows(_journal()))[-1]
    assert (entry.action, entry.thing, entry.at) == ("billing.import", "invoice", START)
    assert entry.facts.keys() == {"rows", "created", "updated", "file"}


@pytest.mark.parametrize(
    ("price", "quantity", "net_price", "net", "exact"),
    [
        ("0,333", "3", 33, 100, "0.333"),
        ("0.0001", "999", 0, 10, "0.0001"),
        ("0,335", "1,5", 34, 50, "0.335"),
        ("0,0349", "12000", 3, 41880, "0.0349"),
        ("-0,333", "-3", -33, 100, "-0.333"),
        ("1,2345", "1000", 123, 123450, "1.2345"),
        ("1 234,12345", "2", 123412, 246825, "1234.12345"),
        ("12,3400", "2", 1234, 2468, ""),
    ],
)
def test_a_price_may_be_finer_than_a_grosz(
    quick: Files, price: str, quantity: str, net_price: int, net: int, exact: str
) -> None:
    """Kilowatt-hours and minutes have such: the net is that of the price as it is told."""
    gross = net + (23 * net + 50) // 100
    fine = row(net_price=price, quantity=quantity, total_gross=f"{gross // 100},{gross % 100:02}")
    assert told(quick.bring("invoices", fine)) == (1, 1, 0, 0)
    line = one(quick.desk, InvoiceLine)
    assert (line.net_price, line.net, line.gross, line.unit_price) == (net_price, net, gross, exact)
    shown = invoices._document_line(line)
    assert (shown.net_price, shown.unit_price) == (net_price, exact)
    assert told(quick.bring("invoices", fine)) == (1, 0, 0, 1)
    wrong = {**fine, "invoice_number": "FV/2", "total_gross": f"{gross // 100},{(gross + 1) % 100:02}"}
    assert slips(quick.bring("invoices", wrong)) == [(2, "total_gross")], "to the grosz all the same"


@given(
    quantity=st.decimals("0.001", "99999", places=3),
    price=st.decimals("0", "99999", places=6),
    rate=st.sampled_from(sorted(invoice_document.RATES)),
    gross=st.booleans(),
    back=st.booleans(),
)
def test_whatever_is_priced_here_is_right_by_the_invoice_itself(
    quantity: Decimal, price: Decimal, rate: str, gross: bool, back: bool
) -> None:
    """The two must not contradict each other, or a file would be refused that is as it should be."""
    amounts = invoice_rows.priced(-quantity if back else quantity, price, rate, gross=gross)
    line = invoice_document.DocumentLine("Energia", -quantity if back else quantity, "kWh", *amounts)
    assert list(invoice_document._wrong_line(1, line)) == []
