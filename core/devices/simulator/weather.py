"""The weather around a simulated device: seasons and days of central Poland, and a smooth chance of its own."""

import datetime as dt
import math
from functools import lru_cache

from core.devices.simulator.noise import drift

_NODES = {"front": 60.0, "hour": 7.0}
"""Hours between two nodes of the slow and the quick drift."""
_SOLAR = dt.timedelta(hours=1, minutes=16)
"""How far the sun is ahead of UTC at 19° east."""
_EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@lru_cache(maxsize=512)
def _season(day: dt.date) -> float:
    """-1 in the middle of winter (20 January), 1 in that of summer."""
    return -math.cos(2 * math.pi * (day.timetuple().tm_yday - 20) / 365.25)


def _sun_hour(at: dt.datetime) -> float:
    sun = at + _SOLAR
    return sun.hour + sun.minute / 60


def outdoor(seed: str, at: dt.datetime) -> float:
    """°C in the shade at ``at`` (aware, UTC): about -2 in January and 19 in July, coldest before dawn, with fronts of
    some six degrees that pass in days."""
    season = _season(at.date())
    hours = (at - _EPOCH).total_seconds() / 3600
    by_season = 8.5 + 10.5 * season
    by_hour = (4.0 + 1.8 * season) * math.cos(2 * math.pi * (_sun_hour(at) - 14.5) / 24)
    fronts = 6.5 * drift(seed, "front", hours / _NODES["front"])
    gusts = 1.2 * drift(seed, "hour", hours / _NODES["hour"])
    return by_season + by_hour + fronts + gusts


def sun(seed: str, at: dt.datetime) -> float:
    """How much sun comes in at the windows, from 0 (night, thick cloud) to 1."""
    half_day = 6.0 + 2.2 * _season(at.date())
    from_noon = _sun_hour(at) - 12
    if abs(from_noon) >= half_day:
        return 0.0
    height = math.cos(math.pi * from_noon / (2 * half_day))
    hours = (at - _EPOCH).total_seconds() / 3600
    return height * (0.55 + 0.45 * drift(seed, "cloud", hours / 5))
