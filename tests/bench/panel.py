"""``panel``: what a subscriber with twenty years of invoices sees first, among 100,000 others, against the same SQL by
the sqlite module. Each other subscriber has a line and three invoices, two of them paid."""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.billing import invoices, statement
from core.db.engine import sqlite_module
from core.db.pagination import PageRequest
from core.service.desk import Desk
from core.subscribers import detail
from tests.bench import plain
from tests.bench.report import compared, interleaved, line
from tests.factories.desks import START, make_desk, person, seat
from tests.factories.subscribers import SELLER, billed, subscriber

ROUNDS = 300
YEARS = 20


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench panel")
    parser.add_argument("sizes", nargs="*", type=int, default=[100, 100_000])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    sizes = chosen.sizes
    taken: dict[int, dict[str, float]] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
            taken[size] = _measure(size, Path(folder) / "desk", chosen.rounds)
    smallest, largest = min(sizes), max(sizes)
    for what in taken[smallest]:
        ratio = round(taken[largest][what] / taken[smallest][what], 2)
        line("panel.growth", what=what, smallest=smallest, largest=largest, ratio=ratio)


def _measure(size: int, folder: Path, rounds: int) -> dict[str, float]:
    desk = make_desk(folder, seller=SELLER)
    made = subscriber(desk, account_id=person(desk, "wanda", password=None))
    billed(desk, made.id, "FV/0", START.date(), unpaid=6900)
    _fill(folder / "desk.db", size, made.id)
    wanda = seat(desk, 1)
    queries: dict[str, Callable[[], Any]] = {
        "payments, first page": lambda: wanda.see(statement.page, PageRequest()),
        "payments, last page": lambda: wanda.see(statement.page, PageRequest(last=True)),
        "balance and what is due": lambda: wanda.see(statement.summary),
        "invoices, first page": lambda: wanda.see(invoices.page, PageRequest()),
        "my data": lambda: wanda.see(detail.mine),
    }
    taken = {what: _one(size, what, folder, wanda, query, rounds) for what, query in queries.items()}
    desk.close()
    return taken


def _one(size: int, what: str, folder: Path, wanda: Desk, query: Callable[[], Any], rounds: int) -> float:
    statements = plain.sent(wanda, query)
    bare = plain.opened(folder / "desk.db")
    times = interleaved(rounds, door=query, plain=lambda: plain.read(bare, statements))
    bare.close()
    compared("panel", times, subscribers=size, what=what, statements=len(statements))
    return times["door"]


def _fill(path: Path, size: int, mine: int) -> None:
    """Straight into the file."""
    at = START.strftime("%Y-%m-%d %H:%M:%S.%f")
    connection = sqlite_module().connect(str(path), isolation_level=None)
    run, many = connection.execute, connection.executemany
    run("PRAGMA synchronous=OFF")
    run("PRAGMA foreign_keys=OFF")
    run("BEGIN")
    first = mine + 1
    many(
        "INSERT INTO subscriber (id, number, number_key, name, name_key, name_order, words, kind, street, postcode,"
        " town, email, phone, tax_id, pesel_mac, pesel_end, bank_account, language, e_invoices, created_at, changed_at,"
        " version)"
        " VALUES (?,?,?,?,?,?,'krzywa 3','person','ul. Krzywa 3','34-442','Łapsze','','','','','','','pl',0,?,?,1)",
        (
            (n, f"B-{n}", f"b-{n}", f"Abonent {n}", f"abonent {n}", f"abonent {n}", at, at)
            for n in range(first, first + size)
        ),
    )
    rows: list[tuple[Any, ...]] = []
    for n in range(first, first + size):
        rows += [(n, f"F/{n}/{month}", START.date() - dt.timedelta(days=30 * month)) for month in range(3)]
    months = [START.date() - dt.timedelta(days=30 * month + 1) for month in range(12 * YEARS)]
    rows += [(mine, f"W/{at_}", day) for at_, day in enumerate(months)]
    many(
        "INSERT INTO invoice (subscriber_id, number, number_key, issued_on, sold_on, due_on, period, notes, exemption,"
        " bank_account, seller_id, buyer_id, net, vat, gross, unpaid, mail_due, created_at, origin)"
        " VALUES (?,?,?,?,?,?,'','','','',1,1,5610,1290,6900,0,0,?,'')",
        ((who, number, number.lower(), f"{day}", f"{day}", f"{day}", at) for who, number, day in rows),
    )
    many(
        "INSERT INTO payment (subscriber_id, mark, mark_key, paid_on, amount, title, created_at)"
        " VALUES (?,?,?,?,6900,'wpłata',?)",
        (
            (who, f"P{number}", f"p{number.lower()}", f"{day + dt.timedelta(days=9)}", at)
            for who, number, day in rows
            if not number.endswith("/0") or who == mine
        ),
    )
    run("COMMIT")
    run("ANALYZE")
    run("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
