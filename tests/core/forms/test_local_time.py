"""A time typed by a clock is one moment, also in the night in which clocks are changed."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.forms import local_time

WARSAW = zoneinfo.ZoneInfo("Europe/Warsaw")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("2027-03-28 01:59", True),
        ("2027-03-28 02:00", False),
        ("2027-03-28 02:30", False),
        ("2027-03-28 03:00", True),
        ("2026-10-25 02:30", True),
    ],
)
def test_a_time_that_never_was_is_told(typed: str, right: bool) -> None:
    wrong = local_time.problem(at(typed), WARSAW)
    assert (wrong is None) is right
    assert wrong is None or typed[11:] in wrong.text()


def test_of_a_time_that_is_shown_twice_the_first_is_taken_unless_it_is_too_early() -> None:
    begins = local_time.to_utc(at("2026-10-25 02:40"), WARSAW)
    assert begins == at("2026-10-25 00:40+00:00")
    assert local_time.to_utc(at("2026-10-25 02:20"), WARSAW) == at("2026-10-25 00:20+00:00")
    assert local_time.to_utc(at("2026-10-25 02:20"), WARSAW, after=begins) == at("2026-10-25 01:20+00:00")
    assert local_time.to_utc(at("2026-10-25 01:20"), WARSAW, after=begins) < begins


@given(st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1)))  # noqa: DTZ001 - typed times have no zone
def test_what_no_clock_refuses_is_shown_as_it_was_typed(typed: dt.datetime) -> None:
    if local_time.problem(typed, WARSAW) is None:
        assert local_time.to_utc(typed, WARSAW).astimezone(WARSAW).replace(tzinfo=None) == typed


def test_what_would_end_as_it_begins_is_the_later_of_the_two() -> None:
    """At 02:30 in the night in which clocks go back: from the first half past two to the second one."""
    begins = local_time.to_utc(at("2026-10-25 02:30"), WARSAW)
    assert local_time.to_utc(at("2026-10-25 02:30"), WARSAW, after=begins) == at("2026-10-25 01:30+00:00")
