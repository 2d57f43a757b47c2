"""How each kind of field reads what was typed: the annotations that the fields of a form carry.

``email: Annotated[str, Email(), Ask(N_("E-mail"))]``. A kind names what a screen draws (:data:`core.fields.KINDS`),
bounds the input, and turns raw text into the value, or says with :class:`FormError` what is wrong and what is wanted.
Every text goes through :mod:`core.text`; only secrets are left exactly as they are. Values are forgiving to type
(``1 234,5``, ``AA-BB-…``, ``20.11.2026``) and strict when kept.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler, SecretStr
from pydantic_core import CoreSchema, core_schema

from core import addresses
from core.errors import Say, say
from core.fields import Choice, Raw
from core.text import clean, clean_id
from core.words import N_

NEEDED = say(N_("This is needed."))
UNREADABLE = say(N_("This can't be used here. Please type it again."))
_SERIAL = say(N_("A serial number has 3 to 40 letters, digits and - . _ : /, as printed on the device."))


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
    """A value as a form holds it: what :meth:`Kind.read` would make the same value of. None is blank."""
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
            return tuple(str(raw(one)) for one in value)
        case _:
            raise FormError("", UNREADABLE)


@dataclass(frozen=True)
class Kind:
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

    def value(self, given: Any) -> Any:
        """The value of what was typed or passed; None when that is blank. Raises :class:`FormError`."""
        typed = raw(given)
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
class Text(Kind):
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
class Secret(Kind):
    """A password or key, for a field of type ``SecretStr``: neither trimmed nor changed (:mod:`core.passwords`)."""

    name = "secret"
    limit: int = 256

    def tidy(self, text: str) -> str:
        return text

    def read(self, text: str) -> SecretStr:
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            raise FormError("", UNREADABLE)
        return SecretStr(text)


@dataclass(frozen=True)
class Email(Kind):
    """An address to write to (:mod:`core.addresses`), kept as typed; its key is ``addresses.normal``."""

    name = "email"
    limit: int = addresses.MAX_LENGTH

    def read(self, text: str) -> str:
        wrong = addresses.problem(text)
        if wrong:
            raise FormError("", wrong)
        return text


@dataclass(frozen=True)
class Phone(Kind):
    """``+`` and 6 to 15 digits (ITU-T E.164 §6) in groups with single spaces: ``+48 22 555 01 01``."""

    name = "phone"
    limit: int = 40

    def read(self, text: str) -> str:
        groups = re.sub(r"[\s().\-/]+", " ", clean_id(text)).strip()
        if not re.fullmatch(r"\+? ?[0-9]+(?: [0-9]+)*", groups) or not 6 <= sum(map(str.isdigit, groups)) <= 15:
            raise refuse(N_("A phone number has 6 to 15 digits and may start with +, as in +48 22 555 01 01."))
        return groups.replace("+ ", "+")


@dataclass(frozen=True)
class Code(Kind):
    """A code as it was mailed or printed; case, spaces and look-alikes are whoever checks it to forgive."""

    name = "code"
    limit: int = 60

    def tidy(self, text: str) -> str:
        return clean_id(text)

    def read(self, text: str) -> str:
        return text


@dataclass(frozen=True)
class LoginName(Kind):
    """3 to 64 ASCII letters, digits and ``. _ - @``, compared without regard to case (spec/accounts.md)."""

    name = "text"
    limit: int = 64

    def tidy(self, text: str) -> str:
        return clean_id(text)

    def read(self, text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._@-]{3,64}", text):
            raise refuse(N_("A login has 3 to 64 characters: letters without accents, digits and . _ - @"))
        return text


@dataclass(frozen=True)
class YesNo(Kind):
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
class OneOf(Kind):
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

    def value(self, given: Any) -> Any:
        picked = raw(given)
        picked = (picked,) if isinstance(picked, str) and picked else picked
        known = [choice.value for choice in self.choices()]
        if any(one not in known for one in picked):
            raise refuse(N_("Choose from the list."))
        return tuple(self.of(one) for one in known if one in picked) or None


@dataclass(frozen=True)
class Date(Kind):
    """A day: ``2026-11-20``, or ``20.11.2026`` as it is written in Poland."""

    name = "date"
    limit: int = 10

    def read(self, text: str) -> date:
        found = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text)
        turned = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text)
        year, month, day = found.groups() if found else turned.groups()[::-1] if turned else ("0", "0", "0")
        try:
            read = date(int(year), int(month), int(day))
        except ValueError:
            raise refuse(N_("A date is written like 2026-11-20.")) from None
        if not 1900 <= read.year <= 2199:
            raise refuse(N_("The year must lie between {low} and {high}."), low=1900, high=2199)
        return read


@dataclass(frozen=True)
class DateTime(Kind):
    """A day and a time as the person's own clock shows it; naive, because only the caller knows the zone."""

    name = "datetime"
    limit: int = 16

    def read(self, text: str) -> datetime:
        day, _, clock = text.replace("T", " ").partition(" ")
        found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", clock.strip())
        try:
            return datetime.combine(Date().read(day), time(int(found[1]), int(found[2])))  # type: ignore[index]
        except (TypeError, ValueError):
            raise refuse(N_("A date with a time is written like 2026-11-20 14:30.")) from None


@dataclass(frozen=True)
class Number(Kind):
    """A number within bounds, ``int`` without ``decimals``, else ``Decimal``; comma or point, thousands by spaces."""

    name = "number"
    limit: int = 40
    low: Decimal | int | None = None
    high: Decimal | int | None = None
    decimals: int = 0

    def read(self, text: str) -> int | Decimal:
        plain = re.sub(r"\s", "", text).replace("\N{MINUS SIGN}", "-").replace(",", ".")
        if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]+)?", plain):
            raise refuse(N_("This is not a number. Write it like {example}."), example=self._example())
        read = Decimal(plain)
        whole, _, part = plain.partition(".")
        if len(part.rstrip("0")) > self.decimals:
            wanted = N_("At most {limit} digits after the point.") if self.decimals else N_("A whole number is needed.")
            raise refuse(wanted, limit=self.decimals)
        if (self.low is not None and read < self.low) or (self.high is not None and read > self.high):
            raise FormError("", self._bounds())
        return read if self.decimals else int(whole)

    def _example(self) -> str:
        return "12.5" if self.decimals else "12"

    def _bounds(self) -> Say:
        if self.high is None:
            return say(N_("The number must be at least {low}."), low=self.low)
        if self.low is None:
            return say(N_("The number must be at most {high}."), high=self.high)
        return say(N_("The number must lie between {low} and {high}."), low=self.low, high=self.high)


@dataclass(frozen=True)
class Ip(Kind):
    """An IPv4 or IPv6 address in its short form; no zone, no prefix length."""

    name = "ip"
    limit: int = 45

    def read(self, text: str) -> str:
        try:
            if "%" in text:
                raise ValueError
            return str(ipaddress.ip_address(text))
        except ValueError:
            raise refuse(N_("An IP address looks like 192.0.2.10 or 2001:db8::1.")) from None


@dataclass(frozen=True)
class Mac(Kind):
    """Twelve hexadecimal digits with or without separators, kept as ``AA:BB:CC:DD:EE:FF``."""

    name = "mac"
    limit: int = 23

    def read(self, text: str) -> str:
        digits = re.sub(r"[:\-. ]", "", text).upper()
        if not re.fullmatch(r"[0-9A-F]{12}", digits):
            raise refuse(N_("A MAC address has twelve digits 0-9 or A-F, as in 00:1B:21:3C:4D:5E."))
        return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


@dataclass(frozen=True)
class Version(Kind):
    """A version of software: begins with a letter or digit and holds a digit."""

    name = "version"
    limit: int = 40

    def read(self, text: str) -> str:
        if not re.fullmatch(r"(?=.*[0-9])[0-9A-Za-z][0-9A-Za-z .()+_/-]*", text):
            raise refuse(N_("A version looks like 7.2.4 or v12.1-build 88."))
        return text


@dataclass(frozen=True)
class Serial(Kind):
    """A serial number or another identifier printed on a device, kept in capitals without spaces.

    ``pattern`` must match the whole of it; ``wanted`` then says what it looks like.
    """

    name = "serial"
    limit: int = 40
    pattern: str = r"[0-9A-Z][0-9A-Z._:/-]{2,39}"
    wanted: Say = _SERIAL

    def tidy(self, text: str) -> str:
        return "".join(clean_id(text).upper().split())

    def read(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise FormError("", self.wanted)
        return text
