"""What a device was told, as long as it is kept: the simulated ones are computed from it."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.db.columns import json_type, key, reference


class DeviceSetting(SQLModel, table=True):
    """A device's whole settings from a moment on; the latest row holds now."""

    __tablename__ = "device_setting"
    __table_args__ = (sa.Index("ix_device_setting_asset", "asset_id", "at", "id"),)

    id: int = key()
    asset_id: int = reference("asset.id")
    actor_id: int | None = reference("account.id", nullable=True)
    at: dt.datetime
    settings: dict[str, Any] = Field(sa_type=json_type())
