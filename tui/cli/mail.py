"""``okienko mail deliver|retry|list``."""

from __future__ import annotations

import argparse
import signal
from dataclasses import asdict
from typing import TYPE_CHECKING

from core.i18n.translation import _, ngettext
from tui.machine.desk import open_desk
from tui.machine.terminal import complain, tell, tell_json

if TYPE_CHECKING:
    from core.mail.delivery import Delivered
    from core.service.desk import Desk


def deliver(args: argparse.Namespace) -> int:
    """Send what is due, once or until stopped; 1 when a letter failed or the server can't be reached."""
    from core.mail import delivery  # deferred: start-up, a command loads what it runs

    with open_desk() as desk:
        if args.follow:
            return _follow(desk)
        done = delivery.deliver(desk)
        _tell(done)
        return int(bool(done.failed or done.stopped))


def _follow(desk: Desk) -> int:
    """The signals are waited for instead of handled, so that the mail in hand is finished first."""
    from core.mail.loop import Deliverer  # deferred: start-up, a command loads what it runs

    ends = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    running = Deliverer(desk, _tell)
    try:
        running.start()
        tell(_("Delivering mail. Ctrl+C ends it."))
        signal.sigwait(ends)
        running.stop()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return 0


def _tell(done: Delivered) -> None:
    from core.mail.transport import explain  # deferred: start-up, a command loads what it runs

    tell(
        _("Sent: {sent}, to be tried again: {postponed}, failed: {failed}.").format(
            sent=done.sent, postponed=done.postponed, failed=done.failed
        )
    )
    if done.stopped:
        complain(explain(done.stopped))


def retry(args: argparse.Namespace) -> int:
    """Put failed letters (all, or those named) back in the queue."""
    from core.mail import admin_list  # deferred: start-up, a command loads what it runs

    with open_desk() as desk:
        number = desk.do(admin_list.retry, args.ids or None)
    tell(ngettext("{n} letter is in the queue again.", "{n} letters are in the queue again.", number).format(n=number))
    return 0


def show(args: argparse.Namespace) -> int:
    """The latest letters, newest first, by the desk's clocks; never what is in them."""
    from zoneinfo import ZoneInfo  # deferred: start-up, a command loads what it runs

    from core.db.pagination import PageRequest  # deferred: start-up, a command loads what it runs
    from core.mail import admin_list

    with open_desk() as desk:
        zone = ZoneInfo(desk.settings.desk.zone)
        page = desk.see(admin_list.outbox, PageRequest(limit=max(1, args.limit)), args.state)
    if args.json:
        tell_json([asdict(row) for row in page.rows])
        return 0
    for row in page.rows:
        made = row.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
        tell(f"{row.id:>7}  {row.state:<9}  {made}  {row.letter:<20}  {row.address}  {row.error}".rstrip())
    if not page.rows:
        tell(_("There are no letters here."))
    elif page.more_after:
        tell(_("There are more; --limit shows them."))
    return 0
