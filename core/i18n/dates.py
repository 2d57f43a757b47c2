"""Days and times as a reader writes them: in their language and their zone, by Babel (imported when first used).

The zone is asked for like the language in :mod:`core.i18n.translation`: whoever draws says whose it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from core.i18n import translation

DEFAULT = "Europe/Warsaw"
_LOCALES = {"en": "en_GB", "pl": "pl"}

_given: ContextVar[str | None] = ContextVar("okienko_zone", default=None)
_followed: Callable[[], str | None] | None = None


def follow(provider: Callable[[], str | None]) -> None:
    """Ask ``provider`` for the reader's zone wherever :func:`reading_in` does not say it."""
    global _followed
    _followed = provider


@contextmanager
def reading_in(zone: str) -> Iterator[None]:
    """Everything inside is shown by the clocks of ``zone``."""
    token = _given.set(zone)
    try:
        yield
    finally:
        _given.reset(token)


def zone() -> dt.tzinfo:
    """The reader's zone; an unknown name falls back to :data:`DEFAULT`."""
    name = _given.get() or (_followed() if _followed else None) or DEFAULT
    return _zone(name)


@lru_cache(maxsize=64)
def _zone(name: str) -> dt.tzinfo:
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(DEFAULT)


def _locale() -> str:
    return _LOCALES[translation.language()]


def day(value: dt.date) -> str:
    """``20 Nov 2026`` / ``20 lis 2026``."""
    return _dated(value, "medium")


def short_day(value: dt.date) -> str:
    """``20 Nov``, where the year is known."""
    return _dated(value, "d MMM")


def month(value: dt.date) -> str:
    """``November 2026``."""
    return _dated(value, "LLLL y")


def short_month(value: dt.date) -> str:
    """``Nov``; of a January the year as well."""
    return _dated(value, "LLL yy" if value.month == 1 else "LLL")


def _dated(value: dt.date, pattern: str) -> str:
    from babel.dates import format_date

    return str(format_date(value, pattern, locale=_locale()))


def moment(value: dt.datetime) -> str:
    """Day and time to the minute: ``20 Nov 2026, 10:30``. A time without a zone stays as the clock showed it."""
    from babel.dates import format_datetime

    here = value.astimezone(zone()) if value.tzinfo else value
    return str(format_datetime(here, "d MMM y, HH:mm", locale=_locale()))


def hour(value: dt.datetime) -> str:
    """The time alone: ``10:30``."""
    return value.astimezone(zone()).strftime("%H:%M")


def brief(value: dt.datetime, now: dt.datetime) -> str:
    """As short as it stays clear: ``10:30`` today, ``20 Nov`` this year, else ``Nov 2025``."""
    from babel.dates import format_datetime

    here, today = value.astimezone(zone()), now.astimezone(zone())
    if here.date() == today.date():
        return hour(value)
    if here.year == today.year:
        return str(format_datetime(here, "d MMM", locale=_locale()))
    return str(format_datetime(here, "MMM y", locale=_locale()))


def age(since: dt.datetime, now: dt.datetime) -> str:
    """How long ago, in the largest unit that says it: ``5 min``, ``3 h``, ``12 d``, ``2 y`` (``2 l.``)."""
    minutes = max(int((now - since).total_seconds()) // 60, 0)
    if minutes < 60:
        return translation.gettext("{n} min").format(n=minutes)
    if minutes < 60 * 48:
        return translation.gettext("{n} h").format(n=minutes // 60)
    days = minutes // (60 * 24)
    return (
        translation.gettext("{n} d").format(n=days)
        if days < 730
        else translation.gettext("{n} y").format(n=days // 365)
    )


def for_sentence(value: object) -> object:
    """A value that goes into a sentence: days and times in the reader's way, everything else as it is."""
    if isinstance(value, dt.datetime):
        return moment(value)
    return day(value) if isinstance(value, dt.date) else value
