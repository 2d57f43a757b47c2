"""Where accounts have logged in from, tokens that were spent, codes by which an owner gets in past strangers' tries"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
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
    "vouch",
)


def upgrade() -> None:
    op.create_table(
        "familiar_source",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_familiar_source_account_id")),
        sa.PrimaryKeyConstraint("account_id", "source", name=op.f("pk_familiar_source")),
    )
    op.create_table(
        "spent_token",
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("device_id", KEY, nullable=False),
        sa.Column("spent_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_spent_token_device_id")),
        sa.PrimaryKeyConstraint("mac", name=op.f("pk_spent_token")),
    )
    op.create_index(op.f("ix_spent_token_device_id"), "spent_token", ["device_id"], unique=False)
    off = "0" if op.get_bind().dialect.name == "sqlite" else "false"
    op.execute(f"ALTER TABLE login_attempt ADD COLUMN mailbox BOOLEAN DEFAULT {off} NOT NULL")
    _codes_for([*PURPOSES, "way_in"])


def downgrade() -> None:
    op.execute("DELETE FROM code WHERE purpose = 'way_in'")
    _codes_for(PURPOSES)
    with op.batch_alter_table("login_attempt") as attempt:
        attempt.drop_column("mailbox")
    op.drop_index(op.f("ix_spent_token_device_id"), "spent_token")
    op.drop_table("spent_token")
    op.drop_table("familiar_source")


def _codes_for(purposes: list[str] | tuple[str, ...]) -> None:
    listed = ", ".join(f"'{purpose}'" for purpose in purposes)
    with op.batch_alter_table("code") as code:
        code.drop_constraint(op.f("ck_code_purpose"), type_="check")
        code.create_check_constraint(op.f("ck_code_purpose"), f"purpose IN ({listed})")
