"""``okienko serve``: the one process that is the whole desk to whoever runs it.

It imports next to nothing and opens nothing but the doors' sockets; its children do the work: the process that sessions
are forked from, a door each for SSH and browsers, the post and the jobs. One that dies is started anew. On SIGHUP new
ones take over by the new code while the old ones go on until their last visitor has left; on SIGTERM everybody hears of
it, has a while, and ends in order.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tui.serve import sd, sockets
from tui.serve.log import log

if TYPE_CHECKING:
    from core.service.settings import Settings

FIRST_REST, LONGEST_REST = 0.5, 30.0
"""Seconds before a child that died is started again: more each time it dies soon."""
SOON = 60.0
_PR_SET_PDEATHSIG = 1
GRACE = 20.0
"""Seconds beyond what people are given until a child that doesn't end is killed."""


@dataclass(slots=True)
class Job:
    """A child that is wanted: what it is called, how it is started, which sockets it gets."""

    name: str
    arguments: Callable[[int], Sequence[str]]
    """By the number of its life line: what Python is started with."""
    sockets: tuple[socket.socket, ...] = ()
    says_ready: bool = True
    stays: bool = False
    """Told of new code, it goes on as it is and ends when nobody is in it; only then it is started anew."""


@dataclass(slots=True)
class Running:
    """A child that was started."""

    job: Job
    process: subprocess.Popen[bytes]
    life: socket.socket
    since: float
    ready: bool = False
    retired: bool = False
    """It ends when its last visitor leaves, and is not started again."""
    takes_place_of: list[Running] = field(default_factory=list)


class Supervisor:
    """The loop over its children's ends and its own signals."""

    def __init__(self, jobs: Sequence[Job], *, drain: float) -> None:
        self._jobs = jobs
        self._drain = drain
        self._selector = selectors.DefaultSelector()
        self._running: list[Running] = []
        self._rests: dict[str, float] = {}
        self._again: list[tuple[float, Job, list[Running]]] = []
        """When which is started again, and whose place it takes once it is ready."""
        self._kill_at: float | None = None
        self._told_ready = False

    def run(self) -> int:
        """Until told to end; the exit status."""
        reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, lambda _number, _frame: None)
        self._selector.register(reader, selectors.EVENT_READ, lambda: self._signals(os.read(reader, 64)))
        for job in self._jobs:
            self._start(job, [])
        while self._kill_at is None or self._running:
            for key, _events in self._selector.select(self._until_next()):
                if self._selector.get_map().get(key.fd) is key:  # an earlier one of these may have ended it
                    key.data()
            self._look_at_clock()
        return 0

    # Children

    def _start(self, job: Job, takes_place_of: list[Running]) -> None:
        """Start a child, in a group of its own: Ctrl+C is the supervisor's alone. What can't be started now is tried
        again."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        command = [sys.executable, "-I", "-X", "utf8", *job.arguments(theirs.fileno())]
        numbers = [theirs.fileno(), *(each.fileno() for each in job.sockets)]
        bound = None if job.says_ready else _end_with_parent
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.DEVNULL, stdout=2, pass_fds=numbers, preexec_fn=bound, process_group=0
            )
        except OSError as error:
            log("not_started", child=job.name, why=error.strerror)
            ours.close()
            self._again.append((time.monotonic() + LONGEST_REST, job, takes_place_of))
            return
        finally:
            theirs.close()
        child = Running(job, process, ours, time.monotonic(), not job.says_ready, takes_place_of=takes_place_of)
        self._running.append(child)
        self._selector.register(ours, selectors.EVENT_READ, lambda: self._hear(child))
        log("started", child=job.name, pid=process.pid)

    def _hear(self, child: Running) -> None:
        try:
            data = child.life.recv(64)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            child.ready = True
            log("ready", child=child.job.name)
            self._retire(child.takes_place_of)
            child.takes_place_of = []
            self._say_ready()
        else:
            self._selector.unregister(child.life)
            child.life.close()

    def _say_ready(self) -> None:
        if not self._told_ready and all(child.ready for child in self._running):
            self._told_ready = True
            sd.notify("READY=1\nSTATUS=open")
            log("open")

    def _reap(self) -> None:
        for child in [each for each in self._running if each.process.poll() is not None]:
            self._running.remove(child)
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(child.life)
            child.life.close()
            status = child.process.returncode
            log("ended", child=child.job.name, pid=child.process.pid, status=status)
            if self._kill_at is None and not child.retired:
                self._start_again(child)

    def _start_again(self, child: Running) -> None:
        name, now = child.job.name, time.monotonic()
        soon = now - child.since < SOON
        rest = min(self._rests.get(name, FIRST_REST / 2) * 2, LONGEST_REST) if soon else FIRST_REST
        self._rests[name] = rest
        self._again.append((now + rest, child.job, child.takes_place_of))

    # Signals and the clock

    def _signals(self, numbers: bytes) -> None:
        for number in numbers:
            if number in (signal.SIGTERM, signal.SIGINT):
                self._end()
            elif number == signal.SIGHUP and self._kill_at is None:
                self._renew()
            elif number == signal.SIGCHLD:
                self._reap()

    def _renew(self) -> None:
        """The new code beside the old: each child is told to leave when the one that takes its place is ready, and
        whoever is there stays where they are."""
        log("renewing")
        before = [child for child in self._running if not child.retired]
        self._again.clear()
        for job in self._jobs:
            old = [child for child in before if child.job.name == job.name]
            if job.stays:
                for child in old:
                    with contextlib.suppress(ProcessLookupError):
                        child.process.send_signal(signal.SIGHUP)
                continue
            self._start(job, old if job.says_ready else [])
            if not job.says_ready:
                self._retire(old)

    def _retire(self, children: list[Running]) -> None:
        for child in children:
            child.retired = True
            with contextlib.suppress(ProcessLookupError):
                child.process.send_signal(signal.SIGHUP)

    def _end(self) -> None:
        """The process with the sessions first: the doors must write for as long as people see something."""
        if self._kill_at is not None:  # told twice: nobody is given more time
            self._signal(signal.SIGTERM, lambda child: child.job.name == PREFORK)
            return
        sd.notify("STOPPING=1")
        log("stopping")
        self._again.clear()
        self._kill_at = time.monotonic() + self._drain + GRACE
        self._signal(signal.SIGTERM, lambda child: child.job.name == PREFORK)

    def _signal(self, number: int, which: Callable[[Running], bool]) -> None:
        for child in self._running:
            if which(child):
                with contextlib.suppress(ProcessLookupError):
                    child.process.send_signal(number)

    def _until_next(self) -> float | None:
        times = [at for at, _job, _old in self._again]
        if self._kill_at is not None:
            times.append(self._kill_at)
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _look_at_clock(self) -> None:
        self._reap()
        now = time.monotonic()
        due = [(job, old) for at, job, old in self._again if at <= now]
        self._again = [each for each in self._again if each[0] > now]
        for job, old in due:
            self._start(job, old)
        if self._kill_at is None:
            return
        if not any(child.job.name == PREFORK for child in self._running):
            others = [child for child in self._running if not child.retired]
            for child in others:
                child.retired = True  # told once
                with contextlib.suppress(ProcessLookupError):
                    child.process.send_signal(signal.SIGTERM)
        if now >= self._kill_at:
            self._signal(signal.SIGKILL, lambda _child: True)


PREFORK = "sessions"


def serve(settings: Settings, *, cold: bool = False) -> int:
    """Open every door the settings name, and run until told to end.

    Args:
        cold: Sessions are forked from a process that has played no visit: ready sooner, and slower from then on.

    Raises:
        OSError: An address is taken, or needs rights that this process lacks.
    """
    passed = sd.passed_in()
    with contextlib.ExitStack() as stack:
        folder = sockets.own_folder(settings)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        os.environ["TMPDIR"] = str(folder)
        door = stack.enter_context(sockets.unix_door(folder / "door"))
        kiosk = stack.enter_context(sockets.kiosk_door(settings.serve.kiosk)) if settings.serve.kiosk else None
        ssh = sockets.tcp_door(stack, passed.get("ssh"), settings.serve.ssh)
        web = sockets.tcp_door(stack, passed.get("web"), settings.serve.web)
        jobs = [_prefork(door, kiosk, cold=cold)]
        for name, listener in (("ssh", ssh), ("web", web)):
            if listener is not None:
                jobs.append(_front(name, listener, folder / "door"))
        for name, wanted, words in (
            ("mail", settings.serve.mail, ("mail", "deliver", "--follow")),
            ("jobs", settings.serve.jobs, ("jobs", "run", "--follow")),
        ):
            if wanted:
                jobs.append(Job(name, _command(words), says_ready=False))
        return Supervisor(jobs, drain=settings.serve.drain).run()


def _prefork(door: socket.socket, kiosk: socket.socket | None, *, cold: bool) -> Job:
    def arguments(life: int) -> list[str]:
        words = ["-m", "tui.serve.sessions.prefork", "--life", str(life), "--door", str(door.fileno())]
        if kiosk is not None:
            words += ["--kiosk", str(kiosk.fileno())]
        return [*words, "--cold"] if cold else words

    return Job(PREFORK, arguments, (door, kiosk) if kiosk is not None else (door,))


def _front(name: str, listener: socket.socket, parent: Path) -> Job:
    def arguments(life: int) -> list[str]:
        words = ["--life", str(life), "--listen", str(listener.fileno()), "--parent", str(parent)]
        return ["-m", f"tui.serve.{name}", *words]

    return Job(name, arguments, (listener,), stays=name == "web")


def _end_with_parent() -> None:
    """In a child that has no life line: the kernel ends it when the supervisor is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _command(words: Sequence[str]) -> Callable[[int], Sequence[str]]:
    return lambda _life: ("-m", "tui", *words)
