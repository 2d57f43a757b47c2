"""``ticket``: a ticket is opened by an agent and by its customer, and read again after a change, through ``desk.see``
against the same statements by the sqlite module. Another ticket each time, each with answers, six replies, a history.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.service.desk import Desk
from core.tickets import detail
from tests.bench import plain, store
from tests.bench.conversations import written_to
from tests.bench.report import compared, interleaved

ROUNDS = 300
TICKETS = 40
"""So many are opened in turn."""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench ticket")
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    for size in chosen.sizes:
        with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
            _measure(size, Path(folder) / "desk", chosen.rounds)


def _measure(size: int, folder: Path, rounds: int) -> None:
    desk, agent, customer = store.desk_of(size, folder)
    tickets = written_to(desk, customer, min(TICKETS, rounds))
    for what, seat in (("opened", agent), ("opened by its customer", customer)):
        _one(size, what, folder, seat, tickets, rounds, lambda ticket, seat=seat: seat.see(detail.ticket, ticket))
    before = {ticket: _one_reply_ago(agent, ticket) for ticket in tickets}

    def read_again(ticket: int) -> Any:
        return agent.see(detail.ticket, ticket, *before[ticket])

    _one(size, "after a change", folder, agent, tickets, rounds, read_again)
    desk.close()


def _one_reply_ago(agent: Desk, ticket: int) -> tuple[Any, ...]:
    """What a screen knows of it when somebody has replied since. A commit that reads it whole is told nothing."""
    if "known" not in inspect.signature(detail.ticket).parameters:
        return ()
    now = agent.see(detail.ticket, ticket)
    return (dataclasses.replace(now, conversation=now.conversation[:-1], history=now.history[:-1]),)


def _one(
    size: int, what: str, folder: Path, seat: Desk, tickets: list[int], rounds: int, door: Callable[[int], Any]
) -> None:
    sample = tickets[-1]
    statements = plain.sent(seat, lambda: door(sample))
    bare = plain.opened(folder / "desk.db")
    by_door, by_plain = itertools.cycle(tickets), itertools.cycle(tickets)
    moved = {ticket: plain.about(statements, sample, ticket) for ticket in tickets}
    times = interleaved(
        rounds,
        door=lambda: door(next(by_door)),
        plain=lambda: plain.read(bare, moved[next(by_plain)]),
    )
    bare.close()
    compared("ticket", times, tickets=size, what=what, statements=len(statements))
