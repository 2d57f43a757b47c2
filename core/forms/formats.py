"""Kinds of fields whose text follows a notation: addresses, numbers, dates, identifiers (see
:mod:`core.forms.field_types`)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from core.errors import Say, say
from core.forms import email_address
from core.forms.field_types import FieldKind, FormError, refuse
from core.i18n.sanitize import DASHES, clean_id
from core.i18n.translation import N_

_SERIAL = say(N_("A serial number has 3 to 40 letters, digits and - . _ : /, as printed on the device."))


@dataclass(frozen=True)
class Email(FieldKind):
    """An address to write to (:mod:`core.forms.email_address`), kept as typed; its key is ``addresses.normal``."""

    name = "email"
    limit: int = email_address.MAX_LENGTH

    def read(self, text: str) -> str:
        wrong = email_address.problem(text)
        if wrong:
            raise FormError("", wrong)
        return text


@dataclass(frozen=True)
class Phone(FieldKind):
    """``+`` and 6 to 15 digits (ITU-T E.164 §6) in groups with single spaces: ``+48 22 555 01 01``."""

    name = "phone"
    limit: int = 40

    def read(self, text: str) -> str:
        groups = re.sub(rf"[\s()./{DASHES}]+", " ", clean_id(text)).strip()
        if not re.fullmatch(r"\+? ?[0-9]+(?: [0-9]+)*", groups) or not 6 <= sum(map(str.isdigit, groups)) <= 15:
            raise refuse(N_("A phone number has 6 to 15 digits and may start with +, as in +48 22 555 01 01."))
        return groups.replace("+ ", "+")


@dataclass(frozen=True)
class PrintedCode(FieldKind):
    """A code as it was mailed or printed; case, spaces and look-alikes are whoever checks it to forgive."""

    name = "code"
    limit: int = 60

    def tidy(self, text: str) -> str:
        return clean_id(text)

    def read(self, text: str) -> str:
        return text


@dataclass(frozen=True)
class LoginName(FieldKind):
    """3 to 64 ASCII letters, digits and ``. _ - @``, compared without regard to case.

    For a login that somebody chooses. One that is an address already, of an end user or of an account from an older
    system, may hold whatever an address may; so what is typed to log in is never held against this.
    """

    name = "text"
    limit: int = 64

    def tidy(self, text: str) -> str:
        return clean_id(text)

    def read(self, text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._@-]{3,64}", text):
            raise refuse(N_("A login has 3 to 64 characters: letters without accents, digits and . _ - @"))
        return text


_MIDNIGHT = re.compile(r"[ T]+0?0:00(:00(\.0+)?)?Z?$")


@dataclass(frozen=True)
class Date(FieldKind):
    """A day: ``2026-11-20``, or ``20.11.2026`` as it is written in Poland."""

    name = "date"
    limit: int = 10

    def tidy(self, text: str) -> str:
        """Spreadsheets and databases write a midnight behind a day."""
        return _MIDNIGHT.sub("", super().tidy(text))

    def read(self, text: str) -> date:
        iso = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text)
        turned = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text)
        if not (iso or turned):
            raise refuse(N_("A date is written like 2026-11-20."))
        year, month, day = map(int, iso.groups() if iso else turned.groups()[::-1])  # type: ignore[union-attr]
        if not 1900 <= year <= 2199:
            raise refuse(N_("The year must lie between {low} and {high}."), low=1900, high=2199)
        try:
            return date(year, month, day)
        except ValueError:
            raise refuse(N_("There is no day {day}."), day=text) from None


@dataclass(frozen=True)
class DateTime(FieldKind):
    """A day and a time as the person's own clock shows it; naive, because only the caller knows the zone."""

    name = "datetime"
    limit: int = 16

    def read(self, text: str) -> datetime:
        day, _, clock = text.replace("T", " ").partition(" ")
        match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", clock.strip())
        try:
            return datetime.combine(Date().read(day), time(int(match[1]), int(match[2])))  # type: ignore[index]
        except (TypeError, ValueError):
            raise refuse(N_("A date with a time is written like 2026-11-20 14:30.")) from None


@dataclass(frozen=True)
class Number(FieldKind):
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
            wanted = (
                N_("Digits after the point: {limit} at most.") if self.decimals else N_("A whole number is needed.")
            )
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
class Ip(FieldKind):
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
class Mac(FieldKind):
    """Twelve hexadecimal digits with or without separators, kept as ``AA:BB:CC:DD:EE:FF``."""

    name = "mac"
    limit: int = 23

    def read(self, text: str) -> str:
        digits = re.sub(r"[:\-. ]", "", text).upper()
        if not re.fullmatch(r"[0-9A-F]{12}", digits):
            raise refuse(N_("A MAC address has twelve digits 0-9 or A-F, as in 00:1B:21:3C:4D:5E."))
        return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


@dataclass(frozen=True)
class Version(FieldKind):
    """A version of software: begins with a letter or digit and holds a digit."""

    name = "version"
    limit: int = 40

    def read(self, text: str) -> str:
        if not re.fullmatch(r"(?=.*[0-9])[0-9A-Za-z][0-9A-Za-z .()+_/-]*", text):
            raise refuse(N_("A version looks like 7.2.4 or v12.1-build 88."))
        return text


@dataclass(frozen=True)
class Serial(FieldKind):
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
