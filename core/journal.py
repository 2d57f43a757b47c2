"""Who did what and when: only ever added to, each entry sealed to the one before it (spec/operations.md, *Safe*).

An entry is written in the transaction of the change it tells, so there is no act without one. It holds ids and
short facts, never a secret and never a person's words, so erasing a person later need not break the chain.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Field, SQLModel

from core.tables import json_type, key


class Entry(SQLModel, table=True):
    __tablename__ = "journal"
    __table_args__ = (sa.Index("ix_journal_thing", "thing", "thing_id"),)

    id: int = key()
    at: dt.datetime
    actor: str = Field(max_length=24)
    """``account:7``, ``guest`` or ``system``."""
    action: str = Field(max_length=40)
    thing: str = Field(default="", max_length=24)
    thing_id: int | None = Field(default=None, sa_type=sa.BigInteger)
    facts: dict[str, Any] = Field(sa_type=json_type())
    mac: str = Field(max_length=64)


_table = Entry.__table__  # type: ignore[attr-defined]
_last_mac = sa.select(_table.c.mac).order_by(_table.c.id.desc()).limit(1)
_insert = sa.insert(_table)


def seal(
    key_: bytes,
    previous: str,
    at: dt.datetime,
    actor: str,
    action: str,
    thing: str,
    thing_id: int | None,
    facts: Mapping[str, Any],
) -> str:
    """The MAC of one entry over its own values and the MAC before it."""
    told = json.dumps(
        [previous, at.isoformat(), actor, action, thing, thing_id, facts], sort_keys=True, ensure_ascii=False
    )
    return hmac.new(key_, told.encode(), hashlib.sha256).hexdigest()


def write(
    connection: Connection,
    key_: bytes,
    *,
    at: dt.datetime,
    actor: str,
    action: str,
    thing: str = "",
    thing_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry. On SQLite writers are one at a time anyway; on PostgreSQL a lock keeps the chain single."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(716042)"))
    previous = connection.execute(_last_mac).scalar() or ""
    told = dict(facts or {})
    connection.execute(
        _insert,
        {
            "at": at,
            "actor": actor,
            "action": action,
            "thing": thing,
            "thing_id": thing_id,
            "facts": told,
            "mac": seal(key_, previous, at, actor, action, thing, thing_id, told),
        },
    )


def broken_at(connection: Connection, key_: bytes) -> int | None:
    """The id of the first entry that was changed, or follows one that is missing; None when the chain is whole.

    A tail that was cut off can't be seen from inside; note the last id and MAC elsewhere for that.
    """
    previous = ""
    for row in connection.execute(sa.select(_table).order_by(_table.c.id)).yield_per(1000):
        if row.mac != seal(key_, previous, row.at, row.actor, row.action, row.thing, row.thing_id, row.facts):
            return int(row.id)
        previous = row.mac
    return None
