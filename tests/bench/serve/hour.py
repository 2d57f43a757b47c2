"""An agent's hour of work without its pauses: forty tickets opened and left, twelve rooms; and how much is kept."""

from __future__ import annotations

from pathlib import Path

from tests.bench.report import line
from tests.bench.serve import desk
from tests.bench.serve.first_frame import MEGABYTE, queue_is_there
from tests.support.forked import Forked, Seat, private

TICKETS = 40
ROOMS = b"moexcaspjfku"
"""Twelve, by the key after ``g``."""
SIZE = (120, 40)
QUIET = 0.25
UNMENDED = "from tui import textual_repairs\ntextual_repairs.let_go_of_dead_lines = lambda: None\n"


def measure(folder: Path) -> None:
    """With the repair of Textual's cache and without it."""
    with_dead_lines, without = _work(folder, UNMENDED), _work(folder, "")
    for name, figures in (("as Textual has it", with_dead_lines), ("mended", without)):
        line("serve.hour", textual=name, **figures)
    kept, lost = (each["after"] - each["queue"] for each in (with_dead_lines, without))
    line("serve.hour.ratio", growth=round(kept / max(lost, 0.1), 1))


def _work(folder: Path, first: str) -> dict[str, float]:
    with Forked(folder, first=first).running() as forked:
        seat = forked.come(desk.AGENT_KEY.fingerprint, SIZE)
        seat.until(queue_is_there)
        seat.rest(1.0)
        figures = {"queue": _own(seat)}
        _press(seat, b"ge")
        for number in range(TICKETS):
            for key in (b"\x1b[B", b"\r", b"\x1b"):
                _press(seat, key)
            if number % (TICKETS // 4) == 0:
                room = ROOMS[number // (TICKETS // 4) * 3 :][:3]
                for each in room:
                    _press(seat, b"g" + bytes([each]))
                _press(seat, b"ge")
        seat.rest(1.0)
        figures["after"] = _own(seat)
        seat.leave()
    return figures


def _press(seat: Seat, keys: bytes) -> None:
    for key in [keys] if keys.startswith(b"\x1b") else [bytes([each]) for each in keys]:
        seat.type(key)
        seat.rest(QUIET)


def _own(seat: Seat) -> float:
    return round(private(seat.pid) / MEGABYTE, 1)
