"""What somebody brought at sign-up leaves their preferences: a claim of their own, and whether they came from home"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
BATCH = 5_000
LONGEST_NAME = 120
MOVED = ("company", "contract", "at_home")
"""The keys of ``preferences`` that were no choice of a screen's."""

account = sa.table("account", sa.column("id", KEY), sa.column("preferences", JSON), sa.column("at_home", sa.Boolean()))
contract = sa.table("contract", sa.column("id", KEY))
claim = sa.table(
    "membership_claim",
    sa.column("account_id", KEY),
    sa.column("company_name", sa.String()),
    sa.column("contract_id", KEY),
)


def upgrade() -> None:
    op.create_table(
        "membership_claim",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("company_name", sa.String(LONGEST_NAME), nullable=False),
        sa.Column("contract_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_membership_claim_account_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_membership_claim_contract_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_membership_claim")),
    )
    off = "0" if op.get_bind().dialect.name == "sqlite" else "false"
    op.execute(f"ALTER TABLE account ADD COLUMN at_home BOOLEAN DEFAULT {off} NOT NULL")
    not_empty = sa.cast(account.c.preferences, sa.Text()) != "{}"
    for rows in _batches(sa.select(account.c.id, account.c.preferences).where(not_empty)):
        _take_out([row for row in rows if any(key in row.preferences for key in MOVED)])


def downgrade() -> None:
    """Everything stands among the preferences again."""
    told = sa.select(
        account.c.id, account.c.preferences, account.c.at_home, claim.c.company_name, claim.c.contract_id
    ).outerjoin_from(account, claim, claim.c.account_id == account.c.id)
    for rows in _batches(told.where(sa.or_(account.c.at_home, claim.c.account_id.is_not(None)))):
        for row in rows:
            facts = {"company": row.company_name, "contract": row.contract_id, "at_home": row.at_home}
            known = {key: value for key, value in facts.items() if value}
            _change(row.id, preferences={**row.preferences, **known})
    op.execute("ALTER TABLE account DROP COLUMN at_home")
    op.drop_table("membership_claim")


def _batches(chosen: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    """The rows of accounts, a batch at a time."""
    last = -1
    while rows := op.get_bind().execute(chosen.where(account.c.id > last).order_by(account.c.id).limit(BATCH)).all():
        yield rows
        last = rows[-1].id


def _take_out(rows: Sequence[Any]) -> None:
    """Nothing held a contract that was named there: one that is gone is named no more."""
    named = {row.preferences.get("contract") for row in rows} - {None}
    here = set(op.get_bind().execute(sa.select(contract.c.id).where(contract.c.id.in_(named))).scalars())
    for row in rows:
        facts = {key: row.preferences[key] for key in MOVED if key in row.preferences}
        choices = {key: value for key, value in row.preferences.items() if key not in MOVED}
        _change(row.id, preferences=choices, at_home=bool(facts.get("at_home")))
        if "company" in facts or "contract" in facts:
            contract_id = facts.get("contract") if facts.get("contract") in here else None
            name = str(facts.get("company") or "")[:LONGEST_NAME]
            values = {"account_id": row.id, "company_name": name, "contract_id": contract_id}
            op.get_bind().execute(sa.insert(claim).values(**values))


def _change(account_id: int, **values: Any) -> None:
    op.get_bind().execute(sa.update(account).where(account.c.id == account_id).values(**values))
