"""What payments cover, so that everybody sees the same debt (seed 001, *Płatności*).

A payment that names an invoice goes there first; what is over, and what names none, pays the oldest due first. Money
that went back takes from the latest. So the debt is always what was billed less what came in, and which invoice it
belongs to depends on nothing but the invoices and payments themselves.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from core.billing.models import Invoice, Payment
from core.exchange.keys import change_each, chunks
from core.work import Work, table

_invoice, _payment = table(Invoice), table(Payment)

AT_ONCE = 500
"""Subscribers."""


class Bill(NamedTuple):
    """An invoice of one subscriber; ``gross`` in grosze, never below zero."""

    id: int
    due_on: dt.date
    gross: int


class Paid(NamedTuple):
    """A payment of the same; below zero is money that went back. ``invoice_id`` is the one it names."""

    amount: int
    invoice_id: int | None


def settled(invoices: Sequence[Bill], payments: Iterable[Paid]) -> dict[int, int]:
    """What is left to pay of each invoice, by its id."""
    named: dict[int, int] = defaultdict(int)
    loose = 0
    known = {bill.id for bill in invoices}
    for paid in payments:
        if paid.invoice_id in known:
            named[paid.invoice_id or 0] += paid.amount
        else:
            loose += paid.amount
    covered = {}
    for bill in invoices:
        covered[bill.id] = min(max(named[bill.id], 0), bill.gross)
        loose += named[bill.id] - covered[bill.id]
    for bill in sorted(invoices, key=lambda bill: (bill.due_on, bill.id), reverse=loose < 0):
        room = bill.gross - covered[bill.id] if loose > 0 else covered[bill.id]
        share = min(room, abs(loose))
        covered[bill.id] += share if loose > 0 else -share
        loose -= share if loose > 0 else -share
    return {bill.id: bill.gross - covered[bill.id] for bill in invoices}


def settle(work: Work, subscriber_ids: Iterable[int]) -> int:
    """Bring ``Invoice.unpaid`` of these subscribers up to date; how many invoices changed."""
    changed = 0
    for part in chunks(subscriber_ids, AT_ONCE):
        here = _invoice.c.subscriber_id.in_(part)
        columns = _invoice.c.id, _invoice.c.subscriber_id, _invoice.c.due_on, _invoice.c.gross, _invoice.c.unpaid
        invoices = defaultdict(list)
        unpaid: dict[int, int] = {}
        for row in work.rows(sa.select(*columns).where(here)):
            invoices[row.subscriber_id].append(Bill(row.id, row.due_on, row.gross))
            unpaid[row.id] = row.unpaid
        payments = defaultdict(list)
        wanted = sa.select(_payment.c.subscriber_id, _payment.c.amount, _payment.c.invoice_id)
        for row in work.rows(wanted.where(_payment.c.subscriber_id.in_(part))):
            payments[row.subscriber_id].append(Paid(row.amount, row.invoice_id))
        found = {}
        for subscriber_id, bills in invoices.items():
            found.update(settled(bills, payments[subscriber_id]))
        rows = [{"id": id_, "unpaid": left} for id_, left in found.items() if unpaid[id_] != left]
        change_each(work, Invoice, rows)
        changed += len(rows)
    return changed
