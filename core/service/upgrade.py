"""Bringing a desk's tables up to date: one SELECT when there is nothing to do, Alembic only when there is.

Alembic takes 0.6 s to import, so the everyday start must not see it; :data:`HEAD` is therefore written down here
and a test holds it against the newest migration.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.db.engine import Database
from core.db.upgrade_notice import Progress
from core.errors import DeskError
from core.i18n.translation import N_
from core.security.crypto import Keys

HEAD = "0017"
MIGRATIONS = Path(__file__).parents[1] / "migrations"


class Damaged(DeskError):
    """What is there is no whole desk, and must not be taken for a new one."""


def version(connection: Connection) -> str | None:
    """The migration the tables are at; None for a database without a desk's tables.

    Raises:
        Damaged: The tables are there, but not what says which they are.
    """
    looked = sa.inspect(connection)
    number = None
    if looked.has_table("alembic_version"):
        number = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if number is None and looked.has_table("account") and looked.has_table("journal"):
        raise Damaged(
            N_(
                "The database has a desk's tables, but not their version (the table alembic_version is empty or "
                "missing). Restore your last copy."
            )
        )
    return None if number is None else str(number)


def make(store: Database, keys: Keys) -> None:
    """Make the tables of a new desk, which is that of ``keys`` from the start. No ANALYZE: figures about empty tables
    would make the planner scan them once they have grown; it does well without."""
    run(store, "upgrade", "head", keys=keys)


def bring_up_to_date(store: Database, keys: Keys, before: str, post: Callable[[Progress], None]) -> Path | None:
    """Bring older tables up to date, with what only ``keys`` can make for those that have none of it yet; the caller is
    alone.

    Args:
        before: The migration the tables are at.
        post: Told how far it is, for those who wait.

    Returns:
        The copy of a file from before (``desk-before-VERSION.db`` beside it, in one step); None for a server.
    """
    steps = _Steps(int(HEAD) - int(before), post)
    copy = None
    if store.file is not None:
        copy = copy_of(store.file)
        _copy(store, copy)
    steps.next()
    run(store, "upgrade", "head", keys=keys, applied=steps.next)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    return copy


def copy_of(file: Path) -> Path:
    """Where a file's copy lies from before its tables were brought up to date."""
    return file.with_name(f"desk-before-{HEAD}.db")


class _Steps:
    """Counts the migrations; the last one's end is that of the whole."""

    def __init__(self, number: int, post: Callable[[Progress], None]) -> None:
        self._number, self._post = number, post
        self._step = 0
        post(Progress(0, number))

    def next(self) -> None:
        self._step = min(self._step + 1, self._number)
        self._post(Progress(self._step, self._number))


def _copy(store: Database, target: Path) -> None:
    target.unlink(missing_ok=True)
    with store.reading() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(target),))
    target.chmod(0o600)


def run(
    store: Database,
    command: str,
    revision: str = "",
    *,
    keys: Keys | None = None,
    applied: Callable[[], None] | None = None,
) -> None:
    """Run an Alembic command (``upgrade``, ``downgrade``, ``check``) on this store. ``keys`` are the desk's, for the
    migrations that write something sealed; without them those leave it out. ``applied`` is called after each one."""
    from alembic import command as alembic_command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes.update(store=store, keys=keys, applied=applied)
    arguments: tuple[Any, ...] = (revision,) if revision else ()
    getattr(alembic_command, command)(config, *arguments)
