"""Delivering what was promised: claim some letters, send them outside of any transaction, book each one's outcome.

At least once, with an id that never changes; two workers never have the same letter in hand. Whatever is raised while
one letter is made or sent fails that letter alone; a server that can't be reached ends the round and costs one letter
one try; one that takes nothing from this desk ends it and costs none (:mod:`core.mail.stops`).
"""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage

from core.i18n.translation import N_
from core.mail import attachments, leases, mime, stops, templates
from core.mail.backend import open_transport
from core.mail.leases import Claimed
from core.mail.transport import Permanent, Temporary, Transport, Unreachable, Unwelcome
from core.service.desk import Desk

BATCH = 20
BROKEN = N_("This letter could not be made")
UNSENDABLE = N_("This letter could not be sent")
FAULT = N_("The mail worker met a fault")
BEGIN_WITHIN = dt.timedelta(seconds=30)
"""How long after a claim a mail of it is still begun."""
STEPS = 12
"""A mail takes fewer answers of the server than this, each within the timeout; so a claim outlives its last mail."""


@dataclass(slots=True)
class Delivered:
    """What came of a round. ``stopped`` is why it ended before all that was due was tried (see :func:`explain`)."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0
    stopped: str = ""
    asked: bool = field(default=False, compare=False)
    """Whether the server has said something about a letter; one that can't be made asks nobody."""

    def __iadd__(self, other: "Delivered") -> "Delivered":
        self.sent += other.sent
        self.postponed += other.postponed
        self.failed += other.failed
        self.stopped = other.stopped
        self.asked = self.asked or other.asked
        return self


def deliver(
    desk: Desk,
    follow: bool = False,
    stop: threading.Event | None = None,
    listener: Callable[[Delivered], None] | None = None,
) -> Delivered:
    """Send everything that is due. With ``follow`` go on until ``stop`` is set, as the only worker of this desk's
    folder, waiting for another one that runs; ``listener`` hears of each round that did something.

    ``stop`` is noticed within seconds, or at once when ``desk.mail_waits`` is set too.
    """
    if follow:
        from core.mail.loop import Deliverer  # deferred: the loop is made of what is here

        return Deliverer(desk, listener).run_until(stop or threading.Event())
    transport = open_transport(desk.settings)
    try:
        return rounds(desk.as_system(), transport, stop)
    finally:
        transport.close()


def rounds(desk: Desk, transport: Transport, stop: threading.Event | None = None) -> Delivered:
    """Batch after batch until nothing is due, the server can't be reached, or ``stop`` is set."""
    mime.sender(desk.settings)  # a sender that is no address must not cost every letter its life
    why, asking = desk.see(stops.pending)
    if why:
        return Delivered(stopped=why)
    total = Delivered()
    lease = BEGIN_WITHIN + dt.timedelta(seconds=STEPS * desk.settings.mail.timeout)
    while not _stopped(stop) and desk.see(leases.anything_due):
        batch = desk.do(leases.claim, 1 if asking else BATCH, lease)
        done = _batch(desk, transport, batch, desk.now + BEGIN_WITHIN, stop)
        total += done
        if total.stopped or not batch:
            break
        if asking and done.asked:
            desk.do(stops.end)
            asking = False
    return total


def _stopped(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()


def _batch(
    desk: Desk, transport: Transport, batch: list[Claimed], until: dt.datetime, stop: threading.Event | None
) -> Delivered:
    """Send a batch while its claim surely holds; what is left then is given back untried."""
    done = Delivered()
    for at, taken in enumerate(batch):
        if desk.now >= until or _stopped(stop):
            desk.do(leases.given_back, batch[at:])
            break
        done += _one(desk, transport, taken)
        if done.stopped:
            desk.do(leases.given_back, batch[at + 1 :])
            break
    return done


def _one(desk: Desk, transport: Transport, taken: Claimed) -> Delivered:
    try:
        message = _message(desk, taken)
    except Exception as error:  # whatever is wrong with one letter must not stop the next one
        desk.do(leases.failed, taken, f"{BROKEN}: {place(error)}")
        return Delivered(failed=1)
    try:
        transport.send(message)
    except Permanent as error:
        desk.do(leases.failed, taken, error.stored_text)
        return Delivered(failed=1, asked=True)
    except Unwelcome as error:
        desk.do(leases.given_back, [taken])
        desk.do(stops.begin, error.stored_text)
        return Delivered(stopped=error.stored_text)
    except Temporary as error:
        waits = desk.do(leases.postponed, taken, error.stored_text)
        stopped = error.stored_text if isinstance(error, Unreachable) else ""
        return Delivered(postponed=int(waits), failed=int(not waits), stopped=stopped, asked=not stopped)
    except Exception as error:  # a library's, at a letter that is like no other: what was said on the line is unknown
        transport.close()
        desk.do(leases.failed, taken, f"{UNSENDABLE}: {place(error)}")
        return Delivered(failed=1)
    desk.do(leases.sent, taken)
    return Delivered(sent=1, asked=True)


def _message(desk: Desk, taken: Claimed) -> EmailMessage:
    letter = templates.render(
        taken.letter, taken.language, taken.details, taken.secrets(desk.keys), desk.settings, zone=taken.zone
    )
    return mime.build(
        letter,
        settings=desk.settings,
        keys=desk.keys,
        to=taken.address,
        message_id=taken.message_id,
        at=taken.created_at,
        ticket_id=taken.ticket_id,
        files=attachments.of(desk, taken),
    )


def place(error: Exception) -> str:
    """Which error, and where; its text might quote a code."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"
