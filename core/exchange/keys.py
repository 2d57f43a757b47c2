"""Looking up many keys at once: an import asks by the hundreds instead of row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from core.work import Look

Thing = TypeVar("Thing")
CHUNK = 500


def chunks(things: Iterable[Thing], size: int = CHUNK) -> Iterator[list[Thing]]:
    """``things`` in lists of at most ``size``."""
    source = iter(things)
    while part := list(islice(source, size)):
        yield part


def by_key(
    look: Look, columns: Sequence[Any], column: sa.ColumnElement[Any], wanted: Iterable[Any], key: Callable[[Any], Any]
) -> dict[Any, Any]:
    """The rows whose ``column`` is among ``wanted``, by ``key(row)``."""
    found: dict[Any, Any] = {}
    for part in chunks(sorted(set(wanted))):
        found.update((key(row), row) for row in look.rows(sa.select(*columns).where(column.in_(part))))
    return found
