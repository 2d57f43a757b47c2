"""What a subscriber owes and has paid: the balance, what is due, and each invoice and payment with the balance it left.

Rows are read by two covering indexes and joined in order; the running balance of a page is the sum of everything up to
its first row and is then taken apart row by row, so that a page costs the same after twenty years.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from core.billing import corrections, transfer_code
from core.db import pagination
from core.db.pagination import Page
from core.db.ready import ReadyStatement
from core.models.billing import Invoice, Payment
from core.models.subscribers import Subscriber
from core.service.unit_of_work import ReadContext, not_found, table

_invoice, _payment, _subscriber = table(Invoice), table(Payment), table(Subscriber)

INVOICE, PAYMENT = 0, 1
"""In the order of one day: it is billed, then paid."""


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One row. ``amount`` is in grosze, below zero for an invoice; ``balance`` is what it left. ``due_on`` and
    ``unpaid`` are an invoice's; ``overdue`` when something of it is still to be paid and its day is over. ``corrects``
    is the number of the invoice it corrects: what that lowers is above zero; ``corrected`` says that another one
    corrects it."""

    kind: int
    ref: int
    on: dt.date
    label: str
    amount: int
    balance: int
    due_on: dt.date | None = None
    unpaid: int = 0
    overdue: bool = False
    corrects: str = ""
    corrected: bool = False

    @property
    def id(self) -> tuple[int, int]:
        """Tells the row from every other: invoices and payments count apart."""
        return self.kind, self.ref


@dataclass(frozen=True, slots=True)
class Summary:
    """Where a subscriber stands; amounts in grosze. ``to_pay`` is what is owed, ``next_due`` the day and
    amount of the one due next; ``since`` the first day that is overdue. The rest is for a transfer: ``code`` is what
    a banking app reads off the picture, empty when there is nothing to pay or no account to pay to."""

    balance: int
    to_pay: int
    next_due: tuple[dt.date, int] | None
    overdue: int
    since: dt.date | None
    recipient: str
    account: str
    title: str
    code: str


def summary(look: ReadContext, subscriber_id: int | None = None) -> Summary:
    """Of a subscriber within sight; the actor's own by default."""
    of = whose(look, subscriber_id)
    stands = look.rows(_stands(), of=of)[0]
    balance = int(stands.paid) - int(stands.billed)
    unpaid = look.rows(_wanted(), of=of)
    # A charge that no invoice was issued for is in the balance alone.
    to_pay = max(sum(row.unpaid for row in unpaid), -balance)
    late = [row for row in unpaid if row.due_on < look.today]
    coming = [row for row in unpaid if row.due_on >= look.today]
    seller = look.settings.seller
    account = stands.bank_account or seller.bank_account
    named = title([row.number for row in unpaid], stands.number)
    return Summary(
        balance,
        to_pay,
        (coming[0].due_on, sum(row.unpaid for row in coming if row.due_on == coming[0].due_on)) if coming else None,
        sum(row.unpaid for row in late),
        late[0].due_on if late else None,
        seller.name,
        account,
        named,
        transfer_code.payload(seller.name, account, to_pay, named, seller.tax_id) if to_pay and account else "",
    )


def title(invoices: Sequence[str], customer: str) -> str:
    """What a transfer is to be called: the invoice when it pays just one, else the customer's number."""
    return invoices[0] if len(invoices) == 1 else customer


def whose(look: ReadContext, subscriber_id: int | None) -> int:
    """The subscriber that is asked about, the actor's own by default; :class:`core.errors.NotFound` for one out of
    sight. Whoever asks about themselves was found when the session was."""
    if subscriber_id is None or subscriber_id == look.actor.subscriber_id:
        if look.actor.subscriber_id is None:
            raise not_found()
        return look.actor.subscriber_id
    return look.find(Subscriber, subscriber_id).id


_of: sa.BindParameter[int] = sa.bindparam("of", type_=sa.BigInteger())
_billed = sa.func.coalesce(sa.func.sum(_invoice.c.gross), 0)
_paid = sa.func.coalesce(sa.func.sum(_payment.c.amount), 0)


@lru_cache(maxsize=1)
def _stands() -> ReadyStatement:
    """What came in and what was billed, and how the subscriber pays. Like the other statements here it is made once:
    making it costs several times what it takes to run."""
    paid = sa.select(_paid).where(_payment.c.subscriber_id == _of).scalar_subquery()
    billed = sa.select(_billed).where(_invoice.c.subscriber_id == _of).scalar_subquery()
    columns = (_subscriber.c.number, _subscriber.c.bank_account, paid.label("paid"), billed.label("billed"))
    return ReadyStatement(sa.select(*columns).where(_subscriber.c.id == _of))


@lru_cache(maxsize=1)
def _wanted() -> ReadyStatement:
    """Invoices that are not paid, the first due first."""
    mine = _invoice.c.subscriber_id == _of, sa.text("unpaid > 0")
    columns = _invoice.c.number, _invoice.c.due_on, _invoice.c.unpaid
    return ReadyStatement(sa.select(*columns).where(*mine).order_by(_invoice.c.due_on))


def page(look: ReadContext, ask: pagination.PageRequest, subscriber_id: int | None = None) -> Page[StatementEntry]:
    """Invoices and payments, the latest first."""
    of = whose(look, subscriber_id)
    read: Page[Any] = pagination.fetch(look, _statement(pagination.way_of(ask)), _ORDER, ask, None, of=of)
    if not read.rows:
        return read
    first, rows = read.rows[0], []
    balance = int(look.rows(_up_to(first.kind), of=of, day=first.on_day, ref=first.ref)[0][0])
    for row in read.rows:
        rows.append(_entry(row, balance, look.today))
        balance -= row.amount
    return Page(rows, read.start, read.end, read.more_before, read.more_after)


def _entry(row: Any, balance: int, today: dt.date) -> StatementEntry:
    if row.kind == PAYMENT:
        return StatementEntry(PAYMENT, row.ref, row.on_day, row.label, row.amount, balance)
    late = row.unpaid > 0 and row.due_on < today
    owed = row.due_on, row.unpaid, late, row.corrects, bool(row.corrected)
    return StatementEntry(INVOICE, row.ref, row.on_day, row.label, row.amount, balance, *owed)


def _both() -> sa.CompoundSelect[Any]:
    """All columns of both, by the names of the first."""
    invoices = sa.select(
        sa.literal(INVOICE).label("kind"),
        _invoice.c.id.label("ref"),
        _invoice.c.issued_on.label("on_day"),
        _invoice.c.number.label("label"),
        (-_invoice.c.gross).label("amount"),
        _invoice.c.due_on,
        _invoice.c.unpaid,
        _invoice.c.corrects,
        corrections.corrected().label("corrected"),
    ).where(_invoice.c.subscriber_id == sa.bindparam("of", type_=sa.BigInteger()))
    payments = sa.select(
        sa.literal(PAYMENT).label("kind"),
        _payment.c.id.label("ref"),
        _payment.c.paid_on.label("on_day"),
        _payment.c.title.label("label"),
        _payment.c.amount.label("amount"),
        sa.null().cast(sa.Date()).label("due_on"),
        sa.literal(0, type_=sa.BigInteger()).label("unpaid"),
        sa.literal("", type_=sa.String()).label("corrects"),
        sa.false().label("corrected"),
    ).where(_payment.c.subscriber_id == sa.bindparam("of", type_=sa.BigInteger()))
    return sa.union_all(invoices, payments)


_entries = _both().subquery("entry")
_ORDER = (_entries.c.on_day, _entries.c.kind, _entries.c.ref)


@lru_cache(maxsize=4)
def _statement(way: str) -> ReadyStatement:
    """One page of both. Whose it may be was asked before."""
    return ReadyStatement(pagination.ordered(sa.select(_entries), _ORDER, way))


@lru_cache(maxsize=2)
def _up_to(kind: int) -> ReadyStatement:
    """The balance after the row ``ref`` of ``day``: what came in until then without what was billed."""
    day, ref = sa.bindparam("day", type_=sa.Date()), sa.bindparam("ref", type_=sa.BigInteger())
    invoice: Any = sa.tuple_(_invoice.c.issued_on, _invoice.c.id) <= sa.tuple_(day, ref)
    payment: Any = sa.tuple_(_payment.c.paid_on, _payment.c.id) <= sa.tuple_(day, ref)
    if kind == INVOICE:
        payment = _payment.c.paid_on < day
    else:
        invoice = _invoice.c.issued_on <= day
    paid = sa.select(_paid).where(_payment.c.subscriber_id == _of, payment).scalar_subquery()
    billed = sa.select(_billed).where(_invoice.c.subscriber_id == _of, invoice).scalar_subquery()
    return ReadyStatement(sa.select(paid - billed))
