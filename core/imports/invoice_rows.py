"""The rows of an invoices file: each read by itself, then gathered to the invoices they are lines of. No database here.

What makes an invoice wrong is for :mod:`core.billing.invoice_document` to say; here it is said at the line and column
it is at.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any

from core.billing import invoice_document, totals
from core.billing.amount_field import Money
from core.billing.invoice_document import Correction, Total
from core.billing.money import fine, rounded
from core.errors import Say, say
from core.forms.field_types import FieldKind, FormError, Text, refuse
from core.forms.formats import Date, Number
from core.i18n.translation import N_
from core.imports import invoice_totals
from core.imports.csv.cell_types import MISSING, Cells, OneWord, Ref, Reference
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.service.unit_of_work import ReadContext

NEEDED = (
    "invoice_number",
    "customer_number",
    "issued_on",
    "sold_on",
    "due_on",
    "name",
    "quantity",
    "unit",
    "net_price",
    "vat_rate",
)
OF_CORRECTION = ("corrected_on", "reason", "line_state")
"""What only a row with a ``corrected_number`` has: it is one of a correcting invoice."""
OPTIONAL = (
    *("contract_number", "gross_price", "total_gross", "total_vat", "period", "notes", "exemption"),
    *("corrected_number", *OF_CORRECTION),
)
_BLANK = {"unit", "net_price", "due_on", *OPTIONAL}
HEAD = (
    *("customer_number", "contract_number", "issued_on", "sold_on", "due_on", "total_gross", "total_vat"),
    *("corrected_number", "corrected_on"),
)
HEAD_WORDS = ("period", "notes", "exemption", "reason")
"""What belongs to the whole invoice, so all of its rows must say the same."""
BEFORE, AFTER = "before", "after"
STATE = OneWord(
    words=(
        *((BEFORE, BEFORE), ("przed", BEFORE), (AFTER, AFTER), ("po", AFTER)),
        *(("difference", ""), ("różnica", "")),
    )
)
"""How a line of a correction is meant: as it was, as it is now, or, left blank, as the difference."""


@dataclass(frozen=True)
class VatRate(FieldKind):
    """A VAT rate of :data:`core.billing.invoice_document.RATES`, with or without ``%``."""

    name = "choice"

    def read(self, text: str) -> str:
        rate = text.casefold().removesuffix("%").rstrip(" .")
        if rate not in invoice_document.RATES:
            raise refuse(N_("The VAT rate is one of {rates}."), rates=", ".join(invoice_document.RATES))
        return rate


@dataclass(frozen=True)
class Quantity(Number):
    """How many units, with up to three decimals, as quantities are kept. None at all is right only on a correction, of
    which nothing was there before, or is left (:func:`_line`)."""

    decimals: int = 3

    def read(self, text: str) -> Decimal:
        quantity = Decimal(super().read(text))
        if not abs(quantity) < 10**9:
            raise FormError("", _QUANTITY)
        return quantity


@dataclass(frozen=True)
class Price(Money):
    """The price of one unit in grosze, which may be finer than a grosz (0,0333 zł a kWh): FA(3) takes eight decimals
    (its type TKwotowy2). Three of them after złotys are refused as in any amount: ``1,234`` may be a thousand."""

    def value(self, entry: Any) -> Any:
        return entry if isinstance(entry, Decimal) else super().value(entry)

    def read(self, text: str) -> Any:
        match = _FINE.fullmatch(text)
        if match is None or (len(match[3]) == 1 and match[1].strip("+-0")):
            return super().read(text)
        exact = Decimal(super().read(match[1] + match[2]))
        more = Decimal(f"0.{match[3]}")
        return exact - more if text.startswith(("-", "\N{MINUS SIGN}")) else exact + more


_FINE = re.compile(r"([^.,]*)([.,][0-9]{2})([0-9]{1,6})")
_QUANTITY = say(N_("The quantity is a number other than 0, with at most nine digits before the point."))

KINDS: dict[str, FieldKind] = {
    "invoice_number": Reference(),
    "customer_number": Reference(),
    "contract_number": Reference(),
    "issued_on": Date(),
    "sold_on": Date(),
    "due_on": Date(),
    "name": Text(limit=200),
    "quantity": Quantity(),
    "unit": Text(limit=16),
    "net_price": Price(),
    "gross_price": Price(),
    "vat_rate": VatRate(),
    "total_gross": Money(),
    "total_vat": Money(),
    "period": Text(limit=60),
    "notes": Text(limit=500),
    "exemption": Text(limit=200),
    "corrected_number": Reference(),
    "corrected_on": Date(),
    "reason": Text(limit=256),
    "line_state": STATE,
}


@dataclass(slots=True)
class InvoiceRows:
    """An invoice as the file has it: what its first row says, and every line with the line of the file it is on.

    ``words`` are its optional texts, without those that the file has no column for; ``with_contract`` says whether it
    has one for the contract. Seller and buyer are set where the
    file knows them (LMS does); else they are those of the settings and of the customer. ``broken`` says that a row of
    it couldn't be read, so its sums mean nothing. ``origin`` is that of :class:`core.models.billing.Invoice`.
    ``gross_priced`` says of each line whether its price is a gross one, ``rates`` is the VAT table where it isn't that
    of the lines. ``corrects`` is the invoice it corrects; ``with_correction`` says whether the file could have said so.
    """

    line: int
    number: Ref
    customer: Ref
    contract: Ref | None
    issued_on: dt.date
    sold_on: dt.date
    due_on: dt.date
    total: int | None
    words: dict[str, str]
    lines: list[invoice_document.DocumentLine] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    seller: invoice_document.Party | None = None
    buyer: invoice_document.Party | None = None
    broken: bool = False
    origin: str = ""
    with_contract: bool = True
    total_vat: int | None = None
    corrects: Ref | None = None
    corrects_on: dt.date | None = None
    gross_priced: list[bool] = field(default_factory=list)
    rates: tuple[Total, ...] = ()
    with_correction: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        values = [getattr(self, name) for name in self.__match_args__]
        values[_LINES] = [_VALUES(line) for line in self.lines]
        return _again, tuple(values)

    def document(
        self, seller: invoice_document.Party, buyer: invoice_document.Party
    ) -> invoice_document.InvoiceDocument:
        """As it is issued."""
        return invoice_document.InvoiceDocument(
            self.number.text,
            self.issued_on,
            self.sold_on,
            self.due_on,
            self.seller or seller,
            self.buyer or buyer,
            tuple(self.lines),
            period=self.words.get("period", ""),
            notes=self.words.get("notes", ""),
            exemption=self.words.get("exemption", ""),
            rates=self.rates,
            correction=self._correction(),
        )

    def _correction(self) -> Correction | None:
        if self.corrects is None:
            return None
        return Correction(self.corrects.text, self.corrects_on or self.issued_on, self.words.get("reason", ""))

    @property
    def file_totals(self) -> invoice_totals.FileTotals:
        """The totals that the file says."""
        return self.total, self.total_vat

    def totals(self) -> tuple[Total, ...]:
        """What it comes to, by rate."""
        return self.rates or totals.by_line(self.lines)

    def place(self, place: str) -> tuple[int, str]:
        """The line and column of a place that :func:`core.billing.invoice_document.placed_problems` names."""
        head, _, rest = place.partition(".")
        if head == "lines" and rest:
            number, _, what = rest.partition(".")
            columns = {"name": "name", "rate": "vat_rate", "quantity": "quantity"}
            return self.places[int(number) - 1], columns.get(what, "net_price")
        columns = {
            "due_on": "due_on",
            "buyer": "customer_number",
            "gross": "net_price",
            "correction.number": "corrected_number",
            "correction.issued_on": "corrected_on",
        }
        return self.line, columns.get(place) or columns.get(head, "invoice_number")


_LINES = InvoiceRows.__match_args__.index("lines")
_VALUES = attrgetter(*invoice_document.DocumentLine.__match_args__)


def _again(*packed: Any) -> InvoiceRows:
    """An invoice that was spooled: pickled by values, ten times faster than by the names of its lines' fields."""
    invoice = InvoiceRows(*packed)
    invoice.lines = [invoice_document.DocumentLine(*values) for values in packed[_LINES]]
    return invoice


def read(_look: ReadContext, rows: Iterator[Row], report: Report) -> Iterator[InvoiceRows]:
    """The invoices, one after the other; their rows stand together."""
    cells = Cells(KINDS, report, blank=_BLANK, private=("invoice_number",))
    current: InvoiceRows | None = None
    headless = ""
    for row in rows:
        values, right = cells.read(row)
        right &= _fitting(row, values, report)
        number = values["invoice_number"]
        if current is not None and (number is None or number.key != current.number.key):
            yield _counted(current)
            current = None
        line = _line(row.line, values, report) if right else None
        if current is None:
            if number is None or number.key == headless:
                continue
            headless = "" if _headed(values) else number.key
            current = None if headless else _begun(row.line, values)
        elif not _same_head(row.line, values, current, report):
            current.broken = True
        if current is not None:
            current.broken |= line is None
            if line is not None:
                current.lines.append(line)
                current.places.append(row.line)
                current.gross_priced.append(values["net_price"] is None)
    if current is not None:
        yield _counted(current)


def _counted(invoice: InvoiceRows) -> InvoiceRows:
    """With the VAT table that its totals tell."""
    if not invoice.broken:
        invoice.rates = invoice_totals.issued(invoice.lines, invoice.gross_priced, invoice.file_totals)
    return invoice


def _fitting(row: Row, values: dict[str, Any], report: Report) -> bool:
    """Whether it is a row of an invoice, or of a correction. What a correction lowers has no day to be paid on, so the
    day may be left blank there."""
    wrong: list[tuple[str, Say]] = []
    if not row.values.get("corrected_number"):
        wrong = [(name, _NO_CORRECTION) for name in OF_CORRECTION if row.values.get(name)]
        if not row.values["due_on"]:
            wrong.append(("due_on", MISSING))
    else:
        if not row.values.get("corrected_on"):
            wrong.append(("corrected_on", MISSING))
        if not row.values["due_on"]:
            values["due_on"] = values["issued_on"]
    for column, what in wrong:
        report.wrong(row.line, column, what)
    return not wrong


_NO_CORRECTION = say(N_("Only a correction has this; which invoice it corrects goes to corrected_number."))


def _headed(values: dict[str, Any]) -> bool:
    return all(values[name] is not None for name in ("customer_number", "issued_on", "sold_on", "due_on"))


def _begun(line: int, values: dict[str, Any]) -> InvoiceRows:
    return InvoiceRows(
        line,
        values["invoice_number"],
        values["customer_number"],
        values.get("contract_number"),
        values["issued_on"],
        values["sold_on"],
        values["due_on"],
        values.get("total_gross"),
        _words(values),
        with_contract="contract_number" in values,
        total_vat=values.get("total_vat"),
        corrects=values.get("corrected_number"),
        corrects_on=values.get("corrected_on"),
        with_correction="corrected_number" in values,
    )


def _words(values: dict[str, Any]) -> dict[str, str]:
    return {name: values[name] or "" for name in HEAD_WORDS if name in values}


def _line(line: int, values: dict[str, Any], report: Report) -> invoice_document.DocumentLine | None:
    """Priced by the net price or else by the gross one; exactly one of them is there."""
    net, gross = values["net_price"], values.get("gross_price")
    prices = [price for price in (net, gross) if price is not None]
    if len(prices) != 1:
        report.wrong(line, "net_price", _TWO_PRICES if prices else _NO_PRICE)
        return None
    state = values.get("line_state") or ""
    if not values["quantity"] and not state:
        report.wrong(line, "quantity", _QUANTITY)
        return None
    amounts = priced(values["quantity"], prices[0], values["vat_rate"], gross=net is None)
    return invoice_document.DocumentLine(
        values["name"], values["quantity"], values["unit"] or "", *amounts, before=state == BEFORE
    )


def priced(quantity: Decimal, price: Decimal | int, rate: str, *, gross: bool) -> tuple[int, str, int, int, int, str]:
    """What follows the unit of a line: as :func:`core.billing.invoice_document.priced` and ``priced_gross`` make it,
    also from a price that is finer than a grosz, which is kept then."""
    whole, percent = rounded(quantity * price), invoice_document.RATES[rate]
    if not gross:
        vat = rounded(Decimal(whole * percent) / 100)
        return rounded(Decimal(price)), rate, whole, vat, whole + vat, fine(Decimal(price))
    vat = rounded(Decimal(whole * percent) / (100 + percent))
    net = (whole - vat) / quantity if quantity else Decimal(0)
    # Of a gross price in whole grosze the net one is told in whole grosze as well.
    return rounded(net), rate, whole - vat, vat, whole, fine(net) if fine(Decimal(price)) else ""


_NO_PRICE = say(N_("A price is missing: the net one, or the gross one in the column gross_price."))
_TWO_PRICES = say(N_("Here are a net and a gross price. One of them must be empty."))


def _same_head(line: int, values: dict[str, Any], first: InvoiceRows, report: Report) -> bool:
    """Whether this row says the same of the invoice as its first one; each column that doesn't is told."""
    own = {name: values.get(name) for name in HEAD} | _words(values)
    other = {
        "customer_number": first.customer,
        "contract_number": first.contract,
        "issued_on": first.issued_on,
        "sold_on": first.sold_on,
        "due_on": first.due_on,
        "total_gross": first.total,
        "total_vat": first.total_vat,
        "corrected_number": first.corrects,
        "corrected_on": first.corrects_on,
        **first.words,
    }
    same = True
    for name, value in own.items():
        if (value.key if isinstance(value, Ref) else value) != (
            known.key if isinstance(known := other[name], Ref) else known
        ):
            what = N_("This is another value for invoice {number} than on line {line}.")
            report.wrong(line, name, say(what, number=first.number.text, line=first.line))
            same = False
    return same
