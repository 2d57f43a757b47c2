"""The built-in gateway: simulated heat pumps, offline. What they measure is computed (:mod:`core.care.devices.course`)
from what they were told, which is kept like every other change."""

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from dataclasses import replace

from core.care.devices import course, orders
from core.care.devices.gateway import Device, Held, Reading, Sample
from core.care.devices.plan import Settings
from core.errors import Forbidden
from core.words import N_
from core.work import Look, Work


class SimulatedHeatPump:
    """See :class:`core.care.devices.gateway.DeviceGateway`. The house's clock is the desk's own zone."""

    def read(self, look: Look, device: Device) -> Reading:
        told = orders.since(look, device, course.midnight(look.now) - course.RUN_UP)
        return course.reading(device.identifier, told, look.settings.desk.zone, look.now)

    def day(self, look: Look, device: Device, day: dt.date) -> Sequence[Sample]:
        start, end = span(day, zoneinfo.ZoneInfo(look.actor.zone))
        told = orders.since(look, device, course.midnight(start) - course.RUN_UP)
        return course.course(device.identifier, told, look.settings.desk.zone, start, min(end, look.now))

    def settings(self, look: Look, device: Device) -> Held:
        return orders.latest(look, device)

    def command(self, work: Work, device: Device, settings: Settings, seen: int) -> int:
        return orders.give(work, device, settings, seen)


def span(day: dt.date, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """The day's two ends in UTC; 23 or 25 hours lie between them twice a year."""
    ends = (dt.datetime.combine(one, dt.time(), zone).astimezone(dt.UTC) for one in (day, day + dt.timedelta(days=1)))
    start, end = ends
    return start, end


def break_down(work: Work, asset_id: int, code: str) -> None:
    """Make a device show a fault, until it is reset: for a demo and for stages, never on a real desk."""
    if not work.settings.demo:
        raise Forbidden(N_("You may not do this."))
    device = Device(asset_id, "")
    held = orders.latest(work, device)
    orders.give(work, device, replace(held.settings, broken=code, broken_at=work.now), held.seen)
