"""The first desk"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import UTCDateTime

from core.migrations import standing_orders

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "company",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_key", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('client', 'service')", name=op.f("ck_company_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("name_key", name=op.f("uq_company_name_key")),
    )
    op.create_table(
        "definition",
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_definition")),
    )
    op.create_table(
        "journal",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(24), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("thing", sa.String(24), nullable=False),
        sa.Column("thing_id", sa.BigInteger(), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_thing", "journal", ["thing", "thing_id"], unique=False)

    op.create_table(
        "product",
        sa.Column("id", KEY, nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("vendor", sa.String(80), nullable=False),
        sa.Column("vendor_key", sa.String(80), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_key", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("category", "vendor_key", "name_key", name=op.f("uq_product_category_vendor_key_name_key")),
    )
    op.create_table(
        "tally",
        sa.Column("owner_kind", sa.String(10), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner_kind", "owner_id", "status", name=op.f("pk_tally")),
    )
    op.create_table(
        "throttle",
        sa.Column("bucket", sa.String(96), nullable=False),
        sa.Column("tat", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_throttle")),
    )
    op.create_table(
        "account",
        sa.Column("id", KEY, nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("login_key", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("first_name", sa.String(80), nullable=False),
        sa.Column("last_name", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("company_id", KEY, nullable=True),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("totp_secret", sa.String(255), nullable=True),
        sa.Column("totp_draft", sa.String(255), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("terms_version", sa.String(16), nullable=False),
        sa.Column("terms_at", UTCDateTime(), nullable=True),
        sa.Column("preferences", JSON, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("logged_in_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("role IN ('customer', 'installer', 'agent', 'admin')", name=op.f("ck_account_role")),
        sa.CheckConstraint("standing IN ('none', 'pending', 'member', 'owner')", name=op.f("ck_account_standing")),
        sa.CheckConstraint("state IN ('unconfirmed', 'active', 'off')", name=op.f("ck_account_state")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_account_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email_key", name=op.f("uq_account_email_key")),
        sa.UniqueConstraint("login_key", name=op.f("uq_account_login_key")),
    )
    op.create_index("ix_account_company", "account", ["company_id", "standing"], unique=False)
    op.create_index("ix_account_role", "account", ["role", "id"], unique=False)
    op.create_index(
        "ix_account_waiting",
        "account",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("standing = 'pending'"),
        postgresql_where=sa.text("standing = 'pending'"),
    )

    op.create_table(
        "asset",
        sa.Column("id", KEY, nullable=False),
        sa.Column("product_id", KEY, nullable=False),
        sa.Column("identifier", sa.String(64), nullable=False),
        sa.Column("identifier_key", sa.String(64), nullable=False),
        sa.Column("company_id", KEY, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_asset_company_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_asset_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
        sa.UniqueConstraint("identifier_key", name=op.f("uq_asset_identifier_key")),
    )
    op.create_index("ix_asset_company", "asset", ["company_id", "product_id", "id"], unique=False)
    op.create_index(op.f("ix_asset_product_id"), "asset", ["product_id"], unique=False)

    op.create_table(
        "code",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("binding", sa.String(254), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.Column("voided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('confirm', 'login', 'reset', 'email', 'invite', 'recovery')", name=op.f("ck_code_purpose")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code")),
        sa.UniqueConstraint("mac", name=op.f("uq_code_mac")),
    )
    op.create_index("ix_code_account", "code", ["account_id", "purpose", "created_at"], unique=False)

    op.create_table(
        "contract",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("number_key", sa.String(40), nullable=False),
        sa.Column("code_mac", sa.String(64), nullable=False),
        sa.Column("company_id", KEY, nullable=True),
        sa.Column("support_level", sa.String(40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("registered_at", UTCDateTime(), nullable=True),
        sa.Column("registered_by", KEY, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_contract_company_id")),
        sa.ForeignKeyConstraint(["registered_by"], ["account.id"], name=op.f("fk_contract_registered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("number_key", name=op.f("uq_contract_number_key")),
    )
    op.create_index("ix_contract_company", "contract", ["company_id", "valid_until", "id"], unique=False)

    op.create_table(
        "device",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("token_mac", sa.String(64), nullable=False),
        sa.Column("previous_mac", sa.String(64), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_device_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("token_mac", name=op.f("uq_device_token_mac")),
    )
    op.create_index(op.f("ix_device_account_id"), "device", ["account_id"], unique=False)
    op.create_index(op.f("ix_device_previous_mac"), "device", ["previous_mac"], unique=False)

    op.create_table(
        "login_attempt",
        sa.Column("id", KEY, nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_login_attempt_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
        sa.UniqueConstraint("public_id", name=op.f("uq_login_attempt_public_id")),
    )
    op.create_table(
        "cover",
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("asset_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_cover_asset_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_cover_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "asset_id", name=op.f("pk_cover")),
    )
    op.create_index("ix_cover_asset", "cover", ["asset_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("device_id", KEY, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_session_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)

    op.create_table(
        "ticket",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subject", sa.String(150), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("relation", sa.String(16), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("company_id", KEY, nullable=True),
        sa.Column("requester_id", KEY, nullable=False),
        sa.Column("assignee_id", KEY, nullable=True),
        sa.Column("contract_id", KEY, nullable=True),
        sa.Column("definition", sa.String(32), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("resolved_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('administrative', 'technical')", name=op.f("ck_ticket_kind")),
        sa.CheckConstraint("relation IN ('fault', 'question', 'change', 'return')", name=op.f("ck_ticket_relation")),
        sa.CheckConstraint("priority BETWEEN 1 AND 4", name=op.f("ck_ticket_priority")),
        sa.CheckConstraint("status BETWEEN 1 AND 6", name=op.f("ck_ticket_status")),
        sa.ForeignKeyConstraint(["assignee_id"], ["account.id"], name=op.f("fk_ticket_assignee_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_ticket_company_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_ticket_contract_id")),
        sa.ForeignKeyConstraint(["definition"], ["definition.version"], name=op.f("fk_ticket_definition")),
        sa.ForeignKeyConstraint(["requester_id"], ["account.id"], name=op.f("fk_ticket_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    op.create_table(
        "answer",
        sa.Column("ticket_id", KEY, nullable=False),
        sa.Column("question", sa.String(40), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_answer_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "question", name=op.f("pk_answer")),
    )
    op.create_index("ix_answer_question", "answer", ["question", "ticket_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ticket_id", KEY, nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("body", sa.String(20000), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('reply', 'note')", name=op.f("ck_message_kind")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_message_author_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_message_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_ticket", "message", ["ticket_id", "id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", KEY, nullable=False),
        sa.Column("letter", sa.String(40), nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("ticket_id", KEY, nullable=True),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("secrets", sa.Text(), nullable=True),
        sa.Column("message_id", sa.String(120), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("claim", sa.String(32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("error", sa.String(300), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'held', 'sending', 'sent', 'failed', 'cancelled')", name=op.f("ck_outbox_state")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_outbox_account_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_outbox_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index("ix_outbox_state", "outbox", ["state", "id"], unique=False)

    op.create_table(
        "ticket_asset",
        sa.Column("ticket_id", KEY, nullable=False),
        sa.Column("asset_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_ticket_asset_asset_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_asset_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "asset_id", name=op.f("pk_ticket_asset")),
    )
    op.create_index("ix_ticket_asset_asset", "ticket_asset", ["asset_id"], unique=False)

    op.create_table(
        "ticket_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ticket_id", KEY, nullable=False),
        sa.Column("actor_id", KEY, nullable=True),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("before", sa.String(80), nullable=False),
        sa.Column("after", sa.String(80), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_ticket_event_actor_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
    )
    op.create_index("ix_ticket_event_ticket", "ticket_event", ["ticket_id", "id"], unique=False)

    op.create_table(
        "ticket_words",
        sa.Column("ticket_id", KEY, nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_words_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_words")),
    )
    _say(standing_orders.SQLITE, standing_orders.POSTGRESQL)


def downgrade() -> None:
    _say(standing_orders.SQLITE_DOWN, standing_orders.POSTGRESQL_DOWN)
    op.drop_table("ticket_words")
    op.drop_index("ix_ticket_event_ticket", table_name="ticket_event")

    op.drop_table("ticket_event")
    op.drop_index("ix_ticket_asset_asset", table_name="ticket_asset")

    op.drop_table("ticket_asset")
    op.drop_index("ix_outbox_state", table_name="outbox")
    op.drop_index("ix_outbox_due", table_name="outbox")

    op.drop_table("outbox")
    op.drop_index("ix_message_ticket", table_name="message")

    op.drop_table("message")
    op.drop_index("ix_answer_question", table_name="answer")

    op.drop_table("answer")
    op.drop_table("ticket")
    op.drop_index(op.f("ix_session_account_id"), table_name="session")

    op.drop_table("session")
    op.drop_index("ix_cover_asset", table_name="cover")

    op.drop_table("cover")
    op.drop_table("login_attempt")
    op.drop_index(op.f("ix_device_previous_mac"), table_name="device")
    op.drop_index(op.f("ix_device_account_id"), table_name="device")

    op.drop_table("device")
    op.drop_index("ix_contract_company", table_name="contract")

    op.drop_table("contract")
    op.drop_index("ix_code_account", table_name="code")

    op.drop_table("code")
    op.drop_index(op.f("ix_asset_product_id"), table_name="asset")
    op.drop_index("ix_asset_company", table_name="asset")

    op.drop_table("asset")
    op.drop_index("ix_account_waiting", table_name="account")
    op.drop_index("ix_account_role", table_name="account")
    op.drop_index("ix_account_company", table_name="account")

    op.drop_table("account")
    op.drop_table("throttle")
    op.drop_table("tally")
    op.drop_table("product")
    op.drop_index("ix_journal_thing", table_name="journal")

    op.drop_table("journal")
    op.drop_table("definition")
    op.drop_table("company")


def _say(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.get_bind().exec_driver_sql(statement)
