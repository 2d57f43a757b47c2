"""The simulated heat pump: always the same for the same orders, and no stranger to physics."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.devices.gateway import Sample
from core.devices.settings import FACTORY, DeviceSettings, Slot, minute_of_week
from core.devices.settings_log import AS_IT_COMES, BEGINNING, Order
from core.devices.simulator import faults, series
from core.devices.simulator.thermal import QUIET, Operation
from core.devices.simulator.weather import outdoor, sun

WARSAW = "Europe/Warsaw"
SEEDS = ("B123456789", "C000111222", "Z987654321")
STEADY = DeviceSettings(week=((),) * 7)
"""No programme: 21 °C day and night."""
JANUARY = dt.datetime(2026, 1, 20, tzinfo=dt.UTC)


def day(told: tuple[Order, ...], start: dt.datetime, seed: str = SEEDS[0], hours: float = 24) -> tuple[Sample, ...]:
    return series.course(seed, told, WARSAW, start, start + dt.timedelta(hours=hours))


def always(**changed: Any) -> tuple[Order, ...]:
    return ((BEGINNING, replace(STEADY, **changed)),)


def kwh(samples: tuple[Sample, ...]) -> float:
    return sum(one.power for one in samples) / 6 / 1000


def forget() -> None:
    """What this process remembers of courses."""
    series._begins.cache_clear()
    series._at_hour.cache_clear()


@pytest.fixture(autouse=True)
def _no_faults_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The model is looked at without the faults that come by themselves (test_faults.py)."""
    monkeypatch.setattr(faults, "RARE", 10**9)
    forget()
    yield
    forget()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_orders_give_the_same_course(seed: str) -> None:
    first = day((AS_IT_COMES,), JANUARY, seed)
    forget()
    assert day((AS_IT_COMES,), JANUARY, seed) == first
    assert len(first) == 145
    other = {SEEDS[0]: SEEDS[1]}.get(seed, SEEDS[0])
    assert day((AS_IT_COMES,), JANUARY, other) != first


def test_another_process_draws_the_same_line() -> None:
    """``hash()`` of a text differs from process to process; nothing may hang on it."""
    script = (
        "import datetime as dt; from core.devices.simulator import series;"
        "from core.devices.settings_log import AS_IT_COMES;"
        "print(series.reading('B123456789', (AS_IT_COMES,), 'Europe/Warsaw', dt.datetime(2026,1,20,9,3,tzinfo=dt.UTC)))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": number}
        ).stdout
        for number in ("1", "2")
    }
    assert len(runs) == 1


@pytest.mark.parametrize("minutes", [0, 5, 7, 600, 1439])
def test_a_moment_has_one_value_however_it_is_asked_for(minutes: int) -> None:
    """Now, in the course of its day, and in that of a day that began by another zone's clock."""
    at = JANUARY + dt.timedelta(minutes=minutes)
    told = (AS_IT_COMES,)
    whole = at - dt.timedelta(minutes=minutes % 5)
    now = series.reading(SEEDS[0], told, WARSAW, whole)
    early, late = (
        day(told, whole - dt.timedelta(minutes=back), hours=back / 60)[-1]
        for back in (10 * (minutes // 10), 10 * (minutes // 10) + 120)
    )
    measured = ("room", "water", "tank", "outdoor")
    assert early == late
    assert [getattr(now, name) for name in measured] == [getattr(early, name) for name in measured]


def test_what_is_remembered_is_what_would_be_computed() -> None:
    """A device is read again and again while it is given orders, at whole hours and between them."""
    told: tuple[Order, ...] = (AS_IT_COMES,)
    orders = {
        125: replace(DeviceSettings(), on=False),
        180: replace(DeviceSettings(), room=23.0, room_at=JANUARY + dt.timedelta(minutes=180)),
        360: replace(DeviceSettings(), broken="H62", broken_at=JANUARY + dt.timedelta(minutes=360)),
        475: replace(DeviceSettings(), reset_at=JANUARY + dt.timedelta(minutes=475), quiet=3),
    }
    measured = ("room", "water", "tank", "error")
    for minutes in range(0, 721, 20):
        at = JANUARY + dt.timedelta(minutes=minutes)
        told = (*told, *((JANUARY + dt.timedelta(minutes=one), orders.pop(one)) for one in [*orders] if one <= minutes))
        now, whole = series.reading(SEEDS[0], told, WARSAW, at), day(told, JANUARY, hours=minutes / 60)[-1]
        assert [getattr(now, name) for name in measured] == [getattr(whole, name) for name in measured], at
    assert len(told) == 5


def test_reading_again_goes_on_from_the_last_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of fifty devices is read every time that somebody comes back to it."""
    taken, step = [0], series._step

    def counted(*given: Any, **named: Any) -> Any:
        taken[0] += 1
        return step(*given, **named)

    monkeypatch.setattr(series, "_step", counted)
    at = JANUARY + dt.timedelta(hours=20, minutes=57)
    series.reading(SEEDS[1], (AS_IT_COMES,), WARSAW, at)
    assert taken[0] > 4 * 288, "four days of running up to it, and the day"
    for later in (at, at + dt.timedelta(minutes=5), at + dt.timedelta(hours=1)):
        taken[0] = 0
        series.reading(SEEDS[1], (AS_IT_COMES,), WARSAW, later)
        assert taken[0] <= 24
    taken[0] = 0
    told = (AS_IT_COMES, (at, replace(DeviceSettings(), on=False)))
    series.reading(SEEDS[1], told, WARSAW, at + dt.timedelta(minutes=10))
    assert taken[0] <= 24, "an order leaves the hours before it as they were"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_pieces_of_two_days_meet(seed: str) -> None:
    told = (AS_IT_COMES,)
    for number in range(8):
        midnight = JANUARY + dt.timedelta(days=number)
        before = series.course(seed, told, WARSAW, midnight - dt.timedelta(hours=1), midnight)
        assert abs(before[-1].room - before[-2].room) < 0.4
        assert abs(before[-1].outdoor - before[-2].outdoor) < 0.5


def test_winters_are_cold_and_summers_warm_and_afternoons_warmer_than_dawns() -> None:
    def mean(month: int, hour: int | None = None) -> float:
        start = dt.datetime(2026, month, 1, tzinfo=dt.UTC)
        hours = [start + dt.timedelta(hours=number) for number in range(28 * 24)]
        values = [outdoor(SEEDS[0], at) for at in hours if hour is None or at.hour == hour]
        return sum(values) / len(values)

    assert -8 < mean(1) < 3
    assert 14 < mean(7) < 24
    assert mean(1, 13) > mean(1, 4) + 2
    assert mean(7, 13) > mean(7, 3) + 6
    assert sun(SEEDS[0], JANUARY) == 0
    assert 0 < sun(SEEDS[0], JANUARY + dt.timedelta(hours=11)) <= 1


def test_weather_has_no_jumps() -> None:
    hours = [outdoor(SEEDS[1], JANUARY + dt.timedelta(minutes=10 * number)) for number in range(6 * 24 * 10)]
    assert max(abs(one - other) for one, other in pairwise(hours)) < 0.5


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("month", range(1, 13))
def test_a_house_is_kept_warm_for_a_sane_price(seed: str, month: int) -> None:
    samples = day(always(), dt.datetime(2026, month, 12, tzinfo=dt.UTC), seed)
    assert all(one.room >= 19.8 for one in samples)
    assert all(30 < one.tank < 60 for one in samples)
    assert all(one.power <= 8_000 and 0 <= one.frequency <= 90 for one in samples)
    used = kwh(samples)
    assert (8 < used < 60) if month in (12, 1, 2) else (1 < used < 40)


def test_heat_costs_more_electricity_when_it_is_colder() -> None:
    """The same heat, that is: efficiency falls, beside what the house loses more."""
    days = [day(always(), dt.datetime(2026, 1, number, tzinfo=dt.UTC)) for number in range(2, 28)]
    by_cold = sorted(days, key=lambda one: sum(each.outdoor for each in one))
    coldest, mildest = by_cold[0], by_cold[-1]

    def lift(samples: tuple[Sample, ...]) -> float:
        return sum(one.room - one.outdoor for one in samples)

    assert kwh(coldest) / lift(coldest) > kwh(mildest) / lift(mildest)


def test_the_flow_follows_the_weather() -> None:
    heating = [
        one
        for number in range(2, 20)
        for one in day(always(), dt.datetime(2026, 1, number, tzinfo=dt.UTC))
        if one.operation is Operation.HEATING
    ]
    cold = [one.water for one in heating if one.outdoor < -6]
    mild = [one.water for one in heating if one.outdoor > -2]
    assert sum(cold) / len(cold) > sum(mild) / len(mild) + 1


def test_switched_off_it_cools_down_but_never_freezes() -> None:
    off = ((BEGINNING, STEADY), (JANUARY, replace(STEADY, on=False)))
    first = day(off, JANUARY)
    assert first[-1].room < first[0].room - 5
    week_later = day(off, JANUARY + dt.timedelta(days=7))
    assert all(7 < one.room < 12 for one in week_later)
    assert all(one.tank > 5 for one in week_later)
    assert {one.operation for one in week_later} <= {Operation.OFF, Operation.HEATING, Operation.HOT_WATER}
    assert Operation.OFF in {one.operation for one in first}


def test_being_told_counts_at_once() -> None:
    at = JANUARY + dt.timedelta(hours=9, minutes=2)
    running = series.reading(SEEDS[0], always(), WARSAW, at)
    assert running.frequency > 0
    stopped = series.reading(SEEDS[0], (*always(), (at, replace(STEADY, on=False))), WARSAW, at)
    assert (stopped.frequency, stopped.operation) == (0, Operation.OFF)
    assert abs(stopped.room - running.room) < 0.2


@pytest.mark.parametrize("level", [1, 2, 3])
def test_quiet_mode_holds_the_compressor_down(level: int) -> None:
    loud = day(always(tank=60.0), JANUARY)
    quiet = day(always(tank=60.0, quiet=level), JANUARY)
    assert max(one.frequency for one in quiet) <= QUIET[level] < max(one.frequency for one in loud)


def test_a_holiday_sets_back_and_ends_by_itself() -> None:
    holiday = (dt.date(2026, 1, 20), dt.date(2026, 1, 24))
    told = always(holiday=holiday)
    inside = day(told, dt.datetime(2026, 1, 23, tzinfo=dt.UTC))
    assert all(14.5 < one.room < 16.5 for one in inside[60:])
    assert {one.operation for one in inside} <= {Operation.HOLIDAY, Operation.HEATING, Operation.HOT_WATER}
    assert kwh(inside) < kwh(day(always(), dt.datetime(2026, 1, 23, tzinfo=dt.UTC)))
    after = day(told, dt.datetime(2026, 1, 26, tzinfo=dt.UTC))
    assert after[-1].room > 20


def test_the_programme_sets_back_at_night() -> None:
    samples = day((AS_IT_COMES,), JANUARY.replace(day=21) - dt.timedelta(hours=1))
    at = {(one.at + dt.timedelta(hours=1)).strftime("%H:%M"): one for one in samples}
    assert at["05:00"].room < 19.5 < 20 < at["20:00"].room
    assert series.reading(SEEDS[0], (AS_IT_COMES,), WARSAW, JANUARY.replace(hour=2)).target == 18.5
    assert series.reading(SEEDS[0], (AS_IT_COMES,), WARSAW, JANUARY.replace(hour=12)).target == 21.0


def test_a_target_by_hand_holds_until_the_programme_goes_on() -> None:
    at = JANUARY.replace(hour=9)
    told = ((BEGINNING, DeviceSettings()), (at, replace(DeviceSettings(), room=17.0, room_at=at)))
    now = series.reading(SEEDS[0], told, WARSAW, at + dt.timedelta(hours=1))
    assert (now.target, now.by_hand) == (17.0, True)
    assert now.next_change == JANUARY.replace(hour=21)
    later = series.reading(SEEDS[0], told, WARSAW, JANUARY.replace(hour=21, minute=30))
    assert (later.target, later.by_hand) == (18.5, False)


# Faults


BROKEN = JANUARY.replace(hour=6)


def test_a_fault_locks_the_compressor_until_it_is_reset() -> None:
    broken = replace(STEADY, broken="H62", broken_at=BROKEN)
    reset = replace(STEADY, reset_at=BROKEN + dt.timedelta(hours=6))
    told = ((BEGINNING, STEADY), (BROKEN, broken), (BROKEN + dt.timedelta(hours=6), reset))
    samples = day(told, JANUARY)
    ill = [one for one in samples if one.error]
    assert {one.error for one in ill} == {"H62"}
    assert ill[0].at == BROKEN
    assert ill[-1].at == BROKEN + dt.timedelta(hours=6) - series.EVERY
    assert all(one.frequency == 0 and one.power < 20 for one in ill[1:])
    assert ill[-1].room < ill[0].room - 1
    assert samples[-1].frequency > 0
    now = series.reading(SEEDS[0], told, WARSAW, JANUARY.replace(hour=23))
    assert (now.error, now.last_error, now.last_error_at) == ("", "H62", BROKEN)


# Settings as they are kept

SLOTS = st.lists(
    st.builds(Slot, st.integers(0, 1439), st.integers(10, 60).map(lambda half: half / 2)),
    max_size=6,
    unique_by=lambda slot: slot.minute,
).map(lambda slots: tuple(sorted(slots, key=lambda slot: slot.minute)))
MOMENTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
SETTINGS = st.builds(
    DeviceSettings,
    on=st.booleans(),
    room=st.integers(10, 60).map(lambda half: half / 2),
    room_at=st.none() | MOMENTS,
    tank=st.integers(35, 65).map(float),
    holiday=st.none() | st.tuples(st.dates(), st.dates()),
    quiet=st.integers(0, 3),
    week=st.tuples(*[SLOTS] * 7),
    reset_at=st.none() | MOMENTS,
    broken=st.sampled_from(["", "H62"]),
    broken_at=st.none() | MOMENTS,
)


@given(SETTINGS)
def test_settings_survive_being_kept(told: DeviceSettings) -> None:
    import json

    assert DeviceSettings.of(json.loads(json.dumps(told.as_json()))) == told


def test_what_an_older_release_kept_is_read() -> None:
    assert DeviceSettings.of({}) == DeviceSettings()
    assert DeviceSettings.of({"room": 19, "on": False}) == replace(DeviceSettings(), room=19.0, on=False)


@given(SETTINGS, st.integers(0, 10079), st.none() | st.integers(0, 20_000))
def test_what_is_wanted_is_the_latest_word(told: DeviceSettings, minute: int, since_hand: int | None) -> None:
    """Held against walking back minute by minute."""
    starts = {number * 1440 + slot.minute: slot.room for number, one in enumerate(told.week) for slot in one}
    expected: tuple[float, bool] = (told.room, True)
    for back in range(10_080):
        if since_hand == back:
            break
        if (minute - back) % 10_080 in starts:
            expected = (starts[(minute - back) % 10_080], False)
            break
    assert told.programme.wanted(minute, since_hand) == expected


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5 * 1440), SETTINGS), max_size=4), st.integers(0, 5 * 1440))
def test_whatever_it_is_told_the_model_stays_within_nature(
    orders: list[tuple[int, DeviceSettings]], minute: int
) -> None:
    start = JANUARY - dt.timedelta(days=4)
    told = (AS_IT_COMES, *((start + dt.timedelta(minutes=at), one) for at, one in sorted(orders, key=lambda o: o[0])))
    now = series.reading(SEEDS[2], told, WARSAW, start + dt.timedelta(minutes=minute))
    assert -5 < now.room < 45
    assert 0 < now.tank < 90
    assert 0 <= now.frequency <= 90


def test_minutes_of_the_week_begin_on_monday() -> None:
    assert minute_of_week(dt.datetime(2026, 11, 16)) == 0  # noqa: DTZ001
    assert minute_of_week(dt.datetime(2026, 11, 22, 23, 59)) == 7 * 1440 - 1  # noqa: DTZ001
    assert len(FACTORY) == 7
