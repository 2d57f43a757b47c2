"""Who did what and when: only ever added to, each entry sealed to the one before it.

An entry is written in the transaction of the change it tells, so there is no act without one. It holds ids and
short facts, never a secret and never a person's words, so erasing a person later need not break the chain.

A chain shows what was changed or taken out between two entries, and not what was cut off at its end. So the number of
entries and the last one's MAC stand in a table of their own, sealed by the desk's key, changed with every entry.
Somebody who puts back an older state of both tables is only found by an :func:`anchor` that was kept elsewhere.
"""

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Field, SQLModel

from core.db.columns import BigKey, json_type, key
from core.db.ready import ReadyStatement
from core.errors import DeskError
from core.i18n.translation import N_
from core.security.crypto import Keys


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


class End(SQLModel, table=True):
    """One row: how many entries there are, the MAC of the last one, and the seal of both."""

    __tablename__ = "journal_end"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True, sa_type=BigKey)
    entries: int = Field(sa_type=sa.BigInteger)
    mac: str = Field(max_length=64)
    since: int = Field(default=0, sa_type=sa.BigInteger)
    """So many entries are older than the key that the desk has now, which can't check them."""
    seal: str = Field(max_length=64)


_table: sa.Table = Entry.__table__  # type: ignore[attr-defined]
_end: sa.Table = End.__table__  # type: ignore[attr-defined]
_last_mac = ReadyStatement(sa.select(_table.c.mac).order_by(_table.c.id.desc()).limit(1))
_last = ReadyStatement(sa.select(_end.c.entries, _end.c.mac, _end.c.since, _end.c.seal))
_insert = ReadyStatement(sa.insert(_table), columns=("at", "actor", "action", "thing", "thing_id", "facts", "mac"))
_move_end = ReadyStatement(sa.update(_end), columns=("entries", "mac", "seal"))
_lock = sa.text("SELECT pg_advisory_xact_lock(716042)")


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
    payload = json.dumps(
        [previous, at.isoformat(), actor, action, thing, thing_id, facts], sort_keys=True, ensure_ascii=False
    )
    return hmac.new(key_, payload.encode(), hashlib.sha256).hexdigest()


def write(
    connection: Connection,
    keys: Keys,
    *,
    at: dt.datetime,
    actor: str,
    action: str,
    thing: str = "",
    thing_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry. On SQLite writers are one at a time anyway; on PostgreSQL a lock keeps the chain single.

    It follows the entry that the end names. If that was cut off, the chain is broken here for good; an end that is
    gone, or that the desk did not write, is not made right again. All of it has to be found.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_lock)
    end = _end_of(connection)
    previous = end.mac if end is not None else _mac_of_last(connection)
    own_facts = dict(facts or {})
    mac = seal(keys.derive("journal"), previous, at, actor, action, thing, thing_id, own_facts)
    _insert.run(
        connection,
        {
            "at": at,
            "actor": actor,
            "action": action,
            "thing": thing,
            "thing_id": thing_id,
            "facts": own_facts,
            "mac": mac,
        },
    )
    if end is not None and _is_ours(keys, end):
        moved = end.entries + 1
        sealed = seal_end(keys, moved, mac, end.since)
        _move_end.run(connection, {"entries": moved, "mac": mac, "seal": sealed})


def _end_of(connection: Connection) -> Any | None:
    return next(iter(_last.rows(connection, {})), None)


def _mac_of_last(connection: Connection) -> str:
    """What the chain goes on from where its end is gone."""
    return next((row.mac for row in _last_mac.rows(connection, {})), "")


def seal_end(keys: Keys, entries: int, mac: str, since: int = 0) -> str:
    """The MAC over how many entries there are, the last one's, and how many the key can't check."""
    return hmac.new(keys.derive("journal-end"), f"{entries} {mac} {since}".encode(), hashlib.sha256).hexdigest()


def _is_ours(keys: Keys, end: Any) -> bool:
    return hmac.compare_digest(str(end.seal), seal_end(keys, end.entries, end.mac, end.since))


def close(connection: Connection, keys: Keys) -> None:
    """Have the end say what is there now, for a desk that goes on with another key: what the old one sealed can't be
    checked any more, and what comes from now on can."""
    entries = connection.execute(sa.select(sa.func.count()).select_from(_table)).scalar_one()
    mac = _mac_of_last(connection)
    connection.execute(sa.delete(_end))
    sealed = {"entries": entries, "mac": mac, "since": entries, "seal": seal_end(keys, entries, mac, entries)}
    connection.execute(sa.insert(_end).values(id=1, **sealed))


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far the journal had come: the number of entries and the MAC of the last one, to be kept elsewhere."""

    entries: int
    mac: str

    def line(self) -> str:
        """As it is printed, and read by :func:`read_anchor`."""
        return f"okienko-journal {self.entries} {self.mac}"


_ANCHOR = re.compile(r"okienko-journal ([0-9]{1,18}) ([0-9a-f]{64}|)")


def read_anchor(line: str) -> Anchor:
    """The anchor that :meth:`Anchor.line` wrote. Raises :class:`DeskError` for any other text."""
    match = _ANCHOR.fullmatch(line.strip()) or _ANCHOR.fullmatch(f"{line.strip()} ")
    if match is None:
        raise DeskError(N_("This is no line of “okienko journal anchor”. Give it whole, in quotes."))
    return Anchor(int(match[1]), match[2])


@dataclass(frozen=True, slots=True)
class JournalVerdict:
    """What a look through the whole journal has found; nothing is wrong when all of it is as by default."""

    entries: int
    broken_at: int | None = None
    """The id of the first entry that was changed, or follows one that is missing."""
    cut_off: int = 0
    """So many entries are missing at the end."""
    end_wrong: bool = False
    """What stands of the end is gone or was not written by the desk."""
    unlike_anchor: bool = False
    """The journal is not the one that the anchor was taken of, or an older state of it."""
    unchecked: int = 0
    """So many entries at the beginning are older than the desk's key, and can't be checked by it."""

    @property
    def whole(self) -> bool:
        return self.broken_at is None and not (self.cut_off or self.end_wrong or self.unlike_anchor)


def anchor(connection: Connection) -> Anchor:
    """The end as it stands now."""
    end = _end_of(connection)
    return Anchor(end.entries, end.mac) if end is not None else Anchor(0, "")


def verify(connection: Connection, keys: Keys, since: Anchor | None = None) -> JournalVerdict:
    """Look through the whole journal: its chain, its end, and the ``since`` that was kept elsewhere.

    The end is read first: entries that are written meanwhile only make the journal longer than that.
    """
    end = connection.execute(sa.select(_end)).first()
    key_, previous, entries, broken = keys.derive("journal"), "", 0, None
    macs = {}
    right = end is not None and _is_ours(keys, end)
    unchecked = int(end.since) if end is not None and right else 0
    wanted = {end.entries if end is not None else -1, since.entries if since is not None else -1}
    for row in connection.execute(sa.select(_table).order_by(_table.c.id)).yield_per(1000):
        if (
            broken is None
            and entries >= unchecked
            and row.mac != seal(key_, previous, row.at, row.actor, row.action, row.thing, row.thing_id, row.facts)
        ):
            broken = int(row.id)
        previous, entries = row.mac, entries + 1
        if entries in wanted:
            macs[entries] = row.mac
    macs[0] = ""
    missing = max(0, end.entries - entries) if end is not None and right else 0
    other = end is not None and right and not missing and macs[end.entries] != end.mac
    return JournalVerdict(
        entries=entries,
        broken_at=broken,
        cut_off=missing,
        end_wrong=not right or other,
        unlike_anchor=since is not None and macs.get(since.entries) != since.mac,
        unchecked=unchecked,
    )
