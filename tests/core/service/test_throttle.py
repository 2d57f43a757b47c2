"""Limits that hold whoever counts: against a plain model, across processes' threads, on both databases."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import MovableClock
from core.service import throttle
from core.service.desk import Desk

MINUTE = dt.timedelta(minutes=1)


def hit(desk: Desk, name: str = "b", burst: int = 3) -> dt.datetime | None:
    return desk.as_system().do(throttle.hit, name, every=MINUTE, burst=burst)


def attempt(desk: Desk, name: str = "b") -> dt.datetime | None:
    return desk.as_system().do(throttle.attempt, name)[0]


def test_a_burst_and_then_one_at_a_time(any_desk: Desk) -> None:
    assert [hit(any_desk) for _ in range(3)] == [None] * 3
    assert hit(any_desk) == any_desk.now + MINUTE
    assert hit(any_desk) == any_desk.now + MINUTE  # asking does not make it later
    any_desk.clock.move(MINUTE - dt.timedelta(milliseconds=1))
    assert hit(any_desk) == any_desk.now + dt.timedelta(milliseconds=1)
    any_desk.clock.move(dt.timedelta(milliseconds=1))
    assert hit(any_desk) is None
    assert hit(any_desk) is not None
    any_desk.clock.move(dt.timedelta(days=1))
    assert [hit(any_desk) for _ in range(4)] == [None] * 3 + [any_desk.now + MINUTE]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(0, 150), max_size=25), burst=st.integers(1, 5))
def test_a_rate_is_a_leaking_bucket(desk: Desk, steps: list[int], burst: int) -> None:
    """The textbook model: a bucket of ``burst`` that leaks one a minute."""
    name, level, last = f"{len(steps)}-{burst}-{desk.now}-{steps}", 0.0, desk.now
    for seconds in steps:
        desk.clock.move(dt.timedelta(seconds=seconds))
        level = max(level - (desk.now - last) / MINUTE, 0.0)
        last = desk.now
        room = level + 1 <= burst + 1e-6
        asked = desk.as_system().see(throttle.used_up, name, every=MINUTE, burst=burst)
        booked = hit(desk, name, burst)
        assert booked == asked, "asking says what booking would"
        assert (booked is None) == room
        level += room


def test_pauses_grow_and_end_at_a_quarter_of_an_hour(any_desk: Desk) -> None:
    assert [attempt(any_desk) for _ in range(throttle.FREE_FAILURES)] == [None] * throttle.FREE_FAILURES
    pauses = []
    for _try in range(8):
        until = attempt(any_desk)
        assert until is not None
        pauses.append(round((until - any_desk.now).total_seconds()))
        any_desk.clock.move(until - any_desk.now - dt.timedelta(milliseconds=1))
        assert attempt(any_desk) == until
        any_desk.clock.move(dt.timedelta(milliseconds=1))
        assert attempt(any_desk) is None
    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900]


def test_never_for_good(desk: Desk) -> None:
    for _try in range(60):
        until = attempt(desk)
        if until is not None:
            assert until - desk.now <= throttle.LONGEST_PAUSE
            desk.clock.move(throttle.LONGEST_PAUSE)


def test_a_success_forgets(any_desk: Desk) -> None:
    for _try in range(throttle.FREE_FAILURES):
        attempt(any_desk)
    assert any_desk.as_system().do(throttle.failures, "b") == throttle.FREE_FAILURES
    assert any_desk.as_system().do(throttle.opens_at, "b") is not None
    any_desk.as_system().do(throttle.clear, "b")
    assert any_desk.as_system().do(throttle.opens_at, "b") is None
    assert attempt(any_desk) is None


@pytest.mark.parametrize("threads", [8])
def test_exact_whoever_comes_at_once(any_desk: Desk, threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(lambda _: hit(any_desk, "crowd", 7), range(40)))
        tries = list(pool.map(lambda _: attempt(any_desk, "tries"), range(40)))
    assert answers.count(None) == 7
    assert tries.count(None) == throttle.FREE_FAILURES


def test_buckets_name_nobody_and_never_run_together(desk: Desk) -> None:
    def names(work: object) -> list[str]:
        return [
            throttle.bucket(work, "login", "ola@example.com"),
            throttle.bucket(work, "login", "ola", "@example.com"),
            throttle.bucket(work, "reset", "ola@example.com"),
        ]

    made = desk.as_system().do(names)
    assert len(set(made)) == 3
    assert all("ola" not in name for name in made)
    assert made == desk.as_system().do(names)


# A clock that was ahead for a moment keeps nobody waiting


def ahead_by_a_month(desk: Desk) -> Desk:
    other = desk.as_system()
    other.clock = MovableClock(desk.now + dt.timedelta(days=30))
    return other


def test_a_pause_longer_than_its_rule_counts_as_none(any_desk: Desk) -> None:
    for _try in range(throttle.FREE_FAILURES):
        assert attempt(ahead_by_a_month(any_desk)) is None
    assert any_desk.as_system().see(throttle.opens_at, "b") is None
    assert attempt(any_desk) is None
    until = attempt(any_desk)
    assert until is not None
    assert until - any_desk.now <= throttle.LONGEST_PAUSE


def test_a_rate_that_is_fuller_than_it_can_be_counts_as_empty(any_desk: Desk) -> None:
    for _hit in range(3):
        assert hit(ahead_by_a_month(any_desk)) is None
    assert [hit(any_desk) for _ in range(4)] == [None] * 3 + [any_desk.now + MINUTE]


def test_failures_fade_one_after_another(any_desk: Desk) -> None:
    for _try in range(throttle.FREE_FAILURES - 1):
        assert attempt(any_desk) is None
    any_desk.clock.move(2 * throttle.FADE)
    assert [attempt(any_desk) for _ in range(4)] == [None] * 3 + [any_desk.now + MINUTE / 2]


def test_a_hit_that_is_given_back_can_be_taken_again(any_desk: Desk) -> None:
    for _hit in range(20):
        assert hit(any_desk) is None
        any_desk.as_system().do(throttle.give_back, "b", every=MINUTE)
    assert [hit(any_desk) for _ in range(4)] == [None] * 3 + [any_desk.now + MINUTE]


def test_a_family_is_cleared_as_one_and_no_other(any_desk: Desk) -> None:
    system = any_desk.as_system()
    names = [system.do(throttle.member, family, part) for family, part in (("f", 1), ("f", 2), ("fg", 1))]
    for name in names:
        for _try in range(throttle.FREE_FAILURES):
            attempt(any_desk, name)
    system.do(throttle.clear_family, "f")
    assert [attempt(any_desk, name) is None for name in names] == [True, True, False]
