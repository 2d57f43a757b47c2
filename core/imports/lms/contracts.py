"""Contracts of an LMS database: assignments of one contract document, or each without one, make a subscription."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core.contracts.number import number_key
from core.imports.csv.spool import Scratch, Seen
from core.imports.lms.source import PREFIX, DeskFacts, Lms
from core.models.contracts import NO_END

_MONTHS = {3: 1, 4: 3, 5: 12, 7: 6}
"""How many months a ``period`` has; 0 is charged once, and what is charged by day or week is no subscription."""
_INTERNET = 1


@dataclass(frozen=True, slots=True)
class Assignment:
    """A tariff that a customer has for some time; ``since`` is None where LMS says no beginning."""

    since: dt.date | None
    until: dt.date
    tariff: Any
    """The row of both, as it was read."""

    def runs(self, today: dt.date) -> bool:
        return (self.since is None or self.since <= today) and self.until >= today


@dataclass(slots=True)
class Subscription:
    """A contract of a customer: what its assignments make together. ``printed`` is its number where it couldn't keep
    that one, because it is another customer's too."""

    number: str
    since: dt.date | None
    until: dt.date
    fee: Decimal = Decimal(0)
    assignments: dict[int, Assignment] = field(default_factory=dict)
    printed: str = ""

    def runs(self, today: dt.date) -> bool:
        return (self.since is None or self.since <= today) and self.until >= today

    def internet(self, today: dt.date) -> Assignment | None:
        """Its assignment of internet access, as :meth:`of_day` has it."""
        return self.of_day(
            today, [id_ for id_, assignment in self.assignments.items() if assignment.tariff.service == _INTERNET]
        )

    def of_day(self, today: dt.date, ids: Iterable[int]) -> Assignment | None:
        """Which of its assignments runs today; where none does, the one that ran last, or else begins first. None when
        it has none of ``ids``. A tariff is changed in LMS by ending one assignment and beginning another."""
        own = [self.assignments[id_] for id_ in ids if id_ in self.assignments]
        running = [assignment for assignment in own if assignment.runs(today)]
        begun = [assignment for assignment in own if assignment.since is None or assignment.since <= today]
        if running or begun:
            return running[0] if running else max(begun, key=lambda assignment: assignment.until)
        return min(own, key=lambda assignment: assignment.since or today, default=None)


class Contracts:
    """Reads them for some customers at a time; a fee is that of today."""

    def __init__(self, lms: Lms, facts: DeskFacts, scratch: Scratch) -> None:
        self._lms = lms
        self._scratch = scratch
        self._today = facts.today
        self._here = facts.contracts
        self._doubled: set[int] | None = None

    def of(self, ids: Sequence[int]) -> dict[int, list[Subscription]]:
        """The contracts of customers, in the order of their first assignment."""
        lms, assignments, tariffs = self._lms, self._lms.table("assignments"), self._lms.table("tariffs")
        columns = [
            assignments.c.id,
            assignments.c.customerid,
            lms.column("assignments", "docid"),
            assignments.c.datefrom,
            assignments.c.dateto,
            assignments.c.period,
            sa.label("units", lms.column("assignments", "count", 1)),
            lms.column("assignments", "pdiscount", 0),
            lms.column("assignments", "vdiscount", 0),
            tariffs.c.value,
            tariffs.c.name,
            sa.label("service", tariffs.c.type),
            sa.label("value_period", lms.column("tariffs", "period")),
            lms.column("tariffs", "downceil", 0),
            lms.column("tariffs", "upceil", 0),
        ]
        commited = lms.column("assignments", "commited", 1)
        wanted = sa.select(*columns, commited).join_from(assignments, tariffs, tariffs.c.id == assignments.c.tariffid)
        rows = [
            row
            for row in lms.rows(wanted.order_by(assignments.c.id), assignments.c.customerid, ids)
            if row.commited and (row.value_period or row.period) in _MONTHS
        ]
        numbers = self._contract_numbers(sorted({row.docid for row in rows if row.docid}))
        subscriptions: dict[int, dict[str, Subscription]] = defaultdict(dict)
        for row in rows:
            number, printed = numbers.get(row.docid, ("", ""))
            number = number or f"{PREFIX}{row.id}"
            since, until = lms.day(row.datefrom), lms.day(row.dateto) or NO_END
            known = subscriptions[row.customerid]
            made = known.setdefault(number_key(number), Subscription(number, since, until, printed=printed))
            made.since = min(made.since, since) if made.since and since else None
            made.until = max(made.until, until)
            made.assignments[row.id] = Assignment(since, until, row)
        for contracts in subscriptions.values():
            for contract in contracts.values():
                contract.fee = self._fee(contract)
        return {id_: list(contracts.values()) for id_, contracts in subscriptions.items()}

    def _contract_numbers(self, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """The numbers of contract documents. One whose number is another customer's (two firms in one LMS may number
        alike) gets the document's id behind it, and its printed number comes second."""
        if self._doubled is None:
            self._doubled = self._numbered_alike()
        numbers = {}
        for row in self._lms.rows(self._contract_documents(), self._lms.table("documents").c.id, ids):
            printed = self._lms.numbered_as(row)
            alike = row.id in self._doubled
            numbers[row.id] = (f"{printed[:28]} #{row.id}", printed) if alike else (printed, "")
        return numbers

    def _contract_documents(self) -> sa.Select[Any]:
        documents = self._lms.table("documents")
        chosen = sa.select(documents.c.id, documents.c.customerid, *self._lms.number())
        return self._lms.numbered(chosen).where(documents.c.type < 0)

    def _numbered_alike(self) -> set[int]:
        """Documents whose number is another customer's: of whoever has it here already, or else of whoever has the
        oldest document. Only what assignments name counts: annexes and protocols have numbers, too, and no customer
        knows a contract by them."""
        oldest, have_it = Seen(self._scratch, "contract_oldest"), Seen(self._scratch, "contract_have_it")
        for part in self._numbered():
            here = self._here.digests({number for number, _id, _customer in part})
            oldest.first([(number, customer, b"") for number, _id, customer in part])
            with_it = [(number, customer) for number, _id, customer in part if here.get(number) == b"%d" % customer]
            have_it.first([(number, customer, b"") for number, customer in with_it])
        doubled: set[int] = set()
        for part in self._numbered():
            numbers = {number for number, _id, _customer in part}
            holders = oldest.lines(numbers) | have_it.lines(numbers)
            doubled.update(id_ for number, id_, customer in part if holders[number] != customer)
        return doubled

    def _numbered(self) -> Iterator[list[tuple[str, int, int]]]:
        """The number of each document that an assignment names, its id and its customer, the oldest first and some at a
        time."""
        documents, assignments = self._lms.table("documents"), self._lms.table("assignments")
        named = sa.select(self._lms.column("assignments", "docid")).select_from(assignments)
        chosen = self._contract_documents().where(documents.c.id.in_(named)).order_by(documents.c.id)
        for part in self._lms.stream(chosen):
            # A customer who is gone from LMS leaves their documents to nobody.
            yield [(number_key(self._lms.numbered_as(row)), row.id, row.customerid or 0) for row in part]

    def _fee(self, contract: Subscription) -> Decimal:
        """What a month costs, gross: of the assignments of today, or of all when none is of today."""
        rows = list(contract.assignments.values())
        now = [row for row in rows if row.runs(self._today)]
        total = Decimal(0)
        for row in (assignment.tariff for assignment in now or rows):
            discounted = Decimal(row.value) * (100 - Decimal(row.pdiscount)) / 100 - Decimal(row.vdiscount)
            total += discounted * Decimal(row.units) / _MONTHS[row.value_period or row.period]
        return max(total, Decimal(0))
