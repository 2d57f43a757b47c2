"""Invoices to test with; everybody on them is invented."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.billing.invoice_document import Correction, DocumentLine, InvoiceDocument, Party, Total, priced, priced_gross
from core.imports.invoice_rows import priced as exactly

ACCOUNT = "91123412340000000000000042"
SELLER = Party(
    "Wiatrołap Internet Sp. z o.o.",
    "ul. Żabia 7/3",
    "05-120",
    "Nowe Łęgi",
    tax_id="1234563218",
    email="biuro@wiatrolap.example",
    phone="+48 22 555 01 01",
    bank_account=ACCOUNT,
    bank_name="Bank Próbny S.A.",
)
PERSON = Party(
    "Bronisława Ćwiąkała-Źdźbło", "ul. Łączna 12 m. 4", "05-121", "Święta Góra", email="bronia@poczta.example"
)
COMPANY = Party("Wspólnota Mieszkaniowa Pod Dębami", "ul. Dębowa 1", "05-122", "Gęsiniec", tax_id="9999999999")


def invoice(**changed: Any) -> InvoiceDocument:
    """A month of a household."""
    made = InvoiceDocument(
        "FV/11/2026/00042",
        dt.date(2026, 11, 2),
        dt.date(2026, 11, 30),
        dt.date(2026, 11, 16),
        SELLER,
        PERSON,
        (
            priced_gross("Światłowód 600/100, listopad 2026", 1, "mies.", 7990, "23"),
            priced_gross("Stały adres IPv4", 1, "mies.", 1200, "23"),
        ),
        customer_number="K-00042",
        contract_number="UA/2024/118",
        transfer_title="FV/11/2026/00042 K-00042",
        period="1–30 listopada 2026",
    )
    return replace(made, **changed)


def correction(**changed: Any) -> InvoiceDocument:
    """A faster line was billed than there was, and the address not at all: before, and after."""
    before, after = priced_gross(MONTH, 1, "mies.", 7990, "23"), priced_gross(MONTH, 1, "mies.", 5990, "23")
    gone = priced_gross("Stały adres IPv4", 1, "mies.", 1200, "23")
    given = {
        "number": "FK/3/11/2026",
        "issued_on": dt.date(2026, 11, 12),
        "due_on": dt.date(2026, 11, 12),
        "transfer_title": "",
        "lines": (replace(before, before=True), after, replace(gone, before=True)),
        "correction": Correction("FV/11/2026/00042", dt.date(2026, 11, 2), "Niższa prędkość od 1 listopada"),
    }
    return invoice(**{**given, **changed})


def sum_invoice(**changed: Any) -> InvoiceDocument:
    """VAT rounded on the sum: three times 0.33 make 0.99, and 0.23 of tax where the lines make 0.24."""
    lines = tuple(priced(name, 1, "szt.", 33, "23") for name in ("Poczta", "Domena", "Adres"))
    return invoice(**{"lines": lines, "rates": (Total("23", 99, 23),), **changed})


MONTH = "Światłowód 600/100, listopad 2026"


def fine_invoice(**changed: Any) -> InvoiceDocument:
    """Prices of one unit that are finer than a grosz: of a minute, of a kilowatt-hour, of a day."""
    made = (
        ("Minuty międzymiastowe", Decimal(1000), Decimal("0.33"), False),
        ("Energia szafy", Decimal("12.5"), Decimal("123456.789012"), False),
        ("Dzierżawa", Decimal(30), Decimal("66.6666"), True),
        ("Abonament", Decimal(1), Decimal(5610), False),
        ("Rabat", Decimal(-2), Decimal("0.5"), False),
    )
    lines = [
        DocumentLine(name, quantity, "szt.", *exactly(quantity, price, "23", gross=gross))
        for name, quantity, price, gross in made
    ]
    return invoice(**{"lines": tuple(lines), **changed})


def long_invoice(**changed: Any) -> InvoiceDocument:
    """A block of flats with every kind of rate: two pages."""
    lines = [priced_gross(f"Dostęp do internetu, lokal nr {flat}", 1, "mies.", 5990, "23") for flat in range(1, 25)]
    lines += [
        priced("Montaż gniazd", 12, "szt.", 4550, "8"),
        priced("Książka „Sieć bez zagadek”", 2, "szt.", 3500, "5"),
        priced("Dostawa wewnątrz kraju", 1, "szt.", 900, "0"),
        priced("Szkolenie dla mieszkańców", Decimal("1.5"), "godz.", 12000, "zw"),
        priced("Prace za granicą", 1, "szt.", 10000, "np"),
    ]
    given = {
        "buyer": COMPANY,
        "lines": tuple(lines),
        "paid": 10000,
        "notes": "Dziękujemy za terminowe wpłaty.\nFaktura bez podpisu.",
        "exemption": "art. 43 ust. 1 pkt 29 ustawy o VAT",
    }
    return invoice(**{**given, **changed})
