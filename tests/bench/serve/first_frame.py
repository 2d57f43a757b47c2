"""From handing the terminal over to the whole first screen with its line of keys; and memory with so many there."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.report import line, percentile
from tests.bench.serve import desk
from tests.support.forked import Forked, Seat, Started, private, processor

ROUNDS = {1: 10, 20: 2, 80: 1}
"""By sessions at once: how often, so that each has as many first frames as it takes to name a percentile."""
MOST_STARTED = 20
"""Eighty of the program would take 6 GB."""
QUIET = 0.4
IDLE = 20.0
"""Seconds over which those who do nothing are watched."""
MEGABYTE = 1024


def way_in_is_there(seen: bytes) -> bool:
    """The page with its form, and the line of keys."""
    return b" more " in seen and b"Login or e-mail" in seen


def queue_is_there(seen: bytes) -> bool:
    """Rows of tickets and the line of keys; the agents of the demonstration read Polish."""
    return "więcej".encode() in seen and "○ nowe".encode() in seen


@dataclass
class Taken:
    """What one way took with so many sessions, over all rounds."""

    frames: list[float] = field(default_factory=list)
    each: list[float] = field(default_factory=list)
    """Megabytes a session, what they share divided among them."""
    own: list[float] = field(default_factory=list)
    """Megabytes that are one session's alone."""

    def told(self) -> dict[str, float]:
        return {
            "frame_p50_ms": round(statistics.median(self.frames)),
            "frame_p95_ms": round(percentile(self.frames, 0.95)),
            "mb_a_session": round(statistics.median(self.each), 1),
            "mb_its_own": round(statistics.median(self.own), 1),
        }


def measure(folder: Path) -> None:
    """All of it, one after the other."""
    with Forked(folder).running() as forked:
        line("serve.ready", seconds=round(forked.ready_after, 1), load=round(os.getloadavg()[0], 2))
        for screen, key, there in (
            ("way in", "", way_in_is_there),
            ("queue", desk.AGENT_KEY.fingerprint, queue_is_there),
        ):
            if key:
                desk.remember(folder)
            for count, rounds in ROUNDS.items():
                _compare(forked, Started(folder), screen, key, there, count, rounds)


def _compare(
    forked: Forked, started: Started, screen: str, key: str, there: Callable[[bytes], bool], count: int, rounds: int
) -> None:
    ours, theirs = Taken(), Taken()
    for _round in range(rounds):
        _take(forked, screen, key, there, count, ours)
        if count <= MOST_STARTED:
            _take(started, screen, key, there, count, theirs)
    told = ours.told()
    line("serve.forked", screen=screen, sessions=count, load=round(os.getloadavg()[0], 2), **told)
    if theirs.frames:
        other = theirs.told()
        ratios = {name: round(other[name] / told[name], 1) for name in ("frame_p50_ms", "mb_a_session")}
        line("serve.started", screen=screen, sessions=count, **other, ratios=ratios)


def _take(
    way: Forked | Started, screen: str, key: str, there: Callable[[bytes], bool], count: int, taken: Taken
) -> None:
    seats: list[Seat] = []
    try:
        for _number in range(count):
            seats.append(way.come(key))
            taken.frames.append(seats[-1].until(there))
            seats[-1].rest(QUIET)
        taken.each.append(way.memory(seats) / count / MEGABYTE)
        taken.own.append(statistics.median(private(seat.pid) for seat in seats) / MEGABYTE)
        if isinstance(way, Forked) and count == max(ROUNDS):
            _watch(way, screen, seats)
    finally:
        for seat in seats:
            seat.leave()


def _watch(way: Forked, screen: str, seats: list[Seat]) -> None:
    """Nobody does anything."""
    pids = [way.pid, *(seat.pid for seat in seats)]
    written = sum(seat.written for seat in seats)
    before, begun = sum(map(processor, pids)), time.perf_counter()
    while time.perf_counter() - begun < IDLE:
        for seat in seats:
            seat.read(0)
        time.sleep(0.2)
    used = (sum(map(processor, pids)) - before) / (time.perf_counter() - begun)
    line(
        "serve.idle",
        screen=screen,
        sessions=len(seats),
        percent_of_a_core=round(used * 100, 1),
        bytes_written=sum(seat.written for seat in seats) - written,
    )
