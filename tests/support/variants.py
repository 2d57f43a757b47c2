"""Which size, language and database of a test is played by default.

A flow that is played at two sizes and in two languages costs four times as much and seldom finds four times as much.
So each test of the interface gets one size and one language, chosen by its name: across the suite every screen is seen
in all of them, a test is always the same one, and ``--full`` plays them all. A picture's language is its size as well:
small in English, large in Polish. A test of the desk that asks for both databases gets one of them, chosen the same
way. And what is marked ``thorough`` is left out: it costs seconds, and what it holds is mostly held by cheaper tests
(a scenario by the flows and by the tour of the wheel, races by the tests of the gate, hostile input by those of the
parsers).
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence

import pytest

SEEN = ("size", "language")
AXES = {
    "tests/tui/": SEEN,
    "tests/scenarios/": SEEN,
    "tests/snapshots/": SEEN,
    "tests/core/db/": (),  # about nothing but databases
    "tests/core/migrations/": (),
    "tests/core/": ("any_store", "any_desk"),
}
"""What the variants of a test differ in, by its folder."""


def choose(items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The items to play and the ones to leave out, each in its order.

    Cases of a test that differ in nothing but the axes of its folder are variants of one another, and one of them is
    played: a test whose cases each name their own size loses none of them.
    """
    variants: dict[str, dict[tuple[str, ...], list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        axes = next((axes for folder, axes in AXES.items() if item.nodeid.startswith(folder)), ())
        values = _values(item) if axes else {}
        if not values.keys().isdisjoint(axes):
            others = [f"{name}={value}" for name, value in sorted(values.items()) if name not in axes]
            case = "|".join([item.nodeid.partition("[")[0], *others])
            variants[case][tuple(values.get(axis, "") for axis in axes)].append(item)
    left_out = {id(item) for item in items if item.get_closest_marker("thorough")}
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
    """The same in every process: a scenario by its id, anything else as it is written, but for where it lies."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(getattr(value, "id", value)))


def _number(text: str) -> int:
    """The same in every process, and unlike a checksum not the same for names that are alike."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
