"""Runs a program on a real pseudo-terminal: bytes go in, bytes and a drawn screen come out."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import pyte

ROOT = Path(__file__).parents[2]
PATIENCE = 40.0
"""Seconds until a test that waits for the screen says it waited in vain."""


class Terminal:
    """A child process and the terminal it thinks it sits at. Use as a context manager; the end kills the child."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: dict[str, str] | None = None,
        size: tuple[int, int] = (100, 30),
        claims: tuple[int, int] | None = None,
    ) -> None:
        """``size`` is drawn here; the program is told ``claims``, if that is given."""
        columns, rows = size
        self.raw = bytearray()
        """Everything the program wrote."""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = os.openpty()
        told_columns, told_rows = claims or size
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", told_rows, told_columns, 0, 0))
        self.process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | (env or {}),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        os.set_blocking(self._master, False)
        self._open = True

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.hang_up()
        self.process.wait(PATIENCE)

    @property
    def text(self) -> str:
        """What stands on the screen now."""
        return "\n".join(self._screen.display)

    def send(self, data: bytes) -> None:
        """Type ``data``, reading meanwhile so that neither side fills up."""
        deadline = time.monotonic() + PATIENCE * 2
        view = memoryview(data)
        while view:
            assert time.monotonic() < deadline, f"{len(view)} bytes were never read"
            _, writable, _ = select.select([], [self._master], [], 0.05)
            if writable:
                view = view[os.write(self._master, view[:4096]) :]
            self._read(0)

    def wait_for(self, wanted: str | Callable[[Terminal], bool]) -> None:
        """Read until the screen shows ``wanted`` (a text, or a condition)."""
        reached = (lambda _: wanted in self.text) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + PATIENCE
        while not reached(self):
            assert time.monotonic() < deadline, f"never saw {wanted!r}:\n{self.text}"
            ended = self.process.poll() is not None
            if not self._read(0.1) and ended:
                assert reached(self), f"ended with {self.process.returncode}, without {wanted!r}:\n{self.text}"

    def wait_for_quiet(self) -> None:
        """Read until the program has written nothing for a third of a second."""
        deadline = time.monotonic() + PATIENCE
        while self._read(0.33):
            assert time.monotonic() < deadline, "it never stops writing"

    def resize(self, columns: int, rows: int) -> None:
        """Tell the program that its terminal has another size; the drawn screen here stays as it is."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close the line, as a lost connection does."""
        if self._open:
            self._open = False
            os.close(self._master)

    def wait(self) -> int:
        """The exit status, once the program has ended by itself."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"still running:\n{self.text}"
            self._read(0.05)
        while self._read(0):
            pass
        return self.process.returncode

    def memory(self) -> int:
        """The most memory the program has held so far, in bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmHWM")

    def _read(self, timeout: float) -> bool:
        if not self._open:
            time.sleep(timeout)
            return False
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)


def probe(
    name: str,
    *args: str,
    env: dict[str, str] | None = None,
    size: tuple[int, int] = (100, 30),
    claims: tuple[int, int] | None = None,
) -> Terminal:
    """The application ``name`` of tests/support/probe.py on a terminal of its own."""
    program = [sys.executable, str(Path(__file__).with_name("probe.py")), name, *args]
    return Terminal(program, env=env, size=size, claims=claims)
