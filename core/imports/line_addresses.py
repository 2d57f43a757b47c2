"""What no two lines may share, an address and a login: gathered while the rows pass, compared when all are known."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from core.errors import say
from core.i18n.translation import N_
from core.imports.csv.report import Report
from core.imports.csv.spool import Scratch, Seen
from core.imports.line_rows import LineRow
from core.models.contracts import Asset
from core.models.subscribers import Line, LineAddress
from core.service.bulk import PART, by_key, change_each, chunks, insert_each, parts_of
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_asset, _line, _address = table(Asset), table(Line), table(LineAddress)

_PUT = "INSERT OR IGNORE INTO net VALUES (?, ?, ?, ?, ?)"
_SWEEP = "SELECT low, high, network, line, owner FROM net ORDER BY low, high, network, line, owner"
_LOGINS = "SELECT login, line, owner FROM login ORDER BY login, line, owner"
_MIX, _PRIME = 48_271, 2**31 - 1
Net = tuple[str, str, str, int, str]
"""``low``, ``high``, as it is written, its line of the file (0 for one of the desk), and the line it belongs to."""


class Addresses:
    """The networks of the file's lines. The pass that writes only gets some of its lines; those of the others it knows
    from the pass before, and looks at them again if somebody else has given addresses to lines in between."""

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch, identifiers: Seen, whole: str) -> None:
        self._look, self._report, self._scratch, self._identifiers = look, report, scratch, identifiers
        self._whole = whole
        self._waiting: list[tuple[Any, ...]] = []
        self._writes = isinstance(look, UnitOfWork)
        # Kept in the order in which they are compared: SQLite would sort a million of them in memory.
        ordered = "low TEXT, high TEXT, network TEXT, line INTEGER, owner TEXT"
        scratch.make(f"net ({ordered}, PRIMARY KEY (low, high, network, line, owner)) WITHOUT ROWID")
        scratch.make("addresses_were (number INTEGER, last INTEGER, mixed INTEGER)")
        if self._writes and look.connection.dialect.name == "postgresql":
            # There writers don't take turns: nobody may give out an address between the check and the commit.
            look.connection.exec_driver_sql("LOCK TABLE line_address IN SHARE ROW EXCLUSIVE MODE")
        known = self._known()
        if self._writes:
            scratch.make("given (asset INTEGER, network TEXT, low TEXT, high TEXT)")
            scratch.empty("given")
            self._as_before = list(scratch.rows("SELECT * FROM addresses_were")) == [known]
        else:
            scratch.put("INSERT INTO addresses_were VALUES (?, ?, ?)", [known])
            self._as_before = False

    def _known(self) -> tuple[int, ...]:
        """How many addresses the desk has, their last id, and all of their ids mixed: what tells whether there are
        others than before. An address is never changed in place, and an id never given out twice (:class:`LineAddress`
        asks for that); on PostgreSQL a later one may be seen first, so the last one alone doesn't tell."""
        id_ = _address.c.id
        columns: list[Any] = [sa.func.count(id_), sa.func.max(id_), sa.func.sum(id_ * _MIX % _PRIME)]
        return tuple(int(count or 0) for count in self._look.row(sa.select(*columns)) or ())

    def add(self, row: LineRow, asset_id: int | None, known: dict[str, str]) -> None:
        """Those of one row; ``known`` are the ends of those that its line has already."""
        for network in row.networks:
            if not self._writes:
                self._waiting.append((network.low, network.high, network.text, row.line, row.identifier))
            elif known.get(network.low) != network.high:
                self._waiting.append((asset_id, network.text, network.low, network.high))

    def flush(self) -> None:
        statement = "INSERT INTO given VALUES (?, ?, ?, ?)" if self._writes else _PUT
        self._scratch.put(statement, self._waiting)
        self._waiting.clear()

    def check(self) -> None:
        """Tell every network that overlaps another line's, in the file or in the desk: one sweep over both."""
        if self._as_before:
            return
        widest: Net = ("", "", "", 0, "")
        for net in heapq.merge(self._of_file(), self._of_desk()):
            if net[0] <= widest[1] and net[4] != widest[4] and (net[3] or widest[3]):
                # The desk's own don't overlap, so one of the two is the file's; of two of the file's the later one.
                wrong, other = (net, widest) if net[3] > widest[3] else (widest, net)
                what = N_("{network} overlaps {other}, which belongs to line {line}.")
                slip = say(what, network=wrong[2], other=other[2], line=other[4])
                self._report.wrong(wrong[3], "addresses", slip)
            if net[1] > widest[1]:
                widest = net

    def _of_file(self) -> Iterator[Net]:
        return self._scratch.rows(_SWEEP)

    def _of_desk(self) -> Iterator[Net]:
        """Those of lines that the file doesn't name: the file's say for themselves, and what is whole has no others."""
        columns = _address.c.low, _address.c.high, _address.c.network, _asset.c.identifier, _asset.c.identifier_key
        joined = sa.select(*columns).join_from(_address, _asset, _asset.c.id == _address.c.asset_id)
        for rows in parts_of(self._look, joined, _address.c.low):
            named = self._identifiers.lines({row.identifier_key for row in rows})
            for row in rows:
                if row.identifier_key not in named and not _gone(row.identifier_key, self._whole):
                    yield row.low, row.high, row.network, 0, row.identifier

    def give(self, work: UnitOfWork) -> None:
        """Write those that are new to their lines."""
        fresh = self._scratch.rows("SELECT asset, network, low, high FROM given")
        for part in chunks(fresh, PART):
            names = ("asset_id", "network", "low", "high")
            insert_each(work, LineAddress, [dict(zip(names, row, strict=True)) for row in part])


def _gone(key: str, whole: str) -> bool:
    """Whether a line that isn't in the run is none any more."""
    return bool(whole) and key.startswith(whole)


class Logins:
    """The PPPoE logins of the file's lines; the pass that writes looks again at those it gets."""

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch, identifiers: Seen, whole: str) -> None:
        self._look, self._report, self._scratch, self._identifiers = look, report, scratch, identifiers
        self._whole = whole
        self._waiting: list[tuple[Any, ...]] = []
        # The key is what is read in its order, and nothing is sorted in memory; the rows stand as they came.
        ordered = "login TEXT, line INTEGER, owner TEXT"
        scratch.make(f"login ({ordered}, asset INTEGER, fresh INTEGER, PRIMARY KEY (login, line, owner))")
        if isinstance(look, UnitOfWork):
            scratch.empty("login")

    def add(self, row: LineRow, asset_id: int | None, *, fresh: bool) -> None:
        """That of one row; ``fresh`` when its line has another one, or none."""
        self._waiting.append((row.login, row.line, row.key, asset_id, fresh))

    def flush(self) -> None:
        self._scratch.put("INSERT OR IGNORE INTO login VALUES (?, ?, ?, ?, ?)", self._waiting)
        self._waiting.clear()

    def check(self) -> None:
        """Tell every login that another line has: in the file, or in the desk and not in the file."""
        columns = [_line.c.pppoe_login, _asset.c.identifier, _asset.c.identifier_key]
        joined = _line.join(_asset, _asset.c.id == _line.c.asset_id)
        first, before = "", 0
        for part in chunks(self._scratch.rows(_LOGINS)):
            wanted = (login for login, _line_, _owner in part)
            here = by_key(self._look, columns, _line.c.pppoe_login, wanted, joined=joined)
            named = self._identifiers.lines({row.identifier_key for row in here.values()})
            for login, line, owner in part:
                other = here.get(login)
                if login == first:
                    what = say(N_("This login is on line {line} already."), line=before)
                    self._report.wrong(line, "pppoe_login", what)
                elif (
                    other is not None
                    and other.identifier_key != owner
                    and other.identifier_key not in named
                    and not _gone(other.identifier_key, self._whole)
                ):
                    what = say(N_("This login belongs to line {line}."), line=other.identifier)
                    self._report.wrong(line, "pppoe_login", what)
                first, before = login, line

    def give(self, work: UnitOfWork) -> None:
        """Write the new ones, now that all of them are free."""
        for part in chunks(self._scratch.rows("SELECT asset, login FROM login WHERE fresh ORDER BY rowid"), PART):
            rows = [{"asset_id": asset, "pppoe_login": login} for asset, login in part]
            change_each(work, Line, rows, key="asset_id")
