"""``postgres``: the queue, a search and a ticket on PostgreSQL through the door, against the same SQL by psycopg with a
connection that is kept and statements that are prepared. The server is one of its own, as the tests have it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.clock import MovableClock
from core.db.pagination import PageRequest
from core.models.accounts import Role
from core.service.desk import Desk
from core.tickets import detail, listing
from core.tickets.listing import View
from tests.bench import plain, store
from tests.bench.conversations import written_to
from tests.bench.report import compared, interleaved
from tests.factories.desks import START, contract, make_desk, person, seat
from tests.support.postgres import Server, binaries

ROUNDS = 300
WARM = 12
"""After five times psycopg prepares a statement, and after five more the server may settle on one plan for all values:
which can be another one, so both sides are past that before they are measured."""
NO_SERVER = "postgres: skipped, there is no PostgreSQL on this machine (initdb and pg_ctl)"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench postgres")
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    programs = binaries()
    if programs is None:
        print(NO_SERVER, file=sys.stderr)
        return
    server = Server(programs)
    with server.running():
        for size in chosen.sizes:
            with server.lend() as url, tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
                measure(size, url, Path(folder) / "desk", chosen.rounds)


def measure(tickets: int, url: str, folder: Path, rounds: int) -> None:
    """Everything on the empty database at ``url``."""
    desk, agent, customer = _desk_of(tickets, url, folder)
    (ticket,) = written_to(desk, customer, 1)
    word = store.common_word(tickets)
    lists: dict[str, tuple[Desk, View]] = {
        "open": (agent, View("open")),
        "all, page 1": (agent, View("all")),
        "customer": (customer, View("open")),
        "search": (agent, View("all", search=word)),
        "customer's search": (customer, View("all", search=word)),
    }
    doors: dict[str, tuple[Desk, Callable[[], Any]]] = {
        name: (who, lambda who=who, view=view: who.see(listing.page, view, PageRequest()))
        for name, (who, view) in lists.items()
    }
    doors["ticket"] = agent, lambda: agent.see(detail.ticket, ticket)
    bare = _driver(url)
    for what, (who, door) in doors.items():
        statements = plain.sent(who, door)
        for _turn in range(WARM if rounds > WARM else 1):
            door()
            _read(bare, statements)
        times = interleaved(rounds, door=door, plain=lambda them=statements: _read(bare, them))
        compared("postgres", times, tickets=tickets, what=what, statements=len(statements))
    bare.close()
    desk.close()


def _desk_of(tickets: int, url: str, folder: Path) -> tuple[Desk, Desk, Desk]:
    """As :func:`tests.bench.store.desk_of`: the same tickets of the same people."""
    desk = make_desk(folder, MovableClock(START), database_url=url)
    agents = [person(desk, f"agent{number}", Role.AGENT) for number in range(store.AGENTS)]
    people = [person(desk, f"person{at}", company=f"Company {at % store.COMPANIES}") for at in range(store.PEOPLE)]
    contract(desk, company="Company 0", identifiers=tuple(f"FW-{number}" for number in range(20)))
    _fill(url, tickets, agents, people)
    return desk, seat(desk, agents[0]), seat(desk, people[0])


def _fill(url: str, tickets: int, agents: list[int], people: list[int]) -> None:
    """Straight into the tables: no trigger runs, and what they keep is made in one go afterwards."""
    connection = _driver(url)
    with connection.transaction():
        run = connection.execute
        run("SET LOCAL session_replication_role = replica")
        for tickets_, messages, words in store.batches(tickets, agents, people):
            _copy(connection, "ticket", store.TICKET, tickets_)
            _copy(connection, "message", store.MESSAGE, messages)
            _copy(connection, "ticket_words", store.INDEXED, words)
        for kind, column in store.TALLIES:
            run(
                f"INSERT INTO tally SELECT '{kind}', {column}, status, count(*) FROM ticket "
                f"WHERE {column} IS NOT NULL GROUP BY 2, 3"
            )
        for name in ("ticket", "message"):
            run(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")
    connection.execute("VACUUM ANALYZE")
    connection.close()


def _copy(connection: Any, name: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    with connection.cursor().copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            # The rows are made for SQLite, which keeps moments without a zone.
            copy.write_row([_moment(value) for value in row])


def _moment(value: Any) -> Any:
    return f"{value}+00" if isinstance(value, str) and len(value) == 26 and value[4] == "-" else value


def _driver(url: str) -> Any:
    """A connection of psycopg's own, with the desk's settings, outside of transactions as the desk reads."""
    import psycopg

    from core.db.engine import prepare_session

    connection = psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)
    prepare_session(connection, None)
    return connection


def _read(connection: Any, statements: Sequence[plain.Sent]) -> None:
    for each in statements:
        connection.execute(each.sql, each.values, prepare=True).fetchall()
