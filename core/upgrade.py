"""Bringing a desk's tables up to date: one SELECT when there is nothing to do, Alembic only when there is.

Alembic takes 0.6 s to import, so the everyday start must not see it; :data:`HEAD` is therefore written down here
and a test holds it against the newest migration.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.database import Database
from core.errors import DeskError
from core.words import N_

HEAD = "0008"
MIGRATIONS = Path(__file__).parent / "migrations"


def version(connection: Connection) -> str | None:
    """The migration the tables are at; None for an empty database."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def bring_up_to_date(store: Database) -> None:
    """Make or upgrade the tables, under the writers' lock so that two processes that start together don't both try.

    A file that holds data is copied first (``desk-before-VERSION.db`` beside it, in one step).
    """
    if _quick_version(store) == HEAD:
        return
    with store.gate.held(), _alone_on_server(store):
        with store.reading() as connection:
            found = version(connection)
        if found == HEAD:
            return
        if found is not None and found > HEAD:
            raise DeskError(
                N_("This desk was made by a newer Okienko ({found}; this knows {head}). Please update the program."),
                found=found,
                head=HEAD,
            )
        if found is not None and store.file is not None:
            _copy(store, store.file.with_name(f"desk-before-{HEAD}.db"))
        run(store, "upgrade", "head")
        if found is None:
            # Figures about empty tables would make the planner scan them once they have grown; it does well without.
            return
        with store.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()


@contextmanager
def _alone_on_server(store: Database) -> Iterator[None]:
    """What the gate is for a file: on PostgreSQL a lock that ends with its connection."""
    if store.is_sqlite:
        yield
        return
    with store.engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(716041)"))
        try:
            yield
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(716041)"))


def _quick_version(store: Database) -> str | None:
    try:
        with store.reading() as connection:
            return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        return None


def _copy(store: Database, target: Path) -> None:
    target.unlink(missing_ok=True)
    with store.reading() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(target),))
    target.chmod(0o600)


def run(store: Database, command: str, revision: str = "") -> None:
    """Run an Alembic command (``upgrade``, ``downgrade``, ``check``) on this store."""
    from alembic import command as alembic_command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["store"] = store
    arguments: tuple[Any, ...] = (revision,) if revision else ()
    getattr(alembic_command, command)(config, *arguments)
