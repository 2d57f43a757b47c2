"""Correcting invoices of an LMS database (documents of type 3).

LMS keeps of each item by how much its price and its quantity change, and in ``reference`` the document that is
corrected, which may be a correction itself. So what stood there before is that document with everything that it changes
in turn; what a correction changes is the difference of the sums before and after.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core.imports.lms.source import CORRECTION, INVOICE, Lms
from core.service.bulk import chunks

_LONGEST = 100
"""Corrections of one invoice that are followed."""

Contents = Callable[[Sequence[int]], Mapping[int, list[Any]]]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a document as it stands after it; ``row`` has its words and its tax."""

    price: Decimal
    units: Decimal
    row: Any

    def same(self, other: Item) -> bool:
        names = ("percent", "taxed", "label", "content", "description")
        words = all(getattr(self.row, name) == getattr(other.row, name) for name in names)
        return words and (self.price, self.units) == (other.price, other.units)


@dataclass(frozen=True, slots=True)
class Change:
    """What a correction corrects, and its lines: each with whether it is one from before."""

    number: str
    issued_on: dt.date
    lines: tuple[tuple[Item, bool], ...]


class Corrections:
    """Reads them for some documents at a time; ``contents`` gives the lines of documents by their ids."""

    def __init__(self, lms: Lms, contents: Contents) -> None:
        self._lms = lms
        self._contents = contents

    def of(self, corrections: Sequence[Any]) -> dict[int, Change]:
        """By id, those of ``corrections`` that can be told: the documents they correct are all there."""
        documents = self._documents(corrections) if corrections else {}
        contents: dict[int, list[Any]] = {}
        for part in chunks(documents):
            contents.update(self._contents(part))
        changes = {}
        for row in corrections:
            named = documents.get(row.reference)
            day = self._lms.day(named.cdate) if named is not None else None
            before = self._after(row.reference, documents, contents)
            after = self._after(row.id, documents, contents)
            if day is None or before is None or after is None:
                continue
            lines = _lines(before, after)
            if lines:
                changes[row.id] = Change(self._lms.numbered_as(named), day, lines)
        return changes

    def _documents(self, corrections: Sequence[Any]) -> dict[int, Any]:
        """These, what they correct, and what that corrects."""
        table = self._lms.table("documents")
        columns = [table.c.id, table.c.type, table.c.reference, *self._lms.number()]
        chosen = self._lms.numbered(sa.select(*columns)).where(table.c.type.in_((INVOICE, CORRECTION)))
        rows: dict[int, Any] = {row.id: row for row in corrections}
        wanted = {row.reference for row in corrections}
        for _link in range(_LONGEST):
            missing = sorted(id_ for id_ in wanted if id_ is not None and id_ not in rows)
            if not missing:
                break
            fresh = self._lms.rows(chosen, table.c.id, missing)
            rows.update((row.id, row) for row in fresh)
            wanted = {row.reference for row in fresh if row.type == CORRECTION}
        return rows

    def _after(
        self, id_: int, documents: Mapping[int, Any], contents: Mapping[int, list[Any]]
    ) -> dict[int, Item] | None:
        """What stands after a document, by item; None when one that it rests on is missing."""
        chain: list[Any] = []
        row = documents.get(id_)
        while row is not None and row not in chain and (not chain or chain[-1].type == CORRECTION):
            chain.append(row)
            row = documents.get(row.reference)
        if not chain or chain[-1].type != INVOICE:
            return None
        items: dict[int, Item] = {}
        for document in reversed(chain):
            for line in contents.get(document.id, ()):
                known = items.get(line.itemid)
                price, units = (known.price, known.units) if known else (Decimal(0), Decimal(0))
                items[line.itemid] = Item(price + Decimal(line.value), units + Decimal(line.units), line)
        return items


def _lines(before: Mapping[int, Item], after: Mapping[int, Item]) -> tuple[tuple[Item, bool], ...]:
    """The items that change, as they were and as they are; all of them when none does, because then it is the heading
    that was corrected."""
    items = sorted(before.keys() | after.keys())
    changed = [id_ for id_ in items if id_ not in before or not before[id_].same(after[id_])]
    lines = [(item, at == 0) for id_ in changed or items for at, item in enumerate((before.get(id_), after.get(id_)))]
    return tuple((item, was) for item, was in lines if item is not None and item.units)
