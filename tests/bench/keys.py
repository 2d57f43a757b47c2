"""``keys``: from a key to its frame in the ticket list over a million tickets, and bytes written for it, against
Textual's own DataTable with 100 rows and the same six columns; in true colour, and in the economical profile of SSH.
And from Escape to its frame: a dialog closed, a ticket left for the list."""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from core.accounts import sessions
from core.models.accounts import Account, Role
from core.service.desk import Desk
from core.service.settings import Settings
from core.service.unit_of_work import UnitOfWork, table
from tests.bench import store
from tests.bench.report import line, percentile
from tests.factories.desks import person

SIZES = ((80, 24), (120, 35), (160, 50))
QUIET = 0.06
"""Seconds without a byte after which a key's work is over."""
OPENING = 0.4
"""The same for what opens or leaves a screen, which is drawn by and by."""
PATIENCE = 60.0
DOWN = b"\x1b[B"
WALKS = {
    "down": [DOWN] * 16,
    "down, the list moving": [DOWN] * 70,
    "pagedown": [b"\x1b[5~", b"\x1b[5~", b"\x1b[6~", b"\x1b[6~"] * 15,
}
"""One after the other, what a list of 100 rows can follow as well; the first of each walk is not counted."""
FAR = [b"\x1b[6~"] * 120
"""Pages on and on, which only the endless list has."""
ESCAPES = {"escape, a dialog": b"?", "escape, to the list": b"\r"}
"""By what opens what Escape leaves."""
ESCAPED = 15
ESCAPE_TARGET_MS = 60
"""From Escape to its frame: at most 30 to know that it is one."""
TOP = b"\x1b[1~"
ECONOMICAL = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
PEER = """
from textual.app import App
from textual.widgets import DataTable
class Peer(App):
    def compose(self):
        yield DataTable(cursor_type="row")
    def on_mount(self):
        shown = self.query_one(DataTable)
        for label, width in (("No.", 7), ("Subject", 30), ("Changed", 10), ("Company", 20), ("Age", 7), ("Status", 22)):
            shown.add_column(label, width=width)
        for row in range(100):
            shown.add_row(str(row), f"Tunnel {row} drops every hour", "Nov 12", f"Company {row}", "8 d", "closed")
Peer().run()
"""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench keys")
    parser.add_argument("--tickets", type=int, default=1_000_000)
    tickets = parser.parse_args(arguments).tickets
    with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
        path = Path(folder) / "desk"
        desk = store.desk_of(tickets, path)[0]
        person(desk, "root", Role.ADMIN)  # without an administrator a desk asks for one first
        desk.close()
        peer = Path(folder) / "peer.py"
        peer.write_text(PEER, encoding="utf-8")
        for size in SIZES:
            for profile, extra in (("true colour", {}), ("economical", ECONOMICAL)):
                _remembered(path)
                with (
                    _Typed([str(Path(sys.executable).with_name("okienko"))], size, path, extra) as ours,
                    _Typed([sys.executable, str(peer)], size, path, {}) as theirs,
                ):
                    _measure(tickets, size, profile, ours, theirs)


def _remembered(folder: Path) -> None:
    """An agent is let in by the token file, on a desk whose agents need no second step."""
    desk = Desk.open(Settings(data_dir=folder, security={"second_step": {"agent": "off"}}))  # type: ignore[arg-type]

    def remember(work: UnitOfWork) -> str:
        account = work.unscoped(Account, table(Account).c.login == sa.literal("agent0"))
        assert account is not None
        return sessions.begin(work, account, remember=True, label="bench").token or ""

    token = desk.as_system().do(remember)
    desk.close()
    state = folder / "state"
    state.mkdir(mode=0o700, exist_ok=True)
    (state / "remembered").write_text(token, encoding="ascii")


def _measure(tickets: int, size: tuple[int, int], profile: str, ours: _Typed, theirs: _Typed) -> None:
    ours.until(b"New tickets")
    for key in b"gx":
        ours.press(bytes([key]))
    ours.until(b"resolved")
    theirs.until(b"Company 1")
    for name, walk in WALKS.items():
        if name == "down":
            ours.press(TOP)
            theirs.press(b"\x1b[1;5H")
        taken = [(ours.press(key), theirs.press(key)) for key in walk]
        own, other = [pair[0] for pair in taken[1:]], [pair[1] for pair in taken[1:]]
        _say(tickets, size, profile, name, own, other)
    ours.press(TOP)
    _say(tickets, size, profile, "pagedown, on and on", [ours.press(key) for key in FAR][1:], [])
    for name, opens in ESCAPES.items():
        taken_by_escape = []
        for _turn in range(ESCAPED + 1):
            ours.press(opens, OPENING)
            taken_by_escape.append(ours.press(b"\x1b", OPENING))
        figures = _figures("", taken_by_escape[1:])
        line(
            "keys",
            tickets=tickets,
            size=f"{size[0]}x{size[1]}",
            profile=profile,
            key=name,
            **figures,
            target_ms=ESCAPE_TARGET_MS,
        )


Frame = tuple[float, int]
"""Milliseconds from the key to the last byte of its first frame, and the bytes written until all was quiet."""


def _say(tickets: int, size: tuple[int, int], profile: str, walk: str, own: list[Frame], other: list[Frame]) -> None:
    told = {**_figures("", own), **(_figures("peer_", other) if other else {})}
    if other:
        told |= {
            "time_ratio": round(told["median_ms"] / told["peer_median_ms"], 2),
            "bytes_ratio": round(told["bytes"] / told["peer_bytes"], 2),
        }
    line("keys", tickets=tickets, size=f"{size[0]}x{size[1]}", profile=profile, key=walk, **told)


def _figures(prefix: str, frames: list[Frame]) -> dict[str, float]:
    times = [frame[0] for frame in frames]
    sizes = [float(frame[1]) for frame in frames]
    return {
        f"{prefix}median_ms": round(statistics.median(times), 1),
        f"{prefix}p95_ms": round(percentile(times, 0.95), 1),
        f"{prefix}bytes": round(statistics.median(sizes)),
        f"{prefix}bytes_p95": round(percentile(sizes, 0.95)),
    }


class _Typed:
    """A program on a terminal of its own that is typed at and timed. Use as a context manager."""

    def __init__(self, argv: list[str], size: tuple[int, int], folder: Path, extra: dict[str, str]) -> None:
        environment = {
            **os.environ,
            "OKIENKO_DATA_DIR": str(folder),
            "OKIENKO_SECURITY__SECOND_STEP__AGENT": "off",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
        }
        for name in ("NO_COLOR", "COLUMNS", "LINES", "SSH_CONNECTION"):
            environment.pop(name, None)
        self.seen = b""
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.execve(argv[0], argv, environment | extra)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def __enter__(self) -> _Typed:
        return self

    def __exit__(self, *_error: object) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def until(self, wanted: bytes) -> None:
        """Read until ``wanted`` has been written and nothing more comes."""
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.seen:
            if time.monotonic() > deadline:
                raise TimeoutError(self.seen[-2000:])
            for _at, data in self._pieces(1.0):
                self.seen += data
        for _at, data in self._pieces(0.5):
            self.seen += data

    def press(self, key: bytes, quiet: float = QUIET) -> Frame:
        """Type ``key``; the frame it brought. A key that changes nothing counts as no time and no bytes."""
        begun = time.perf_counter()
        os.write(self._terminal, key)
        first_frame = written = 0.0
        for at, data in self._pieces(quiet):
            written += len(data)
            self.seen = (self.seen + data)[-20_000:]
            if not first_frame or at - begun - first_frame < 0.004:
                first_frame = at - begun
        return first_frame * 1000, int(written)

    def _pieces(self, quiet: float) -> Iterator[tuple[float, bytes]]:
        """What is written, with its moment, until nothing has come for ``quiet`` seconds."""
        while select.select([self._terminal], [], [], quiet)[0]:
            yield time.perf_counter(), os.read(self._terminal, 65536)
