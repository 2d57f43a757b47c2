"""A heat pump, a house and a tank of hot water as a few differential equations, stepped by the minute.

Power is watts, temperature °C. The house is one mass that loses heat to the outside with a time constant of about
twenty hours; the compressor gives what the weather asks for (so the flow follows it: weather compensation), from 20
to 90 Hz, or stands; its efficiency falls with the distance between outside and flow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from core.devices.simulator.noise import between

SLOWEST, FASTEST = 20, 90
"""Hz of the compressor while it runs."""
QUIET = (90, 70, 55, 40)
"""Hz at most, by the level of the quiet mode."""
_SPEED_UP = 6.0
"""Hz a minute."""
_TANK = 200.0 * 4186
"""J/K of 200 litres."""
_TANK_LOSS = 1.9
"""W/K of the tank to the boiler room, which has 20 °C."""
_PUMPS, _STANDBY = 45.0, 8.0


class Operation(StrEnum):
    """What a device does at a moment."""

    HEATING = "heating"
    COOLING = "cooling"
    HOT_WATER = "hot_water"
    IDLE = "idle"
    OFF = "off"
    HOLIDAY = "holiday"
    """Nobody is at home, and nothing has to be heated just now."""


@dataclass(frozen=True, slots=True)
class House:
    """A house and the pump that was chosen for it."""

    loss: float
    """W/K."""
    hours: float
    """Time constant."""
    slope: float
    """K of flow above the room for each K of room above outside."""
    strength: float
    """W of heat at 90 Hz and 7 °C outside."""
    glass: float
    """K by which full sun warms it."""

    @classmethod
    def of(cls, seed: str) -> House:
        """The house around a device."""
        loss = between(seed, "loss", 120, 210)
        slope = between(seed, "slope", 0.35, 0.75)
        return cls(
            loss, between(seed, "hours", 17, 24), slope, loss * 41 / _capacity(-15), between(seed, "glass", 2, 4)
        )


class State(NamedTuple):
    """What the next step begins from. A tuple: a list of devices makes a hundred thousand of them."""

    room: float
    tank: float
    water: float
    frequency: float = 0.0
    power: float = _STANDBY
    heats: bool = False
    cools: bool = False
    boils: bool = False


class Demand(NamedTuple):
    """What is wanted of the pump during a step. ``limit`` is Hz at most, 0 while a fault locks the compressor."""

    room: float
    tank: float
    limit: float
    may_cool: bool


def step(
    house: House, state: State, demand: Demand, outdoor: float, sun: float, litres: float, minutes: float
) -> State:
    """``state`` some ``minutes`` later. ``litres`` of hot water are drawn meanwhile and replaced by cold."""
    boils, heats, cools = _decide(state, demand, outdoor)
    state = State(state.room, state.tank, state.water, state.frequency, state.power, heats, cools, boils)
    gains = 2.5 + house.glass * sun
    strength = house.strength * _capacity(outdoor)
    frequency = _frequency(house, state, demand, outdoor, gains, strength, minutes)
    heat = strength * frequency / FASTEST
    water = _water(house, state, heat, minutes)
    return State(
        room=_room(house, state, heat, outdoor + gains, minutes),
        tank=_tank(state, heat, litres, minutes),
        water=water,
        frequency=frequency,
        power=heat / _efficiency(water, outdoor, cools) + _PUMPS if frequency else _STANDBY,
        heats=heats,
        cools=cools,
        boils=boils,
    )


def _decide(state: State, demand: Demand, outdoor: float) -> tuple[bool, bool, bool]:
    """Whether it makes hot water, heats, cools: starting and stopping lie apart, so that nothing flutters. Hot water
    goes first."""
    if not demand.limit:
        return False, False, False
    boils = state.tank < demand.tank - 5 or (state.boils and state.tank < demand.tank)
    heats = state.room < demand.room - 0.2 or (state.heats and state.room < demand.room + 0.4)
    warm = demand.may_cool and outdoor > 20
    cools = warm and (state.room > demand.room + 2 or (state.cools and state.room > demand.room + 1))
    return boils, heats, cools and not heats


def _frequency(
    house: House, state: State, demand: Demand, outdoor: float, gains: float, strength: float, minutes: float
) -> float:
    if not (state.boils or state.heats or state.cools):
        return 0.0
    if state.boils:
        wanted = 75.0
    elif state.cools:
        wanted = 35.0
    else:
        lift = demand.room - outdoor - gains + 4 * (demand.room - state.room)
        wanted = FASTEST * house.loss * lift / strength
    wanted = max(SLOWEST, min(wanted, demand.limit))
    return min(wanted, state.frequency + _SPEED_UP * minutes)


def _capacity(outdoor: float) -> float:
    """How much of its heat a pump gives in the cold, as a share of that at 7 °C."""
    return max(0.55, min(1.25, 1 + 0.014 * (outdoor - 7)))


def _efficiency(water: float, outdoor: float, cools: bool) -> float:
    """Heat for each watt of electricity: a share of what Carnot allows between the two heat exchangers."""
    if cools:
        return 4.2
    warm, cold = water + 3 + 273.15, outdoor - 5 + 273.15
    return max(1.6, min(6.0, 0.46 * warm / max(warm - cold, 8.0)))


def _toward(now: float, goal: float, minutes: float, constant: float) -> float:
    return goal + (now - goal) * math.exp(-minutes / constant)


def _water(house: House, state: State, heat: float, minutes: float) -> float:
    """The flow: warm enough for the emitters to give ``heat``, or for the tank; standing, it cools to the room's."""
    if state.boils:
        return _toward(state.water, state.tank + 6, minutes, 6)
    if state.cools:
        return _toward(state.water, 18, minutes, 8)
    if state.heats:
        return _toward(state.water, state.room + house.slope * heat / house.loss, minutes, 10)
    return _toward(state.water, state.room, minutes, 50)


def _room(house: House, state: State, heat: float, outside: float, minutes: float) -> float:
    into = 0.0 if state.boils else (-heat if state.cools else heat)
    return _toward(state.room, outside + into / house.loss, minutes, house.hours * 60)


def _tank(state: State, heat: float, litres: float, minutes: float) -> float:
    drawn = state.tank - (state.tank - 10) * min(litres / 200, 1)
    into = (heat if state.boils else 0.0) - _TANK_LOSS * (drawn - 20)
    return drawn + into * minutes * 60 / _TANK
