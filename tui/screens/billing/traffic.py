"""How bytes are said and drawn: in units of a thousand, as providers count (1 GB is 1000 MB)."""

from __future__ import annotations

from collections.abc import Sequence

from core.billing.money import NBSP
from core.billing.usage import Traffic
from core.i18n import dates
from core.i18n.translation import N_, language
from tui.widgets.bar_chart import Bar, Bars

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
THOUSAND = 1000


def unit_for(most: int) -> tuple[str, int]:
    """The unit in which ``most`` bytes are a number from 1 to 999, and its bytes; megabytes at least."""
    at = 2
    while at + 1 < len(UNITS) and most >= THOUSAND ** (at + 1):
        at += 1
    return UNITS[at], THOUSAND**at


def said(number: int | float | None) -> str:
    """``12.3 GB``: three digits that count, in the unit that fits the number; ``—`` for what was not measured."""
    if number is None:
        return "—"
    unit, size = unit_for(int(number))
    value = number / size
    places = 0 if value >= 100 or not value else 1 if value >= 10 else 2
    written = f"{value:.{places}f}"
    return f"{written.replace('.', ',') if language() == 'pl' else written}{NBSP}{unit}"


def picture(amounts: Sequence[Traffic], monthly: bool) -> Bars:
    """The bars of some days or months, all in the unit that fits the largest."""
    most = max((value for each in amounts for value in (each.down, each.up) if value is not None), default=0)
    unit, size = unit_for(most)
    label = dates.short_month if monthly else dates.short_day
    bars = tuple(
        Bar(
            label(each.day),
            None if each.down is None else each.down / size,
            None if each.up is None else each.up / size,
        )
        for each in amounts
    )
    smaller = UNITS[UNITS.index(unit) - 1]
    return Bars(bars, N_("Down"), N_("Up"), f"{unit} (1{NBSP}{unit} = 1000{NBSP}{smaller})")
