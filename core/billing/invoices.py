"""A subscriber's invoices: the list, one as a document, as PDF, and as the state's XML."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from core.billing import corrections, invoice_document, transfer_code
from core.billing.statement import whose
from core.contracts.number import number_key
from core.db import pagination
from core.db.pagination import Page
from core.db.ready import ReadyStatement
from core.models.billing import Invoice, InvoiceLine, InvoiceParty
from core.models.contracts import Contract
from core.models.subscribers import Subscriber
from core.service.unit_of_work import ReadContext, not_found, table

_invoice, _line, _party = table(Invoice), table(InvoiceLine), table(InvoiceParty)
_subscriber, _contract = table(Subscriber), table(Contract)

_PARTY = {field.name for field in dataclasses.fields(invoice_document.Party)}
THOUSAND = 1000
"""Quantities are kept in thousandths."""


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One line of the list; amounts in grosze. ``corrects`` is the number of the invoice it corrects, empty for one
    that corrects none; ``corrected`` says that another one corrects it."""

    id: int
    number: str
    issued_on: dt.date
    due_on: dt.date
    gross: int
    unpaid: int
    overdue: bool
    corrects: str = ""
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    """An invoice with what became of it since. ``account`` is where what is still unpaid goes (26 digits, empty where
    nobody has said one), ``code`` what a banking app reads off the picture, empty when there is nothing to pay.
    ``family`` are the invoices that belong together with it, itself among them (:mod:`core.billing.corrections`)."""

    row: InvoiceRow
    document: invoice_document.InvoiceDocument
    account: str
    code: str
    family: tuple[InvoiceRow, ...] = ()

    @property
    def correcting(self) -> tuple[InvoiceRow, ...]:
        """Those of the family that correct this one."""
        own = number_key(self.row.number)
        return tuple(row for row in self.family if row.corrects and number_key(row.corrects) == own)

    @property
    def next(self) -> InvoiceRow | None:
        """The one of the family that is looked at next: after the last one comes the first."""
        at = [row.id for row in self.family].index(self.row.id) + 1 if self.family else 0
        others = [*self.family[at:], *self.family[:at]]
        return others[0] if len(others) > 1 else None


@dataclass(frozen=True, slots=True)
class File:
    """An invoice as a file: ``name`` is safe for any file system, ``kind`` its media type."""

    name: str
    kind: str
    content: bytes = dataclasses.field(repr=False)


def page(look: ReadContext, ask: pagination.PageRequest, subscriber_id: int | None = None) -> Page[InvoiceRow]:
    """Invoices within sight of one subscriber (the actor's own by default), the latest first."""
    of, today = whose(look, subscriber_id), look.today
    statement = _page(pagination.way_of(ask))
    return pagination.fetch(look, statement, _LATEST, ask, lambda row: _row(row, today), of=of)


_LATEST = (_invoice.c.issued_on, _invoice.c.id)


@lru_cache(maxsize=4)
def _page(way: str) -> ReadyStatement:
    """Made once; whose it may be was asked before."""
    names = ("id", "number", "issued_on", "due_on", "gross", "unpaid", "corrects")
    mine = _invoice.c.subscriber_id == sa.bindparam("of", type_=sa.BigInteger())
    columns = [_invoice.c[name] for name in names]
    query = sa.select(*columns, corrections.corrected().label("corrected")).where(mine)
    return ReadyStatement(pagination.ordered(query, _LATEST, way))


def _row(row: Any, today: dt.date, *, corrected: bool | None = None) -> InvoiceRow:
    late = row.unpaid > 0 and row.due_on < today
    values = row.id, row.number, row.issued_on, row.due_on, row.gross, row.unpaid, late, row.corrects
    return InvoiceRow(*values, bool(row.corrected) if corrected is None else corrected)


def read(look: ReadContext, invoice_id: int) -> invoice_document.InvoiceDocument:
    """One within sight, as it was issued."""
    return _document(look, look.find(Invoice, invoice_id))


def opened(look: ReadContext, invoice_id: int) -> InvoiceDetail:
    """One within sight, to be looked at and paid: to the account that stands on it."""
    invoice = look.find(Invoice, invoice_id)
    rows = corrections.family(look, invoice)
    named = {row.corrects_key for row in rows}
    family = tuple(_row(row, look.today, corrected=row.number_key in named) for row in rows)
    document, row = _document(look, invoice), next(row for row in family if row.id == invoice_id)
    seller = document.seller
    account = seller.bank_account or look.settings.seller.bank_account
    code = transfer_code.payload(seller.name, account, row.unpaid, row.number, seller.tax_id)
    return InvoiceDetail(row, document, account, code if row.unpaid > 0 and account else "", family)


def by_number(look: ReadContext, number: str) -> int:
    """The id of the invoice within sight with this number, however it is spaced or capitalised."""
    invoice_id = look.value(look.scoped(Invoice, _invoice.c.id).where(_invoice.c.number_key == number_key(number)))
    if invoice_id is None:
        raise not_found()
    return int(invoice_id)


def pdf(look: ReadContext, invoice_id: int, language: str = "") -> File:
    """As a PDF in ``language`` (the actor's own by default)."""
    return _pdf(read(look, invoice_id), language or look.actor.language)


def xml(look: ReadContext, invoice_id: int) -> File:
    """For the national e-invoice system. Raises :class:`core.errors.Invalid` where the schema or the sums forbid it."""
    from core.billing import fa3  # deferred: start-up, the XML library

    document = read(look, invoice_id)
    return File(_file_name(document.number, "xml"), "application/xml", fa3.xml(document))


def attached(look: ReadContext, invoice_id: int, language: str) -> File:
    """The PDF that goes with a letter; for the worker that sends it, to whoever the letter was promised."""
    invoice = look.unscoped(Invoice, _invoice.c.id == invoice_id)
    if invoice is None:
        raise not_found()
    return _pdf(_document(look, invoice), language)


def _pdf(document: invoice_document.InvoiceDocument, language: str) -> File:
    from core.billing.pdf import invoice as drawing  # deferred: start-up, fpdf2 (250 ms)

    return File(_file_name(document.number, "pdf"), "application/pdf", drawing.render(document, language))


def _file_name(number: str, ending: str) -> str:
    """``FV/7/2026`` becomes ``FV-7-2026.pdf``: letters, digits and single dashes."""
    return f"{re.sub(r'[^0-9A-Za-z]+', '-', number).strip('-') or 'invoice'}.{ending}"


def _document(look: ReadContext, invoice: Invoice) -> invoice_document.InvoiceDocument:
    rows = look.rows(sa.select(_line).where(_line.c.invoice_id == invoice.id).order_by(_line.c.position))
    parties = {
        row.id: invoice_document.Party(**{name: value for name, value in row.body.items() if name in _PARTY})
        for row in look.rows(sa.select(_party).where(_party.c.id.in_([invoice.seller_id, invoice.buyer_id])))
    }
    subscriber = look.unscoped(Subscriber, _subscriber.c.id == invoice.subscriber_id)
    contract = look.unscoped(Contract, _contract.c.id == invoice.contract_id) if invoice.contract_id else None
    return invoice_document.InvoiceDocument(
        number=invoice.number,
        issued_on=invoice.issued_on,
        sold_on=invoice.sold_on,
        due_on=invoice.due_on,
        seller=_paid_to(parties[invoice.seller_id], invoice.bank_account),
        buyer=parties[invoice.buyer_id],
        lines=tuple(_document_line(row) for row in rows),
        customer_number=subscriber.number if subscriber else "",
        contract_number=contract.number if contract else "",
        period=invoice.period,
        notes=invoice.notes,
        exemption=invoice.exemption,
        rates=tuple(invoice_document.Total(*total) for total in invoice.rates or ()),
        correction=_correction(invoice),
    )


def _correction(invoice: Invoice) -> invoice_document.Correction | None:
    if not invoice.corrects:
        return None
    return invoice_document.Correction(invoice.corrects, invoice.corrects_on or invoice.issued_on, invoice.reason)


def _paid_to(seller: invoice_document.Party, account: str) -> invoice_document.Party:
    """The seller with the account that this subscriber was to pay to."""
    return dataclasses.replace(seller, bank_account=account) if account else seller


def _document_line(row: Any) -> invoice_document.DocumentLine:
    quantity = (Decimal(row.quantity) / THOUSAND).normalize()
    values = row.net_price, row.rate, row.net, row.vat, row.gross, row.unit_price, row.before
    return invoice_document.DocumentLine(row.name, quantity, row.unit, *values)
