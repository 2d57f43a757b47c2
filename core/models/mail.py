"""The outbox: mail that a change has promised, and what became of it."""

import datetime as dt
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.db.columns import json_type, key, one_of, reference


class MailState(StrEnum):
    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outbox(SQLModel, table=True):
    """A letter by its kind and what goes into it; the text is made when it is sent, in the reader's language.

    ``secrets`` holds codes, sealed with the desk's key, and is emptied the moment the mail has left:
    a code is stored plain nowhere.
    """

    __table_args__ = (
        one_of("state", "state", MailState),
        # (due_at, id), not due_at alone: PostgreSQL claims 5.8 times faster (docs/facts.md, *Mail*).
        sa.Index(
            "ix_outbox_due",
            "due_at",
            "id",
            sqlite_where=sa.text("state IN ('queued', 'sending')"),
            postgresql_where=sa.text("state IN ('queued', 'sending')"),
        ),
        sa.Index("ix_outbox_state", "state", "id"),
    )

    id: int = key()
    letter: str = Field(max_length=40)
    account_id: int | None = reference("account.id", nullable=True)
    ticket_id: int | None = reference("ticket.id", nullable=True)
    address: str = Field(max_length=254)
    language: str = Field(max_length=2)
    details: dict[str, Any] = Field(sa_type=json_type())
    secrets: str | None = Field(default=None, sa_type=sa.Text, repr=False)
    message_id: str = Field(max_length=120, unique=True)
    state: str = Field(default=MailState.QUEUED.value, max_length=10)
    created_at: dt.datetime
    due_at: dt.datetime
    """When it may be sent; while it is being sent, when the claim lapses."""
    claim: str = Field(default="", max_length=32)
    tries: int = Field(default=0)
    sent_at: dt.datetime | None = None
    error: str = Field(default="", max_length=300)


class MailStop(SQLModel, table=True):
    """At most one row: that the server takes no mail from this desk as it is set up (:mod:`core.mail.stops`)."""

    __tablename__ = "mail_stop"

    id: int = key()
    reason: str = Field(max_length=300)
    since: dt.datetime
    tries: int
    opens_at: dt.datetime
