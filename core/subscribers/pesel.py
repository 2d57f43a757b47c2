"""A PESEL: checked, compared by a keyed MAC, shown by its last two digits, never kept.

There are fewer than 300 million of them for everybody alive, so a hash without a key falls in minutes. The key
is the desk's, outside the database. Two digits leave about a hundred candidates for somebody whose birthday is known,
four would leave one.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import TYPE_CHECKING

from core.clock import SystemClock
from core.errors import Say, say
from core.i18n.translation import N_

if TYPE_CHECKING:
    from core.security.crypto import Keys

LENGTH = 11
_ELEVEN = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){10}(?![0-9])")
SHOWN = 2
_clock = SystemClock()


def problem(typed: str, today: dt.date | None = None) -> Say | None:
    """What is wrong with it, never repeating it; None for a number that can be one.

    Args:
        today: The day on which whoever has it must have been born; None is the machine's own, which is near enough to
            tell a wrong century.
    """
    from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidLength, ValidationError
    from stdnum.pl import pesel

    try:
        pesel.validate(typed)
    except InvalidLength:
        return say(N_("A PESEL has 11 digits."))
    except InvalidChecksum:
        return say(N_("The last digit does not fit the others. Please look for a typing error."))
    except InvalidComponent:
        return say(N_("Its first six digits are no date of birth. Please look for a typing error."))
    except ValidationError:
        return say(N_("A PESEL is digits only."))
    if pesel.get_birth_date(typed) > (today or _clock.now().date() + dt.timedelta(days=1)):
        return say(N_("Its date of birth has not come yet. Please look for a typing error in the month."))
    return None


def within(text: str) -> bool:
    """Whether one stands in a text: eleven digits in a row, or with spaces or hyphens between, that can be one."""
    normalized = unicodedata.normalize("NFKC", text)
    return any(problem(re.sub(r"\D", "", digits)) is None for digits in _ELEVEN.findall(normalized))


def normal(typed: str) -> str:
    """Its eleven digits, without spaces. Only for what has no :func:`problem`."""
    from stdnum.pl import pesel

    return str(pesel.validate(typed))


def mac(keys: Keys, digits: str) -> str:
    """What is kept of it, and compared."""
    return keys.mac("pesel", digits)


def end(digits: str) -> str:
    """What is shown of it."""
    return digits[-SHOWN:]


def masked(end_: str) -> str:
    """``•••••••••58`` of the last two digits; empty when there are none."""
    return "•" * (LENGTH - SHOWN) + end_ if end_ else ""
