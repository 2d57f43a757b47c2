"""What a pass over a million rows has to remember, on disk instead of in memory.

A private SQLite file without a name, which is gone when it is closed (or when the process dies). Nothing secret goes
in: no PESEL and no password, only keys, line numbers and short digests.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.database import sqlite_module
from core.exchange.keys import chunks

_CACHE_KB = 8_000


class Scratch:
    """The file. ``make`` gives it a table, ``put`` fills it, ``rows`` reads it as it stands, a part at a time."""

    def __init__(self) -> None:
        self._store = sqlite_module().connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KB}"):
            self._store.execute(f"PRAGMA {pragma}")

    def close(self) -> None:
        self._store.close()

    def make(self, definition: str) -> None:
        """A table, as ``name (column …)``."""
        self._store.execute(f"CREATE TABLE {definition}")

    def put(self, statement: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run an INSERT for each row; how many there are more of now."""
        before = self._store.total_changes
        self._store.executemany(statement, rows)
        return int(self._store.total_changes - before)

    def rows(self, statement: str, given: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a SELECT, read while they are used."""
        yield from self._store.execute(statement, given)


class Seen:
    """The first row of the file that says something by a key: its line, and what it says as a digest."""

    def __init__(self, scratch: Scratch, name: str) -> None:
        self._scratch, self._name = scratch, name
        scratch.make(f"{name} (key TEXT PRIMARY KEY, line INTEGER NOT NULL, told BLOB NOT NULL) WITHOUT ROWID")

    def first(self, entries: Sequence[tuple[str, int, bytes]]) -> dict[str, tuple[int, bytes]]:
        """Remember ``(key, line, digest)`` of each row; what the first row of those keys says that came before.

        Empty for rows that are all new, which is the rule and costs one statement.
        """
        put = f"INSERT OR IGNORE INTO {self._name} VALUES (?, ?, ?)"  # noqa: S608 - a name of ours
        if self._scratch.put(put, entries) == len(entries):
            return {}
        return self._read({key for key, _line, _told in entries})

    def lines(self, keys: Collection[str]) -> dict[str, int]:
        """On which line each of ``keys`` stands that does."""
        return {key: line for key, (line, _told) in self._read(keys).items()}

    def _read(self, keys: Collection[str]) -> dict[str, tuple[int, bytes]]:
        found = {}
        for part in chunks(sorted(keys)):
            marks = ",".join("?" * len(part))
            read = f"SELECT key, line, told FROM {self._name} WHERE key IN ({marks})"  # noqa: S608 - marks only
            found.update({key: (line, bytes(told)) for key, line, told in self._scratch.rows(read, part)})
        return found


_EACH = 4


def digest(values: Mapping[str, Any]) -> bytes:
    """Four bytes for each value, so that two rows can be compared column by column (:func:`differing`)."""
    return b"".join(zlib.crc32(repr(value).encode()).to_bytes(_EACH, "big") for value in values.values())


def differing(one: bytes, other: bytes, names: Iterable[str]) -> list[str]:
    """The names of the values that two digests of the same columns disagree about."""
    return [
        name
        for at, name in enumerate(names)
        if one[at * _EACH : at * _EACH + _EACH] != other[at * _EACH : at * _EACH + _EACH]
    ]
