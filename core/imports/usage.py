"""Importing what went through the lines: a row a line and a day, in bytes.

A day that is here already is replaced: counters of a day that isn't over yet go on growing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import say
from core.forms.field_types import FieldKind, Text
from core.forms.formats import Date
from core.i18n.sanitize import identity
from core.i18n.translation import N_
from core.imports.csv import pipeline
from core.imports.csv.cell_types import NOT_YET, Cells, Whole
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.imports.csv.spool import Packed, Scratch, Seen
from core.models.billing import Usage
from core.models.contracts import Asset
from core.models.subscribers import Line
from core.service.bulk import by_key, chunks
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_usage, _asset, _line = table(Usage), table(Asset), table(Line)

NEEDED = ("line", "day", "down", "up")
KINDS: dict[str, FieldKind] = {"line": Text(limit=64), "day": Date(), "down": Whole(), "up": Whole()}
_KEPT = 100_000
"""Lines whose id is remembered (20 MB); a file with more of them asks again."""


@dataclass(frozen=True, slots=True)
class UsageRow(Packed):
    """One row; ``down`` and ``up`` in bytes. Its line is known as ``asset_id`` when it was compared."""

    line: int
    identifier: str
    day: dt.date
    down: int
    up: int
    asset_id: int = 0


def read(look: ReadContext, rows: Iterator[Row], report: Report) -> Iterator[UsageRow]:
    """The rows that are right in themselves."""
    cells = Cells(KINDS, report, blank=())
    for row in rows:
        values, right = cells.read(row)
        if right and values["day"] > look.today:
            report.wrong(row.line, "day", say(NOT_YET))
        elif right:
            yield UsageRow(row.line, values["line"], values["day"], values["down"], values["up"])


class UsagePass(pipeline.Pass[UsageRow]):
    """Compares rows with the desk, and with a :class:`UnitOfWork` writes them."""

    recounts = False

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self._days = Seen(scratch, "day_of_line")
        self._ids: dict[str, int | None] = {}

    def take(self, rows: list[UsageRow]) -> list[UsageRow]:
        if self.work is not None:
            self._write(self.work, rows)
            return rows
        ids = self._lines(rows)
        known_lines = [
            dataclasses.replace(row, asset_id=id_) for row in rows if (id_ := ids[row.identifier]) is not None
        ]
        again = N_("This day of this line is on line {line} already.")
        firsts = self.only_firsts(self._days, known_lines, lambda row: f"{row.asset_id} {row.day}", "day", again)
        known = self._known([(row.asset_id, row.day) for row in firsts])
        fresh = []
        for row in firsts:
            here = known.get((row.asset_id, row.day))
            if here is None:
                self.report.created += 1
            elif here == (row.down, row.up):
                self.report.unchanged += 1
                continue
            else:
                self.report.updated += 1
            fresh.append(row)
        return fresh

    def _write(self, work: UnitOfWork, rows: list[UsageRow]) -> None:
        """The row says it all: whatever is here of that day is replaced, also what came since the first pass."""
        kind = postgresql if work.connection.dialect.name == "postgresql" else sqlite
        added = kind.insert(_usage)
        counted = {"down": added.excluded.down, "up": added.excluded.up}
        values = [{"asset_id": row.asset_id, "day": row.day, "down": row.down, "up": row.up} for row in rows]
        work.connection.execute(added.on_conflict_do_update(index_elements=["asset_id", "day"], set_=counted), values)

    def _lines(self, rows: list[UsageRow]) -> dict[str, int | None]:
        """The asset of each line that is named; the rest is told."""
        if len(self._ids) > _KEPT:
            self._ids.clear()
        wanted = {row.identifier for row in rows} - self._ids.keys()
        if wanted:
            assets = by_key(
                self.look,
                [_asset.c.id, _asset.c.identifier_key],
                _asset.c.identifier_key,
                (identity(identifier)[:64] for identifier in wanted),
                joined=_asset.join(_line, _line.c.asset_id == _asset.c.id),
            )
            self._ids |= {
                identifier: asset.id if (asset := assets.get(identity(identifier)[:64])) else None
                for identifier in wanted
            }
        for row in rows:
            if self._ids[row.identifier] is None:
                self.report.wrong(row.line, "line", say(N_("There is no line {line} here."), line=row.identifier))
        return self._ids

    def _known(self, pairs: list[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], tuple[int, int]]:
        """What is here of these lines and days."""
        traffic: dict[Any, tuple[int, int]] = {}
        both = sa.tuple_(_usage.c.asset_id, _usage.c.day)
        for part in chunks(pairs):
            for row in self.look.rows(sa.select(_usage).where(both.in_(part))):
                traffic[row.asset_id, row.day] = (row.down, row.up)
        return traffic


KIND = pipeline.FileKind("billing.import", "usage", NEEDED, (), read, UsagePass, pace=150_000)

import_usage = pipeline.importing(KIND)
"""Usage from a file; how it is called says :class:`core.imports.csv.pipeline.Import`."""
