"""Countries by their two letters (ISO 3166-1), named in the reader's language by Babel (CLDR), and their time zones.

Babel is imported at the first question: 60 ms that the start of the desk must not cost.
"""

from __future__ import annotations

import zoneinfo
from functools import lru_cache

from core.field import Choice
from core.i18n import translation
from core.i18n.collation import sort_key

HOME = "PL"
"""Stands first in every list, whatever the language: most of the desk's people live there."""
_NO_COUNTRIES = frozenset(
    {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}  # unions, *outlying Oceania*, pseudo-locales, *unknown region*
    | {"AC", "CP", "CQ", "DG", "EA", "IC", "TA"}  # parts of countries that have letters of their own for the post
)
"""What CLDR names besides the 249 of ISO 3166-1 and Kosovo; so both languages offer the same."""
_REGIONS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
"""The parts of the IANA database whose zones are named after places; the rest are aliases and abbreviations."""


def choices() -> tuple[Choice, ...]:
    """Every country to pick from: :data:`HOME`, then the others by their names."""
    return _choices(translation.language())


@lru_cache(maxsize=len(translation.LANGUAGES))
def _choices(language: str) -> tuple[Choice, ...]:
    named = sorted(_names(language).items(), key=lambda country: (country[0] != HOME, sort_key(country[1])))
    return tuple(Choice(code, name) for code, name in named)


@lru_cache(maxsize=len(translation.LANGUAGES))
def _names(language: str) -> dict[str, str]:
    from babel import Locale

    territories = Locale.parse(language).territories
    return {
        str(code): str(name)
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }


def name(code: str) -> str:
    """The country's name in the reader's language; a code that nobody knows is shown as it is."""
    return _names(translation.language()).get(code, code)


@lru_cache(maxsize=1)
def zones() -> tuple[Choice, ...]:
    """Every time zone that is named after a place, by its IANA name."""
    return tuple(Choice(zone, zone) for zone in sorted(_placed()))


@lru_cache(maxsize=1)
def _placed() -> frozenset[str]:
    zones = {zone for zone in zoneinfo.available_timezones() if zone.partition("/")[0] in _REGIONS and "/" in zone}
    return frozenset(zones | {"UTC"})


def zone_of(country: str, otherwise: str) -> str:
    """The time zone of a country that has one; ``otherwise`` (the desk's own) where several would have to be guessed
    at."""
    known = _zones_of(country)
    return known[0] if len(known) == 1 else otherwise


def _zones_of(country: str) -> tuple[str, ...]:
    from babel.core import get_global

    return tuple(zone for zone in get_global("territory_zones").get(country, ()) if zone in _placed())
