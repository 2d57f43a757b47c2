"""``create``: a technical ticket with answers, history, mail and journal through the door, against the bare inserts."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from core.service.settings import DeskSection
from core.tickets import create
from tests.bench import plain
from tests.bench.report import interleaved, line
from tests.factories.desks import contract, logged_in, make_desk, ticket_values

ROUNDS = 400


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench create")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
        path = Path(folder) / "desk"
        desk = make_desk(path, desk=DeskSection(team_email="team@example.com"))
        customer = logged_in(desk, "ola", company="Tarnina sp. z o.o.")
        _contract, assets = contract(desk)
        values = ticket_values(description="The tunnel to the branch drops every hour. " * 6)

        def through_the_door() -> None:
            customer.do(create.create, values, assets)

        through_the_door()
        statements = plain.sent(customer, through_the_door, ("INSERT",))
        connection = plain.opened(path / "desk.db", writing=True)

        def bare() -> None:
            _replay(connection, statements)

        times = interleaved(rounds, door=through_the_door, bare=bare)
        line(
            "create",
            ratio=round(times["door"] / times["bare"], 2),
            door_ms=round(times["door"] * 1000, 3),
            bare_ms=round(times["bare"] * 1000, 3),
            statements=len(statements),
        )
        connection.close()
        desk.close()


def _replay(connection: Any, statements: list[plain.Sent]) -> None:
    """The same rows with fresh keys, in one transaction with the same durability."""
    cursor = connection.cursor()
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
