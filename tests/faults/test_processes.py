"""Many processes on one file, one of them killed in the middle, and a disk that is full (docs/facts.md, *SQLite*)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import Unavailable
from core.models.companies import Company
from core.service import audit_log
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.desks import journal_of, person
from tests.faults.hammer import write

ROOT = Path(__file__).parents[2]
_company = table(Company)


def hammer(desk: Desk, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.hammer", str(desk.settings.data_dir), name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def names(desk: Desk) -> set[str]:
    return {row.name for row in desk.see(lambda look: look.rows(sa.select(_company.c.name)))}


def check_whole(desk: Desk) -> None:
    """The file is sound, the journal's chain is whole, and every change is there with all its parts."""
    with desk.store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        assert audit_log.verify(connection, desk.keys).whole
    found = names(desk)
    heads = {name for name in found if "/" not in name}
    assert found == heads | {f"{name}/{part}" for name in heads for part in range(3)}
    assert journal_of(desk).count("hammer") == len(heads)


@pytest.mark.thorough
def test_four_processes_lose_nothing(desk: Desk) -> None:
    running = [hammer(desk, f"p{number}", 50) for number in range(4)]
    acknowledged = set()
    for process in running:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        acknowledged |= set(out.split())
    assert len(acknowledged) == 200
    assert acknowledged <= names(desk)
    check_whole(desk)


@pytest.mark.thorough
def test_a_process_killed_in_the_middle_leaves_a_sound_desk(desk: Desk) -> None:
    for round_ in range(3):
        process = hammer(desk, f"k{round_}", 100_000)
        assert process.stdout is not None
        acknowledged = {process.stdout.readline().strip() for _ in range(5 + 3 * round_)}
        os.kill(process.pid, signal.SIGKILL)
        out, _err = process.communicate(timeout=60)
        acknowledged |= set(out.split("\n")[:-1])
        assert process.returncode == -signal.SIGKILL
        assert acknowledged <= names(desk), "what was said to be saved is there"
        check_whole(desk)
        desk.do(write, f"after-{round_}")  # and the killed one holds nobody up
    check_whole(desk)


def test_a_full_disk_changes_nothing_and_passes(desk: Desk) -> None:
    """SQLite's own limit on pages stands for the disk."""
    person(desk, "ola")

    def limit(pages: int) -> None:
        with desk.store.reading() as connection:  # the one that is at hand, and written by next
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def grow(work: object) -> None:
        for number in range(400):
            write(work, f"{'x' * 80}{number}")

    limit(1)  # SQLite takes the present size instead: not one page more
    with pytest.raises(Unavailable) as full:
        desk.do(grow)
    assert "disk is full" in full.value.text()
    assert names(desk) == set()
    assert journal_of(desk) == []
    limit(1_000_000)
    desk.do(write, "room again")
    check_whole(desk)


def test_what_fails_at_the_commit_is_no_change(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    dialect = desk.store.engine.dialect

    def fail(_connection: object) -> None:
        raise dialect.dbapi.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(dialect, "do_commit", fail)
        with pytest.raises(Unavailable):
            desk.do(write, "lost")
    assert names(desk) == set()
    desk.do(write, "kept")
    check_whole(desk)
