"""Mail stops as a whole when the server takes none from this desk"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mail_stop",
        sa.Column("id", KEY, nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("opens_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mail_stop"),
    )


def downgrade() -> None:
    op.drop_table("mail_stop")
