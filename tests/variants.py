"""Which size and language of a test is played by default.

A flow that is played at two sizes and in two languages costs four times as much and seldom finds four times as much.
So each test of the interface gets one size and one language, chosen by its name: across the suite every screen is seen
in all of them, a test is always the same one, and ``--full`` plays them all.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import pytest

AXES = ("size", "language")
PLACES = ("tests/tui/", "tests/scenarios/")
"""Pictures are taken at every size wherever that is asked: layout is what they are about."""


def choose(items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The items to play and the ones to leave out, each in its order.

    An axis is narrowed for a test by what the other parameters leave, so that a test whose cases each name their own
    size loses none of them.
    """
    left_out: set[int] = set()
    for axis in AXES:
        groups: dict[str, dict[str, list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
        for item in items:
            values = _values(item)
            if axis in values and item.nodeid.startswith(PLACES):
                others = [f"{name}={value}" for name, value in sorted(values.items()) if name != axis]
                groups["|".join([item.nodeid.partition("[")[0], *others])][values[axis]].append(item)
        for name, variants in groups.items():
            kept = sorted(variants)[_number(f"{axis} {_same_for_all(name)}") % len(variants)]
            left_out |= {id(item) for value, several in variants.items() if value != kept for item in several}
    played = [item for item in items if id(item) not in left_out]
    return played, [item for item in items if id(item) in left_out]


def _values(item: pytest.Item) -> dict[str, str]:
    """The item's parameters as text."""
    call = getattr(item, "callspec", None)
    return {name: _written(value) for name, value in call.params.items()} if call is not None else {}


def _written(value: object) -> str:
    """What is the same in every process: a scenario by its id, anything else as it is written."""
    return str(getattr(value, "id", value))


def _same_for_all(name: str) -> str:
    """The group without the other axis: the size is chosen alike in each language, and the language at each size."""
    return "|".join(part for part in name.split("|") if part.partition("=")[0] not in AXES)


def _number(text: str) -> int:
    """Not by a checksum: of those, size and language of a name come out the same or opposite every time."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
