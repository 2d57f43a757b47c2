"""An invoice as lines of text: what the PDF says (:mod:`core.billing.pdf.invoice`), laid out for a terminal.

Pure: a document and a width in, lines out. On a narrow terminal a row of the table takes two lines, its name above its
figures, so that no figure is ever cut.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from textual.content import Content

from core.billing.invoice_document import DocumentLine, InvoiceDocument, Party, rate_text
from core.billing.invoices import InvoiceDetail
from core.billing.money import amount, figures
from core.billing.transfer_code import grouped
from core.billing.wording import due_amount, due_label, lowers, parts, spelled, without_payment
from core.i18n import dates
from core.i18n.translation import _, language
from tui.screens.billing.invoice_list import row_state
from tui.text import plain
from tui.widgets.fitting import fit, spread

WIDEST = 112
"""Cells of the widest sheet: longer lines are hard to follow."""
ONE_LINE = 104
"""Cells from which a row of the table is one line."""
_GAP = 2
_NO = 4
_MUTED, _RULE, _ACCENT = "$text-muted", "$border-blurred", "bold $text-accent"


def laid_out(invoice: InvoiceDetail, width: int, today: dt.date) -> list[Content]:
    """The whole document at ``width`` cells."""
    width = min(width, WIDEST)
    document = invoice.document
    heading = _("Correcting invoice {number}") if document.correction else _("VAT invoice {number}")
    title = plain(heading.format(number=document.number)).stylize(_ACCENT)
    return [
        spread(title, row_state(invoice.row, today), width),
        *_together(invoice, width),
        Content(),
        *_days(document, width),
        Content(),
        *_parties(document, width),
        Content(),
        *_table(document, width),
        *_totals(document, invoice.row.unpaid, width),
        Content(),
        *_payment(invoice, width),
        *_remarks(document, width),
    ]


def _rule(width: int, sign: str = "─") -> Content:
    return Content(sign * width).stylize(_RULE)


def _together(invoice: InvoiceDetail, width: int) -> list[Content]:
    """What it corrects and why, and what corrects it."""
    facts: list[tuple[str, str]] = []
    correction = invoice.document.correction
    if correction is not None:
        of = _("{number} of {day}").format(number=correction.number, day=dates.day(correction.issued_on))
        facts.append((_("Corrected invoice"), of))
        facts.append((_("Reason for the correction"), correction.reason))
    later = [
        _("{number} of {day}").format(number=row.number, day=dates.day(row.issued_on)) for row in invoice.correcting
    ]
    facts.append((_("Corrected by"), ", ".join(later)))
    out: list[Content] = []
    for label, value in facts:
        if value:
            out += (plain(f"{label}: ").stylize(_MUTED) + plain(value).stylize("bold")).wrap(width)
    return out


def _days(document: InvoiceDocument, width: int) -> list[Content]:
    facts = [
        (_("Date of issue"), dates.day(document.issued_on)),
        (_("Date of sale"), dates.day(document.sold_on)),
    ]
    if not lowers(document):
        facts.append((_("Payment due"), dates.day(document.due_on)))
    each = width // len(facts)
    labels = Content().join(fit(plain(label), each) for label, _value in facts).stylize(_MUTED)
    return [labels, Content().join(fit(plain(value), each) for _label, value in facts).stylize("bold")]


def _parties(document: InvoiceDocument, width: int) -> list[Content]:
    """Seller and buyer side by side, each wrapped within its half."""
    half = (width - 4) // 2
    seller = [*_party(_("Seller"), document.seller, half)]
    numbers = (
        (_("Customer number"), document.customer_number),
        (_("No. of contract"), document.contract_number),
        (_("Billing period"), document.period),
    )
    buyer = [*_party(_("Buyer"), document.buyer, half)]
    for label, value in numbers:
        if value:
            buyer += (plain(f"{label}: ").stylize(_MUTED) + plain(value)).wrap(half)
    longer = max(len(seller), len(buyer))
    blank = [Content()] * longer
    pairs = zip([*seller, *blank][:longer], [*buyer, *blank][:longer], strict=True)
    return [fit(left, half) + "    " + fit(right, half) for left, right in pairs]


def _party(label: str, party: Party, width: int) -> Iterator[Content]:
    yield plain(label).stylize(_MUTED)
    yield _rule(width)
    yield from plain(party.name).stylize("bold").wrap(width)
    tax_id = _("NIP {number}").format(number=party.tax_id) if party.tax_id else ""
    country = party.country if party.country != "PL" else ""
    for text in (party.street, party.place, country, tax_id, party.phone, party.email):
        if text:
            yield from plain(text).wrap(width)


# The table


@dataclass(frozen=True, slots=True)
class _Columns:
    """Cells of the columns of figures, as wide as what stands in them, so that no figure is ever cut."""

    quantity: int
    price: int
    tail: tuple[int, int, int, int]

    @classmethod
    def of(cls, document: InvoiceDocument) -> _Columns:
        lines = document.lines
        whole = (figures(document.net), "", figures(document.vat), figures(document.gross))
        tails = [_tail_heads(), whole, *(_tail_cells(line, document) for line in lines)]
        net, rate, vat, gross = (max(Content(tail[at]).cell_length for tail in tails) for at in range(4))
        quantity = max(Content(text).cell_length for text in (_("Quantity"), *map(_quantity, lines)))
        price = max(len(text) for text in (_("Net price"), *map(_price, lines)))
        return cls(quantity, price, (net + _GAP, rate + _GAP, vat + _GAP, gross + _GAP))

    def last(self, cells: Sequence[str]) -> Content:
        """Net, rate, VAT and gross, where the totals stand too."""
        return Content().join(fit(plain(text), room, "right") for text, room in zip(cells, self.tail, strict=True))

    def middle(self, quantity: str, price: str) -> Content:
        return fit(plain(quantity), self.quantity + _GAP, "right") + fit(plain(price), self.price + _GAP, "right")


def _price(line: DocumentLine) -> str:
    return figures(line.net_price, exact=line.unit_price)


def _tail_heads() -> tuple[str, str, str, str]:
    return _("Net"), _("VAT rate"), _("VAT"), _("Gross")


def _tail_cells(line: DocumentLine, document: InvoiceDocument) -> tuple[str, str, str, str]:
    """What doesn't add up to the totals is left out."""
    net, gross = (figures(getattr(line, name)) if document.adds_up(name) else "" for name in ("net", "gross"))
    return net, _rate(line.rate), _vat(line.rate, line.vat) if document.adds_up("vat") else "", gross


def _table(document: InvoiceDocument, width: int) -> list[Content]:
    columns, one_line = _Columns.of(document), width >= ONE_LINE
    last, name = columns.last(_tail_heads()), plain(_("Goods or service"))
    if one_line:
        head = _one_line(_("No."), name, columns.middle(_("Quantity"), _("Net price")) + last, width)
    else:
        head = _two_lines(_("No."), name, plain(f"{_('Quantity')} × {_('Net price')}"), last, width)
    out = [*(line.stylize(_MUTED) for line in head), _rule(width)]
    heading = ""
    for number, line, part in parts(document):
        if part != heading:
            heading = part
            out.append(plain(part).stylize(_ACCENT))
        last, price = columns.last(_tail_cells(line, document)), _price(line)
        if one_line:
            out += _one_line(str(number), plain(line.name), columns.middle(_quantity(line), price) + last, width)
        else:
            out += _two_lines(str(number), plain(line.name), plain(f"{_quantity(line)} × {price}"), last, width)
    return [*out, _rule(width)]


def _one_line(number: str, name: Content, right: Content, width: int) -> list[Content]:
    """The name beside its figures; of a long one more lines below."""
    room = max(8, width - _NO - right.cell_length)
    first, *rest = name.wrap(room) or [Content()]
    top = fit(plain(number), _NO) + fit(first, room) + right
    return [top, *(Content(" " * _NO) + more for more in rest)]


def _two_lines(number: str, name: Content, price: Content, last: Content, width: int) -> list[Content]:
    """The name above its figures; a long quantity stands above them too."""
    names = name.wrap(width - _NO) or [Content()]
    heads = [fit(plain(number), _NO), *[Content(" " * _NO)] * (len(names) - 1)]
    out = [head + line for head, line in zip(heads, names, strict=True)]
    if price.cell_length > width - _NO - last.cell_length:
        out.append(Content(" " * _NO) + fit(price, width - _NO))
        price = Content()
    return [*out, _ending(price, last, width)]


def _ending(left: Content, last: Content, width: int) -> Content:
    """``left`` under the names, and the figures at the right edge."""
    return Content(" " * _NO) + fit(left, max(0, width - _NO - last.cell_length)) + last


def _quantity(line: DocumentLine) -> str:
    return f"{_decimal(line.quantity)} {line.unit}".rstrip()


def _decimal(quantity: Decimal) -> str:
    written = f"{quantity.normalize():f}"
    return written.replace(".", ",") if language() == "pl" else written


def _rate(rate: str) -> str:
    return {"zw": _("exempt"), "np": _("not taxed")}.get(rate) or rate_text(rate)


def _vat(rate: str, vat: int) -> str:
    return figures(vat) if rate.isdigit() else "–"


# What it comes to


def _totals(document: InvoiceDocument, unpaid: int, width: int) -> list[Content]:
    """The VAT table by rate, the sum, and the sum in words. What is paid is nothing that is to be paid."""
    rates, columns = document.by_rate(), _Columns.of(document)
    out = []
    for total in rates if len(rates) > 1 else ():
        cells = figures(total.net), _rate(total.rate), _vat(total.rate, total.vat), figures(total.gross)
        out.append(_ending(Content(), columns.last(cells), width).stylize(_MUTED))
    rate = _rate(rates[0].rate) if len(rates) == 1 else ""
    whole = figures(document.net), rate, figures(document.vat), figures(document.gross)
    heading = _("Change") if document.correction else _("Total")
    out.append(_ending(plain(heading), columns.last(whole), width).stylize("bold"))
    in_words = spelled(due_amount(document))
    words = plain(_("In words: {words}").format(words=in_words)).stylize(_MUTED).wrap(width)
    paid = [plain(f"{_('Paid already')}   {amount(-document.paid)}").stylize(_MUTED)] if document.paid else []
    label = due_label(document) if unpaid > 0 or lowers(document) else _("Amount")
    to_pay = plain(f"{label}   {amount(due_amount(document))}").stylize(_ACCENT)
    return [*out, Content(), *(fit(line, width, "right") for line in (*paid, to_pay, *words))]


def _payment(invoice: InvoiceDetail, width: int) -> list[Content]:
    """How to pay what is left; or that nothing is."""
    unpaid = invoice.row.unpaid
    if unpaid <= 0:
        return plain(without_payment(invoice.document)).stylize("$text-success").wrap(width)
    facts = [
        (_("Recipient"), invoice.document.seller.name),
        (_("Account number"), grouped(invoice.account)),
        (
            _("Bank"),
            invoice.document.seller.bank_name if invoice.account == invoice.document.seller.bank_account else "",
        ),
        (_("Transfer title"), invoice.document.number),
        (_("Amount"), amount(unpaid) if unpaid == invoice.row.gross else _left(unpaid)),
        (_("Pay by"), dates.day(invoice.document.due_on)),
    ]
    facts = [(label, value) for label, value in facts if value]
    column = max(Content(label).cell_length for label, _value in facts) + 2
    out = [plain(_("How to pay")).stylize(_MUTED), _rule(width)]
    for label, value in facts:
        head = fit(plain(label).stylize(_MUTED), column)
        for line in plain(value).wrap(max(8, width - column)):
            out.append(head + line)
            head = Content(" " * column)
    return out


def _left(unpaid: int) -> str:
    return _("{amount}, what is left").format(amount=amount(unpaid))


def _remarks(document: InvoiceDocument, width: int) -> list[Content]:
    out: list[Content] = []
    if document.exemption:
        out += [Content(), *plain(_("Exempt from VAT: {provision}").format(provision=document.exemption)).wrap(width)]
    if document.notes:
        out += [Content(), plain(_("Notes")).stylize(_MUTED), *plain(document.notes).wrap(width)]
    return out
