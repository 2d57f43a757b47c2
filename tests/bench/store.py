"""Desks of 10 thousand to a million tickets with three messages each, made in bulk and kept for the run."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.clock import MovableClock
from core.db import text_search
from core.db.engine import sqlite_module
from core.models.accounts import Role
from core.service.desk import Desk
from tests.factories.desks import START, contract, make_desk, person

COMPANIES, PEOPLE, AGENTS = 200, 400, 20
VOCABULARY = 4000
_SYLLABLES = (
    "ba",
    "ce",
    "dro",
    "fi",
    "gło",
    "ha",
    "je",
    "kra",
    "lu",
    "mi",
    "no",
    "pę",
    "ro",
    "sza",
    "tu",
    "wi",
    "zo",
    "ży",
)


def desk_of(tickets: int, folder: Path) -> tuple[Desk, Desk, Desk]:
    """A desk with that many tickets, an agent's seat and a customer's. About 60 s for a million."""
    from tests.factories.desks import seat

    desk = make_desk(folder, MovableClock(START))
    agents = [person(desk, f"agent{number}", Role.AGENT) for number in range(AGENTS)]
    people = [person(desk, f"person{number}", company=f"Company {number % COMPANIES}") for number in range(PEOPLE)]
    contract(desk, company="Company 0", identifiers=tuple(f"FW-{number}" for number in range(20)))
    _fill(folder / "desk.db", tickets, agents, people)
    return desk, seat(desk, agents[0]), seat(desk, people[0])


def _fill(path: Path, tickets: int, agents: list[int], people: list[int]) -> None:
    """Straight into the file: triggers are put away, and what they keep is made in one go afterwards."""
    connection = sqlite_module().connect(str(path), isolation_level=None)
    run = connection.execute
    triggers = run(
        "SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name IN ('ticket','ticket_words')"
    ).fetchall()
    run("PRAGMA synchronous=OFF")
    run("PRAGMA foreign_keys=OFF")
    run("BEGIN")
    for name, _sql in triggers:
        run(f"DROP TRIGGER {name}")
    for rows, messages, indexed in batches(tickets, agents, people):
        connection.executemany(f"INSERT INTO ticket ({TICKET}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", rows)
        connection.executemany(f"INSERT INTO message ({MESSAGE}) VALUES (?,?,?,?,?,?)", messages)
        connection.executemany(f"INSERT INTO ticket_words ({INDEXED}) VALUES (?,?,?,?)", indexed)
    for owner_kind, column in TALLIES:
        run(
            f"INSERT INTO tally SELECT '{owner_kind}', {column}, status, count(*) FROM ticket "
            f"WHERE {column} IS NOT NULL GROUP BY 2, 3"
        )
    run("INSERT INTO ticket_fts(ticket_fts) VALUES ('rebuild')")
    for _name, sql in triggers:
        run(sql)
    run("COMMIT")
    run("ANALYZE")
    run("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


Rows = list[tuple[Any, ...]]
TICKET = (
    "id, subject, kind, relation, status, priority, company_id, requester_id, assignee_id,"
    " created_at, changed_at, version"
)
MESSAGE = "ticket_id, author_id, staff, kind, body, created_at"
INDEXED = "ticket_id, public, staff, scope"
TALLIES = (("desk", "0"), ("assignee", "assignee_id"), ("company", "company_id"))


def batches(tickets: int, agents: list[int], people: list[int]) -> Iterator[tuple[Rows, Rows, Rows]]:
    """Tickets, their messages and the words they are found by, some thousands at a time."""
    draw = random.Random(tickets)
    vocabulary = ["".join(draw.choices(_SYLLABLES, k=draw.randint(2, 4))) for _word in range(VOCABULARY)]
    folded = {word: text_search.index_text(word) for word in set(vocabulary)}
    weights = [1 / (rank + 2) for rank in range(VOCABULARY)]
    first = START - dt.timedelta(days=900)
    step = dt.timedelta(days=900) / tickets
    for begin in range(0, tickets, 20000):
        some = range(begin + 1, min(begin + 20000, tickets) + 1)
        words = draw.choices(vocabulary, weights, k=len(some) * 60)
        rows, messages, indexed = [], [], []
        for place, number in enumerate(some):
            said = words[place * 60 : place * 60 + 60]
            owner = draw.randrange(PEOPLE)
            at = first + step * number
            status = draw.choice((1, 2, 3, 4)) if draw.random() < 0.03 else draw.choice((5, 6))
            moment = at.strftime("%Y-%m-%d %H:%M:%S.%f")
            company = owner % COMPANIES + 1
            rows.append(
                (
                    number,
                    " ".join(said[:6]),
                    "technical",
                    "fault",
                    status,
                    draw.choice((1, 2, 2, 2, 3, 4)),
                    company,
                    people[owner],
                    draw.choice(agents) if status > 1 else None,
                    moment,
                    moment,
                    1,
                )
            )
            for part in range(3):
                body = " ".join(said[6 + part * 18 : 24 + part * 18])
                messages.append((number, people[owner], 0, "reply", body, moment))
            scope = f"c{company} {'open' if status < 5 else 'done'}"
            indexed.append((number, " ".join([str(number), *(folded[word] for word in said)]), "", scope))
        yield rows, messages, indexed


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def common_word(tickets: int) -> str:
    """A word that many tickets hold."""
    draw = random.Random(tickets)
    return "".join(draw.choices(_SYLLABLES, k=draw.randint(2, 4)))
