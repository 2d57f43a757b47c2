"""The file: its pragmas, its modes, its queue of writers."""

from __future__ import annotations

import inspect
import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.db import engine
from core.db.engine import Gate, has_wal_reset_bug
from core.errors import Unavailable
from core.service.desk import Desk
from tests.factories.desks import make_desk, person


@pytest.mark.parametrize(
    ("version", "bug"),
    [
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 44, 9), False),
        ((3, 45, 0), True),
        ((3, 49, 2), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
        ((4, 0, 0), False),
    ],
)
def test_which_libraries_can_corrupt_a_file(version: tuple[int, int, int], bug: bool) -> None:
    """sqlite.org/wal.html#walresetbug: 3.7.0 to 3.51.2, mended in 3.51.3 and back in 3.44.6 and 3.50.7."""
    assert has_wal_reset_bug(version) is bug


def test_every_connection_is_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_prepare", inspect.unwrap(engine._prepare))  # as the desk does it, not the tests
    store = engine.open_file(tmp_path / "desk.db")
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "secure_delete": 1,
        "busy_timeout": 10_000,
        "temp_store": 2,
    }
    for connection in [store.engine.connect() for _ in range(3)]:
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted} == wanted
        connection.close()
    store.close()


def test_a_process_keeps_as_much_of_a_file_as_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = engine.Cache()
    monkeypatch.setattr(engine, "cache", cache)

    def size() -> int:
        store = engine.open_file(tmp_path / "desk.db")
        with store.reading() as connection:
            kilobytes = int(connection.exec_driver_sql("PRAGMA cache_size").scalar_one())
        store.close()
        return kilobytes

    assert size() == -8000
    cache.for_one_of_many()
    assert size() == -2000
    cache.for_import()
    assert size() == -32_000


def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "desk")
    person(desk, "ola")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "desk").iterdir()}
    assert set(modes) >= {"desk.db", "desk.db-wal", "desk.db-shm", "desk.lock", "desk.key"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "desk").stat().st_mode) == 0o700
    desk.close()


def test_a_file_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "desk.db").touch(mode=0o644)
    engine.open_file(tmp_path / "d" / "desk.db").close()
    assert stat.S_IMODE((tmp_path / "d" / "desk.db").stat().st_mode) == 0o600


def test_foreign_keys_and_checks_are_the_last_line(desk: Desk) -> None:
    for statement in (
        "INSERT INTO session (account_id, created_at, expires_at) VALUES (99, '2026-01-01', '2026-01-01')",
        "UPDATE account SET role = 'king'",
        "UPDATE account SET login_key = 'ola'",
    ):
        person(desk, f"p{len(statement)}")
        person(desk, f"q{len(statement)}")
        with pytest.raises(sa.exc.IntegrityError):
            desk.as_system().do(lambda work, s=statement: work.connection.exec_driver_sql(s))


def test_a_writer_waits_its_turn_and_no_longer_than_its_deadline(tmp_path: Path) -> None:
    """Two descriptors of one lock file stand for two processes."""
    mine, other = Gate(tmp_path / "desk.lock"), Gate(tmp_path / "desk.lock")
    with mine.held():
        with pytest.raises(Unavailable), other.held(deadline=0.02):
            pass
        with pytest.raises(Unavailable):  # and of two threads of one process
            _in_a_thread(lambda: _take(mine, 0.02))
    with other.held(deadline=0.02), pytest.raises(Unavailable), mine.held(deadline=0.0):
        pass
    with mine.held(deadline=0.02):
        pass


def _take(gate: Gate, deadline: float) -> None:
    with gate.held(deadline):
        pass


def _in_a_thread(act: object) -> None:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


def test_the_turn_is_given_back_when_a_change_fails(desk: Desk) -> None:
    with pytest.raises(RuntimeError):
        desk.do(lambda work: (_ for _ in ()).throw(RuntimeError()).__next__())
    with desk.store.gate.held(deadline=0.02):
        pass


def test_a_busy_desk_says_so_and_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Gate(desk.store.file.with_suffix(".lock"))
    held = desk.store.gate.held
    monkeypatch.setattr(desk.store.gate, "held", lambda: held(deadline=0.02))
    with other.held(), pytest.raises(Unavailable) as busy:
        person(desk, "ola")
    assert "very busy" in busy.value.text()
    assert desk.as_system().see(lambda look: look.value(sa.text("SELECT count(*) FROM account"))) == 0


def test_a_server_needs_no_gate() -> None:
    with Gate(None).held(), Gate(None).held():
        pass


def test_readers_hold_nothing_open(desk: Desk) -> None:
    """An open read transaction would keep the log from being reset."""

    def look_twice(look: object) -> None:
        look.rows(sa.text("SELECT 1 FROM account"))
        assert look.connection.connection.dbapi_connection.in_transaction is False

    desk.see(look_twice)


def test_what_is_deleted_is_gone_from_the_bytes(desk: Desk) -> None:
    person(desk, "canary-7f3a")
    with desk.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM account")
    with desk.store.reading() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"canary-7f3a" not in desk.store.file.read_bytes()
