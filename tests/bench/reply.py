"""``reply``: a customer's reply with history, mail, journal and the words it is found by, through the door, against the
same inserts and updates with the same durability. Each round replies to another ticket, so that all cost the same."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from core.service.settings import DeskSection
from core.tickets import conversation
from tests.bench import plain
from tests.bench.conversations import REPLY, written_to
from tests.bench.report import interleaved, line
from tests.factories.desks import logged_in, make_desk

ROUNDS = 300


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench reply")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
        _measure(Path(folder) / "desk", Path(folder) / "bare.db", rounds)


def _measure(folder: Path, copy: Path, rounds: int) -> None:
    desk = make_desk(folder, desk=DeskSection(team_email="team@example.com"))
    customer = logged_in(desk, "ola", company="Tarnina sp. z o.o.")
    *tickets, sample = written_to(desk, customer, rounds + 2, replies=0)
    form = conversation.Reply(body=REPLY)
    # The bare side writes into a copy: in the desk's own file its journal would be out of step.
    desk.store.engine.dispose()
    _copied(folder / "desk.db", copy)
    statements = plain.sent(customer, lambda: customer.do(conversation.reply, sample, form), plain.WRITES)
    moved = iter([plain.about(statements, sample, ticket) for ticket in tickets])
    replied_to = iter(tickets)
    bare = plain.opened(copy, writing=True)
    times = interleaved(
        rounds,
        door=lambda: customer.do(conversation.reply, next(replied_to), form),
        bare=lambda: plain.write(bare, next(moved)),
    )
    line(
        "reply",
        ratio=round(times["door"] / times["bare"], 2),
        door_ms=round(times["door"] * 1000, 3),
        bare_ms=round(times["bare"] * 1000, 3),
        statements=len(statements),
    )
    bare.close()
    desk.close()


def _copied(file: Path, copy: Path) -> None:
    connection = plain.opened(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copy(file, copy)
    connection = plain.opened(copy)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
