"""How each kind of field reads what was typed: the annotations that the fields of a form carry.

``email: Annotated[str, Email(), Ask(N_("E-mail"))]``. A kind names what a screen draws
(:data:`core.field.KINDS`), bounds the input, and turns raw text into the value, or says with :class:`FormError`
what is wrong and what is wanted. Every text goes through :mod:`core.i18n.sanitize`; only secrets are left exactly as
they are. Values are forgiving to type (``1 234,5``, ``AA-BB-…``, ``20.11.2026``) and strict when kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler, SecretStr
from pydantic_core import CoreSchema, core_schema

from core.errors import Say, say
from core.field import Choice, Raw
from core.i18n.sanitize import clean
from core.i18n.translation import N_

NEEDED = say(N_("This is needed."))
UNREADABLE = say(N_("This can't be used here. Please type it again."))


class FormError(ValueError):
    """What is wrong with a field, for validators of forms to raise; an empty ``field`` is the one being read.

    A validator of the whole model names the field that is to be marked, or none for the form as such.
    """

    def __init__(self, field: str, what: Say) -> None:
        super().__init__(what.msgid)
        self.field = field
        self.say = what


def refuse(msgid: str, /, **params: Any) -> FormError:
    """The error to raise for the field being read."""
    return FormError("", say(msgid, **params))


def raw(value: Any) -> Raw:
    """A value as a form holds it: what :meth:`FieldKind.read` would make the same value of. None is blank."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case SecretStr():
            return value.get_secret_value()
        case Enum():
            return str(value.value)
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M") if value.year > 999 else ""
        case date():
            return value.isoformat()
        case str() | int() | Decimal():
            return str(value)
        case float():
            return format(Decimal(repr(value)), "f")
        case list() | tuple() | set() | frozenset():
            return tuple(str(raw(item)) for item in value)
        case _:
            raise FormError("", UNREADABLE)


@dataclass(frozen=True)
class FieldKind:
    """One kind of field. ``read`` takes what was typed, cleaned and not blank, and gives the field's value."""

    name: ClassVar[str]
    needed: ClassVar[Say] = NEEDED
    limit: int = field(default=200, kw_only=True)

    def read(self, text: str) -> Any:
        raise NotImplementedError

    def tidy(self, text: str) -> str:
        """Cleaned, but not cut: what is too long is refused with a sentence, never shortened behind one's back."""
        return clean(text)

    def choices(self) -> tuple[Choice, ...]:
        return ()

    def blank(self, typed: Raw) -> bool:
        return not (self.tidy(typed) if isinstance(typed, str) else typed)

    def value(self, entry: Any) -> Any:
        """The value of what was typed or passed; None when that is blank. Raises :class:`FormError`."""
        typed = raw(entry)
        if not isinstance(typed, str):
            raise FormError("", UNREADABLE)
        tidied = self.tidy(typed)
        if not tidied:
            return None
        if len(tidied) > self.limit:
            raise refuse(N_("At most {limit} characters."), limit=self.limit)
        return self.read(tidied)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.value, handler(source))


@dataclass(frozen=True)
class Text(FieldKind):
    """One line. ``pattern`` must match the whole of it, and then ``wanted`` says what it looks like."""

    name = "text"
    limit: int = 200
    least: int = 1
    pattern: str = ""
    wanted: Say = UNREADABLE

    def read(self, text: str) -> str:
        if len(text) < self.least:
            raise refuse(N_("At least {limit} characters."), limit=self.least)
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise FormError("", self.wanted)
        return text


@dataclass(frozen=True)
class LongText(Text):
    """Several lines; Markdown stays as it is typed."""

    name = "long_text"
    limit: int = 20_000

    def tidy(self, text: str) -> str:
        return clean(text, multiline=True)


@dataclass(frozen=True)
class Secret(FieldKind):
    """A password or key, for a field of type ``SecretStr``: neither trimmed nor changed
    (:mod:`core.security.passwords`)."""

    name = "secret"
    limit: int = 256

    def tidy(self, text: str) -> str:
        return text

    def read(self, text: str) -> SecretStr:
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            raise FormError("", UNREADABLE)
        return SecretStr(text)


@dataclass(frozen=True)
class YesNo(FieldKind):
    """A question with two answers and none chosen at first; the value is a bool."""

    name = "yes_no"
    limit: int = 10

    def read(self, text: str) -> bool:
        if text not in ("yes", "no"):
            raise refuse(N_("Choose yes or no."))
        return text == "yes"


@dataclass(frozen=True)
class Check(YesNo):
    """A box; ``must`` be ticked (terms of use) or may be."""

    name = "check"
    needed = say(N_("This has to be ticked to go on."))
    must: bool = False

    def read(self, text: str) -> bool:
        ticked = super().read(text)
        if self.must and not ticked:
            raise FormError("", self.needed)
        return ticked


Offered = Collection[Choice] | Callable[[], Collection[Choice]]


@dataclass(frozen=True)
class OneOf(FieldKind):
    """One of some choices; a function is asked each time (names of countries in the reader's language).

    ``of`` makes the field's value of the chosen string, such as an Enum.
    """

    name = "choice"
    offered: Offered = ()
    of: Callable[[str], Any] = str

    def choices(self) -> tuple[Choice, ...]:
        return tuple(self.offered() if callable(self.offered) else self.offered)

    def read(self, text: str) -> Any:
        if all(text != choice.value for choice in self.choices()):
            raise refuse(N_("Choose one of the list."))
        return self.of(text)


@dataclass(frozen=True)
class AnyOf(OneOf):
    """Any number of some choices, in their order, for a field of type ``tuple[str, ...]``."""

    name = "multi_choice"

    def value(self, entry: Any) -> Any:
        picked = raw(entry)
        picked = (picked,) if isinstance(picked, str) and picked else picked
        known = [choice.value for choice in self.choices()]
        if any(value not in known for value in picked):
            raise refuse(N_("Choose from the list."))
        return tuple(self.of(value) for value in known if value in picked) or None
