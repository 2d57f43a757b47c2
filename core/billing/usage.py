"""What went through a line, per day and per month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.models.billing import Usage
from core.models.contracts import Asset
from core.service.unit_of_work import ReadContext, table

_usage, _asset = table(Usage), table(Asset)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes of one day, or of the month that begins on ``day``. None where nothing was measured."""

    day: dt.date
    down: int | None
    up: int | None


def days(look: ReadContext, asset_id: int, until: dt.date | None = None, number: int = 30) -> list[Traffic]:
    """The ``number`` days up to ``until`` (today), the earliest first; days without a measurement are there too."""
    asset = look.find(Asset, asset_id)
    last = until or look.today
    first = last - dt.timedelta(days=number - 1)
    wanted = sa.select(_usage).where(_usage.c.asset_id == asset.id, _usage.c.day.between(first, last))
    rows = {row.day: row for row in look.rows(wanted)}
    made = []
    for at in range(number):
        day = first + dt.timedelta(days=at)
        row = rows.get(day)
        made.append(Traffic(day, row.down if row else None, row.up if row else None))
    return made


def last_days(look: ReadContext, asset_id: int, until: dt.date | None, number: int) -> list[Traffic]:
    """:func:`days`, up to yesterday as long as nothing of today has been measured: a day that is not over is no
    gap."""
    traffic = days(look, asset_id, until, number + 1)
    return traffic[:-1] if until is None and traffic[-1].down is None else traffic[1:]


def months(look: ReadContext, asset_id: int, until: dt.date | None = None, number: int = 12) -> list[Traffic]:
    """The ``number`` months up to the one of ``until``, the earliest first."""
    asset = look.find(Asset, asset_id)
    last = (until or look.today).replace(day=1)
    begins = [_months_before(last, number - 1 - at) for at in range(number)]
    year, month = sa.extract("year", _usage.c.day), sa.extract("month", _usage.c.day)
    sums: Any = (
        sa.select(
            year.label("year"),
            month.label("month"),
            sa.func.sum(_usage.c.down).label("down"),
            sa.func.sum(_usage.c.up).label("up"),
        )
        .where(_usage.c.asset_id == asset.id, _usage.c.day >= begins[0], _usage.c.day < _months_before(last, -1))
        .group_by(year, month)
    )
    rows = {(int(row.year), int(row.month)): row for row in look.rows(sums)}
    made = []
    for day in begins:
        row = rows.get((day.year, day.month))
        made.append(Traffic(day, int(row.down) if row else None, int(row.up) if row else None))
    return made


def _months_before(first: dt.date, number: int) -> dt.date:
    at = first.year * 12 + first.month - 1 - number
    return dt.date(at // 12, at % 12 + 1, 1)
