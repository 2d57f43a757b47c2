"""What every table of the desk shares: names for constraints, and column types that mean the same on both databases.

Kept apart from the models so that each domain's ``models.py`` only says what is its own. Constraint names are
fixed here because Alembic can only drop what has a name.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, UTCDateTime

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata

# Rows are never checked by their models (docs/facts.md, *SQLAlchemy and SQLModel*), so pydantic's half of each is made
# only where somebody asks for it.
SQLModel.model_config["defer_build"] = True

BigKey = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""Integer keys: 64 bits on PostgreSQL, the rowid itself on SQLite."""


class Moment(sa.types.TypeDecorator[dt.datetime]):
    """The same as SQLModel's type for aware datetimes, read five times faster (0.25 µs against 1.4): for lists, where
    a hundred of them cost more than the query. Give it to a column with :func:`moment`; it changes no table."""

    impl = UTCDateTime
    cache_ok = True

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """SQLite keeps UTC as text without a zone; PostgreSQL gives aware datetimes already."""
        if dialect.name != "sqlite":
            return None
        read = dt.datetime.fromisoformat

        def process(value: str | None) -> dt.datetime | None:
            return read(value + "+00:00") if value is not None else None

        return process


def moment(column: sa.Column[Any]) -> sa.Label[Any]:
    """``column`` read as :class:`Moment`, under its own name."""
    return sa.type_coerce(column, Moment()).label(column.key)


def json_type() -> sa.types.TypeEngine[Any]:
    """JSON on SQLite, JSONB on PostgreSQL. Replace such a value, never change it in place: that is not saved."""
    return sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def key() -> Any:
    """An integer primary key the database gives out."""
    return Field(default=None, primary_key=True, sa_type=BigKey)


def reference(column: str, *, index: bool = False, nullable: bool = False, default: Any = ...) -> Any:
    """A foreign key to ``table.column``."""
    extra: dict[str, Any] = {"default": None} if nullable else ({} if default is ... else {"default": default})
    return Field(foreign_key=column, index=index, nullable=nullable, sa_type=BigKey, **extra)


def part_of_key(column: str) -> Any:
    """A foreign key that is also (part of) the primary key."""
    return Field(foreign_key=column, primary_key=True, sa_type=BigKey)


def one_of(name: str, column: str, values: type[StrEnum]) -> sa.CheckConstraint:
    """The database's last line for an enumeration kept as text: only these values."""
    listed = ", ".join(f"'{item.value}'" for item in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)


@dataclass(frozen=True, slots=True)
class Made:
    """How a column is made of others."""

    by: Callable[..., str]
    of: tuple[str, ...]
    limit: int


def made(by: Callable[..., str], *of: str, limit: int, ordered: bool = False) -> Any:
    """A column that :class:`core.service.unit_of_work.UnitOfWork` makes ``by`` the texts of the columns ``of``,
    whenever those are written: nobody who writes a name has to know by what it is searched and sorted.

    ``ordered``: the rows of a list stand by it, byte by byte whatever the server's locale is.
    """
    kind: Any = sa.String(limit)
    if ordered:
        kind = kind.with_variant(sa.String(limit, collation="C"), "postgresql")
    info = {"made": Made(by, of, limit)}
    return Field(default="", sa_type=kind, repr=False, sa_column_kwargs={"info": info})
