"""SSH keys by which people log in."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.db.columns import key, reference


class SshKey(SQLModel, table=True):
    """A public key that an account has added: see :mod:`core.accounts.ssh_keys`. Anybody can add anybody's public key,
    so it waits until a connection has proven it and its owner has said that it is theirs."""

    __tablename__ = "ssh_key"
    __table_args__ = (
        sa.Index("ix_ssh_key_fingerprint", "fingerprint"),
        # Of one key's rows at most one logs anybody in.
        sa.Index(
            "ux_ssh_key_proven",
            "fingerprint",
            unique=True,
            sqlite_where=sa.text("proven_at IS NOT NULL AND removed_at IS NULL"),
            postgresql_where=sa.text("proven_at IS NOT NULL AND removed_at IS NULL"),
        ),
    )

    id: int = key()
    account_id: int = reference("account.id", index=True)
    fingerprint: str = Field(max_length=64)
    """``SHA256:…``, as OpenSSH writes it."""
    line: str = Field(max_length=2048)
    """Its kind and the key itself in base64, without a comment."""
    name: str = Field(default="", max_length=80)
    added_at: dt.datetime
    added_from: str = Field(default="", max_length=64)
    """The address it was added from; empty where none can be trusted."""
    proven_at: dt.datetime | None = None
    """When a connection had proven it and whoever came said that it is theirs; it waits until then."""
    authenticator_at: dt.datetime | None = None
    """When the account's authenticator was last shown on a connection that had proven it."""
    used_at: dt.datetime | None = None
    removed_at: dt.datetime | None = None
    refused_at: dt.datetime | None = None
    """When whoever has it said that the account is not theirs; it is removed then."""
