"""Money: whole grosze inside (1/100 zł, ``int``), written for a reader here and nowhere else.

Decimal and float stay outside: a grosz is the smallest thing there is, so sums are exact without rounding rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from core.errors import DeskError, say
from core.i18n import translation
from core.i18n.translation import N_

NBSP: Final = "\N{NO-BREAK SPACE}"
"""Between thousands and before the currency, so that an amount never breaks over two lines."""
MOST: Final = 99_999_999_999
"""999 999 999,99 zł: more is a slip of the finger, and :mod:`core.billing.amount_words` counts so far."""

FINEST: Final = Decimal("0.000001")
"""Of a grosz: the eighth decimal of złotys."""

_WRITTEN: Final = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,](?P<part>[0-9]+))?")
_SPACES: Final = re.compile("[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}]")
"""What spreadsheets and banks put between thousands."""


@dataclass(frozen=True, slots=True)
class SpokenAmount:
    """An amount that goes into a sentence not yet in any language (:class:`core.errors.Say`): written when shown."""

    grosze: int
    exact: str = ""
    """The price it is rounded from, as :func:`fine` writes it."""

    def __str__(self) -> str:
        return amount(self.grosze, exact=self.exact)


def amount(grosze: int, language: str = "", *, exact: str = "") -> str:
    """``1 234,50 zł`` or ``PLN 1,234.50``, in the language being spoken unless one is given."""
    language = language or translation.language()
    written = figures(grosze, language, exact=exact)
    if language == "pl":
        return f"{written}{NBSP}zł"
    return f"-PLN{NBSP}{written[1:]}" if written.startswith("-") else f"PLN{NBSP}{written}"


def figures(grosze: int, language: str = "", *, exact: str = "") -> str:
    """The amount without its currency, for columns whose head names it: ``1 234,50`` or ``1,234.50``; or in place of it
    the price it is rounded from, as :func:`fine` writes it: ``0,0033``."""
    language = language or translation.language()
    whole, _point, part = (exact or plain(grosze)).removeprefix("-").partition(".")
    sign = "-" if (exact or plain(grosze)).startswith("-") else ""
    if language == "pl":
        return f"{sign}{int(whole):,}".replace(",", NBSP) + f",{part}"
    return f"{sign}{int(whole):,}.{part}"


def fine(grosze: Decimal) -> str:
    """A price that is finer than a grosz in złotys with three to eight decimals (``0.0033``), as FA(3) takes it (its
    type TKwotowy2); empty when whole grosze say it."""
    exact = grosze.quantize(FINEST, rounding=ROUND_HALF_UP)
    return "" if exact == exact.to_integral_value() else f"{(exact / 100).normalize():f}"


def plain(grosze: int) -> str:
    """The amount as files keep it, and as :func:`parse` reads it again: ``-1234.50``."""
    whole, part = divmod(abs(grosze), 100)
    return f"{'-' if grosze < 0 else ''}{whole}.{part:02}"


def parse(text: str) -> int:
    """Grosze of an amount in a file: ``1234.5``, ``1234,50``, ``1 234,50``, ``-5``; :class:`DeskError` otherwise.

    One comma or point, and it parts zlotys from grosze. Thousands are parted by spaces alone: ``1,234.50`` and
    ``1.234,50`` are refused, because whoever takes them must take ``1,234`` for a thousand in one file and for a
    złoty in the next. For the same reason a third digit after the point is refused and not rounded.
    """
    written = _SPACES.sub(" ", text).strip().replace("\N{MINUS SIGN}", "-")
    if not written:
        raise DeskError(say(N_("An amount is needed here, like 1234.50.")))
    match = _WRITTEN.fullmatch(written)
    if not match:
        raise DeskError(
            say(N_("An amount is written like 1234.50 or 1 234,50: one point or comma, no other signs, no currency."))
        )
    whole, part = match["whole"].replace(" ", ""), match["part"] or ""
    if len(part) > 2:
        raise DeskError(say(N_("An amount has at most two digits after the point or comma.")))
    # The length first: int() of a hostile million digits is slow, and of more than 4300 refused.
    grosze = int(whole) * 100 + int(part.ljust(2, "0")) if len(whole.lstrip("0")) <= 12 else MOST + 1
    if grosze > MOST:
        raise DeskError(say(N_("An amount can't be larger than {most}."), most=SpokenAmount(MOST)))
    return -grosze if match["sign"] == "-" else grosze


def rounded(grosze: Decimal) -> int:
    """Half a grosz and more is a whole one (art. 106e of the Polish VAT act, sec. 11); below zero likewise, so that
    a deduction undoes what it deducts."""
    return int(grosze.quantize(Decimal(1), rounding=ROUND_HALF_UP))
