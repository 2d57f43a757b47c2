"""Keys of SSH by which people log in, and what they have typed and not sent"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVING = sa.text("proven_at IS NOT NULL AND removed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "ssh_key",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("line", sa.String(2048), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("added_from", sa.String(64), nullable=False),
        sa.Column("proven_at", UTCDateTime(), nullable=True),
        sa.Column("authenticator_at", UTCDateTime(), nullable=True),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_ssh_key_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ssh_key")),
    )
    op.create_index("ix_ssh_key_account_id", "ssh_key", ["account_id"])
    op.create_index("ix_ssh_key_fingerprint", "ssh_key", ["fingerprint"])
    op.create_index(
        "ux_ssh_key_proven", "ssh_key", ["fingerprint"], unique=True, sqlite_where=LIVING, postgresql_where=LIVING
    )
    op.create_table(
        "draft",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("form", sa.String(120), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id")),
        sa.PrimaryKeyConstraint("account_id", "form", name=op.f("pk_draft")),
    )
    op.create_index("ix_draft_changed_at", "draft", ["changed_at"])


def downgrade() -> None:
    """Whoever came by a key logs in with their password again; what was not sent is lost."""
    op.drop_table("draft")
    op.drop_table("ssh_key")
