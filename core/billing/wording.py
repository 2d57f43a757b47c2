"""What the paper and the screen say alike of an invoice, in the language being spoken."""

from __future__ import annotations

from collections.abc import Iterator

from core.billing.amount_words import in_words
from core.billing.invoice_document import DocumentLine, InvoiceDocument
from core.billing.money import MOST
from core.i18n.translation import gettext as _
from core.i18n.translation import language


def lowers(invoice: InvoiceDocument) -> bool:
    """Whether it is a correction by which nothing is to be paid."""
    return invoice.correction is not None and invoice.gross <= 0


def due_label(invoice: InvoiceDocument) -> str:
    """What :func:`due_amount` is called."""
    return _("Amount of the correction") if lowers(invoice) else _("To pay")


def due_amount(invoice: InvoiceDocument) -> int:
    """The amount that stands out: what is to be paid, or by what a correction changes it."""
    return invoice.gross if lowers(invoice) else invoice.to_pay


def spelled(grosze: int) -> str:
    """An amount in words, below zero too."""
    if abs(grosze) > MOST:
        return "…"
    words = in_words(abs(grosze), language())
    return _("minus {words}").format(words=words) if grosze < 0 else words


def without_payment(invoice: InvoiceDocument) -> str:
    """Why there is nothing to pay."""
    if not lowers(invoice):
        return _("Nothing is left to pay. Thank you.")
    if invoice.gross:
        return _("This correction lowers what is to be paid. Nothing has to be done.")
    return _("This correction changes no amount.")


def parts(invoice: InvoiceDocument) -> Iterator[tuple[int, DocumentLine, str]]:
    """The lines with their numbers, those before a correction first, and what stands above each part of them; nothing
    does above the lines of an invoice."""
    numbered = list(enumerate(invoice.lines, start=1))
    if invoice.correction is None:
        yield from ((number, line, "") for number, line in numbered)
    elif not any(line.before for line in invoice.lines):
        yield from ((number, line, _("Differences")) for number, line in numbered)
    else:
        yield from ((number, line, _("Before the correction")) for number, line in numbered if line.before)
        yield from ((number, line, _("After the correction")) for number, line in numbered if not line.before)
