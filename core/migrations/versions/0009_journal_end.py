"""How many entries the journal has and which is the last, sealed: cutting off its end is found"""

import hashlib
import hmac

import sqlalchemy as sa
from alembic import context, op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    made = op.create_table(
        "journal_end",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_journal_end_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_end")),
    )
    keys = context.config.attributes.get("keys")
    if keys is None:
        return
    connection = op.get_bind()
    entries = int(connection.execute(sa.text("SELECT count(*) FROM journal")).scalar_one())
    mac = connection.execute(sa.text("SELECT mac FROM journal ORDER BY id DESC LIMIT 1")).scalar() or ""
    seal = hmac.new(keys.derive("journal-end"), f"{entries} {mac} 0".encode(), hashlib.sha256).hexdigest()
    op.bulk_insert(made, [{"id": 1, "entries": entries, "mac": mac, "since": 0, "seal": seal}])


def downgrade() -> None:
    op.drop_table("journal_end")
