"""What a pass over a million rows has to remember, on disk instead of in memory.

A private SQLite file whose name is taken away at once, so that it is gone when it is closed (or when the process dies).
Whole rows, and where customers live, are encrypted with a key that never leaves memory. What is sorted, compared or
looked up stands in it as it is: numbers of customers, contracts, invoices and lines, marks of payments, IP addresses of
lines, PPPoE logins, days, line numbers, and short digests. SQLite's own temporary files would do as well, but the
bundled build keeps them in memory.
"""

from __future__ import annotations

import os
import pickle
import secrets
import tempfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from core.db.engine import sqlite_module
from core.service.bulk import chunks

_CACHE_KB = 8_000

R = TypeVar("R")


def _folder() -> str | None:
    """Where much room is: ``/tmp`` may be memory. ``TMPDIR`` comes first."""
    roomy = "/var/tmp"  # noqa: S108 - the file is made by mkstemp
    return None if "TMPDIR" in os.environ or not os.access(roomy, os.W_OK) else roomy


class Scratch:
    """The file. ``make`` gives it a table, ``put`` fills it, ``rows`` reads it as it stands, a part at a time."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._box = AESGCM(secrets.token_bytes(32))
        file, path = tempfile.mkstemp(prefix="okienko-", dir=_folder())
        try:
            os.close(file)
            self._store = sqlite_module().connect(path, isolation_level=None)
            for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KB}"):
                self._store.execute(f"PRAGMA {pragma}")
            self.make("opened (at INTEGER)")  # the file is opened when it is first written to
        finally:
            Path(path).unlink()
        # Nobody else reads it and nothing is ever taken back: one transaction to the end, so that a page is written
        # when the cache needs its room and not after every row.
        self._store.execute("BEGIN")

    def close(self) -> None:
        self._store.close()

    def make(self, definition: str) -> None:
        """A table, as ``name (column …)``; one that an earlier pass has made is used on."""
        self._store.execute(f"CREATE TABLE IF NOT EXISTS {definition}")

    def empty(self, name: str) -> None:
        """Forget all rows of a table."""
        self._store.execute(f"DELETE FROM {name}")  # noqa: S608 - a name of ours

    def put(self, statement: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run an INSERT for each row; how many there are more of now."""
        before = self._store.total_changes
        self._store.executemany(statement, rows)
        return int(self._store.total_changes - before)

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a SELECT, read while they are used."""
        yield from self._store.execute(statement, parameters)

    def seal(self, thing: Any) -> bytes:
        """What nobody may read in the file."""
        nonce = secrets.token_bytes(12)
        return nonce + self._box.encrypt(nonce, pickle.dumps(thing, protocol=5), None)

    def unseal(self, box: bytes) -> Any:
        """It was pickled by this process, and nobody without its key could have put it there."""
        return pickle.loads(self._box.decrypt(box[:12], box[12:], None))  # noqa: S301


class Packed:
    """For frozen dataclasses that are spooled: pickled as their class and its values, ten times faster than by field
    names."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in type(self).__match_args__)  # type: ignore[attr-defined]


class Spool(Generic[R]):
    """Rows that one pass leaves for the next, part by part in their order."""

    def __init__(self, scratch: Scratch, name: str) -> None:
        self._scratch, self._name = scratch, name
        self.rows = 0
        scratch.make(f"{name} (at INTEGER PRIMARY KEY, box BLOB NOT NULL)")

    def put(self, rows: Sequence[R]) -> None:
        """A part; an empty one is none."""
        if rows:
            box = self._scratch.seal(rows)
            self._scratch.put(f"INSERT INTO {self._name} (box) VALUES (?)", [(box,)])  # noqa: S608 - a name of ours
            self.rows += len(rows)

    def parts(self) -> Iterator[list[R]]:
        """All of them; a spool can be read more than once."""
        read = f"SELECT box FROM {self._name} ORDER BY at"  # noqa: S608 - a name of ours
        for (box,) in self._scratch.rows(read):
            yield self._scratch.unseal(box)


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

    def digests(self, keys: Collection[str]) -> dict[str, bytes]:
        """What is said by each of ``keys`` that stands anywhere."""
        return {key: facts for key, (_line, facts) in self._read(keys).items()}

    def _read(self, keys: Collection[str]) -> dict[str, tuple[int, bytes]]:
        entries = {}
        for part in chunks(sorted(keys)):
            marks = ",".join("?" * len(part))
            read = f"SELECT key, line, told FROM {self._name} WHERE key IN ({marks})"  # noqa: S608 - marks only
            entries.update({key: (line, bytes(facts)) for key, line, facts in self._scratch.rows(read, part)})
        return entries


_EACH = 4


def digest(values: Mapping[str, Any]) -> bytes:
    """Four bytes for each value, so that two rows can be compared column by column (:func:`differing`)."""
    return b"".join(zlib.crc32(repr(value).encode()).to_bytes(_EACH, "big") for value in values.values())


def differing(first: bytes, other: bytes, names: Iterable[str]) -> list[str]:
    """The names of the values that two digests of the same columns disagree about."""
    return [
        name
        for at, name in enumerate(names)
        if first[at * _EACH : at * _EACH + _EACH] != other[at * _EACH : at * _EACH + _EACH]
    ]
