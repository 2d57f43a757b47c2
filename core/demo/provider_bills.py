"""What the demo's subscribers were billed, have paid and have used: the same whether it lies in the past when the world
is made, or happens while a visitor pushes the clock ahead."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.billing import allocation, invoice_document, reminders
from core.billing.invoice_document import priced_gross
from core.contracts.number import number_key
from core.demo import provider, provider_corrections
from core.demo.provider import DemoLine, DemoSubscriber
from core.models import subscribers as models
from core.models.billing import Invoice, InvoiceLine, InvoiceParty, Payment, Usage
from core.models.contracts import Asset, Contract
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_invoice, _usage, _contract = table(Invoice), table(Usage), table(Contract)
_subscriber = table(models.Subscriber)
_MIB = 2**20
_SLOW = 9
"""Days after the day due on which the slow pay."""


@dataclass(frozen=True, slots=True)
class DemoBill:
    """One month of one subscriber. ``lowered`` is what a correction has taken off it, before it was paid."""

    id: int
    subscriber: DemoSubscriber
    month: dt.date
    issued: dt.date
    due: dt.date
    lines: tuple[invoice_document.DocumentLine, ...]
    paid_on: dt.date | None
    lowered: int = 0

    @property
    def number(self) -> str:
        return f"FV/{self.month:%Y/%m}/{self.subscriber.id:04}"

    @property
    def gross(self) -> int:
        return sum(line.gross for line in self.lines)

    @property
    def to_pay(self) -> int:
        return self.gross - self.lowered


def bills(
    everybody: Iterable[DemoSubscriber], months: Iterable[dt.date], now: dt.datetime, first_id: int
) -> list[DemoBill]:
    """All invoices of these months, by month; ids go on from ``first_id``."""
    everybody = list(everybody)
    made: list[DemoBill] = []
    for month in months:
        for subscriber in everybody:
            made.append(_bill(first_id + len(made), subscriber, month, now.date()))
    return made


def _bill(id_: int, subscriber: DemoSubscriber, month: dt.date, today: dt.date) -> DemoBill:
    issued = month.replace(day=provider.BILLED_ON)
    lines = tuple(_row(line, month) for line in subscriber.lines)
    if subscriber.part == "business":
        lines += tuple(priced_gross(f"Stały adres IPv4 nr {at}", 1, "mies.", 1200, "23") for at in range(1, 4))
    until = issued + dt.timedelta(days=subscriber.term)
    return DemoBill(id_, subscriber, month, issued, until, lines, _paid_on(subscriber, issued, until, today))


def _row(line: DemoLine, month: dt.date) -> invoice_document.DocumentLine:
    name = f"{line.plan.product}, {line.identifier}, {month:%m.%Y}"
    return priced_gross(name, 1, "mies.", line.plan.fee, "23")


def _paid_on(subscriber: DemoSubscriber, issued: dt.date, until: dt.date, today: dt.date) -> dt.date | None:
    """When it was paid; None while it is not. Whoever pays late has paid nothing for two months."""
    well, slow = 3 + (subscriber.id * 7 + issued.month * 3) % 10, subscriber.term + _SLOW
    days = {"well": well, "slow": slow, "ahead": 1, "late": subscriber.term - 1}
    on = issued + dt.timedelta(days=days[subscriber.pays])
    if subscriber.pays == "late" and (today - issued).days < 62:
        return None
    return on if on <= today else None


def keep(work: UnitOfWork, everybody: list[DemoSubscriber]) -> None:
    """Write two years of it, as it stands now."""
    made = provider_corrections.corrected(bills(everybody, provider.months(work.now), work.now, 1))
    work.add_all(InvoiceParty, [{"id": at, **row} for at, row in enumerate(_parties(everybody), start=1)])
    _write(work, made)
    lines = [line for subscriber in everybody for line in subscriber.lines]
    first = work.today - dt.timedelta(days=365 * provider.YEARS)
    days = [first + dt.timedelta(days=at) for at in range((work.today - first).days)]
    work.add_all(Usage, list(_used(lines, days)))


def _parties(everybody: list[DemoSubscriber]) -> Iterator[dict[str, Any]]:
    """The seller is the first; a subscriber's own comes after as many as their number says."""
    yield {"digest": "demo-seller", "body": dict(provider.facts()["seller"])}
    for subscriber in everybody:
        body = {
            "name": subscriber.name,
            "street": subscriber.street,
            "postcode": subscriber.postcode,
            "town": subscriber.town,
        }
        yield {"digest": f"demo-{subscriber.number}", "body": {**body, "tax_id": subscriber.tax_id}}


def _write(work: UnitOfWork, made: list[DemoBill]) -> None:
    rows = [_invoice_row(work, bill) for bill in made]
    work.add_all(Invoice, rows)
    provider_corrections.write(work, made, rows)
    work.add_all(
        InvoiceLine,
        [
            {"invoice_id": bill.id, "position": at, **_line_row(line)}
            for bill in made
            for at, line in enumerate(bill.lines, start=1)
        ],
    )
    work.add_all(Payment, [_payment_row(bill) for bill in made if bill.paid_on is not None])


def _invoice_row(work: UnitOfWork, bill: DemoBill) -> dict[str, Any]:
    unpaid = 0 if bill.paid_on is not None else bill.to_pay
    noon = dt.datetime.combine(bill.issued, dt.time(12), dt.UTC)
    told_of_due = bool(unpaid) and bill.due - reminders.SOON <= work.today
    told_of_late = bool(unpaid) and bill.due + reminders.GRACE < work.today
    return {
        "id": bill.id,
        "subscriber_id": bill.subscriber.id,
        "contract_id": bill.subscriber.contract_id,
        "number": bill.number,
        "number_key": number_key(bill.number),
        "issued_on": bill.issued,
        "sold_on": provider.last_day(bill.month),
        "due_on": bill.due,
        "period": f"{bill.month:%m.%Y}",
        "bank_account": bill.subscriber.account,
        "seller_id": 1,
        "buyer_id": bill.subscriber.id + 1,
        "net": sum(line.net for line in bill.lines),
        "vat": sum(line.vat for line in bill.lines),
        "gross": bill.gross,
        "unpaid": unpaid,
        "mailed_at": noon if bill.subscriber.by_mail else None,
        "due_told_at": noon if told_of_due else None,
        "overdue_told_at": noon if told_of_late else None,
        "created_at": noon,
    }


def _line_row(line: invoice_document.DocumentLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "quantity": int(line.quantity * 1000),
        "unit": line.unit,
        "net_price": line.net_price,
        "rate": line.rate,
        "net": line.net,
        "vat": line.vat,
        "gross": line.gross,
    }


def _payment_row(bill: DemoBill) -> dict[str, Any]:
    mark = f"P{bill.month:%y%m}{bill.subscriber.id:04}"
    return {
        "subscriber_id": bill.subscriber.id,
        "mark": mark,
        "mark_key": mark.casefold(),
        "paid_on": bill.paid_on,
        "amount": bill.to_pay,
        "title": bill.number,
        "invoice_id": bill.id,
        "created_at": dt.datetime.combine(bill.paid_on or bill.issued, dt.time(6), dt.UTC),
    }


def _used(lines: Iterable[DemoLine], days: Iterable[dt.date]) -> Iterator[dict[str, Any]]:
    """More at weekends and in winter, by the line's speed, with days on which everybody was out."""
    days = list(days)
    for line in lines:
        for day in days:
            chance = _chance(line.id, day.toordinal())
            if chance < 0.004:
                continue  # nothing was measured
            season = 1.25 + 0.35 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 15) / 365)
            weekend = 1.5 if day.weekday() >= 5 else 1.0
            down = int(line.plan.down * 28 * season * weekend * (0.2 + 1.3 * chance)) * _MIB
            yield {"asset_id": line.id, "day": day, "down": down, "up": int(down * (0.06 + 0.08 * (1 - chance)))}


def _chance(line: int, day: int) -> float:
    """From 0 up to 1, the same for the same line and day."""
    mixed = (line * 2654435761 ^ day * 40503) & 0xFFFFFFFF
    mixed = (mixed ^ mixed >> 15) * 2246822519 & 0xFFFFFFFF
    return (mixed ^ mixed >> 13) % 10007 / 10007


def one_more_day(work: UnitOfWork) -> None:
    """What a day that has just passed brings in a demo: its usage, payments of those who pay, and on the day of the
    month new invoices."""
    lines = list(_known_lines(work))
    yesterday = work.today - dt.timedelta(days=1)
    there = work.value(sa.select(_usage.c.asset_id).where(_usage.c.day == yesterday).limit(1))
    if there is None:
        work.add_all(Usage, list(_used(lines, [yesterday])))
    _pay(work)
    if work.today.day == provider.BILLED_ON:
        _bill_month(work)


def _pay(work: UnitOfWork) -> None:
    """Whoever has paid so far pays two or three days before the day due; who has been slow stays slow, and who is late
    goes on owing. Subscribers that were not made with the demo pay when somebody pays for them."""
    soon = work.today + dt.timedelta(days=3)
    open_ = (
        sa.select(_invoice, _subscriber.c.number.label("subscriber"))
        .join(_subscriber, _subscriber.c.id == _invoice.c.subscriber_id)
        .where(_invoice.c.unpaid > 0, _invoice.c.due_on <= soon)
        .order_by(_invoice.c.id)
    )
    habits = provider.habits()
    paid = [row for row in work.rows(open_) if work.today >= _pays_on(row, habits.get(row.subscriber, "late"))]
    work.add_all(
        Payment,
        [
            {
                "subscriber_id": row.subscriber_id,
                "mark": f"D{row.id}",
                "mark_key": f"d{row.id}",
                "paid_on": work.today,
                "amount": row.unpaid,
                "title": row.number,
                "invoice_id": row.id,
                "created_at": work.now,
            }
            for row in paid
        ],
    )
    allocation.settle(work, {row.subscriber_id for row in paid})


def _pays_on(invoice: Any, habit: str) -> dt.date:
    """The day on which ``invoice`` is paid by somebody who pays so."""
    if habit == "late":
        return dt.date.max
    days = _SLOW if habit == "slow" else -2 - invoice.subscriber_id % 2
    due_on: dt.date = invoice.due_on + dt.timedelta(days=days)
    return due_on


def _bill_month(work: UnitOfWork) -> None:
    """New invoices like the last ones, for whoever has a contract that runs."""
    month = work.today.replace(day=1)
    last = sa.select(_invoice).where(_invoice.c.issued_on == _month_before(month).replace(day=provider.BILLED_ON))
    runs = {row.id for row in work.rows(sa.select(_contract.c.id).where(_contract.c.valid_until >= work.today))}
    taken = {row.id for row in work.rows(_subscribers_by_mail())}
    for row in work.rows(last):
        number = f"FV/{month:%Y/%m}/{row.subscriber_id:04}"
        known = work.value(sa.select(_invoice.c.id).where(_invoice.c.number_key == number_key(number)))
        if row.contract_id not in runs or known is not None:
            continue
        same = {
            name: getattr(row, name)
            for name in ("subscriber_id", "contract_id", "seller_id", "buyer_id", "bank_account")
        }
        sums = {name: getattr(row, name) for name in ("net", "vat", "gross")}
        invoice_id = work.add(
            Invoice,
            **same,
            **sums,
            number=number,
            number_key=number_key(number),
            issued_on=work.today,
            sold_on=provider.last_day(month),
            due_on=work.today + (row.due_on - row.issued_on),
            period=f"{month:%m.%Y}",
            unpaid=row.gross,
            mail_due=row.subscriber_id in taken,
            created_at=work.now,
        )
        lines = sa.select(table(InvoiceLine)).where(table(InvoiceLine).c.invoice_id == row.id)
        old, new = f"{_month_before(month):%m.%Y}", f"{month:%m.%Y}"
        work.add_all(
            InvoiceLine,
            [
                {**line._mapping, "invoice_id": invoice_id, "name": line.name.replace(old, new)}
                for line in work.rows(lines)
            ],
        )


def _subscribers_by_mail() -> sa.Select[Any]:
    return sa.select(_subscriber.c.id).where(_subscriber.c.e_invoices)


def _month_before(first: dt.date) -> dt.date:
    return (first - dt.timedelta(days=1)).replace(day=1)


def _known_lines(look: ReadContext) -> Iterator[DemoLine]:
    """The lines as they were made: what they carry says their plan."""
    asset, line = table(Asset), table(models.Line)
    columns = (asset.c.id, asset.c.identifier, line.c.down_mbit, line.c.activated_on)
    for row in look.rows(sa.select(*columns).join_from(line, asset, line.c.asset_id == asset.c.id)):
        plan = provider.Plan(0, "", 0, row.down_mbit, 0, "")
        yield DemoLine(row.id, row.identifier, plan, (), "", row.activated_on)
