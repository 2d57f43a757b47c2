"""Customers of an LMS database as rows of a subscribers file, so that the same checks and writing serve both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from core.billing.money import plain
from core.errors import say
from core.i18n.sanitize import clean
from core.i18n.translation import N_
from core.imports import subscribers
from core.imports.csv.cell_types import Cells
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.imports.csv.spool import Scratch
from core.imports.lms.contracts import Contracts, Subscription
from core.imports.lms.source import DeskFacts, Lms, grosze, place
from core.imports.subscribers import SubscriberFileRow
from core.models.contracts import NO_END

_EMAIL, _DISABLED, _PHONES, _ACCOUNT = 8, 16384, 1 | 4, 64 | 16
"""Bits of ``customercontacts.type``; an account for paying to is a bank account for invoices."""
_HOMES = {1: 0, 0: 1, 3: 2}
"""Which ``customer_addresses.type`` comes first: for bills, for letters, the usual place."""
_NOWHERE = {"street": "", "postcode": "", "town": ""}
_NO_CONTACT = {"email": "", "phone": "", "bank_account": ""}
_BLANK = {"pesel", "kind", "tax_id", "valid_until", *_NOWHERE, *_NO_CONTACT}


class Customers:
    """Reads them."""

    def __init__(self, lms: Lms, facts: DeskFacts, scratch: Scratch) -> None:
        self._lms = lms
        self._facts = facts
        self._contracts = Contracts(lms, facts, scratch)

    def rows(self, report: Report) -> Iterator[SubscriberFileRow]:
        """Each customer with each contract; one without any comes alone."""
        lms, customers = self._lms, self._lms.table("customers")
        columns = [lms.column("customers", name, "") for name in ("lastname", "name", "ten", "ssn", "type")]
        columns += [lms.column("customers", name, 0) for name in ("id", "creationdate")]
        cells = Cells(
            subscribers.kinds(self._facts.keys),
            report,
            blank=_BLANK,
            private=("pesel", "name", "email", "phone", "tax_id"),
            lenient=_BLANK,
        )
        for part in lms.stream(sa.select(*columns).where(lms.customers()).order_by(customers.c.id)):
            ids = [row.id for row in part]
            homes, contacts, contracts = self._homes(ids), self._contacts(ids), self._contracts.of(ids)
            for row in part:
                texts = {**_person(row), **homes.get(row.id, _NOWHERE), **contacts.get(row.id, _NO_CONTACT)}
                person, known = cells.read(Row(row.id, texts))
                theirs: Sequence[Subscription | None] = contracts.get(row.id) or [None]
                for contract in theirs:
                    report.rows += 1
                    if contract is not None and contract.printed:
                        alike = say(_ALIKE, contract=contract.printed, number=contract.number)
                        report.warn(row.id, "contract_number", alike)
                    more = _terms(contract, lms.day(row.creationdate), self._facts.today) if contract else {}
                    terms, right = cells.read(Row(row.id, more))
                    made = subscribers.made_of(row.id, {**person, **terms}, report) if known and right else None
                    if made is not None:
                        yield made

    def left(self) -> Iterator[list[tuple[str, dt.date]]]:
        """Who is in LMS and no customer any more (deleted, as a rule): their number, and the day of the change."""
        customers = self._lms.table("customers")
        changed = self._lms.column("customers", "moddate", 0)
        wanted = sa.select(customers.c.id, changed).where(sa.not_(self._lms.customers())).order_by(customers.c.id)
        for part in self._lms.stream(wanted):
            today = self._facts.today
            yield [(str(row.id), min(self._lms.day(row.moddate) or today, today)) for row in part]

    def _homes(self, ids: Sequence[int]) -> dict[int, dict[str, str]]:
        """Where customers live: the billing address, or else another one they have."""
        lms = self._lms
        if not lms.has("customer_addresses", "addresses"):
            return self._old_homes(ids)
        links, addresses = lms.table("customer_addresses"), lms.table("addresses")
        joined = sa.select(links.c.customer_id, links.c.type, *lms.address()).join_from(
            links, addresses, addresses.c.id == links.c.address_id
        )
        homes: dict[int, tuple[int, dict[str, str]]] = {}
        for row in lms.rows(joined.order_by(links.c.id), links.c.customer_id, ids):
            rank = _HOMES.get(row.type, len(_HOMES))
            if row.customer_id not in homes or rank < homes[row.customer_id][0]:
                homes[row.customer_id] = (rank, place(row))
        return {id_: home for id_, (_rank, home) in homes.items()}

    def _old_homes(self, ids: Sequence[int]) -> dict[int, dict[str, str]]:
        """As versions before 1.11.20 kept them, on the customer."""
        lms, customers = self._lms, self._lms.table("customers")
        columns = [lms.column("customers", name, "") for name in ("street", "zip", "city", "house", "flat")]
        wanted = sa.select(customers.c.id, *columns)
        return {row.id: place(row) for row in lms.rows(wanted, customers.c.id, ids)}

    def _contacts(self, ids: Sequence[int]) -> dict[int, dict[str, str]]:
        """The first e-mail, phone and account for payments of each that isn't switched off."""
        by_customer: dict[int, dict[str, str]] = {}
        if not self._lms.has("customercontacts"):
            return by_customer
        contacts = self._lms.table("customercontacts")
        wanted = sa.select(contacts.c.customerid, contacts.c.contact, contacts.c.type).order_by(contacts.c.id)
        for row in self._lms.rows(wanted, contacts.c.customerid, ids):
            own = by_customer.setdefault(row.customerid, dict(_NO_CONTACT))
            column = _contact(row.type or 0)
            if column and not own[column]:
                own[column] = row.contact or ""
        return by_customer


_ALIKE = N_("Contract {contract} is another customer's too; here it is {number}.")


def _contact(kind: int) -> str:
    """Which column a contact of this kind goes to; empty for none."""
    if kind & _DISABLED:
        return ""
    if kind & _EMAIL:
        return "email"
    if kind & _PHONES:
        return "phone"
    return "bank_account" if kind & _ACCOUNT == _ACCOUNT else ""


def _person(row: Any) -> dict[str, str]:
    company = row.type == 1
    name = f"{row.lastname} {row.name}" if company else f"{row.name} {row.lastname}"
    return {
        "customer_number": str(row.id),
        "name": clean(name)[:160],
        "kind": "company" if company else "person",
        "pesel": row.ssn,
        "tax_id": row.ten,
    }


def _terms(contract: Subscription, since: dt.date | None, today: dt.date) -> dict[str, str]:
    begins = contract.since or since or today
    return {
        "contract_number": contract.number,
        "valid_from": min(begins, contract.until).isoformat(),
        "valid_until": "" if contract.until == NO_END else contract.until.isoformat(),
        "monthly_fee": plain(grosze(contract.fee)),
    }
