"""Who asked whom to look after which device, what came of it, and what has happened under it since."""

import datetime as dt
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.db.columns import key, made, one_of, reference
from core.i18n.collation import sort_key
from core.i18n.sanitize import fold
from core.models.levels import Right


class ApplicationState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class InvitationState(StrEnum):
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class RequestState(StrEnum):
    """A permission that was allowed and whose time is over stays ``allowed``: the time itself says that it is over."""

    ASKED = "asked"
    ALLOWED = "allowed"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    """Ended early by the customer, or with the service."""


def _where(text: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(text), "postgresql_where": sa.text(text)}


class Application(SQLModel, table=True):
    """An end user asks an installer company to look after a device; while pending, a *pending customer*.

    It counts only while ``state`` is pending *and* ``expires_at`` lies ahead, whether or not the job that says so to
    people has run. ``version`` grows with every change of the applicant's: a decision names the one it was shown.
    """

    __table_args__ = (
        one_of("state", "state", ApplicationState),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        sa.Index("ix_application_device", "device_key", unique=True, **_where("state = 'pending'")),
        sa.Index("ix_application_pending", "company_id", "expires_at", "id", **_where("state = 'pending'")),
        sa.Index("ix_application_ends", "expires_at", "id", **_where("state = 'pending'")),
        sa.Index("ix_application_remind", "remind_at", "id", **_where("state = 'pending'")),
        sa.Index("ix_application_customer", "customer_id", "id"),
        sa.Index("ix_application_company", "company_id", "id"),
    )

    id: int = key()
    company_id: int = reference("company.id")
    customer_id: int = reference("account.id")
    product_id: int = reference("product.id")
    device: str = Field(max_length=64)
    device_key: str = Field(max_length=64)
    level: int
    name: str = Field(max_length=160)
    name_key: str = Field(max_length=160)
    address: str = Field(max_length=200)
    phone: str = Field(max_length=32)
    country: str = Field(max_length=2)
    language: str = Field(max_length=2)
    state: str = Field(default=ApplicationState.PENDING.value, max_length=10)
    terms_version: str = Field(default="", max_length=16)
    created_at: dt.datetime
    expires_at: dt.datetime
    remind_at: dt.datetime | None = None
    """When the company is reminded next; None after the last time."""
    decided_at: dt.datetime | None = None
    decided_by: int | None = reference("account.id", nullable=True)
    message: str = Field(default="", max_length=2000)
    """What the installer wrote to the customer: with the approval, or why not."""
    version: int = Field(default=1)


class Invitation(SQLModel, table=True):
    """An installer company asks a customer. Its code is in :class:`core.models.accounts.Code`, bound to this row."""

    __table_args__ = (
        one_of("state", "state", InvitationState),
        sa.Index("ix_invitation_company", "company_id", "id"),
        sa.Index("ix_invitation_email", "company_id", "email_key", unique=True, **_where("state = 'sent'")),
        sa.Index("ix_invitation_address", "email_key", "id", **_where("state = 'sent'")),
        sa.Index("ix_invitation_ends", "expires_at", "id", **_where("state = 'sent'")),
        sa.Index("ix_invitation_remind", "remind_at", "id", **_where("state = 'sent'")),
        sa.Index("ix_invitation_customer", "customer_id", "id"),
    )

    id: int = key()
    company_id: int = reference("company.id")
    invited_by: int | None = reference("account.id", nullable=True)
    customer_id: int | None = reference("account.id", nullable=True)
    """Who answered it."""
    name: str = Field(max_length=160)
    name_key: str = Field(max_length=160)
    address: str = Field(max_length=200)
    country: str = Field(max_length=2)
    email: str = Field(max_length=254)
    email_key: str = Field(max_length=254)
    email_words: str = made(fold, "email", limit=254)
    """The address as it is shown, for searching."""
    language: str = Field(max_length=2)
    state: str = Field(default=InvitationState.SENT.value, max_length=10)
    created_at: dt.datetime
    sent_at: dt.datetime
    """The last time; ``expires_at`` counts from it."""
    expires_at: dt.datetime
    remind_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    version: int = Field(default=1)


class Grant(SQLModel, table=True):
    """A company may look after a device, at an access level its customer chose. Running while ``ended_at`` is None."""

    __tablename__ = "care_grant"
    __table_args__ = (
        sa.CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        sa.Index("ix_care_grant_asset", "asset_id", unique=True, **_where("ended_at IS NULL")),
        sa.Index("ix_care_grant_company", "company_id", "name_order", "id", **_where("ended_at IS NULL")),
        sa.Index("ix_care_grant_customer", "customer_id", "id"),
    )

    id: int = key()
    company_id: int = reference("company.id")
    customer_id: int = reference("account.id")
    asset_id: int = reference("asset.id")
    application_id: int | None = reference("application.id", nullable=True)
    invitation_id: int | None = reference("invitation.id", nullable=True)
    level: int
    name: str = Field(max_length=160)
    name_key: str = Field(max_length=160)
    name_order: str = made(sort_key, "name", limit=240, ordered=True)
    address: str = Field(max_length=200)
    phone: str = Field(default="", max_length=32)
    country: str = Field(max_length=2)
    address_key: str = Field(default="", max_length=200)
    language: str = Field(default="", max_length=2)
    """Of the mail about it, as the customer chose; empty is the account's."""
    since: dt.datetime
    ended_at: dt.datetime | None = None
    ended_by: int | None = reference("account.id", nullable=True)
    version: int = Field(default=1)


class AccessRequest(SQLModel, table=True):
    """An installer asks for a right that the level gives on demand only; allowed, it is a permission until ``until``.

    Company and customer are the grant's, kept here so that both sides' lists start from one index.
    """

    __tablename__ = "access_request"
    __table_args__ = (
        one_of("state", "state", RequestState),
        one_of("right", "right_", Right),
        sa.CheckConstraint("hours BETWEEN 1 AND 168", name="hours"),
        sa.Index("ix_access_request_grant", "grant_id", "id"),
        sa.Index("ix_access_request_asked", "customer_id", "id", **_where("state = 'asked'")),
        sa.Index("ix_access_request_running", "grant_id", "right_", "until", **_where("state = 'allowed'")),
        sa.Index("ix_access_request_open", "grant_id", "right_", unique=True, **_where("state = 'asked'")),
    )

    id: int = key()
    grant_id: int = reference("care_grant.id")
    company_id: int = reference("company.id")
    customer_id: int = reference("account.id")
    asked_by: int = reference("account.id")
    right_: str = Field(max_length=10)
    """A :class:`core.models.levels.Right`; *right* alone is a word of SQL."""
    reason: str = Field(max_length=500)
    hours: int
    state: str = Field(default=RequestState.ASKED.value, max_length=10)
    asked_at: dt.datetime
    answered_at: dt.datetime | None = None
    until: dt.datetime | None = None
    ended_at: dt.datetime | None = None


class GrantEvent(SQLModel, table=True):
    """The grant's history, which both sides read: every change, every question, every use of a right."""

    __tablename__ = "grant_event"
    __table_args__ = (sa.Index("ix_grant_event_grant", "grant_id", "id"),)

    id: int = key()
    grant_id: int = reference("care_grant.id")
    actor_id: int | None = reference("account.id", nullable=True)
    what: str = Field(max_length=24)
    """``granted``, ``level``, ``asked``, ``allowed``, ``denied``, ``withdrawn``, ``stopped``, ``used``, ``ended``."""
    right_: str = Field(default="", max_length=10)
    detail: str = Field(default="", max_length=500)
    """What there is to say of it: the levels, the reason, the command."""
    at: dt.datetime
