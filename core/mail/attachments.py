"""What goes with a letter: made when it is sent, from what the letter promised, so that the outbox stays small."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.billing.invoices import File
    from core.mail.leases import Claimed
    from core.service.desk import Desk

_WITH_INVOICE = frozenset({"invoice_issued", "correction_issued", "invoice_copy"})


def of(desk: Desk, taken: Claimed) -> list[File]:
    """The files of a letter in hand; most have none."""
    if taken.letter not in _WITH_INVOICE:
        return []
    from core.billing.invoices import attached  # deferred: start-up, loaded when a letter brings one

    return [desk.see(attached, taken.details["invoice_id"], taken.language)]
