"""Invoices that correct others, and VAT that was rounded on the sum of a rate"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
COLUMNS = ("corrects", "corrects_key", "corrects_on", "reason", "rates")
A_CORRECTION = sa.text("corrects_key <> ''")


def upgrade() -> None:
    for name, length in (("corrects", 40), ("corrects_key", 40), ("reason", 256)):
        op.add_column("invoice", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    op.add_column("invoice", sa.Column("corrects_on", sa.Date(), nullable=True))
    op.add_column("invoice", sa.Column("rates", JSON, nullable=True))
    op.add_column("invoice_line", sa.Column("before", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_invoice_correction",
        "invoice",
        ["subscriber_id", "corrects_key"],
        unique=False,
        sqlite_where=A_CORRECTION,
        postgresql_where=A_CORRECTION,
    )


def downgrade() -> None:
    """A version that knows no corrections would ask for them to be paid: what they change stands beside the payments
    then, as an LMS import of that version has it, so that every balance stays what it was."""
    corrections = "SELECT id FROM invoice WHERE corrects_key <> ''"
    op.execute(f"UPDATE payment SET invoice_id = NULL WHERE invoice_id IN ({corrections})")
    op.execute(
        "INSERT INTO payment (subscriber_id, mark, mark_key, paid_on, amount, title, invoice_id, created_at) "
        "SELECT subscriber_id, 'KOR ' || number, 'kor ' || number_key, issued_on, -gross, number, NULL, created_at "
        "FROM invoice WHERE corrects_key <> '' AND gross <> 0"
    )
    op.execute(f"DELETE FROM invoice_line WHERE invoice_id IN ({corrections})")
    op.execute("DELETE FROM invoice WHERE corrects_key <> ''")
    op.drop_index("ix_invoice_correction", "invoice")
    op.execute('ALTER TABLE invoice_line DROP COLUMN "before"')
    for name in reversed(COLUMNS):
        op.execute(f"ALTER TABLE invoice DROP COLUMN {name}")
