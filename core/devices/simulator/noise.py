"""Numbers that look like chance and never change: what makes one simulated house differ from the next.

Nothing is remembered between two calls, so a device shows the same course in every process and after every restart.
"""

import hashlib
import math
from functools import lru_cache


@lru_cache(maxsize=8192)
def unit(seed: str, what: str, number: int = 0) -> float:
    """A number from 0 up to 1 for the ``number``-th ``what`` of ``seed``."""
    digest = hashlib.blake2b(f"{seed}/{what}/{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def between(seed: str, what: str, low: float, high: float) -> float:
    """One of a device's own traits."""
    return low + (high - low) * unit(seed, what)


def drift(seed: str, what: str, place: float) -> float:
    """A smooth line from -1 to 1 with one node at each whole ``place``: weather has no corners."""
    node = math.floor(place)
    part = place - node
    soft = part * part * (3 - 2 * part)
    left, right = unit(seed, what, node), unit(seed, what, node + 1)
    return 2 * (left + (right - left) * soft) - 1
