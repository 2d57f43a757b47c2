"""Subscribers: the internet provider's customers with their lines, invoices, payments, usage and orders; articles"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import UTCDateTime

from core.migrations import orders_of_service

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
PURPOSES = (
    "confirm",
    "login",
    "reset",
    "email",
    "invite",
    "recovery",
    "company",
    "management",
    "member",
    "care",
)
KINDS = ("administrative", "technical")
NAMES = {"fk": "fk_%(table_name)s_%(column_0_N_name)s"}
"""For what SQLite keeps no name of when it copies a table."""
TABLES = (
    "article_line",
    "article_text",
    "article",
    "service_order",
    "usage",
    "payment",
    "invoice_line",
    "invoice",
    "invoice_party",
    "consent",
    "line_address",
    "line",
    "subscriber",
)


def upgrade() -> None:
    _subscribers()
    for table in ("asset", "contract"):
        _refer(table, "subscriber_id", "subscriber")
    only = sa.text("subscriber_id IS NOT NULL")
    op.create_index("ix_asset_subscriber", "asset", ["subscriber_id", "id"], sqlite_where=only, postgresql_where=only)
    columns = ["subscriber_id", "valid_until", "id"]
    op.create_index("ix_contract_subscriber", "contract", columns, sqlite_where=only, postgresql_where=only)
    op.create_index("ix_contract_until", "contract", ["valid_until", "id"])
    _further(
        "contract",
        "kind VARCHAR(12) DEFAULT 'support' NOT NULL CONSTRAINT ck_contract_kind "
        "CHECK (kind IN ('support', 'subscription'))",
    )
    _further("contract", "monthly_fee BIGINT DEFAULT 0 NOT NULL")
    op.add_column("contract", sa.Column("ending_told_at", UTCDateTime(), nullable=True))
    _further("contract", "origin VARCHAR(8) DEFAULT '' NOT NULL")
    _billing()
    _knowledge()
    _codes_for([*PURPOSES, "vouch"])
    _kinds_of_ticket([*KINDS, "order"])


def downgrade() -> None:
    op.execute("UPDATE ticket SET kind = 'administrative' WHERE kind = 'order'")
    _kinds_of_ticket(KINDS)
    op.execute("DELETE FROM code WHERE purpose = 'vouch'")
    _codes_for(PURPOSES)
    # A subscription has no place in the tables as they were; what was said about its line stays.
    subscriptions = "(SELECT id FROM contract WHERE kind = 'subscription')"
    op.execute(f"UPDATE ticket SET contract_id = NULL WHERE contract_id IN {subscriptions}")
    op.execute(f"DELETE FROM cover WHERE contract_id IN {subscriptions}")
    for name in TABLES[:-1]:
        op.drop_table(name)
    op.execute("DELETE FROM contract WHERE kind = 'subscription'")
    op.drop_index("ix_contract_subscriber", "contract")
    op.drop_index("ix_contract_until", "contract")
    op.drop_index("ix_asset_subscriber", "asset")
    with op.batch_alter_table("contract") as contract:
        contract.drop_constraint(op.f("ck_contract_kind"), type_="check")
        for column in ("origin", "ending_told_at", "monthly_fee", "kind", "subscriber_id"):
            contract.drop_column(column)
    with op.batch_alter_table("asset") as asset:
        asset.drop_column("subscriber_id")
    op.drop_table("subscriber")


def _refer(table: str, column: str, parent: str) -> None:
    """A further column that may refer to ``parent``, added in place (see migration 0002)."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    _further(table, f"{column} {kind} CONSTRAINT fk_{table}_{column} REFERENCES {parent} (id)")


def _further(table: str, column: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")


def _listed(values: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _codes_for(purposes: list[str] | tuple[str, ...]) -> None:
    with op.batch_alter_table("code") as code:
        code.drop_constraint(op.f("ck_code_purpose"), type_="check")
        code.create_check_constraint(op.f("ck_code_purpose"), f"purpose IN ({_listed(purposes)})")


def _kinds_of_ticket(kinds: list[str] | tuple[str, ...]) -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in orders_of_service.BEFORE if sqlite else ():
        op.get_bind().exec_driver_sql(statement)
    with op.batch_alter_table("ticket", naming_convention=NAMES) as ticket:
        ticket.drop_constraint(op.f("ck_ticket_kind"), type_="check")
        ticket.create_check_constraint(op.f("ck_ticket_kind"), f"kind IN ({_listed(kinds)})")
    for statement in orders_of_service.AFTER if sqlite else ():
        op.get_bind().exec_driver_sql(statement)


def _subscribers() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("number_key", sa.String(40), nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("name_key", sa.String(160), nullable=False),
        sa.Column("words", sa.String(700), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("street", sa.String(120), nullable=False),
        sa.Column("postcode", sa.String(10), nullable=False),
        sa.Column("town", sa.String(80), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("tax_id", sa.String(10), nullable=False),
        sa.Column("pesel_mac", sa.String(64), nullable=False),
        sa.Column("pesel_end", sa.String(2), nullable=False),
        sa.Column("bank_account", sa.String(26), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("e_invoices", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'company')", name=op.f("ck_subscriber_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_subscriber_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("account_id", name=op.f("uq_subscriber_account_id")),
        sa.UniqueConstraint("number_key", name=op.f("uq_subscriber_number_key")),
    )
    op.create_index("ix_subscriber_name", "subscriber", ["name_key", "id"], unique=False)
    op.create_table(
        "line",
        sa.Column("asset_id", KEY, nullable=False),
        sa.Column("down_mbit", sa.Integer(), nullable=False),
        sa.Column("up_mbit", sa.Integer(), nullable=False),
        sa.Column("street", sa.String(120), nullable=False),
        sa.Column("postcode", sa.String(10), nullable=False),
        sa.Column("town", sa.String(80), nullable=False),
        sa.Column("town_key", sa.String(80), nullable=False),
        sa.Column("activated_on", sa.Date(), nullable=False),
        sa.Column("pppoe_login", sa.String(64), nullable=True),
        sa.Column("pppoe_password", sa.Text(), nullable=True),
        sa.Column("pppoe_changed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_line_asset_id")),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_line")),
        sa.UniqueConstraint("pppoe_login", name=op.f("uq_line_pppoe_login")),
    )
    op.create_index("ix_line_town", "line", ["town_key", "asset_id"], unique=False)
    op.create_table(
        "line_address",
        sa.Column("id", KEY, nullable=False),
        sa.Column("asset_id", KEY, nullable=False),
        sa.Column("network", sa.String(50), nullable=False),
        sa.Column("low", sa.String(32), nullable=False),
        sa.Column("high", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_line_address_asset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_address")),
        sa.UniqueConstraint("low", name=op.f("uq_line_address_low")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_line_address_asset", "line_address", ["asset_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subscriber_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('e_invoice')", name=op.f("ck_consent_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name=op.f("fk_consent_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_subscriber", "consent", ["subscriber_id", "kind", "id"], unique=False)


def _billing() -> None:
    op.create_table(
        "invoice_party",
        sa.Column("id", KEY, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_party")),
        sa.UniqueConstraint("digest", name=op.f("uq_invoice_party_digest")),
    )
    op.create_table(
        "invoice",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subscriber_id", KEY, nullable=False),
        sa.Column("contract_id", KEY, nullable=True),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("number_key", sa.String(40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("period", sa.String(60), nullable=False),
        sa.Column("notes", sa.String(500), nullable=False),
        sa.Column("exemption", sa.String(200), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("bank_account", sa.String(26), nullable=False),
        sa.Column("seller_id", KEY, nullable=False),
        sa.Column("buyer_id", KEY, nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("unpaid", sa.BigInteger(), nullable=False),
        sa.Column("mail_due", sa.Boolean(), nullable=False),
        sa.Column("mailed_at", UTCDateTime(), nullable=True),
        sa.Column("due_told_at", UTCDateTime(), nullable=True),
        sa.Column("overdue_told_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["buyer_id"], ["invoice_party.id"], name=op.f("fk_invoice_buyer_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_invoice_contract_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["invoice_party.id"], name=op.f("fk_invoice_seller_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name=op.f("fk_invoice_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("number_key", name=op.f("uq_invoice_number_key")),
    )
    op.create_index(
        "ix_invoice_mail",
        "invoice",
        ["id"],
        unique=False,
        sqlite_where=sa.text("mail_due"),
        postgresql_where=sa.text("mail_due"),
    )
    op.create_index("ix_invoice_subscriber", "invoice", ["subscriber_id", "issued_on", "id", "gross"], unique=False)
    op.create_index(
        "ix_invoice_unpaid",
        "invoice",
        ["due_on", "id"],
        unique=False,
        sqlite_where=sa.text("unpaid > 0"),
        postgresql_where=sa.text("unpaid > 0"),
    )
    op.create_table(
        "invoice_line",
        sa.Column("invoice_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("net_price", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.String(24), nullable=False),
        sa.Column("rate", sa.String(4), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_line_invoice_id")),
        sa.PrimaryKeyConstraint("invoice_id", "position", name=op.f("pk_invoice_line")),
    )
    op.create_table(
        "payment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subscriber_id", KEY, nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("mark_key", sa.String(64), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(140), nullable=False),
        sa.Column("invoice_id", KEY, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_payment_invoice_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name=op.f("fk_payment_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("mark_key", name=op.f("uq_payment_mark_key")),
    )
    op.create_index(
        "ix_payment_invoice",
        "payment",
        ["invoice_id"],
        unique=False,
        sqlite_where=sa.text("invoice_id IS NOT NULL"),
        postgresql_where=sa.text("invoice_id IS NOT NULL"),
    )
    op.create_index("ix_payment_subscriber", "payment", ["subscriber_id", "paid_on", "id", "amount"], unique=False)
    op.create_table(
        "usage",
        sa.Column("asset_id", KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("down", sa.BigInteger(), nullable=False),
        sa.Column("up", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_usage_asset_id")),
        sa.PrimaryKeyConstraint("asset_id", "day", name=op.f("pk_usage")),
    )
    op.create_table(
        "service_order",
        sa.Column("ticket_id", KEY, nullable=False),
        sa.Column("subscriber_id", KEY, nullable=False),
        sa.Column("asset_id", KEY, nullable=True),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("every", sa.String(8), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("every IN ('month', 'once')", name=op.f("ck_service_order_every")),
        sa.CheckConstraint(
            "state IN ('placed', 'accepted', 'done', 'declined', 'withdrawn')", name=op.f("ck_service_order_state")
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_service_order_asset_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_service_order_decided_by")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name=op.f("fk_service_order_subscriber_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_service_order_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_service_order")),
    )
    op.create_index(
        "ix_service_order_open",
        "service_order",
        ["ticket_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('placed', 'accepted')"),
        postgresql_where=sa.text("state IN ('placed', 'accepted')"),
    )
    op.create_index("ix_service_order_subscriber", "service_order", ["subscriber_id", "ticket_id"], unique=False)


def _knowledge() -> None:
    op.create_table(
        "article",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outage", sa.Boolean(), nullable=False),
        sa.Column("begins_at", UTCDateTime(), nullable=True),
        sa.Column("ends_at", UTCDateTime(), nullable=True),
        sa.Column("over_at", UTCDateTime(), nullable=True),
        sa.Column("reach", JSON, nullable=False),
        sa.Column("untold", sa.Boolean(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('news', 'faq')", name=op.f("ck_article_kind")),
        sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name=op.f("ck_article_state")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_article_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
    )
    op.create_index("ix_article_shown", "article", ["kind", "state", "published_at", "id"], unique=False)
    lasting = sa.text("outage AND state = 'published' AND over_at IS NULL")
    columns = ["begins_at", "id"]
    op.create_index("ix_article_outage", "article", columns, sqlite_where=lasting, postgresql_where=lasting)
    untold = sa.text("untold")
    op.create_index("ix_article_untold", "article", ["id"], sqlite_where=untold, postgresql_where=untold)
    op.create_table(
        "article_text",
        sa.Column("article_id", KEY, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("title", sa.String(150), nullable=False),
        sa.Column("body", sa.String(20000), nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_text_article_id")),
        sa.PrimaryKeyConstraint("article_id", "language", name=op.f("pk_article_text")),
    )
    op.create_table(
        "article_line",
        sa.Column("article_id", KEY, nullable=False),
        sa.Column("asset_id", KEY, nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_line_article_id")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_article_line_asset_id")),
        sa.PrimaryKeyConstraint("article_id", "asset_id", name=op.f("pk_article_line")),
    )
    op.create_index("ix_article_line_asset", "article_line", ["asset_id"], unique=False)
