"""Importing payments: a row a payment, known again by the bank's own mark.

A payment that was brought in never changes by a file: another amount under the same mark is a mistake of one of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.billing.allocation import settle
from core.billing.amount_field import Money
from core.errors import say
from core.forms.field_types import FieldKind, Text
from core.forms.formats import Date
from core.i18n.translation import N_
from core.imports.csv import pipeline
from core.imports.csv.cell_types import NOT_YET, Cells, PaymentReference, Ref, Reference, like_lms
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.imports.csv.spool import Packed, Scratch, Seen
from core.imports.pending_rows import Coming
from core.models.billing import Invoice, Payment
from core.models.subscribers import Subscriber
from core.service.bulk import by_key, change_each, insert_each
from core.service.unit_of_work import ReadContext, table

_payment, _invoice, _subscriber = table(Payment), table(Invoice), table(Subscriber)

NEEDED = ("payment", "customer_number", "paid_on", "amount")
OPTIONAL = ("title", "invoice_number")
KINDS: dict[str, FieldKind] = {
    "payment": PaymentReference(),
    "customer_number": Reference(),
    "paid_on": Date(),
    "amount": Money(),
    "title": Text(limit=140),
    "invoice_number": Reference(),
}


@dataclass(frozen=True, slots=True)
class PaymentRow(Packed):
    """One row; ``amount`` in grosze, below zero for money that went back. ``columns`` are the optional ones that are
    there."""

    line: int
    mark: Ref
    customer: Ref
    paid_on: dt.date
    amount: int
    title: str
    invoice: Ref | None
    columns: tuple[str, ...] = OPTIONAL


def read(look: ReadContext, rows: Iterator[Row], report: Report) -> Iterator[PaymentRow]:
    """The rows that are right in themselves."""
    cells = Cells(KINDS, report, blank=OPTIONAL, private=("payment",))
    columns: tuple[str, ...] | None = None
    for row in rows:
        if columns is None:  # all rows have the columns of the header
            columns = tuple(name for name in OPTIONAL if name in row.values)
        values, right = cells.read(row)
        if right and not values["amount"]:
            report.wrong(row.line, "amount", say(N_("A payment of nothing can't be brought in.")))
        elif right and values["paid_on"] > look.today:
            report.wrong(row.line, "paid_on", say(NOT_YET))
        elif right and (what := like_lms(values["payment"].key)) is not None:
            report.wrong(row.line, "payment", what)
        elif right:
            yield PaymentRow(
                row.line,
                values["payment"],
                values["customer_number"],
                values["paid_on"],
                values["amount"],
                values.get("title") or "",
                values.get("invoice_number"),
                columns,
            )


class PaymentsPass(pipeline.Pass[PaymentRow]):
    """Compares rows with the desk, and with a :class:`UnitOfWork` writes them and what they cover."""

    may_change = False
    """Whether a payment that is here already may be corrected (in LMS it may)."""
    coming: Coming | None = None
    """Customers that this run brings as well."""

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self.marks = Seen(scratch, "payment")
        self._touched: set[int] = set()
        """Subscribers whose balance is another one now: bounded by how many there are, not by the rows."""

    def take(self, rows: list[PaymentRow]) -> list[PaymentRow]:
        if self.work is None:
            again = N_("This payment is on line {line} already.")
            self.only_firsts(self.marks, rows, lambda row: row.mark.key, "payment", again)
        look = self.look
        known = by_key(look, [_payment], _payment.c.mark_key, (row.mark.key for row in rows))
        holders = by_key(
            look,
            [_subscriber.c.id, _subscriber.c.number_key],
            _subscriber.c.number_key,
            (row.customer.key for row in rows),
        )
        if self.coming is not None:
            holders = self.coming.customers(holders, {row.customer.key for row in rows})
        invoices = by_key(
            look,
            [_invoice.c.id, _invoice.c.subscriber_id, _invoice.c.number_key],
            _invoice.c.number_key,
            (row.invoice.key for row in rows if row.invoice),
        )
        new, changed, fresh = [], [], []
        for row in rows:
            values = self._values(row, holders, invoices)
            here = known.get(row.mark.key)
            if values is None:
                continue
            if here is None:
                new.append(values)
                fresh.append(row)
                self.report.created += 1
                continue
            names = [name for name, column in _COLUMNS.items() if column not in OPTIONAL or column in row.columns]
            other = [name for name in names if getattr(here, name) != values[name]]
            if not other:
                self.report.unchanged += 1
            elif self.may_change:
                changed.append({"id": here.id, **{name: values[name] for name in names}})
                fresh.append(row)
                self._touched.add(here.subscriber_id)
                self.report.updated += 1
            for name in [] if self.may_change else other:
                self.report.wrong(
                    row.line, _COLUMNS[name], say(N_("This payment is here already, with another value."))
                )
        if self.work is not None and not self.report.errors:
            insert_each(self.work, Payment, [{**values, "created_at": self.work.now} for values in new])
            change_each(self.work, Payment, changed)
            self._touched.update(values["subscriber_id"] for values in (*new, *changed))
        return fresh

    def _values(self, row: PaymentRow, holders: dict[str, Any], invoices: dict[str, Any]) -> dict[str, Any] | None:
        """The row as the table has it, or None when it can't be."""
        holder = holders.get(row.customer.key)
        if holder is None:
            what = say(N_("There is no customer {number} here."), number=row.customer.text)
            self.report.wrong(row.line, "customer_number", what)
            return None
        invoice = None
        if row.invoice is not None:
            invoice = invoices.get(row.invoice.key)
            if invoice is None:
                what = say(N_("There is no invoice {number} here."), number=row.invoice.text)
                self.report.wrong(row.line, "invoice_number", what)
                return None
            if invoice.subscriber_id != holder.id:
                what = say(N_("Invoice {number} was issued to another customer."), number=row.invoice.text)
                self.report.wrong(row.line, "invoice_number", what)
                return None
        return {
            "subscriber_id": holder.id,
            "mark": row.mark.text,
            "mark_key": row.mark.key,
            "paid_on": row.paid_on,
            "amount": row.amount,
            "title": row.title,
            "invoice_id": invoice.id if invoice is not None else None,
        }

    def touch(self, subscriber_id: int) -> None:
        """This subscriber's balance has changed by other means too."""
        self._touched.add(subscriber_id)

    def finish(self) -> None:
        if self.work is not None and not self.report.errors:
            settle(self.work, sorted(self._touched))


_COLUMNS = {
    "subscriber_id": "customer_number",
    "paid_on": "paid_on",
    "amount": "amount",
    "title": "title",
    "invoice_id": "invoice_number",
}
"""What a payment says, and where the file says it."""

KIND = pipeline.FileKind("billing.import", "payment", NEEDED, OPTIONAL, read, PaymentsPass, pace=30_000)

import_payments = pipeline.importing(KIND)
"""Payments from a file; how it is called says :class:`core.imports.csv.pipeline.Import`."""
