"""Documents and accounts of an LMS database as invoices and payments.

A document of type 1 is an invoice, with seller and buyer as they stand on it, one of type 3 corrects another
(:mod:`core.imports.lms.corrections`). Everything else on a customer's account (``cash``) is a payment, below zero when
it is a charge or takes back: so the balance is the one that LMS shows. That goes for documents that can't come in, too.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.billing import invoice_document
from core.contracts.number import number_key
from core.errors import say
from core.forms.field_types import FormError
from core.i18n.sanitize import clean
from core.i18n.translation import N_
from core.imports.csv.cell_types import Ref, Reference
from core.imports.csv.report import Report
from core.imports.csv.spool import Scratch, Seen
from core.imports.invoice_rows import InvoiceRows, priced
from core.imports.lms.corrections import Change, Corrections
from core.imports.lms.source import CORRECTION, INVOICE, NET, ORIGIN, PREFIX, DeskFacts, Lms, grosze
from core.imports.payments import PaymentRow


class Billing:
    """Reads them."""

    def __init__(self, lms: Lms, facts: DeskFacts, scratch: Scratch) -> None:
        self._lms = lms
        self._facts = facts
        self._corrections = Corrections(lms, self._contents)
        self._numbers = Seen(scratch, "lms_number")
        self._left_out: set[int] = set()
        """Documents that don't come in: what they charge stands on the account alone."""

    def documents(self, report: Report) -> Iterator[InvoiceRows]:
        """The invoices, with seller and buyer as they stand on them, and then what corrects them."""
        for type_ in (INVOICE, CORRECTION):
            for part in self._lms.stream(self._documents().where(self._lms.of_type(type_))):
                yield from self._invoices(part, report)

    def _documents(self) -> sa.Select[Any]:
        lms, documents, customers = self._lms, self._lms.table("documents"), self._lms.table("customers")
        named = ("name", "address", "zip", "city", "ten", "div_name", "div_address", "div_zip", "div_city", "div_ten")
        columns = [lms.column("documents", name, "") for name in (*named, "div_account", "div_bank")]
        columns += [lms.column("documents", name, 0) for name in ("sdate", "paytime", "flags")]
        columns += [lms.column("documents", "reference"), lms.column("documents", "reason", "")]
        chosen = sa.select(documents.c.id, documents.c.type, documents.c.customerid, *lms.number(), *columns)
        chosen = lms.numbered(chosen).join(customers, customers.c.id == documents.c.customerid)
        return chosen.where(lms.invoices(), lms.customers()).order_by(documents.c.id)

    def _invoices(self, part: Sequence[Any], report: Report) -> Iterator[InvoiceRows]:
        contents = self._contents([row.id for row in part])
        changes = self._corrections.of([row for row in part if row.type == CORRECTION])
        made = []
        for row in part:
            if row.type == INVOICE:
                report.rows += len(contents[row.id])
                made.append(self._invoice(row, contents[row.id], report))
            elif row.id in changes:
                report.rows += len(changes[row.id].lines)
                made.append(self._correction(row, changes[row.id], report))
            else:
                self._left_out.add(row.id)
        invoices = [invoice for invoice in made if invoice is not None]
        firsts = self._numbers.first([(invoice.number.key, invoice.line, b"") for invoice in invoices])
        for invoice in invoices:
            first, _told = firsts.get(invoice.number.key, (invoice.line, b""))
            if first == invoice.line:
                yield invoice
            else:
                self._left_out.add(invoice.line)
                report.warn(invoice.line, "invoice_number", say(_ALIKE, number=invoice.number.text, first=first))

    def _contents(self, ids: Sequence[int]) -> dict[int, list[Any]]:
        contents, taxes = self._lms.table("invoicecontents"), self._lms.table("taxes")
        columns = [contents.c[name] for name in ("docid", "itemid", "value", "content", "description")]
        wanted = sa.select(
            *columns,
            contents.c["count"].label("units"),
            sa.label("percent", taxes.c.value),
            taxes.c.taxed,
            taxes.c.label,
        )
        joined = wanted.join_from(contents, taxes, taxes.c.id == contents.c.taxid)
        rows: dict[int, list[Any]] = defaultdict(list)
        for row in self._lms.rows(joined.order_by(contents.c.docid, contents.c.itemid), contents.c.docid, ids):
            rows[row.docid].append(row)
        return rows

    def _invoice(self, row: Any, contents: list[Any], report: Report) -> InvoiceRows | None:
        try:
            number = Reference().value(self._lms.numbered_as(row))
        except FormError as error:
            report.wrong(row.id, "invoice_number", error.say)
            return None
        issued = self._lms.day(row.cdate) or self._facts.today
        tax_id = "".join(sign for sign in row.ten or "" if sign.isdigit())
        right = invoice_document.right_nip(tax_id)
        buyer = invoice_document.Party(
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
        net = bool(row.flags & NET)
        made.lines = [_priced(content, Decimal(content.value), Decimal(content.units), net=net) for content in contents]
        made.places = [row.id] * len(made.lines)
        made.gross_priced = [not net] * len(made.lines)
        made.origin = f"{ORIGIN}:{row.id}"
        made.with_contract = False  # LMS knows none: what a file says of it stands
        made.with_correction = True
        return made

    def _correction(self, row: Any, change: Change, report: Report) -> InvoiceRows | None:
        """A correction with its lines before and after; None for one that the desk couldn't show as it is."""
        made = self._invoice(row, [], report)
        try:
            corrected = Reference().value(change.number)
        except FormError:
            corrected = None
        odd = any(_rate(item.row) not in invoice_document.RATES for item, _before in change.lines)
        if made is None or corrected is None or odd or change.issued_on > made.issued_on:
            self._left_out.add(row.id)
            return None
        net = bool(row.flags & NET)
        made.lines = [_priced(item.row, item.price, item.units, net=net, before=was) for item, was in change.lines]
        made.places = [row.id] * len(made.lines)
        made.gross_priced = [not net] * len(made.lines)
        made.corrects, made.corrects_on = corrected, change.issued_on
        made.words["reason"] = _cut(row.reason, 256)
        return made

    def cancelled(self) -> Iterator[list[Cancelled]]:
        """Invoices that stand in LMS as cancelled; LMS takes what they charged from the account."""
        lms, documents = self._lms, self._lms.table("documents")
        if "cancelled" not in documents.c:
            return
        customers = lms.table("customers")
        chosen = lms.numbered(sa.select(documents.c.id, documents.c.customerid, *lms.number()))
        joined = chosen.join(customers, customers.c.id == documents.c.customerid)
        where = documents.c.type.in_((INVOICE, CORRECTION)), documents.c.cancelled != 0, lms.customers()
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
        entries = joined.where(lms.customers(), cash.c.value != 0).order_by(cash.c.id)
        for part in lms.stream(entries.where(~billed)):
            yield from self._payments(part, report)
        yield from self._payments(lms.rows(entries, cash.c.docid, sorted(self._left_out)), report)

    def _payments(self, rows: Sequence[Any], report: Report) -> Iterator[PaymentRow]:
        for row in rows:
            report.rows += 1
            mark = f"{PREFIX}{row.id}"
            yield PaymentRow(
                row.id,
                Ref(mark, mark.casefold()),
                Ref(str(row.customerid), str(row.customerid)),
                self._lms.day(row.time) or self._facts.today,
                grosze(Decimal(row.value) * Decimal(row.currencyvalue or 1)),
                _cut(row.comment, 140),
                None,
            )

    def corrected(self) -> Iterator[list[str]]:
        """The marks of what corrections have put on accounts, by which it stood among the payments while the desk
        didn't know corrections."""
        cash, documents = self._lms.table("cash"), self._lms.table("documents")
        chosen = sa.select(cash.c.id, cash.c.docid).join_from(cash, documents, documents.c.id == cash.c.docid)
        ours = chosen.where(documents.c.type == CORRECTION, self._lms.invoices())
        for part in self._lms.stream(ours.order_by(cash.c.id)):
            yield [f"{PREFIX}{row.id}".casefold() for row in part if row.docid not in self._left_out]


class Cancelled(NamedTuple):
    """An invoice that counts no more, known by the key of its number."""

    id: int
    number_key: str
    customer: Ref


def _cut(text: str | None, limit: int) -> str:
    cleaned = clean(text or "")
    return cleaned if len(cleaned) <= limit else f"{cleaned[: limit - 1]}…"


def _seller(row: Any) -> invoice_document.Party | None:
    """Who stands on the document, or nobody where that version didn't write it."""
    tax_id = "".join(sign for sign in row.div_ten or "" if sign.isdigit())
    if not row.div_name or not invoice_document.right_nip(tax_id):
        return None
    account = "".join(sign for sign in row.div_account or "" if sign.isdigit())
    return invoice_document.Party(
        clean(row.div_name),
        clean(row.div_address or ""),
        clean(row.div_zip or ""),
        clean(row.div_city or ""),
        tax_id=tax_id,
        bank_account=account if invoice_document.right_account(account) else "",
        bank_name=clean(row.div_bank or ""),
    )


def _priced(
    row: Any, price: Decimal, quantity: Decimal, *, net: bool, before: bool = False
) -> invoice_document.DocumentLine:
    """A line with the price of one unit as LMS has it: gross, or net, and finer than a grosz."""
    amounts = priced(quantity, price * 100, _rate(row), gross=not net)
    return invoice_document.DocumentLine(
        _cut(row.description, 200), quantity, clean(row.content)[:16], *amounts, before=before
    )


def _rate(row: Any) -> str:
    if row.taxed:
        return f"{Decimal(row.percent).normalize():f}"
    return "np" if clean(row.label).casefold().startswith("n") else "zw"


_ALIKE = N_(
    "Invoice {number} has the number of document {first}, and one number is one invoice here: what it charges stands "
    "on the account without it."
)
