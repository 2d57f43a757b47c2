"""Customers and contracts that a run has found to be right and not written yet (an LMS database is compared as a whole
before anything of it is written), so that its lines, invoices and payments can be held against them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from core.imports.csv.spool import Scratch
from core.imports.subscribers import SubscriberFileRow
from core.service.bulk import chunks


class PendingSubscriber(NamedTuple):
    """As a row of the table ``subscriber``, as far as other rows ask. One that isn't there yet has an id below 0."""

    id: int
    number: str
    number_key: str
    street: str
    postcode: str
    town: str


class PendingContract(NamedTuple):
    """As a row of the table ``contract``, likewise."""

    id: int
    number_key: str
    subscriber_id: int
    valid_until: dt.date


class Coming:
    """Those of one run."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        scratch.make("coming (key TEXT PRIMARY KEY, line INTEGER, number TEXT, place BLOB)")
        scratch.make("coming_contract (key TEXT PRIMARY KEY, line INTEGER, holder TEXT, until TEXT)")

    def note(self, rows: Collection[SubscriberFileRow]) -> None:
        """Rows that are new or other than what is here."""
        self._scratch.put(
            "INSERT OR IGNORE INTO coming VALUES (?, ?, ?, ?)",
            [(row.number.key, row.line, row.number.text, self._scratch.seal(_place(row))) for row in rows],
        )
        self._scratch.put(
            "INSERT OR IGNORE INTO coming_contract VALUES (?, ?, ?, ?)",
            [
                (row.terms.number.key, row.line, row.number.key, row.terms.valid_until.isoformat())
                for row in rows
                if row.terms
            ],
        )

    def customers(self, here: Mapping[str, Any], wanted: Collection[str]) -> dict[str, Any]:
        """The customers with these keys, as they will be."""
        customers = dict(here)
        for key, line, number, place in self._rows("coming", wanted):
            id_ = here[key].id if key in here else -line
            customers[key] = PendingSubscriber(id_, number, key, *self._scratch.unseal(place))
        return customers

    def contracts(self, here: Mapping[str, Any], wanted: Collection[str], holders: Mapping[str, Any]) -> dict[str, Any]:
        """The contracts with these keys, as they will be; ``holders`` are the customers by their keys."""
        contracts = dict(here)
        for key, line, holder, until in self._rows("coming_contract", wanted):
            owner = holders[holder].id if holder in holders else 0
            known = here[key].id if key in here and here[key].subscriber_id == owner else -line
            contracts[key] = PendingContract(known, key, owner, dt.date.fromisoformat(until))
        return contracts

    def _rows(self, name: str, keys: Collection[str]) -> list[Any]:
        return [
            row
            for part in chunks(sorted(keys))
            for row in self._scratch.rows(
                f"SELECT * FROM {name} WHERE key IN ({','.join('?' * len(part))})",  # noqa: S608 - names and marks
                part,
            )
        ]


def _place(row: SubscriberFileRow) -> list[str]:
    return [row.details[name] or "" for name in ("street", "postcode", "town")]
