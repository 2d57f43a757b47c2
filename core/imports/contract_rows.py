"""The rows of a contracts file, each read and checked by itself and against the rows above it. No database here."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from core.contracts.number import code_mac, number_key
from core.errors import Say, say
from core.forms.field_types import FieldKind, FormError, Text
from core.forms.formats import Date, PrintedCode, Serial
from core.i18n import translation
from core.i18n.sanitize import fold, identity
from core.i18n.translation import N_
from core.imports.csv.cell_types import Cells
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.imports.csv.spool import Packed
from core.products.definitions import Catalogue, Definition
from core.products.definitions import VendorProduct as KnownProduct
from core.security.crypto import Keys

COLUMNS = (
    "contract_number",
    "activation_code",
    "company",
    "support_level",
    "valid_from",
    "valid_until",
    "category",
    "vendor",
    "product",
    "identifier",
)
LEAST_CODE = 4
"""Letters and digits of an activation code: dashes alone must not open a contract."""
_KINDS: dict[str, FieldKind] = {
    "contract_number": Text(limit=40),
    "activation_code": PrintedCode(),
    "company": Text(limit=120),
    "support_level": Text(limit=40),
    "valid_from": Date(),
    "valid_until": Date(),
    "category": Text(limit=80),
    "vendor": Text(limit=80),
    "product": Text(limit=80),
    "identifier": Text(limit=64),
}
_MAY_BE_BLANK = ("company", "support_level")


@dataclass(frozen=True, slots=True)
class ProductNamed(Packed):
    """A product as it will be kept. Its key is what tells products apart."""

    key: tuple[str, str, str]
    category: str
    vendor: str
    name: str


@dataclass(frozen=True, slots=True)
class ContractTerms(Packed):
    """What all rows of a contract must agree about. Every field but the keys is a column of the file."""

    contract_number: str
    number_key: str
    activation_code: str = field(repr=False)
    """As its MAC; the code itself goes no further."""
    company: str
    company_key: str
    support_level: str
    valid_from: dt.date
    valid_until: dt.date


@dataclass(frozen=True, slots=True)
class ContractFileRow(Packed):
    """One row: an asset under a contract."""

    line: int
    terms: ContractTerms
    product: ProductNamed
    identifier: str
    identifier_key: str


class ContractRowReader:
    """Reads rows one after the other and remembers what the earlier ones said."""

    def __init__(self, keys: Keys, catalogue: Catalogue, report: Report) -> None:
        self._keys = keys
        self._report = report
        self._cells = Cells(_KINDS, report, blank=_MAY_BE_BLANK, private=("activation_code", "identifier"))
        self._terms: dict[str, tuple[int, ContractTerms]] = {}
        self._identifiers: dict[str, int] = {}
        self._categories = {
            made(name): definition
            for made in (fold, identity)
            for definition in catalogue.definitions
            for name in (definition.category, definition.name.en, definition.name.pl)
        }
        self._known = {
            (identity(product.vendor), identity(product.name)): (definition, product)
            for definition, product in catalogue.products()
        }
        self._products: dict[tuple[str, str, str], tuple[ProductNamed, KnownProduct | None] | Say] = {}

    def read(self, row: Row) -> ContractFileRow | None:
        """The row, if it is right in itself and fits the earlier ones; else the report says why not."""
        before = len(self._report.errors)
        cells, _right = self._cells.read(row)
        wrong = {slip.column for slip in self._report.errors[before:]}
        definition = self._category(row, cells["category"])
        product, identifier = None, ""
        if definition and cells["vendor"] and cells["product"]:
            product, known = self._product(row, definition, cells["vendor"], cells["product"])
            identifier = self._identifier(row, known, cells["identifier"])
        self._period(row, cells["valid_from"], cells["valid_until"])
        terms = self._agreed(row, cells) if wrong.isdisjoint(_TERMS) else None
        if len(self._report.errors) > before or product is None or terms is None:
            return None
        return ContractFileRow(row.line, terms, product, identifier, identity(identifier)[:64])

    def _wrong(self, row: Row, column: str, what: Say) -> None:
        self._report.wrong(row.line, column, what)

    def _category(self, row: Row, named: str | None) -> Definition | None:
        definition = (self._categories.get(identity(named)) or self._categories.get(fold(named))) if named else None
        if definition is None and named:
            known = ", ".join(sorted({definition.category for definition in self._categories.values()}))
            what = say(N_("There is no category {name}. Known are: {known}."), name=named, known=known)
            self._wrong(row, "category", what)
        return definition

    def _product(
        self, row: Row, definition: Definition, vendor: str, name: str
    ) -> tuple[ProductNamed | None, KnownProduct | None]:
        asked = (definition.category, vendor, name)
        if asked not in self._products:
            self._products[asked] = self._find_product(definition, vendor, name)
        product = self._products[asked]
        if isinstance(product, Say):
            self._wrong(row, "category", product)
            return None, None
        return product

    def _find_product(
        self, definition: Definition, vendor: str, name: str
    ) -> tuple[ProductNamed, KnownProduct | None] | Say:
        """The catalogue's product of this name, written as the catalogue does, or a new one as the row does."""
        key = (identity(vendor)[:80], identity(name)[:80])
        home, known = self._known.get(key, (definition, None))
        if home.category != definition.category:
            return say(N_("{name} belongs to the category {key}."), name=name, key=home.category)
        written = (known.vendor, known.name) if known else (vendor, name)
        return ProductNamed((definition.category, *key), definition.category, *written), known

    def _identifier(self, row: Row, known: KnownProduct | None, typed: str | None) -> str:
        """As it is kept: by the product's own pattern, else as any serial number."""
        if not typed:
            return ""
        try:
            tidied = known.identify(typed) if known else str(Serial().value(typed))
        except FormError as error:
            self._wrong(row, "identifier", error.say)
            return ""
        if tidied is None and known:
            wanted = N_("{identifier} can't be the identifier ({name}) of this product.")
            self._wrong(row, "identifier", say(wanted, identifier=typed, name=_label(known)))
            return ""
        first = self._identifiers.setdefault(identity(tidied or ""), row.line)
        if first != row.line:
            self._wrong(row, "identifier", say(N_("This identifier is on line {line} already."), line=first))
        return tidied or ""

    def _period(self, row: Row, since: dt.date | None, until: dt.date | None) -> None:
        if since and until and until < since:
            self._wrong(row, "valid_until", say(N_("The period ends before it starts ({day})."), day=since))

    def _agreed(self, row: Row, cells: dict[str, Any]) -> ContractTerms | None:
        """The contract's terms, which must be those of its first row; each that differs is named."""
        number, code = cells["contract_number"], cells["activation_code"]
        if code and len(re.sub(r"[^0-9A-Za-z]", "", code)) < LEAST_CODE:
            what = say(N_("An activation code has at least {limit} letters a-z or digits."), limit=LEAST_CODE)
            self._wrong(row, "activation_code", what)
            return None
        terms = ContractTerms(
            contract_number=number,
            number_key=number_key(number),
            activation_code=code_mac(self._keys, number, code),
            company=cells["company"] or "",
            company_key=identity(cells["company"] or "")[:120],
            support_level=cells["support_level"] or "",
            valid_from=cells["valid_from"],
            valid_until=cells["valid_until"],
        )
        line, first = self._terms.setdefault(terms.number_key, (row.line, terms))
        for column, (own, other) in _compared(terms, first).items():
            if own != other:
                what = say(
                    N_("This is another value for contract {number} than on line {line}."), number=number, line=line
                )
                self._wrong(row, column, what)
        return first


_TERMS = ("contract_number", "activation_code", "company", "support_level", "valid_from", "valid_until")


def _compared(terms: ContractTerms, first: ContractTerms) -> dict[str, tuple[Any, Any]]:
    return {
        "activation_code": (terms.activation_code, first.activation_code),
        "company": (terms.company_key, first.company_key),
        "support_level": (terms.support_level, first.support_level),
        "valid_from": (terms.valid_from, first.valid_from),
        "valid_until": (terms.valid_until, first.valid_until),
    }


def _label(product: KnownProduct) -> str:
    return product.identifier.read_in(translation.language())
