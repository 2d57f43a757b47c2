"""An answer as plain JSON, the same for the same answer whatever class it is made of."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any

from core.errors import Say

NEW_FIELDS = {"TicketHistoryLine": ("id",)}
"""By class: what an older commit does not say yet."""


def written(value: Any) -> Any:
    """``value`` as JSON has it; a class of its own becomes its fields by name."""
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, bool | int | str | float):
        return value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat() if value.tzinfo else f"{value.isoformat()} without a zone"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Say):
        return {"says": value.msgid, "with": written(dict(value.params)), "count": value.count}
    if isinstance(value, Mapping):
        return {str(key): written(each) for key, each in value.items()}
    if dataclasses.is_dataclass(value) or hasattr(value, "_fields"):
        return _fields(value)
    if isinstance(value, list | tuple):
        return [written(each) for each in value]
    raise TypeError(f"no way to write {type(value).__name__}: {value!r}")


def _fields(value: Any) -> dict[str, Any]:
    dataclass = dataclasses.is_dataclass(value)
    names = [each.name for each in dataclasses.fields(value)] if dataclass else list(value._fields)  # type: ignore[arg-type]
    left_out = NEW_FIELDS.get(type(value).__name__, ())
    return {name: written(getattr(value, name)) for name in names if name not in left_out}
