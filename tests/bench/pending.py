"""``pending``: an installer's lists among 100 to a million applications, against the same SQL by the sqlite module.

The company measured has 300 pending customers and 5,000 customers (fewer where there are fewer applications at all);
beside it a company with five of each, which must feel the same.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import badges
from core.care import approval, grants
from core.db.engine import sqlite_module
from core.db.pagination import PageRequest
from core.models.accounts import Standing
from core.service.desk import Desk
from tests.bench import plain
from tests.bench.report import compared, interleaved, line
from tests.factories import cares
from tests.factories.desks import START, make_desk, person

ROUNDS = 300
COMPANIES = 100
CUSTOMERS = 400


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench pending")
    parser.add_argument("sizes", nargs="*", type=int, default=[100, 10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    sizes = chosen.sizes
    taken: dict[int, dict[str, float]] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
            taken[size] = _measure(size, Path(folder) / "desk", chosen.rounds)
    smallest, largest = min(sizes), max(sizes)
    for name in taken[smallest]:
        line(
            "pending.growth",
            what=name,
            smallest=smallest,
            largest=largest,
            ratio=round(taken[largest][name] / taken[smallest][name], 2),
        )


def _measure(size: int, folder: Path, rounds: int) -> dict[str, float]:
    desk = make_desk(folder)
    large = cares.service_company(desk, "Wielka", "wielka@example.com")
    small = cares.service_company(desk, "Mała", "mala@example.com")
    others = [cares.service_company(desk, f"Firma {n}", f"firma{n}@example.com") for n in range(min(COMPANIES, size))]
    people = [person(desk, f"osoba{number}", password=None) for number in range(min(CUSTOMERS, size))]
    seats = {
        "large": cares.installer(desk, "ala", large, Standing.OWNER),
        "small": cares.installer(desk, "ola", small, Standing.OWNER),
    }
    _fill(folder / "desk.db", size, large, small, others, people)
    taken: dict[str, float] = {}
    for name, seat in seats.items():
        lists: dict[str, Callable[..., Any]] = {"pending": approval.page, "customers": grants.customers}
        for what, query in lists.items():
            taken[f"{what}, {name} company"] = _one(size, f"{what}, {name} company", folder, seat, query, rounds)
        counted = interleaved(rounds, door=lambda seat=seat: seat.see(badges.sidebar))["door"]
        line("pending", applications=size, what=f"sidebar, {name} company", door_ms=round(counted * 1000, 3))
        taken[f"sidebar, {name} company"] = counted
    desk.close()
    return taken


def _one(size: int, what: str, folder: Path, seat: Desk, query: Callable[..., Any], rounds: int) -> float:
    def door() -> Any:
        return seat.see(query, PageRequest())

    statements = plain.sent(seat, door)  # who asks, and the page
    bare = plain.opened(folder / "desk.db")
    times = interleaved(rounds, door=door, plain=lambda: plain.read(bare, statements))
    bare.close()
    compared("pending", times, applications=size, what=what, rows=len(door().rows))
    return times["door"]


def _moment(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _fill(path: Path, size: int, large: int, small: int, others: list[int], people: list[int]) -> None:
    """Straight into the file: applications in every state, a grant and a device for each of the first 5,000."""
    draw = random.Random(size)
    connection = sqlite_module().connect(str(path), isolation_level=None)
    run = connection.execute
    run("PRAGMA synchronous=OFF")
    run("BEGIN")
    run(
        "INSERT INTO product (id, category, vendor, vendor_key, name, name_key) "
        "VALUES (1, 'heat_pump', 'Cieplarz', 'cieplarz', 'Cieplarz Most', 'cieplarz most')"
    )
    waits = min(300, size // 3)
    applications: list[tuple[Any, ...]] = []
    for number in range(1, size + 1):
        company = large if number <= waits else small if number <= waits + 5 else draw.choice(others)
        state = "pending" if number <= waits + 5 else draw.choice(("approved", "rejected", "withdrawn", "expired"))
        begun = START - dt.timedelta(minutes=draw.randrange(60 * 24 * 27))
        device = f"B{number:09}"
        who = draw.choice(people)
        applications.append(
            (
                number,
                company,
                who,
                device,
                device.lower(),
                state,
                _moment(begun),
                _moment(begun + dt.timedelta(days=28)),
            )
        )
        if len(applications) == 20_000 or number == size:
            connection.executemany(
                "INSERT INTO application (id, company_id, customer_id, product_id, device, device_key, level, name,"
                " name_key, address, phone, country, language, state, terms_version, created_at, expires_at, message,"
                " version) VALUES (?,?,?,1,?,?,2,'Osoba','osoba','ul. Krzywa 3','','PL','pl',?,'',?,?,'',1)",
                applications,
            )
            applications = []
    served = min(5_000, size)
    rows = [
        (n, draw.choice(people), large if n > 5 else small, f"klient {draw.random():.9f}") for n in range(1, served)
    ]
    connection.executemany(
        "INSERT INTO asset (id, product_id, identifier, identifier_key, account_id, created_at)"
        " VALUES (?,1,?,?,?,'2026-01-01 00:00:00.000000')",
        [(number, f"C{number:09}", f"c{number:09}", who) for number, who, _company, _name in rows],
    )
    connection.executemany(
        "INSERT INTO care_grant (company_id, customer_id, asset_id, level, name, name_key, name_order, address,"
        " address_key, phone, country, language, since, version)"
        " VALUES (?,?,?,2,?,?,?,'ul. Krzywa 3','ul. krzywa 3','','PL','pl','2026-01-01 00:00:00.000000',1)",
        [(company, who, number, name.title(), name, name) for number, who, company, name in rows],
    )
    run("COMMIT")
    run("ANALYZE")
    run("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
