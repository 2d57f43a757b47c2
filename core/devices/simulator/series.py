"""The course of a simulated heat pump: a function of its identifier, the orders it was given, and the time.

No state is kept, so every process draws the same line. Each UTC day is a piece that begins from where four days of
running up to it (nearly five time constants of the house) lead; the pieces meet within a tenth of a degree. A day
costs 2 ms, and its beginning once a process 8 ms more. A reading goes on from the last whole hour, which is remembered:
0.2 ms, so that a list of fifty devices is read as one screen (the first time 10 ms a device).
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from functools import lru_cache

from core.devices.gateway import Reading, Sample
from core.devices.settings import (
    AWAY_ROOM,
    AWAY_TANK,
    FROST_ROOM,
    FROST_TANK,
    DeviceSettings,
    WeekProgramme,
    minute_of_week,
)
from core.devices.settings_log import Order
from core.devices.simulator import faults
from core.devices.simulator.faults import Spell
from core.devices.simulator.noise import unit
from core.devices.simulator.thermal import QUIET, Demand, House, Operation, State, step
from core.devices.simulator.weather import outdoor, sun

STEP = dt.timedelta(minutes=5)
EVERY = dt.timedelta(minutes=10)
"""Between two samples of a day's course."""
RUN_UP = dt.timedelta(days=4)
REMEMBERED = dt.timedelta(days=30)
"""How far back the last error is looked for."""
_DAY = dt.timedelta(days=1)
_HOUR = dt.timedelta(hours=1)
_MINUTE = dt.timedelta(minutes=1)


def course(seed: str, orders: tuple[Order, ...], zone: str, start: dt.datetime, end: dt.datetime) -> tuple[Sample, ...]:
    """Samples from ``start`` to ``end`` (aware, UTC), every ten minutes. ``orders`` begins with the order that held
    four days before; times of the programme are by the clock of ``zone``."""
    samples = []
    for sample in _samples(seed, orders, zone, start, end):
        if not (sample.at - start) % EVERY:
            samples.append(sample)
    return tuple(samples)


def reading(seed: str, orders: tuple[Order, ...], zone: str, now: dt.datetime) -> Reading:
    """What the device measures at ``now``: the last whole step, and from there on by what it was told since."""
    house, place = House.of(seed), zoneinfo.ZoneInfo(zone)
    last = midnight(now) + (now - midnight(now)) // STEP * STEP
    state = _reached(seed, _wanted_by(orders, midnight(now)), zone, last)
    settings = _held(orders, now)
    spells = _spells(seed, orders, now - REMEMBERED, now)
    fault = next((spell for spell in reversed(spells) if spell.holds(now)), None)
    programme = settings.programme
    rest = (now - last) / _MINUTE
    state = _step(house, state, seed, settings, programme, now, place, locked=fault is not None, minutes=rest)
    local = now.astimezone(place)
    wanted, by_hand = programme.wanted(minute_of_week(local), _since_hand(settings, now))
    change = programme.next_change(minute_of_week(local))
    past = next((spell for spell in reversed(spells) if spell.begins <= now), None)
    here = _sample(state, settings, local.date(), seed, now, fault.code if fault else "")
    return Reading(
        at=here.at,
        operation=here.operation,
        room=here.room,
        water=here.water,
        tank=here.tank,
        outdoor=here.outdoor,
        frequency=here.frequency,
        power=here.power,
        error=here.error,
        wanted=wanted,
        target=_demand(settings, local.date(), wanted, locked=False).room,
        by_hand=by_hand,
        next_change=None if change is None else now.replace(second=0, microsecond=0) + change * _MINUTE,
        error_since=fault.begins if fault else None,
        last_error=past.code if past else "",
        last_error_at=past.begins if past else None,
    )


def _samples(seed: str, orders: tuple[Order, ...], zone: str, start: dt.datetime, end: dt.datetime) -> Iterator[Sample]:
    place = zoneinfo.ZoneInfo(zone)
    spells = _spells(seed, orders, start - RUN_UP, end)
    piece = midnight(start)
    while piece <= end:
        until = min(piece + _DAY - STEP, end)
        for at, state in _piece(seed, _wanted_by(orders, piece), zone, piece, until):
            if start <= at <= end:
                settings = _held(orders, at)
                code = next((spell.code for spell in reversed(spells) if spell.holds(at)), "")
                yield _sample(state, settings, at.astimezone(place).date(), seed, at, code)
        piece += _DAY


def _sample(state: State, settings: DeviceSettings, day: dt.date, seed: str, at: dt.datetime, error: str) -> Sample:
    """What can be measured of a state, as finely as the device tells it."""
    return Sample(
        at=at,
        operation=_operation(state, settings, day),
        room=round(state.room, 1),
        water=round(state.water, 1),
        tank=round(state.tank, 1),
        outdoor=round(outdoor(seed, at), 1),
        frequency=round(state.frequency),
        power=round(state.power),
        error=error,
    )


def _operation(state: State, settings: DeviceSettings, day: dt.date) -> Operation:
    if state.boils:
        return Operation.HOT_WATER
    if state.heats:
        return Operation.HEATING
    if state.cools:
        return Operation.COOLING
    if not settings.on:
        return Operation.OFF
    return Operation.HOLIDAY if settings.away(day) else Operation.IDLE


def midnight(at: dt.datetime) -> dt.datetime:
    """The beginning of the piece that ``at`` lies in."""
    return at.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _wanted_by(orders: tuple[Order, ...], piece: dt.datetime) -> tuple[Order, ...]:
    """The orders that a piece hangs on: the one that held when its run-up began, and all later ones of its day."""
    begin = piece - RUN_UP
    first = max((number for number, (at, _settings) in enumerate(orders) if at <= begin), default=0)
    return tuple(order for order in orders[first:] if order[0] < piece + _DAY)


def _piece(
    seed: str, orders: tuple[Order, ...], zone: str, piece: dt.datetime, until: dt.datetime
) -> Iterator[tuple[dt.datetime, State]]:
    """The states of a day's steps, from its midnight to ``until``."""
    state = _begins(seed, _before(orders, piece), zone, piece)
    yield piece, state
    yield from _run(seed, orders, zone, piece, until, state)


def _reached(seed: str, orders: tuple[Order, ...], zone: str, at: dt.datetime) -> State:
    """The state at a whole step, from the last whole hour on."""
    hour = at.replace(minute=0)
    state = _at_hour(seed, _before(orders, hour), zone, hour)
    for _at, reached in _run(seed, orders, zone, hour, at, state):
        state = reached
    return state


@lru_cache(maxsize=4096)
def _at_hour(seed: str, orders: tuple[Order, ...], zone: str, hour: dt.datetime) -> State:
    """The state at a whole hour of a piece. ``orders`` ends before it, so that a later order leaves it as it was."""
    if hour == midnight(hour):
        return _begins(seed, orders, zone, hour)
    earlier = hour - _HOUR
    state = _at_hour(seed, _before(orders, earlier), zone, earlier)
    for _at, reached in _run(seed, orders, zone, earlier, hour, state):
        state = reached
    return state


def _before(orders: tuple[Order, ...], at: dt.datetime) -> tuple[Order, ...]:
    """The orders given before a moment; the first one holds at any rate."""
    return tuple(order for order in orders if order[0] < at) or (orders[0],)


@lru_cache(maxsize=512)
def _begins(seed: str, orders: tuple[Order, ...], zone: str, piece: dt.datetime) -> State:
    """The state at a midnight, run up to from a house at its targets. Remembered: a screen asks every half minute."""
    start = piece - RUN_UP
    settings = _held(orders, start)
    wanted, _by_hand = settings.programme.wanted(minute_of_week(start.astimezone(zoneinfo.ZoneInfo(zone))))
    demand = _demand(settings, start.date(), wanted, locked=False)
    state = State(demand.room, demand.tank, demand.room)
    for _at, reached in _run(seed, orders, zone, start, piece, state):
        state = reached
    return state


def _run(
    seed: str, orders: tuple[Order, ...], zone: str, start: dt.datetime, until: dt.datetime, state: State
) -> Iterator[tuple[dt.datetime, State]]:
    """The steps after ``start``, each by what held at its beginning."""
    house, place = House.of(seed), zoneinfo.ZoneInfo(zone)
    spells = _spells(seed, orders, start, until)
    at, minutes, number = start, STEP / _MINUTE, 0
    settings = orders[number][1]
    programme = settings.programme
    while at + STEP <= until:
        while number + 1 < len(orders) and orders[number + 1][0] <= at:
            number += 1
            settings = orders[number][1]
            programme = settings.programme
        locked = any(spell.holds(at) for spell in spells)
        state = _step(house, state, seed, settings, programme, at, place, locked=locked, minutes=minutes)
        at += STEP
        yield at, state


def _step(
    house: House,
    state: State,
    seed: str,
    settings: DeviceSettings,
    programme: WeekProgramme,
    at: dt.datetime,
    place: dt.tzinfo,
    *,
    locked: bool,
    minutes: float,
) -> State:
    local = at.astimezone(place)
    wanted, _by_hand = programme.wanted(minute_of_week(local), _since_hand(settings, at))
    demand = _demand(settings, local.date(), wanted, locked=locked)
    litres = 0.0 if settings.away(local.date()) else _litres(seed, local) * minutes
    return step(house, state, demand, outdoor(seed, at), sun(seed, at), litres, minutes)


def _since_hand(settings: DeviceSettings, at: dt.datetime) -> float | None:
    if settings.room_at is None or settings.room_at > at:
        return None
    return (at - settings.room_at) / _MINUTE


def _held(orders: tuple[Order, ...], at: dt.datetime) -> DeviceSettings:
    return next((settings for since, settings in reversed(orders) if since <= at), orders[0][1])


def _demand(settings: DeviceSettings, day: dt.date, wanted: float, *, locked: bool) -> Demand:
    """What the settings ask for on a day: frost alone, a house with nobody in it, or what people like."""
    limit = 0.0 if locked else float(QUIET[settings.quiet])
    if not settings.on:
        return Demand(FROST_ROOM, FROST_TANK, limit, may_cool=False)
    if settings.away(day):
        return Demand(min(AWAY_ROOM, wanted), min(AWAY_TANK, settings.tank), limit, may_cool=False)
    return Demand(wanted, settings.tank, limit, may_cool=True)


_DRAWN = ((6 * 60 + 10, 50, 75.0), (12 * 60 + 40, 15, 12.0), (20 * 60, 80, 95.0))
"""When hot water is used: minute of the day, for how long, how many litres on an ordinary day."""


def _litres(seed: str, local: dt.datetime) -> float:
    """Litres of hot water a minute; people come up to half an hour later on some days than on others."""
    minute, day = local.hour * 60 + local.minute, local.toordinal()
    for begins, lasts, litres in _DRAWN:
        if not begins <= minute < begins + 30 + lasts:
            continue
        late = 30 * unit(seed, f"late {begins}", day)
        if begins + late <= minute < begins + late + lasts:
            return litres * (0.6 + 0.8 * unit(seed, f"litres {begins}", day)) / lasts
    return 0.0


def _spells(seed: str, orders: tuple[Order, ...], start: dt.datetime, end: dt.datetime) -> tuple[Spell, ...]:
    """The faults that may hold between ``start`` and ``end``, oldest first."""
    own = faults.spells(seed, (start - faults.LONGEST).date(), end.date())
    made = {
        Spell(settings.broken, settings.broken_at, None)
        for _at, settings in orders
        if settings.broken and settings.broken_at is not None and settings.broken_at <= end
    }
    resets = {settings.reset_at for _at, settings in orders if settings.reset_at is not None}
    return faults.until_reset([*own, *sorted(made, key=lambda spell: spell.begins)], resets)
