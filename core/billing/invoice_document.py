"""An invoice as a document: what is printed, put into XML and held against the law; no database and no screen.

Amounts are whole grosze (:mod:`core.billing.money`), rates the text that stands on the paper.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.billing import money
from core.billing.money import SpokenAmount, rounded
from core.billing.totals import RATES as RATES
from core.billing.totals import Total as Total
from core.billing.totals import by_line
from core.errors import Say, say
from core.i18n.translation import N_


@dataclass(frozen=True, slots=True)
class Party:
    """The seller or the buyer as they stood when the invoice was issued. All but a buyer's name may be empty."""

    name: str
    street: str = ""
    postcode: str = ""
    town: str = ""
    country: str = "PL"
    """ISO 3166-1, two letters."""
    tax_id: str = ""
    """The NIP, ten digits; empty for a private person."""
    email: str = ""
    phone: str = ""
    bank_account: str = ""
    """An NRB, 26 digits; of the seller: where to pay."""
    bank_name: str = ""

    @property
    def place(self) -> str:
        return f"{self.postcode} {self.town}".strip()


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One row. ``net``, ``vat`` and ``gross`` are of the whole row, ``net_price`` of one unit.

    A price that is finer than a grosz (0,0033 zł a minute) stands in ``unit_price`` as well, in złotys with up to eight
    decimals as FA(3) takes it (:func:`core.billing.money.fine`); ``net_price`` is it rounded then.
    """

    name: str
    quantity: Decimal
    unit: str
    net_price: int
    rate: str
    net: int
    vat: int
    gross: int
    unit_price: str = ""
    before: bool = False
    """On a correction: as the line was before, so that it counts against the total."""

    @property
    def price(self) -> Decimal:
        """The exact price of one unit, in grosze."""
        return Decimal(self.unit_price) * 100 if self.unit_price else Decimal(self.net_price)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correcting invoice says of the one it corrects (art. 106j sec. 2 of the VAT act)."""

    number: str
    issued_on: dt.date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """An invoice as it was issued. Its totals are the sums of its lines, unless ``rates`` has those it was issued with:
    whether VAT is rounded line by line or on the sum of a rate, art. 106e of the VAT act leaves to the seller. Those of
    a correction are what it changes, so they may be below zero."""

    number: str
    issued_on: dt.date
    sold_on: dt.date
    due_on: dt.date
    seller: Party
    buyer: Party
    lines: tuple[DocumentLine, ...]
    customer_number: str = ""
    contract_number: str = ""
    transfer_title: str = ""
    """What to write on the transfer; empty means the invoice's number."""
    paid: int = 0
    """What was paid before it was issued: it lowers what is to be paid, and changes no total."""
    period: str = ""
    """The months it is for, in words of whoever issued it."""
    notes: str = ""
    exemption: str = ""
    """The provision that exempts lines with the rate ``zw``; the law wants it on the invoice (art. 106e sec. 1
    item 19)."""
    rates: tuple[Total, ...] = ()
    """The VAT table, where it is not what the lines make."""
    correction: Correction | None = None
    """Of a correcting invoice."""

    @property
    def net(self) -> int:
        return sum(total.net for total in self.by_rate())

    @property
    def vat(self) -> int:
        return sum(total.vat for total in self.by_rate())

    @property
    def gross(self) -> int:
        return sum(total.gross for total in self.by_rate())

    @property
    def to_pay(self) -> int:
        """What is left to pay; nothing when more than that was paid before."""
        return max(self.gross - self.paid, 0)

    @property
    def title(self) -> str:
        return self.transfer_title or self.number

    def by_rate(self) -> tuple[Total, ...]:
        """The VAT table: one row for each rate on the invoice."""
        return self.rates or by_line(self.lines)

    def adds_up(self, column: str) -> bool:
        """Whether ``net``, ``vat`` or ``gross`` of the lines make the totals. Where VAT was rounded on the sum some
        don't; then the invoice has none of a line, and none is shown."""
        if not self.rates:
            return True
        made, issued = by_line(self.lines), self.rates
        return [getattr(line, column) for line in made] == [getattr(line, column) for line in issued]


def priced(name: str, quantity: Decimal | int, unit: str, net_price: int, rate: str) -> DocumentLine:
    """A line from the net price of one unit: what companies agree on."""
    quantity = Decimal(quantity)
    net = rounded(quantity * net_price)
    vat = rounded(Decimal(net * RATES[rate]) / 100)
    return DocumentLine(name, quantity, unit, net_price, rate, net, vat, net + vat)


def priced_gross(name: str, quantity: Decimal | int, unit: str, gross_price: int, rate: str) -> DocumentLine:
    """A line from the gross price of one unit, which comes out to the grosz: what subscribers are promised.

    VAT is taken out of the gross as art. 106e sec. 7 of the VAT act says; the net price of one unit is then rounded
    itself, so ``quantity × net_price`` may miss the net by half a grosz a unit.
    """
    quantity = Decimal(quantity)
    gross = rounded(quantity * gross_price)
    vat = rounded(Decimal(gross * RATES[rate]) / (100 + RATES[rate]))
    net = gross - vat
    return DocumentLine(name, quantity, unit, rounded(net / quantity) if quantity else 0, rate, net, vat, gross)


def problems(invoice: InvoiceDocument) -> list[Say]:
    """Everything that makes the invoice wrong, or nothing; neither PDF nor XSD would notice any of it."""
    return [what for _, what in placed_problems(invoice)]


def placed_problems(invoice: InvoiceDocument) -> Iterator[tuple[str, Say]]:
    """The problems with the place each is at (``seller.tax_id``, ``lines.2.vat``); every place comes once."""
    if not invoice.number.strip():
        yield "number", say(N_("An invoice needs a number."))
    if invoice.due_on < invoice.issued_on:
        yield (
            "due_on",
            say(
                N_("It can't be due on {due}, before it was issued on {issued}."),
                due=invoice.due_on,
                issued=invoice.issued_on,
            ),
        )
    yield from _wrong_party("seller", invoice.seller)
    yield from _wrong_party("buyer", invoice.buyer)
    if not invoice.seller.tax_id:
        yield "seller.tax_id", say(N_("Whoever issues an invoice needs a NIP."))
    if not invoice.lines:
        yield "lines", say(N_("An invoice needs at least one line."))
    for number, line in enumerate(invoice.lines, start=1):
        for place, what in _wrong_line(number, line, of_correction=invoice.correction is not None):
            yield f"lines.{number}.{place}", what
    yield from _wrong_totals(invoice)
    if invoice.correction is not None:
        yield from _wrong_correction(invoice, invoice.correction)
    gross = invoice.gross
    if gross < 0 and invoice.correction is None:
        yield "gross", say(N_("The total is below zero: that takes a correction, which names the invoice it corrects."))
    elif abs(gross) > money.MOST:
        yield "gross", say(N_("An amount can't be larger than {most}."), most=SpokenAmount(money.MOST))
    if invoice.paid < 0:
        yield "paid", say(N_("What was paid can't be below zero."))


def _wrong_correction(invoice: InvoiceDocument, correction: Correction) -> Iterator[tuple[str, Say]]:
    if not correction.number.strip():
        yield "correction.number", say(N_("A correction needs the number of the invoice it corrects."))
    elif "".join(correction.number.split()).casefold() == "".join(invoice.number.split()).casefold():
        yield "correction.number", say(N_("An invoice can't correct itself."))
    if correction.issued_on > invoice.issued_on:
        what = say(N_("It can't correct an invoice of {day}, which is later than itself."), day=correction.issued_on)
        yield "correction.issued_on", what


def _wrong_totals(invoice: InvoiceDocument) -> Iterator[tuple[str, Say]]:
    """Whether a VAT table that differs from the lines can be theirs all the same: VAT is that of the sum, and
    neither net nor gross miss the lines' by more than a grosz each."""
    made = by_line(invoice.lines)
    if not invoice.rates or any(line.rate not in RATES for line in invoice.lines):
        return
    rates = {total.rate: total for total in made}
    same = [total.rate for total in invoice.rates] == list(rates)
    for total in invoice.rates if same else ():
        percent, own = RATES[total.rate], rates[total.rate]
        right = abs(100 * total.vat - total.net * percent) <= 200 + 2 * percent
        missed = max(abs(total.net - own.net), abs(total.gross - own.gross))
        same = same and right and missed <= len(invoice.lines) + 1
    if not same:
        yield "gross", say(N_("The totals by rate are not those of the lines."))


def right_nip(tax_id: str) -> bool:
    """Ten digits with a right check digit, and no number that the tax office can't give out: the check digit of
    ``0000000000`` is right too. The first digits are those the FA(3) schema allows (its type TNrNIP)."""
    from stdnum.pl import nip

    return bool(re.fullmatch(r"[1-9](?:[0-9][1-9]|[1-9][0-9])[0-9]{7}", tax_id)) and bool(nip.is_valid(tax_id))


def right_account(account: str) -> bool:
    """26 digits that are a Polish IBAN behind ``PL`` (ISO 13616); of zeros alone none is an account."""
    from stdnum import iban

    if not re.fullmatch(r"[0-9]{26}", account) or not account[2:].strip("0"):
        return False
    return bool(iban.is_valid(f"PL{account}", check_country=False))


def _wrong_party(which: str, party: Party) -> Iterator[tuple[str, Say]]:
    seller = which == "seller"
    if not party.name.strip():
        yield f"{which}.name", say(N_("The seller needs a name.") if seller else N_("The buyer needs a name."))
    if not re.fullmatch("[A-Z]{2}", party.country):
        yield f"{which}.country", say(N_("A country is two letters, like PL."))
    if party.tax_id and not right_nip(party.tax_id):
        yield (
            f"{which}.tax_id",
            say(
                N_("The seller's NIP is wrong: it has ten digits, and the last one checks the others.")
                if seller
                else N_("The buyer's NIP is wrong: it has ten digits, and the last one checks the others.")
            ),
        )
    if party.bank_account and not right_account(party.bank_account):
        yield (
            f"{which}.bank_account",
            say(N_("The bank account is wrong: it has 26 digits, and the first two check the others.")),
        )


def _wrong_line(number: int, line: DocumentLine, *, of_correction: bool = False) -> Iterator[tuple[str, Say]]:
    """``of_correction`` may have a quantity of 0: nothing of it was there before, or is left after it."""
    if not line.name.strip():
        yield "name", say(N_("Line {line} needs a name."), line=number)
    if line.rate not in RATES:
        yield "rate", say(N_("Line {line}: the VAT rate is one of {rates}."), line=number, rates=", ".join(RATES))
        return
    if not _countable(line.quantity) and not (of_correction and line.quantity == 0):
        yield (
            "quantity",
            say(
                N_("Line {line}: the quantity is a number other than 0, with at most six digits after the point."),
                line=number,
            ),
        )
        return
    # A unit price that comes from a gross one is rounded to a grosz (or to the eighth decimal), so n units may miss by
    # n halves of it, and the net is rounded once more: both halves up, so never by that much. Art. 106e and FA(3) want
    # no product of the two.
    missed = abs(line.net - line.quantity * line.price)
    if 2 * missed >= abs(line.quantity) * (money.FINEST if line.unit_price else 1) + 1:
        yield (
            "net",
            say(
                N_("Line {line}: {quantity} × {price} is {wanted}, not {given}."),
                line=number,
                quantity=f"{line.quantity.normalize():f}",
                price=SpokenAmount(line.net_price, line.unit_price),
                wanted=SpokenAmount(rounded(line.quantity * line.price)),
                given=SpokenAmount(line.net),
            ),
        )
    # Both ways of the law are right: VAT of the rounded net, and VAT out of a rounded gross (½ + ½·rate grosz apart).
    rate = RATES[line.rate]
    if 2 * abs(100 * line.vat - line.net * rate) > 100 + rate:
        yield (
            "vat",
            say(
                N_("Line {line}: VAT at {rate} on {net} is {wanted}, not {given}."),
                line=number,
                rate=rate_text(line.rate),
                net=SpokenAmount(line.net),
                wanted=SpokenAmount(rounded(Decimal(line.net * rate) / 100)),
                given=SpokenAmount(line.vat),
            ),
        )
    if line.net + line.vat != line.gross:
        yield (
            "gross",
            say(
                N_("Line {line}: net and VAT make {wanted}, not {given}."),
                line=number,
                wanted=SpokenAmount(line.net + line.vat),
                given=SpokenAmount(line.gross),
            ),
        )


def _countable(quantity: Decimal) -> bool:
    """Within what FA(3) takes (its type TIlosci) and an amount can be made of."""
    return quantity.is_finite() and 0 < abs(quantity) < 10**9 and quantity == quantity.quantize(Decimal("0.000001"))


def rate_text(rate: str) -> str:
    """A rate as it is printed: ``23%``, and ``zw`` and ``np`` as they are."""
    return f"{rate}%" if rate.isdigit() else rate
