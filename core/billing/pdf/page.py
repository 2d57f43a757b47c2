"""What stands where on a printed invoice. The law's list of what must be there is art. 106e of the VAT act."""

from __future__ import annotations

from collections.abc import Sequence

from core.billing import transfer_code
from core.billing.invoice_document import InvoiceDocument, Party
from core.billing.money import amount
from core.billing.pdf.sheet import ACCENT, BODY, BOLD, GAP, LARGE, LEAD, LEFT, MUTED, SMALL, TOP, WIDTH, Sheet
from core.billing.pdf.table import draw_lines, draw_totals
from core.billing.wording import due_amount, due_label, lowers, without_payment
from core.i18n import dates
from core.i18n.translation import gettext as _
from core.i18n.translation import language

_QR = 31.0
"""Side of the code without its light border; the recommendation asks for 18 at least."""


def draw(invoice: InvoiceDocument) -> bytes:
    """The whole document, in the language being spoken (:func:`core.i18n.translation.speaking`)."""
    pattern = _("Correcting invoice {number}") if invoice.correction else _("VAT invoice {number}")
    title = pattern.format(number=invoice.number)
    with Sheet(title=title, author=invoice.seller.name, language=language(), day=invoice.issued_on) as sheet:
        sheet.running = lambda: _running_head(sheet, invoice, title)
        _head(sheet, invoice)
        _facts(sheet, invoice)
        _corrects(sheet, invoice)
        _parties(sheet, invoice)
        draw_lines(sheet, invoice)
        draw_totals(sheet, invoice)
        _payment(sheet, invoice)
        _notes(sheet, invoice)
        _feet(sheet, invoice)
        return bytes(sheet.output())


def _head(sheet: Sheet, invoice: InvoiceDocument) -> None:
    sheet.box(0, 0, 210, 3, ACCENT)
    sheet.font(LARGE, BOLD, ACCENT)
    sheet.lines(LEFT, TOP + 1.2, sheet.clipped(invoice.seller.name, WIDTH * 0.52, 2), width=WIDTH * 0.52)
    half = LEFT + WIDTH * 0.55
    sheet.font(BODY, colour=MUTED)
    kind = _("Correcting invoice") if invoice.correction else _("VAT invoice")
    sheet.put(half, TOP, kind, width=WIDTH * 0.45, align="R")
    sheet.font(19, BOLD)
    sheet.put(half, TOP + 4.4, invoice.number, width=WIDTH * 0.45, align="R")
    sheet.set_y(TOP + 19)


def _running_head(sheet: Sheet, invoice: InvoiceDocument, title: str) -> None:
    sheet.box(0, 0, 210, 3, ACCENT)
    sheet.font(SMALL, BOLD, ACCENT)
    sheet.put(LEFT, TOP - 5, invoice.seller.name, width=WIDTH * 0.5)
    sheet.font(SMALL, colour=MUTED)
    sheet.put(LEFT + WIDTH * 0.5, TOP - 5, title, width=WIDTH * 0.5, align="R")
    sheet.set_y(TOP + 3)


def _facts(sheet: Sheet, invoice: InvoiceDocument) -> None:
    """The days and the sum, where the eye lands first."""
    facts = [
        (_("Date of issue"), dates.day(invoice.issued_on)),
        (_("Date of sale"), dates.day(invoice.sold_on)),
    ]
    if not lowers(invoice):
        facts.append((_("Payment due"), dates.day(invoice.due_on)))
    y, height = sheet.get_y(), 15.0
    sheet.box(LEFT, y, WIDTH, height)
    step = (WIDTH - 56) / len(facts)
    for number, (label, value) in enumerate(facts):
        x = LEFT + 4 + number * step
        sheet.label(x, y + 3, label, width=step - 4)
        sheet.font(11, BOLD)
        sheet.put(x, y + 7.2, value, width=step - 4)
    sheet.box(LEFT + WIDTH - 52, y, 52, height, ACCENT)
    sheet.font(SMALL, colour=(214, 232, 236))
    sheet.put(LEFT + WIDTH - 48, y + 3, due_label(invoice), width=44)
    sheet.font(14, BOLD, (255, 255, 255))
    sheet.put(LEFT + WIDTH - 48, y + 6.6, amount(due_amount(invoice)), width=44)
    sheet.set_y(y + height + GAP)


def _corrects(sheet: Sheet, invoice: InvoiceDocument) -> None:
    """Which invoice is corrected, and why (art. 106j sec. 2 of the VAT act)."""
    correction = invoice.correction
    if correction is None:
        return
    reference = _("{number} of {day}").format(number=correction.number, day=dates.day(correction.issued_on))
    y = sheet.get_y()
    for label, value in ((_("Corrected invoice"), reference), (_("Reason for the correction"), correction.reason)):
        sheet.font(BODY, BOLD)
        texts = sheet.clipped(value, WIDTH - 50, 4)
        if texts:
            sheet.font(BODY, colour=MUTED)
            sheet.put(LEFT, y, label, width=48)
            sheet.font(BODY, BOLD)
            y = sheet.lines(LEFT + 50, y, texts, width=WIDTH - 50) + 0.6
    sheet.set_y(y + GAP - 1)


def _parties(sheet: Sheet, invoice: InvoiceDocument) -> None:
    width = WIDTH / 2 - 5
    y = sheet.get_y()
    numbers = (
        (_("Customer number"), invoice.customer_number),
        (_("No. of contract"), invoice.contract_number),
        (_("Billing period"), invoice.period),
    )
    left = _party(sheet, LEFT, y, width, _("Seller"), invoice.seller, ())
    right = _party(sheet, LEFT + WIDTH / 2 + 5, y, width, _("Buyer"), invoice.buyer, numbers)
    sheet.set_y(max(left, right) + GAP)


def _party(
    sheet: Sheet, x: float, y: float, width: float, label: str, party: Party, more: Sequence[tuple[str, str]]
) -> float:
    sheet.label(x, y, label, width=width)
    sheet.rule(y + 4.6, x=x, width=width)
    y += 6.4
    sheet.font(10.5, BOLD)
    y = sheet.lines(x, y, sheet.clipped(party.name, width, 4), width=width) + 0.4
    sheet.font(BODY)
    country = party.country if party.country != "PL" else ""
    tax_id = _("NIP {number}").format(number=party.tax_id) if party.tax_id else ""
    for text in (party.street, party.place, country, tax_id, party.phone, party.email):
        if text:
            y = sheet.lines(x, y, sheet.clipped(text, width, 3), width=width)
    y += 1
    for name, value in more:
        if value:
            sheet.font(BODY, colour=MUTED)
            sheet.put(x, y, name, width=34)
            sheet.font(BODY)
            y = sheet.lines(x + 36, y, sheet.clipped(value, width - 36, 3), width=width - 36)
    return y


def _payment(sheet: Sheet, invoice: InvoiceDocument) -> None:
    """How to pay, with the code for a banking app; nothing of it when nothing is left to pay."""
    account = invoice.seller.bank_account
    if not invoice.to_pay:
        sheet.room(12)
        sheet.font(LARGE, BOLD, ACCENT)
        sheet.put(LEFT, sheet.get_y(), without_payment(invoice))
        sheet.set_y(sheet.get_y() + 10)
        return
    if not account:
        return
    details = [
        (_("Recipient"), invoice.seller.name),
        (_("Account number"), transfer_code.grouped(account)),
        (_("Bank"), invoice.seller.bank_name),
        (_("Transfer title"), invoice.title),
        (_("Amount"), amount(invoice.to_pay)),
        (_("Pay by"), dates.day(invoice.due_on)),
    ]
    text_width = WIDTH - _QR - 20
    sheet.font(BODY)
    wrapped = [(name, sheet.clipped(value, text_width - 42, 4)) for name, value in details if value]
    height = max(_QR + 16, sum(len(texts) for _name, texts in wrapped) * 5.4 + 16)
    sheet.room(height)
    y = sheet.get_y()
    sheet.box(LEFT, y, WIDTH, height)
    _code(sheet, LEFT + WIDTH - _QR - 6, y + 5, invoice)
    sheet.font(11, BOLD)
    sheet.put(LEFT + 5, y + 4.5, _("How to pay"), width=text_width)
    row = y + 12
    for name, texts in wrapped:
        sheet.font(BODY, colour=MUTED)
        sheet.put(LEFT + 5, row, name, width=34)
        sheet.font(BODY, BOLD)
        for text in texts:
            sheet.put(LEFT + 41, row, text, width=text_width - 42)
            row += 5.4
    sheet.set_y(y + height + GAP)


def _code(sheet: Sheet, x: float, y: float, invoice: InvoiceDocument) -> None:
    seller = invoice.seller
    text = transfer_code.payload(seller.name, seller.bank_account, invoice.to_pay, invoice.title, seller.tax_id)
    sheet.box(x - 2, y - 2, _QR + 4, _QR + 4, (255, 255, 255))
    sheet.code(x, y, _QR, transfer_code.modules(text, quiet=2))
    sheet.label(x - 10, y + _QR + 3.5, _("Scan it in your bank's app"), width=_QR + 20, align="C")


def _notes(sheet: Sheet, invoice: InvoiceDocument) -> None:
    sheet.font(BODY)
    texts = sheet.wrapped(invoice.notes, WIDTH)
    if not texts:
        return
    sheet.room(14)
    sheet.label(LEFT, sheet.get_y(), _("Notes"), width=WIDTH)
    sheet.set_y(sheet.get_y() + 5)
    for text in texts:
        sheet.room(BODY * LEAD)
        sheet.font(BODY)
        sheet.set_y(sheet.lines(LEFT, sheet.get_y(), [text], width=WIDTH))


def _feet(sheet: Sheet, invoice: InvoiceDocument) -> None:
    """The foot of every page, last: only then is it known how many there are."""
    pages = sheet.pages_count
    seller = invoice.seller
    about = (seller.name, seller.place, _("NIP {number}").format(number=seller.tax_id) if seller.tax_id else "")
    for page in range(1, pages + 1):
        sheet.turn(page)
        y = sheet.bottom + 7
        sheet.rule(y - 1.5)
        sheet.label(LEFT, y, " · ".join(text for text in about if text), width=WIDTH - 40)
        count = _("Page {page} of {pages}").format(page=page, pages=pages)
        sheet.label(LEFT + WIDTH - 36, y, count, width=36, align="R")
