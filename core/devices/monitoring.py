"""Monitoring: the values of now and a day's course, for whom the right is open."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from core.care import access, history
from core.devices.connection import gateway
from core.devices.gateway import Reading, Sample, SettingsInForce
from core.devices.summary import Face, check_day, face
from core.errors import DeskError
from core.i18n.translation import N_
from core.models.levels import Right
from core.service.unit_of_work import ReadContext, UnitOfWork


class LookAgain(DeskError):
    """The company's look is not in the history (any more): :func:`look_in` writes it there and goes on."""


@dataclass(frozen=True, slots=True)
class Monitored:
    """A device with its values. ``course`` is the day's, every ten minutes; ``in_force`` what it was told."""

    face: Face
    reading: Reading
    course: Sequence[Sample]
    day: dt.date
    in_force: SettingsInForce


def look_in(work: UnitOfWork, asset_id: int, day: dt.date | None = None) -> Monitored:
    """Begin to look, or go on: the service company's look is written into the grant's history once a
    :data:`core.care.history.VISIT`. ``day`` None is today."""
    verdict = access.require(work, Right.MONITORING, asset_id)
    if verdict.grant_id is not None:
        history.used(work, verdict.grant_id, Right.MONITORING)
    return _monitored(work, asset_id, day)


def watch(look: ReadContext, asset_id: int, day: dt.date | None = None) -> Monitored:
    """Look on. The right is asked for again; a look of the company's that is in no history is refused with
    :class:`LookAgain`."""
    verdict = access.require(look, Right.MONITORING, asset_id)
    if verdict.grant_id is not None and not history.visiting(look, verdict.grant_id, Right.MONITORING):
        raise LookAgain(N_("Open the device again: this look has to be written into its history first."))
    return _monitored(look, asset_id, day)


def _monitored(look: ReadContext, asset_id: int, day: dt.date | None) -> Monitored:
    device_face = face(look, asset_id)
    day = day or device_face.today
    check_day(device_face, day)
    through = gateway(look)
    device = device_face.device
    return Monitored(
        device_face, through.read(look, device), through.day(look, device, day), day, through.settings(look, device)
    )
