"""Products of internet lines: those of the catalogue, those that are in the desk already, and new ones by their maker.

A name alone must be known, or a slip of the pen would make a product; with a vendor beside it a new one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from core.forms.field_types import FormError
from core.forms.formats import Serial
from core.i18n.collation import sort_key
from core.i18n.sanitize import fold, identity
from core.imports.csv.spool import Packed
from core.models.contracts import Product
from core.products.catalogue import catalogue
from core.products.definitions import VendorProduct as Known
from core.service.unit_of_work import ReadContext, UnitOfWork, table

__all__ = ["CATEGORY", "ProductRow", "Products"]

_product = table(Product)

CATEGORY = "internet_line"
_KEPT = 4_096


@dataclass(frozen=True, slots=True)
class ProductRow(Packed):
    """A product as it will be kept."""

    vendor: str
    name: str
    key: tuple[str, str]
    """What tells products of a category apart: both by :func:`core.i18n.sanitize.identity`."""

    @classmethod
    def of(cls, vendor: str, name: str) -> ProductRow:
        return cls(vendor, name, (identity(vendor)[:80], identity(name)[:80]))


@dataclass(slots=True)
class Products:
    """What is known of lines' products."""

    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    """Of those that are in the desk."""
    _names: dict[str, ProductRow] = field(default_factory=dict)
    """By what a file may call them: name, or vendor and name."""
    _loosely: dict[str, dict[tuple[str, str], ProductRow]] = field(default_factory=dict)
    """The same without accents."""
    _alike: dict[str, dict[tuple[str, str], ProductRow]] = field(default_factory=dict)
    """All that have one name."""
    _known: dict[tuple[str, str], Known] = field(default_factory=dict)
    _asked: dict[tuple[str, str], ProductRow | None] = field(default_factory=dict)

    @classmethod
    def read(cls, look: ReadContext) -> Products:
        """Those of the catalogue and of the desk."""
        products = cls()
        definition = catalogue().category(CATEGORY)
        for known in definition.products if definition else ():
            named = ProductRow.of(known.vendor, known.name)
            products._known[named.key] = known
            products._call(named)
        for row in look.rows(sa.select(_product).where(_product.c.category == CATEGORY)):
            products.ids[row.vendor_key, row.name_key] = row.id
            products._call(ProductRow.of(row.vendor, row.name))
        return products

    def _call(self, named: ProductRow) -> None:
        self._alike.setdefault(identity(named.name), {})[named.key] = named
        for name in (named.name, f"{named.vendor} {named.name}"):
            self._names.setdefault(identity(name), named)
            self._loosely.setdefault(fold(name), {})[named.key] = named

    def labels(self) -> list[str]:
        return sorted({f"{product.vendor} {product.name}" for product in self._names.values()}, key=sort_key)

    def named(self, name: str, vendor: str = "") -> ProductRow | None:
        """The product that a file means, written as it is known, or as the file writes a new one. A name alone may lack
        its accents, where that leaves no doubt."""
        asked = (vendor, name)
        if asked not in self._asked:
            product = self._names.get(identity(f"{vendor} {name}"))
            if product is None and vendor:
                product = ProductRow.of(vendor[:80], name[:80])
                self._call(product)
            elif product is None and len(alike := self._loosely.get(fold(name), {})) == 1:
                product = next(iter(alike.values()))
            if len(self._asked) >= _KEPT:
                self._asked.clear()
            self._asked[asked] = product
        return self._asked[asked]

    def identify(self, named: ProductRow, typed: str) -> str:
        """A line's identifier as it is kept; empty when it can't be one of this product."""
        known = self._known.get(named.key)
        if known is not None:
            return known.identify(typed) or ""
        try:
            return str(Serial().value(typed) or "")
        except FormError:
            return ""

    def meant(self, named: ProductRow, typed: str) -> ProductRow:
        """Of all products with this name, the one whose identifiers look like that: this one if it is one of them."""
        alike = self._alike.get(identity(named.name), {}).values()
        return next((product for product in (named, *alike) if self.identify(product, typed)), named)

    def example(self, named: ProductRow) -> str:
        """What an identifier of this product looks like, as far as its pattern can be said in digits."""
        known = self._known.get(named.key)
        pattern = known.identifier.pattern if known is not None else ""
        return re.sub(r"\[0-9\]\{(\d)\}", lambda match: "12345678901"[: int(match[1])], pattern)

    def make(self, work: UnitOfWork, wanted: Iterable[ProductRow]) -> None:
        """Those of them that aren't in the desk yet."""
        for named in wanted:
            if named.key not in self.ids:
                vendor, name = named.key
                self.ids[named.key] = work.add(
                    Product, category=CATEGORY, vendor=named.vendor, vendor_key=vendor, name=named.name, name_key=name
                )
