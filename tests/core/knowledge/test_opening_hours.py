"""Opening hours: what an operator may write, and who is there when, against a clock that is read every minute."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DeskError
from core.knowledge import opening_hours
from core.knowledge.opening_hours import DAY, Span, Week, open_now, read

WARSAW = ZoneInfo("Europe/Warsaw")
MINUTE = dt.timedelta(minutes=1)
OFFICE = "mon-fri 9:00-17:00; sat 9:00-14:00"


def at(text: str, zone: ZoneInfo = WARSAW) -> dt.datetime:
    """A time on the wall, as a moment."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(dt.UTC)


def nine_to(end: int) -> tuple[Span, ...]:
    return (Span(9 * 60, end * 60),)


# What can be written


@pytest.mark.parametrize(
    "text",
    [
        OFFICE,
        "Mon-Fri 9:00-17:00; Sat 9-14",
        "pon-pt: 9.00-17.00; sob. 9.00-14.00",
        "poniedziałek-piątek 9:00–17:00;sobota 9:00 - 14:00;",
        "mon,tue,wed-fri 9:00-12:00, 12:00-17:00\nsat 9:00-14:00",
    ],
)
def test_many_ways_to_write_the_same(text: str) -> None:
    assert read(text) == (*[nine_to(17)] * 5, nine_to(14), ())


def test_nothing_written_is_a_week_without_hours() -> None:
    assert read("  ") == ((),) * 7


def test_spans_that_touch_or_overlap_are_one_and_a_day_named_twice_has_both() -> None:
    week = read("mon 13:00-15:00, 9:00-12:00, 14:00-16:00; mon 20:00-24:00")
    assert week[0] == (Span(540, 720), Span(780, 960), Span(1200, DAY))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9:00-17:00", "“9:00-17:00” should be days and hours"),
        ("always", "“always” should be days and hours"),
        ("mon-fry 9:00-17:00", "“mon-fry” in “mon-fry 9:00-17:00” names no days"),
        ("mon-wed-fri 9:00-17:00", "names no days"),
        ("fri-mon 9:00-17:00", "runs backwards"),
        ("mon 9:00", "“9:00” in “mon 9:00” should be hours like 9:00-17:00"),
        ("mon 9:00-25:00", "no such time of day"),
        ("mon 9:70-10:00", "no such time of day"),
        ("mon 24:01-24:02", "no such time of day"),
        ("mon 17:00-9:00", "ends before it begins"),
        ("mon 9:00-9:00", "ends before it begins"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(DeskError) as refused:
        read(f"tue 9:00-17:00; {text}")
    assert said in refused.value.text()


@given(st.text(alphabet="monfriśr 0123456789:.-–,;\n", max_size=40))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    try:
        week = read(text)
    except DeskError:
        return
    assert len(week) == 7
    for spans in week:
        assert list(spans) == sorted(spans)
        assert all(0 <= span.start < span.end <= DAY for span in spans)
        assert all(one.end < other.start for one, other in pairwise(spans))


spans_of_a_day = st.lists(
    st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).filter(lambda ends: ends[0] < ends[1]), max_size=3
).map(lambda ends: opening_hours._in_order([Span(*one) for one in ends]))
weeks = st.tuples(*[spans_of_a_day] * 7)


@given(weeks)
def test_what_is_written_is_read_as_it_was_meant(week: Week) -> None:
    def clock(minute: int) -> str:
        return f"{minute // 60}:{minute % 60:02}"

    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    parts = [
        f"{name} {', '.join(f'{clock(one.start)}-{clock(one.end)}' for one in spans)}"
        for name, spans in zip(names, week, strict=True)
        if spans
    ]
    assert read("; ".join(parts)) == week


# Who is there when


@pytest.mark.parametrize(
    ("moment", "until", "opens"),
    [
        ("2026-11-20 10:00", "2026-11-20 17:00", None),  # a Friday
        ("2026-11-20 09:00", "2026-11-20 17:00", None),
        ("2026-11-20 16:59:59", "2026-11-20 17:00", None),
        ("2026-11-20 17:00", None, "2026-11-21 09:00"),
        ("2026-11-20 08:59:59", None, "2026-11-20 09:00"),
        ("2026-11-21 14:00", None, "2026-11-23 09:00"),
        ("2026-12-23 18:00", None, "2026-12-28 09:00"),  # 24 to 26 December are holidays, the 27th is a Sunday
        ("2026-11-10 18:00", None, "2026-11-12 09:00"),  # Independence Day
        ("2027-03-27 13:00", "2027-03-27 14:00", None),  # the Saturday before Easter
        ("2027-03-27 14:00", None, "2027-03-30 09:00"),  # Easter Monday
    ],
)
def test_an_office_and_the_polish_holidays(moment: str, until: str | None, opens: str | None) -> None:
    found = open_now(read(OFFICE), at(moment), WARSAW, opening_hours.holiday)
    assert found.now == (until is not None)
    assert found.until == (at(until) if until else None)
    assert found.opens_at == (at(opens) if opens else None)


def test_holidays_have_names_in_both_languages() -> None:
    day = dt.date(2026, 11, 11)
    assert opening_hours.holiday_name(day, "pl") == "Narodowe Święto Niepodległości"
    assert "Independence" in opening_hours.holiday_name(day, "en")
    assert opening_hours.holiday_name(dt.date(2026, 11, 12), "pl") == ""
    assert not opening_hours.holiday(dt.date(2024, 12, 24)), "a working day until 2025"
    assert opening_hours.holiday(dt.date(2025, 12, 24))


def test_round_the_clock_never_closes_and_no_hours_never_open() -> None:
    always = read("mon-sun 0:00-24:00")
    assert open_now(always, at("2026-11-20 10:00"), WARSAW) == opening_hours.Open(True)
    assert open_now(read(""), at("2026-11-20 10:00"), WARSAW) == opening_hours.Open(False)
    closing = open_now(always, at("2026-11-10 10:00"), WARSAW, opening_hours.holiday)
    assert closing.until == at("2026-11-11 00:00"), "unless a holiday comes"


def test_midnight_is_no_break() -> None:
    week = read("fri 20:00-24:00; sat 0:00-4:00")
    assert open_now(week, at("2026-11-20 23:00"), WARSAW).until == at("2026-11-21 04:00")


@settings(max_examples=60, deadline=None)
@given(
    week=weeks,
    start=st.sampled_from(
        ["2026-03-28 12:00", "2026-10-24 12:00", "2026-04-23 12:00", "2026-10-29 12:00", "2026-12-23 12:00"]
    ),
    later=st.integers(0, 2 * DAY),
    zone=st.sampled_from(["Europe/Warsaw", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Apia"]),
    closed=st.booleans(),
)
def test_the_same_as_looking_at_the_clock_every_minute(
    week: Week, start: str, later: int, zone: str, closed: bool
) -> None:
    """Two days with and without a change of clocks (Cairo changes at midnight), with and without holidays."""
    where = ZoneInfo(zone)
    moment = at(start, where) + later * MINUTE

    def looked(now: dt.datetime) -> bool:
        wall = now.astimezone(where)
        shut = closed and opening_hours.holiday(wall.date())
        return not shut and any(one.start <= wall.hour * 60 + wall.minute < one.end for one in week[wall.weekday()])

    found = open_now(week, moment, where, opening_hours.holiday if closed else None)
    assert found.now == looked(moment)
    change = found.until or found.opens_at
    end = min(change, moment + 2 * DAY * MINUTE) if change else moment + 2 * DAY * MINUTE
    step = moment
    while step < end:
        assert looked(step) == found.now, step
        step += MINUTE
    if change is not None:
        assert looked(change) != found.now
