"""Customers and lines of an LMS database, compared with the desk and written; and what it has no more of them.

Only what came from LMS, and belongs to customers of this run, is taken away: who is deleted in LMS keeps their history,
and their contracts end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from core.errors import say
from core.i18n.translation import N_
from core.imports.csv.report import Report
from core.imports.csv.spool import Scratch
from core.imports.lines import LinesPass
from core.imports.lms.removal_guard import Brake
from core.imports.lms.source import ORIGIN, PREFIX
from core.imports.pending_rows import Coming
from core.imports.subscribers import SubscriberFileRow, SubscribersPass
from core.models.contracts import Asset, Contract, ContractKind
from core.models.subscribers import Line, LineAddress, Subscriber
from core.service.bulk import change_each, chunks, parts_of
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_asset, _line, _address = table(Asset), table(Line), table(LineAddress)
_subscriber, _contract = table(Subscriber), table(Contract)

_OURS = PREFIX.casefold()
_OF_LMS = _contract.c.kind == ContractKind.SUBSCRIPTION, _contract.c.origin == ORIGIN


class CustomersPass(Brake, SubscribersPass):
    """Customers with their contracts. Of who is a customer no more, and of an assignment that is gone, they end."""

    origin = ORIGIN
    gone_column = "contracts"
    gone_words = N_(
        "{gone} of {all} contracts would end, because LMS has them no more. Is it the right database, and all of it? "
        "If so, say --allow-removal."
    )

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self._coming = Coming(scratch)
        self._given_away = 0
        """Contracts that another customer has now: for whoever had them they end."""

    def take(self, rows: list[SubscriberFileRow]) -> list[SubscriberFileRow]:
        fresh = super().take(rows)
        if self.work is None:
            self._coming.note(fresh)
        return fresh

    def finish(self) -> None:
        super().finish()
        if self.work is not None:
            for part in self.parts():
                self._end(self.work, part)
            return
        runs = *_OF_LMS, _contract.c.valid_until >= self.look.today
        number = self.look.value(sa.select(sa.func.count()).select_from(_contract).where(*runs))
        self.gone(self._ended(), "id INTEGER PRIMARY KEY, until TEXT", number, beside=self._given_away)

    def _moved(self, rows: list[SubscriberFileRow], holders: dict[str, Any], contracts: dict[str, Any]) -> list[Any]:
        moved = super()._moved(rows, holders, contracts)
        if self.work is None and moved:
            places = {row.terms.number.key: row.line for row in rows if row.terms}
            for known in moved:
                slip = say(_ANOTHERS, contract=known.number, number=known.holder or "?")
                self.report.warn(places[known.number_key], "contract_number", slip)
            self.report.moved += len(moved)
            self._given_away += sum(known.valid_until >= self.look.today for known in moved)
        return moved

    def _ended(self) -> Iterator[tuple[int, str]]:
        columns = [_contract.c[name] for name in ("id", "number_key", "valid_from", "valid_until")]
        own = *_OF_LMS, _contract.c.valid_until >= self.look.today
        of = _contract.join(_subscriber, _subscriber.c.id == _contract.c.subscriber_id)
        subscriptions = sa.select(*columns, _subscriber.c.number_key.label("holder")).select_from(of).where(*own)
        for part in self.aside["left"].parts():
            days = dict(part)
            for some in chunks(days):
                for row in self.look.rows(subscriptions.where(_subscriber.c.number_key.in_(some))):
                    until = max(row.valid_from, days[row.holder])
                    if until < row.valid_until:
                        yield row.id, until.isoformat()
        for rows in parts_of(self.look, subscriptions, _contract.c.id):
            known = self.numbers.lines({row.number_key for row in rows})
            here = self.customers.lines({row.holder for row in rows})
            for row in rows:
                until = max(row.valid_from, self.look.today)
                if row.number_key not in known and row.holder in here and until < row.valid_until:
                    yield row.id, until.isoformat()

    def _end(self, work: UnitOfWork, part: list[Any]) -> None:
        ends = [{"id": id_, "valid_until": dt.date.fromisoformat(until)} for id_, until in part]
        # Whoever has left needs no letter about it.
        change_each(work, Contract, ends, ending_told_at=work.now)


class NodesPass(Brake, LinesPass):
    """Lines. A node that was deleted, or has another owner, isn't this line any more: its addresses and login are free.
    The line stays with whoever had it, for what was said and measured."""

    whole = _OURS
    gone_column = "lines"
    gone_words = N_(
        "{gone} of {all} lines would lose their addresses, because LMS has them no more. Is it the right database, and "
        "all of it? If so, say --allow-removal."
    )

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self.coming = Coming(scratch) if self.work is None else None

    def finish(self) -> None:
        if self.work is not None:
            for part in self.parts():
                self._free_gone(self.work, [id_ for (id_,) in part])
        else:
            number = self.look.value(sa.select(sa.func.count()).select_from(self._of_lms().subquery()))
            self.gone(self._left(), "id INTEGER PRIMARY KEY", number)
        super().finish()

    def _of_lms(self) -> sa.Select[Any]:
        """Lines of LMS that have anything to lose."""
        has_address = sa.select(_address.c.id).where(_address.c.asset_id == _asset.c.id).exists()
        begins = _asset.c.identifier_key.startswith(_OURS, autoescape=True)
        joined = sa.select(_asset.c.id, _asset.c.identifier_key).join_from(
            _asset, _line, _line.c.asset_id == _asset.c.id
        )
        return joined.where(begins, sa.or_(has_address, _line.c.pppoe_login.is_not(None)))

    def _left(self) -> Iterator[tuple[int]]:
        for rows in parts_of(self.look, self._of_lms(), _asset.c.id):
            there = self.identifiers.lines({row.identifier_key for row in rows})
            for row in rows:
                if row.identifier_key not in there:
                    yield (row.id,)

    def _free_gone(self, work: UnitOfWork, gone: list[int]) -> None:
        work.connection.execute(sa.delete(_address).where(_address.c.asset_id.in_(gone)))
        work.change(Line, _line.c.asset_id.in_(gone), pppoe_login=None, pppoe_password=None)


_ANOTHERS = N_("Contract {contract} was customer {number}'s here; theirs ends.")
