"""A category of products and the questions that a ticket about one of them is asked, as data.

Written in ``data/products/*.toml``, read by :mod:`core.products.parser`, kept with the tickets that were
asked (as JSON, by version), and made a form by :mod:`core.products.answers`.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from core.field import Choice, When
from core.forms.field_types import AnyOf, FieldKind, FormError, LongText, OneOf, Text, YesNo
from core.forms.formats import Date, DateTime, Ip, Mac, Number, Serial, Version
from core.i18n.sanitize import clean

QuestionType = Literal[
    "date",
    "datetime",
    "yes_no",
    "choice",
    "multi_choice",
    "text",
    "long_text",
    "number",
    "ip",
    "mac",
    "version",
    "serial",
]
PICKED: tuple[QuestionType, ...] = ("choice", "multi_choice")
LARGEST = 10**9
"""Bounds of every number, so that with six decimals it survives JSON unchanged (15 digits)."""


def _cleaned(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


_Clean = BeforeValidator(_cleaned)
_Line = Annotated[str, StringConstraints(min_length=1, max_length=200), _Clean]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=80), _Clean]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Value = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
_Bound = Annotated[int | float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]
Default = str | bool | int | float | date | datetime | tuple[str, ...]


def _listed(value: object) -> object:
    """TOML and JSON have lists; what is kept is frozen."""
    return tuple(value) if isinstance(value, list) else value


_Listed = BeforeValidator(_listed)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Words(_Part):
    """One text in both languages."""

    en: _Line
    pl: _Line

    def read_in(self, language: str) -> str:
        return self.pl if language == "pl" else self.en


class Option(_Part):
    """One choice: the value that is kept, and its words."""

    value: _Value
    en: _Line
    pl: _Line

    def read_in(self, language: str) -> str:
        return self.pl if language == "pl" else self.en


class Condition(_Part):
    """Asked only while the earlier question ``field`` is answered with one of ``values`` (``in`` in the file)."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    field: Key
    values: Annotated[tuple[Annotated[str, StringConstraints(max_length=40)], ...], _Listed] = Field(
        alias="in", min_length=1, max_length=40
    )


class Identifier(_Part):
    """What a product is told apart by: its name on the label, and what it looks like (whole, in capitals)."""

    en: _Line
    pl: _Line
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=200)]

    def read_in(self, language: str) -> str:
        return self.pl if language == "pl" else self.en


class VendorProduct(_Part):
    """A product of a vendor."""

    vendor: _Name
    name: _Name
    identifier: Identifier
    remote: bool = False
    """Whether it can be reached from afar, and so be looked after by an installer company. A device
    whose ID nobody has met yet is the first such product that the ID fits."""

    def identify(self, typed: str) -> str | None:
        """``typed`` as the identifier is kept (capitals, no spaces, MAC with colons), or None if it can't be one."""
        for kind in (Serial(pattern=self.identifier.pattern), Mac()):
            try:
                read = kind.value(typed)
            except FormError:
                continue
            if read and re.fullmatch(self.identifier.pattern, read):
                return str(read)
        return None


class Question(_Part):
    """One product-specific field."""

    key: Key
    type: QuestionType
    label: Words
    help: Words | None = None
    required: bool = True
    default: Annotated[Default | None, _Listed] = None
    choices: Annotated[tuple[Option, ...], _Listed] = Field(default=(), max_length=40)
    when: Condition | None = None
    unit: Annotated[str, StringConstraints(max_length=16), _Clean] = ""
    min: _Bound | None = None
    max: _Bound | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] = 0

    def kind(self, language: str = "en") -> FieldKind:
        """How its answer is read and drawn."""
        match self.type:
            case "choice" | "multi_choice":
                offered = tuple(Choice(option.value, option.read_in(language)) for option in self.choices)
                return OneOf(offered=offered) if self.type == "choice" else AnyOf(offered=offered)
            case "number":
                low = -LARGEST if self.min is None else self.min
                high = LARGEST if self.max is None else self.max
                return Number(low=Decimal(str(low)), high=Decimal(str(high)), decimals=self.decimals)
            case _:
                return _PLAIN[self.type]

    def condition(self) -> When | None:
        return When(self.when.field, self.when.values) if self.when else None

    def values(self) -> tuple[str, ...]:
        """The answers that a condition can name; none for a question that is not picked."""
        return ("yes", "no") if self.type == "yes_no" else tuple(option.value for option in self.choices)


_PLAIN: dict[str, FieldKind] = {
    "date": Date(),
    "datetime": DateTime(),
    "yes_no": YesNo(),
    "text": Text(),
    "long_text": LongText(limit=5_000),
    "ip": Ip(),
    "mac": Mac(),
    "version": Version(),
    "serial": Serial(),
}


class Definition(_Part):
    """A category: its products, and what is asked about any of them (``fields`` in the file)."""

    category: Key
    name: Words
    products: Annotated[tuple[VendorProduct, ...], _Listed] = Field(default=(), max_length=500)
    fields: Annotated[tuple[Question, ...], _Listed] = Field(default=(), max_length=60)

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits of the content; comments, order of keys and spaces in the file don't count."""
        content = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def __hash__(self) -> int:
        return hash(self.version)

    def question(self, key: str) -> Question | None:
        return next((question for question in self.fields if question.key == key), None)

    def product(self, vendor: str, name: str) -> VendorProduct | None:
        return next((product for product in self.products if (product.vendor, product.name) == (vendor, name)), None)

    def to_json(self) -> str:
        """To be kept with the tickets that were asked; :meth:`from_json` reads it back with the same version."""
        return self.model_dump_json(by_alias=True, exclude_defaults=True)

    @classmethod
    def from_json(cls, text: str) -> Definition:
        """Raises ValueError (pydantic's) when ``text`` was not made by :meth:`to_json`."""
        return cls.model_validate_json(text)
