"""``ssh desk@… invoice NUMBER [--xml] > FILE``: one's own invoice as a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.errors import DeskError
from core.i18n.translation import N_

if TYPE_CHECKING:
    from core.service.desk import Desk

XML = "--xml"


def run(desk: Desk, words: Sequence[str]) -> int:
    """Write the file's bytes where the client keeps them; never on a terminal, which would obey them."""
    from core.billing import invoices  # deferred: what a session shares is loaded by then

    numbers = [word for word in words if word != XML]
    if len(numbers) != 1:
        raise DeskError(N_("Say which invoice: invoice NUMBER > FILE, or invoice NUMBER --xml > FILE"))
    if sys.stdout.isatty():
        raise DeskError(N_("This writes a file: without -t, and with > FILE at the end."))
    invoice_id = desk.see(invoices.by_number, numbers[0])
    file = desk.see(invoices.xml if XML in words else invoices.pdf, invoice_id)
    sys.stdout.buffer.write(file.content)
    sys.stdout.buffer.flush()
    return 0
