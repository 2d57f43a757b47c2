"""What entitles to support: products, the assets that are pieces of them, and the contracts that cover those."""

import datetime as dt
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.db.columns import json_type, key, made, one_of, part_of_key, reference
from core.i18n.collation import sort_key
from core.i18n.sanitize import fold

NO_END = dt.date(9999, 12, 31)
END_ORDER = "CASE WHEN valid_until = '9999-12-31' THEN '0001-01-01' ELSE valid_until END"
"""How lists are ordered that begin with what ends last: what has no end comes behind it. Literally the expression of
an index, or no planner could use it."""


class Product(SQLModel, table=True):
    """A model that can be owned, under a category of ``data/products`` (whose definition asks a ticket's questions)."""

    __table_args__ = (sa.UniqueConstraint("category", "vendor_key", "name_key"),)

    id: int = key()
    category: str = Field(max_length=40)
    vendor: str = Field(max_length=80)
    vendor_key: str = Field(max_length=80)
    name: str = Field(max_length=80)
    name_key: str = Field(max_length=80)
    words: str = made(fold, "vendor", "name", limit=161)
    name_order: str = made(sort_key, "vendor", "name", limit=240, ordered=True)


class Asset(SQLModel, table=True):
    """One piece of a product: a serial number, a MAC, a device ID, a line."""

    __table_args__ = (
        sa.Index("ix_asset_company", "company_id", "product_id", "id"),
        sa.Index(
            "ix_asset_account",
            "account_id",
            "id",
            sqlite_where=sa.text("account_id IS NOT NULL"),
            postgresql_where=sa.text("account_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_asset_subscriber",
            "subscriber_id",
            "id",
            sqlite_where=sa.text("subscriber_id IS NOT NULL"),
            postgresql_where=sa.text("subscriber_id IS NOT NULL"),
        ),
    )

    id: int = key()
    product_id: int = reference("product.id", index=True)
    identifier: str = Field(max_length=64)
    identifier_key: str = Field(max_length=64, unique=True)
    company_id: int | None = reference("company.id", nullable=True)
    account_id: int | None = reference("account.id", nullable=True)
    """A person's own, such as the heat pump at home; of a company's there is none."""
    subscriber_id: int | None = reference("subscriber.id", nullable=True)
    """Whose line it is."""
    created_at: dt.datetime


class ContractKind(StrEnum):
    SUPPORT = "support"
    SUBSCRIPTION = "subscription"


class Contract(SQLModel, table=True):
    """A support contract, which belongs to ``company_id`` from the import on and counts once ``registered_at`` is set;
    or a subscription, which is ``subscriber_id``'s and counts from the import on."""

    __table_args__ = (
        one_of("kind", "kind", ContractKind),
        sa.Index("ix_contract_company", "company_id", "valid_until", "id"),
        sa.Index("ix_contract_until", "valid_until", "id"),
        sa.Index("ix_contract_order", sa.text(f"({END_ORDER})"), "id"),
        sa.Index(
            "ix_contract_subscriber",
            "subscriber_id",
            "valid_until",
            "id",
            sqlite_where=sa.text("subscriber_id IS NOT NULL"),
            postgresql_where=sa.text("subscriber_id IS NOT NULL"),
        ),
    )

    id: int = key()
    number: str = Field(max_length=40)
    number_key: str = Field(max_length=40, unique=True)
    code_mac: str = Field(max_length=64, repr=False)
    """The activation code as a keyed MAC with the number in it; the code itself is nowhere. A subscription has none."""
    company_id: int | None = reference("company.id", nullable=True)
    support_level: str = Field(default="", max_length=40)
    valid_from: dt.date
    valid_until: dt.date
    """Both days are inside the period. A subscription without an end has :data:`NO_END`."""
    registered_at: dt.datetime | None = None
    registered_by: int | None = reference("account.id", nullable=True)
    kind: str = Field(default=ContractKind.SUPPORT.value, max_length=12)
    subscriber_id: int | None = reference("subscriber.id", nullable=True)
    monthly_fee: int = Field(default=0, sa_type=sa.BigInteger)
    """Gross, in grosze; of a subscription."""
    ending_told_at: dt.datetime | None = None
    """When its holder was told that it is about to end."""
    origin: str = Field(default="", max_length=8)
    """The book that says when it ends or whose it is: ``lms`` (:mod:`core.imports.lms.run`), or empty for one of a
    file."""
    created_at: dt.datetime


class Cover(SQLModel, table=True):
    """This contract covers this asset."""

    __table_args__ = (sa.Index("ix_cover_asset", "asset_id"),)

    contract_id: int = part_of_key("contract.id")
    asset_id: int = part_of_key("asset.id")


class StoredDefinition(SQLModel, table=True):
    """A version of a category's questions that some ticket was asked, kept so that it is shown as it was asked."""

    __tablename__ = "definition"

    version: str = Field(primary_key=True, max_length=32)
    category: str = Field(max_length=40)
    body: dict[str, Any] = Field(sa_type=json_type())
