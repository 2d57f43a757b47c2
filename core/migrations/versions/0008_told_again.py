"""What the lines of an outage were told, so that they are told again when it changes"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TOLD = ("told_begins", "told_ends")


def upgrade() -> None:
    for name in TOLD:
        op.add_column("article_line", sa.Column(name, UTCDateTime(), nullable=True))
    of_article = "(SELECT {column} FROM article WHERE article.id = article_line.article_id)"
    begins, ends = of_article.format(column="begins_at"), of_article.format(column="ends_at")
    op.execute(f"UPDATE article_line SET told_begins = {begins}, told_ends = {ends} WHERE told > 0")
    op.create_table(
        "article_line_spared",
        sa.Column("article_id", KEY, nullable=False),
        sa.Column("asset_id", KEY, nullable=False),
        *(sa.Column(name, UTCDateTime(), nullable=True) for name in TOLD),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_line_spared_article_id")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_article_line_spared_asset_id")),
        sa.PrimaryKeyConstraint("article_id", "asset_id", name=op.f("pk_article_line_spared")),
    )


def downgrade() -> None:
    op.drop_table("article_line_spared")
    for name in reversed(TOLD):
        op.execute(f"ALTER TABLE article_line DROP COLUMN {name}")
