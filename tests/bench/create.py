"""``create``: a technical ticket with answers, history, mail and journal through the door, against the bare inserts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.db.engine import sqlite_module
from core.service.desk import Desk
from core.service.settings import DeskSection
from core.tickets import create
from tests.bench.report import interleaved, line
from tests.factories.desks import contract, logged_in, make_desk, ticket_values

ROUNDS = 400


def main(_arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
        path = Path(folder) / "desk"
        desk = make_desk(path, desk=DeskSection(team_email="team@example.com"))
        customer = logged_in(desk, "ola", company="Tarnina sp. z o.o.")
        _contract, assets = contract(desk)
        values = ticket_values(description="The tunnel to the branch drops every hour. " * 6)

        def through_the_door() -> None:
            customer.do(create.create, values, assets)

        through_the_door()
        statements = _inserts(customer, values, assets)
        plain = sqlite_module().connect(str(path / "desk.db"), isolation_level=None)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            plain.execute(f"PRAGMA {pragma}")

        def bare() -> None:
            _replay(plain, statements)

        times = interleaved(ROUNDS, door=through_the_door, bare=bare)
        line(
            "create",
            ratio=round(times["door"] / times["bare"], 2),
            door_ms=round(times["door"] * 1000, 3),
            bare_ms=round(times["bare"] * 1000, 3),
            statements=len(statements),
        )
        plain.close()
        desk.close()


def _inserts(customer: Desk, values: dict[str, Any], assets: tuple[int, ...]) -> list[tuple[str, Any, bool]]:
    """Every INSERT that one ticket makes, with its parameters, as the driver got them."""
    caught: list[tuple[str, Any, bool]] = []

    def catch(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().upper().startswith("INSERT"):
            caught.append((statement, parameters, many))

    sa.event.listen(customer.store.engine, "before_cursor_execute", catch)
    customer.do(create.create, values, assets)
    sa.event.remove(customer.store.engine, "before_cursor_execute", catch)
    return caught


def _replay(plain: Any, statements: list[tuple[str, Any, bool]]) -> None:
    """The same rows with fresh keys, in one transaction with the same durability."""
    cursor = plain.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    ticket = 0
    for statement, parameters, many in statements:
        rows = [dict(row) if isinstance(row, dict) else list(row) for row in (parameters if many else [parameters])]
        names = [name.strip() for name in statement[statement.index("(") + 1 : statement.index(")")].split(",")]
        for row in rows:
            for place, name in enumerate(names):
                if name == "ticket_id" and ticket:
                    row[place] = ticket
                elif name == "message_id":
                    row[place] = f"{row[place]}{ticket}{len(rows)}{id(row)}{cursor.lastrowid}"
        for row in rows:
            cursor.execute(statement, row)
            if statement.startswith("INSERT INTO ticket ("):
                ticket = cursor.fetchone()[0]
            elif "RETURNING" in statement:
                cursor.fetchall()
    cursor.execute("COMMIT")
