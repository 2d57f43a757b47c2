"""Contracts of an LMS database: assignments of one contract document, or each without one, make a subscription."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core.contracts.activation import number_key
from core.contracts.models import NO_END
from core.exchange.lms_database import PREFIX, Lms

_MONTHS = {3: 1, 4: 3, 5: 12, 7: 6}
"""How many months a ``period`` has; 0 is charged once, and what is charged by day or week is no subscription."""
_INTERNET = 1


@dataclass(slots=True)
class Subscription:
    """A contract of a customer: what its assignments make together."""

    number: str
    since: dt.date | None
    until: dt.date
    fee: Decimal = Decimal(0)
    assignments: dict[int, Any] = field(default_factory=dict)

    def runs(self, today: dt.date) -> bool:
        return (self.since is None or self.since <= today) and self.until >= today

    @property
    def internet(self) -> Any | None:
        """Its assignment of internet access."""
        return next((one for one in self.assignments.values() if one.service == _INTERNET), None)


class Contracts:
    """Reads them for some customers at a time; a fee is that of ``today``."""

    def __init__(self, lms: Lms, today: dt.date) -> None:
        self._lms = lms
        self._today = today

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
        found: dict[int, dict[str, Subscription]] = defaultdict(dict)
        for row in rows:
            number = numbers.get(row.docid) or f"{PREFIX}{row.id}"
            since, until = lms.day(row.datefrom), lms.day(row.dateto) or NO_END
            made = found[row.customerid].setdefault(number_key(number), Subscription(number, since, until))
            made.since = min(made.since, since) if made.since and since else None
            made.until = max(made.until, until)
            made.assignments[row.id] = row
        for contracts in found.values():
            for contract in contracts.values():
                contract.fee = self._fee(contract)
        return {id_: list(contracts.values()) for id_, contracts in found.items()}

    def _contract_numbers(self, ids: Sequence[int]) -> dict[int, str]:
        """The numbers of contract documents."""
        documents = self._lms.table("documents")
        wanted = self._lms.numbered(sa.select(documents.c.id, *self._lms.number())).where(documents.c.type < 0)
        return {row.id: self._lms.numbered_as(row) for row in self._lms.rows(wanted, documents.c.id, ids)}

    def _fee(self, contract: Subscription) -> Decimal:
        """What a month costs, gross: of the assignments of today, or of all when none is of today."""
        rows, today = list(contract.assignments.values()), self._today
        now = [
            row
            for row in rows
            if (self._lms.day(row.datefrom) or today) <= today <= (self._lms.day(row.dateto) or today)
        ]
        total = Decimal(0)
        for row in now or rows:
            discounted = Decimal(row.value) * (100 - Decimal(row.pdiscount)) / 100 - Decimal(row.vdiscount)
            total += discounted * Decimal(row.units) / _MONTHS[row.value_period or row.period]
        return max(total, Decimal(0))
