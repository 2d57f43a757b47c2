"""``startup``: from exec to the whole first screen in a pty, against a bare Textual application with one label, in time
and in seconds of the processor; what the processor does until the desk behind it is open; and ``okienko --version``
against ``python -c pass``."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.report import interleaved, line

ROUNDS = 15
TARGET_RATIO = 1.3
TARGET_OPEN_CPU_MS = 500
OPENING = """
import gc, os, time
gc.disable()
from tui import __main__ as way_in
way_in.scrub(os.environ)
from tui.app import OkienkoApp
def opened(app, desk):
    os.write(1, f"cpu={time.process_time()};".encode())
OkienkoApp._desk_opened = opened
way_in.main()
"""
"""The program itself, which says what it has taken once its desk is open."""
BARE = """
from textual.app import App
from textual.widgets import Label
class Bare(App):
    def compose(self):
        yield Label("ready now")
Bare().run()
"""


def main(_arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
        environment = {
            **os.environ,
            "OKIENKO_DATA_DIR": folder,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
        }
        for name in ("NO_COLOR", "PYTHONDONTWRITEBYTECODE", "COLUMNS", "LINES"):
            environment.pop(name, None)
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        okienko = [str(Path(sys.executable).with_name("okienko"))]
        _set_up(folder)
        processor: dict[str, list[float]] = {"okienko": [], "bare": [], "open": []}
        times = interleaved(
            ROUNDS,
            okienko=lambda: processor["okienko"].append(until(okienko, b"more", environment)[1]),
            bare=lambda: processor["bare"].append(
                until([sys.executable, str(bare)], b"ready now", environment)[1],
            ),
            open=lambda: processor["open"].append(_cpu_until_open(environment)),
        )
        cpu = {name: median(seconds[1:]) for name, seconds in processor.items()}
        line(
            "startup",
            ratio=round(times["okienko"] / times["bare"], 2),
            cpu_ratio=round(cpu["okienko"] / cpu["bare"], 2),
            target_ratio=TARGET_RATIO,
            okienko_ms=round(times["okienko"] * 1000),
            bare_ms=round(times["bare"] * 1000),
            okienko_cpu_ms=round(cpu["okienko"] * 1000),
            bare_cpu_ms=round(cpu["bare"] * 1000),
        )
        line("startup.open", cpu_ms=round(cpu["open"] * 1000), target_cpu_ms=TARGET_OPEN_CPU_MS)
        times = interleaved(
            ROUNDS,
            okienko=lambda: subprocess.run([*okienko, "--version"], check=True, capture_output=True, env=environment),
            python=lambda: subprocess.run([sys.executable, "-c", "pass"], check=True, env=environment),
        )
        line(
            "startup.version",
            ratio=round(times["okienko"] / times["python"], 2),
            okienko_ms=round(times["okienko"] * 1000),
            python_ms=round(times["python"] * 1000),
        )


def _set_up(folder: str) -> None:
    """The desk has an administrator already, so that the way in is what comes first."""
    from core.models.accounts import Role
    from tests.factories.desks import make_desk, person

    desk = make_desk(Path(folder))
    person(desk, "root", Role.ADMIN)
    desk.close()


def _cpu_until_open(environment: dict[str, str]) -> float:
    """Seconds of the processor from the first import until the desk is open."""
    written = until([sys.executable, "-c", OPENING], b";", environment, after=b"cpu=")[0]
    return float(written.partition(b"cpu=")[2].partition(b";")[0])


def until(argv: list[str], wanted: bytes, environment: dict[str, str], after: bytes = b"") -> tuple[bytes, float]:
    """Run ``argv`` on a terminal of 80 by 24 until ``wanted`` has been drawn, then end it.

    Args:
        after: What comes before it.

    Returns:
        All that was drawn, and the seconds of the processor it took.
    """
    import fcntl
    import struct
    import termios

    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(argv[0], argv, environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = b""
    deadline = time.monotonic() + 30
    while wanted not in seen.partition(after)[2] if after else wanted not in seen:
        if time.monotonic() > deadline:
            raise TimeoutError(seen[-2000:])
        if select.select([terminal], [], [], 1)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError as error:
                raise RuntimeError(seen[-2000:]) from error
    os.kill(pid, 9)
    usage = os.wait4(pid, 0)[2]
    os.close(terminal)
    return seen, usage.ru_utime + usage.ru_stime
