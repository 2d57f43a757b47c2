"""Bringing everything from an LMS database (the Polish LAN Management System): customers, lines, invoices, payments.

LMS is the operator's book: it may be read again every night, and what it says counts. It is read as a whole into a file
of this process before the desk is touched, then compared with the desk, and only what is new or other is written, in
one transaction: a slow LMS server keeps nobody waiting here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from core.errors import Say
from core.imports import invoices, lines, payments, subscribers
from core.imports.csv import pipeline
from core.imports.csv.reader import MOST_SLIPS
from core.imports.csv.report import Enough, Notice, Progress, Report
from core.imports.csv.spool import Scratch, Spool
from core.imports.lms.balance import DocumentsPass, PaymentsOfLms
from core.imports.lms.billing import Billing
from core.imports.lms.customers import Customers
from core.imports.lms.nodes import Nodes
from core.imports.lms.source import DeskFacts, Lms, opened, source_of
from core.imports.lms.sync import CustomersPass, NodesPass
from core.service.bulk import chunks
from core.service.desk import Desk
from core.service.unit_of_work import ReadContext, UnitOfWork

__all__ = ["import_lms", "source_of"]


@dataclass(slots=True)
class Table(Report):
    """What came of one table of LMS. A slip's line is the row's id (0 for the table), its column LMS's own. ``removed``
    is what LMS has no more: contracts that ended, lines that lost their addresses, invoices that are not asked for any
    more, payments that were taken away; ``moved`` are contracts that another customer has now."""

    names: Mapping[str, str] = field(default_factory=dict)
    removed: int = 0
    moved: int = 0

    def wrong(self, line: int, column: str, what: Say) -> None:
        Report.wrong(self, line, self.names.get(column, column), what)

    def warn(self, line: int, column: str, what: Say) -> None:
        Report.warn(self, line, self.names.get(column, column), what)

    def undone(self) -> None:
        """Nothing of it was written, nor would be."""
        self.created = self.updated = self.unchanged = self.removed = self.moved = 0

    def as_json(self) -> dict[str, Any]:
        warned = [slip.as_json() for slip in self.warnings]
        return {
            **Report.as_json(self),
            "removed": self.removed,
            "moved": self.moved,
            "warnings": warned,
            "more_warnings": self.more_warnings,
        }


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


_OVER = {"customers": CustomersPass, "nodes": NodesPass, "documents": DocumentsPass, "cash": PaymentsOfLms}
"""What compares and writes the rows of each table, in this order."""
_LIKE: dict[str, pipeline.FileKind[Any]] = {
    "customers": subscribers.KIND,
    "nodes": lines.KIND,
    "documents": invoices.KIND,
    "cash": payments.KIND,
}
"""The kind of file that is written as fast."""
_ASIDE = ("left", "cancelled", "corrected")
"""What else is read: who is a customer no more, invoices that count no more, and entries that corrections stand for."""


class _Run:
    """One import, with its files."""

    def __init__(self, progress: Progress | None) -> None:
        self.scratch = Scratch()
        self.reports: dict[str, Table] = {name: Table(names=names, most=MOST_SLIPS) for name, names in _COLUMNS.items()}
        self.read = {name: Spool[Any](self.scratch, f"read_{name}") for name in (*_OVER, *_ASIDE)}
        self.fresh = {name: Spool[Any](self.scratch, f"fresh_{name}") for name in _OVER}
        self._progress, self._of = progress, 0

    def wrong(self) -> bool:
        return any(report.errors for report in self.reports.values())

    def tick(self, done: int, third: int) -> None:
        """Reading, comparing and writing are a third of the way each."""
        if self._progress is not None:
            self._progress(self._of * third + min(done, self._of), 3 * self._of)

    def read_all(self, lms: Lms, facts: DeskFacts) -> None:
        """Everything of LMS that the desk asks for, into the files."""
        billing, customers = Billing(lms, facts, self.scratch), Customers(lms, facts, self.scratch)
        self._of = sum(lms.count(name) for name in ("customers", "nodes", "invoicecontents", "cash"))
        readers: dict[str, Callable[[Report], Iterable[Any]]] = {
            "customers": customers.rows,
            "nodes": Nodes(lms, facts, self.scratch).rows,
            "documents": billing.documents,
            "cash": billing.cash,
        }
        self.tick(0, 0)
        for name, rows in readers.items():
            if self.reports["customers"].errors:
                return
            try:
                for some in chunks(rows(self.reports[name]), pipeline.PART):
                    self.read[name].put(some)
                    self.tick(sum(report.rows for report in self.reports.values()), 0)
            except Enough:
                self.reports[name].enough()
        aside: dict[str, Iterable[list[Any]]] = {
            "left": customers.left(),
            "cancelled": billing.cancelled(),
            "corrected": billing.corrected(),
        }
        for name, parts in aside.items():
            for some in parts:
                self.read[name].put(some)

    def compare(self, look: ReadContext, *, removal: bool) -> None:
        """What would come of it, and what is wrong with it."""
        done = 0
        for name in _OVER:
            if self.reports["customers"].errors:
                break  # without its customers every other table is full of strangers
            over = self._over(name, look, self.reports[name])
            over.removal = removal
            for some in self._compared(name, over):
                done += some
                self.tick(done, 1)

    def _compared(self, name: str, over: Any) -> Iterable[int]:
        try:
            for rows in self.read[name].parts():
                self.fresh[name].put(over.take(rows))
                yield len(rows)
            over.finish()
        except Enough:
            over.report.enough()

    def write(self, work: UnitOfWork) -> None:
        """What is new or other, and what is gone."""
        before = 0
        for name in _OVER:
            pipeline.write(self._over(name, work, Table()), self.fresh[name], tick=self._writing(before))
            before += self.fresh[name].rows

    def seconds(self) -> float:
        """How long the writing will take."""
        return sum(self.fresh[name].rows / kind.pace for name, kind in _LIKE.items())

    def _writing(self, before: int) -> Callable[[int], None]:
        return lambda done: self.tick(before + done, 2)

    def _over(self, name: str, look: ReadContext, report: Report) -> Any:
        over = _OVER[name](look, report, self.scratch)
        over.aside, over.fresh = self.read, self.fresh[name]
        return over

    def finished(self) -> dict[str, Report]:
        refused = self.wrong()
        for report in self.reports.values():
            report.finish()
            if refused:
                report.undone()
        self.tick(self._of, 2)
        return dict(self.reports)


def import_lms(
    desk: Desk,
    url: sa.URL,
    *,
    dry_run: bool = False,
    removal: bool = False,
    progress: Progress | None = None,
    notice: Notice | None = None,
) -> dict[str, Report]:
    """Bring in what the LMS database at ``url`` has; the reports by the names of its tables.

    Nothing is written when anything is wrong, or with ``dry_run``. That much of what came from LMS is gone from it is
    wrong as well, unless ``removal`` says that it is meant. ``progress`` is called with how much is done, and of how
    much; ``notice`` before the writing, when others will wait for long.
    """
    run = _Run(progress)
    try:
        facts = desk.see(_facts_of_desk, run.scratch)
        with opened(url, facts.settings.desk.zone) as lms:
            run.read_all(lms, facts)
        desk.see(_compare, run, removal)
        if not dry_run and not run.wrong():
            if notice is not None and desk.store.is_sqlite:
                pipeline.told_of(notice, run.seconds())
            desk.do(_write, run)
        return run.finished()
    finally:
        run.scratch.close()


def _facts_of_desk(look: ReadContext, scratch: Scratch) -> DeskFacts:
    _require(look)
    return DeskFacts.read(look, scratch)


def _compare(look: ReadContext, run: _Run, removal: bool) -> None:
    _require(look)
    run.compare(look, removal=removal)


def _write(work: UnitOfWork, run: _Run) -> None:
    _require(work)
    changed = {name: report.created + report.updated + report.removed for name, report in run.reports.items()}
    if any(changed.values()):
        run.write(work)
        removed = {f"{name}_removed": report.removed for name, report in run.reports.items() if report.removed}
        work.record("subscriber.import", "lms", **changed, **removed)


def _require(look: ReadContext) -> None:
    look.require("subscriber.import")
    look.require("billing.import")
