"""The rows of a lines file, each read by itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from core.errors import say
from core.forms.field_types import FieldKind, Text, refuse
from core.forms.formats import Date
from core.i18n.sanitize import identity
from core.i18n.translation import N_
from core.imports.csv.cell_types import Cells, Ref, Reference, Whole, like_lms
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.imports.products import ProductRow, Products
from core.subscribers import ip_ranges
from core.subscribers.ip_ranges import Network

NEEDED = (
    "customer_number",
    "contract_number",
    "line",
    "product",
    "addresses",
    "activated_on",
)
OPTIONAL = ("vendor", "down_mbit", "up_mbit", "pppoe_login", "pppoe_password", "street", "postcode", "town")
MOST_MBIT = 1_000_000


@dataclass(frozen=True)
class Networks(FieldKind):
    """Addresses and networks of both kinds, with spaces between them; none overlaps another."""

    name = "text"
    limit: int = 1_000

    def read(self, text: str) -> tuple[Network, ...]:
        networks = []
        for address in text.replace(",", " ").split():
            try:
                networks.append(ip_ranges.read(address))
            except ValueError:
                raise refuse(N_("{address} can't be the address or network of a line."), address=address) from None
        ordered = sorted(networks, key=lambda network: network.low)
        for before, after in pairwise(ordered):
            if after.low <= before.high:
                raise refuse(N_("{one} and {other} overlap."), one=before.text, other=after.text)
        return tuple(ordered)


@dataclass(frozen=True)
class Unsaid(FieldKind):
    """A password, as it is: no message repeats it."""

    name = "secret"
    limit: int = 128

    def read(self, text: str) -> str:
        return text


KINDS: dict[str, FieldKind] = {
    "customer_number": Reference(),
    "contract_number": Reference(),
    "line": Text(limit=64),
    "vendor": Text(limit=80),
    "product": Text(limit=160),
    "down_mbit": Whole(most=MOST_MBIT),
    "up_mbit": Whole(most=MOST_MBIT),
    "addresses": Networks(),
    "pppoe_login": Text(limit=64),
    "pppoe_password": Unsaid(),
    "activated_on": Date(),
    "street": Text(limit=120),
    "postcode": Text(limit=10),
    "town": Text(limit=80),
}
PLACE = ("street", "postcode", "town")
_BLANK = {"addresses", *OPTIONAL}


@dataclass(frozen=True, slots=True)
class LineRow:
    """One row. A line of LMS may be without a contract. ``columns`` are the optional ones that are there: of the others
    the row knows nothing, and its values for them only serve a new line."""

    line: int
    customer: Ref
    contract: Ref | None
    identifier: str
    key: str
    """By which the line is known: its identifier, folded."""
    product: ProductRow
    down_mbit: int
    up_mbit: int
    networks: tuple[Network, ...]
    login: str
    password: str = field(repr=False)
    activated_on: dt.date
    street: str
    postcode: str
    town: str
    columns: frozenset[str] = frozenset(OPTIONAL)

    def __reduce__(self) -> tuple[Any, ...]:
        values = [getattr(self, name) for name in self.__match_args__]
        values[_NETWORKS] = [(network.text, network.low, network.high) for network in self.networks]
        return _again, tuple(values)


_NETWORKS = LineRow.__match_args__.index("networks")


def _again(*packed: Any) -> LineRow:
    """A row that was spooled."""
    made: Any = LineRow
    values = list(packed)
    values[_NETWORKS] = tuple(Network(*ends) for ends in values[_NETWORKS])
    return made(*values)  # type: ignore[no-any-return]


class LineRowReader:
    """Reads rows of the file."""

    def __init__(self, products: Products, report: Report, *, lms: bool = False) -> None:
        """``lms``: a line may be without a contract, and does without what is wrong in itself."""
        private = ("pppoe_password", "pppoe_login", "line", "addresses")
        blank = {*_BLANK, "contract_number"} if lms else _BLANK
        self._cells = Cells(KINDS, report, blank=blank, private=private, lenient=_BLANK if lms else ())
        self._lms = lms
        self._by_vendor: dict[bool, frozenset[str]] = {}
        self._half = False
        self._products = products
        self._report = report

    def read(self, row: Row) -> LineRow | None:
        """The row, if it is right in itself; else the report says why not."""
        values, right = self._cells.read(row)
        if not self._whole_address(row.line, values):
            return None
        product, identifier = None, ""
        if values["product"]:
            product = self._products.named(values["product"], values.get("vendor") or "")
            if product is None:
                what = N_(
                    "There is no product {name} here. Known are: {known}. For one of your own, add a column vendor."
                )
                known = ", ".join(self._products.labels()[:20])
                self._report.wrong(row.line, "product", say(what, name=values["product"], known=known))
        if product is not None and values["line"]:
            if not values.get("vendor") and identity(values["product"]) == product.key[1]:
                product = self._products.meant(product, values["line"])
            identifier = self._products.identify(product, values["line"])
            if not identifier:
                what = N_("{identifier} can't be the number of a line of {name}: those look like {example}.")
                facts = {"identifier": values["line"], "name": product.name, "example": self._products.example(product)}
                self._report.wrong(row.line, "line", say(what, **facts))
        other = like_lms(identity(identifier)) if not self._lms else None
        if other is not None:
            self._report.wrong(row.line, "line", other)
            return None
        if values.get("pppoe_password") and not values.get("pppoe_login") and not self._lms:
            column = "pppoe_login" if "pppoe_login" in values else "pppoe_password"
            self._report.wrong(row.line, column, say(N_("There is a password here, but no login.")))
            return None
        if not right or product is None or not identifier:
            return None
        # A product's whole name has its vendor in it.
        with_vendor = bool(values.get("vendor")) or identity(values["product"]) != product.key[1]
        return _made(row.line, values, product, identifier, self._columns(values, with_vendor))

    def _whole_address(self, line: int, values: dict[str, Any]) -> bool:
        """A part of an address would be mixed with parts of the one that is known. Said once: it is the same for every
        row."""
        missing = [name for name in PLACE if name not in values]
        if missing and len(missing) < len(PLACE) and not self._half:
            self._half = True
            what = N_("The columns street, postcode and town belong together: all three, or none.")
            self._report.wrong(line, missing[0], say(what))
        return not self._half

    def _columns(self, values: dict[str, Any], with_vendor: bool) -> frozenset[str]:
        """The optional columns of the file, the same for all rows but for the vendor; LMS leaves nothing open."""
        if with_vendor not in self._by_vendor:
            columns = {name for name in OPTIONAL if name in values or self._lms} - {"vendor"}
            self._by_vendor[with_vendor] = frozenset(columns | {"vendor"} if with_vendor else columns)
        return self._by_vendor[with_vendor]


def _made(line: int, values: dict[str, Any], product: ProductRow, identifier: str, columns: frozenset[str]) -> LineRow:
    return LineRow(
        line,
        values["customer_number"],
        values["contract_number"],
        identifier,
        identity(identifier)[:64],
        product,
        values.get("down_mbit") or 0,
        values.get("up_mbit") or 0,
        values["addresses"] or (),
        values.get("pppoe_login") or "",
        values.get("pppoe_password") or "",
        values["activated_on"],
        values.get("street") or "",
        values.get("postcode") or "",
        values.get("town") or "",
        columns,
    )
