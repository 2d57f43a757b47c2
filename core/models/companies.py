"""Client companies, and service companies (installers) with what is asked of those alone."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.db.columns import key, made, one_of, part_of_key, reference
from core.i18n.sanitize import fold


class CompanyKind(StrEnum):
    CLIENT = "client"
    SERVICE = "service"


class Company(SQLModel, table=True):
    __table_args__ = (
        one_of("kind", "kind", CompanyKind),
        sa.Index(
            "ix_company_client_name",
            "name_key",
            unique=True,
            sqlite_where=sa.text("kind = 'client'"),
            postgresql_where=sa.text("kind = 'client'"),
        ),
    )

    id: int = key()
    name: str = Field(max_length=120)
    name_key: str = Field(max_length=120)
    """The name by :func:`core.i18n.sanitize.identity`: one client company, however its name is capitalised or spaced.
    Service companies may share one; their addresses tell them apart."""
    words: str = made(fold, "name", limit=120)
    """What it is searched by."""
    kind: str = Field(default=CompanyKind.CLIENT.value, max_length=16)
    created_at: dt.datetime


class MembershipClaim(SQLModel, table=True):
    """What an account brought to be in a client company: see :mod:`core.companies.membership_claim`."""

    __tablename__ = "membership_claim"

    account_id: int = part_of_key("account.id")
    company_name: str = Field(default="", max_length=120)
    """As it was typed at sign-up; empty for whoever only registered a contract."""
    contract_id: int | None = reference("contract.id", nullable=True)
    """The contract whose code they had: it counts once they are let in."""


class ServiceProfile(SQLModel, table=True):
    """What a service company said when it signed up. It works from ``active_at`` on: both of its addresses
    are confirmed then."""

    __tablename__ = "service_profile"
    __table_args__ = (sa.CheckConstraint("email_key <> management_key", name="addresses"),)

    company_id: int = part_of_key("company.id")
    email: str = Field(max_length=254)
    """For notifications; a mailing list is recommended, so it is no account's. Customers apply to it."""
    email_key: str = Field(max_length=254, unique=True)
    email_confirmed_at: dt.datetime | None = None
    management_email: str = Field(max_length=254)
    """It may be the address of one of the company's owners too, as it is of the first one."""
    management_key: str = Field(max_length=254, unique=True)
    management_confirmed_at: dt.datetime | None = None
    management_hash: str = Field(max_length=255, repr=False)
    """The management password: asked for before the company's data can be edited."""
    country: str = Field(max_length=2)
    zone: str = Field(max_length=64)
    phone: str = Field(max_length=32)
    url: str = Field(default="", max_length=200)
    founded: int | None = None
    employees: int | None = None
    language: str = Field(max_length=2)
    active_at: dt.datetime | None = None
    unlimited_at: dt.datetime | None = None
    """An agent knows the company: it invites as many as it likes (:mod:`core.installers.invitation_limit`)."""
    version: int = Field(default=1)
