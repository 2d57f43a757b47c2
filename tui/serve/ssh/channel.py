"""The session of an SSH connection: bytes between the client and the line that the parent's session is on."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import asyncssh
from asyncssh.channel import SSHServerChannel

from core.i18n.translation import _, speaking
from tui.serve import hand_over, line
from tui.serve.hand_over import Visitor
from tui.serve.line import Line
from tui.serve.log import log

if TYPE_CHECKING:
    from tui.serve.ssh.connection import Connection

WAITING = 64 * 1024
"""Bytes that may wait for a client that doesn't read."""
MOST_VARIABLES = 16
"""Variables a client may send; two of them are looked at."""
START = 10.0
"""Seconds from opening a session to saying what it is to be."""
PATIENT = 1.5
"""Seconds before an empty screen is explained."""
ANSWER = 5.0
"""Seconds that a session has to say that it goes on at a new connection; one that hangs never would."""
ELSEWHERE = 130
_SIGNALS = {"HUP": signal.SIGHUP, "TERM": signal.SIGTERM, "INT": signal.SIGHUP, "KILL": signal.SIGTERM}


def bound_variables() -> None:
    """asyncssh takes any number of variables from a client, and keeps them."""
    kind: Any = SSHServerChannel
    plain = kind._process_env_request

    def process(channel: Any, packet: Any) -> Any:
        if len(channel._env) >= MOST_VARIABLES:
            return False
        return plain(channel, packet)

    kind._process_env_request = process


class Channel(asyncssh.SSHServerSession[bytes]):
    """A shell request is the whole program, an exec request a command; both may have a terminal."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.line: Line | None = None
        self.locked = False
        """Whether the session has covered its screen."""
        self._chan: Any = None
        self._terminal: tuple[str, int, int] | None = None
        self._words: tuple[str, ...] = ()
        self._late: asyncio.TimerHandle | None = None
        self._paused = False
        self._waiting: asyncio.TimerHandle | None = None
        """Says that there is nothing to be seen yet."""
        self._silent: asyncio.TimerHandle | None = None
        """Gives up a session that was taken over and doesn't answer."""

    # What the client asks for

    def connection_made(self, chan: Any) -> None:
        self._chan = chan
        chan.set_write_buffer_limits(high=WAITING)
        self._late = asyncio.get_running_loop().call_later(START, self.connection.abort)

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Any) -> bool:
        columns, rows = term_size[:2]
        self._terminal = hand_over.terminal_name(term_type or ""), columns, rows
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        self._words = hand_over.words_of(command) or ("?",)
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        return False

    def session_started(self) -> None:
        if self._late is not None:
            self._late.cancel()
        visitor = self._visitor()
        with speaking(visitor.language or self.connection.visits.language):
            self._begin(visitor)

    def _begin(self, visitor: Visitor) -> None:
        """Whatever is said from here on is said in the client's language."""
        if self._terminal is None and not self._words:
            self._say(_("A terminal is needed here: ssh -t"))
            self._leave(1)
            return
        covered = self.connection.visits.locked_session(self.connection.key) if not self._words else None
        if covered is not None and covered.line is not None and self._terminal is not None:
            self._take(covered, covered.line, visitor, *self._terminal[1:])
            return
        self._open(visitor, *(self._terminal or ("", 80, 24))[1:])

    def _open(self, visitor: Visitor, columns: int, rows: int) -> None:
        """Have a session of its own started."""
        self.line = Line(self)
        self._waiting = asyncio.get_running_loop().call_later(PATIENT, self._say, _("The desk is starting…"))
        try:
            self.line.open(self.connection.visits.parent, visitor, columns, rows)
        except OSError as error:
            log("no_parent", why=error.strerror)
            self.line = None
            self._say(_("The desk is being restarted. Please come again in a moment."))
            self._leave(line.LOST)

    def _visitor(self) -> Visitor:
        sent = {str(name): str(value) for name, value in self._chan.get_environment().items()}
        locale = sent.get("LC_ALL") or sent.get("LC_MESSAGES") or sent.get("LANG") or ""
        return Visitor(
            source="ssh",
            address=self.connection.address,
            port=self.connection.port,
            key=self.connection.key,
            offered=tuple(self.connection.offered),
            term=self._terminal[0] if self._terminal is not None else hand_over.USUAL_TERMINAL,
            colorterm=sent.get("COLORTERM", ""),
            language=hand_over.language_of(locale),
            words=self._words,
            terminal=self._terminal is not None,
        )

    def _take(self, covered: Channel, taken: Line, visitor: Visitor, columns: int, rows: int) -> None:
        """The session of this key whose screen is covered goes on here, and ends where it was."""
        self.line, covered.line = taken, None
        covered.locked = False
        covered.write(line.RESET)
        covered._say(_("Your session goes on at another terminal."))
        covered._leave(ELSEWHERE)
        taken.door = self
        self.locked = True
        self.write(taken.modes())
        taken.resize(columns, rows)
        taken.redraw()
        taken.tell({"taken": {"address": visitor.address, "port": visitor.port, "key": visitor.key}})
        log("taken_over", address=visitor.address, key=visitor.key)
        self._silent = asyncio.get_running_loop().call_later(ANSWER, self._give_up, taken, visitor)

    def _give_up(self, hung: Line, visitor: Visitor) -> None:
        """The session that was taken over hangs: it is ended, and whoever came for it gets a new one."""
        self._silent = None
        if self.line is not hung or self._chan is None:
            return
        log("session_hangs", address=visitor.address, key=visitor.key, seconds=ANSWER)
        self.locked = False
        self.write(line.RESET)
        hung.close()
        with speaking(visitor.language or self.connection.visits.language):
            self._say(_("Your earlier session does not answer, so it was ended. This is a new one."))
            self._open(visitor, hung.columns, hung.rows)

    # From the client

    def data_received(self, data: Any, datatype: Any) -> None:
        if self.line is not None:
            self.line.type(data)

    def eof_received(self) -> bool:
        if self.line is not None:
            self.line.end_input()
        return True

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        if self.line is not None:
            self.line.resize(width, height)

    def signal_received(self, signal: str) -> None:
        number = _SIGNALS.get(signal)
        if number is not None and self.line is not None:
            self.line.signal(number)

    def break_received(self, msec: int) -> bool:
        return True

    def pause_writing(self) -> None:
        if self.line is not None:
            self.line.pause()

    def resume_writing(self) -> None:
        if self.line is not None:
            self.line.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        if self._late is not None:
            self._late.cancel()
        self._has_answered()
        self._chan = None
        if self.line is not None:
            self.line.close()
            self.line = None
        self.connection.session_over()

    # From the session (tui.serve.line.Door)

    def write(self, data: bytes) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if self._chan is not None:
            self._chan.write(data)

    def write_error(self, data: bytes) -> None:
        if self._chan is None:
            return
        if self._terminal is not None:
            self._chan.write(data)
        else:
            self._chan.write_stderr(data)

    def pause_typing(self, pause: bool) -> None:
        if self._chan is None or pause == self._paused:
            return
        self._paused = pause
        if pause:
            self._chan.pause_reading()
        else:
            self._chan.resume_reading()

    def told(self, message: dict[str, Any], files: list[int]) -> None:
        hand_over.close_all(files)
        if "goes_on" in message:
            self._has_answered()
        if "locked" in message:
            self.locked = bool(message["locked"])

    def _has_answered(self) -> None:
        if self._silent is not None:
            self._silent.cancel()
            self._silent = None

    def ended(self, status: int) -> None:
        self._has_answered()
        self.line = None
        self._leave(status)

    def _say(self, text: str) -> None:
        self.write_error(f"{text}\r\n".encode())

    def _leave(self, status: int) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        if self._chan is not None:
            self._chan.exit(status & 0xFF)
