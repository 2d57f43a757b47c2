"""``okienko invoice NUMBER [--xml] > FILE``: one's own invoice as a file, for whoever this computer remembers."""

from __future__ import annotations

import argparse
import sys

from core.errors import DeskError
from core.i18n.translation import N_, _
from tui.machine.desk import allowed, load_settings
from tui.machine.terminal import complain

WRONG_USAGE = 2


def run(args: argparse.Namespace) -> int:
    """Write the file's bytes where the output goes; never on a terminal, which would obey them."""
    if sys.stdout.isatty():
        ending = "xml" if args.xml else "pdf"
        command = f"okienko invoice {args.number}{' --xml' if args.xml else ''} > invoice.{ending}"
        complain(_("This writes a file. Say which: {command}").format(command=command))
        return WRONG_USAGE
    settings = load_settings()
    from core.billing import email_copy, invoices  # deferred: start-up, a command loads what it runs
    from core.service.desk import Desk
    from tui import session  # deferred: start-up, a command loads what it runs

    desk = Desk.open(settings, may=allowed(settings))
    try:
        if not desk.see(email_copy.may_save):  # the account that sshd runs this under is everybody's
            raise DeskError(N_("Over SSH nobody is remembered. An invoice can be mailed from where it is shown."))
        entered = session.resume(desk)
        if entered is None:
            raise DeskError(
                N_(
                    "Nobody is remembered here. Open “okienko”, log in with “Remember me on this computer”, "
                    "and try again."
                )
            )
        mine = desk.acting(entered.session_id)
        invoice_id = mine.see(invoices.by_number, args.number)
        file = mine.see(invoices.xml if args.xml else invoices.pdf, invoice_id)
    finally:
        desk.close()
    sys.stdout.buffer.write(file.content)
    sys.stdout.buffer.flush()
    return 0
