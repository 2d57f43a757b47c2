"""What payments cover, so that everybody sees the same debt.

A payment that names an invoice goes there first; what is over, and what names none, pays the oldest due first. Money
that went back takes from the latest. A correction that lowers what is owed is as if so much had been paid for the
invoice it corrects. So the debt is always what was billed less what came in, and which invoice it
belongs to depends on nothing but the invoices and payments themselves.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.models.billing import Invoice, Payment
from core.service.bulk import by_key, change_each, chunks
from core.service.unit_of_work import UnitOfWork, table

_invoice, _payment = table(Invoice), table(Payment)

AT_ONCE = 500
"""Subscribers."""


class OpenInvoice(NamedTuple):
    """An invoice of one subscriber; ``gross`` in grosze, below zero for a correction that lowers what is owed.
    ``corrects`` is the one it corrects, if that is here."""

    id: int
    due_on: dt.date
    gross: int
    corrects: int | None = None


class Paid(NamedTuple):
    """A payment of the same; below zero is money that went back. ``invoice_id`` is the one it names."""

    amount: int
    invoice_id: int | None


def settled(invoices: Sequence[OpenInvoice], payments: Iterable[Paid]) -> dict[int, int]:
    """What is left to pay of each invoice, by its id."""
    named: dict[int, int] = defaultdict(int)
    loose = 0
    known = {bill.id: bill for bill in invoices}
    lowering = [Paid(-bill.gross, bill.id) for bill in invoices if bill.gross < 0]
    for paid in (*payments, *lowering):
        owed = _owed(known, paid.invoice_id)
        if owed is None:
            loose += paid.amount
        else:
            named[owed] += paid.amount
    bills = [bill for bill in invoices if bill.gross >= 0]
    covered = {}
    for bill in bills:
        covered[bill.id] = min(max(named[bill.id], 0), bill.gross)
        loose += named[bill.id] - covered[bill.id]
    for bill in sorted(bills, key=lambda bill: (bill.due_on, bill.id), reverse=loose < 0):
        room = bill.gross - covered[bill.id] if loose > 0 else covered[bill.id]
        share = min(room, abs(loose))
        covered[bill.id] += share if loose > 0 else -share
        loose -= share if loose > 0 else -share
    return {bill.id: bill.gross - covered[bill.id] if bill.gross > 0 else 0 for bill in invoices}


def _owed(known: dict[int, OpenInvoice], id_: int | None) -> int | None:
    """The invoice that what names ``id_`` is for: of a correction that owes nothing the one it corrects, which may be a
    correction itself. None when it isn't here."""
    passed: set[int] = set()
    while id_ in known and id_ not in passed and known[id_].gross <= 0:
        passed.add(id_)
        id_ = known[id_].corrects
    return id_ if id_ in known and id_ not in passed else None


def settle(work: UnitOfWork, subscriber_ids: Iterable[int]) -> int:
    """Bring ``Invoice.unpaid`` of these subscribers up to date; how many invoices changed."""
    changed = 0
    for part in chunks(subscriber_ids, AT_ONCE):
        here = _invoice.c.subscriber_id.in_(part)
        columns = [_invoice.c[name] for name in ("id", "subscriber_id", "due_on", "gross", "unpaid", "corrects_key")]
        billed = work.rows(sa.select(*columns).where(here))
        corrected = _corrected(work, [row for row in billed if row.corrects_key])
        invoices = defaultdict(list)
        unpaid: dict[int, int] = {}
        for row in billed:
            named = corrected.get((row.subscriber_id, row.corrects_key))
            invoices[row.subscriber_id].append(OpenInvoice(row.id, row.due_on, row.gross, named))
            unpaid[row.id] = row.unpaid
        payments = defaultdict(list)
        wanted = sa.select(_payment.c.subscriber_id, _payment.c.amount, _payment.c.invoice_id)
        for row in work.rows(wanted.where(_payment.c.subscriber_id.in_(part))):
            payments[row.subscriber_id].append(Paid(row.amount, row.invoice_id))
        left_of = {}
        for subscriber_id, bills in invoices.items():
            left_of.update(settled(bills, payments[subscriber_id]))
        rows = [{"id": id_, "unpaid": left} for id_, left in left_of.items() if unpaid[id_] != left]
        change_each(work, Invoice, rows)
        changed += len(rows)
    return changed


def _corrected(work: UnitOfWork, corrections: Sequence[Any]) -> dict[tuple[int, str], int]:
    """The invoices that ``corrections`` name, by subscriber and number: one of somebody else is none of theirs."""
    columns = [_invoice.c[name] for name in ("id", "subscriber_id", "number_key")]
    invoices = by_key(work, columns, _invoice.c.number_key, (row.corrects_key for row in corrections))
    return {(row.subscriber_id, key): row.id for key, row in invoices.items()}
