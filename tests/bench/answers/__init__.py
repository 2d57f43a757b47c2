"""``answers``: what two made-up desks answer to staff and customers, one line of JSON an answer, on both databases.

Two commits that answer the same print the same lines and the same sum at the end; ``--against COMMIT`` compares them.
Nothing here may use what an older commit lacks: this folder is laid into the older commit's checkout and runs there,
with that commit's ``core`` and ``tests.factories``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.answers import operator_desk, questions, subscriber_desk
from tests.bench.answers.canonical import written
from tests.support.postgres import Server, binaries

DATABASES = ("sqlite", "postgresql")
NO_SERVER = "no PostgreSQL on this machine (initdb and pg_ctl): its answers are left out"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench answers")
    parser.add_argument("--database", choices=DATABASES, action="append", help="without it: both")
    databases = parser.parse_args(arguments).database or DATABASES
    total = hashlib.sha256()
    number = 0
    for text in answers(databases):
        print(text, flush=True)
        total.update(text.encode() + b"\n")
        number += 1
    print(json.dumps({"answers": number, "sha256": total.hexdigest()}))


def answers(databases: tuple[str, ...] | list[str] = DATABASES, tickets: int = operator_desk.TICKETS) -> Iterator[str]:
    """Every answer as a line; ``tickets`` is how many the operator's desk holds."""
    for database in databases:
        if database == "postgresql" and binaries() is None:
            print(NO_SERVER, file=sys.stderr)
            continue
        with _server(database) as server:
            yield from _both_desks(database, server, tickets)


def _both_desks(database: str, server: Server | None, tickets: int) -> Iterator[str]:
    desks: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "operator": (partial(operator_desk.make, tickets=tickets), questions.of_operator),
        "subscribers": (subscriber_desk.make, questions.of_subscribers),
    }
    for name, (made, asked) in desks.items():
        with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder, _store(server) as store:
            world = made(Path(folder) / "desk", **store)
            for what, answer in asked(world):
                line = {"database": database, "desk": name, "asked": what, "answer": written(answer)}
                yield json.dumps(line, ensure_ascii=False, sort_keys=True)
            world.desk.close()


@contextmanager
def _server(database: str) -> Iterator[Server | None]:
    programs = binaries()
    if database == "sqlite" or programs is None:
        yield None
        return
    os.environ.setdefault("LANG", "C.UTF-8")
    server = Server(programs)
    with server.running():
        yield server


@contextmanager
def _store(server: Server | None) -> Iterator[dict[str, str]]:
    """What makes a desk keep its data there; each desk has a database of its own."""
    if server is None:
        yield {}
        return
    with server.lend() as url:
        yield {"database_url": url}
