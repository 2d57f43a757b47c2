"""A PostgreSQL server of the tests' own: a temporary folder, a unix socket, no waiting for the disk.

``initdb`` refuses to run as root, so root hands the folder to the user ``postgres`` and starts the binaries as that.
A migrated template database is copied when every copy made so far is lent to a test (180 ms), and emptied when it is
given back (20 ms).
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from core.service import audit_log, opening
from core.service.settings import Settings
from tests.factories.desks import lay_key

OWNER = "postgres"
_SETTINGS = "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
_SETTINGS += "-c autovacuum=off -c jit=off -c max_connections=60"

_EMPTY_AGAIN = """
DO $$
DECLARE it record;
BEGIN
    SET LOCAL lock_timeout = '10s';  -- a test that left a transaction open is told of, not waited for
    SET LOCAL session_replication_role = replica;  -- the journal may be emptied here, and rows go in any order
    FOR it IN SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace
              AND relkind IN ('r', 'S') AND relname NOT IN ('alembic_version', 'desk_key', 'journal_end') LOOP
        IF it.relkind = 'r' THEN
            EXECUTE 'DELETE FROM ' || quote_ident(it.relname);
        ELSE
            EXECUTE 'ALTER SEQUENCE ' || quote_ident(it.relname) || ' RESTART';
        END IF;
    END LOOP;
END $$
"""

_SHAPE = """
SELECT md5(string_agg(part, E'\\n' ORDER BY part)) FROM (
    SELECT concat_ws(' ', 'version', version_num) FROM alembic_version
    UNION ALL SELECT concat_ws(' ', 'key', mac) FROM desk_key
    UNION ALL SELECT concat_ws(' ', relkind, relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', relname, attname, atttypid, attnotnull) FROM pg_attribute
              JOIN pg_class ON pg_class.oid = attrelid AND relnamespace = 'public'::regnamespace AND relkind = 'r'
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname) FROM pg_constraint
              WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
) AS parts (part)
"""


def binaries() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``: on PATH, or where Debian keeps version 15."""
    found = shutil.which("initdb")
    folders = ([Path(found).resolve().parent] if found else []) + [Path("/usr/lib/postgresql/15/bin")]
    return next((folder for folder in folders if (folder / "pg_ctl").exists() and (folder / "initdb").exists()), None)


class Server:
    """A running server. ``lend()`` gives the URL of a migrated database; ``empty()`` of a new one without tables."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="okienko-pg-"))
        self._data = self.folder / "data"
        self._numbers = itertools.count(1)
        self._free: list[str] = []
        self._filled: set[str] = set()
        self._shape = ""
        self._engines: dict[str, sa.Engine] = {}
        if os.geteuid() == 0:
            shutil.chown(self.folder, OWNER, OWNER)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Started, with the template that is lent, and stopped whatever happens."""
        self._run("initdb", "-D", self._data, "-U", "desk", "-A", "trust", "--locale=C.UTF-8", "--no-sync")
        self.start()
        try:
            self._make_template()
            yield
        finally:
            self.stop()
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Let it run; back once it answers."""
        options = f"-k {self.folder} {_SETTINGS}"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self.folder / "log", "-o", options, "start")

    def stop(self) -> None:
        """Gone, under whoever talks to it."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    def _make_template(self) -> None:
        place = Settings(data_dir=self.folder / "desk", database_url=SecretStr(self.empty("template")))
        lay_key(place.data_dir)
        opened = opening.open_store(place)
        opened.store.close()
        self._keys = opened.keys
        self._shape = self._shape_of("template")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://desk@/{name}?host={self.folder}"

    def empty(self, name: str = "") -> str:
        return self._create(name or f"empty_{next(self._numbers)}", "template1")

    def copy(self, name: str, fill: Callable[[str], Any]) -> str:
        """A copy of the database ``name``, which ``fill(url)`` makes when it is first asked for."""
        if name not in self._filled:
            fill(self.empty(name))
            self._filled.add(name)
        return self._create(f"{name}_{next(self._numbers)}", name)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """A migrated database without rows, for as long as the block lasts."""
        name = self._free.pop() if self._free else self._copy()
        yield self.url(name)
        if self._shape_of(name) != self._shape:
            return  # a test of tables and triggers has changed it for good
        # As if new: without the VACUUM, rows would fill gaps, and come back in another order than they went in.
        end = f"UPDATE journal_end SET entries = 0, mac = '', seal = '{audit_log.seal_end(self._keys, 0, '')}'"
        self._tell(name, _EMPTY_AGAIN, end, "VACUUM")
        self._free.append(name)

    def _copy(self) -> str:
        name = f"desk_{next(self._numbers)}"
        self._create(name, "template")
        return name

    def _create(self, name: str, template: str) -> str:
        self._tell("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def _shape_of(self, name: str) -> str:
        """Version, key, tables, columns, indexes, constraints and triggers in one word; none for older tables."""
        try:
            with self._engine(name).connect() as connection:
                return str(connection.exec_driver_sql(_SHAPE).scalar_one())
        except sa.exc.ProgrammingError:
            return ""

    def _tell(self, name: str, *statements: str) -> None:
        with self._engine(name).connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def _engine(self, name: str) -> sa.Engine:
        """One for each database: a new one would ask the server anew what it is, and it stays the same."""
        if name not in self._engines:
            own: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "poolclass": sa.NullPool}
            self._engines[name] = sa.create_engine(self.url(name), **own)
        return self._engines[name]

    def _run(self, program: str, *arguments: Any) -> None:
        as_owner = {"user": OWNER, "group": OWNER, "extra_groups": []} if os.geteuid() == 0 else {}
        command = [str(self._programs / program), *map(str, arguments)]
        with (self.folder / "output").open("ab") as output:
            subprocess.run(
                command,
                check=True,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
                **as_owner,
            )
