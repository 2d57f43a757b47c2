"""Two ways to a session on a terminal: forked from the process that has everything ready, and the program started."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tui.serve import hand_over
from tui.serve.hand_over import Visitor

PATIENCE = 90.0
LIMITS = {
    "OKIENKO_SECURITY__SECOND_STEP__AGENT": "off",  # a key alone lets an agent in, as it does customers everywhere
    "OKIENKO_SERVE__SESSIONS": "500",
    "OKIENKO_SERVE__SESSIONS_A_KEY": "100",
}
RUN = "from tui.serve.sessions import prefork\nraise SystemExit(prefork.main())\n"


@dataclass
class Seat:
    """One session, and the end of its terminal that a door would hold."""

    pid: int
    terminal: int
    begun: float
    link: socket.socket | None = None
    seen: bytes = b""
    written: int = 0
    """Bytes it has written so far."""
    first: float = 0.0
    """When the first of them came."""

    def read(self, timeout: float) -> bool:
        """What it has written within this time; False where there was nothing."""
        if not select.select([self.terminal], [], [], timeout)[0]:
            return False
        data = os.read(self.terminal, 65536)
        self.first = self.first or time.perf_counter()
        self.seen = (self.seen + data)[-100_000:]
        self.written += len(data)
        return True

    def until(self, true: Callable[[bytes], bool]) -> float:
        """Read until ``true`` of all that was written; milliseconds since the terminal was handed over."""
        deadline = time.monotonic() + PATIENCE
        while not true(self.seen):
            if time.monotonic() > deadline:
                raise TimeoutError(self.seen[-3000:])
            self.read(1.0)
        return (time.perf_counter() - self.begun) * 1000

    def rest(self, quiet: float) -> None:
        """Read until nothing has come for ``quiet`` seconds."""
        deadline = time.monotonic() + PATIENCE
        while self.read(quiet):
            if time.monotonic() > deadline:
                raise TimeoutError("it never stops writing")

    def type(self, keys: bytes) -> None:
        """Press these keys."""
        os.write(self.terminal, keys)

    def leave(self) -> None:
        """Gone, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.close(self.terminal)
        if self.link is not None:
            self.link.close()
        else:
            os.waitpid(self.pid, 0)


def terminal(size: tuple[int, int]) -> tuple[int, int]:
    """A new pseudo-terminal as a door makes one: our end, and the program's."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    return ours, theirs


class Forked:
    """The process that sessions are forked from, and this program as its door."""

    def __init__(self, folder: Path, *, cold: bool = False, first: str = "") -> None:
        """``first`` is Python to be run in it before anything else."""
        self._folder = folder
        self._first = first
        self._cold = cold
        self._process: subprocess.Popen[bytes] | None = None
        self._visitors = 0
        self.ready_after = 0.0
        """Seconds from its start to the first visitor it can take."""

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process is not None
        return self._process.pid

    @contextlib.contextmanager
    def running(self) -> Iterator[Forked]:
        """For as long as the block lasts."""
        place = self._folder / f"door-{os.getpid()}"
        place.unlink(missing_ok=True)
        with hand_over.open_socket() as door:
            door.bind(str(place))
            door.listen(128)
            ours, theirs = socket.socketpair()
            command = [sys.executable, "-I", "-X", "utf8", "-c", self._first + RUN, *(["--cold"] if self._cold else [])]
            begun = time.perf_counter()
            self._process = subprocess.Popen(
                [*command, "--life", str(theirs.fileno()), "--door", str(door.fileno())],
                pass_fds=(theirs.fileno(), door.fileno()),
                env=environment(self._folder),
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            theirs.close()
            ours.settimeout(PATIENCE)
            if ours.recv(64) != b"ready":
                raise RuntimeError("it did not start")
            self.ready_after = time.perf_counter() - begun
        self._place = place
        try:
            yield self
        finally:
            ours.close()
            self._process.kill()
            self._process.wait()
            place.unlink(missing_ok=True)

    def come(self, key: str = "", size: tuple[int, int] = (80, 24)) -> Seat:
        """Hand over a terminal of somebody who has proven this key, or of a guest."""
        self._visitors += 1
        high, low = divmod(self._visitors, 250)
        visitor = Visitor("ssh", f"198.51.{high}.{low + 1}", 50000, key=key, language="en")
        ours, theirs = terminal(size)
        begun = time.perf_counter()
        link = hand_over.open_socket()
        link.connect(str(self._place))
        hand_over.send(link, visitor.message(), [theirs])
        os.close(theirs)
        link.settimeout(PATIENCE)
        got = hand_over.receive(link)
        assert got is not None and "pid" in got[0], got
        return Seat(got[0]["pid"], ours, begun, link)

    def memory(self, seats: list[Seat]) -> int:
        """What all of it takes, in kB, with the process they were forked from."""
        return pss(self.pid) + sum(pss(seat.pid) for seat in seats)


class Started:
    """The program itself on each terminal, as an sshd of the operator's starts it where no server runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def come(self, key: str = "", size: tuple[int, int] = (80, 24)) -> Seat:
        """With a ``key`` it is whoever is remembered in the folder, which nobody is who comes from afar."""
        ours, theirs = terminal(size)
        extra = {} if key else {"SSH_CONNECTION": "198.51.100.1 50000 192.0.2.2 22"}
        begun = time.perf_counter()
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("okienko"))],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env=environment(self._folder) | extra,
        )
        os.close(theirs)
        return Seat(process.pid, ours, begun)

    def memory(self, seats: list[Seat]) -> int:
        """What all of it takes, in kB."""
        return sum(pss(seat.pid) for seat in seats)


def environment(folder: Path) -> dict[str, str]:
    fixed = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    return {**fixed, "OKIENKO_DATA_DIR": str(folder), **LIMITS}


def pss(pid: int) -> int:
    """The process's share of the memory it uses, in kB."""
    return _memory(pid, "Pss:")


def private(pid: int) -> int:
    """Memory that is the process's alone, in kB."""
    return _memory(pid, "Private_Dirty:", "Private_Clean:")


def _memory(pid: int, *names: str) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(names))


def processor(pid: int) -> float:
    """Seconds of the processor that it has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
