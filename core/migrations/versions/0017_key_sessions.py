"""Which sessions came by an SSH key, and which added keys were refused by whoever has them"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("ssh_key", sa.Column("refused_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("session") as session:
        session.add_column(sa.Column("ssh_key_id", KEY, nullable=True))
        session.create_foreign_key(op.f("fk_session_ssh_key_id"), "ssh_key", ["ssh_key_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("session") as session:
        session.drop_constraint(op.f("fk_session_ssh_key_id"), type_="foreignkey")
        session.drop_column("ssh_key_id")
    with op.batch_alter_table("ssh_key") as ssh_key:
        ssh_key.drop_column("refused_at")
