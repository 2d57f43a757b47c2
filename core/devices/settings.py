"""What a device has been told: on or off, temperatures, holiday, quiet mode, the week's programme.

Temperatures are °C. Times of the programme and days of the holiday are by the clock of the house.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DAY = 24 * 60
WEEK = 7 * DAY
"""Minutes."""
AWAY_ROOM, AWAY_TANK = 15.0, 35.0
"""Targets while nobody is at home."""
FROST_ROOM, FROST_TANK = 8.0, 8.0
"""Targets of a device that is switched off: nothing may freeze."""


@dataclass(frozen=True, slots=True)
class Slot:
    """From ``minute`` of a day on, the rooms are wanted at ``room``."""

    minute: int
    room: float

    @property
    def clock(self) -> str:
        """``06:00``."""
        return f"{self.minute // 60:02}:{self.minute % 60:02}"


Day = tuple[Slot, ...]
Week = tuple[Day, ...]
"""Seven days from Monday on, each in the order of its slots; the last slot of a day lasts until the next one."""

_WORK: Day = (Slot(6 * 60, 21.0), Slot(22 * 60, 18.5))
_REST: Day = (Slot(7 * 60, 21.0), Slot(23 * 60, 18.5))
FACTORY: Week = (_WORK,) * 5 + (_REST,) * 2
"""What a device comes with: cooler at night."""


@dataclass(frozen=True, slots=True)
class WeekProgramme:
    """A week's slots in one line: ``starts`` are minutes since Monday 00:00, ``rooms`` what is wanted from each on,
    ``room`` what was set by hand. Made once for many lookups."""

    room: float
    starts: tuple[int, ...]
    rooms: tuple[float, ...]

    def wanted(self, minute_of_week: int, since_hand: float | None = None) -> tuple[float, bool]:
        """The room temperature that is wanted, and whether it was set by hand. ``since_hand`` is minutes since then
        (None: the programme was never overruled)."""
        if not self.starts:
            return self.room, True
        place = bisect_right(self.starts, minute_of_week) - 1
        if since_hand is not None and since_hand <= (minute_of_week - self.starts[place]) % WEEK:
            return self.room, True
        return self.rooms[place], False

    def next_change(self, minute_of_week: int) -> int | None:
        """Minutes until the next slot begins; None without a programme."""
        if not self.starts:
            return None
        place = bisect_right(self.starts, minute_of_week) % len(self.starts)
        return (self.starts[place] - minute_of_week) % WEEK or WEEK


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """Everything a device is told, whole. ``room_at`` is when ``room`` was last set by hand: it holds until the
    programme's next slot."""

    on: bool = True
    room: float = 21.0
    room_at: dt.datetime | None = None
    tank: float = 48.0
    holiday: tuple[dt.date, dt.date] | None = None
    """First and last day, both inside."""
    quiet: int = 0
    """0 (off) to 3 (quietest)."""
    week: Week = FACTORY
    reset_at: dt.datetime | None = None
    """When errors were last reset."""
    broken: str = ""
    """A code that the device was made to show (a demo's stage only), since ``broken_at``."""
    broken_at: dt.datetime | None = None

    def away(self, day: dt.date) -> bool:
        """Whether ``day`` lies in the holiday."""
        return self.holiday is not None and self.holiday[0] <= day <= self.holiday[1]

    @property
    def programme(self) -> WeekProgramme:
        """The week laid out for looking up."""
        slots = [(number * DAY + slot.minute, slot.room) for number, day in enumerate(self.week) for slot in day]
        return WeekProgramme(
            self.room, tuple(minute for minute, _room in slots), tuple(room for _minute, room in slots)
        )

    def as_json(self) -> dict[str, Any]:
        """As JSON, for :class:`core.models.devices.DeviceSetting`."""
        return {
            "on": self.on,
            "room": self.room,
            "room_at": _written(self.room_at),
            "tank": self.tank,
            "holiday": [day.isoformat() for day in self.holiday] if self.holiday else None,
            "quiet": self.quiet,
            "week": [[[slot.minute, slot.room] for slot in day] for day in self.week],
            "reset_at": _written(self.reset_at),
            "broken": self.broken,
            "broken_at": _written(self.broken_at),
        }

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> DeviceSettings:
        """What :meth:`as_json` made; what an older release did not keep is as the device comes."""
        holiday = values.get("holiday")
        week = values.get("week")
        return cls(
            on=bool(values.get("on", True)),
            room=float(values.get("room", 21.0)),
            room_at=_read(values.get("room_at")),
            tank=float(values.get("tank", 48.0)),
            holiday=(dt.date.fromisoformat(holiday[0]), dt.date.fromisoformat(holiday[1])) if holiday else None,
            quiet=int(values.get("quiet", 0)),
            week=FACTORY
            if week is None
            else tuple(tuple(Slot(int(minute), float(room)) for minute, room in day) for day in week),
            reset_at=_read(values.get("reset_at")),
            broken=str(values.get("broken", "")),
            broken_at=_read(values.get("broken_at")),
        )


def _written(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _read(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def minute_of_week(local: dt.datetime) -> int:
    """Minutes since Monday 00:00 by the clock of ``local``."""
    return local.weekday() * DAY + local.hour * 60 + local.minute
