"""A subscriber, the lines they have, and what they agreed to.

A subscriber is the operator's customer, known by a number before anybody has an account; an account signs up to one of
them. What a subscriber has hangs on the subscriber, never on the account: a line is an asset, a subscription a
contract.
"""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.db.columns import BigKey, key, made, one_of, part_of_key, reference
from core.i18n.collation import sort_key


class SubscriberKind(StrEnum):
    PERSON = "person"
    COMPANY = "company"


class Subscriber(SQLModel, table=True):
    """Whoever has the contract. ``version`` grows with every correction, so two agents never overwrite each other."""

    __table_args__ = (
        one_of("kind", "kind", SubscriberKind),
        sa.Index("ix_subscriber_name", "name_order", "id"),
    )

    id: int = key()
    number: str = Field(max_length=40)
    """The operator's own customer number."""
    number_key: str = Field(max_length=40, unique=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", unique=True, sa_type=BigKey)
    """Whose login shows it; None until somebody has signed up."""
    name: str = Field(max_length=160)
    name_key: str = Field(max_length=160)
    """Folded, for searching."""
    name_order: str = made(sort_key, "name", limit=240, ordered=True)
    words: str = Field(default="", max_length=700, repr=False)
    """What staff find them by (:func:`core.subscribers.search.words_of`)."""
    kind: str = Field(default=SubscriberKind.PERSON.value, max_length=8)
    street: str = Field(default="", max_length=120)
    postcode: str = Field(default="", max_length=10)
    town: str = Field(default="", max_length=80)
    email: str = Field(default="", max_length=254)
    """What the operator knows; mail goes to the account's address once there is one."""
    phone: str = Field(default="", max_length=32)
    tax_id: str = Field(default="", max_length=10)
    """A company's NIP, digits only."""
    pesel_mac: str = Field(default="", max_length=64, repr=False)
    """The PESEL as a keyed MAC; the number itself is nowhere. Empty for a company, or when it is not known."""
    pesel_end: str = Field(default="", max_length=2, repr=False)
    """Its last two digits, for showing."""
    bank_account: str = Field(default="", max_length=26)
    """The account this subscriber pays to (an NRB, digits only); empty means the operator's own."""
    language: str = Field(default="pl", max_length=2)
    e_invoices: bool = Field(default=False)
    """Whether invoices go by mail: what the last :class:`Consent` says."""
    created_at: dt.datetime
    changed_at: dt.datetime
    version: int = Field(default=1)


class Line(SQLModel, table=True):
    """What an internet line is beside an asset. Whose it is says the asset's ``subscriber_id``; what pays for it, the
    contract that covers it."""

    __table_args__ = (sa.Index("ix_line_town", "town_key", "asset_id"),)

    asset_id: int = part_of_key("asset.id")
    down_mbit: int = Field(default=0)
    up_mbit: int = Field(default=0)
    street: str = Field(default="", max_length=120)
    postcode: str = Field(default="", max_length=10)
    town: str = Field(default="", max_length=80)
    town_key: str = Field(default="", max_length=80)
    activated_on: dt.date
    pppoe_login: str | None = Field(default=None, max_length=64, unique=True)
    pppoe_password: str | None = Field(default=None, sa_type=sa.Text, repr=False)
    """Sealed with the desk's key."""
    pppoe_changed_at: dt.datetime | None = None


class LineAddress(SQLModel, table=True):
    """A network that belongs to a line; no two overlap. ``low`` and ``high`` are its ends as 32 hex digits of IPv6 (an
    IPv4 network is mapped into it), so that text compares as addresses do. An id is never given out twice, so that an
    import can tell whether somebody else has changed any of them meanwhile."""

    __tablename__ = "line_address"
    __table_args__ = (sa.Index("ix_line_address_asset", "asset_id"), {"sqlite_autoincrement": True})

    id: int = key()
    asset_id: int = reference("asset.id")
    network: str = Field(max_length=50)
    low: str = Field(max_length=32, unique=True)
    high: str = Field(max_length=32)


class ConsentKind(StrEnum):
    E_INVOICE = "e_invoice"


class Consent(SQLModel, table=True):
    """What was agreed to or withdrawn, in which wording and when; only ever added to, the last one counts."""

    __table_args__ = (
        one_of("kind", "kind", ConsentKind),
        sa.Index("ix_consent_subscriber", "subscriber_id", "kind", "id"),
    )

    id: int = key()
    subscriber_id: int = reference("subscriber.id")
    account_id: int | None = reference("account.id", nullable=True)
    kind: str = Field(max_length=16)
    version: str = Field(max_length=16)
    given: bool
    at: dt.datetime
