"""Operation settings: the week's programme of room temperatures.

A day is written as people say it: ``06:00 21, 22:00 18``, or ``6 21 22:30 18.5`` just as well; or from when until when,
``6–22 21, 22–6 18``, as long as no hour is left out or said twice.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Annotated

from core.care import access, history
from core.devices import settings_diff
from core.devices.connection import gateway
from core.devices.settings import Day, Slot, Week
from core.devices.settings_diff import DAYS
from core.devices.summary import Face, face
from core.errors import Conflict
from core.field import Raw
from core.forms import FieldKind, FormModel, Label
from core.forms.field_types import FormError, refuse
from core.i18n.sanitize import DASHES
from core.i18n.translation import N_
from core.models.levels import Right
from core.service.unit_of_work import UnitOfWork

MOST = 6
"""Steps of one day."""
LOWEST, HIGHEST = Decimal(5), Decimal(30)
_DASH = f"[{DASHES}]"
_SPOKEN = re.compile(rf"°\s*[Cc]?|(?<=\d)\s*[Cc]\b|->|=>|[→=–—]|(?<=\s){_DASH}(?=\s)")
"""What people write between and after a time and a temperature."""
_DEGREES = re.compile(r"°\s*[Cc]?|(?<=\d)\s*[Cc]\b|->|=>|[→=:](?=\s)")
_FROM_TO = re.compile(
    rf"(\d{{1,2}}(?:[:.h]\d{{2}})?)\s*{_DASH}\s*(\d{{1,2}}(?:[:.h]\d{{2}})?)\s+(\d{{1,2}}(?:[.,]\d)?)(?:[\s,;/|]+|$)"
)
"""``6–22 21``: from, until, temperature."""
_TIMES_WITH_DASH = re.compile(rf"(?:\d{{1,2}}(?:[:.h]\d{{2}})?\s*{_DASH}\s*\d{{1,2}}(?:[.,]\d)?(?:[\s,;/|]+|$))+")
"""``6 – 21, 22 – 18``: each time with its temperature behind a dash."""
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=[05](?![\d:.h]))")
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?")
_ROOM = re.compile(r"\d{1,2}(?:\.\d)?")


def parse(text: str) -> Day:
    """A day's slots, in their order. Raises :class:`core.forms.field_types.FormError` with what is wanted."""
    ranges = _ranges(text)
    if ranges:
        return ranges
    spoken = _DECIMAL_COMMA.sub(".", _SPOKEN.sub(" ", text))
    parts = re.split(r"[\s,;/|]+", spoken.strip(" \n,;/|"))
    if parts == [""]:
        return ()
    if len(parts) % 2:
        raise _unreadable()
    slots = sorted(
        (_slot(time, room) for time, room in zip(parts[::2], parts[1::2], strict=True)), key=lambda slot: slot.minute
    )
    if len(slots) > MOST:
        raise refuse(N_("At most {limit} steps a day."), limit=MOST)
    for slot, other in pairwise(slots):
        if slot.minute == other.minute:
            raise refuse(N_("{time} is there twice."), time=slot.clock)
    return tuple(slots)


def _ranges(text: str) -> Day:
    """The slots of a day that is written from when until when; none when it isn't. Each beginning is a slot, so where
    one range ends the next has to begin: what an hour in between should have is nothing to be guessed."""
    plain = _DEGREES.sub(" ", text).strip(" \n,;/|")
    matches = list(_FROM_TO.finditer(plain))
    if not matches or _TIMES_WITH_DASH.fullmatch(plain):
        return ()
    if "".join(match[0] for match in matches) != plain:  # half of it would be taken for something else
        raise _unreadable()
    if len(matches) > MOST:
        raise refuse(N_("At most {limit} steps a day."), limit=MOST)
    slots = sorted(
        ((_slot(match[1], _room(match[3])), _end(match[2], match[3])) for match in matches),
        key=lambda each: each[0].minute,
    )
    for (slot, _ends), (other, _other_ends) in pairwise(slots):
        if slot.minute == other.minute:
            raise refuse(N_("{time} is there twice."), time=slot.clock)
    for (_one, ends), (following, _ends) in zip(slots, [*slots[1:], slots[0]], strict=True):
        if ends % DAY != following.minute % DAY:
            raise refuse(
                N_("What is wanted from {end} to {begin} is not clear. Let each time begin where the one before ends."),
                end=Slot(ends % DAY, 0.0).clock,
                begin=following.clock,
            )
    return tuple(slot for slot, _ends in slots)


DAY = 24 * 60
"""Minutes."""


def _room(written_: str) -> str:
    return written_.replace(",", ".")


def _end(time: str, room: str) -> int:
    """The minute at which a range ends; 24:00 is midnight."""
    return DAY if re.fullmatch(r"24(?:[:.h]00)?", time) else _slot(time, _room(room)).minute


def _unreadable() -> FormError:
    return refuse(N_("Write times and temperatures like 06:00 21, 22:00 18."))


def _slot(time: str, room: str) -> Slot:
    clock, degrees = _TIME.fullmatch(time), _ROOM.fullmatch(room)
    if clock is None or degrees is None:
        raise _unreadable()
    hour, minute, wanted = int(clock[1]), int(clock[2] or 0), Decimal(room)
    if hour > 23 or minute > 59:
        raise refuse(N_("There is no time {time}. A day goes from 00:00 to 23:59."), time=time)
    if not LOWEST <= wanted <= HIGHEST:
        raise refuse(N_("Temperatures lie between {low} and {high} °C."), low=LOWEST, high=HIGHEST)
    if wanted % Decimal("0.5"):
        raise refuse(N_("In steps of half a degree, such as 20.5."))
    return Slot(hour * 60 + minute, float(wanted))


def written(day: Day) -> str:
    """A day as :func:`parse` reads it."""
    return ", ".join(f"{slot.clock} {slot.room:g}" for slot in day)


@dataclass(frozen=True)
class DayPlan(FieldKind):
    """A day of the programme; blank, the day before goes on."""

    name = "text"
    limit: int = 120

    def read(self, text: str) -> Day:
        return parse(text)


def _ask(label: str) -> Label:
    return Label(label, required=False)


class WeekForm(FormModel):
    """Seven days of :func:`parse`."""

    monday: Annotated[Day, DayPlan(), _ask(DAYS["monday"])] = ()
    tuesday: Annotated[Day, DayPlan(), _ask(DAYS["tuesday"])] = ()
    wednesday: Annotated[Day, DayPlan(), _ask(DAYS["wednesday"])] = ()
    thursday: Annotated[Day, DayPlan(), _ask(DAYS["thursday"])] = ()
    friday: Annotated[Day, DayPlan(), _ask(DAYS["friday"])] = ()
    saturday: Annotated[Day, DayPlan(), _ask(DAYS["saturday"])] = ()
    sunday: Annotated[Day, DayPlan(), _ask(DAYS["sunday"])] = ()

    @property
    def week(self) -> Week:
        """The days from Monday on."""
        return tuple(getattr(self, day) for day in DAYS)


@dataclass(frozen=True, slots=True)
class ScheduleForm:
    """What the form begins with, and the order it was made from. ``room`` holds where the week says nothing."""

    face: Face
    seen: int
    values: dict[str, Raw]
    room: float


def programme(work: UnitOfWork, asset_id: int) -> ScheduleForm:
    """The week as it holds now. The service company's look is written into the grant's history, as that of
    :func:`core.devices.control.steering`."""
    verdict = access.require(work, Right.SETTINGS, asset_id)
    if verdict.grant_id is not None:
        history.used(work, verdict.grant_id, Right.SETTINGS)
    device_face = face(work, asset_id)
    current = gateway(work).settings(work, device_face.device)
    values: dict[str, Raw] = {name: written(day) for name, day in zip(DAYS, current.settings.week, strict=True)}
    return ScheduleForm(device_face, current.seen, values, current.settings.room)


def save(work: UnitOfWork, asset_id: int, form: WeekForm, *, seen: int) -> None:
    """Give the device this week. ``seen`` is :attr:`Programme.seen`."""
    verdict = access.require(work, Right.SETTINGS, asset_id)
    device = face(work, asset_id).device
    current = gateway(work).settings(work, device)
    if current.seen != seen:
        raise Conflict(N_("Somebody changed this device's settings while you were looking at them."))
    new = replace(current.settings, week=form.week)
    changes = list(settings_diff.between(current.settings, new, 0, 0))
    if not changes:
        return
    gateway(work).command(work, device, new, seen)
    if verdict.grant_id is not None:
        history.used(work, verdict.grant_id, Right.SETTINGS, detail="; ".join(changes))
    work.record("device.programme", "asset", asset_id)
