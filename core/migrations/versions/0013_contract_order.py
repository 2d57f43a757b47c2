"""Contracts without an end stand last in lists"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

ORDER = "(CASE WHEN valid_until = '9999-12-31' THEN '0001-01-01' ELSE valid_until END)"


def upgrade() -> None:
    op.create_index("ix_contract_order", "contract", [sa.text(ORDER), "id"])


def downgrade() -> None:
    op.drop_index("ix_contract_order", table_name="contract")
