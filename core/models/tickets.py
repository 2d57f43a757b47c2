"""A request for help, its conversation, its history, and what it is searched by."""

import datetime as dt
from enum import IntEnum, StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.db.columns import json_type, key, one_of, part_of_key, reference


class Status(IntEnum):
    """In the order of a ticket's life. Below :data:`OPEN_BELOW` it wants something from somebody.

    Numbers, because the open ones are then one literal predicate (``status < 5``) that SQLite's planner matches
    with a partial index; ``IN (…)`` does not (docs/facts.md, *SQLite*).
    """

    NEW = 1
    OPEN = 2
    WAITING_CUSTOMER = 3
    WAITING_VENDOR = 4
    RESOLVED = 5
    CLOSED = 6


OPEN_BELOW = 5


class Priority(IntEnum):
    LOW = 1
    NORMAL = 2
    HIGH = 3
    URGENT = 4


class TicketKind(StrEnum):
    ADMINISTRATIVE = "administrative"
    TECHNICAL = "technical"
    ORDER = "order"
    """A service of the catalogue, with a :class:`core.models.billing.ServiceOrder` beside it."""


class AssetRelation(StrEnum):
    """What the ticket is about its assets."""

    FAULT = "fault"
    QUESTION = "question"
    CHANGE = "change"
    RETURN = "return"


def _newest(name: str, *columns: str, where: str = "") -> sa.Index:
    """An index of a list that shows the latest change first."""
    only = sa.text(where) if where else None
    order = (sa.text("changed_at DESC"), sa.text("id DESC"))
    return sa.Index(name, *columns, *order, sqlite_where=only, postgresql_where=only)


class Ticket(SQLModel, table=True):
    """``version`` grows with every change; a save says which one it saw, so two people never overwrite each other."""

    __table_args__ = (
        one_of("kind", "kind", TicketKind),
        one_of("relation", "relation", AssetRelation),
        sa.CheckConstraint("status BETWEEN 1 AND 6", name="status"),
        sa.CheckConstraint("priority BETWEEN 1 AND 4", name="priority"),
        # One index an open view, its predicate literal, its order the list's: a page costs the same at any size.
        _newest("ix_ticket_changed"),
        _newest("ix_ticket_open", where="status < 5 AND team_id IS NULL"),
        _newest("ix_ticket_new", where="status = 1 AND team_id IS NULL"),
        _newest("ix_ticket_done", where="status >= 5 AND team_id IS NULL"),
        _newest("ix_ticket_team", "team_id", where="team_id IS NOT NULL"),
        _newest("ix_ticket_team_open", "team_id", where="status < 5 AND team_id IS NOT NULL"),
        _newest("ix_ticket_team_new", "team_id", where="status = 1 AND team_id IS NOT NULL"),
        sa.Index(
            "ix_ticket_grant",
            "grant_id",
            sqlite_where=sa.text("status < 5 AND grant_id IS NOT NULL"),
            postgresql_where=sa.text("status < 5 AND grant_id IS NOT NULL"),
        ),
        _newest("ix_ticket_assignee", "assignee_id", where="status < 5"),
        _newest("ix_ticket_company", "company_id"),
        _newest("ix_ticket_company_open", "company_id", where="status < 5"),
        _newest("ix_ticket_requester", "requester_id"),
    )

    id: int = key()
    """Also the number people see."""
    subject: str = Field(max_length=150)
    kind: str = Field(max_length=16)
    relation: str = Field(default=AssetRelation.QUESTION.value, max_length=16)
    status: int = Field(default=Status.NEW.value)
    priority: int = Field(default=Priority.NORMAL.value)
    company_id: int | None = reference("company.id", nullable=True)
    """Whose ticket it is: everyone of this company sees it. None: the requester's alone."""
    requester_id: int = reference("account.id")
    team_id: int | None = reference("company.id", nullable=True)
    """Who handles it: the service company that looks after its device. None: the operator's own team."""
    assignee_id: int | None = reference("account.id", nullable=True)
    contract_id: int | None = reference("contract.id", nullable=True)
    grant_id: int | None = reference("care_grant.id", nullable=True)
    definition: str | None = Field(default=None, foreign_key="definition.version", max_length=32)
    created_at: dt.datetime
    changed_at: dt.datetime
    answered_at: dt.datetime | None = None
    """The first public reply of staff; stays."""
    resolved_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    version: int = Field(default=1)


class TicketAsset(SQLModel, table=True):
    __tablename__ = "ticket_asset"
    __table_args__ = (sa.Index("ix_ticket_asset_asset", "asset_id"),)

    ticket_id: int = part_of_key("ticket.id")
    asset_id: int = part_of_key("asset.id")


class Answer(SQLModel, table=True):
    """The answer to one product-specific question, under the definition's version that asked it."""

    __table_args__ = (sa.Index("ix_answer_question", "question", "ticket_id"),)

    ticket_id: int = part_of_key("ticket.id")
    question: str = Field(primary_key=True, max_length=40)
    value: Any = Field(sa_type=json_type())


class MessageKind(StrEnum):
    REPLY = "reply"
    """Everybody on the ticket reads it."""
    NOTE = "note"
    """Staff only: never shown, found or mailed to customers."""


class Message(SQLModel, table=True):
    __table_args__ = (
        one_of("kind", "kind", MessageKind),
        sa.Index("ix_message_ticket", "ticket_id", "id"),
    )

    id: int = key()
    ticket_id: int = reference("ticket.id")
    author_id: int = reference("account.id")
    staff: bool = Field(default=False)
    """Written as staff; kept with the message, so that a change of role rewrites nothing."""
    kind: str = Field(default=MessageKind.REPLY.value, max_length=8)
    body: str = Field(max_length=20000)
    created_at: dt.datetime


EVENT_VALUE = 80
"""Signs of what a change was from and to; a longer text is cut for the history."""


class Event(SQLModel, table=True):
    """One change of a ticket: its history, and the only source that durations are computed from."""

    __tablename__ = "ticket_event"
    __table_args__ = (sa.Index("ix_ticket_event_ticket", "ticket_id", "id"),)

    id: int = key()
    ticket_id: int = reference("ticket.id")
    actor_id: int | None = reference("account.id", nullable=True)
    what: str = Field(max_length=24)
    """``created``, ``replied``, ``noted``, or the column that changed."""
    before: str = Field(default="", max_length=EVENT_VALUE)
    after: str = Field(default="", max_length=EVENT_VALUE)
    at: dt.datetime


class TicketWords(SQLModel, table=True):
    """What a ticket is found by: folded, stemmed words (:mod:`core.db.text_search`) and scope tokens.

    ``staff`` holds the words of internal notes apart, so that a customer's search can't reach them.
    On SQLite an FTS5 index follows this table by triggers; on PostgreSQL it is a GIN index over the same text.
    """

    __tablename__ = "ticket_words"

    ticket_id: int = part_of_key("ticket.id")
    public: str = Field(default="", sa_type=sa.Text)
    staff: str = Field(default="", sa_type=sa.Text)
    scope: str = Field(default="", max_length=80)


class Tally(SQLModel, table=True):
    """How many tickets an owner has in a status, kept by triggers so that no count ever walks the table."""

    owner_kind: str = Field(primary_key=True, max_length=10)
    """``desk`` (the operator's own), ``care`` (all service companies'), ``team`` (one of them), ``assignee``,
    ``company`` or ``requester``."""
    owner_id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    status: int = Field(primary_key=True)
    tickets: int = Field(default=0)
