"""``crowd``: many processes on one SQLite file through the door, 80 % reads and 20 % writes.

Saturated, each process doing the next thing as soon as the last is done, and then at one operation a second each, as
busy people do. What was acknowledged must be there afterwards and the file must be whole.
"""

from __future__ import annotations

import argparse
import gc
import os
import pickle
import random
import select
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from core.clock import MovableClock
from core.db.engine import sqlite_module
from core.db.pagination import PageRequest
from core.models.accounts import Role
from core.models.tickets import Message, Ticket
from core.service.desk import Desk
from core.service.settings import Settings
from core.service.unit_of_work import ReadContext, table
from core.tickets import conversation, create, detail, listing
from core.tickets.listing import View
from tests.bench import store
from tests.bench.report import line, percentile
from tests.factories.desks import START, admin_values, person, seat

TICKETS = 10_000
"""What the desk holds before the crowd comes."""
READS = 0.8


@dataclass
class Told:
    """What one process has to say at the end: milliseconds by kind, what was acknowledged, what went wrong."""

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    tickets: list[int] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Worker:
    """One process: a customer, and an agent beside them, with a connection of their own."""

    def __init__(self, folder: Path, customer: int, agent: int, number: int) -> None:
        desk = Desk.open(Settings(data_dir=folder), MovableClock(START))
        self.customer, self.agent = desk.acting(customer), desk.acting(agent)
        self.draw = random.Random(number)
        self.told = Told()
        self.known = [row.id for row in self.customer.see(listing.page, View("all"), PageRequest()).rows]

    def run(self, until: float, pause: float) -> Told:
        """Operations until then, ``pause`` seconds from the start of one to the start of the next."""
        following = time.monotonic() + self.draw.random() * pause
        while (now := time.monotonic()) < until:
            if following > now:
                time.sleep(min(following, until) - now)
                if following >= until:
                    break
            following = max(following, now) + pause if pause else 0.0
            self._one()
        return self.told

    def _one(self) -> None:
        reading = self.draw.random() < READS
        act = self.draw.choice((self._page, self._open) if reading else (self._create, self._reply))
        begun = time.perf_counter()
        try:
            act()
        except Exception:
            self.told.errors.append(traceback.format_exc(limit=-3))
        else:
            (self.told.reads if reading else self.told.writes).append((time.perf_counter() - begun) * 1000)

    def _page(self) -> None:
        desk = self.draw.choice((self.customer, self.agent))
        desk.see(listing.page, View(self.draw.choice(("open", "all"))), PageRequest())

    def _open(self) -> None:
        self.draw.choice((self.customer, self.agent)).see(detail.ticket, self.draw.choice(self.known))

    def _create(self) -> None:
        number = self.customer.do(create.create, admin_values(f"From {os.getpid()}"))
        self.known.append(number)
        self.told.tickets.append(number)

    def _reply(self) -> None:
        form = conversation.Reply(body="The light on the front is amber again. " * 4)
        self.told.messages.append(self.customer.do(conversation.reply, self.draw.choice(self.known), form))


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench crowd")
    parser.add_argument("--processes", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=8)
    chosen = parser.parse_args(arguments)
    for rate, pause in (("saturated", 0.0), ("one a second each", 1.0)):
        with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
            _measure(Path(folder) / "desk", rate, chosen.processes, chosen.seconds, pause)


def _measure(folder: Path, rate: str, processes: int, seconds: float, pause: float) -> None:
    seats = _people(folder, processes)
    _write_once(folder, *seats[0])
    gc.freeze()  # the children write to nothing that they share with this process
    gate, starters = os.pipe()
    pipes = [_fork(folder, *seats[number], number, seconds, pause, gate, starters) for number in range(processes)]
    os.close(gate)
    for _pid, pipe in pipes:
        os.read(pipe, 1)
    os.close(starters)
    wal = folder / "desk.db-wal"
    told, largest = _collect(pipes, lambda: wal.stat().st_size if wal.exists() else 0)
    reads = [each for one in told for each in one.reads]
    writes = [each for one in told for each in one.writes]
    errors = [each for one in told for each in one.errors]
    for text in sorted(set(errors))[:3]:
        line("crowd.error", rate=rate, text=text, times=errors.count(text))
    line(
        "crowd",
        rate=rate,
        processes=processes,
        seconds=seconds,
        errors=len(errors) + processes - len(told),
        reads=len(reads),
        writes=len(writes),
        operations_per_s=round((len(reads) + len(writes)) / seconds, 1),
        write_ms={name: round(percentile(writes, part), 1) for name, part in PARTS.items()},
        read_ms={name: round(percentile(reads, part), 1) for name, part in PARTS.items()},
        wal_mb=round(largest / 1e6, 2),
        **_looked_over(folder, told),
    )


PARTS = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


def _people(folder: Path, processes: int) -> list[tuple[int, int]]:
    """A customer's and an agent's session for each process, on a desk of :data:`TICKETS`."""
    desk, _agent, _customer = store.desk_of(TICKETS, folder)
    made = []
    for number in range(processes):
        customer = person(desk, f"crowd{number}", company=f"Company {number % store.COMPANIES}")
        agent = person(desk, f"desk{number}", Role.AGENT)
        sessions = [seat(desk, account)._seat for account in (customer, agent)]
        made.append((sessions[0] or 0, sessions[1] or 0))
    desk.close()
    return made


def _write_once(folder: Path, customer: int, agent: int) -> None:
    """As the process that sessions are forked from has done it: what is made once is made here, and shared."""
    worker = Worker(folder, customer, agent, 0)
    worker._create()
    worker._reply()
    worker._page()
    worker._open()
    worker.customer.close()


def _fork(
    folder: Path, customer: int, agent: int, number: int, seconds: float, pause: float, gate: int, starters: int
) -> tuple[int, int]:
    """A process that says when it is ready, waits until the gate is closed, works, and sends what it has to tell."""
    theirs, ours = os.pipe()
    pid = os.fork()
    if pid:
        os.close(ours)
        return pid, theirs
    status = 1
    try:
        os.close(starters)
        worker = Worker(folder, customer, agent, number)
        os.write(ours, b"r")
        os.read(gate, 1)
        told = worker.run(time.monotonic() + seconds, pause)
        with os.fdopen(ours, "wb") as out:
            pickle.dump(told, out)
        status = 0
    finally:
        os._exit(status)


def _collect(pipes: list[tuple[int, int]], size: Callable[[], int]) -> tuple[list[Told], int]:
    """What every process had to tell (one that died told nothing), and the largest ``size`` seen meanwhile."""
    received = {pipe: bytearray() for _pid, pipe in pipes}
    largest = 0
    waiting = set(received)
    while waiting:
        largest = max(largest, size())
        for pipe in select.select(waiting, [], [], 0.05)[0]:
            data = os.read(pipe, 1 << 16)
            received[pipe] += data
            if not data:
                waiting.discard(pipe)
                os.close(pipe)
    for pid, _pipe in pipes:
        os.waitpid(pid, 0)
    # Written by the children of this very process.
    return [pickle.loads(data) for data in received.values() if data], largest  # noqa: S301


def _looked_over(folder: Path, told: list[Told]) -> dict[str, object]:
    """Whether the file is whole, and whether everything that was acknowledged is in it."""
    desk = Desk.open(Settings(data_dir=folder), MovableClock(START))

    def missing(look: ReadContext) -> int:
        there = {row.id for row in look.rows(sa.select(table(Ticket).c.id))}
        said = {row.id for row in look.rows(sa.select(table(Message).c.id))}
        lost = [number for one in told for number in one.tickets if number not in there]
        return len(lost) + sum(number not in said for one in told for number in one.messages)

    lost = desk.as_system().see(missing)
    desk.close()
    plain = sqlite_module().connect(str(folder / "desk.db"))
    whole = plain.execute("PRAGMA integrity_check").fetchone()[0]
    plain.execute("INSERT INTO ticket_fts(ticket_fts, rank) VALUES ('integrity-check', 0)")
    plain.close()
    return {"integrity": whole, "acknowledged_but_missing": lost}
