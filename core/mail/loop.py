"""The worker that keeps running: in a thread of an application that is alone, or as ``okienko mail deliver --follow``.

Claims alone keep two workers apart; the lock file beside the desk only saves every open application from polling.
"""

import threading
from collections.abc import Callable

from core import paths
from core.errors import DeskError
from core.mail import delivery
from core.mail.backend import open_transport
from core.mail.delivery import Delivered
from core.mail.transport import Transport
from core.service import mail_bell
from core.service.desk import Desk

POLL = 5.0
"""Seconds after which mail that another process promised is noticed, and a lock that somebody let go."""
LONGEST_REST = 300.0
"""Seconds between two tries to reach a server that can't be reached; they grow from :data:`POLL`."""


class Deliverer:
    """Delivers mail until it is stopped. :meth:`start` and :meth:`stop` for a thread; :meth:`run_until` for a command.

    ``listener`` is called, in the worker's thread, with every round that did something or was stopped.
    """

    def __init__(self, desk: Desk, listener: Callable[[Delivered], None] | None = None) -> None:
        self._desk = desk.as_system()
        self._listener = listener
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self.run_until, args=(self._stop,), name="mail", daemon=True)
        self._thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """Ask it to end after the mail it is sending, and wait up to ``timeout`` seconds for that."""
        self._stop.set()
        self._desk.mail_waits.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def run_until(self, stop: threading.Event) -> Delivered:
        """Wait for the lock, then deliver whatever becomes due until ``stop`` is set."""
        total = Delivered()
        while not stop.is_set():
            with paths.alone(self._desk.settings.data_dir, "mail.lock") as alone:
                if alone:
                    with mail_bell.heard(self._desk.settings.data_dir, self._desk.mail_waits):
                        self._work(stop, total)
            stop.wait(POLL)
        return total

    def _work(self, stop: threading.Event, total: Delivered) -> None:
        transport = open_transport(self._desk.settings)
        rest = POLL
        try:
            while not stop.is_set():
                self._desk.mail_waits.clear()
                done = self._round(transport, stop)
                total += done
                if self._listener is not None and done != Delivered():
                    self._listener(done)
                rest = min(rest * 2, LONGEST_REST) if done.stopped else POLL
                self._pause(transport, rest, stop, unreachable=bool(done.stopped))
        finally:
            transport.close()

    def _round(self, transport: Transport, stop: threading.Event) -> Delivered:
        try:
            return delivery.rounds(self._desk, transport, stop)
        except DeskError as error:  # the database or the settings: nothing was lost, the next round tries again
            return Delivered(stopped=error.text())
        except Exception as error:  # told, and tried again: a thread that ended would leave all mail lying
            return Delivered(stopped=f"{delivery.FAULT}: {delivery.place(error)}")

    def _pause(self, transport: Transport, rest: float, stop: threading.Event, *, unreachable: bool) -> None:
        """Until mail is promised here or ``rest`` is over. Idle connections are not kept: servers cut them anyway."""
        if unreachable:
            stop.wait(rest)
        elif not self._desk.mail_waits.wait(0.2):
            transport.close()
            self._desk.mail_waits.wait(rest)
