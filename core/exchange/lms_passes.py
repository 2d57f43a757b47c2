"""What an LMS database has, compared with the desk and written; and what it has no more.

Only what belongs to customers of this run is taken away: who is deleted in LMS keeps their history, and their contracts
end. A database that would take away much of what is here is refused: it may be empty, half restored, or another one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import sqlalchemy as sa

from core.billing.models import Invoice, Payment
from core.contracts.models import Asset, Contract, ContractKind
from core.errors import say
from core.exchange.cells import Ref
from core.exchange.coming import Coming
from core.exchange.invoices import InvoicesPass
from core.exchange.keys import by_key, change_each, chunks
from core.exchange.lines import LinesPass
from core.exchange.lms_billing import Cancelled
from core.exchange.lms_database import PREFIX
from core.exchange.payments import PaymentRow, PaymentsPass
from core.exchange.report import Report
from core.exchange.scratch import Scratch, Seen, Spool
from core.exchange.subscribers import SubscriberRow, SubscribersPass
from core.subscribers.models import Line, LineAddress, Subscriber
from core.words import N_, gettext, speaking
from core.work import Look, Work, table

_asset, _line, _address, _payment = table(Asset), table(Line), table(LineAddress), table(Payment)
_subscriber, _contract, _invoice = table(Subscriber), table(Contract), table(Invoice)

_PART = 5_000
_OURS = PREFIX.casefold()
FEW: Final = 20
"""So many may be gone from LMS without a question,"""
SHARE: Final = 20
"""or one in so many."""


class _Brake:
    """What every table's pass shares: how much of what is here LMS has no more, and whether that can be meant."""

    aside: Mapping[str, Spool[Any]]
    """What else was read from LMS."""
    fresh: Spool[Any]
    """Where rows go that are to be written."""
    removal = False
    """Whether it was said that much is gone."""
    gone_column = ""
    gone_words: ClassVar[str] = ""

    report: Any
    look: Look
    scratch: Scratch

    def _gone(self, found: Iterator[tuple[Any, ...]], columns: str, of: int) -> None:
        """Keep what is gone for the pass that writes, unless it is too much of ``of``."""
        name = f"gone_{self.gone_column}"
        self.scratch.make(f"{name} ({columns})")
        marks = ",".join("?" * (columns.count(",") + 1))
        number = self.scratch.put(f"INSERT INTO {name} VALUES ({marks})", found)  # noqa: S608 - names of ours
        self.report.removed = number
        much = number * SHARE > of and (number > FEW or number == of)
        if much and not self.removal:
            self.report.wrong(0, self.gone_column, say(self.gone_words, gone=number, all=of))

    def _parts(self) -> Iterator[list[Any]]:
        """What the pass before has found to be gone."""
        name = f"gone_{self.gone_column}"
        yield from chunks(self.scratch.rows(f"SELECT * FROM {name}"))  # noqa: S608 - a name of ours


class CustomersPass(_Brake, SubscribersPass):
    """Customers with their contracts. Of who is a customer no more, and of an assignment that is gone, they end."""

    may_move = True
    gone_column = "contracts"
    gone_words = N_(
        "{gone} of {all} contracts would end, because LMS has them no more. Is it the right database, and all of it? "
        "If so, say --allow-removal."
    )

    def __init__(self, look: Look, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self._coming = Coming(scratch)

    def take(self, rows: list[SubscriberRow]) -> list[SubscriberRow]:
        fresh = super().take(rows)
        if self.work is None:
            self._coming.note(fresh)
        return fresh

    def finish(self) -> None:
        super().finish()
        if self.work is not None:
            for part in self._parts():
                self._end(self.work, part)
            return
        runs = _contract.c.kind == ContractKind.SUBSCRIPTION, _contract.c.valid_until >= self.look.today
        number = self.look.value(sa.select(sa.func.count()).select_from(_contract).where(*runs))
        self._gone(self._ended(), "id INTEGER PRIMARY KEY, until TEXT", number)

    def _ended(self) -> Iterator[tuple[int, str]]:
        columns = [_contract.c[name] for name in ("id", "number_key", "valid_from", "valid_until")]
        own = _contract.c.kind == ContractKind.SUBSCRIPTION, _contract.c.valid_until >= self.look.today
        of = _contract.join(_subscriber, _subscriber.c.id == _contract.c.subscriber_id)
        subscriptions = sa.select(*columns, _subscriber.c.number_key.label("holder")).select_from(of).where(*own)
        for part in self.aside["left"].parts():
            days = dict(part)
            for some in chunks(days):
                for row in self.look.rows(subscriptions.where(_subscriber.c.number_key.in_(some))):
                    until = max(row.valid_from, days[row.holder])
                    if until < row.valid_until:
                        yield row.id, until.isoformat()
        last, made = 0, _contract.c.number_key.startswith(_OURS, autoescape=True)
        while rows := self.look.rows(
            subscriptions.where(made, _contract.c.id > last).order_by(_contract.c.id).limit(_PART)
        ):
            known = self.numbers.lines({row.number_key for row in rows})
            here = self.customers.lines({row.holder for row in rows})
            for row in rows:
                until = max(row.valid_from, self.look.today)
                if row.number_key not in known and row.holder in here and until < row.valid_until:
                    yield row.id, until.isoformat()
            last = rows[-1].id

    def _end(self, work: Work, part: list[Any]) -> None:
        ends = [{"id": id_, "valid_until": dt.date.fromisoformat(until)} for id_, until in part]
        # Whoever has left needs no letter about it.
        change_each(work, Contract, ends, ending_told_at=work.now)


class NodesPass(_Brake, LinesPass):
    """Lines. A node that was deleted, or has another owner, isn't this line any more: its addresses and login are free.
    The line stays with whoever had it, for what was said and measured."""

    whole = _OURS
    gone_column = "lines"
    gone_words = N_(
        "{gone} of {all} lines would lose their addresses, because LMS has them no more. Is it the right database, and "
        "all of it? If so, say --allow-removal."
    )

    def __init__(self, look: Look, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self.coming = Coming(scratch) if self.work is None else None

    def finish(self) -> None:
        if self.work is not None:
            for part in self._parts():
                self._free_gone(self.work, [id_ for (id_,) in part])
        else:
            number = self.look.value(sa.select(sa.func.count()).select_from(self._of_lms().subquery()))
            self._gone(self._left(), "id INTEGER PRIMARY KEY", number)
        super().finish()

    def _of_lms(self) -> sa.Select[Any]:
        """Lines of LMS that have anything to lose."""
        held = sa.select(_address.c.id).where(_address.c.asset_id == _asset.c.id).exists()
        begins = _asset.c.identifier_key.startswith(_OURS, autoescape=True)
        joined = sa.select(_asset.c.id, _asset.c.identifier_key).join_from(
            _asset, _line, _line.c.asset_id == _asset.c.id
        )
        return joined.where(begins, sa.or_(held, _line.c.pppoe_login.is_not(None)))

    def _left(self) -> Iterator[tuple[int]]:
        last, wanted = 0, self._of_lms()
        while rows := self.look.rows(wanted.where(_asset.c.id > last).order_by(_asset.c.id).limit(_PART)):
            there = self.identifiers.lines({row.identifier_key for row in rows})
            for row in rows:
                if row.identifier_key not in there:
                    yield (row.id,)
            last = rows[-1].id

    def _free_gone(self, work: Work, gone: list[int]) -> None:
        work.connection.execute(sa.delete(_address).where(_address.c.asset_id.in_(gone)))
        work.change(Line, _line.c.asset_id.in_(gone), pppoe_login=None, pppoe_password=None)


class DocumentsPass(_Brake, InvoicesPass):
    """Invoices."""

    def __init__(self, look: Look, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self.coming = Coming(scratch) if self.work is None else None


class PaymentsOfLms(_Brake, PaymentsPass):
    """What stands on accounts in LMS, where somebody may correct it.

    An invoice that was cancelled in LMS after it came in stays as it was issued, and an entry of its amount beside the
    payments takes it out of the balance, so that it is not asked for any more.
    """

    may_change = True
    gone_column = "payments"
    gone_words = N_(
        "{gone} of {all} payments would be taken away, because LMS has them no more. Is it the right database, and all "
        "of it? If so, say --allow-removal."
    )

    def __init__(self, look: Look, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self.coming = Coming(scratch) if self.work is None else None
        self._customers = Seen(scratch, "customer")
        self._invoices = Seen(scratch, "invoice")

    def finish(self) -> None:
        if self.work is not None:
            self._take_away(self.work)
        else:
            self._cancel()
            begins = _payment.c.mark_key.startswith(_OURS, autoescape=True)
            number = self.look.value(sa.select(sa.func.count()).select_from(_payment).where(begins))
            self._gone(self._left(), "id INTEGER PRIMARY KEY, holder INTEGER", number)
        super().finish()

    def take(self, rows: list[PaymentRow]) -> list[PaymentRow]:
        if self.work is not None:
            ids = [row.invoice.key for row in rows if row.invoice is not None]
            for part in chunks(ids):
                self.work.change(Invoice, _invoice.c.number_key.in_(part), _invoice.c.mail_due, mail_due=False)
        return super().take(rows)

    def _cancel(self) -> None:
        """An entry for each invoice that is here and cancelled there."""
        columns = [_invoice.c[name] for name in ("number", "number_key", "issued_on", "gross", "subscriber_id")]
        of = _invoice.join(_subscriber, _subscriber.c.id == _invoice.c.subscriber_id)
        for part in self.aside["cancelled"].parts():
            keys = {one.number_key for one in part}
            here = by_key(
                self.look,
                [*columns, _subscriber.c.number_key.label("holder")],
                _invoice.c.number_key,
                keys,
                lambda row: row.number_key,
                joined=of,
            )
            again = self._invoices.lines(keys)
            rows = [
                self._entry(one, here[one.number_key])
                for one in part
                if one.number_key in here
                and one.number_key not in again
                and here[one.number_key].holder == one.customer.key
                and here[one.number_key].gross
            ]
            self.report.rows += len(rows)
            self.fresh.put(self.take(rows))

    def _entry(self, one: Cancelled, invoice: Any) -> PaymentRow:
        with speaking(self.look.settings.desk.language):
            title = gettext(_CANCELLED).format(number=invoice.number)
        mark, number = f"{_MARK}{one.id}", Ref(invoice.number, invoice.number_key)
        entry = Ref(mark, mark.casefold())
        return PaymentRow(one.id, entry, one.customer, invoice.issued_on, invoice.gross, title[:140], number)

    def _left(self) -> Iterator[tuple[int, int]]:
        """Payments of customers of this run that stand on their accounts no more."""
        columns = [_payment.c.id, _payment.c.mark_key, _payment.c.subscriber_id, _subscriber.c.number_key]
        of = _payment.join(_subscriber, _subscriber.c.id == _payment.c.subscriber_id)
        named = _invoice.c.number_key.label("invoice")
        wanted = sa.select(*columns, named).select_from(of.outerjoin(_invoice, _invoice.c.id == _payment.c.invoice_id))
        begins, last = _payment.c.mark_key.startswith(_OURS, autoescape=True), 0
        while rows := self.look.rows(wanted.where(begins, _payment.c.id > last).order_by(_payment.c.id).limit(_PART)):
            there = self.marks.lines({row.mark_key for row in rows})
            here = self._customers.lines({row.number_key for row in rows})
            valid = self._invoices.lines({row.invoice for row in rows if row.invoice})
            for row in rows:
                # What cancels an invoice only goes when the invoice is back, not when LMS forgets both.
                back = not row.mark_key.startswith(_MARK.casefold()) or row.invoice in valid
                if row.mark_key not in there and row.number_key in here and back:
                    yield row.id, row.subscriber_id
            last = rows[-1].id

    def _take_away(self, work: Work) -> None:
        for part in self._parts():
            work.connection.execute(sa.delete(_payment).where(_payment.c.id.in_([id_ for id_, _holder in part])))
            for _id, holder in part:
                self.touch(holder)


_MARK = f"{PREFIX}D"
"""Begins the marks of entries that cancel invoices, before the document's id."""
_CANCELLED = N_("Cancelled: invoice {number}")
