"""The desk knows its own key: a check value, written by whoever brings the tables up to date with the right one"""

import sqlalchemy as sa
from alembic import context, op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    made = op.create_table(
        "desk_key",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_desk_key_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_key")),
    )
    keys = context.config.attributes.get("keys")
    if keys is not None:
        op.bulk_insert(made, [{"id": 1, "mac": keys.mac("desk-key")}])


def downgrade() -> None:
    op.drop_table("desk_key")
