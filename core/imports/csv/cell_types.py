"""The cells of rows, each read by the kind of its column; and the kinds that only files of subscribers have."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.billing import invoice_document
from core.billing.amount_field import Money
from core.contracts.number import number_key
from core.errors import Say, say
from core.forms.field_types import FieldKind, FormError, refuse
from core.forms.formats import Number
from core.i18n.sanitize import DASHES, clean_id
from core.i18n.translation import N_
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.models.subscribers import SubscriberKind
from core.security.crypto import Keys
from core.subscribers import pesel

MISSING = say(N_("This is missing."))
NOT_YET = N_("This day has not come yet.")
ADDRESS_AGAIN = N_("This address is on line {line} already.")
LMS = "lms-"
"""Begins, folded, the numbers of what comes from LMS. Its next import ends or takes away what LMS has no more, so
nothing else may be called like that (:func:`like_lms`)."""
_KEPT = 4_096
_NEW = object()


class Cells:
    """Reads cell by cell. Files repeat themselves, so what a cell came to is kept, except for ``private`` columns.

    What is wrong in a ``lenient`` column is only warned of, and the row does without it.
    """

    def __init__(
        self,
        kinds: Mapping[str, FieldKind],
        report: Report,
        *,
        blank: Collection[str],
        private: Collection[str] = (),
        lenient: Collection[str] = (),
    ) -> None:
        self._kinds = kinds
        self._report = report
        self._blank = frozenset(blank)
        self._private = frozenset(private)
        self._lenient = frozenset(lenient)
        self._known: dict[str, dict[str, Any]] = {name: {} for name in kinds}

    def read(self, row: Row) -> tuple[dict[str, Any], bool]:
        """The value of each column (None for blank and for wrong ones), and whether all of them are right."""
        values, right = {}, True
        for column, text in row.values.items():
            value = self._known[column].get(text, _NEW)
            if value is _NEW:
                value = self._value(column, text)
            if value.__class__ is Say:
                if column in self._lenient:
                    self._report.warn(row.line, column, value)
                else:
                    self._report.wrong(row.line, column, value)
                    right = False
                value = None
            values[column] = value
        return values, right

    def _value(self, column: str, text: str) -> Any:
        try:
            value = self._kinds[column].value(text)
        except FormError as error:
            value = error.say
        if value is None and column not in self._blank:
            value = MISSING
        known = self._known[column]
        if column not in self._private:
            if len(known) >= _KEPT:
                known.clear()
            known[text] = value
        return value


class Ref(NamedTuple):
    """A number as it is written, and the key by which it is one however it is spaced or capitalised."""

    text: str
    key: str


def like_lms(key: str) -> Say | None:
    """What to say when a file calls something as only LMS may; ``key`` is how it is compared."""
    what = N_(
        "Numbers and marks that begin with {prefix} belong to what comes from LMS; please begin this one otherwise."
    )
    return say(what, prefix=LMS.upper()) if key.startswith(LMS) else None


@dataclass(frozen=True)
class Reference(FieldKind):
    """A customer's, contract's or invoice's number."""

    name = "text"
    limit: int = 40

    def read(self, text: str) -> Ref:
        key = number_key(text)
        if not key or len(key) > self.limit:
            raise refuse(N_("At most {limit} characters."), limit=self.limit)
        return Ref(text, key)


@dataclass(frozen=True)
class PaymentReference(FieldKind):
    """How a bank or a cash desk marks a payment: longer than a number, otherwise the same."""

    name = "text"
    limit: int = 64

    def read(self, text: str) -> Ref:
        key = "".join(clean_id(text).split()).casefold()
        if not key or len(key) > self.limit:
            raise refuse(N_("At most {limit} characters."), limit=self.limit)
        return Ref(text, key)


@dataclass(frozen=True)
class Pesel(FieldKind):
    """A PESEL, which goes no further than here: the value is its MAC and its end. No message repeats it."""

    name = "secret"
    keys: Keys | None = None

    def tidy(self, text: str) -> str:
        return re.sub(rf"[\s{DASHES}]", "", clean_id(text))

    def read(self, text: str) -> tuple[str, str]:
        wrong = pesel.problem(text)
        if wrong is not None:
            raise FormError("", wrong)
        digits = text if len(text) == pesel.LENGTH and text.isascii() else pesel.normal(text)
        return pesel.mac(self.keys, digits) if self.keys else "", pesel.end(digits)


@dataclass(frozen=True)
class TaxId(FieldKind):
    """A company's NIP; the value is its ten digits."""

    name = "text"

    def read(self, text: str) -> str:
        digits = re.sub(rf"[\s{DASHES}]", "", clean_id(text).upper().removeprefix("PL"))
        if not invoice_document.right_nip(digits):
            raise refuse(
                N_("A NIP has ten digits, and the last one checks the others. Please look for a typing error.")
            )
        return digits


@dataclass(frozen=True)
class BankAccount(FieldKind):
    """A Polish bank account, with or without spaces and ``PL``; the value is its 26 digits."""

    name = "text"

    def read(self, text: str) -> str:
        digits = "".join(clean_id(text).upper().removeprefix("PL").split())
        if not invoice_document.right_account(digits):
            raise refuse(N_("The bank account is wrong: it has 26 digits, and the first two check the others."))
        return digits


@dataclass(frozen=True)
class Fee(Money):
    """An amount that isn't below zero."""

    def read(self, text: str) -> int:
        grosze = super().read(text)
        if grosze < 0:
            raise refuse(N_("This can't be below zero."))
        return grosze


@dataclass(frozen=True)
class Whole(FieldKind):
    """A whole number from 0 up, written with digits alone: bytes, megabits."""

    name = "number"
    most: int = 10**15 - 1

    def read(self, text: str) -> int:
        if not (text.isascii() and text.isdigit()):
            return int(Number(low=0, high=self.most).read(text))
        if len(text) > 15 or int(text) > self.most:
            raise refuse(N_("The number must be at most {high}."), high=self.most)
        return int(text)


@dataclass(frozen=True)
class OneWord(FieldKind):
    """One of a few words, in any case; the value is what the word stands for."""

    name = "choice"
    words: tuple[tuple[str, str], ...] = ()

    def read(self, text: str) -> str:
        for word, value in self.words:
            if text.casefold() == word:
                return value
        raise refuse(N_("Here goes one of: {words}."), words=", ".join(word for word, _value in self.words))


PERSON_OR_COMPANY = OneWord(
    words=(
        ("person", SubscriberKind.PERSON.value),
        ("company", SubscriberKind.COMPANY.value),
        ("osoba", SubscriberKind.PERSON.value),
        ("firma", SubscriberKind.COMPANY.value),
    )
)
LANGUAGE = OneWord(words=(("pl", "pl"), ("en", "en")))
