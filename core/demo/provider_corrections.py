"""The demo's correcting invoice: some days without a connection, taken off what was billed for the month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.billing.invoice_document import DocumentLine, priced_gross
from core.contracts.number import number_key
from core.models.billing import Invoice, InvoiceLine
from core.service.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from core.demo.provider_bills import DemoBill

_AFTER = dt.timedelta(days=2)
"""From the invoice to its correction: nobody in the demo has paid by then."""
_DAYS_OFF, _OF = 3, 30
_PART = "subscriber"
"""Whose it is in the demo: somebody who can be played."""


def corrected(bills: Sequence[DemoBill]) -> list[DemoBill]:
    """The bills, one of them lowered by a correction: the last but one of the first of those who can be played."""
    theirs = [bill for bill in bills if bill.subscriber.part == _PART]
    own = [bill for bill in theirs if bill.subscriber.id == theirs[0].subscriber.id and bill.paid_on is not None]
    if len(own) < 2:
        return list(bills)
    chosen = own[-2]
    return [replace(bill, lowered=_line(bill).gross) if bill.id == chosen.id else bill for bill in bills]


def write(work: UnitOfWork, bills: Sequence[DemoBill], rows: Sequence[dict[str, Any]]) -> None:
    """The corrections of ``bills``; ``rows`` are the invoices as they were written."""
    first_id = max(bill.id for bill in bills) + 1
    lowered = [(bill, row) for bill, row in zip(bills, rows, strict=True) if bill.lowered]
    for id_, (bill, row) in enumerate(lowered, start=first_id):
        line = _line(bill)
        number, issued = bill.number.replace("FV/", "FK/"), bill.issued + _AFTER
        noon = dt.datetime.combine(issued, dt.time(12), dt.UTC)
        sums = {"net": -line.net, "vat": -line.vat, "gross": -line.gross}
        own = {"id": id_, "number": number, "number_key": number_key(number), "issued_on": issued, "due_on": issued}
        of = {"corrects": bill.number, "corrects_key": number_key(bill.number), "corrects_on": bill.issued}
        why = {"reason": "Przerwa w dostępie do internetu", "unpaid": 0, "created_at": noon}
        mail = {"mailed_at": noon if row["mailed_at"] else None, "due_told_at": None, "overdue_told_at": None}
        work.add_all(Invoice, [{**row, **own, **sums, **of, **why, **mail}])
        names = ("name", "unit", "rate")
        same = {name: getattr(line, name) for name in names}
        signed = {name: -getattr(line, name) for name in ("net", "vat", "gross")}
        back = {"quantity": -1000, "net_price": line.net_price}
        work.add_all(InvoiceLine, [{"invoice_id": id_, "position": 1, **same, **back, **signed}])


def _line(bill: DemoBill) -> DocumentLine:
    """What is taken off, above zero."""
    first = bill.lines[0]
    return priced_gross(f"Bonifikata za {_DAYS_OFF} dni przerwy", 1, "szt.", first.gross * _DAYS_OFF // _OF, first.rate)
