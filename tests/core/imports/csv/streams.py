"""What the tests of all kinds of files share: rows, files of them, what came of them, what the desk holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.imports import registry
from core.imports.csv.report import Report
from core.imports.csv.source import Source
from core.models.accounts import Account
from core.models.billing import Invoice, InvoiceLine, InvoiceParty, Payment, Usage
from core.models.care import Invitation
from core.models.companies import Company
from core.models.contracts import Asset, Contract, Cover, Product
from core.models.subscribers import Line, LineAddress, Subscriber
from core.service.desk import Desk
from core.service.settings import SellerSection
from core.service.unit_of_work import table
from tests.factories.subscribers import PESEL

SELLER = SellerSection(
    name="Wiatrołap Internet Sp. z o.o.",
    street="ul. Żabia 7/3",
    postcode="05-120",
    town="Nowe Łęgi",
    tax_id="1234563218",
    bank_account="91123412340000000000000042",
)

SUBSCRIBER = {
    "customer_number": "K-1",
    "name": "Bronisława Ćwiąkała",
    "kind": "person",
    "pesel": PESEL,
    "tax_id": "",
    "street": "ul. Łączna 12 m. 4",
    "postcode": "05-121",
    "town": "Święta Góra",
    "email": "bronia@poczta.example",
    "phone": "+48 600 100 200",
    "language": "pl",
    "bank_account": "91 1234 1234 0000 0000 0000 0042",
    "contract_number": "UA/2024/118",
    "valid_from": "2024-03-01",
    "valid_until": "",
    "monthly_fee": "69,00",
}
LINE = {
    "customer_number": "K-1",
    "contract_number": "UA/2024/118",
    "line": "PN-00000001",
    "product": "Pogodna Net Światło 300",
    "down_mbit": "300",
    "up_mbit": "50",
    "addresses": "203.0.113.7 2001:db8:7::/56",
    "pppoe_login": "bronia@wiatrolap",
    "pppoe_password": "krzywa-jabłoń-7",
    "activated_on": "2024-03-05",
    "street": "",
    "postcode": "",
    "town": "",
}
INVOICE = {
    "invoice_number": "FV/11/2026/1",
    "customer_number": "K-1",
    "contract_number": "UA/2024/118",
    "issued_on": "2026-11-02",
    "sold_on": "2026-11-30",
    "due_on": "2026-11-16",
    "name": "Dostęp do internetu",
    "quantity": "1",
    "unit": "mies.",
    "net_price": "56,10",
    "vat_rate": "23",
}
PAYMENT = {
    "payment": "BANK-0001",
    "customer_number": "K-1",
    "paid_on": "2026-11-10",
    "amount": "69,00",
    "title": "za internet",
    "invoice_number": "",
}
USAGE = {"line": "PN-00000001", "day": "2026-11-10", "down": "123456789012", "up": "987654321"}
CONTRACT = {
    "contract_number": "OK-1",
    "activation_code": "ABCD-EFGH",
    "company": "Tarnina sp. z o.o.",
    "support_level": "gold",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "category": "firewall",
    "vendor": "Barwa",
    "product": "Barwa Mur 40",
    "identifier": "BM4000000001",
}
ACCOUNT = {
    "email": "anna.nowak@example.com",
    "first_name": "Anna",
    "last_name": "Nowak",
    "phone": "600 123 456",
    "company": "Tarnina sp. z o.o.",
    "language": "pl",
}
INVITATION = {
    "email": "zofia@example.com",
    "name": "Zofia Rzepa",
    "address": "ul. Krzywa 3",
    "country": "PL",
    "language": "pl",
}

ROWS = {
    "contracts": CONTRACT,
    "accounts": ACCOUNT,
    "invitations": INVITATION,
    "subscribers": SUBSCRIBER,
    "lines": LINE,
    "invoices": INVOICE,
    "payments": PAYMENT,
    "usage": USAGE,
}
"""A right row of every kind."""
OPTIONS = {"invitations": {"company": "serwis@example.com"}}
"""What a kind is told besides; :func:`tests.factories.cares.service_company` makes that company."""


def right_row(kind: str) -> dict[str, str]:
    """The right row of a kind. Raises LookupError for one that the tests don't know yet."""
    if kind not in ROWS:
        raise LookupError(f"{kind} has no right row: add one to ROWS in tests/core/imports/csv/streams.py")
    return ROWS[kind]


KINDS: dict[str, tuple[Callable[..., Report], dict[str, str]]] = {
    kind.name: (kind.use_case(), right_row(kind.name)) for kind in registry.KINDS.values()
}


class Files:
    """Writes files into a folder and brings them in."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.folder = folder

    def write(self, kind: str, rows: Iterable[Mapping[str, str]], *, encoding: str = "utf-8", mark: str = ";") -> Path:
        """A file with the columns of its first row."""
        found = list(rows)
        lines = [mark.join(found[0]), *(mark.join(row.values()) for row in found)]
        path = self.folder / f"{kind}.csv"
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
        return path

    def bring(self, kind: str, *rows: Mapping[str, str], dry_run: bool = False, seat: Desk | None = None) -> Report:
        """Bring in these rows; without any, the kind's own row."""
        path = self.write(kind, rows or [KINDS[kind][1]])
        return self.bring_file(kind, path, dry_run=dry_run, seat=seat)

    def bring_file(self, kind: str, path: Path, *, dry_run: bool = False, seat: Desk | None = None) -> Report:
        return (seat or self.desk.as_system()).do(
            KINDS[kind][0], Source(path), dry_run=dry_run, **OPTIONS.get(kind, {})
        )


def told(report: Report) -> tuple[int, int, int, int]:
    assert not report.errors, [(slip.line, slip.column, slip.say.text()) for slip in report.errors]
    return report.rows, report.created, report.updated, report.unchanged


def slips(report: Report) -> list[tuple[int, str]]:
    assert all(slip.say.text() for slip in report.errors)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 0) or not report.errors
    return [(slip.line, slip.column) for slip in report.errors]


MODELS = (
    Account,
    Company,
    Invitation,
    Subscriber,
    Contract,
    Asset,
    Product,
    Cover,
    Line,
    LineAddress,
    Invoice,
    InvoiceLine,
    InvoiceParty,
    Payment,
    Usage,
)


def everything(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """All that an import could write, in the order of its keys; of sealed passwords only that they are there."""
    tables = [table(model) for model in MODELS]

    def read(look: Any) -> dict[str, list[tuple[Any, ...]]]:
        return {
            one.name: [
                tuple(json.dumps(value) if isinstance(value, dict) else value for value in row)
                for row in look.rows(sa.select(one).order_by(*one.primary_key))
            ]
            for one in tables
        }

    return desk.as_system().see(read)


def all_of(desk: Desk, model: Any, **where: Any) -> list[Any]:
    columns = table(model).c
    chosen = sa.select(table(model)).where(*(columns[name] == value for name, value in where.items()))
    return list(desk.as_system().see(lambda look: look.rows(chosen.order_by(*table(model).primary_key))))


def one(desk: Desk, model: Any, **where: Any) -> Any:
    (found,) = all_of(desk, model, **where)
    return found
