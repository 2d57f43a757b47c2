"""A first start that is killed leaves nothing, or what the next start finishes: never tables without their key."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.service.desk import Desk
from core.service.settings import Settings

ROOT = Path(__file__).parents[2]
POINTS = (
    "open:desk.lock",
    "os.remove:desk.key.new",
    "open:desk.key.new",
    "os.remove:desk.new.db",
    "open:desk.new.db",
    "os.chmod:desk.new.db",
    "os.remove:desk.db",
    "os.rename:desk.new.db",
    "os.link:desk.key.new",
    "os.chmod:desk.db",
)


@pytest.mark.thorough
def test_wherever_a_first_start_is_killed_the_next_one_makes_a_whole_desk(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.first_start", str(tmp_path), *POINTS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(-signal.SIGKILL)] * len(POINTS)
    for number, point in enumerate(POINTS):
        place = tmp_path / str(number)
        key, tables = place / "desk.key", place / "desk.db"
        assert tables.exists() or not key.exists(), f"a key without its tables after {point}"
        before = tables.stat().st_ino if tables.exists() else None
        desk = Desk.open(Settings(data_dir=place))
        desk.as_system().do(lambda work: work.record("test"))
        desk.close()
        assert before in (None, tables.stat().st_ino), f"finished, not made again, after {point}"
        assert {file.name for file in place.iterdir()} <= {"desk.db", "desk.key", "desk.lock"}
        Desk.open(Settings(data_dir=place)).close()
