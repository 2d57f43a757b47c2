"""Opening hours: how an operator writes them, and whether somebody is there now.

``mon-fri 9:00-17:00; sat 9:00-14:00``: parts by ``;``, in each the days and then the hours, both by commas. Days are
``mon`` … ``sun`` or the Polish ``pon`` … ``niedz``, with ``-`` for a run of them. Hours are those of a clock on the
wall, of the desk's zone: whoever opens at nine opens at nine in summer too. ``24:00`` ends a day; who stays open past
midnight writes the rest with the next day.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from core.errors import DeskError
from core.i18n.sanitize import fold
from core.i18n.translation import N_

DAY = 24 * 60
"""Minutes."""
AHEAD = 21
"""Days looked ahead for the next change: three weeks of holidays are no opening hours any more."""

_DAYS = (
    ("mon", "monday", "pon", "pn", "poniedzialek"),
    ("tue", "tuesday", "wt", "wto", "wtorek"),
    ("wed", "wednesday", "sr", "sro", "sroda"),
    ("thu", "thursday", "czw", "cz", "czwartek"),
    ("fri", "friday", "pt", "pia", "piatek"),
    ("sat", "saturday", "sob", "so", "sobota"),
    ("sun", "sunday", "niedz", "nd", "ndz", "niedziela"),
)
_NUMBER = {name: number for number, names in enumerate(_DAYS) for name in names}
_PART = re.compile(r"(?P<days>[^\d:]+?)\s*:?\s+(?P<hours>\d.*)")
_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*-\s*(\d{1,2})(?:[:.](\d{2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``start`` until before ``end``, minutes of one day; 0 ≤ start < end ≤ :data:`DAY`."""

    start: int
    end: int


Week = tuple[tuple[Span, ...], ...]
"""The spans of Monday to Sunday, in order and apart from one another."""
Holiday = Callable[[dt.date], bool]


def read(text: str) -> Week:
    """The week that ``text`` says. :class:`DeskError` names the part that can't be read, and why."""
    days: list[list[Span]] = [[] for _ in range(7)]
    parts = [part.strip() for part in re.split(r"[;\n]", text.replace("–", "-").replace("—", "-"))]
    for part in filter(None, parts):
        match = _PART.fullmatch(part)
        if match is None:
            raise DeskError(N_("“{part}” should be days and hours, like mon-fri 9:00-17:00."), part=part)
        spans = [_span(hours.strip(), part) for hours in match["hours"].split(",")]
        for day in _days(match["days"], part):
            days[day] += spans
    return tuple(_in_order(spans) for spans in days)


def _days(text: str, part: str) -> Iterator[int]:
    for run in text.split(","):
        ends = [_NUMBER.get(fold(end).rstrip(".")) for end in run.split("-")]
        if len(ends) > 2 or None in ends:
            raise DeskError(N_("“{days}” in “{part}” names no days: mon tue wed thu fri sat sun."), days=run, part=part)
        first, last = ends[0] or 0, ends[-1] or 0
        if first > last:
            raise DeskError(N_("“{days}” in “{part}” runs backwards: a week begins on Monday."), days=run, part=part)
        yield from range(first, last + 1)


def _span(text: str, part: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise DeskError(N_("“{hours}” in “{part}” should be hours like 9:00-17:00."), hours=text, part=part)
    start, end = _minute(match[1], match[2]), _minute(match[3], match[4])
    if start is None or end is None:
        raise DeskError(N_("There is no such time of day as in “{hours}”."), hours=text)
    if start >= end:
        sentence = N_("“{hours}” ends before it begins. Past midnight: until 24:00, then from 0:00 of the next day.")
        raise DeskError(sentence, hours=text)
    return Span(start, end)


def _minute(hour: str, minute: str | None) -> int | None:
    """Minutes since midnight; None where a clock has no such time."""
    at = int(hour) * 60 + int(minute or 0)
    return at if int(minute or 0) < 60 and at <= DAY else None


def _in_order(spans: list[Span]) -> tuple[Span, ...]:
    """Sorted; what touches or overlaps is one."""
    out: list[Span] = []
    for span in sorted(spans):
        if out and span.start <= out[-1].end:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Open:
    """Whether somebody is there, and the moment that changes (UTC): ``until`` while open, ``opens_at`` while closed.
    None is not within :data:`AHEAD` days: round the clock, or closed for good."""

    now: bool
    until: dt.datetime | None = None
    opens_at: dt.datetime | None = None


def open_now(week: Week, moment: dt.datetime, zone: dt.tzinfo, holiday: Holiday | None = None) -> Open:
    """How ``week`` stands at ``moment`` by the clocks of ``zone``; closed all day wherever ``holiday`` says so.

    Open at a moment means: a clock on the wall shows a time inside a span of that day. When clocks go forward an hour
    of it is never shown, when they go back it is shown twice.
    """

    def is_open(at: dt.datetime) -> bool:
        here = at.astimezone(zone)
        if holiday is not None and holiday(here.date()):
            return False
        minute = here.hour * 60 + here.minute
        return any(span.start <= minute < span.end for span in week[here.weekday()])

    open_ = is_open(moment)
    change = next((at for at in _edges(week, moment, zone) if is_open(at) != open_), None)
    return Open(True, until=change) if open_ else Open(False, opens_at=change)


def _edges(week: Week, moment: dt.datetime, zone: dt.tzinfo) -> Iterator[dt.datetime]:
    """Every moment after ``moment`` at which anything may change, in order: midnights, ends of spans, and moved
    clocks."""
    today = moment.astimezone(zone).date()
    for day in (today + dt.timedelta(days=ahead) for ahead in range(AHEAD + 1)):
        minutes = {0, *(end for span in week[day.weekday()] for end in (span.start, span.end))}
        edges = {at for minute in minutes for at in _instants(day, minute, zone)}
        edges |= set(_moved_clocks(day, zone))
        yield from (at for at in sorted(edges) if at > moment)


def _instants(day: dt.date, minute: int, zone: dt.tzinfo) -> Iterator[dt.datetime]:
    """When the wall shows ``minute`` of ``day``: once, twice when clocks go back, about then when it is left out."""
    naive = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minute)
    for fold_ in (0, 1):
        yield naive.replace(tzinfo=zone, fold=fold_).astimezone(dt.UTC)


def _moved_clocks(day: dt.date, zone: dt.tzinfo) -> Iterator[dt.datetime]:
    """The moment of ``day`` at which the zone changes its distance from UTC, if there is one."""

    def distance(at: dt.datetime) -> dt.timedelta | None:
        return at.astimezone(zone).utcoffset()

    low = dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
    high = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)
    before = distance(low)
    if before == distance(high):
        return
    while high - low > dt.timedelta(minutes=1):
        middle = low + (high - low) // dt.timedelta(minutes=2) * dt.timedelta(minutes=1)
        low, high = (middle, high) if distance(middle) == before else (low, middle)
    yield high


@lru_cache(maxsize=8)
def _holidays(year: int, language: str) -> dict[dt.date, str]:
    """Poland's public holidays of a year by the package ``holidays`` (0.1 s to import, so only when asked)."""
    from holidays import country_holidays

    return dict(country_holidays("PL", years=year, language="pl" if language == "pl" else "en_US"))


def holiday(day: dt.date) -> bool:
    """Whether ``day`` is a public holiday in Poland (24 December too, since 2025). Sundays as such are none."""
    return day in _holidays(day.year, "pl")


def holiday_name(day: dt.date, language: str) -> str:
    """What the holiday is called; empty for any other day."""
    return _holidays(day.year, language).get(day, "")
