"""One visitor's session as their door sees it: the terminal's other end, and the two sockets it is talked about on."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
import socket
import struct
import termios
import tty
from pathlib import Path
from typing import Any, Protocol

from tui.serve import hand_over
from tui.serve.hand_over import Visitor

MOST_COLUMNS, MOST_ROWS = 500, 200
PIECE = 64 * 1024
"""Bytes read from the program at once."""
TYPED_AHEAD = 64 * 1024
"""Bytes that wait for a program that doesn't read; the door stops reading from its client then."""
LOST = 255
"""The status of a session whose end nobody has told."""

RESET = b"\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[0m"
"""Brings a terminal back whose program ended without doing so itself."""
_MODES = re.compile(rb"\x1b\[\?([0-9;]{1,40})([hl])")
_UNFINISHED = re.compile(rb"\x1b(?:\[(?:\?[0-9;]{0,40})?)?\Z")
"""What a terminal says comes in pieces of 4 kB, and a piece ends anywhere."""
_FULL_SCREEN = b"1049"
_PASSING = b"2026"
"""Not set for long: that a frame is being drawn."""
MOST_MODES = 64


class Door(Protocol):
    """What a line calls: the door's side of one connection."""

    def write(self, data: bytes) -> None:
        """Bytes for the client's terminal."""

    def write_error(self, data: bytes) -> None:
        """Bytes that a command without a terminal says of what went wrong."""

    def pause_typing(self, pause: bool) -> None:
        """Read nothing more from the client for now, or go on."""

    def told(self, message: dict[str, Any], files: list[int]) -> None:
        """What the session says on the side channel; the files are the door's to close."""

    def ended(self, status: int) -> None:
        """The session is over; nothing comes any more."""


class Line:
    """A session's terminal (or pipes), held by its door. All of it runs in the door's event loop.

    Both ways are bounded: what the program says waits in its own terminal while the door is paused, and what the client
    types waits at the client while the program doesn't read.
    """

    def __init__(self, door: Door) -> None:
        self.door = door
        self._loop = asyncio.get_running_loop()
        self._master: int | None = None
        self._errors: int | None = None
        self._input: int | None = None
        self._link: socket.socket | None = None
        self._side: socket.socket | None = None
        self._waiting = bytearray()
        self._paused = False
        self._input_ended = False
        self._modes: dict[bytes, bytes] = {}
        """How the program has set the client's terminal: ``h`` or ``l`` by the mode's number."""
        self._begun = b""
        """A sequence whose end has not come yet."""
        self.columns, self.rows = 80, 24

    @property
    def is_open(self) -> bool:
        """Whether the session is still there."""
        return self._link is not None

    def open(self, parent: Path, visitor: Visitor, columns: int = 80, rows: int = 24) -> None:
        """Hand a new terminal (or three pipes) to the parent process, which starts the session.

        Raises:
            OSError: No parent listens there.
        """
        link = hand_over.open_socket()
        ends: list[int] = []
        side, theirs = hand_over.pair()
        try:
            link.connect(str(parent))
            ends = self._terminal(columns, rows) if visitor.terminal else self._pipes()
            if not hand_over.send(link, visitor.message(), [*ends, theirs.fileno()]):
                raise ConnectionError("the parent took no message")
        except OSError:
            link.close()
            side.close()
            self._close_files()
            raise
        finally:
            hand_over.close_all(ends)
            theirs.close()
        link.setblocking(False)
        side.setblocking(False)
        self._link, self._side = link, side
        self._loop.add_reader(link, self._hear_parent)
        self._loop.add_reader(side, self._hear_session)
        self._read_on()

    def _terminal(self, columns: int, rows: int) -> list[int]:
        master, slave = os.openpty()
        tty.setraw(slave)  # what is typed before the program reads is neither echoed nor a signal
        os.set_blocking(master, False)
        self._master = self._input = master
        self.resize(self.columns, self.rows)  # for a client that has no size yet
        self.resize(columns, rows)
        return [slave]

    def _pipes(self) -> list[int]:
        (theirs_in, ours_in), (ours_out, theirs_out), (ours_err, theirs_err) = os.pipe(), os.pipe(), os.pipe()
        for number in (ours_in, ours_out, ours_err):
            os.set_blocking(number, False)
        self._input, self._master, self._errors = ours_in, ours_out, ours_err
        return [theirs_in, theirs_out, theirs_err]

    # From the program

    def pause(self) -> None:
        """Leave what the program says where it is."""
        self._paused = True
        for number in (self._master, self._errors):
            if number is not None:
                self._loop.remove_reader(number)

    def resume(self) -> None:
        """Go on reading what the program says."""
        self._paused = False
        self._read_on()

    def _read_on(self) -> None:
        if self._paused:
            return
        if self._master is not None:
            self._loop.add_reader(self._master, self._read_output)
        if self._errors is not None:
            self._loop.add_reader(self._errors, self._read_errors)

    def _read_output(self) -> None:
        data = self._read(self._master)
        if data is None:
            return
        if not data:
            self._no_more_output()
            return
        self._note_modes(data)
        self.door.write(data)

    def _note_modes(self, data: bytes) -> None:
        data = self._begun + data
        for mode in _MODES.finditer(data):
            for number in mode[1].split(b";"):
                if number != _PASSING and (number in self._modes or len(self._modes) < MOST_MODES):
                    self._modes[number] = mode[2]
        begun = _UNFINISHED.search(data)
        self._begun = begun[0] if begun else b""

    def modes(self) -> bytes:
        """What sets a terminal that has seen nothing as the program has set this one; :meth:`redraw` does the rest."""
        return b"".join(b"\x1b[?%s%s" % (number, way) for number, way in self._modes.items())

    def _no_more_output(self) -> None:
        """Nobody holds the other end any more; what can still be typed at a pipe stays until its end is told."""
        if self._master is None:
            return
        self._loop.remove_reader(self._master)
        if self._master != self._input:
            os.close(self._master)
            self._master = None

    def _read_errors(self) -> None:
        data = self._read(self._errors)
        if data:
            self.door.write_error(data)
        elif data is not None and self._errors is not None:
            self._loop.remove_reader(self._errors)
            os.close(self._errors)
            self._errors = None

    def _read(self, number: int | None) -> bytes | None:
        """Some bytes; nothing at the end; None when there are none now."""
        if number is None:
            return None
        try:
            return os.read(number, PIECE)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    # To the program

    def type(self, data: bytes) -> None:
        """What the client has typed; nothing of it is lost, however much it is."""
        if self._input is None:
            return
        self._waiting += data
        self._feed()

    def end_input(self) -> None:
        """The client sends nothing more: a pipe ends, a terminal stays."""
        self._input_ended = True
        self._feed()

    def _feed(self) -> None:
        if self._input is None:
            return
        try:
            while self._waiting:
                del self._waiting[: os.write(self._input, self._waiting[:PIECE])]
        except BlockingIOError:
            pass
        except OSError:
            self._waiting.clear()
        if self._waiting:
            self._loop.add_writer(self._input, self._feed)
        else:
            self._loop.remove_writer(self._input)
            if self._input_ended and self._input != self._master:
                os.close(self._input)
                self._input = None
        self.door.pause_typing(len(self._waiting) > TYPED_AHEAD)

    def resize(self, columns: int, rows: int) -> None:
        """The client's terminal has another size; one of nothing is no news."""
        if columns <= 0 or rows <= 0:
            return
        self.columns, self.rows = min(columns, MOST_COLUMNS), min(rows, MOST_ROWS)
        if self._master is not None and self._master == self._input:
            with contextlib.suppress(OSError):
                fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    def redraw(self) -> None:
        """Have the program draw everything, for a terminal that has seen nothing yet: sizes that move do that."""
        columns, rows = self.columns, self.rows
        self.resize(columns, rows - 1 if rows > 2 else rows + 1)
        self._loop.call_later(0.05, self.resize, columns, rows)

    def tell(self, message: dict[str, Any]) -> None:
        """Say something to the session."""
        if self._side is not None:
            hand_over.send(self._side, message)

    def signal(self, number: int) -> None:
        """Have the parent send the session a signal."""
        if self._link is not None:
            hand_over.send(self._link, {"signal": number})

    # Talk

    def _hear_parent(self) -> None:
        if self._link is None:
            return
        try:
            got = hand_over.receive(self._link)
        except BlockingIOError:
            return
        except hand_over.BadHandOver:
            got = None
        if got is None:
            self._end(LOST)
            return
        message, files = got
        hand_over.close_all(files)
        if "refused" in message:
            self.door.write_error(f"{message['refused']}\r\n".encode())
            self._end(75)
        elif "hang_up" in message:  # it was told to end and doesn't: its terminal goes away
            self._hang_up()
        elif "exit" in message:
            self._end(int(message["exit"]))

    def _hear_session(self) -> None:
        if self._side is None:
            return
        try:
            got = hand_over.receive(self._side)
        except (BlockingIOError, hand_over.BadHandOver):
            return
        if got is None:
            self._loop.remove_reader(self._side)
            self._side.close()
            self._side = None
            return
        self.door.told(*got)

    def _end(self, status: int) -> None:
        """The session is over: what it has said last is passed on, and a terminal that it left full is reset."""
        if self._link is None:
            return
        for number, write in ((self._master, self.door.write), (self._errors, self.door.write_error)):
            while data := self._read(number):
                self._note_modes(data)
                write(data)
        if self._modes.get(_FULL_SCREEN) == b"h":
            self.door.write(RESET)
        self.close()
        self.door.ended(status)

    def _hang_up(self) -> None:
        if self._modes.get(_FULL_SCREEN) == b"h":
            self.door.write(RESET)
        self._close_files()

    def close(self) -> None:
        """Let go of the session: its terminal hangs up."""
        for link in (self._link, self._side):
            if link is not None:
                self._loop.remove_reader(link)
                link.close()
        self._link = self._side = None
        self._close_files()

    def _close_files(self) -> None:
        files = {number for number in (self._master, self._errors, self._input) if number is not None}
        self._master = self._errors = self._input = None
        for number in files:
            self._loop.remove_reader(number)
            self._loop.remove_writer(number)
            os.close(number)
