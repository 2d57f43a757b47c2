"""The built-in gateway: simulated heat pumps, offline. What they measure is computed
(:mod:`core.devices.simulator.series`) from what they were told, which is kept like every other change."""

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from dataclasses import replace

from core.devices import settings_log
from core.devices.gateway import DeviceRef, Reading, Sample, SettingsInForce
from core.devices.settings import DeviceSettings
from core.devices.simulator import series
from core.errors import Forbidden
from core.i18n.translation import N_
from core.service.unit_of_work import ReadContext, UnitOfWork


class SimulatedHeatPump:
    """See :class:`core.devices.gateway.DeviceGateway`. The house's clock is the desk's own zone."""

    def read(self, look: ReadContext, device: DeviceRef) -> Reading:
        orders = settings_log.since(look, device, series.midnight(look.now) - series.RUN_UP)
        return series.reading(device.identifier, orders, look.settings.desk.zone, look.now)

    def day(self, look: ReadContext, device: DeviceRef, day: dt.date) -> Sequence[Sample]:
        start, end = span(day, zoneinfo.ZoneInfo(look.actor.zone))
        orders = settings_log.since(look, device, series.midnight(start) - series.RUN_UP)
        return series.course(device.identifier, orders, look.settings.desk.zone, start, min(end, look.now))

    def settings(self, look: ReadContext, device: DeviceRef) -> SettingsInForce:
        return settings_log.latest(look, device)

    def command(self, work: UnitOfWork, device: DeviceRef, settings: DeviceSettings, seen: int) -> int:
        return settings_log.give(work, device, settings, seen)


def span(day: dt.date, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """The day's two ends in UTC; 23 or 25 hours lie between them twice a year."""
    ends = (dt.datetime.combine(each, dt.time(), zone).astimezone(dt.UTC) for each in (day, day + dt.timedelta(days=1)))
    start, end = ends
    return start, end


def break_down(work: UnitOfWork, asset_id: int, code: str) -> None:
    """Make a device show a fault, until it is reset: for a demo and for stages, never on a real desk."""
    if not work.settings.demo:
        raise Forbidden(N_("You may not do this."))
    device = DeviceRef(asset_id, "")
    current = settings_log.latest(work, device)
    settings_log.give(work, device, replace(current.settings, broken=code, broken_at=work.now), current.seen)
