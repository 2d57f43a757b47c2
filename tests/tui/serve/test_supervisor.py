"""One process that is the whole desk: what dies is started again, what is newer takes over, all end in order.

The children here are small programs that write down what they met.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tui.serve import supervisor
from tui.serve.supervisor import PREFORK, Job, Supervisor

PATIENCE = 10.0
CHILD = """
import os, signal, sys
name, folder, life = sys.argv[1], sys.argv[2], int(sys.argv[3])
def note(what):
    with open(folder + "/notes", "a") as file: file.write(f"{name} {what} {os.getpid()}\\n")
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGHUP])
note("began")
os.write(life, b"ready")
while True:
    got = signal.sigwait([signal.SIGTERM, signal.SIGHUP])
    note(signal.Signals(got).name)
    break
"""


class Played:
    """A supervisor in a process of its own, and what its children wrote down."""

    def __init__(self, folder: Path, *names: str, ready: bool = True) -> None:
        self._folder = folder
        self._jobs = [self._job(name, ready) for name in names]
        self.pid = 0

    def _job(self, name: str, ready: bool) -> Job:
        return Job(name, lambda life: ("-c", CHILD, name, str(self._folder), str(life)), says_ready=ready)

    @contextlib.contextmanager
    def running(self) -> Iterator[Played]:
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            status = 1
            try:
                status = Supervisor(self._jobs, drain=0).run()
            finally:
                os._exit(status)
        try:
            yield self
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            for note in self.notes:  # each child has a group of its own
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(note.split()[-1]), signal.SIGKILL)

    @property
    def notes(self) -> list[str]:
        file = self._folder / "notes"
        return file.read_text(encoding="ascii").splitlines() if file.exists() else []

    def noted(self, *wanted: str) -> bool:
        """Whether these have been written down, without the processes' numbers."""
        have = [line.rpartition(" ")[0] for line in self.notes]
        return all(have.count(each) >= wanted.count(each) for each in wanted)

    def pid_of(self, name: str) -> int:
        return int(next(line for line in reversed(self.notes) if line.startswith(f"{name} began")).split()[-1])

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, self.notes
            threading.Event().wait(0.005)

    def wait(self) -> int:
        _pid, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


def test_what_dies_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_REST", 0.01)
    with Played(tmp_path, "ssh", PREFORK).running() as played:
        played.until(lambda: played.noted("ssh began", f"{PREFORK} began"))
        os.kill(played.pid_of("ssh"), signal.SIGKILL)
        played.until(lambda: played.noted("ssh began", "ssh began"))
        assert not played.noted(f"{PREFORK} SIGTERM"), "nothing happens to the others"


def test_told_to_end_the_sessions_go_first_and_the_doors_after_them(tmp_path: Path) -> None:
    with Played(tmp_path, "ssh", PREFORK, "web").running() as played:
        played.until(lambda: played.noted("ssh began", f"{PREFORK} began", "web began"))
        os.kill(played.pid, signal.SIGTERM)
        assert played.wait() == 0
        ends = [line.split()[0] for line in played.notes if "SIGTERM" in line]
        assert ends[0] == PREFORK
        assert sorted(ends[1:]) == ["ssh", "web"]


def test_newer_code_takes_over_and_what_was_there_is_told_to_leave(tmp_path: Path) -> None:
    with Played(tmp_path, PREFORK).running() as played:
        played.until(lambda: played.noted(f"{PREFORK} began"))
        old = played.pid_of(PREFORK)
        os.kill(played.pid, signal.SIGHUP)
        played.until(lambda: played.noted(f"{PREFORK} SIGHUP"))
        lines = [line for line in played.notes if "SIGHUP" in line]
        assert lines == [f"{PREFORK} SIGHUP {old}"], "the old one, once the new one was there"
        assert played.pid_of(PREFORK) != old


def test_whoever_asked_hears_when_all_doors_are_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with Played(tmp_path, "ssh", PREFORK).running() as played:
            assert listener.recv(100).startswith(b"READY=1")
            os.kill(played.pid, signal.SIGTERM)
            assert listener.recv(100) == b"STOPPING=1"


def test_when_the_supervisor_is_killed_what_has_no_life_line_ends_as_well(tmp_path: Path) -> None:
    with Played(tmp_path, "mail", ready=False).running() as played:
        played.until(lambda: played.noted("mail began"))
        os.kill(played.pid, signal.SIGKILL)
        played.until(lambda: played.noted("mail SIGTERM"))
