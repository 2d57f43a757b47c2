"""Whether a key is the one a desk was made with: its check value stands in the desk's own tables.

Without it a key that was lost or exchanged is noticed by nobody until an authenticator, a code or a letter doesn't
open, and a second host with a key of its own goes on writing into a shared journal that nobody can verify again.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Field, SQLModel

from core.db.columns import BigKey
from core.security.crypto import Keys
from core.service import audit_log


class DeskKey(SQLModel, table=True):
    __tablename__ = "desk_key"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True, sa_type=BigKey)
    mac: str = Field(max_length=64)


_table: sa.Table = DeskKey.__table__  # type: ignore[attr-defined]
_mac = sa.select(_table.c.mac)

SEALED = (
    ("account", "totp_secret", "totp", "id"),
    ("account", "totp_draft", "totp", "id"),
    ("line", "pppoe_password", "pppoe", "asset_id"),
    ("outbox", "secrets", "outbox", "message_id"),
)
"""Every column that holds something sealed: the table, the column, the purpose, and the column it is sealed to. The
desks that are older than the check value have no others; what is sealed in later tables need not stand here."""


def keep(connection: Connection, keys: Keys) -> None:
    """Have the desk take ``keys`` for its own from now on."""
    connection.execute(sa.delete(_table))
    connection.execute(sa.insert(_table).values(id=1, mac=value(keys)))


def value(keys: Keys) -> str:
    """What stands in the tables of a desk that was made with ``keys``. It tells nothing of the key."""
    return keys.mac("desk-key")


def read(connection: Connection) -> str:
    """The check value of a desk; empty where there is none."""
    return str(connection.execute(_mac).scalar() or "")


def fits(keys: Keys, check: str) -> bool:
    return bool(check) and hmac.compare_digest(value(keys), check)


def opens_what_is_there(connection: Connection, keys: Keys) -> bool:
    """Whether ``keys`` open all that is sealed in a desk older than the check value, and made both ends of its journal.

    Everything has to open: where two keys were in use, the one that is taken would lose what the other one sealed.
    """
    there = set(sa.inspect(connection).get_table_names())
    return all(_sealed(connection, keys, there)) and all(_entries(connection, keys, there))


def _sealed(connection: Connection, keys: Keys, there: set[str]) -> Iterator[bool]:
    for name, column, purpose, about in SEALED:
        if name not in there:
            continue
        table = sa.table(name, sa.column(column), sa.column(about))
        rows = connection.execute(sa.select(table.c[column], table.c[about]).where(table.c[column].is_not(None)))
        for sealed, whose in rows:
            yield _opens(keys, purpose, str(sealed), str(whose))


def _opens(keys: Keys, purpose: str, sealed: str, about: str) -> bool:
    from cryptography.exceptions import InvalidTag  # 20 ms, which the everyday start is spared

    try:
        keys.unseal(purpose, sealed, about)
    except (InvalidTag, ValueError):
        return False
    return True


def _entries(connection: Connection, keys: Keys, there: set[str]) -> Iterator[bool]:
    """The first entry is from the day the desk was made, the last one from whoever wrote a moment ago."""
    if "journal" not in there:
        return
    entry = audit_log.Entry.__table__  # type: ignore[attr-defined]
    names = ("at", "actor", "action", "thing", "thing_id", "facts", "mac")
    entries = sa.select(*(entry.c[name] for name in names))
    first = connection.execute(entries.order_by(entry.c.id).limit(1)).first()
    latest = connection.execute(entries.order_by(entry.c.id.desc()).limit(2)).all()
    if first is None:
        return
    yield _made(keys, first, "")
    if len(latest) == 2:
        yield _made(keys, latest[0], latest[1].mac)


def _made(keys: Keys, row: Any, previous: str) -> bool:
    *values, mac = row
    return hmac.compare_digest(audit_log.seal(keys.derive("journal"), previous, *values), str(mac))
