"""Days and times as their reader writes them."""

from __future__ import annotations

import datetime as dt

import pytest

from core.errors import say
from core.i18n import dates
from core.i18n.translation import speaking

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


def at(*when: int) -> dt.datetime:
    return dt.datetime(*when, tzinfo=dt.UTC)


def test_by_the_readers_clocks_and_words() -> None:
    with speaking("en"), dates.reading_in("Europe/Warsaw"):
        assert dates.moment(NOON) == "20 Nov 2026, 13:00"
        assert dates.moment(at(2026, 7, 1, 12)) == "1 Jul 2026, 14:00"
    with speaking("pl"), dates.reading_in("America/New_York"):
        assert dates.moment(NOON) == "20 lis 2026, 07:00"
        assert dates.day(dt.date(2026, 5, 3)) == "3 maj 2026"
        assert dates.hour(NOON) == "07:00"
        assert dates.moment(at(2026, 5, 3, 9, 5).replace(tzinfo=None)) == "3 maj 2026, 09:05"
        assert dates.short_day(dt.date(2026, 5, 3)) == "3 maj"
        assert dates.month(dt.date(2026, 5, 3)) == "maj 2026"
        assert [dates.short_month(dt.date(2026, month, 3)) for month in (1, 5)] == ["sty 26", "maj"]


def test_an_unknown_zone_is_warsaw() -> None:
    for name in ("Nowhere/City", "../../etc/passwd", "\0"):
        with dates.reading_in(name):
            assert str(dates.zone()) == dates.DEFAULT


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (at(2026, 11, 20, 8, 5), "09:05"),
        (at(2026, 11, 19, 23, 30), "00:30"),  # the reader's today
        (at(2026, 11, 19, 22, 59), "19 Nov"),
        (at(2025, 12, 31, 23, 30), "1 Jan"),  # the reader's year
        (at(2025, 12, 31, 12, 0), "Dec 2025"),
    ],
)
def test_as_short_as_it_stays_clear(value: dt.datetime, shown: str) -> None:
    with speaking("en"), dates.reading_in("Europe/Warsaw"):
        assert dates.brief(value, NOON) == shown


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (dt.timedelta(seconds=-5), "0 min"),
        (dt.timedelta(seconds=59), "0 min"),
        (dt.timedelta(minutes=59), "59 min"),
        (dt.timedelta(minutes=60), "1 h"),
        (dt.timedelta(hours=47, minutes=59), "47 h"),
        (dt.timedelta(hours=48), "2 d"),
        (dt.timedelta(days=729), "729 d"),
        (dt.timedelta(days=730), "2 y"),
    ],
)
def test_how_long_ago(ago: dt.timedelta, shown: str) -> None:
    with speaking("en"):
        assert dates.age(NOON - ago, NOON) == shown


def test_a_sentence_shows_its_times_that_way() -> None:
    told = say("Until {time}, from {day}, {n} times.", time=NOON, day=NOON.date(), n=3)
    with speaking("en"), dates.reading_in("UTC"):
        assert told.text() == "Until 20 Nov 2026, 12:00, from 20 Nov 2026, 3 times."
