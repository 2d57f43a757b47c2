"""Documents and accounts of an LMS database as invoices and payments.

A document of type 1 is an invoice, with seller and buyer as they stand on it. Everything else on a customer's account
(``cash``) is a payment, below zero when it is a charge or takes back: so the balance is the one that LMS shows.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.billing import document
from core.contracts.activation import number_key
from core.exchange.cells import Ref, Reference
from core.exchange.invoice_rows import InvoiceRows, priced
from core.exchange.lms_database import INVOICE, NET, ORIGIN, PREFIX, Given, Lms, grosze
from core.exchange.payments import PaymentRow
from core.exchange.report import Report
from core.kinds import FormError
from core.text import clean


class Billing:
    """Reads them."""

    def __init__(self, lms: Lms, given: Given) -> None:
        self._lms = lms
        self._given = given

    def documents(self, report: Report) -> Iterator[InvoiceRows]:
        """The invoices, with seller and buyer as they stand on them."""
        lms, documents, customers = self._lms, self._lms.table("documents"), self._lms.table("customers")
        named = ("name", "address", "zip", "city", "ten", "div_name", "div_address", "div_zip", "div_city", "div_ten")
        columns = [lms.column("documents", name, "") for name in (*named, "div_account", "div_bank")]
        columns += [lms.column("documents", name, 0) for name in ("sdate", "paytime", "flags")]
        chosen = sa.select(documents.c.id, documents.c.customerid, *lms.number(), *columns)
        chosen = lms.numbered(chosen).join(customers, customers.c.id == documents.c.customerid)
        for part in lms.stream(chosen.where(lms.invoices(), lms.customers()).order_by(documents.c.id)):
            contents = self._contents([row.id for row in part])
            for row in part:
                made = self._invoice(row, contents[row.id], report)
                report.rows += len(contents[row.id])
                if made is not None:
                    yield made

    def _contents(self, ids: Sequence[int]) -> dict[int, list[Any]]:
        contents, taxes = self._lms.table("invoicecontents"), self._lms.table("taxes")
        columns = [contents.c[name] for name in ("docid", "value", "content", "description")]
        wanted = sa.select(
            *columns,
            contents.c["count"].label("units"),
            sa.label("percent", taxes.c.value),
            taxes.c.taxed,
            taxes.c.label,
        )
        joined = wanted.join_from(contents, taxes, taxes.c.id == contents.c.taxid)
        found: dict[int, list[Any]] = defaultdict(list)
        for row in self._lms.rows(joined.order_by(contents.c.docid, contents.c.itemid), contents.c.docid, ids):
            found[row.docid].append(row)
        return found

    def _invoice(self, row: Any, contents: list[Any], report: Report) -> InvoiceRows | None:
        try:
            number = Reference().value(self._lms.numbered_as(row))
        except FormError as error:
            report.wrong(row.id, "invoice_number", error.say)
            return None
        issued = self._lms.day(row.cdate) or self._given.today
        tax_id = "".join(sign for sign in row.ten or "" if sign.isdigit())
        right = document.right_nip(tax_id)
        buyer = document.Party(
            clean(row.name),
            clean(row.address),
            clean(row.zip or ""),
            clean(row.city or ""),
            tax_id=tax_id if right else "",
        )
        made = InvoiceRows(
            row.id,
            number,
            Ref(str(row.customerid), str(row.customerid)),
            None,
            issued,
            self._lms.day(row.sdate) or issued,
            issued + dt.timedelta(days=max(row.paytime or 0, 0)),
            None,
            # A tax number that is none (a foreign one) still stands on the invoice.
            {} if right or not row.ten else {"notes": f"NIP {clean(row.ten)}"},
            seller=_seller(row),
            buyer=buyer,
        )
        made.lines = [_priced(one, net=bool(row.flags & NET)) for one in contents]
        made.places = [row.id] * len(contents)
        made.origin = f"{ORIGIN}:{row.id}"
        made.with_contract = False  # LMS knows none: what a file says of it stands
        return made

    def cancelled(self) -> Iterator[list[Cancelled]]:
        """Invoices that stand in LMS as cancelled; LMS takes what they charged from the account."""
        lms, documents = self._lms, self._lms.table("documents")
        if "cancelled" not in documents.c:
            return
        customers = lms.table("customers")
        chosen = lms.numbered(sa.select(documents.c.id, documents.c.customerid, *lms.number()))
        joined = chosen.join(customers, customers.c.id == documents.c.customerid)
        where = documents.c.type == INVOICE, documents.c.cancelled != 0, lms.customers()
        for part in lms.stream(joined.where(*where).order_by(documents.c.id)):
            yield [
                Cancelled(row.id, number_key(lms.numbered_as(row)), Ref(str(row.customerid), str(row.customerid)))
                for row in part
            ]

    def cash(self, report: Report) -> Iterator[PaymentRow]:
        """Everything on the accounts of customers that is no line of an invoice that came in."""
        lms, cash, customers = self._lms, self._lms.table("cash"), self._lms.table("customers")
        documents = lms.table("documents")
        billed = sa.select(documents.c.id).where(documents.c.id == cash.c.docid, lms.invoices()).exists()
        rate = lms.column("cash", "currencyvalue", 1)
        chosen = sa.select(cash.c.id, cash.c.time, cash.c.value, rate, cash.c.customerid, cash.c.comment)
        joined = chosen.join_from(cash, customers, customers.c.id == cash.c.customerid)
        for part in lms.stream(joined.where(lms.customers(), cash.c.value != 0, ~billed).order_by(cash.c.id)):
            for row in part:
                report.rows += 1
                mark = f"{PREFIX}{row.id}"
                yield PaymentRow(
                    row.id,
                    Ref(mark, mark.casefold()),
                    Ref(str(row.customerid), str(row.customerid)),
                    lms.day(row.time) or self._given.today,
                    grosze(Decimal(row.value) * Decimal(row.currencyvalue or 1)),
                    _cut(row.comment, 140),
                    None,
                )


class Cancelled(NamedTuple):
    """An invoice that counts no more, known by the key of its number."""

    id: int
    number_key: str
    customer: Ref


def _cut(text: str | None, limit: int) -> str:
    kept = clean(text or "")
    return kept if len(kept) <= limit else f"{kept[: limit - 1]}…"


def _seller(row: Any) -> document.Party | None:
    """Who stands on the document, or nobody where that version didn't write it."""
    tax_id = "".join(sign for sign in row.div_ten or "" if sign.isdigit())
    if not row.div_name or not document.right_nip(tax_id):
        return None
    account = "".join(sign for sign in row.div_account or "" if sign.isdigit())
    return document.Party(
        clean(row.div_name),
        clean(row.div_address or ""),
        clean(row.div_zip or ""),
        clean(row.div_city or ""),
        tax_id=tax_id,
        bank_account=account if document.right_account(account) else "",
        bank_name=clean(row.div_bank or ""),
    )


def _priced(row: Any, *, net: bool) -> document.Line:
    """A line with the price of one unit as LMS has it: gross, or net, and finer than a grosz."""
    quantity, price = Decimal(row.units), Decimal(row.value) * 100
    rate = str(int(row.percent)) if row.taxed else "np" if clean(row.label).casefold().startswith("n") else "zw"
    amounts = priced(quantity, price, rate, gross=not net)
    return document.Line(_cut(row.description, 200), quantity, clean(row.content)[:16], *amounts)
