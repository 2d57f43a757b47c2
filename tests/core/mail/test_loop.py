"""The worker that keeps running: wakes up, keeps out of another one's way, ends when told."""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path

import pytest

from core.mail import delivery, loop
from core.mail.delivery import Delivered
from core.mail.loop import Deliverer
from core.service.desk import Desk
from core.service.settings import MailSection
from tests.core.mail.test_delivery import promise, states
from tests.factories.desks import make_desk

PATIENCE = 20.0
"""Seconds until a test that would wait for ever fails instead."""


class Heard:
    """Collects what a worker tells."""

    def __init__(self) -> None:
        self.rounds: list[Delivered] = []
        self._some = threading.Semaphore(0)

    def __call__(self, done: Delivered) -> None:
        self.rounds.append(done)
        self._some.release()

    def wait(self) -> Delivered:
        assert self._some.acquire(timeout=PATIENCE)
        return self.rounds[-1]


@pytest.fixture(autouse=True)
def _long_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """So long that a test only passes by being woken up."""
    monkeypatch.setattr(loop, "POLL", 3600.0)


def test_it_wakes_up_when_mail_is_promised_and_ends_when_told(desk: Desk) -> None:
    heard = Heard()
    running = Deliverer(desk, heard)
    running.start()
    for count in range(1, 4):
        promise(desk, "ola@example.com")
        assert heard.wait().sent == 1
        assert states(desk) == [("sent", 1)] * count
    running.stop(PATIENCE)
    promise(desk, "ola@example.com")
    assert states(desk)[-1] == ("queued", 0)


def test_it_is_woken_by_what_another_process_promises(desk: Desk) -> None:
    elsewhere = Desk.open(desk.settings, desk.clock)
    heard = Heard()
    running = Deliverer(desk, heard)
    promise(desk, "ola@example.com")
    running.start()
    assert heard.wait().sent == 1, "it is at work"
    promise(elsewhere, "ela@example.com")
    assert heard.wait().sent == 1
    running.stop(PATIENCE)
    elsewhere.close()


def test_only_one_works_and_the_next_one_takes_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "POLL", 0.01)
    heard = Heard()
    with (desk.settings.data_dir / "mail.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = Deliverer(desk, heard)
        running.start()
        promise(desk, "ola@example.com")
        assert not heard.rounds
        assert states(desk) == [("queued", 0)]
    assert heard.wait().sent == 1
    running.stop(PATIENCE)


def test_it_survives_what_goes_wrong_and_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "POLL", 0.01)
    heard = Heard()
    real = delivery.rounds
    faults = iter([RuntimeError("secret words")])

    def rounds(*args: object) -> Delivered:
        for fault in faults:
            raise fault
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(delivery, "rounds", rounds)
    promise(desk, "ola@example.com")
    running = Deliverer(desk, heard)
    running.start()
    assert heard.wait().stopped.startswith("The mail worker met a fault: RuntimeError test_loop.py:")
    assert heard.wait().sent == 1
    running.stop(PATIENCE)
    assert "secret words" not in str(heard.rounds)


def test_broken_settings_are_told_and_do_not_end_it(tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "desk", mail=MailSection(sender="nobody"))
    promise(desk, "ola@example.com")
    heard = Heard()
    running = Deliverer(desk, heard)
    running.start()
    assert "mail.sender" in heard.wait().stopped
    running.stop(PATIENCE)
    desk.close()


def test_follow_runs_in_the_foreground_until_stopped(desk: Desk) -> None:
    stop = threading.Event()
    promise(desk, "ola@example.com")

    def told(_done: Delivered) -> None:
        stop.set()
        desk.mail_waits.set()

    assert delivery.deliver(desk, follow=True, stop=stop, listener=told) == Delivered(sent=1)
