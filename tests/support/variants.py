"""Which size and language of a test is played by default.

A flow that is played at two sizes and in two languages costs four times as much and seldom finds four times as much.
So each test of the interface gets one size and one language, chosen by its name: across the suite every screen is seen
in all of them, a test is always the same one, and ``--full`` plays them all. A picture's language is its size as well:
small in English, large in Polish.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import pytest

AXES = ("size", "language")
PLACES = ("tests/tui/", "tests/scenarios/", "tests/snapshots/")


def choose(items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The items to play and the ones to leave out, each in its order.

    Cases of a test that differ in nothing but size and language are variants of one another, and one of them is
    played: a test whose cases each name their own size loses none of them.
    """
    variants: dict[str, dict[tuple[str, ...], list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        values = _values(item)
        if item.nodeid.startswith(PLACES) and not values.keys().isdisjoint(AXES):
            others = [f"{name}={value}" for name, value in sorted(values.items()) if name not in AXES]
            case = "|".join([item.nodeid.partition("[")[0], *others])
            variants[case][tuple(values.get(axis, "") for axis in AXES)].append(item)
    left_out: set[int] = set()
    for case, several in variants.items():
        kept = sorted(several)[_number(case) % len(several)]
        left_out |= {id(item) for variant, same in several.items() if variant != kept for item in same}
    played = [item for item in items if id(item) not in left_out]
    return played, [item for item in items if id(item) in left_out]


def _values(item: pytest.Item) -> dict[str, str]:
    """The item's parameters as text."""
    call = getattr(item, "callspec", None)
    return {name: _written(value) for name, value in call.params.items()} if call is not None else {}


def _written(value: object) -> str:
    """What is the same in every process: a scenario by its id, anything else as it is written."""
    return str(getattr(value, "id", value))


def _number(text: str) -> int:
    """The same in every process, and unlike a checksum not the same for names that are alike."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
