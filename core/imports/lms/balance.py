"""Invoices and payments of an LMS database, compared with the desk and written; and what it has no more of them.

What was issued never changes here. Only what came from LMS, and belongs to customers of this run, leaves the balance:
who is deleted in LMS keeps invoices and payments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from core.errors import say
from core.i18n.translation import N_, gettext, speaking
from core.imports.csv.cell_types import Ref
from core.imports.csv.report import Report
from core.imports.csv.spool import Scratch, Seen
from core.imports.invoice_rows import InvoiceRows
from core.imports.invoices import InvoicesPass
from core.imports.lms.removal_guard import Brake
from core.imports.lms.source import ORIGIN, PREFIX
from core.imports.payments import PaymentRow, PaymentsPass
from core.imports.pending_rows import Coming
from core.models.billing import Invoice, Payment
from core.models.subscribers import Subscriber
from core.service.bulk import by_key, change_each, chunks, parts_of
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_invoice, _payment, _subscriber = table(Invoice), table(Payment), table(Subscriber)

_OURS = PREFIX.casefold()
_ISSUED = _invoice.c.origin.startswith(f"{ORIGIN}:", autoescape=True)


class DocumentsPass(Brake, InvoicesPass):
    """Invoices. One that LMS has changed stays as it was issued here, and is told: it keeps nothing else away."""

    gone_column = "invoices"
    gone_words = N_(
        "{gone} of {all} invoices would be taken out of the balance, because LMS has them no more. Is it the right "
        "database, and all of it? If so, say --allow-removal."
    )

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self.coming = Coming(scratch) if self.work is None else None
        self._customers = Seen(scratch, "customer")
        self._other: list[tuple[int, str]] = []
        scratch.make("adopted (id INTEGER PRIMARY KEY, origin TEXT)")

    def _check_corrected(self, rows: list[InvoiceRows], holders: dict[str, Any]) -> None:
        """LMS says by ids what corrects what; a number may be another seller's as well."""

    def _otherwise(self, line: int, column: str) -> None:
        if self.work is not None:  # somebody has brought it in since it was compared
            super()._otherwise(line, column)
        self._other.append((line, column))

    def _same(
        self, row: InvoiceRows, values: dict[str, Any], here: Any, lines: dict[int, list[tuple[Any, ...]]]
    ) -> bool:
        self._other.clear()
        if not super()._same(row, values, here, lines):
            if self.work is None:
                self.report.warn(*self._other[0], say(_OTHER, number=here.number))
                self.report.unchanged += len(row.lines)
            return False
        if not here.origin:
            self.scratch.put("INSERT OR REPLACE INTO adopted VALUES (?, ?)", [(here.id, row.origin)])
            self.report.updated += len(row.lines)
            self.report.unchanged -= len(row.lines)
        return True

    def finish(self) -> None:
        if self.work is not None:
            for part in chunks(self.scratch.rows("SELECT id, origin FROM adopted")):
                change_each(self.work, Invoice, [{"id": id_, "origin": origin} for id_, origin in part])
        else:
            cancelled = Seen(self.scratch, "cancelled")
            for part in self.aside["cancelled"].parts():
                cancelled.first(
                    [(_of(document.customer.key, document.number_key), document.id, b"") for document in part]
                )
            number = self.look.value(sa.select(sa.func.count()).select_from(_invoice).where(_ISSUED))
            self.gone(self._left(cancelled), _GONE, number)
        super().finish()

    def _left(self, cancelled: Seen) -> Iterator[tuple[int]]:
        """Invoices of customers of this run whose document is gone, or stands on somebody else, and that count still.
        Those that stand as cancelled are no loss (:meth:`PaymentsOfLms._cancel`)."""
        columns = _invoice.c.id, _invoice.c.number_key, _subscriber.c.number_key.label("holder")
        of = _invoice.join(_subscriber, _subscriber.c.id == _invoice.c.subscriber_id)
        entry = sa.select(_payment.c.id).where(_payment.c.invoice_id == _invoice.c.id, _ENTRY).exists()
        wanted = sa.select(*columns).select_from(of).where(_ISSUED, _invoice.c.gross != 0, ~entry)
        for rows in parts_of(self.look, wanted, _invoice.c.id):
            there = self.numbers.digests({row.number_key for row in rows})
            here = self._customers.lines({row.holder for row in rows})
            known = cancelled.lines({_of(row.holder, row.number_key) for row in rows})
            for row in rows:
                gone = there.get(row.number_key) != row.holder.encode() and row.holder in here
                if gone and _of(row.holder, row.number_key) not in known:
                    yield (row.id,)


class PaymentsOfLms(Brake, PaymentsPass):
    """What stands on accounts in LMS, where somebody may correct it.

    An invoice that was cancelled in LMS after it came in, or deleted, stays as it was issued, and an entry of its
    amount beside the payments takes it out of the balance, so that it is not asked for any more. One that was
    cancelled, issued again and cancelled again is one invoice here, and has one entry.
    """

    may_change = True
    gone_column = "payments"
    gone_words = N_(
        "{gone} of {all} payments would be taken away, because LMS has them no more. Is it the right database, and all "
        "of it? If so, say --allow-removal."
    )

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self.coming = Coming(scratch) if self.work is None else None
        self._customers = Seen(scratch, "customer")
        self._invoices = Seen(scratch, "invoice")
        scratch.make(f"gone_invoices ({_GONE})")

    def finish(self) -> None:
        if self.work is not None:
            self._take_away(self.work)
        else:
            self._cancel()
            for ids in chunks(self.scratch.rows("SELECT id FROM gone_invoices")):
                self._enter(self.look.rows(_ENTERED.where(_invoice.c.id.in_([id_ for (id_,) in ids]))))
            begins = _payment.c.mark_key.startswith(_OURS, autoescape=True)
            number = self.look.value(sa.select(sa.func.count()).select_from(_payment).where(begins))
            self.gone(self._left(), "id INTEGER PRIMARY KEY, holder INTEGER", number, beside=-self._stood_for())
        super().finish()

    def take(self, rows: list[PaymentRow]) -> list[PaymentRow]:
        if self.work is not None:
            ids = [row.invoice.key for row in rows if row.invoice is not None]
            for part in chunks(ids):
                self.work.change(Invoice, _invoice.c.number_key.in_(part), _invoice.c.mail_due, mail_due=False)
        return super().take(rows)

    def _cancel(self) -> None:
        """An entry for each invoice that is here and cancelled there, whichever way it came: LMS and a file don't
        give one number to two invoices of one customer."""
        for part in self.aside["cancelled"].parts():
            wanted = {(document.customer.key, document.number_key) for document in part}
            keys = {key for _holder, key in wanted}
            again = self._invoices.digests(keys)
            for some in chunks(keys):
                here = self.look.rows(_ENTERED.where(_invoice.c.number_key.in_(some)))
                gone = [row for row in here if again.get(row.number_key) != row.holder.encode()]
                self._enter([row for row in gone if (row.holder, row.number_key) in wanted])

    def _enter(self, invoices: Sequence[Any]) -> None:
        """At most one for each of them, however often LMS has it."""
        rows = {row.mark.key: row for row in map(self._entry, invoices) if row.amount}
        there = self.marks.lines(rows)
        fresh = [row for key, row in rows.items() if key not in there]
        self.report.rows += len(fresh)
        self.fresh.put(self.take(fresh))

    def _entry(self, invoice: Any) -> PaymentRow:
        with speaking(self.look.settings.desk.language):
            title = gettext(_CANCELLED).format(number=invoice.number)
        document = invoice.origin.removeprefix(f"{ORIGIN}:")
        # By our invoice, not by the document: that may get another number in LMS, and is two invoices here then.
        mark = f"{_MARK}{invoice.id}"
        return PaymentRow(
            int(document or 0),
            Ref(mark, mark.casefold()),
            Ref(invoice.holder, invoice.holder),
            invoice.issued_on,
            invoice.gross,
            title[:140],
            Ref(invoice.number, invoice.number_key),
        )

    def _left(self) -> Iterator[tuple[int, int]]:
        """Payments of customers of this run that stand on their accounts no more."""
        columns = [_payment.c.id, _payment.c.mark_key, _payment.c.subscriber_id, _subscriber.c.number_key]
        of = _payment.join(_subscriber, _subscriber.c.id == _payment.c.subscriber_id)
        named = _invoice.c.number_key.label("invoice")
        wanted = sa.select(*columns, named).select_from(of.outerjoin(_invoice, _invoice.c.id == _payment.c.invoice_id))
        ours = wanted.where(_payment.c.mark_key.startswith(_OURS, autoescape=True))
        for rows in parts_of(self.look, ours, _payment.c.id):
            there = self.marks.lines({row.mark_key for row in rows})
            here = self._customers.lines({row.number_key for row in rows})
            valid = self._invoices.digests({row.invoice for row in rows if row.invoice})
            for row in rows:
                # What cancels an invoice only goes when the invoice is back, not when LMS forgets both.
                stands = row.invoice and valid.get(row.invoice) == row.number_key.encode()
                back = not row.mark_key.startswith(_MARK.casefold()) or stands
                if row.mark_key not in there and row.number_key in here and back:
                    yield row.id, row.subscriber_id

    def _stood_for(self) -> int:
        """Payments that stood for a correction, which has come in itself by now: they go, and nothing is lost."""
        number = 0
        for marks in self.aside["corrected"].parts():
            number += len(by_key(self.look, [_payment.c.id, _payment.c.mark_key], _payment.c.mark_key, marks))
        return number

    def _take_away(self, work: UnitOfWork) -> None:
        for part in self.parts():
            work.connection.execute(sa.delete(_payment).where(_payment.c.id.in_([id_ for id_, _holder in part])))
            for _id, holder in part:
                self.touch(holder)


def _of(holder: str, number_key: str) -> str:
    return f"{holder} {number_key}"


_MARK = f"{PREFIX}D"
"""Begins the marks of entries that cancel invoices, before the invoice's id."""
_ENTRY = _payment.c.mark_key.startswith(_MARK.casefold(), autoescape=True)
_ENTERED = sa.select(
    *(_invoice.c[name] for name in ("id", "number", "number_key", "origin", "issued_on", "gross")),
    _subscriber.c.number_key.label("holder"),
).join_from(_invoice, _subscriber, _subscriber.c.id == _invoice.c.subscriber_id)
"""What an entry says of an invoice."""
_GONE = "id INTEGER PRIMARY KEY"
_CANCELLED = N_("Cancelled: invoice {number}")
_OTHER = N_("Invoice {number} is here already and was issued otherwise; it stays as it is here.")
