"""What devices were told, order by order: kept whole, the latest holds."""

import datetime as dt

import sqlalchemy as sa

from core.db.columns import moment
from core.devices.gateway import DeviceRef, SettingsInForce
from core.devices.settings import DeviceSettings
from core.errors import Conflict
from core.i18n.translation import N_
from core.models.contracts import Asset
from core.models.devices import DeviceSetting
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_told, _asset = table(DeviceSetting), table(Asset)

Order = tuple[dt.datetime, DeviceSettings]
"""From this moment on, these settings."""
BEGINNING = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
AS_IT_COMES: Order = (BEGINNING, DeviceSettings())


def latest(look: ReadContext, device: DeviceRef) -> SettingsInForce:
    """The settings that hold now."""
    row = look.row(
        sa.select(_told.c.id, _told.c.settings)
        .where(_told.c.asset_id == device.asset_id, _told.c.at <= look.now)
        .order_by(_told.c.at.desc(), _told.c.id.desc())
        .limit(1)
    )
    return SettingsInForce(row.id, DeviceSettings.of(row.settings)) if row else SettingsInForce(0, DeviceSettings())


def since(look: ReadContext, device: DeviceRef, start: dt.datetime) -> tuple[Order, ...]:
    """The orders from ``start`` to now, oldest first, and before them the one that held at ``start``."""
    columns = _told.c.id, moment(_told.c.at), _told.c.settings
    own = _told.c.asset_id == device.asset_id
    before = look.row(
        sa.select(*columns).where(own, _told.c.at < start).order_by(_told.c.at.desc(), _told.c.id.desc()).limit(1)
    )
    later = look.rows(
        sa.select(*columns).where(own, _told.c.at >= start, _told.c.at <= look.now).order_by(_told.c.at, _told.c.id)
    )
    first_order = (before.at, DeviceSettings.of(before.settings)) if before else AS_IT_COMES
    return first_order, *((row.at, DeviceSettings.of(row.settings)) for row in later)


def give(work: UnitOfWork, device: DeviceRef, settings: DeviceSettings, seen: int) -> int:
    """Write the order, if ``seen`` is still the latest one. The asset's row is held until the transaction ends, so of
    two who give orders at once the second sees the first one's."""
    work.row(sa.select(_asset.c.id).where(_asset.c.id == device.asset_id).with_for_update())
    newest = work.value(sa.select(sa.func.max(_told.c.id)).where(_told.c.asset_id == device.asset_id)) or 0
    if newest != seen:
        raise Conflict(N_("Somebody changed this device's settings while you were looking at them."))
    return work.add(
        DeviceSetting,
        asset_id=device.asset_id,
        actor_id=work.actor.account_id,
        at=work.now,
        settings=settings.as_json(),
    )
