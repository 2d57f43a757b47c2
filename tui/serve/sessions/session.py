"""In a process that was forked for one visitor: take their terminal, forget what was the parent's, run the program."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import socket
import sys
import termios
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import RenderableType

from core.accounts import key_login, sessions
from core.errors import DeskError
from core.i18n.translation import _
from core.service.settings import Settings
from tui import crash
from tui.app import OkienkoApp, run_okienko
from tui.launch import SCREENS
from tui.serve.arrive import open_desk, peer_of
from tui.serve.hand_over import Visitor
from tui.serve.log import log
from tui.serve.side import SideChannel

if TYPE_CHECKING:
    from core.service.desk import Desk

SIDE = 3
"""The side channel's number in a session."""
GATE = 4
"""Where the parent hears of this session: that its first frame is there and the next one may be started (a command
closes it), and whether somebody is logged in."""
DRAWN, LOGGED_IN, LOGGED_OUT = b"d", b"i", b"o"
KEPT_VARIABLES = ("OKIENKO_DATA_DIR", "OKIENKO_CONFIG", "OKIENKO_DESK__NAME", "OKIENKO_DESK__LANGUAGE")
"""Where the desk is and what it is called; nothing else of the parent's environment, which may hold secrets."""
THREADS = 3
"""That talk to the desk; each has a stack and a heap of its own (docs/facts.md, *A server*)."""
HELD_BACK = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGXCPU}
"""Signals that wait while a session is being forked, until it has handlers of its own."""
ENDING = signal.SIGUSR1
"""The server is told to end: whoever sits here hears of it."""
TOLD_TO_END = 128 + signal.SIGTERM
MEGABYTE = 1024 * 1024
COMMAND_SECONDS = 300
"""A client that doesn't read what it has asked for is not waited for longer."""
_PR_SET_PDEATHSIG = 1


class ServedApp(OkienkoApp):
    """Okienko for somebody who came by one of the server's doors."""

    def __init__(self, visitor: Visitor, settings: Settings, side: SideChannel | None) -> None:
        from tui.screens.accounts.welcome import Welcome  # deferred: this module is read by commands as well

        super().__init__(
            lambda: open_desk(settings, peer_of(visitor, settings)),
            first=Welcome,
            economical=visitor.source != "web",
            language=visitor.language or None,
            log_path=settings.data_dir / "state" / "incidents.log",
            served=True,
        )
        self.place = visitor.address or visitor.source
        self.side = side
        self.ends_when_idle = float(settings.serve.idle_end)
        self._settings = settings
        self._visitor = visitor
        if side is not None:
            self.on_locked.append(self._say_locked)
        if visitor.words:
            from tui.launch import screen_asked_for  # deferred: most visitors ask for none

            if visitor.words[0] == "answer" and visitor.key and len(visitor.words) > 1:
                self.invitation = visitor.words[1]  # the key logs in, and the invitation is answered then
            else:
                self.start_with = screen_asked_for(*visitor.words[:2])

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS, "okienko"))
        loop.add_signal_handler(ENDING, self._hear_ending)
        loop.add_signal_handler(signal.SIGXCPU, lambda: os.kill(os.getpid(), signal.SIGTERM))
        if self.side is not None:
            self.side.listen(self._hear_door)
        self.call_after_refresh(_tell_parent, DRAWN)

    def begin_watch(self) -> None:
        super().begin_watch()
        _tell_parent(LOGGED_IN if self.seat is not None else LOGGED_OUT)

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Whoever is ended by the server reads why, also behind a lock."""
        if return_code == TOLD_TO_END and message is None:
            message = _("The desk is being restarted. Please come again in a moment.")
        super().exit(result, return_code, message)

    def end_log_in(self) -> None:
        """Nobody sits here any more, however it came to that: the log-in is over."""
        if self.is_open and self.seat is not None:
            with contextlib.suppress(Exception):
                self.desk.do(sessions.log_out)

    def _hear_ending(self) -> None:
        self.run_worker(self._say_ending())

    async def _say_ending(self) -> None:
        """The server ends in a moment; what can be kept of what was typed is kept by then."""
        drain = self._settings.serve.drain
        text = _("The desk is being restarted in {n} s. Please come again in a moment.").format(n=drain)
        typed = await self.what_becomes_of_typed()
        self.notify(f"{text} {typed}".strip(), severity="warning", timeout=max(10, drain))

    def _say_locked(self, locked: bool) -> None:
        self.run_worker(self._tell_door(locked), group="lock", exclusive=True)

    async def _tell_door(self, locked: bool) -> None:
        """The door may give a covered session to a new connection with its key, if the key is of whoever sits here."""
        if self.side is None or (locked and self.seat is None):
            return
        newcomer = self.desk.acting(None)
        mine = locked and self.seat is not None and await asyncio.to_thread(_is_key_of, newcomer, self.seat.login)
        self.side.say(locked=mine and self.is_locked)

    def _hear_door(self, message: dict[str, Any]) -> None:
        if "taken" in message:
            if self.side is not None:
                self.side.say(goes_on=True)  # a session that hangs doesn't come to say it
            taken = message["taken"]
            address, port, key = str(taken.get("address", "")), int(taken.get("port", 0)), str(taken.get("key", ""))
            self.run_worker(self._go_on_for(replace(self._visitor, address=address, port=port, key=key)))

    async def _go_on_for(self, visitor: Visitor) -> None:
        """A new connection has proven the key of whoever sits here and goes on with this session, from where it comes.
        Where the key alone would let them in, it opens the lock as well; elsewhere the password does."""
        if self.seat is None or not visitor.key or not self.is_locked:
            return
        self._visitor = visitor
        self.desk.peer = peer_of(visitor, self._settings)
        self.place = visitor.address or visitor.source
        newcomer = self.desk.acting(None)
        if await asyncio.to_thread(_lets_in, newcomer, self.seat.login):
            await asyncio.to_thread(self.desk.do, key_login.go_on)
            self.unlock()


def _step(newcomer: Desk, login: str) -> str:
    """What has to follow the key of a connection for this account; empty where it is not the account's."""
    try:
        comer = newcomer.see(key_login.who_comes)
    except DeskError:
        return ""
    return comer.step if comer is not None and comer.login == login else ""


def _is_key_of(newcomer: Desk, login: str) -> bool:
    return _step(newcomer, login) not in ("", "ask")


def _lets_in(newcomer: Desk, login: str) -> bool:
    """Whether the key of a connection is all that this account has to show."""
    return _step(newcomer, login) == "done"


def _tell_parent(word: bytes) -> None:
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(GATE)) as gate:
        gate.send(word, socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)


def _open_gate() -> None:
    with contextlib.suppress(OSError):
        os.close(GATE)


def become(
    visitor: Visitor,
    settings: Settings,
    files: list[int],
    gate: int,
    run_command: Callable[[Visitor, Settings], int],
) -> NoReturn:
    """Be the session of this visitor until it ends; called in the forked process, and never returns.

    Args:
        files: The terminal, or three pipes; and the side channel where the door has one.
        gate: Where the parent is told when the first frame is there.
        run_command: What to do for a visitor whose words are a command.
    """
    status = crash.STATUS
    try:
        side = _take_over(visitor, settings, files, gate)
        if visitor.words and not is_screen(visitor):
            _open_gate()
            signal.alarm(COMMAND_SECONDS)
            status = run_command(visitor, settings)
        else:
            app = ServedApp(visitor, settings, side)
            status = run_okienko(app)
            app.end_log_in()
    except BaseException as error:
        number = crash.incident_number()
        crash.write_down(number, error, settings.data_dir / "state" / "incidents.log")
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(status)


def is_screen(visitor: Visitor) -> bool:
    """Whether the words name a screen to open, as letters promise (``confirm CODE``)."""
    from tui.launch import SCREENS  # deferred: asked for commands alone

    return visitor.terminal and len(visitor.words) <= 2 and visitor.words[0] in SCREENS


def _take_over(visitor: Visitor, settings: Settings, files: list[int], gate: int) -> SideChannel | None:
    """This terminal is the session's, nothing of the parent's is. In this order: a key pressed before the terminal is
    raw must end nobody."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    os.setsid()
    needed = 1 if visitor.terminal else 3
    terminal, side = files[:needed], files[needed : needed + 1]
    if visitor.terminal:
        # sshd's own terminal belongs to the forced command's session; that one passes on what the kernel says of it.
        with contextlib.suppress(PermissionError):
            fcntl.ioctl(terminal[0], termios.TIOCSCTTY, 0)
        terminal = terminal * 3
    _place([*terminal, *(side or [-1]), gate])
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(ENDING, signal.SIG_IGN)  # until the interface can say so; a command goes on to its end
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    _end_with_parent()
    _bound(settings)
    _environment(visitor)
    _attach_streams()
    if not side:
        return None
    return SideChannel(socket.socket(fileno=SIDE), takes_files=visitor.source == "web")


def _place(files: list[int]) -> None:
    """Put these at 0, 1, 2, … and close everything else; -1 leaves its place empty."""
    high = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 64) if number >= 0 else -1 for number in files]
    for place, number in enumerate(high):
        if number >= 0:
            os.dup2(number, place, inheritable=place < SIDE)
        else:
            with contextlib.suppress(OSError):
                os.close(place)
    os.closerange(len(files), 65536)


def _end_with_parent() -> None:
    """Whoever forks sessions and is gone can end none any more: each ends itself, in order."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() == 1:
            os.kill(os.getpid(), signal.SIGTERM)


def _bound(settings: Settings) -> None:
    """A leak or a loop of one session is its own. What the parent has counts already, so it comes on top. Files that
    are mapped (the database) don't count, and stacks of threads do."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    most = pages * os.sysconf("SC_PAGE_SIZE") + settings.serve.memory * MEGABYTE
    seconds = settings.serve.cpu_seconds  # at the first limit it is told to end, at the second it is killed
    for limit, values in ((resource.RLIMIT_DATA, (most, most)), (resource.RLIMIT_CPU, (seconds, seconds + 10))):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, values)


def _environment(visitor: Visitor) -> None:
    variables = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    os.environ.clear()
    os.environ.update(variables, PATH="/usr/bin:/bin", HOME="/nonexistent", LANG="C.UTF-8", TERM=visitor.term)
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    if visitor.colorterm:
        os.environ["COLORTERM"] = visitor.colorterm


def _attach_streams() -> None:
    """What was the parent's output is this visitor's now."""
    sys.stdin = sys.__stdin__ = _stream(0, "r")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _stream(1, "w")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2, "w")  # type: ignore[misc]


def _stream(number: int, mode: str) -> Any:
    return os.fdopen(number, mode, encoding="utf-8", errors="backslashreplace", closefd=False)


def _named(visitor: Visitor) -> str:
    """The command, if it is one: what else somebody types may be a code or a password."""
    from tui.serve.commands import registry  # deferred: it is there when sessions are

    word = visitor.words[0] if visitor.words else ""
    return word if not word or word in registry.COMMANDS or word in SCREENS else "?"


def note_start(visitor: Visitor, number: int, pid: int) -> None:
    """One line of the log for who came."""
    log(
        "session_begin",
        id=f"{os.getpid()}-{number}",
        pid=pid,
        source=visitor.source,
        address=visitor.address,
        key=visitor.key,
        command=_named(visitor),
    )
