"""Bringing everything from an LMS database (the Polish LAN Management System): customers, lines, invoices, payments.

LMS is the operator's book: it may be read again every night, and what it says counts. A line that LMS has no more loses
its addresses, a payment that it has no more goes away; only an invoice that was issued must stay as it is. All of it is
one transaction, so other writers wait until it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from core.billing.models import Payment
from core.contracts.models import Asset
from core.desk import Desk
from core.errors import Say
from core.exchange import stream
from core.exchange.invoices import InvoicesPass
from core.exchange.lines import LinesPass
from core.exchange.lms_billing import Billing
from core.exchange.lms_customers import Customers
from core.exchange.lms_database import PREFIX, Lms, opened, reading, source_of
from core.exchange.lms_nodes import Nodes
from core.exchange.payments import PaymentsPass
from core.exchange.report import Progress, Report
from core.exchange.scratch import Scratch
from core.exchange.subscribers import SubscribersPass
from core.subscribers.models import Line, LineAddress
from core.work import Work, table

__all__ = ["import_lms", "source_of"]

_asset, _line, _address, _payment = table(Asset), table(Line), table(LineAddress), table(Payment)
_PART = 5_000


@dataclass(slots=True)
class Table(Report):
    """What came of one table of LMS. A slip's line is the row's id, its column LMS's own."""

    names: Mapping[str, str] = field(default_factory=dict)

    def wrong(self, line: int, column: str, what: Say) -> None:
        Report.wrong(self, line, self.names.get(column, column), what)


_COLUMNS: dict[str, dict[str, str]] = {
    "customers": {
        "customer_number": "id",
        "name": "lastname",
        "pesel": "ssn",
        "tax_id": "ten",
        "kind": "type",
        "street": "addresses.street",
        "postcode": "addresses.zip",
        "town": "addresses.city",
        "email": "customercontacts.contact",
        "phone": "customercontacts.contact",
        "bank_account": "customercontacts.contact",
        "contract_number": "assignments.docid",
        "valid_from": "assignments.datefrom",
        "valid_until": "assignments.dateto",
        "monthly_fee": "tariffs.value",
    },
    "nodes": {
        "customer_number": "ownerid",
        "contract_number": "nodeassignments.assignmentid",
        "line": "id",
        "product": "tariffs.name",
        "down_mbit": "tariffs.downceil",
        "up_mbit": "tariffs.upceil",
        "addresses": "ipaddr",
        "pppoe_login": "name",
        "pppoe_password": "passwd",
        "activated_on": "creationdate",
        "street": "addresses.street",
        "postcode": "addresses.zip",
        "town": "addresses.city",
    },
    "documents": {
        "invoice_number": "fullnumber",
        "customer_number": "customerid",
        "issued_on": "cdate",
        "sold_on": "sdate",
        "due_on": "paytime",
        "name": "invoicecontents.description",
        "quantity": "invoicecontents.count",
        "net_price": "invoicecontents.value",
        "vat_rate": "invoicecontents.taxid",
    },
    "cash": {
        "payment": "id",
        "customer_number": "customerid",
        "paid_on": "time",
        "amount": "value",
        "title": "comment",
    },
}
"""Where LMS has what our columns say; of another table with its name."""


class _Lines(LinesPass):
    """Lines of LMS."""

    def finish(self) -> None:
        if self.work is not None and not self.report.errors:
            self._free_what_is_gone(self.work)
        super().finish()

    def _free_what_is_gone(self, work: Work) -> None:
        """A node that was deleted, or has another owner, isn't this line any more: its addresses and login are free.
        The line stays with whoever had it, for what was said and measured."""
        last = 0
        begins = _asset.c.identifier_key.startswith(PREFIX.casefold(), autoescape=True)
        wanted = sa.select(_asset.c.id, _asset.c.identifier_key).join_from(
            _asset, _line, _line.c.asset_id == _asset.c.id
        )
        while rows := work.rows(wanted.where(begins, _asset.c.id > last).order_by(_asset.c.id).limit(_PART)):
            there = self.identifiers.lines({row.identifier_key for row in rows})
            gone = [row.id for row in rows if row.identifier_key not in there]
            if gone:
                work.connection.execute(sa.delete(_address).where(_address.c.asset_id.in_(gone)))
                had = _line.c.asset_id.in_(gone), _line.c.pppoe_login.is_not(None)
                work.change(Line, *had, pppoe_login=None, pppoe_password=None)
            last = rows[-1].id


class _Payments(PaymentsPass):
    """What stands on accounts in LMS, where somebody may correct it."""

    may_change = True

    def finish(self) -> None:
        if self.work is not None and not self.report.errors:
            self._drop_what_is_gone(self.work)
        super().finish()

    def _drop_what_is_gone(self, work: Work) -> None:
        last = 0
        begins = _payment.c.mark_key.startswith(PREFIX.casefold(), autoescape=True)
        wanted = sa.select(_payment.c.id, _payment.c.mark_key, _payment.c.subscriber_id)
        while rows := work.rows(wanted.where(begins, _payment.c.id > last).order_by(_payment.c.id).limit(_PART)):
            there = self.marks.lines({row.mark_key for row in rows})
            gone = [row for row in rows if row.mark_key not in there]
            for row in gone:
                self.touch(row.subscriber_id)
            if gone:
                work.connection.execute(sa.delete(_payment).where(_payment.c.id.in_([row.id for row in gone])))
                self.report.updated += len(gone)
            last = rows[-1].id


class _Undone(Exception):
    """Takes the reports out of a transaction that is not to be kept."""

    def __init__(self, reports: dict[str, Report]) -> None:
        super().__init__()
        self.reports = reports


def import_lms(
    desk: Desk, url: sa.URL, *, dry_run: bool = False, progress: Progress | None = None
) -> dict[str, Report]:
    """Bring in what the LMS database at ``url`` has; the reports by the names of its tables.

    Nothing is kept when anything is wrong, or with ``dry_run``. ``progress`` is called with rows done, and of how many.
    """
    engine = opened(url)
    try:
        return desk.do(_bring, engine, dry_run, progress)
    except _Undone as undone:
        return undone.reports
    finally:
        engine.dispose()


def _bring(work: Work, engine: sa.Engine, dry_run: bool, progress: Progress | None) -> dict[str, Report]:
    work.require("subscriber.import")
    work.require("billing.import")
    with reading():
        connection = engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with connection:
        with reading():
            lms = Lms(connection, work.settings.desk.zone)
        reports = _read(work, lms, progress)
    if dry_run or any(report.errors for report in reports.values()):
        raise _Undone(reports)
    changed = {name: report.created + report.updated for name, report in reports.items()}
    if any(changed.values()):
        work.record("subscriber.import", "lms", **changed)
    return reports


def _read(work: Work, lms: Lms, progress: Progress | None) -> dict[str, Report]:
    billing = Billing(lms, work)
    reports: dict[str, Report] = {name: Table(names=names) for name, names in _COLUMNS.items()}
    of = sum(lms.count(name) for name in ("customers", "nodes", "invoicecontents", "cash"))

    def tick() -> None:
        if progress is not None:
            progress(min(sum(report.rows for report in reports.values()), of), of)

    steps: list[tuple[str, Any, Iterable[Any]]] = [
        ("customers", SubscribersPass, Customers(lms, work).rows(reports["customers"])),
        ("nodes", _Lines, Nodes(lms, work).rows(reports["nodes"])),
        ("documents", InvoicesPass, billing.documents(reports["documents"])),
        ("cash", _Payments, billing.cash(reports["cash"])),
    ]
    tick()
    for name, over, found in steps:
        if reports["customers"].errors:
            break  # without its customers every other table is full of strangers
        scratch = Scratch()
        try:
            stream.run(over(work, reports[name], scratch), found, tick=tick)
        finally:
            scratch.close()
    for report in reports.values():
        report.finish()
    return reports
