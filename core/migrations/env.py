"""How Alembic reaches the desk's store.

On SQLite foreign keys are off while a table is copied (batch mode with them on deletes the children: docs/facts.md,
*Alembic*) and checked afterwards. The full-text tables are SQLite's own business, not Alembic's.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlalchemy.engine import Connection

from core.db.columns import metadata
from core.db.engine import Database
from core.migrations import all_models  # noqa: F401 - all models, so that the metadata is whole


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    return not (kind == "table" and name is not None and (name.startswith("ticket_fts") or name == "sqlite_stat1"))


def include_object(_item: Any, name: str | None, kind: str, _reflected: bool, _like: Any) -> bool:
    """PostgreSQL writes an expression otherwise than it was written, so it can't be compared."""
    return not (kind == "index" and name == "ix_contract_order")


def migrate(connection: Connection, is_sqlite: bool) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=is_sqlite,
        include_name=include_name,
        include_object=include_object,
        compare_type=True,
        transactional_ddl=True,
        on_version_apply=lambda **_step: applied(),
    )
    if is_sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    with context.begin_transaction():
        context.run_migrations()
    if is_sqlite:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            connection.rollback()
            raise sa.exc.IntegrityError("a migration left rows without their parents", None, ValueError(len(broken)))
    connection.commit()
    if is_sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


store: Database = context.config.attributes["store"]
applied: Callable[[], None] = context.config.attributes.get("applied") or (lambda: None)
with store.engine.connect() as connection:
    migrate(connection, store.is_sqlite)
