"""The process that sessions are forked from: ``python -m tui.serve.sessions.prefork``.

It imports everything and plays a visit, then waits for doors to hand visitors over. One thread, no event loop, no
database: it opens nothing that a session must not share. Whoever is handed over becomes a process of their own; this
one counts them, passes signals on, tells the door how they ended, and ends them in order.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import selectors
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from core.i18n.translation import _, speaking
from core.service.settings import Settings
from tui.process import keep_memory_private
from tui.serve import hand_over
from tui.serve.hand_over import Visitor
from tui.serve.life import Life
from tui.serve.log import log
from tui.serve.sessions import preload, session
from tui.serve.sessions.places import REFUSALS, Places

ORDERLY = 8.0
"""Seconds a session has after SIGTERM; then its terminal hangs up, …"""
HUNG_UP = 2.0
"""… and so long after that it is killed: a session whose client doesn't read never sees SIGTERM."""
ALONE = 15.0
"""Seconds that a session has to end in order when its line is gone; one that hangs is killed then."""
STARTING = 3.0
"""Seconds after which a session that has drawn nothing no longer holds the next ones up."""
_PEER = struct.Struct("3i")
Become = Callable[[Visitor, list[int], int], NoReturn]


@dataclass(slots=True)
class Child:
    """A session that runs, or waits to be started."""

    number: int
    visitor: Visitor
    link: socket.socket
    files: list[int]
    ours: bool
    """Whether a door of ours holds the terminal's other end; otherwise sshd does."""
    pid: int = 0
    gate: int = -1
    """Where the session says that it has drawn its first frame, and whether somebody is logged in."""
    is_drawn: bool = False
    logged_in: bool = False
    started: float = 0.0
    asked_to_end: float = 0.0
    hung_up: bool = False
    line_gone: float = 0.0
    """Since when nobody can sit there any more."""


class Prefork:
    """The loop: one selector over the doors' sockets, the sessions' links and their ends."""

    def __init__(self, settings: Settings, become: Become) -> None:
        """``become`` is what a forked process does for its visitor: it gets their files and the gate, and never
        returns."""
        self.settings = settings
        self._become = become
        self._selector = selectors.DefaultSelector()
        self._doors: list[socket.socket] = []
        self._children: dict[int, Child] = {}
        """By pid."""
        self._queue: list[Child] = []
        self._places = Places(settings.serve)
        self._last_number = 0
        self._ending_at: float | None = None
        """When everybody is told to end; None while the doors are open."""
        self._leaving = False
        """No new sessions, and an end when the last one is over: a newer program has taken over."""
        self.orphaned = False
        """The supervisor is gone."""

    def listen(self, door: socket.socket, *, ours: bool) -> None:
        """Take visitors from ``door``: one of ours, or the forced command of sshd."""
        door.setblocking(False)
        self._doors.append(door)
        self._selector.register(door, selectors.EVENT_READ, lambda: self._knock(door, ours=ours))

    def watch(self, number: int, act: Callable[[], None]) -> None:
        """Call ``act`` whenever ``number`` can be read."""
        self._selector.register(number, selectors.EVENT_READ, act)

    def unwatch(self, number: int) -> None:
        """No more of that."""
        self._selector.unregister(number)

    def run(self) -> None:
        """Serve until everybody has ended after :meth:`end` or :meth:`leave`."""
        while not self._is_over:
            for key, _events in self._selector.select(self._until_next()):
                if self._selector.get_map().get(key.fd) is key:  # an earlier one of these may have ended it
                    key.data()
            self._look_at_clock()

    @property
    def _is_over(self) -> bool:
        closing = self._ending_at is not None or self._leaving
        return closing and not self._children and not self._queue

    # The end

    def leave(self) -> None:
        """A newer program takes the visitors from now on; end when the last one of ours has left."""
        self._leaving = True
        self._close_doors()

    def end(self) -> None:
        """Tell everybody, let them finish what they type, then end them in order. A second time: at once."""
        now = time.monotonic()
        if self._ending_at is not None:
            self._ending_at = now
            return
        self._ending_at = now + self.settings.serve.drain
        for child in self._queue:
            self._refuse(child.link, child.files, child.visitor, "ending")
        self._queue.clear()
        for pid in self._children:
            _kill(pid, session.ENDING)
        log("ending", sessions=len(self._children), seconds=self.settings.serve.drain)

    def _close_doors(self) -> None:
        for door in self._doors:
            self._selector.unregister(door)
            door.close()
        self._doors.clear()

    def _until_next(self) -> float | None:
        """Seconds until something is to be done by the clock."""
        now = time.monotonic()
        times = [child.started + STARTING for child in self._children.values() if self._queue and not child.is_drawn]
        times += [child.line_gone + ALONE for child in self._children.values() if child.line_gone]
        if self._ending_at is not None:
            times += [self._next_step(child) for child in self._children.values()]
        return max(0.0, min(times) - now) if times else None

    def _next_step(self, child: Child) -> float:
        if not child.asked_to_end:
            return self._ending_at or 0.0
        return child.asked_to_end + ORDERLY + (HUNG_UP if child.hung_up else 0.0)

    def _look_at_clock(self) -> None:
        now = time.monotonic()
        for child in self._children.values():
            child.is_drawn = child.is_drawn or now >= child.started + STARTING
            if child.line_gone and now >= child.line_gone + ALONE:
                log("session_hangs", id=f"{os.getpid()}-{child.number}", pid=child.pid)
                _kill(child.pid, signal.SIGKILL)
                child.line_gone = now  # it is gone in a moment
        if self._ending_at is not None:
            for child in self._children.values():
                self._push(child, now)
        self._start_next()

    def _push(self, child: Child, now: float) -> None:
        """One step further towards the end: SIGTERM, the line, SIGKILL."""
        if self._ending_at is None or now < self._next_step(child):
            return
        if not child.asked_to_end:
            child.asked_to_end = now
            _kill(child.pid, signal.SIGTERM)
        elif not child.hung_up and child.ours:
            child.hung_up = True
            hand_over.send(child.link, {"hang_up": True})
        else:
            _kill(child.pid, signal.SIGKILL)
            child.asked_to_end = now  # it is gone in a moment; nothing is left to be tried meanwhile

    # Who comes

    def _knock(self, door: socket.socket, *, ours: bool) -> None:
        try:
            link, _address = door.accept()
        except OSError:
            return
        link.setblocking(False)
        _pid, uid, _gid = _PEER.unpack(link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
        if uid != (os.geteuid() if ours else self.settings.ssh.kiosk_uid):
            log("stranger", uid=uid)  # variables can be set, the kernel's word on who it is can't
            link.close()
            return
        self._selector.register(link, selectors.EVENT_READ, lambda: self._first_word(link, ours=ours))

    def _first_word(self, link: socket.socket, *, ours: bool) -> None:
        files: list[int] = []
        try:
            got = hand_over.receive(link)
            if got is None:
                raise hand_over.BadHandOver("gone")
            message, files = got
            visitor = hand_over.visitor(message)
            if len(files) < (1 if visitor.terminal else 3) or ours == (visitor.source == "sshd"):
                raise hand_over.BadHandOver("not what this door gives")
        except BlockingIOError:
            return
        except hand_over.BadHandOver as error:
            log("bad_hand_over", why=error)
            hand_over.close_all(files)
            self._selector.unregister(link)
            link.close()
            return
        self._selector.unregister(link)
        why = "ending" if self._ending_at is not None else self._places.why_not(visitor)
        if why:
            log("turned_away", source=visitor.source, address=visitor.address, key=visitor.key, why=why)
            self._refuse(link, files, visitor, why)
            return
        self._last_number += 1
        self._places.take(visitor)
        self._queue.append(Child(self._last_number, visitor, link, files, ours))
        self._start_next()

    def _refuse(self, link: socket.socket, files: list[int], visitor: Visitor, why: str) -> None:
        with speaking(visitor.language or self.settings.desk.language):
            hand_over.send(link, {"refused": _(REFUSALS[why])})
        hand_over.close_all(files)
        link.close()

    # Sessions

    def _start_next(self) -> None:
        """Not all at once: fifty who come at the same moment are served one after another, each at full speed."""
        starting = sum(not child.is_drawn for child in self._children.values())
        while self._queue and starting < self.settings.serve.starts_at_once:
            self._start(self._queue.pop(0))
            starting += 1

    def _start(self, child: Child) -> None:
        try:
            child.gate, end = self._fork(child)
        except OSError as error:  # no process or descriptor is left: those who are here first
            log("not_started", why=error.strerror)
            self._places.give_back(child.visitor, logged_in=False)
            self._refuse(child.link, child.files, child.visitor, "sessions")
            return
        hand_over.close_all(child.files)
        child.started = time.monotonic()
        self._children[child.pid] = child
        session.note_start(child.visitor, child.number, child.pid)
        self._selector.register(end, selectors.EVENT_READ, lambda: self._has_ended(child, end))
        self._selector.register(child.gate, selectors.EVENT_READ, lambda: self._hear_gate(child))
        self._selector.register(child.link, selectors.EVENT_READ, lambda: self._hear(child))
        hand_over.send(child.link, {"pid": child.pid})  # for whoever measures a session

    def _fork(self, child: Child) -> tuple[int, int]:
        """The gate and the end of a new session. Signals are held back meanwhile: one that reaches the child before it
        has handlers of its own would be read by the parent as its own."""
        gate = socket.socketpair()
        ours, theirs = (each.detach() for each in gate)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, session.HELD_BACK)
        try:
            child.pid = os.fork()
            if child.pid == 0:
                self._become(child.visitor, child.files, theirs)
        except OSError:
            os.close(ours)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(theirs)
        return ours, os.pidfd_open(child.pid)

    def _hear_gate(self, child: Child) -> None:
        """What the session says of itself; one that is a command only closes the gate."""
        try:
            words = os.read(child.gate, 64)
        except OSError:
            words = b""
        child.is_drawn = True
        if not words:
            self._close_gate(child)
            return
        for word in (each for each in words if bytes([each]) in (session.LOGGED_IN, session.LOGGED_OUT)):
            logged_in = bytes([word]) == session.LOGGED_IN
            if logged_in != child.logged_in:
                child.logged_in = logged_in
                self._places.log_in(child.visitor, logged_in)

    def _close_gate(self, child: Child) -> None:
        if child.gate >= 0:
            self._selector.unregister(child.gate)
            os.close(child.gate)
            child.gate = -1

    def _hear(self, child: Child) -> None:
        """The door wants the session signalled, or is gone: then nobody sits there any more."""
        try:
            got = hand_over.receive(child.link)
        except (BlockingIOError, hand_over.BadHandOver):
            return
        if got is None:
            self._selector.unregister(child.link)
            child.line_gone = time.monotonic()
            _kill(child.pid, signal.SIGHUP)
            return
        message, files = got
        hand_over.close_all(files)
        if message.get("signal") in (signal.SIGHUP, signal.SIGTERM, signal.SIGWINCH):
            _kill(child.pid, message["signal"])

    def _has_ended(self, child: Child, end: int) -> None:
        self._selector.unregister(end)
        os.close(end)
        _pid, waited = os.waitpid(child.pid, 0)
        code = os.waitstatus_to_exitcode(waited)
        status = code if code >= 0 else 128 - code
        del self._children[child.pid]
        self._places.give_back(child.visitor, logged_in=child.logged_in)
        self._close_gate(child)
        hand_over.send(child.link, {"exit": status})
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(child.link)
        child.link.close()
        log(
            "session_end",
            id=f"{os.getpid()}-{child.number}",
            status=status,
            seconds=round(time.monotonic() - child.started),
        )


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def main(argv: list[str] | None = None) -> int:
    """What the supervisor starts: wait for visitors at the sockets it has passed in."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--door", type=int, required=True)
    parser.add_argument("--kiosk", type=int, default=-1)
    parser.add_argument("--life", type=int, required=True)
    parser.add_argument("--cold", action="store_true")
    args = parser.parse_args(argv)
    keep_memory_private()
    _open_many_files()
    settings = Settings.load()
    life = Life(args.life)
    with contextlib.nullcontext() if args.cold else preload.made_up_desk() as folder:
        preload.load(postgresql=settings.database_url is not None)
        if folder is not None:
            preload.play_visits(folder)
    preload.settle_memory()
    from tui.serve.commands import registry  # deferred: after what sessions share, which it is a part of

    def become(visitor: Visitor, files: list[int], gate: int) -> NoReturn:
        session.become(visitor, settings, files, gate, registry.run)

    forks = Prefork(settings, become)
    door = socket.socket(fileno=args.door)
    place = Path(door.getsockname())
    forks.listen(door, ours=True)
    if args.kiosk >= 0 and not settings.beyond_doubt:
        log("no_kiosk", why="somebody else than root could have written the settings")
    elif args.kiosk >= 0:
        forks.listen(socket.socket(fileno=args.kiosk), ours=False)
    _take_signals(forks, life)
    life.ready()
    forks.run()
    if forks.orphaned:  # nobody else takes the door's folder away
        with contextlib.suppress(OSError):
            place.unlink()
            place.parent.rmdir()
    return 0


def _open_many_files() -> None:
    """Each session takes two descriptors here; the usual limit is for programs with fewer visitors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _take_signals(forks: Prefork, life: Life) -> None:
    """Signals are read like everything else: none interrupts a fork."""
    reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    acts: dict[int, Any] = {signal.SIGTERM: forks.end, signal.SIGHUP: forks.leave, signal.SIGINT: forks.end}
    for number in (*acts, signal.SIGCHLD):
        signal.signal(number, lambda _number, _frame: None)

    def read() -> None:
        for number in os.read(reader, 64):
            acts.get(number, lambda: None)()

    forks.watch(reader, read)

    def look() -> None:
        if not life.alive():
            forks.unwatch(life.number)
            forks.orphaned = True
            forks.end()

    forks.watch(life.number, look)


if __name__ == "__main__":
    sys.exit(main())
