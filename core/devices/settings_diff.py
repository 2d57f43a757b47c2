"""What was changed on a device, for the grant's history: kept in words of no language, said in the reader's."""

import datetime as dt
from collections.abc import Iterator

from core.devices.settings import DeviceSettings
from core.i18n import dates
from core.i18n.translation import N_, gettext

_NAMES = {
    "on": N_("switched on:"),
    "room": N_("room:"),
    "tank": N_("hot water:"),
    "holiday": N_("holiday:"),
    "quiet": N_("quiet mode:"),
    "reset": N_("error reset:"),
    "programme": N_("weekly programme:"),
}
DAYS = {
    "monday": N_("Monday"),
    "tuesday": N_("Tuesday"),
    "wednesday": N_("Wednesday"),
    "thursday": N_("Thursday"),
    "friday": N_("Friday"),
    "saturday": N_("Saturday"),
    "sunday": N_("Sunday"),
}
"""The days of a programme with their msgids, from Monday on."""
_VALUES = {"yes": N_("yes"), "no": N_("no"), "none": N_("none"), **DAYS}


def between(old: DeviceSettings, new: DeviceSettings, room_old: float, room_new: float) -> Iterator[str]:
    """``room 21 → 20``, one for each that differs; the room's are the targets in force."""
    if old.on != new.on:
        yield f"on {_yes(old.on)} → {_yes(new.on)}"
    if room_old != room_new:
        yield f"room {room_old:g} → {room_new:g}"
    if old.tank != new.tank:
        yield f"tank {old.tank:g} → {new.tank:g}"
    if old.holiday != new.holiday:
        yield f"holiday {_period(old.holiday)} → {_period(new.holiday)}"
    if old.quiet != new.quiet:
        yield f"quiet {old.quiet} → {new.quiet}"
    days = [name for name, was, is_ in zip(DAYS, old.week, new.week, strict=True) if was != is_]
    if days:
        yield f"programme {' '.join(days)}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _period(holiday: tuple[dt.date, dt.date] | None) -> str:
    return "–".join(day.isoformat() for day in holiday) if holiday else "none"


def translate(detail: str) -> str:
    """A detail of the history in the reader's language: ``room: 21 → 20``. What is no change of a device's stays as it
    is."""
    return "; ".join(_said(part) for part in detail.split("; "))


def _said(part: str) -> str:
    name, _space, values = part.partition(" ")
    if name not in _NAMES:
        return part
    return f"{gettext(_NAMES[name])} {' '.join(_value(value) for value in values.split(' '))}"


def _value(value: str) -> str:
    if value in _VALUES:
        return gettext(_VALUES[value])
    try:
        return " – ".join(dates.day(dt.date.fromisoformat(day)) for day in value.split("–"))
    except ValueError:
        return value
