"""Which remembered computers an authenticator was shown at: owners of installer companies may be remembered there"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    off = "0" if op.get_bind().dialect.name == "sqlite" else "false"
    op.execute(f"ALTER TABLE device ADD COLUMN authenticator BOOLEAN DEFAULT {off} NOT NULL")


def downgrade() -> None:
    with op.batch_alter_table("device") as device:
        device.drop_column("authenticator")
