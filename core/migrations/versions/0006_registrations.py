"""Sign-ups that nobody has confirmed are rows of their own: none holds a login or an address any more"""

import datetime as dt
import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
KEPT_FOR = dt.timedelta(hours=24)
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WAITING = ("queued", "sending", "failed")
"""Letters that may leave still; one that failed by somebody's hand."""


def upgrade() -> None:
    op.create_table(
        "registration",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("mark", sa.String(16), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("notice_email", sa.String(254), nullable=False),
        sa.Column("notice_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("management_hash", sa.String(255), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("contract_id", KEY, nullable=True),
        sa.Column("terms_version", sa.String(16), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('support', 'home', 'subscriber', 'company')", name=op.f("ck_registration_kind")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_registration_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("mark", name=op.f("uq_registration_mark")),
    )
    op.create_index(op.f("ix_registration_contract_id"), "registration", ["contract_id"], unique=False)
    op.create_index(op.f("ix_registration_expires_at"), "registration", ["expires_at"], unique=False)
    op.add_column("service_profile", sa.Column("unlimited_at", UTCDateTime(), nullable=True))
    _move()


def downgrade() -> None:
    """They are forgotten with their codes: whoever was signing up begins anew."""
    op.execute("DELETE FROM code WHERE account_id IS NULL AND purpose IN ('confirm', 'company', 'management')")
    op.drop_table("registration")
    with op.batch_alter_table("service_profile") as profile:
        profile.drop_column("unlimited_at")


def _move() -> None:
    """What was an unconfirmed account, with the company that it was to found, and their codes."""
    bind = op.get_bind()
    tables = sa.MetaData()
    wanted = ["account", "company", "service_profile", "code", "contract", "outbox", "registration"]
    tables.reflect(bind, only=wanted, resolve_fks=False)
    account, code, profile = tables.tables["account"], tables.tables["code"], tables.tables["service_profile"]
    company, contract, outbox = tables.tables["company"], tables.tables["contract"], tables.tables["outbox"]
    registration = tables.tables["registration"]
    waiting = sa.select(account).where(account.c.state == "unconfirmed")
    for one in bind.execute(waiting).mappings().all():
        codes = sa.select(code).where(code.c.account_id == one["id"]).order_by(code.c.id.desc())
        bound = [row for row in bind.execute(codes).mappings() if row["purpose"] == "confirm"]
        contract_id = int(bound[0]["binding"]) if bound and str(bound[0]["binding"]).isdecimal() else None
        kind = "home" if contract_id is None else "support"
        if contract_id is not None:
            found = bind.execute(sa.select(contract.c.kind).where(contract.c.id == contract_id)).scalar()
            kind, contract_id = _kind(found), contract_id if found else None
        mark = secrets.token_urlsafe(12)
        preferences = one["preferences"] or {}
        values: dict[str, Any] = {
            "kind": kind,
            "mark": mark,
            "login": one["login"],
            "email": one["email"],
            "notice_email": "",
            "language": one["language"],
            "password_hash": one["password_hash"] or "",
            "management_hash": "",
            "contract_id": contract_id,
            "terms_version": one["terms_version"],
            "created_at": one["created_at"],
            "expires_at": one["created_at"] + KEPT_FOR,
        }
        told = {name: one[name] for name in ("first_name", "last_name", "phone")}
        if kind == "support":
            told["company"] = preferences.get("company", "")
        founding = sa.select(profile, company.c.name).join_from(profile, company, company.c.id == profile.c.company_id)
        firm = bind.execute(
            founding.where(profile.c.company_id == one["company_id"], profile.c.active_at.is_(None))
        ).mappings()
        unborn = firm.first()
        if unborn is not None:
            values |= {
                "kind": "company",
                "contract_id": None,
                "notice_email": unborn["email"],
                "notice_confirmed_at": unborn["email_confirmed_at"],
                "email_confirmed_at": unborn["management_confirmed_at"],
                "management_hash": unborn["management_hash"],
            }
            told |= {name: unborn[name] for name in ("country", "zone", "phone", "url", "founded", "employees")}
            told["company"] = unborn["name"]
        elif kind == "subscriber":
            told = {}
        bind.execute(sa.insert(registration).values(details=told, **values))
        alive = code.c.account_id == one["id"], code.c.purpose.in_(("confirm", "company", "management"))
        bind.execute(sa.update(code).where(*alive).values(account_id=None, binding=mark))
        bind.execute(sa.delete(code).where(code.c.account_id == one["id"]))
        boxes = [unborn["email"], unborn["management_email"]] if unborn is not None else []
        sign = "".join(SIGNS[ord(part) % len(SIGNS)] for part in mark[:4])
        _say_form(bind, outbox, sign, "confirm_address", outbox.c.account_id == one["id"])
        _say_form(bind, outbox, sign, "confirm_company", outbox.c.address.in_(boxes))
        bind.execute(sa.update(outbox).where(outbox.c.account_id == one["id"]).values(account_id=None))
        bind.execute(sa.delete(account).where(account.c.id == one["id"]))
        if unborn is not None:
            bind.execute(sa.delete(profile).where(profile.c.company_id == unborn["company_id"]))
            bind.execute(sa.delete(company).where(company.c.id == unborn["company_id"]))
    _say_form(bind, outbox, "", "confirm_company")  # what is left is about another address of a company that there is


def _say_form(bind: sa.Connection, outbox: sa.Table, sign: str, letter: str, *which: sa.ColumnElement[bool]) -> None:
    """Letters that wait are written when they leave, and name the form that they are for from now on."""
    waiting = sa.select(outbox.c.id, outbox.c.details).where(outbox.c.letter == letter, outbox.c.state.in_(WAITING))
    for row in bind.execute(waiting.where(*which)).mappings().all():
        if "form" not in row["details"]:
            told = {**row["details"], "form": sign}
            bind.execute(sa.update(outbox).where(outbox.c.id == row["id"]).values(details=told))


def _kind(contract: str | None) -> str:
    return {"subscription": "subscriber", "support": "support"}.get(contract or "", "home")
