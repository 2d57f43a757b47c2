"""The one way to a device: what it measures, and what it is told.

Whoever asks a gateway has asked :func:`core.care.access.require` before; a gateway knows no rights.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.devices.settings import DeviceSettings
from core.devices.simulator.thermal import Operation
from core.service.unit_of_work import ReadContext, UnitOfWork


@dataclass(frozen=True, slots=True)
class DeviceRef:
    """Which one: the asset's id, and the identifier printed on its adaptor."""

    asset_id: int
    identifier: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One moment of a day's course. Temperatures in °C, ``water`` is the flow; ``frequency`` of the compressor in Hz,
    ``power`` in W; ``error`` is the code of the fault that holds, or empty."""

    at: dt.datetime
    operation: Operation
    room: float
    water: float
    tank: float
    outdoor: float
    frequency: int
    power: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Reading(Sample):
    """Now. ``wanted`` is the room temperature people want, ``by_hand`` whether somebody overruled the programme for it
    until ``next_change`` (None without a programme); ``target`` is what the device works towards: less in a holiday,
    or switched off. ``last_error`` is the latest fault of the last thirty days, with its
    moment, also when it has passed."""

    wanted: float = 0.0
    target: float = 0.0
    by_hand: bool = False
    next_change: dt.datetime | None = None
    error_since: dt.datetime | None = None
    last_error: str = ""
    last_error_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class SettingsInForce:
    """The settings that hold now, and the number of the order that made them so (0: as the device comes)."""

    seen: int
    settings: DeviceSettings


class DeviceGateway(Protocol):
    """A kind of connection to devices.

    ``read``, ``day`` and ``settings`` are asked inside a reading look or the transaction of a change and must answer
    from what this machine knows. ``command`` is called in the transaction in which the right was checked, the grant's
    history and the journal written: a gateway over a network (such as MQTT in the topics that HeishaMon users have)
    puts the order into a queue of its own in this same transaction, as mail goes into the outbox, and a worker carries
    it; it never talks to a network from here.
    """

    def read(self, look: ReadContext, device: DeviceRef) -> Reading:
        """What it measures now."""
        ...

    def day(self, look: ReadContext, device: DeviceRef, day: dt.date) -> Sequence[Sample]:
        """The course of a day by the reader's clock, every ten minutes, up to now."""
        ...

    def settings(self, look: ReadContext, device: DeviceRef) -> SettingsInForce:
        """What it has been told."""
        ...

    def command(self, work: UnitOfWork, device: DeviceRef, settings: DeviceSettings, seen: int) -> int:
        """Tell it ``settings``, whole; ``seen`` names the order they were made from. Returns the new order's number.
        Raises :class:`core.errors.Conflict` when somebody else has told it something since."""
        ...
