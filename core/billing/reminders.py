"""What comes due by itself: invoices by mail, reminders before and after the day to pay, contracts about to end.

Every step claims its rows by the UPDATE that the letters belong to: run twice, or by two at once, it tells once. What
is told by mail changes nothing; who owes what says :mod:`core.billing.statement`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from core.billing import statement
from core.models.accounts import Account, AccountState, Standing
from core.models.billing import Invoice
from core.models.contracts import Contract, Cover
from core.models.subscribers import Subscriber
from core.service.unit_of_work import UnitOfWork, table

_invoice, _subscriber, _account, _contract = table(Invoice), table(Subscriber), table(Account), table(Contract)
_cover = table(Cover)

BATCH = 100
SOON = dt.timedelta(days=3)
"""How long before its day a payment is reminded of."""
GRACE = dt.timedelta(days=3)
"""A transfer that was made on the last day has arrived by then."""
SETTLED = dt.timedelta(days=1)
"""Payments are imported after invoices: nobody is told of a debt before a day has passed for that."""
FORGOTTEN = dt.timedelta(days=90)
"""Older debts are not a matter for an automatic letter: an import of many years must not write to everybody."""
ENDING = dt.timedelta(days=30)


def mail_invoices(work: UnitOfWork, limit: int = BATCH) -> int:
    """Invoices that were issued to somebody who takes them by mail; the PDF is made when the letter leaves."""
    waiting = sa.select(_invoice.c.id).where(sa.text("mail_due")).order_by(_invoice.c.id).limit(limit)
    rows = _claimed(work, waiting, sa.text("mail_due"), mail_due=False)
    holders = _holders(work, (row.subscriber_id for row in rows))
    for row in rows:
        holder = holders.get(row.subscriber_id)
        if holder is None or not holder.e_invoices:
            continue
        _mail_invoice(work, holder, row)
        work.change(Invoice, _invoice.c.id == row.id, mailed_at=work.now)
        work.record("invoice.mail", "invoice", row.id)
    return len(rows)


def _mail_invoice(work: UnitOfWork, holder: Any, row: Any) -> None:
    name, due_on = holder.first_name, row.due_on.isoformat()
    if not row.corrects:
        work.mail(
            "invoice_issued",
            holder,
            name=name,
            invoice=row.number,
            gross=row.gross,
            due_on=due_on,
            invoice_id=row.id,
        )
        return
    work.mail(
        "correction_issued",
        holder,
        name=name,
        invoice=row.number,
        corrects=row.corrects,
        gross=row.gross,
        due_on=due_on,
        invoice_id=row.id,
    )


def remind_of_due(work: UnitOfWork, limit: int = BATCH) -> int:
    """A payment is due within :data:`SOON`: one letter an invoice."""
    unpaid = sa.text("unpaid > 0"), _invoice.c.due_told_at.is_(None)
    near = _invoice.c.due_on.between(work.today, work.today + SOON)
    waiting = sa.select(_invoice.c.id).where(*unpaid, near).order_by(_invoice.c.due_on, _invoice.c.id).limit(limit)
    rows = _claimed(work, waiting, *unpaid, due_told_at=work.now)
    holders = _holders(work, (row.subscriber_id for row in rows))
    for row in rows:
        holder = holders.get(row.subscriber_id)
        if holder is not None:
            work.mail(
                "payment_due",
                holder,
                name=holder.first_name,
                invoice=row.number,
                unpaid=row.unpaid,
                due_on=row.due_on.isoformat(),
                account=_account_to_pay(work, holder),
            )
            work.record("invoice.remind", "invoice", row.id)
    return len(rows)


def tell_of_overdue(work: UnitOfWork, limit: int = BATCH) -> int:
    """The day to pay is over and :data:`GRACE` too: one letter a subscriber, about everything of theirs that is late,
    what they were told of before and what is late since yesterday as well."""
    untold = sa.text("unpaid > 0"), _invoice.c.overdue_told_at.is_(None)
    settled = _invoice.c.created_at <= work.now - SETTLED
    long_ago = _invoice.c.due_on.between(work.today - FORGOTTEN, work.today - GRACE - dt.timedelta(days=1))
    late = _invoice.c.due_on < work.today, settled
    first = sa.select(_invoice.c.subscriber_id).where(*untold, long_ago, settled)
    ids = sorted(
        {row.subscriber_id for row in work.rows(first.order_by(_invoice.c.due_on, _invoice.c.id).limit(limit))}
    )
    if not ids:
        return 0
    theirs = _invoice.c.subscriber_id.in_(ids)
    rows = _claimed(work, sa.select(_invoice.c.id).where(theirs, *untold, *late), *untold, overdue_told_at=work.now)
    subscriber_ids = {row.subscriber_id for row in rows}
    owed = sa.select(_invoice).where(_invoice.c.subscriber_id.in_(subscriber_ids), sa.text("unpaid > 0"), *late)
    everything = work.rows(owed.order_by(_invoice.c.due_on, _invoice.c.id))
    for id_, holder in _holders(work, subscriber_ids).items():
        mine = [row for row in everything if row.subscriber_id == id_]
        work.mail(
            "payment_overdue",
            holder,
            name=holder.first_name,
            invoices=", ".join(row.number for row in mine[:5]),
            more=max(len(mine) - 5, 0),
            unpaid=sum(row.unpaid for row in mine),
            since=mine[0].due_on.isoformat(),
            account=_account_to_pay(work, holder),
            title=statement.title([row.number for row in mine], holder.number),
        )
        work.record("invoice.overdue", "subscriber", id_, invoices=len(mine))
    return len(rows)


def tell_of_ending(work: UnitOfWork, limit: int = BATCH) -> int:
    """A contract ends within :data:`ENDING`: its subscriber hears of it, or those who decide for its company. One that
    is followed by another contract of the same holder ends without a letter."""
    open_ = _contract.c.ending_told_at.is_(None), _contract.c.registered_at.is_not(None)
    near = _contract.c.valid_until.between(work.today, work.today + ENDING)
    waiting = sa.select(_contract.c.id).where(*open_, near).order_by(_contract.c.valid_until).limit(limit)
    statement = (
        sa.update(_contract)
        .where(_contract.c.id.in_(waiting), *open_)
        .values(ending_told_at=work.now)
        .returning(_contract)
    )
    rows = work.connection.execute(statement).all()
    for row in rows:
        if _followed(work, row):
            continue
        for holder in _whose(work, row):
            work.mail(
                "contract_ending",
                holder,
                name=holder.first_name,
                contract=row.number,
                until=row.valid_until.isoformat(),
                subscription=row.subscriber_id is not None,
            )
        work.record("contract.ending", "contract", row.id)
    return len(rows)


def _claimed(work: UnitOfWork, waiting: sa.Select[Any], *still: Any, **values: Any) -> Sequence[Any]:
    """The rows that this run has taken, the earliest due first."""
    taken = sa.update(_invoice).where(_invoice.c.id.in_(waiting), *still).values(**values).returning(_invoice)
    return sorted(work.connection.execute(taken).all(), key=lambda row: (row.due_on, row.id))


def _holders(work: UnitOfWork, subscriber_ids: Iterable[int]) -> dict[int, Any]:
    """Accounts by subscriber, as mail goes to them; who has none is told nothing here."""
    columns = (
        _account.c.id,
        _account.c.email,
        _account.c.language,
        _account.c.first_name,
        _subscriber.c.id.label("subscriber_id"),
        _subscriber.c.number,
        _subscriber.c.e_invoices,
        _subscriber.c.bank_account,
    )
    active = _account.c.state == AccountState.ACTIVE.value
    joined = sa.select(*columns).join_from(_subscriber, _account, _subscriber.c.account_id == _account.c.id)
    rows = work.rows(joined.where(_subscriber.c.id.in_(set(subscriber_ids)), active))
    return {row.subscriber_id: row for row in rows}


def _account_to_pay(work: UnitOfWork, holder: Any) -> str:
    from core.billing import transfer_code  # deferred: start-up, the QR library

    return transfer_code.grouped(holder.bank_account or work.settings.seller.bank_account)


def _followed(work: UnitOfWork, row: Any) -> bool:
    """Whether a contract of the same holder that ends later covers anything of what this one covers."""
    mine, theirs = _cover.alias("mine"), _cover.alias("theirs")
    shared = (
        sa.select(mine.c.asset_id)
        .join_from(mine, theirs, mine.c.asset_id == theirs.c.asset_id)
        .where(mine.c.contract_id == row.id, theirs.c.contract_id == _contract.c.id)
        .correlate(_contract)
    )
    same = (
        _contract.c.subscriber_id == row.subscriber_id
        if row.subscriber_id is not None
        else _contract.c.company_id == row.company_id
    )
    later = same, _contract.c.valid_until > row.valid_until, _contract.c.registered_at.is_not(None), shared.exists()
    return work.value(sa.select(_contract.c.id).where(*later).limit(1)) is not None


def _whose(work: UnitOfWork, row: Any) -> Iterable[Any]:
    if row.subscriber_id is not None:
        return _holders(work, [row.subscriber_id]).values()
    columns = (_account.c.id, _account.c.email, _account.c.language, _account.c.first_name)
    owners = sa.select(*columns).where(
        _account.c.company_id == row.company_id,
        _account.c.standing == Standing.OWNER.value,
        _account.c.state == AccountState.ACTIVE.value,
    )
    return work.rows(owners)
