"""``startup``: from exec to the whole first screen in a pty, against a bare Textual application with one label; and
``okienko --version`` against ``python -c pass``."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.report import interleaved, line

ROUNDS = 15
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
        times = interleaved(
            ROUNDS,
            okienko=lambda: until(okienko, b"more", environment),
            bare=lambda: until([sys.executable, str(bare)], b"ready now", environment),
        )
        line(
            "startup",
            ratio=round(times["okienko"] / times["bare"], 2),
            okienko_ms=round(times["okienko"] * 1000),
            bare_ms=round(times["bare"] * 1000),
        )
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


def until(argv: list[str], wanted: bytes, environment: dict[str, str]) -> None:
    """Run ``argv`` on a terminal of 80 by 24 until ``wanted`` has been drawn, then end it."""
    import fcntl
    import struct
    import termios

    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(argv[0], argv, environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = b""
    deadline = time.monotonic() + 30
    while wanted not in seen:
        if time.monotonic() > deadline:
            raise TimeoutError(seen[-2000:])
        if select.select([terminal], [], [], 1)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError as error:
                raise RuntimeError(seen[-2000:]) from error
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(terminal)
