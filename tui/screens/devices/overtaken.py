"""When somebody else was faster: their values come into the fields that were not touched, and what was typed stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.errors import Conflict
from core.field import Raw
from core.i18n.translation import N_
from tui.widgets.field_row import FieldRow
from tui.widgets.fields.base import Edited


def catch_up(rows: Iterable[FieldRow], begun: Mapping[str, Raw], newer: Mapping[str, Raw]) -> None:
    """``begun`` is what the form began with, ``newer`` what holds now."""
    for row in rows:
        name = row.field.name
        if row.input.raw == begun.get(name, "") and newer.get(name, "") != row.input.raw:
            row.input.raw = newer.get(name, "")
            row.input.post_message(Edited(row.input))


def overtaken() -> Conflict:
    """What is said then; sending again is knowing."""
    return Conflict(
        N_(
            "Somebody changed this device's settings while you were looking at them. What you have not touched "
            "shows their values now. Look once more and send again."
        )
    )
