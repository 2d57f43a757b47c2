"""A crash gives the reader a number and the log a place; neither gets a value."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from tests.support.pty import probe
from tui.crash import describe, incident_number, page, write_down

NUMBER = re.compile(r"[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{2}")


@pytest.mark.parametrize("key", ["c", "w", "t", "m"], ids=["handler", "worker", "desk", "markup"])
def test_a_crash_shows_a_number_and_no_values(key: str, tmp_path: Path) -> None:
    log = tmp_path / "state" / "okienko.log"
    with probe("crash", str(log)) as terminal:
        terminal.wait_for("press a key")
        terminal.send(key.encode())
        assert terminal.wait() == 70
        shown = bytes(terminal.raw).decode()
    after = shown.rpartition("\x1b[?1049l")[2]
    number = NUMBER.search(after)
    assert number, after
    assert "Okienko had to stop" in after
    for secret in ("Sekret99", "Traceback", "Error", "probe.py"):
        assert secret not in after
    [line] = log.read_text(encoding="utf-8").splitlines()
    assert f"incident {number[0]} " in line
    assert "Sekret99" not in line
    assert ("MarkupError" if key == "m" else "ValueError") in line
    assert key == "m" or "support/probe.py:" in line
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_page_says_when_nothing_was_logged() -> None:
    with probe("crash") as terminal:
        terminal.wait_for("press a key")
        terminal.send(b"c")
        assert terminal.wait() == 70
        assert "could not be written" in bytes(terminal.raw).decode()


def test_a_desk_that_does_not_open_says_so_and_can_be_tried_again() -> None:
    with probe("broken") as terminal:
        terminal.wait_for("The disk is full.")
        terminal.send(b"r")
        terminal.wait_for(lambda it: "The disk is full." not in it.text)
        terminal.send(b"typed\x1b[19~")
        terminal.wait_for("line=5")
        terminal.send(b"\x11")
        assert terminal.wait() == 0


def test_causes_are_named_without_their_words() -> None:
    try:
        try:
            raise KeyError("Sekret99")
        except KeyError as error:
            raise ValueError("Sekret99") from error
    except ValueError as error:
        told = describe(error)
    assert told.startswith("ValueError < tests/tui/test_crash.py:")
    assert "caused by KeyError" in told
    assert "Sekret99" not in told


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not write_down("AAAA-AA", ValueError(), tmp_path / "file" / "log")
    assert not write_down("AAAA-AA", ValueError(), None)
    assert len(page("AAAA-AA", written=False)) > len(page("AAAA-AA", written=True))


def test_a_log_is_not_followed_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")
    assert not write_down("AAAA-AA", ValueError(), tmp_path / "log")
    assert not (tmp_path / "elsewhere").exists()


def test_numbers_differ() -> None:
    numbers = {incident_number() for _ in range(200)}
    assert len(numbers) == 200
    assert all(NUMBER.fullmatch(number) for number in numbers)
