"""How bills are said: what state one is in, and what has to be written on a transfer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from textual.content import Content

from core.billing.invoices import InvoiceDetail, InvoiceRow
from core.billing.money import NBSP, amount, figures
from core.billing.statement import INVOICE, StatementEntry, Summary
from core.billing.transfer_code import grouped
from core.i18n import dates
from core.i18n.translation import N_, _, language, ngettext
from tui.text import plain

Facts = list[tuple[str, Content | str]]
ROOM_FOR_TWO = 140
"""Columns from which two cards stand side by side above a list of bills; below, there is the more important one."""

SOON = 3
"""Days before it is due from which a bill is no longer told in the calm colour."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What to pay, to whom; ``code`` is what a banking app reads off the picture, empty where there is none."""

    recipient: str
    account: str
    title: str
    grosze: int
    code: str


def of_summary(summary: Summary) -> Transfer:
    """For everything that is unpaid."""
    return Transfer(summary.recipient, summary.account, summary.title, summary.to_pay, summary.code)


def of_invoice(invoice: InvoiceDetail) -> Transfer:
    """For what is unpaid of one invoice."""
    return Transfer(invoice.document.seller.name, invoice.account, invoice.row.number, invoice.row.unpaid, invoice.code)


def transfer_facts(transfer: Transfer) -> Facts:
    """A transfer as a card's lines."""
    return [
        (N_("Recipient"), transfer.recipient),
        (N_("Account number"), grouped(transfer.account)),
        (N_("Transfer title"), transfer.title),
        (N_("Amount"), plain(amount(transfer.grosze)).stylize("bold")),
    ]


def due(unpaid: int, gross: int, due_on: dt.date, overdue: bool, today: dt.date) -> Content:
    """Paid, to be paid within so many days, or late by so many: glyph, word and colour."""
    if unpaid <= 0:
        return plain("✓ " + _("paid in full")).stylize("$text-success")
    if overdue:
        n = max((today - due_on).days, 1)
        return plain("▲ " + ngettext("{n} day late", "{n} days late", n).format(n=n)).stylize("bold $text-error")
    left = max((due_on - today).days, 0)
    words = ngettext("due in {n} day", "due in {n} days", left).format(n=left) if left else _("due today")
    glyph = "◐" if unpaid < gross else "○"
    return plain(f"{glyph} {words}").stylize("$text-warning" if left <= SOON else "$text-accent")


def row_state(row: InvoiceRow, today: dt.date) -> Content:
    """:func:`due` of an invoice in a list; of one that is not to be paid whether it corrects or was corrected."""
    if row.corrects and row.gross <= 0:
        return correction()
    if row.corrected and row.unpaid <= 0:
        return corrected()
    return due(row.unpaid, row.gross, row.due_on, row.overdue, today)


def correction() -> Content:
    """Of a correction by which nothing is to be paid."""
    return plain("± " + _("correction")).stylize("$text-muted")


def corrected() -> Content:
    """Of an invoice that another one corrects, and of which nothing is left to pay."""
    return plain("✓ " + _("corrected")).stylize("$text-success")


def row_due(row: InvoiceRow) -> str:
    """The day of an invoice in a list; none of a correction by which nothing is to be paid."""
    return "" if row.corrects and row.gross <= 0 else dates.day(row.due_on)


def entry_due(entry: StatementEntry) -> str:
    """:func:`row_due` of a row of a statement; a payment has none."""
    return "" if entry.due_on is None or (entry.corrects and entry.amount >= 0) else dates.day(entry.due_on)


def numbered(number: str, corrects: str) -> Content:
    """An invoice's number; of a correction with the one it corrects behind it."""
    text = plain(number)
    return text + plain(f" → {corrects}").stylize("$text-muted") if corrects else text


def entry_state(entry: StatementEntry, today: dt.date) -> Content:
    """:func:`due` of an invoice in a statement; of a payment that it came in, or went back."""
    if entry.corrects and entry.amount >= 0:
        return correction()
    if entry.corrected and entry.unpaid <= 0:
        return corrected()
    if entry.kind == INVOICE and entry.due_on is not None:
        return due(entry.unpaid, -entry.amount, entry.due_on, entry.overdue, today)
    if entry.amount < 0:
        return plain("← " + _("paid back")).stylize("$text-muted")
    return plain("+ " + _("payment")).stylize("$text-success")


def signed(grosze: int) -> str:
    """Figures with their sign, for a column whose head names the currency."""
    written = figures(grosze)
    return f"+{written}" if grosze > 0 else written.replace("-", "\N{MINUS SIGN}")


def currency() -> str:
    """How the head of a column of figures names it."""
    return "zł" if language() == "pl" else "PLN"


def headed(label: str) -> str:
    """``Amount, PLN``: the head of a column of figures."""
    return f"{_(label)},{NBSP}{currency()}"
