"""A person's login and everything that proves who they are."""

import datetime as dt
from enum import StrEnum
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.db.columns import json_type, key, made, one_of, part_of_key, reference
from core.i18n.collation import sort_key
from core.i18n.sanitize import fold


class Role(StrEnum):
    CUSTOMER = "customer"
    INSTALLER = "installer"
    AGENT = "agent"
    ADMIN = "admin"


class AccountState(StrEnum):
    ACTIVE = "active"
    OFF = "off"
    """Switched off by an administrator."""


class Standing(StrEnum):
    """How an account stands to its company."""

    NONE = "none"
    PENDING = "pending"
    """Asked to join; sees nothing of the company's until a member with the right, or an agent, says yes."""
    MEMBER = "member"
    OWNER = "owner"
    """A member who may also decide about colleagues."""


Preferences = dict[Literal["screens"], dict[str, dict[str, Any]]]
"""What screens remember for their reader, by the screen, and nothing else: read and written by
:mod:`core.accounts.profile` alone. A fact that a rule asks for has a column or a table."""


class Account(SQLModel, table=True):
    """Logins are never given out again, so a row is never deleted and ``login_key`` stays unique for ever."""

    __table_args__ = (
        one_of("role", "role", Role),
        one_of("state", "state", AccountState),
        one_of("standing", "standing", Standing),
        sa.Index("ix_account_company", "company_id", "standing"),
        sa.Index("ix_account_role", "role", "id"),
        sa.Index(
            "ix_account_waiting",
            "created_at",
            "id",
            sqlite_where=sa.text("standing = 'pending'"),
            postgresql_where=sa.text("standing = 'pending'"),
        ),
    )

    id: int = key()
    login: str = Field(max_length=64)
    login_key: str = Field(max_length=64, unique=True)
    email: str = Field(max_length=254)
    email_key: str = Field(max_length=254, unique=True)
    role: str = Field(default=Role.CUSTOMER.value, max_length=16)
    state: str = Field(default=AccountState.ACTIVE.value, max_length=16)
    first_name: str = Field(default="", max_length=80)
    last_name: str = Field(default="", max_length=80)
    name_words: str = made(fold, "first_name", "last_name", limit=160)
    email_words: str = made(fold, "email", limit=254)
    """The address as it is shown, for searching."""
    name_order: str = made(sort_key, "last_name", "first_name", limit=240, ordered=True)
    phone: str = Field(default="", max_length=32)
    language: str = Field(default="en", max_length=2)
    zone: str = Field(default="Europe/Warsaw", max_length=64)
    password_hash: str | None = Field(default=None, max_length=255, repr=False)
    company_id: int | None = reference("company.id", nullable=True)
    standing: str = Field(default=Standing.NONE.value, max_length=16)
    totp_secret: str | None = Field(default=None, max_length=255, repr=False)
    """Sealed with the desk's key (:mod:`core.security.crypto`); None until an authenticator is enrolled."""
    totp_draft: str | None = Field(default=None, max_length=255, repr=False)
    """A new authenticator's secret, sealed, until its first code proves that it was scanned."""
    totp_step: int = Field(default=0, sa_type=sa.BigInteger)
    """The last time step that was accepted: each is good once."""
    terms_version: str = Field(default="", max_length=16)
    terms_at: dt.datetime | None = None
    at_home: bool = False
    """Signed up by themself, without a contract, for a device at home: they begin with *Service*, not with tickets."""
    preferences: Preferences = Field(default_factory=dict, sa_type=json_type())
    created_at: dt.datetime
    logged_in_at: dt.datetime | None = None


class RegistrationKind(StrEnum):
    """Which form it was."""

    SUPPORT = "support"
    """A support customer, with a contract and its activation code."""
    HOME = "home"
    """An end user, without a contract."""
    SUBSCRIBER = "subscriber"
    COMPANY = "company"
    """An installer company, with two addresses."""


class Registration(SQLModel, table=True):
    """A sign-up whose code has not come back yet. It holds neither its login nor its address, so two may name the same:
    whoever proves the address first becomes an account, by the form that the code was mailed for and no other."""

    __table_args__ = (one_of("kind", "kind", RegistrationKind),)

    id: int = key()
    kind: str = Field(max_length=16)
    mark: str = Field(max_length=16, unique=True)
    """What its receipt seals and its codes are bound to: a number is given out again (SQLite), this is not."""
    login: str = Field(max_length=64)
    email: str = Field(max_length=254)
    """The account's address; a company's address for management."""
    email_confirmed_at: dt.datetime | None = None
    notice_email: str = Field(default="", max_length=254)
    """A company's address for notifications; empty for people."""
    notice_confirmed_at: dt.datetime | None = None
    language: str = Field(max_length=2)
    password_hash: str = Field(max_length=255, repr=False)
    management_hash: str = Field(default="", max_length=255, repr=False)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=json_type())
    """What else the form says of the person or the company."""
    contract_id: int | None = reference("contract.id", nullable=True, index=True)
    terms_version: str = Field(max_length=16)
    created_at: dt.datetime
    expires_at: dt.datetime = Field(index=True)
    """It is forgotten then; each code that is sent for it puts that off."""
    done_at: dt.datetime | None = None
    """An account came of it: nothing but that is remembered, for the page that still waits."""


class Session(SQLModel, table=True):
    """One login, from the last step that was passed until logging out."""

    __tablename__ = "session"

    id: int = key()
    account_id: int = reference("account.id", index=True)
    device_id: int | None = reference("device.id", nullable=True)
    ssh_key_id: int | None = reference("ssh_key.id", nullable=True)
    """The account's own key that the connection had proven."""
    created_at: dt.datetime
    expires_at: dt.datetime
    ended_at: dt.datetime | None = None


class Device(SQLModel, table=True):
    """A remembered login: the token is in the user's own state folder, only its MAC is here."""

    id: int = key()
    account_id: int = reference("account.id", index=True)
    token_mac: str = Field(max_length=64, unique=True, repr=False)
    previous_mac: str = Field(default="", max_length=64, index=True, repr=False)
    """The token before the last use; seeing it again means that it was copied."""
    label: str = Field(default="", max_length=80)
    authenticator: bool = False
    """Whether the account's authenticator was shown there when it was remembered."""
    created_at: dt.datetime
    used_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None = None


class SpentToken(SQLModel, table=True):
    """A token that a remembered login had earlier on: whoever brings it has a copy."""

    __tablename__ = "spent_token"

    mac: str = Field(primary_key=True, max_length=64, repr=False)
    device_id: int = reference("device.id", index=True)
    spent_at: dt.datetime


class FamiliarSource(SQLModel, table=True):
    """Where an account has logged in from before, as a MAC of the address: strangers' tries don't keep it out there."""

    __tablename__ = "familiar_source"

    account_id: int = part_of_key("account.id")
    source: str = Field(primary_key=True, max_length=64, repr=False)
    used_at: dt.datetime


class Purpose(StrEnum):
    """What a code is good for; a code of one purpose is nothing to another."""

    CONFIRM = "confirm"
    LOGIN = "login"
    RESET = "reset"
    EMAIL = "email"
    INVITE = "invite"
    """The first password of somebody whose account was made for them."""
    RECOVERY = "recovery"
    COMPANY = "company"
    """A service company's notification address."""
    MANAGEMENT = "management"
    """Its management address."""
    MEMBER = "member"
    """A colleague's invitation into a service company."""
    CARE = "care"
    """An installer's invitation to a customer, who may have no account yet."""
    WAY_IN = "way_in"
    """With the password, lets an owner in whom strangers' wrong tries would keep out."""
    VOUCH = "vouch"
    """An agent's word that a subscriber may sign up from elsewhere than their own line."""


class Code(SQLModel, table=True):
    """A code that was mailed (or shown once), as a keyed MAC; taken by one conditional UPDATE."""

    __table_args__ = (
        one_of("purpose", "purpose", Purpose),
        sa.Index("ix_code_account", "account_id", "purpose", "created_at"),
        sa.Index("ix_code_binding", "purpose", "binding"),
    )

    id: int = key()
    account_id: int | None = reference("account.id", nullable=True)
    """None for a code that goes to somebody without an account: then its binding says what it is for."""
    purpose: str = Field(max_length=16)
    mac: str = Field(max_length=64, unique=True, repr=False)
    binding: str = Field(default="", max_length=254)
    """What it is bound to beside the account: the login attempt, or the new address."""
    created_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None = None
    voided_at: dt.datetime | None = None


class LoginAttempt(SQLModel, table=True):
    """Between the right password and the second step; its tries are counted here, whatever that step is."""

    __tablename__ = "login_attempt"

    id: int = key()
    public_id: str = Field(max_length=32, unique=True)
    account_id: int = reference("account.id")
    step: str = Field(max_length=16)
    """``code``, ``authenticator``, ``enrol`` (the code was right, an authenticator must follow) or ``done``."""
    tries_left: int = Field(default=5)
    mailbox: bool = Field(default=False)
    """Whether it began with a code from the owner's mailbox: strangers' wrong tries don't count against it."""
    created_at: dt.datetime
    expires_at: dt.datetime


class Throttle(SQLModel, table=True):
    """One row a bucket; times are milliseconds since 1970, so that the arithmetic is one statement in any database."""

    bucket: str = Field(primary_key=True, max_length=96)
    tat: int = Field(default=0, sa_type=sa.BigInteger)
    """For a rate: the theoretical arrival time (GCRA)."""
    failures: int = Field(default=0)
    opens_at: int = Field(default=0, sa_type=sa.BigInteger)
    """For growing pauses: when the next try counts."""
