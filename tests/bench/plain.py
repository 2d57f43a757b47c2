"""The plain side of every comparison: the very SQL that the door sends, caught on its way and run by the driver."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.db.engine import sqlite_module
from core.service.desk import Desk

READS = ("SELECT", "WITH")
WRITES = ("INSERT", "UPDATE")


class Sent(NamedTuple):
    """A statement with its values, as the driver got them; of several rows ``values`` is a list."""

    sql: str
    values: Any
    many: bool

    def rows(self) -> Sequence[Any]:
        rows: Sequence[Any] = self.values if self.many else [self.values]
        return rows


def sent(desk: Desk, act: Callable[[], Any], kinds: tuple[str, ...] = READS) -> list[Sent]:
    """The statements of these kinds that ``act`` makes the desk send."""
    caught: list[Sent] = []

    def catch(_connection: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
        if sql.lstrip().upper().startswith(kinds):
            caught.append(Sent(sql, values, many))

    sa.event.listen(desk.store.engine, "before_cursor_execute", catch)
    try:
        act()
    finally:
        sa.event.remove(desk.store.engine, "before_cursor_execute", catch)
    return caught


def about(statements: Sequence[Sent], before: int, after: int) -> list[Sent]:
    """The same statements about another ticket: its number in place of the one they were caught with, which must be
    like no other number in them."""

    def moved(row: Any) -> Any:
        if isinstance(row, Mapping):
            return {name: moved_value(value) for name, value in row.items()}
        return tuple(map(moved_value, row))

    def moved_value(value: Any) -> Any:
        return after if type(value) is int and value == before else value

    return [
        Sent(each.sql, [moved(row) for row in each.values] if each.many else moved(each.values), each.many)
        for each in statements
    ]


def opened(path: Path, *, writing: bool = False) -> Any:
    """A connection of the driver's: for reading with the desk's cache, for writing with its durability."""
    connection = sqlite_module().connect(str(path), isolation_level=None)
    pragmas = ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000") if writing else ("cache_size=-32000",)
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def read(connection: Any, statements: Sequence[Sent]) -> None:
    """All rows of all of them."""
    for each in statements:
        connection.execute(each.sql, each.values).fetchall()


_NUMBERS = itertools.count(1)


def write(connection: Any, statements: Sequence[Sent]) -> None:
    """All of them in one transaction. A letter's name, which there can be only once, is made anew."""
    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    for each in statements:
        for row in each.rows():
            cursor.execute(each.sql, [_fresh(value) for value in row])
            if "RETURNING" in each.sql:
                cursor.fetchall()
    cursor.execute("COMMIT")


def _fresh(value: Any) -> Any:
    letter = isinstance(value, str) and value.startswith("<okienko.")
    return f"<okienko.bench.{next(_NUMBERS)}@example.com>" if letter else value
