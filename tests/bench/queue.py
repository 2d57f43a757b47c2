"""``queue``: first page, page 1,000 and a search through ``desk.see``, against the same SQL by the sqlite module."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.db.engine import sqlite_module
from core.db.pagination import PageRequest
from core.service.desk import Desk
from core.tickets import listing
from core.tickets.listing import View
from tests.bench import store
from tests.bench.report import interleaved, line

ROUNDS = 300


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench queue")
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    sizes = parser.parse_args(arguments).sizes
    firsts: dict[int, float] = {}
    counts: dict[int, float] = {}
    for tickets in sizes:
        with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
            path = Path(folder) / "desk"
            desk, agent, customer = store.desk_of(tickets, path)
            firsts[tickets], counts[tickets] = _measure(tickets, path / "desk.db", agent, customer)
            desk.close()
    smallest, largest = min(sizes), max(sizes)
    line(
        "queue.growth",
        smallest=smallest,
        largest=largest,
        first_page=round(firsts[largest] / firsts[smallest], 2),
        counts=round(counts[largest] / counts[smallest], 2),
    )


def _measure(tickets: int, path: Path, agent: Desk, customer: Desk) -> tuple[float, float]:
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
        statement, values = _sql(desk, chosen, ask)
        plain = sqlite_module().connect(str(path), isolation_level=None)
        plain.execute("PRAGMA cache_size=-32000")
        times = interleaved(
            ROUNDS,
            door=lambda desk=desk, chosen=chosen, ask=ask: desk.see(listing.page, chosen, ask),
            plain=lambda plain=plain, statement=statement, values=values: plain.execute(statement, values).fetchall(),
        )
        rows = len(desk.see(listing.page, chosen, ask).rows)
        taken[name] = times["door"]
        line(
            "queue",
            tickets=tickets,
            what=name,
            rows=rows,
            ratio=round(times["door"] / times["plain"], 2),
            door_ms=round(times["door"] * 1000, 3),
        )
        plain.close()
    line("queue.depth", tickets=tickets, ratio=round(taken["all, page 1000"] / taken["all, page 1"], 2))
    counted = interleaved(ROUNDS, counts=lambda: agent.see(listing.counts))["counts"]
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


def _sql(desk: Desk, view: View, ask: PageRequest) -> tuple[str, tuple[Any, ...]]:
    """The very statement that the door sends, caught on its way."""
    caught: list[tuple[str, Any]] = []

    def catch(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "ticket.subject" in statement:
            caught.append((statement, tuple(parameters)))

    sa.event.listen(desk.store.engine, "before_cursor_execute", catch)
    desk.see(listing.page, view, ask)
    sa.event.remove(desk.store.engine, "before_cursor_execute", catch)
    return caught[-1]
