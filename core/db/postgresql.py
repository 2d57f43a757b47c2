"""What a PostgreSQL server has to be for a desk, looked at before anything is made and by ``okienko check``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.db.refusals import READ_ONLY
from core.errors import Say, say
from core.i18n.translation import N_

SHOWN = 5
"""How many tables are named; they mostly lack the same right."""

_STATE = sa.text(
    "SELECT current_setting('server_encoding') AS encoding, current_setting('transaction_read_only') AS read_only, "
    "current_user AS role, current_schema() AS place, current_database() AS base, "
    "has_schema_privilege(current_schema(), 'CREATE') AS may_make"
)
_UNREACHED = sa.text(
    "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S') "
    "AND NOT CASE relkind WHEN 'S' THEN has_sequence_privilege(oid, 'USAGE') "
    "ELSE has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT') END ORDER BY relname"
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in a desk's way, and what its operator does about it."""

    problem: Say
    do: Say


def obstacles(connection: Connection, *, to_make: bool) -> Iterator[Obstacle]:
    """What is in the way of a desk's work, and ``to_make`` one also of its tables."""
    state = connection.execute(_STATE).one()
    if state.encoding != "UTF8":
        yield _encoding(state.encoding, state.base)
    if state.read_only == "on":
        yield Obstacle(say(READ_ONLY), say(N_("Let OKIENKO_DATABASE_URL name the server that takes changes.")))
    if to_make and not state.may_make:
        yield _no_right_to_make(state.role, state.place, state.base)
    elif not to_make and (names := [str(name) for name in connection.execute(_UNREACHED).scalars()]):
        yield _no_right_to_use(state.role, state.place, names)


def _encoding(encoding: str, base: str) -> Obstacle:
    return Obstacle(
        say(
            N_("The database keeps text in {encoding}, which has no place for every sign; a desk needs UTF8."),
            encoding=encoding,
        ),
        say(
            N_("Make another one: {command}"),
            command=f"CREATE DATABASE {base}_utf8 ENCODING 'UTF8' TEMPLATE template0",
        ),
    )


def _no_right_to_make(role: str, place: str | None, base: str) -> Obstacle:
    if place is None:
        return Obstacle(
            say(N_("The role {role} has no schema to make tables in (its search_path names none)."), role=role),
            say(N_("As the database's owner: {command}"), command=f"CREATE SCHEMA {role} AUTHORIZATION {role}"),
        )
    return Obstacle(
        say(N_("The role {role} has no right to make tables in the schema {schema}."), role=role, schema=place),
        say(
            N_("As the database's owner: {command}"),
            command=f"GRANT CREATE ON SCHEMA {place} TO {role}; or ALTER DATABASE {base} OWNER TO {role}",
        ),
    )


def _no_right_to_use(role: str, place: str, names: list[str]) -> Obstacle:
    listed = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    return Obstacle(
        say(N_("The role {role} has no right to use these tables: {names}"), role=role, names=listed),
        say(
            N_("As their owner: {command}"),
            command=f"GRANT ALL ON ALL TABLES IN SCHEMA {place} TO {role}; "
            f"GRANT ALL ON ALL SEQUENCES IN SCHEMA {place} TO {role}",
        ),
    )
