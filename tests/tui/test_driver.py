"""The thread that reads the terminal: how long it waits for what, and a real line that tears sequences apart."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from textual import events

from tests.support.pty import Terminal, probe
from tui.driver import LOOK, SafeDriver
from tui.keyboard.reader import PATIENCE

F8 = b"\x1b[19~"
PASTED = ("past[Aedab", "apast[Aedb", "abpast[Aed")
START, END = b"\x1b[200~", b"\x1b[201~"


class Reading:
    """The loop of a driver without an application: what it waits for, and what it passes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        driver = SafeDriver.__new__(SafeDriver)
        driver.fileno, self.terminal = os.pipe()
        driver._end_of_input, driver._wake = os.pipe()
        driver.exit_event = threading.Event()
        driver.input_tty = False
        self.waited: list[float] = []
        self.keys: list[str] = []
        self._driver = driver
        self._select = select.select
        monkeypatch.setattr("tui.driver.select.select", self._wait)
        monkeypatch.setattr(driver, "_pass_on", self._note)
        monkeypatch.setattr(driver, "_end_session", lambda status: None)

    def run(self, *acts: Callable[[], Any]) -> None:
        """Each time it would wait, the next of these is done first; after the last one the line is closed."""
        self._acts = list(acts)
        self._driver.run_input_thread()
        for number in (self._driver.fileno, self._driver._end_of_input, self._driver._wake):
            os.close(number)

    def type(self, data: bytes) -> Callable[[], Any]:
        return lambda: os.write(self.terminal, data)

    def _wait(self, files: list[int], _write: Any, _error: Any, patience: float) -> Any:
        self.waited.append(patience)
        if self._acts:
            self._acts.pop(0)()
        else:
            os.close(self.terminal)
        return self._select(files, [], [], min(patience, 0.05))

    def _note(self, messages: list[Any]) -> None:
        self.keys += [message.key for message in messages if isinstance(message, events.Key)]


def nothing() -> None:
    """Nobody types."""


def test_it_waits_long_where_nothing_is_to_be_decided_and_no_longer_than_an_escape_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading = Reading(monkeypatch)
    reading.run(nothing, reading.type(b"a"), reading.type(b"\x1b"), nothing, nothing, reading.type(b"\x1b[A"))
    assert reading.keys == ["a", "escape", "up"]
    idle, first, after_letter, after_escape, *rest = reading.waited
    assert idle == first == after_letter == LOOK
    assert 0 < after_escape <= PATIENCE <= 0.03
    assert set(rest) == {LOOK}, "once the Escape is taken nothing is waited for"


def test_the_start_of_a_sequence_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading(monkeypatch)
    reading.run(reading.type(b"\x1b["), nothing, reading.type(b"A"))
    assert reading.keys == ["up"]
    assert set(reading.waited) == {LOOK}


def test_it_is_woken_to_end() -> None:
    """Leaving does not wait until it looks by itself."""
    driver = SafeDriver.__new__(SafeDriver)
    driver.fileno, terminal = os.pipe()
    driver._end_of_input, driver._wake = os.pipe()
    driver.exit_event = threading.Event()
    driver.input_tty, driver._mouse = False, False
    driver._key_thread = threading.Thread(target=driver.run_input_thread, daemon=True)
    driver._key_thread.start()
    driver.disable_input()
    assert not driver._key_thread.is_alive()
    for number in (driver.fileno, terminal, driver._end_of_input, driver._wake):
        os.close(number)


def torn(terminal: Terminal, sequence: bytes, pause: float = 0.02) -> float:
    """Send ``sequence`` byte for byte; the longest pause there was, which on a busy machine is longer than asked."""
    longest, before = 0.0, time.monotonic()
    for at, byte in enumerate(sequence):
        terminal.send(bytes([byte]))
        now = time.monotonic()
        longest, before = max(longest, now - before if at else 0.0), now
        if at < len(sequence) - 1:
            time.sleep(pause)
    return longest


def holds(terminal: Terminal, expected: str) -> None:
    """What the fields hold once everything was read."""
    terminal.send(F8)
    terminal.wait_for(expected)


def test_sequences_whose_bytes_come_20_ms_apart() -> None:
    with probe("typing") as terminal:
        terminal.wait_for("▊")
        holds(terminal, "line=0")
        terminal.send(b"ab")
        for sequence in (b"\x1b[D", b"\x1bOD", b"\x1b[<35;10;10M", b"\x1b[<0;9;9m", b"\x1b[15~", b"\x1bOP", b"\x1b[I"):
            torn(terminal, sequence)
        torn(terminal, START)
        torn(terminal, b"past\x1b[Aed")
        torn(terminal, END)
        torn(terminal, F8)
        # Where an arrow took longer on a busy machine, the paste stands behind it; what counts is what was typed.
        terminal.wait_for(lambda it: any(f"line=10 {text} " in it.text for text in PASTED))
        # Alt and a letter is Escape and a letter where the pause was longer: nobody could tell.
        if torn(terminal, b"\x1bx") < PATIENCE:
            holds(terminal, "line=10")


@pytest.mark.parametrize("rest", [b"[A", b"OP", b"[15~", b"[<35;10;10M", b"[1;5A"], ids=repr)
def test_a_rest_that_comes_late_is_not_typed(rest: bytes) -> None:
    with probe("typing") as terminal:
        terminal.wait_for("▊")
        terminal.send(b"ab\x1b")
        time.sleep(0.2)
        terminal.send(rest)
        terminal.send(b"c")
        holds(terminal, "line=3 abc")
