"""Care: service companies, applications, invitations, grants, and tickets that an installer's team handles"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import UTCDateTime

from core.migrations import team_orders

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
PURPOSES = ("confirm", "login", "reset", "email", "invite", "recovery")
FURTHER_PURPOSES = ("company", "management", "member", "care")


def upgrade() -> None:
    _make_tables()
    _widen_code([*PURPOSES, *FURTHER_PURPOSES])
    with op.batch_alter_table("company") as company:
        company.drop_constraint(op.f("uq_company_name_key"), type_="unique")
    _index("ix_company_client_name", "company", ["name_key"], unique=True, where="kind = 'client'")
    _refer("asset", "account_id", "account")
    _index("ix_asset_account", "asset", ["account_id", "id"], where="account_id IS NOT NULL")
    _refer("ticket", "team_id", "company")
    _refer("ticket", "grant_id", "care_grant")
    _say(team_orders.SQLITE, team_orders.POSTGRESQL)


def downgrade() -> None:
    _say(team_orders.SQLITE_DOWN, team_orders.POSTGRESQL_DOWN)
    # What only teams know is forgotten: whose a ticket is to be found by, and that companies may share a name.
    _forget_teams()
    with op.batch_alter_table("ticket") as ticket:
        for column in ("grant_id", "team_id"):
            ticket.drop_column(column)
    _say(team_orders.SQLITE_AGAIN, team_orders.POSTGRESQL_AGAIN)
    op.drop_index("ix_asset_account", "asset")
    with op.batch_alter_table("asset") as asset:
        asset.drop_column("account_id")
    op.drop_index("ix_company_client_name", "company")
    op.execute("UPDATE company SET name_key = substr(name_key, 1, 100) || ' ' || id WHERE kind = 'service'")
    with op.batch_alter_table("company") as company:
        company.create_unique_constraint(op.f("uq_company_name_key"), ["name_key"])
    op.execute("DELETE FROM code WHERE account_id IS NULL")
    _narrow_code()
    for name in (
        "grant_event",
        "access_request",
        "device_setting",
        "care_grant",
        "invitation",
        "application",
        "service_profile",
    ):
        op.drop_table(name)


def _forget_teams() -> None:
    """Scope tokens as they were: the holder and the state, without ``t5 care``."""
    bind = op.get_bind()
    rows = bind.execute(sa.text("SELECT ticket_id, scope FROM ticket_words WHERE scope LIKE '% care%'")).all()
    for row in rows:
        kept = " ".join(one for one in row.scope.split() if one != "care" and not one.startswith("t"))
        bind.execute(
            sa.text("UPDATE ticket_words SET scope = :scope WHERE ticket_id = :id"),
            {"scope": kept, "id": row.ticket_id},
        )


def _index(name: str, table: str, columns: list[str], *, unique: bool = False, where: str = "") -> None:
    only = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)


def _refer(table: str, column: str, parent: str) -> None:
    """A further column that may refer to ``parent``. Said in SQL: SQLite adds one in place, where Alembic would copy
    the whole table and lose its triggers."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    reference = f"CONSTRAINT fk_{table}_{column} REFERENCES {parent} (id)"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} {reference}")


def _widen_code(purposes: list[str]) -> None:
    """Codes for more purposes, also for people without an account."""
    with op.batch_alter_table("code") as code:
        code.alter_column("account_id", existing_type=KEY, nullable=True)
        code.drop_constraint(op.f("ck_code_purpose"), type_="check")
        code.create_check_constraint(op.f("ck_code_purpose"), f"purpose IN ({_listed(purposes)})")
    _index("ix_code_binding", "code", ["purpose", "binding"])


def _narrow_code() -> None:
    op.execute(f"DELETE FROM code WHERE purpose IN ({_listed(FURTHER_PURPOSES)})")
    op.drop_index("ix_code_binding", "code")
    with op.batch_alter_table("code") as code:
        code.alter_column("account_id", existing_type=KEY, nullable=False)
        code.drop_constraint(op.f("ck_code_purpose"), type_="check")
        code.create_check_constraint(op.f("ck_code_purpose"), f"purpose IN ({_listed(PURPOSES)})")


def _listed(values: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _say(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.get_bind().exec_driver_sql(statement)


def _make_tables() -> None:
    op.create_table(
        "service_profile",
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("email_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("management_email", sa.String(254), nullable=False),
        sa.Column("management_key", sa.String(254), nullable=False),
        sa.Column("management_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("management_hash", sa.String(255), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("url", sa.String(200), nullable=False),
        sa.Column("founded", sa.Integer(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("active_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("email_key <> management_key", name=op.f("ck_service_profile_addresses")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_service_profile_company_id")),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_service_profile")),
        sa.UniqueConstraint("email_key", name=op.f("uq_service_profile_email_key")),
        sa.UniqueConstraint("management_key", name=op.f("uq_service_profile_management_key")),
    )
    op.create_table(
        "application",
        sa.Column("id", KEY, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("product_id", KEY, nullable=False),
        sa.Column("device", sa.String(64), nullable=False),
        sa.Column("device_key", sa.String(64), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("name_key", sa.String(160), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("terms_version", sa.String(16), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("remind_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("message", sa.String(2000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'rejected', 'withdrawn', 'expired')", name=op.f("ck_application_state")
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_application_level")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_application_company_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["account.id"], name=op.f("fk_application_customer_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_application_decided_by")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_application_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )
    _index("ix_application_company", "application", ["company_id", "id"])
    _index("ix_application_customer", "application", ["customer_id", "id"])
    _index("ix_application_device", "application", ["device_key"], unique=True, where="state = 'pending'")
    _index("ix_application_ends", "application", ["expires_at", "id"], where="state = 'pending'")
    _index("ix_application_pending", "application", ["company_id", "expires_at", "id"], where="state = 'pending'")
    _index("ix_application_remind", "application", ["remind_at", "id"], where="state = 'pending'")

    op.create_table(
        "invitation",
        sa.Column("id", KEY, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("invited_by", KEY, nullable=True),
        sa.Column("customer_id", KEY, nullable=True),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("name_key", sa.String(160), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("remind_at", UTCDateTime(), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('sent', 'accepted', 'declined', 'withdrawn', 'expired')", name=op.f("ck_invitation_state")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invitation_company_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["account.id"], name=op.f("fk_invitation_customer_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["account.id"], name=op.f("fk_invitation_invited_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    _index("ix_invitation_address", "invitation", ["email_key", "id"], where="state = 'sent'")
    _index("ix_invitation_company", "invitation", ["company_id", "id"])
    _index("ix_invitation_customer", "invitation", ["customer_id", "id"])
    _index("ix_invitation_email", "invitation", ["company_id", "email_key"], unique=True, where="state = 'sent'")
    _index("ix_invitation_ends", "invitation", ["expires_at", "id"], where="state = 'sent'")
    _index("ix_invitation_remind", "invitation", ["remind_at", "id"], where="state = 'sent'")

    op.create_table(
        "care_grant",
        sa.Column("id", KEY, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("asset_id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=True),
        sa.Column("invitation_id", KEY, nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("name_key", sa.String(160), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("address_key", sa.String(200), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", KEY, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_care_grant_level")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_care_grant_application_id")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_care_grant_asset_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_care_grant_company_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["account.id"], name=op.f("fk_care_grant_customer_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_care_grant_ended_by")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_care_grant_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_grant")),
    )
    _index("ix_care_grant_asset", "care_grant", ["asset_id"], unique=True, where="ended_at IS NULL")
    _index("ix_care_grant_company", "care_grant", ["company_id", "name_key", "id"], where="ended_at IS NULL")
    _index("ix_care_grant_customer", "care_grant", ["customer_id", "id"])

    op.create_table(
        "device_setting",
        sa.Column("id", KEY, nullable=False),
        sa.Column("asset_id", KEY, nullable=False),
        sa.Column("actor_id", KEY, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_device_setting_actor_id")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_device_setting_asset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_setting")),
    )
    _index("ix_device_setting_asset", "device_setting", ["asset_id", "at", "id"])

    op.create_table(
        "access_request",
        sa.Column("id", KEY, nullable=False),
        sa.Column("grant_id", KEY, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("asked_by", KEY, nullable=False),
        sa.Column("right_", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("right_ IN ('monitoring', 'control', 'settings')", name=op.f("ck_access_request_right")),
        sa.CheckConstraint(
            "state IN ('asked', 'allowed', 'denied', 'withdrawn', 'ended')", name=op.f("ck_access_request_state")
        ),
        sa.CheckConstraint("hours BETWEEN 1 AND 168", name=op.f("ck_access_request_hours")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_access_request_asked_by")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_access_request_company_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["account.id"], name=op.f("fk_access_request_customer_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["care_grant.id"], name=op.f("fk_access_request_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_request")),
    )
    _index("ix_access_request_asked", "access_request", ["customer_id", "id"], where="state = 'asked'")
    _index("ix_access_request_grant", "access_request", ["grant_id", "id"])
    _index("ix_access_request_open", "access_request", ["grant_id", "right_"], unique=True, where="state = 'asked'")
    _index("ix_access_request_running", "access_request", ["grant_id", "right_", "until"], where="state = 'allowed'")

    op.create_table(
        "grant_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("grant_id", KEY, nullable=False),
        sa.Column("actor_id", KEY, nullable=True),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("right_", sa.String(10), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_grant_event_actor_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["care_grant.id"], name=op.f("fk_grant_event_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_event")),
    )
    _index("ix_grant_event_grant", "grant_event", ["grant_id", "id"])
