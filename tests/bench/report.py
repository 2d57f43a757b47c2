"""How figures are taken and printed: interleaved rounds, medians, ratios, one JSON object a line."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any


def line(figure: str, **values: Any) -> None:
    """Print one figure."""
    print(json.dumps({"figure": figure, **values}, ensure_ascii=False), flush=True)


def interleaved(rounds: int, **contestants: Callable[[], Any]) -> dict[str, float]:
    """The median seconds of each contestant over ``rounds`` turns, one after another; the first is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            begun = time.perf_counter()
            run()
            if turn:
                taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in taken.items()}


def percentile(values: list[float], part: float) -> float:
    """The value below which ``part`` (0–1) of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]
