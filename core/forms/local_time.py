"""A day and a time that somebody typed by their own clock, as the one moment they mean.

In the night of a clock change a clock shows some times twice and others never. A time that never was is refused: the
library would put it an hour off, and works from 02:30 to 03:10 would end before they begin.
"""

from __future__ import annotations

import datetime as dt

from core.errors import Say, say
from core.i18n.translation import N_


def problem(typed: dt.datetime, zone: dt.tzinfo) -> Say | None:
    """What to say of a time that no clock in ``zone`` shows; None when it is one."""
    if to_utc(typed, zone).astimezone(zone).replace(tzinfo=None) == typed:
        return None
    sentence = N_("There is no {time} on {day}: the clocks go forward then.")
    return say(sentence, time=f"{typed:%H:%M}", day=typed.date())


def to_utc(typed: dt.datetime, zone: dt.tzinfo, *, after: dt.datetime | None = None) -> dt.datetime:
    """The moment of ``typed``, a time without a zone.

    Args:
        after: Of a time that is shown twice the first is taken, unless that is not later than ``after`` (UTC): what
            ends at 02:20 in the night in which the clocks go back may have begun at 02:40.
    """
    first = typed.replace(tzinfo=zone).astimezone(dt.UTC)
    if after is None or first > after:
        return first
    return typed.replace(tzinfo=zone, fold=1).astimezone(dt.UTC)
