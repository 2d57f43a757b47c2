"""How figures are taken and printed: interleaved rounds, medians, ratios, one JSON object a line."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

LINES: list[dict[str, Any]] = []
"""Every figure that this process has printed, for the table at the end."""


def line(figure: str, **values: Any) -> None:
    """Print one figure."""
    LINES.append({"figure": figure, **values})
    print(json.dumps(LINES[-1], ensure_ascii=False), flush=True)


PATIENCE = 12.0
"""Seconds after which enough rounds were played, however many were asked for; never fewer than :data:`FEWEST`."""
FEWEST = 5


def interleaved(rounds: int, **contestants: Callable[[], Any]) -> dict[str, float]:
    """The median seconds of each contestant over ``rounds`` turns, one after another; the first is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    first = time.perf_counter()
    for turn in range(rounds + 1):
        if turn > FEWEST and time.perf_counter() - first > PATIENCE:
            break
        for name, run in contestants.items():
            begun = time.perf_counter()
            run()
            if turn:
                taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in taken.items()}


def compared(figure: str, times: dict[str, float], **values: Any) -> None:
    """Print what the ``door`` and the ``plain`` SQL took, and their ratio."""
    door, plain = times["door"], times["plain"]
    ratio = round(door / plain, 2)
    line(figure, **values, ratio=ratio, door_ms=round(door * 1000, 3), sql_ms=round(plain * 1000, 3))


def percentile(values: list[float], part: float) -> float:
    """The value below which ``part`` (0–1) of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Columns of text, the first to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    written = []
    for row in (heads, tuple("-" * width for width in widths), *rows):
        first, *others = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        rest = [cell.strip().rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        written.append("  ".join([first, *rest]).rstrip())
    return "\n".join(written)
