"""Between a real terminal and Textual: whatever bytes arrive, the session lives or ends in order.

Stock Textual 8.2.8 dies of one byte of ISO-8859-2, of ``ESC[1114112;1u`` and of a mouse after a resize to nothing; a
typed ``ESC[48;99999;99999;1;1t`` takes 3 GB, a 10 MB paste freezes it for 16 s, a closed line leaves it spinning or
kills it without unmounting (docs/facts.md, *Textual*). Each of these is answered here.
Private names of Textual are used; the version is pinned and tests/tui/test_hostile_bytes.py tells when they move.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Iterable
from concurrent.futures import wait
from typing import Any, Final, TextIO

from textual import events
from textual.app import App, ScreenStackError
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message
from textual.message_pump import MessagePump

from tui.keyboard.reader import InputReader

LARGEST: Final = Size(500, 200)
"""No terminal is drawn larger: a client can ask for any size, and each cell costs memory."""
USUAL: Final = Size(80, 24)
"""For a terminal that does not say how large it is."""
LOOK: Final = 1.0
"""Seconds from one look whether the terminal is there still to the next, while nothing comes from it."""
BACKLOG: Final = 512
"""Messages that wait for the application; from there on typing waits in the kernel instead of in our memory."""
CLOSING_TIME: Final = 15.0
"""Seconds for an orderly end once the session is told to end."""


class SessionEnded(Message):
    """The terminal is gone or the process was told to end. ``status`` is the exit status to leave with."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


def bounded(size: Size) -> Size:
    """``size`` within what is drawn, or :data:`USUAL` when a side is missing."""
    if size.width <= 0 or size.height <= 0:
        return USUAL
    return Size(min(size.width, LARGEST.width), min(size.height, LARGEST.height))


class PatientFile:
    """The terminal as a file that speaks UTF-8 in any locale and takes writes for nothing once the line is cut.

    Without it the writing thread dies of the first EIO and the application waits for its full queue for ever.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._cut = False

    def write(self, text: str) -> int:
        self._attempt(lambda: self._file.buffer.write(text.encode("utf-8", "replace")))
        return len(text)

    def flush(self) -> None:
        self._attempt(self._file.buffer.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def _attempt(self, act: Any) -> None:
        if self._cut:
            return
        try:
            act()
        except (OSError, ValueError):
            self._cut = True


class SafeDriver(LinuxDriver):
    """Passed to the application as ``driver_class``; never chosen by the environment."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=False, mouse=mouse, size=size)
        self._file: Any = PatientFile(sys.__stderr__)  # type: ignore[arg-type]
        self._size = bounded(Size(*size)) if size else Size(*self._get_terminal_size())
        self._ending = False
        self._unsettled = False
        # The thread that reads is woken when it is to end; it need not look every tenth of a second.
        self._end_of_input, self._wake = os.pipe()

    @property
    def can_suspend(self) -> bool:
        """A suspended session would leave a shell or a stopped process behind."""
        return False

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """Nothing: it would start a browser on the server."""

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        for number in (signal.SIGHUP, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._end_session, 128 + number)
        self._ways = self._tty_ways()
        self._loop.add_signal_handler(signal.SIGCONT, self._go_on)
        self._loop.add_signal_handler(signal.SIGWINCH, self._tell_size)

    def _tty_ways(self) -> list[Any] | None:
        try:
            return termios.tcgetattr(self.fileno)
        except (termios.error, OSError):
            return None

    def _go_on(self) -> None:
        """The process was stopped from outside and goes on. Textual would start a second time, with a second thread
        at the same terminal, and could not be ended any more; only what the shell may have changed is taken back."""
        if self._ways is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self._ways)
        for enter in ("\x1b[?1049h", "\x1b[?25l", "\x1b[?1004h"):  # the alternate screen, no cursor, news of the focus
            self.write(enter)
        self._enable_mouse_support()
        self._enable_bracketed_paste()
        self.flush()
        self.process_message(events.Resize(self._measured(), self._measured()))
        with contextlib.suppress(ScreenStackError):
            self._app.screen.refresh(layout=True)

    def _tell_size(self) -> None:
        """The terminal has another size. Textual measures it in the signal's handler, which a second signal interrupts
        between measuring and telling: then the earlier size is told last, and stays."""
        if not self._in_band_window_resize:
            self.process_message(events.Resize(self._measured(), self._measured()))

    def _measured(self) -> Size:
        return Size(*self._get_terminal_size())

    def process_message(self, message: Message) -> None:
        """Sizes are bounded before anything is laid out by them; a size of nothing is no news."""
        if isinstance(message, events.Resize):
            if not message.size.area:
                return
            size = bounded(message.size)
            if size != message.size:
                message = events.Resize(size, size)
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Read until told to stop, or until the terminal is gone."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        reader = InputReader()
        looked = time.monotonic()
        while not self.exit_event.is_set():
            waits = reader.waits
            patience = LOOK if waits is None else min(waits, LOOK)
            ready = select.select([self.fileno, self._end_of_input], [], [], patience)[0]
            if self.fileno in ready:
                data = self._read()
                if data is None:
                    continue
                if not data:
                    self._end_session(128 + signal.SIGHUP)
                    return
                self._pass_on(reader.feed(decode(data)))
                continue
            # Only when nothing is there to be read does it mean anything that nothing came.
            self._pass_on(reader.expire())
            if self.input_tty and time.monotonic() - looked >= LOOK:
                looked = time.monotonic()
                if self._terminal_is_gone():
                    self._end_session(128 + signal.SIGHUP)
                    return

    def disable_input(self) -> None:
        """As Textual's, which waits for the thread that reads; it is woken."""
        with contextlib.suppress(OSError):
            os.write(self._wake, b".")
        super().disable_input()

    def close(self) -> None:
        super().close()
        for number in (self._end_of_input, self._wake):
            os.close(number)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:
            self._loop.call_soon_threadsafe(self._app._handle_exception, error)

    def _get_terminal_size(self) -> tuple[int, int]:
        for file in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
            try:
                return bounded(Size(*os.get_terminal_size(file.fileno())))  # type: ignore[union-attr]
            except (OSError, ValueError, AttributeError):
                continue
        return USUAL

    def _read(self) -> bytes | None:
        """Some bytes; nothing (``b""``) when the line is closed; None when there was nothing to read after all."""
        try:
            return os.read(self.fileno, 4096)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return b""

    def _terminal_is_gone(self) -> bool:
        try:
            termios.tcgetattr(self.fileno)
        except (termios.error, OSError):
            return True
        return False

    def _pass_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            if self._unsettled:
                self._settle()
            while self._backlog() > BACKLOG and not self.exit_event.wait(0.005):
                pass
            self.process_message(message)
            self._unsettled = isinstance(message, events.Key) and not (message.is_printable and self._writing())

    def _settle(self) -> None:
        """Let the key before have its effect: on a slow line ``login``, Tab, ``password`` arrive in one piece.

        Textual runs the bindings of a key after the letters that follow it, so the password would be typed into the
        field of the login, where it can be read.
        """
        calm = asyncio.run_coroutine_threadsafe(self._calm(), self._loop)
        for _slice in range(10):
            if calm.done() or self.exit_event.is_set():
                break
            wait([calm], timeout=0.05)
        calm.cancel()

    async def _calm(self) -> None:
        """Until nothing has waited between the focused widget and the application for 20 turns of the loop (1 ms), and
        what the key asked of the desk is done: the screen it opens is where the next letters belong."""
        quiet = 0
        while quiet < 20:
            doing = self._doing()
            waiting = doing or any(pump._message_queue.qsize() for pump in self._typed_into())
            quiet = 0 if waiting else quiet + 1
            await asyncio.sleep(0.002 if doing else 0)

    def _doing(self) -> bool:
        """Whether a deed of the screen on top is under way (tui.screens.base); one that asks has its dialog on top."""
        try:
            return bool(getattr(self._app.screen, "under_way", ()))
        except ScreenStackError:
            return False

    def _writing(self) -> bool:
        """Whether letters are being written; elsewhere they are commands, and ``g c`` is not ``g`` beside ``c``."""
        try:
            # What Input and TextArea have in common; importing TextArea here would cost the first frame 15 ms.
            return hasattr(self._app.focused, "cursor_blink")
        except ScreenStackError:
            return False

    def _typed_into(self) -> list[MessagePump]:
        try:
            focused = self._app.focused or self._app.screen
        except ScreenStackError:
            return [self._app]
        return list(focused.ancestors_with_self)

    def _backlog(self) -> int:
        """Messages waiting for the application or for the widget that is typed into."""
        return max(pump._message_queue.qsize() for pump in self._typed_into())

    def _end_session(self, status: int) -> None:
        """End in order, and at all events: a stuck handler is not waited for beyond :data:`CLOSING_TIME`."""
        if self._ending:
            return
        self._ending = True
        last_resort = threading.Timer(CLOSING_TIME, os._exit, (status,))
        last_resort.daemon = True
        last_resort.start()
        asyncio.run_coroutine_threadsafe(self._app._post_message(SessionEnded(status)), self._loop)
