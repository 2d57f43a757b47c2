"""The table of an invoice's lines, over as many pages as it takes, and the sums below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.billing.invoice_document import DocumentLine, InvoiceDocument
from core.billing.money import amount, figures
from core.billing.pdf.sheet import ACCENT, BODY, BOLD, GAP, INK, LARGE, LEAD, LEFT, MUTED, SMALL, WIDTH, Sheet
from core.billing.wording import due_amount, due_label, parts, spelled
from core.i18n.translation import gettext as _
from core.i18n.translation import language

_PAD = 1.5
"""Above and below the text of a row."""
_NAMES = 8
"""The most lines of a row's name."""
_PRICE = 18.0
"""The width of the prices of one unit, as a rule."""


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    width: float
    align: str = "R"


def _columns(price: float = _PRICE) -> tuple[_Column, ...]:
    """``price`` is the width of the prices of one unit."""
    fixed = (
        _Column(_("Quantity"), 15),
        _Column(_("Unit"), 12, "L"),
        _Column(_("Net price"), price),
        _Column(_("Net"), 19),
        _Column(_("VAT rate"), 15),
        _Column(_("VAT"), 16),
        _Column(_("Gross"), 19),
    )
    name = WIDTH - 8 - sum(column.width for column in fixed)
    return (_Column(_("No."), 8, "L"), _Column(_("Goods or service"), name, "L"), *fixed)


_BETWEEN = 2.0
"""Left free at the inner edge of a column."""


def draw_lines(sheet: Sheet, invoice: InvoiceDocument) -> None:
    columns = _columns(_price_width(sheet, invoice))
    sheet.room(30)  # a table's head never stands alone at the end of a page
    _table_head(sheet, columns)
    heading = ""
    for number, line, part in parts(invoice):
        if part != heading:
            heading = part
            _part_head(sheet, part, columns)
        sheet.font(BODY)
        names = sheet.clipped(line.name, columns[1].width - _BETWEEN, _NAMES)
        height = max(len(names), 1) * BODY * LEAD + 2 * _PAD
        if sheet.room(height):
            _table_head(sheet, columns)
        y = sheet.get_y()
        sheet.font(BODY)
        _row(sheet, y + _PAD, columns, (str(number), "", *_cells(line, invoice)))
        sheet.lines(LEFT + columns[0].width, y + _PAD, names, width=columns[1].width - _BETWEEN)
        sheet.rule(y + height)
        sheet.set_y(y + height)
    sheet.set_y(sheet.get_y() + GAP)


def _part_head(sheet: Sheet, part: str, columns: Sequence[_Column]) -> None:
    """Says of the lines of a correction below it how they are meant."""
    if sheet.room(14):
        _table_head(sheet, columns)
    y = sheet.get_y()
    sheet.font(SMALL, BOLD, ACCENT)
    sheet.put(LEFT, y + 2, part, width=WIDTH)
    sheet.rule(y + 6.6)
    sheet.set_y(y + 6.6)


def _price_width(sheet: Sheet, invoice: InvoiceDocument) -> float:
    """Wider where prices finer than a grosz need it; the names get the rest."""
    fine = [line for line in invoice.lines if line.unit_price]
    if fine:
        sheet.font(BODY)
    return max([_PRICE, *(sheet.get_string_width(_price(line)) + _BETWEEN + 1 for line in fine)])


def _cells(line: DocumentLine, invoice: InvoiceDocument) -> tuple[str, ...]:
    """What doesn't add up to the totals is left out."""
    return (
        _quantity(line.quantity),
        line.unit,
        _price(line),
        figures(line.net) if invoice.adds_up("net") else "",
        _rate(line.rate),
        (figures(line.vat) if line.rate.isdigit() else "–") if invoice.adds_up("vat") else "",
        figures(line.gross) if invoice.adds_up("gross") else "",
    )


def _price(line: DocumentLine) -> str:
    return figures(line.net_price, exact=line.unit_price)


def _quantity(quantity: Decimal) -> str:
    written = f"{quantity.normalize():f}"
    return written.replace(".", ",") if language() == "pl" else written


def _rate(rate: str) -> str:
    named = {"zw": _("exempt"), "np": _("not taxed")}
    return named.get(rate, f"{rate}%")


def _table_head(sheet: Sheet, columns: Sequence[_Column]) -> None:
    y = sheet.get_y()
    sheet.font(SMALL, BOLD, MUTED)
    _row(sheet, y, columns, [column.title for column in columns])
    sheet.rule(y + 5, colour=INK, thick=0.35)
    sheet.set_y(y + 5)


def _row(sheet: Sheet, y: float, columns: Sequence[_Column], texts: Sequence[str], *, x: float = LEFT) -> None:
    for number, (column, text) in enumerate(zip(columns, texts, strict=True)):
        last = number == len(columns) - 1
        if text:
            gap = 0 if column.align == "R" and last else _BETWEEN
            sheet.put(x, y, text, width=column.width - gap, align=column.align)
        x += column.width


def draw_totals(sheet: Sheet, invoice: InvoiceDocument) -> None:
    """The VAT table below the columns it sums up, and beneath it what is to be paid, in figures and words."""
    columns = _columns()[4:]
    x = LEFT + WIDTH - sum(column.width for column in columns)
    rows = invoice.by_rate()
    height = 5.0
    sheet.room(len(rows) * height + 32)
    y = sheet.get_y() - GAP + 2.5
    for total in rows if len(rows) > 1 else ():
        sheet.font(BODY, colour=MUTED)
        vat = figures(total.vat) if total.rate.isdigit() else "–"
        _row(sheet, y, columns, ("", figures(total.net), _rate(total.rate), vat, figures(total.gross)), x=x)
        y += height
    if len(rows) > 1:
        sheet.rule(y + 0.4, x=x, width=LEFT + WIDTH - x)
        y += 1.2
    sheet.font(BODY, BOLD)
    _row(
        sheet,
        y,
        columns,
        (
            _("Change") if invoice.correction else _("Total"),
            figures(invoice.net),
            _rate(rows[0].rate) if len(rows) == 1 else "",
            figures(invoice.vat),
            figures(invoice.gross),
        ),
        x=x,
    )
    y += height + 1
    if invoice.paid:
        sheet.font(BODY, colour=MUTED)
        sheet.put(x, y, _("Paid already"), width=50)
        sheet.put(x, y, amount(-invoice.paid), width=LEFT + WIDTH - x, align="R")
        y += height
    sheet.rule(y, x=x, width=LEFT + WIDTH - x, colour=ACCENT, thick=0.5)
    sheet.font(LARGE, BOLD, ACCENT)
    sheet.put(x, y + 2, due_label(invoice), width=45)
    sheet.put(x + 45, y + 2, amount(due_amount(invoice)), width=LEFT + WIDTH - x - 45, align="R")
    y += 9.5
    sheet.font(BODY, colour=MUTED)
    words = sheet.wrapped(_("In words: {words}").format(words=spelled(due_amount(invoice))), WIDTH)
    for text in words:
        sheet.put(LEFT, y, text, align="R")
        y += BODY * LEAD
    if invoice.exemption:
        texts = sheet.wrapped(_("Exempt from VAT: {provision}").format(provision=invoice.exemption), WIDTH)
        y = sheet.lines(LEFT, y + 2, texts, width=WIDTH)
    sheet.set_y(y + GAP)
