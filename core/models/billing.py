"""What a subscriber owes and has paid, what went through the line, and what was ordered. Money is whole grosze."""

import datetime as dt
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.db.columns import json_type, key, one_of, part_of_key, reference


class InvoiceParty(SQLModel, table=True):
    """A seller or buyer as they stood on an invoice: kept by what it says, so that an invoice never changes when
    somebody moves, and a hundred invoices share one row."""

    __tablename__ = "invoice_party"

    id: int = key()
    digest: str = Field(max_length=64, unique=True)
    body: dict[str, Any] = Field(sa_type=json_type())
    """The fields of :class:`core.billing.invoice_document.Party`."""


class Invoice(SQLModel, table=True):
    """An invoice as it was issued; its totals are kept, the rest is in its lines and parties.

    One that corrects another names it by the number that stands on it, whether that one is here or not: what it changes
    is in its totals, which may be below zero.
    """

    __table_args__ = (
        # The statement and the list of one subscriber read nothing but this index until a row is shown.
        sa.Index("ix_invoice_subscriber", "subscriber_id", "issued_on", "id", "gross"),
        sa.Index(
            "ix_invoice_unpaid",
            "due_on",
            "id",
            sqlite_where=sa.text("unpaid > 0"),
            postgresql_where=sa.text("unpaid > 0"),
        ),
        sa.Index(
            "ix_invoice_correction",
            "subscriber_id",
            "corrects_key",
            sqlite_where=sa.text("corrects_key <> ''"),
            postgresql_where=sa.text("corrects_key <> ''"),
        ),
        sa.Index("ix_invoice_mail", "id", sqlite_where=sa.text("mail_due"), postgresql_where=sa.text("mail_due")),
    )

    id: int = key()
    subscriber_id: int = reference("subscriber.id")
    contract_id: int | None = reference("contract.id", nullable=True)
    number: str = Field(max_length=40)
    number_key: str = Field(max_length=40, unique=True)
    issued_on: dt.date
    sold_on: dt.date
    due_on: dt.date
    period: str = Field(default="", max_length=60)
    notes: str = Field(default="", max_length=500)
    exemption: str = Field(default="", max_length=200)
    """The provision that exempts its lines of rate ``zw``."""
    origin: str = Field(default="", max_length=32)
    """The document it is in another book (``lms:`` and its id there), which says when it counts no more; empty for one
    of a file."""
    corrects: str = Field(default="", max_length=40)
    """The number of the invoice it corrects; empty for one that corrects none."""
    corrects_key: str = Field(default="", max_length=40)
    corrects_on: dt.date | None = None
    """The day on which that one was issued."""
    reason: str = Field(default="", max_length=256)
    """Why it corrects."""
    rates: list[list[Any]] | None = Field(default=None, sa_type=json_type())
    """``[rate, net, vat]`` of each rate as it was issued, where that is not what the lines make: VAT was rounded on the
    sum (:mod:`core.billing.totals`)."""
    bank_account: str = Field(default="", max_length=26)
    """Where it is to be paid, as it was when it was issued; empty means the seller's own."""
    seller_id: int = reference("invoice_party.id")
    buyer_id: int = reference("invoice_party.id")
    net: int = Field(sa_type=sa.BigInteger)
    vat: int = Field(sa_type=sa.BigInteger)
    gross: int = Field(sa_type=sa.BigInteger)
    unpaid: int = Field(sa_type=sa.BigInteger)
    """What payments and corrections have not covered yet (:mod:`core.billing.allocation`)."""
    mail_due: bool = Field(default=False)
    """It was issued to somebody who takes invoices by mail, and the mail is not promised yet."""
    mailed_at: dt.datetime | None = None
    due_told_at: dt.datetime | None = None
    overdue_told_at: dt.datetime | None = None
    created_at: dt.datetime


class InvoiceLine(SQLModel, table=True):
    """One row of an invoice."""

    __tablename__ = "invoice_line"

    invoice_id: int = part_of_key("invoice.id")
    position: int = Field(primary_key=True)
    name: str = Field(max_length=200)
    quantity: int = Field(sa_type=sa.BigInteger)
    """In thousandths of the unit."""
    unit: str = Field(default="", max_length=16)
    net_price: int = Field(sa_type=sa.BigInteger)
    unit_price: str = Field(default="", max_length=24)
    """The net price of one unit in złotys where it is finer than a grosz
    (:class:`core.billing.invoice_document.DocumentLine`)."""
    rate: str = Field(max_length=4)
    """``23``, ``8``, ``5``, ``0`` percent, ``zw`` (exempt) or ``np`` (not taxed in Poland)."""
    net: int = Field(sa_type=sa.BigInteger)
    vat: int = Field(sa_type=sa.BigInteger)
    gross: int = Field(sa_type=sa.BigInteger)
    before: bool = Field(default=False)
    """On a correction: how the line was before; it counts against the total."""


class Payment(SQLModel, table=True):
    """Money that came in (or, below zero, went back)."""

    __table_args__ = (
        sa.Index("ix_payment_subscriber", "subscriber_id", "paid_on", "id", "amount"),
        sa.Index(
            "ix_payment_invoice",
            "invoice_id",
            sqlite_where=sa.text("invoice_id IS NOT NULL"),
            postgresql_where=sa.text("invoice_id IS NOT NULL"),
        ),
    )

    id: int = key()
    subscriber_id: int = reference("subscriber.id")
    mark: str = Field(max_length=64)
    """The bank's or the cash desk's own reference, by which an import knows it again."""
    mark_key: str = Field(max_length=64, unique=True)
    paid_on: dt.date
    amount: int = Field(sa_type=sa.BigInteger)
    title: str = Field(default="", max_length=140)
    invoice_id: int | None = reference("invoice.id", nullable=True)
    """The invoice it was paid for; None pays the oldest."""
    created_at: dt.datetime


class Usage(SQLModel, table=True):
    """Bytes that went through a line on one day."""

    asset_id: int = part_of_key("asset.id")
    day: dt.date = Field(primary_key=True)
    down: int = Field(sa_type=sa.BigInteger)
    up: int = Field(sa_type=sa.BigInteger)


class OrderState(StrEnum):
    PLACED = "placed"
    ACCEPTED = "accepted"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Every(StrEnum):
    """How often a service's price is paid."""

    MONTH = "month"
    ONCE = "once"


class ServiceOrder(SQLModel, table=True):
    """What is beside an order's ticket: the service as it stood in the catalogue when it was ordered."""

    __tablename__ = "service_order"
    __table_args__ = (
        one_of("state", "state", OrderState),
        one_of("every", "every", Every),
        sa.Index("ix_service_order_subscriber", "subscriber_id", "ticket_id"),
        sa.Index(
            "ix_service_order_open",
            "ticket_id",
            sqlite_where=sa.text("state IN ('placed', 'accepted')"),
            postgresql_where=sa.text("state IN ('placed', 'accepted')"),
        ),
    )

    ticket_id: int = part_of_key("ticket.id")
    subscriber_id: int = reference("subscriber.id")
    asset_id: int | None = reference("asset.id", nullable=True)
    service: str = Field(max_length=40)
    """Its id in the catalogue."""
    name: str = Field(max_length=120)
    price: int = Field(sa_type=sa.BigInteger)
    """Gross."""
    every: str = Field(max_length=8)
    effective_on: dt.date
    state: str = Field(default=OrderState.PLACED.value, max_length=10)
    decided_by: int | None = reference("account.id", nullable=True)
    decided_at: dt.datetime | None = None
    version: int = Field(default=1)
