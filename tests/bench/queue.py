"""``queue``: first page, page 1,000 and a search through ``desk.see``, against the same SQL by the sqlite module."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from core.db.engine import sqlite_module
from core.db.pagination import PageRequest
from core.service.desk import Desk
from core.tickets import listing
from core.tickets.listing import View
from tests.bench import plain, store
from tests.bench.report import compared, interleaved, line

ROUNDS = 300


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench queue")
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    sizes = chosen.sizes
    firsts: dict[int, float] = {}
    counts: dict[int, float] = {}
    for tickets in sizes:
        with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
            path = Path(folder) / "desk"
            desk, agent, customer = store.desk_of(tickets, path)
            firsts[tickets], counts[tickets] = _measure(tickets, path / "desk.db", agent, customer, chosen.rounds)
            desk.close()
    smallest, largest = min(sizes), max(sizes)
    line(
        "queue.growth",
        smallest=smallest,
        largest=largest,
        first_page=round(firsts[largest] / firsts[smallest], 2),
        counts=round(counts[largest] / counts[smallest], 2),
    )


def _measure(tickets: int, path: Path, agent: Desk, customer: Desk, rounds: int) -> tuple[float, float]:
    view = View("all")
    deep = _cursor_at(path, min(50_000, tickets - 100))
    word = store.common_word(tickets)
    asked: dict[str, tuple[Desk, View, PageRequest]] = {
        "open": (agent, View("open"), PageRequest()),
        "all, page 1": (agent, view, PageRequest()),
        "all, page 1000": (agent, view, PageRequest(after=deep)),
        "search": (agent, View("all", search=word), PageRequest()),
        "customer's search": (customer, View("all", search=word), PageRequest()),
        "customer": (customer, View("open"), PageRequest()),
    }
    taken: dict[str, float] = {}
    for name, (desk, chosen, ask) in asked.items():

        def door(desk: Desk = desk, chosen: View = chosen, ask: PageRequest = ask) -> Any:
            return desk.see(listing.page, chosen, ask)

        # The page itself: not who asks, nor whether there are enough.
        statements = [each for each in plain.sent(desk, door) if "ticket.subject" in each.sql][-1:]
        bare = plain.opened(path)
        times = interleaved(rounds, door=door, plain=lambda bare=bare, them=statements: plain.read(bare, them))
        bare.close()
        taken[name] = times["door"]
        compared("queue", times, tickets=tickets, what=name, rows=len(door().rows))
    line("queue.depth", tickets=tickets, ratio=round(taken["all, page 1000"] / taken["all, page 1"], 2))
    counted = interleaved(rounds, counts=lambda: agent.see(listing.counts))["counts"]
    line("queue.counts", tickets=tickets, door_ms=round(counted * 1000, 3))
    return taken["open"], counted


def _cursor_at(path: Path, depth: int) -> tuple[Any, ...]:
    import datetime as dt

    plain = sqlite_module().connect(str(path))
    moment, number = plain.execute(
        "SELECT changed_at, id FROM ticket ORDER BY changed_at DESC, id DESC LIMIT 1 OFFSET ?", (depth,)
    ).fetchone()
    plain.close()
    return dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC), number
