"""Importing subscribers and their subscriptions: a row a contract.

What the file says counts, except who has signed up and what they agreed to, which it doesn't know. A PESEL becomes a
MAC the moment it is read. A column the file doesn't have, and an empty PESEL, leave what is here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.contracts.number import number_key
from core.errors import say
from core.forms.field_types import FieldKind, Text
from core.forms.formats import Date, Email, Phone
from core.i18n.collation import sort_key
from core.i18n.sanitize import fold
from core.i18n.translation import N_
from core.imports.csv import pipeline
from core.imports.csv.cell_types import (
    LANGUAGE,
    PERSON_OR_COMPANY,
    BankAccount,
    Cells,
    Fee,
    Pesel,
    Ref,
    Reference,
    TaxId,
    like_lms,
)
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.imports.csv.spool import Packed, Scratch, Seen, differing, digest
from core.models.contracts import NO_END, Contract, ContractKind
from core.models.subscribers import Subscriber, SubscriberKind
from core.security.crypto import Keys
from core.service.bulk import by_key, change_each, insert_each
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from core.subscribers.search import words_of

_subscriber, _contract = table(Subscriber), table(Contract)

NEEDED = (
    "customer_number",
    "name",
    "pesel",
    "street",
    "postcode",
    "town",
    "contract_number",
    "valid_from",
    "valid_until",
    "monthly_fee",
)
OPTIONAL = ("kind", "tax_id", "email", "phone", "language", "bank_account")
_BLANK = {"pesel", "valid_until", "street", "postcode", "town", *OPTIONAL}
CUSTOMER = ("name", "pesel", "street", "postcode", "town", *OPTIONAL)
"""What all rows of a customer must agree about."""


@dataclass(frozen=True, slots=True)
class SubscriptionTerms(Packed):
    """A subscription."""

    number: Ref
    valid_from: dt.date
    valid_until: dt.date
    monthly_fee: int


@dataclass(frozen=True, slots=True)
class SubscriberFileRow(Packed):
    """One row. ``details`` is what it says of the customer by the names of the columns, the PESEL already a MAC and an
    end; an LMS customer may be without a contract."""

    line: int
    number: Ref
    details: dict[str, Any]
    terms: SubscriptionTerms | None
    name_key: str
    """The name, folded."""
    name_order: str
    """What it is sorted by; made here, because nobody waits for this pass."""


def kinds(keys: Keys) -> dict[str, FieldKind]:
    """How each column is read."""
    return {
        "customer_number": Reference(),
        "name": Text(limit=160),
        "kind": PERSON_OR_COMPANY,
        "pesel": Pesel(keys=keys),
        "tax_id": TaxId(),
        "street": Text(limit=120),
        "postcode": Text(limit=10),
        "town": Text(limit=80),
        "email": Email(),
        "phone": Phone(limit=32),
        "language": LANGUAGE,
        "bank_account": BankAccount(),
        "contract_number": Reference(),
        "valid_from": Date(),
        "valid_until": Date(),
        "monthly_fee": Fee(),
    }


def read(look: ReadContext, rows: Iterator[Row], report: Report) -> Iterator[SubscriberFileRow]:
    """The rows that are right in themselves."""
    cells = Cells(kinds(look.keys), report, blank=_BLANK, private=("pesel", "name", "email", "phone"))
    for row in rows:
        values, right = cells.read(row)
        other = like_lms(values["contract_number"].key) if values["contract_number"] else None
        if other is not None:
            report.wrong(row.line, "contract_number", other)
            continue
        made = made_of(row.line, values, report) if right else None
        if made is not None:
            yield made


def made_of(line: int, values: dict[str, Any], report: Report) -> SubscriberFileRow | None:
    """The row of values that are each right, if they fit together; without ``contract_number`` of a customer alone."""
    terms, until = None, values.get("valid_until") or NO_END
    if values.get("contract_number") is not None:
        if until < values["valid_from"]:
            what = say(N_("The period ends before it starts ({day})."), day=values["valid_from"])
            report.wrong(line, "valid_until", what)
            return None
        terms = SubscriptionTerms(values["contract_number"], values["valid_from"], until, values["monthly_fee"])
    details = {name: values[name] for name in CUSTOMER if name in values}
    name = details["name"]
    return SubscriberFileRow(line, values["customer_number"], details, terms, fold(name)[:160], sort_key(name)[:240])


def _facts(row: SubscriberFileRow, *, new: bool = False) -> dict[str, Any]:
    """Columns of the table :class:`Subscriber` that the row decides. Whether that is a person or a company is only
    guessed of somebody ``new``."""
    details = row.details
    facts = {name: value or "" for name, value in details.items() if name not in ("pesel", "kind", "language")}
    facts["name_key"], facts["name_order"] = row.name_key, row.name_order
    if details.get("pesel") is not None:
        facts["pesel_mac"], facts["pesel_end"] = details["pesel"]
    if details.get("kind"):
        facts["kind"] = details["kind"]
    elif new:
        company = bool(details.get("tax_id")) and details.get("pesel") is None
        facts["kind"] = (SubscriberKind.COMPANY if company else SubscriberKind.PERSON).value
    if details.get("language") or new:
        facts["language"] = details.get("language") or "pl"
    return facts


class SubscribersPass(pipeline.Pass[SubscriberFileRow]):
    """Compares rows with the desk, and with a :class:`UnitOfWork` writes them."""

    origin = ""
    """The book that the rows are of; empty for a file. A contract of this book may have become another customer's."""

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self.customers = Seen(scratch, "customer")
        self.numbers = Seen(scratch, "contract_number")

    def take(self, rows: list[SubscriberFileRow]) -> list[SubscriberFileRow]:
        if self.work is None:
            self._agreed(rows)
        holders = by_key(self.look, [_subscriber], _subscriber.c.number_key, (row.number.key for row in rows))
        wanted = (row.terms.number.key for row in rows if row.terms)
        columns = [_contract, _subscriber.c.number.label("holder")]
        contracts = by_key(
            self.look,
            columns,
            _contract.c.number_key,
            wanted,
            joined=_contract.outerjoin(_subscriber, _contract.c.subscriber_id == _subscriber.c.id),
        )
        moved = self._moved(rows, holders, contracts) if self.origin else []
        fresh = [row for row in rows if self._compare(row, holders.get(row.number.key), contracts)]
        if self.work is not None and not self.report.errors:
            self._set_aside(self.work, moved)
            self._write(self.work, fresh, holders, contracts)
        return fresh

    def _agreed(self, rows: list[SubscriberFileRow]) -> None:
        """All rows of a customer say the same of them, and every contract stands in one row."""
        digests = {row.line: digest(row.details) for row in rows}
        firsts = self.customers.first([(row.number.key, row.line, digests[row.line]) for row in rows])
        for row in rows:
            line, first = firsts.get(row.number.key, (row.line, b""))
            if line != row.line:
                for column in differing(digests[row.line], first, row.details):
                    what = N_("This is another value for customer {number} than on line {line}.")
                    self.report.wrong(row.line, column, say(what, number=row.number.text, line=line))
        with_terms = [(row.terms.number.key, row.line, b"") for row in rows if row.terms]
        numbers = self.numbers.first(with_terms)
        for key, line, _told in with_terms:
            first_line = numbers.get(key, (line, b""))[0]
            if first_line != line:
                what = N_("This contract is on line {line} already.")
                self.report.wrong(line, "contract_number", say(what, line=first_line))

    def _moved(self, rows: list[SubscriberFileRow], holders: dict[str, Any], contracts: dict[str, Any]) -> list[Any]:
        """Contracts of this book that somebody else has now, taken out of ``contracts``: their rows are new ones."""
        moved = []
        for row in rows:
            known = contracts.get(row.terms.number.key) if row.terms else None
            holder = holders.get(row.number.key)
            if known is None or known.kind != ContractKind.SUBSCRIPTION or known.origin != self.origin:
                continue
            if holder is None or known.subscriber_id != holder.id:
                moved.append(contracts.pop(known.number_key))
        return moved

    def _set_aside(self, work: UnitOfWork, contracts: list[Any]) -> None:
        """What was said and paid under a contract stays with whom it was: with its own number, and ended."""
        yesterday = work.today - dt.timedelta(days=1)
        for known in contracts:
            number = f"{known.number[:28]} #{known.id}"
            until = min(known.valid_until, max(yesterday, known.valid_from))
            work.change(
                Contract,
                _contract.c.id == known.id,
                number=number,
                number_key=number_key(number),
                valid_until=until,
                ending_told_at=known.ending_told_at or work.now,
            )

    def _compare(self, row: SubscriberFileRow, holder: Any, contracts: dict[str, Any]) -> bool:
        """Count the row as new, different or as it is, or say why it can't be; whether there is anything to write."""
        known = contracts.get(row.terms.number.key) if row.terms else None
        if known is not None and known.kind != ContractKind.SUBSCRIPTION:
            what = say(N_("This is the number of a support contract here."))
            self.report.wrong(row.line, "contract_number", what)
            return False
        if known is not None and (holder is None or known.subscriber_id != holder.id):
            slip = say(_TAKEN, number=known.holder or "?")
            self.report.wrong(row.line, "contract_number", slip)
            return False
        if holder is None or (row.terms and known is None):
            self.report.created += 1
        elif _differs(holder, _facts(row)) or (row.terms and known and _differs(known, self._dates(row.terms))):
            self.report.updated += 1
        else:
            self.report.unchanged += 1
            return False
        return True

    def _write(
        self, work: UnitOfWork, rows: list[SubscriberFileRow], holders: dict[str, Any], contracts: dict[str, Any]
    ) -> None:
        last = {row.number.key: row for row in rows}
        new = [row for key, row in last.items() if key not in holders]
        insert_each(work, Subscriber, [self._subscriber(work, row) for row in new])
        changed = [
            {
                "id": holders[key].id,
                "changed_at": work.now,
                "words": words_of({**holders[key]._mapping, **facts}),
                **facts,
            }
            for key, row in last.items()
            if key in holders and _differs(holders[key], facts := _facts(row))
        ]
        change_each(work, Subscriber, changed, version=_subscriber.c.version + 1)
        columns = [_subscriber.c.id, _subscriber.c.number_key]
        made = by_key(work, columns, _subscriber.c.number_key, (row.number.key for row in new))
        ids = {key: row.id for key, row in {**holders, **made}.items()}
        self._contracts(work, rows, ids, contracts)

    def _subscriber(self, work: UnitOfWork, row: SubscriberFileRow) -> dict[str, Any]:
        numbers = {"number": row.number.text, "number_key": row.number.key}
        facts = _facts(row, new=True)
        return {**numbers, **facts, "words": words_of(facts), "created_at": work.now, "changed_at": work.now}

    def _contracts(
        self, work: UnitOfWork, rows: list[SubscriberFileRow], ids: dict[str, int], known: dict[str, Any]
    ) -> None:
        pairs = [(row.number.key, row.terms) for row in rows if row.terms]
        insert_each(
            work,
            Contract,
            [
                {
                    "number": terms.number.text,
                    "number_key": terms.number.key,
                    "code_mac": "",
                    "kind": ContractKind.SUBSCRIPTION.value,
                    "subscriber_id": ids[key],
                    "registered_at": work.now,
                    "created_at": work.now,
                    **self._dates(terms),
                }
                for key, terms in pairs
                if terms.number.key not in known
            ],
        )
        changed = [
            # A contract that ends on another day now is told of again.
            {
                "id": here.id,
                "ending_told_at": here.ending_told_at if here.valid_until == terms.valid_until else None,
                **self._dates(terms),
            }
            for _key, terms in pairs
            if (here := known.get(terms.number.key)) is not None and _differs(here, self._dates(terms))
        ]
        change_each(work, Contract, changed)

    def _dates(self, terms: SubscriptionTerms) -> dict[str, Any]:
        """Columns of the contract; what a book has under its number and holder is its own from then on."""
        dates = {"valid_from": terms.valid_from, "valid_until": terms.valid_until, "monthly_fee": terms.monthly_fee}
        return {**dates, "origin": self.origin} if self.origin else dates


_TAKEN = N_(
    "This contract belongs to customer {number} here, and contracts don't move: end it there first (with a day in "
    "valid_until), and give the new customer's a number of its own."
)


def _differs(here: Any, wanted: dict[str, Any]) -> bool:
    known = here._mapping
    return any(known[name] != value for name, value in wanted.items())


KIND = pipeline.FileKind("subscriber.import", "subscriber", NEEDED, OPTIONAL, read, SubscribersPass, pace=15_000)

import_subscribers = pipeline.importing(KIND)
"""Subscribers with their contracts from a file; how it is called says :class:`core.imports.csv.pipeline.Import`."""
