"""``reset``: whether the time of *Forgot login or password?* tells that a name is known. Known and unknown names in
turns, by login and by address; the figure is the AUC of guessing by time alone: 0.5 tells nothing, 0 or 1 tells all.
The log-in with a wrong password and the mailed way in are measured the same way."""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.accounts import login, recovery
from core.service.desk import Desk
from tests.bench.report import line, percentile
from tests.factories.desks import make_desk, person

PAIRS = 1000
NAMES = 100
"""Names of each sort, each asked for again when the desk lets it."""
WARM = 100


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench reset")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    pairs = parser.parse_args(arguments).pairs
    for what, act in _acts().items():
        for by, end in (("login", ""), ("address", "@example.com")):
            with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
                desk = make_desk(Path(folder) / "desk")
                for number in range(NAMES):
                    person(desk, f"known{number:03}")
                known, unknown = _measure(desk, act, end, pairs)
                desk.close()
            middle = {"known_ms": round(percentile(known, 0.5), 3), "unknown_ms": round(percentile(unknown, 0.5), 3)}
            line("reset.auc", what=what, by=by, pairs=pairs, auc=round(auc(known, unknown), 3), **middle)


def _acts() -> dict[str, Callable[[Desk, str], Any]]:
    acts: dict[str, Callable[[Desk, str], Any]] = {
        "reset": lambda desk, name: desk.do(recovery.ask, name),
        "log-in": lambda desk, name: desk.do(login.password, name, "not the password"),
    }
    try:
        from core.accounts import login_unlock
    except ImportError:
        return acts
    acts["way in"] = lambda desk, name: desk.do(login_unlock.ask, name)
    return acts


def _measure(desk: Desk, act: Callable[[Desk, str], Any], end: str, pairs: int) -> tuple[list[float], list[float]]:
    """Milliseconds of known and of unknown names, in random order within each pair."""
    taken: dict[str, list[float]] = {"known": [], "nixen": []}
    order = random.Random(7)
    gc.disable()
    try:
        for pair in range(pairs + WARM):
            desk.clock.move(dt.timedelta(minutes=1))  # type: ignore[attr-defined]
            for sort in order.sample(list(taken), 2):
                begun = time.perf_counter()
                act(desk, f"{sort}{pair % NAMES:03}{end}")
                taken[sort].append((time.perf_counter() - begun) * 1000)
            if pair % 100 == 0:
                gc.collect()
    finally:
        gc.enable()
    return taken["known"][WARM:], taken["nixen"][WARM:]


def auc(known: list[float], unknown: list[float]) -> float:
    """How probably a known name takes longer than an unknown one."""
    ranked = sorted([(one, 1) for one in known] + [(one, 0) for one in unknown])
    ranks = sum(rank for rank, (_time, is_known) in enumerate(ranked, start=1) if is_known)
    return (ranks - len(known) * (len(known) + 1) / 2) / (len(known) * len(unknown))
