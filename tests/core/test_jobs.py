"""What the desk does by itself: once, however often and by however many it is run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core import jobs, paths
from core.care import expiry
from tests.core.care.acting import applied, invited
from tests.core.care.conftest import World, people_of
from tests.factories.desks import mail, make_desk


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    desk = make_desk(tmp_path / "care")
    yield people_of(desk)
    desk.close()


def test_nothing_due_is_nothing_done(world: World) -> None:
    applied(world.zofia)
    assert set(jobs.run(world.desk).values()) == {0}
    assert [job.id for job in jobs.jobs()] == list(jobs.run(world.desk))


def done(world: World) -> list[int]:
    """How much each job of care did."""
    return list(jobs.run(world.desk).values())[:4]


def test_everything_due_is_done_once(world: World) -> None:
    applied(world.zofia)
    invited(world.iwan)
    world.later(days=7)
    assert done(world) == [0, 0, 1, 1]
    assert done(world) == [0, 0, 0, 0]
    world.later(days=21)
    assert done(world) == [1, 1, 0, 0]  # what ran out is not reminded of


def test_more_than_a_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry.run_out_applications, "__kwdefaults__", {"device_key": "", "limit": 2})
    for number in range(5):
        applied(world.zofia, device=f"B00000000{number}")
    world.later(days=28)
    assert jobs.run(world.desk)["applications-run-out"] == 5
    assert len(mail(world.desk, "application_expired")) == 10


def test_four_at_once_tell_everybody_once(world: World) -> None:
    for number in range(10):
        applied(world.zofia if number % 2 else world.nina, device=f"B00000000{number}")
    world.later(days=7)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _turn: jobs.run(world.desk), range(4)))
    assert sum(one["application-reminders"] for one in done) == 10
    assert len(mail(world.desk, "application_reminder")) == 10


def test_a_runner_is_alone_and_ends_when_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "EVERY", 0.01)
    applied(world.zofia)
    world.later(days=7)
    told: list[dict[str, int]] = []
    heard, stop = threading.Event(), threading.Event()

    def tell(done: dict[str, int]) -> None:
        told.append(done)
        heard.set()

    runner = threading.Thread(target=jobs.Runner(world.desk, tell).run_until, args=(stop,))
    runner.start()
    assert heard.wait(10)
    with paths.alone(world.desk.settings.data_dir, "jobs.lock") as alone:
        assert not alone
    stop.set()
    runner.join(10)
    assert not runner.is_alive()
    assert told == [{**dict.fromkeys(told[0], 0), "application-reminders": 1}]
    with paths.alone(world.desk.settings.data_dir, "jobs.lock") as alone:
        assert alone


def test_a_job_that_meets_a_fault_keeps_no_other_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_work: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(expiry, "run_out_applications", broken)
    invited(world.iwan)
    world.later(days=7)
    assert done(world) == [jobs.FAILED, 0, 0, 1]
