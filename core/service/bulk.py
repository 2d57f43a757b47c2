"""Looking up and changing many rows at once: an import asks by the hundreds instead of row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

import sqlalchemy as sa

from core.service.unit_of_work import ReadContext, UnitOfWork, changed, table, whole

Thing = TypeVar("Thing")
CHUNK = 500
PART = 5_000
"""Rows of the desk that are looked through at once."""


def chunks(things: Iterable[Thing], size: int = CHUNK) -> Iterator[list[Thing]]:
    """``things`` in lists of at most ``size``."""
    source = iter(things)
    while part := list(islice(source, size)):
        yield part


def parts_of(look: ReadContext, query: sa.Select[Any], column: sa.ColumnElement[Any]) -> Iterator[Sequence[Any]]:
    """The rows of ``query``, some at a time, in the order of ``column``: one of its own, without two rows alike. Each
    part is asked for when it is wanted, so that not all of them are held."""
    ordered = query.order_by(column).limit(PART)
    rows = look.rows(ordered)
    while rows:
        yield rows
        rows = look.rows(ordered.where(column > getattr(rows[-1], str(column.key))))


def by_key(
    look: ReadContext,
    columns: Sequence[Any],
    column: sa.ColumnElement[Any],
    wanted: Iterable[Any],
    key: Callable[[Any], Any] | None = None,
    *,
    joined: sa.FromClause | None = None,
) -> dict[Any, Any]:
    """The rows whose ``column`` is among ``wanted``, by what they have there or else by ``key(row)``; of ``joined``
    tables when they are given."""
    rows_by_key: dict[Any, Any] = {}
    key = key or attrgetter(str(column.key))
    chosen = sa.select(*columns) if joined is None else sa.select(*columns).select_from(joined)
    for part in chunks(sorted(set(wanted))):
        rows_by_key.update((key(row), row) for row in look.rows(chosen.where(column.in_(part))))
    return rows_by_key


def change_each(
    work: UnitOfWork, model: Any, rows: Iterable[Mapping[str, Any]], *, key: str = "id", **more: Any
) -> None:
    """One UPDATE for each row, found by its ``key``: those that set the same columns are sent in one go. ``more`` is
    set in every one of them."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in (changed(model, row) for row in rows):
        alike.setdefault(tuple(row), []).append({f"of_{name}": value for name, value in row.items()})
    columns = table(model).c
    for names, some in alike.items():
        values = {name: sa.bindparam(f"of_{name}", type_=columns[name].type) for name in names if name != key}
        update = sa.update(table(model)).where(columns[key] == sa.bindparam(f"of_{key}")).values(**values, **more)
        work.connection.execute(update, some)


def insert_each(work: UnitOfWork, model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows as :meth:`core.service.unit_of_work.UnitOfWork.add_all` does, in less time: what SQLAlchemy does
    for every row is done here once for all of them. While an import writes, others wait."""
    if not rows:
        return
    connection, columns = work.connection, table(model).c
    whole_rows = [whole(model, row) for row in rows]
    compiled = sa.insert(table(model)).compile(dialect=connection.dialect, column_keys=list(whole_rows[0]))
    names = compiled.positiontup or list(whole_rows[0])
    by_column = list(zip(*map(itemgetter(*names), whole_rows), strict=True))
    for at, name in enumerate(names):
        process = columns[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        if process is not None:
            by_column[at] = _each(process, by_column[at])
    values: Iterable[Any] = zip(*by_column, strict=True)
    if not compiled.positional:
        values = (dict(zip(names, some, strict=True)) for some in values)
    connection.exec_driver_sql(str(compiled), list(values))


def _each(process: Callable[[Any], Any], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """``process`` of each value; days and moments repeat themselves, so of each once."""
    try:
        known = {value: process(value) for value in set(values)}
    except TypeError:  # JSON has no hash
        return tuple(map(process, values))
    return tuple(map(known.__getitem__, values))
