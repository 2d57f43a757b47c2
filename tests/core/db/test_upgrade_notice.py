"""Others while the tables are brought up to date: they wait, are told how far it is, and nobody hears "very busy"."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.db import engine, upgrade_notice
from core.db.engine import Gate
from core.db.upgrade_notice import Posted, Progress
from core.errors import Say, Unavailable
from core.service import opening, upgrade
from core.service.desk import Desk
from core.service.settings import Settings
from tests.factories.desks import logged_in, make_desk, person
from tests.support.postgres import Server

COPIED = "The desk is being brought up to date: first it is copied (25 %). Please wait."
STEP = "The desk is being brought up to date: step 2 of 5. Please wait."


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "desk.lock"


@contextmanager
def under_way(lock: Path, progress: Progress) -> Iterator[None]:
    """As another program has it: the turn, and the notice."""
    file, copy = lock.with_name("desk.db"), lock.with_name("copy.db")
    file.write_bytes(b"x" * 4000)
    copy.write_bytes(b"x" * 1000)
    with Gate(lock).held():
        posted = Posted(lock, file, copy)
        posted.write(progress)
        try:
            yield
        finally:
            posted.take_down()


def test_what_is_posted_is_read_until_it_is_taken_down(lock: Path) -> None:
    assert upgrade_notice.read(lock) is None
    with under_way(lock, Progress(0, 5)):
        assert upgrade_notice.read(lock) == Progress(0, 5, 25)
    with under_way(lock, Progress(2, 5)):
        assert upgrade_notice.read(lock) == Progress(2, 5)
    assert upgrade_notice.read(lock) is None
    assert not lock.with_suffix(".upgrade").exists()


def test_a_notice_that_nobody_holds_means_nothing(lock: Path) -> None:
    with under_way(lock, Progress(2, 5)):
        left = lock.with_suffix(".upgrade").read_bytes()
    lock.with_suffix(".upgrade").write_bytes(left)  # as a program that was killed leaves it
    assert upgrade_notice.read(lock) is None
    with Gate(lock).held(), pytest.raises(Unavailable) as busy, Gate(lock).held(deadline=0.02):
        pass
    assert "very busy" in busy.value.text()


@pytest.mark.parametrize("written", [b"", b"{", b"[]", b'{"step": "x", "of": 1}'], ids=repr)
def test_a_notice_that_is_half_written_means_nothing(lock: Path, written: bytes) -> None:
    with under_way(lock, Progress(2, 5)):
        lock.with_suffix(".upgrade").write_bytes(written)
        assert upgrade_notice.read(lock) is None


@pytest.mark.parametrize(("progress", "sentence"), [(Progress(0, 5), COPIED), (Progress(2, 5), STEP)], ids=repr)
def test_whoever_writes_meanwhile_is_told_so_at_once(lock: Path, progress: Progress, sentence: str) -> None:
    with under_way(lock, progress), pytest.raises(Unavailable) as waits, Gate(lock).held(deadline=60):
        pass
    assert waits.value.text() == sentence


def test_whoever_can_be_told_waits_for_it(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FIRST_LOOK", 0.01)
    heard: list[str] = []
    over = threading.Event()

    def hear(sentence: Say) -> None:
        heard.append(sentence.text())
        if len(heard) == 3:
            over.set()

    def upgrades() -> None:
        with under_way(lock, Progress(2, 5)):
            begun.set()
            over.wait(10)

    begun = threading.Event()
    other = threading.Thread(target=upgrades)
    other.start()
    begun.wait(10)
    with upgrade_notice.heard_by(hear), Gate(lock).held(deadline=0.02):
        assert heard[:3] == [STEP] * 3
    other.join()


def test_a_teller_that_fails_leaves_the_turn_to_others(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FIRST_LOOK", 0.01)

    def fail(_sentence: Say) -> None:
        raise RuntimeError("the terminal is gone")

    gate = Gate(lock)
    with under_way(lock, Progress(2, 5)), upgrade_notice.heard_by(fail), pytest.raises(RuntimeError), gate.held():
        pass
    with Gate(lock).held(deadline=5):
        pass


@pytest.mark.parametrize("name", ["3/7", "okienko-upgrade", "okienko-upgrade 3", "psql", "okienko-upgrade x/y"])
def test_another_connections_name_tells_of_no_upgrade(name: str) -> None:
    assert upgrade_notice.named(name) is None


def test_an_upgrade_tells_each_step_and_leaves_no_notice(tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "d")
    person(desk, "ola")
    upgrade.run(desk.store, "downgrade", f"{int(upgrade.HEAD) - 2:04}")
    desk.close()
    heard: list[str] = []
    with upgrade_notice.heard_by(lambda sentence: heard.append(sentence.text())):
        opening.open_store(desk.settings).store.close()
    assert heard[0] == "The desk is being brought up to date: first it is copied (0 %). Please wait."
    assert list(dict.fromkeys(heard[1:])) == [
        f"The desk is being brought up to date: step {step} of 2. Please wait." for step in (1, 2)
    ]
    assert not (tmp_path / "d" / "desk.upgrade").exists()


def test_a_server_is_waited_for_as_well(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FIRST_LOOK", 0.01)
    place = Settings(data_dir=tmp_path / "desk", database_url=SecretStr(postgres.empty()))
    Desk.open(place).close()
    store = opening.connect(place)
    heard: list[str] = []
    over, opened = threading.Event(), []

    def hear(sentence: Say) -> None:
        heard.append(sentence.text())
        over.set()

    def wait() -> None:
        other = opening.connect(place)
        with upgrade_notice.heard_by(hear), opening._alone_on_server(other):
            opened.append(over.is_set())
        other.close()

    with opening._alone_on_server(store) as post:
        post(Progress(2, 5))
        waiter = threading.Thread(target=wait)
        waiter.start()
        assert over.wait(10)
        assert not opened
    waiter.join(10)
    assert opened == [True]
    assert heard[0] == STEP
    store.close()


def test_who_is_logged_in_is_told_at_the_next_change(desk: Desk) -> None:
    ola = logged_in(desk, "ola")
    assert desk.store.file is not None
    posted = Posted(engine.lock_of(desk.store.file), desk.store.file, desk.store.file)
    posted.write(Progress(2, 5))
    with Gate(engine.lock_of(desk.store.file)).held(), pytest.raises(Unavailable, match="brought up to date"):
        ola.do(lambda work: None)
    posted.take_down()
    ola.do(lambda work: None)
