"""Statements that are made once and then only run.

What SQLAlchemy adds to a hot read is never the query: building the statement, finding its SQL in a cache, and an object
for each row cost two to twelve times what SQLite takes for it (docs/facts.md, *Speed*). A ready one is
compiled once for a dialect, and its rows are converted column by column, by the same types. What listens to the engine
hears of it, and errors are SQLAlchemy's (:func:`_executed`).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Convert = Callable[[Any], Any] | None


class ReadyStatement:
    """A statement whose values are all asked for by name (``sa.bindparam``), or written out.

    Lists of values (``IN`` with an open number of them) can't be in it: then the SQL would be another each time.
    """

    def __init__(
        self,
        statement: Any,
        make: Callable[[Iterable[Any]], Any] | None = None,
        *,
        columns: Sequence[str] | None = None,
    ) -> None:
        """
        Args:
            statement: A select, insert or update. An insert may give rows back (``returning``).
            make: Makes a row of the values of its columns; without it, a named tuple.
            columns: Which ones an insert or update sets, each by a value of its own name.
        """
        self.statement = statement
        self._make, self._columns = make, columns
        self._compiled: dict[str, _Compiled] = {}

    def __str__(self) -> str:
        return str(self.statement)

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """All rows; ``values`` by the statement's own names. A name that is left out keeps the value it was made
        with."""
        compiled = self._for(connection.dialect)
        rows = _executed(connection, compiled.sql, compiled.parameters(values), _all_rows)
        return compiled.converted(rows)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run what gives no rows; how many it met."""
        compiled = self._for(connection.dialect)
        met: int = _executed(connection, compiled.sql, compiled.parameters(values), _how_many)
        return met

    def run_many(self, connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each of ``values``, which is not empty."""
        if len(values) == 1:
            self.run(connection, values[0])
            return
        compiled = self._for(connection.dialect)
        connection.exec_driver_sql(compiled.sql, [compiled.parameters(each) for each in values])

    def _for(self, dialect: sa.Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self.statement, dialect, self._make, self._columns)
        return compiled


def _all_rows(cursor: Any) -> Sequence[Any]:
    rows: Sequence[Any] = cursor.fetchall()
    return rows


def _how_many(cursor: Any) -> int:
    return int(cursor.rowcount)


def _executed(connection: Connection, sql: str, parameters: Any, take: Callable[[Any], Any]) -> Any:
    """What ``take`` takes from the driver's cursor. That is asked without SQLAlchemy's, which describes the columns
    anew each time, for a fifth of what a page costs; but where somebody listens SQLAlchemy does it all.

    An error is wrapped as everywhere and ends what was to be done: after some of them (a full disk) SQLite has rolled
    all of it back already, and what was run again would be kept by itself. Only a server's reader, who is in no
    transaction, asks again by SQLAlchemy, which knows whether the connection is still good.
    """
    listens = connection.dispatch.before_cursor_execute or connection.dispatch.after_cursor_execute
    is_sqlite = connection.dialect.name == "sqlite"
    if not listens and (is_sqlite or _is_in_no_transaction(connection)):
        failure = connection.dialect.loaded_dbapi.Error
        cursor = connection.connection.cursor()
        try:
            cursor.execute(sql, parameters)
            return take(cursor)
        except failure as error:
            if is_sqlite:
                raise sa.exc.DBAPIError.instance(
                    sql, parameters, error, failure, hide_parameters=True, dialect=connection.dialect
                ) from error
        finally:
            cursor.close()
    result = connection.exec_driver_sql(sql, parameters)
    taken = take(result.cursor) if result.cursor is not None else result.rowcount
    result.close()
    return taken


def _is_in_no_transaction(connection: Connection) -> bool:
    """Of a server's connection: those that are read from are so set that each statement is by itself."""
    driver: Any = connection.connection.driver_connection
    return bool(driver.autocommit)


class _Compiled:
    """A statement in the words of one dialect."""

    def __init__(
        self,
        statement: Any,
        dialect: sa.Dialect,
        make: Callable[[Iterable[Any]], Any] | None,
        set_columns: Sequence[str] | None,
    ) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=set_columns)
        asked = [bind for bind in compiled.binds.values() if bind.required]
        lists = [bind.key for bind in asked if bind.expanding]
        if lists:
            raise TypeError(f"a list of values can't be made ready: {', '.join(lists)}")
        if getattr(compiled, "insert_prefetch", None) or getattr(compiled, "update_prefetch", None):
            raise TypeError("a column with a default that is made in Python can't be made ready")
        state = compiled.construct_expanded_state({bind.key: None for bind in asked})
        self.sql = state.statement
        self._by_place = bool(compiled.positional)
        required = {bind.key for bind in asked}
        self._binds: tuple[tuple[str, Any, Convert, bool], ...] = tuple(
            (
                name,
                state.parameters[name],
                state.processors.get(name) or _bind(compiled.binds.get(name), dialect),
                name in required,
            )
            for name in (state.positiontup if self._by_place else state.parameters)
        )
        self._names = tuple(bind[0] for bind in self._binds)
        columns = list(getattr(statement, "exported_columns", ()))
        self._converts = tuple(
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := _result(column.type, dialect)) is not None
        )
        if make is None and columns:
            row: Any = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]
            make = row._make
        self._make = make

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """Raises KeyError for a value that was forgotten."""
        taken = [
            (values[name] if required else values.get(name, preset))
            if convert is None
            else convert(values[name] if required else values.get(name, preset))
            for name, preset, convert, required in self._binds
        ]
        return tuple(taken) if self._by_place else dict(zip(self._names, taken, strict=True))

    def converted(self, rows: Sequence[Any]) -> list[Any]:
        make = self._make
        if make is None or not rows:
            return list(rows)
        if self._converts:
            columns: list[Any] = list(zip(*rows, strict=True))
            for place, convert in self._converts:
                columns[place] = map(convert, columns[place])
            rows = zip(*columns, strict=True)  # type: ignore[assignment]
        return list(map(make, rows))


def _bind(bind: sa.BindParameter[Any] | None, dialect: sa.Dialect) -> Convert:
    if bind is None:  # one of a list, whose type has nothing to convert
        return None
    convert: Convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return convert


def _result(type_: Any, dialect: sa.Dialect) -> Convert:
    convert: Convert = type_.dialect_impl(dialect).result_processor(dialect, None)
    return convert
