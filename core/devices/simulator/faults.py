"""What can go wrong with a simulated device: rarely, at a moment of its own, until it passes or somebody resets it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from core.devices.simulator.noise import unit
from core.errors import Say, say
from core.i18n.translation import N_

RARE = 60
"""Days between two faults of a device, on average."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A code with its meaning (a msgid) and how long its cause lasts, in hours."""

    code: str
    meaning: str
    hours: tuple[int, int]


KINDS = (
    FaultKind("H62", N_("too little water flows in the heating circuit"), (6, 60)),
    FaultKind("F12", N_("the refrigerant's pressure is too high"), (2, 20)),
    FaultKind("H76", N_("the room controller does not answer"), (1, 12)),
    FaultKind("F45", N_("the outdoor temperature sensor gives no value"), (4, 40)),
    FaultKind("H91", N_("the hot water tank's sensor gives no value"), (4, 40)),
)
LONGEST = dt.timedelta(hours=max(kind.hours[1] for kind in KINDS))


def meaning(code: str) -> Say:
    """What a code says; for one that nobody knows, that it is in the manual."""
    known = next((kind.meaning for kind in KINDS if kind.code == code), "")
    return say(known) if known else say(N_("see the device's manual"))


@dataclass(frozen=True, slots=True)
class Spell:
    """A fault from ``begins`` until ``ends`` (None: until it is reset)."""

    code: str
    begins: dt.datetime
    ends: dt.datetime | None

    def holds(self, at: dt.datetime) -> bool:
        """Whether it locks the compressor at ``at``."""
        return self.begins <= at and (self.ends is None or at < self.ends)


def spells(seed: str, first: dt.date, last: dt.date) -> list[Spell]:
    """The faults that begin by themselves on the days (UTC) from ``first`` to ``last``, oldest first."""
    days = (dt.date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
    return [spell for day in days if (spell := _of_day(seed, day)) is not None]


def _of_day(seed: str, day: dt.date) -> Spell | None:
    number = day.toordinal()
    if unit(seed, "fault", number) >= 1 / RARE:
        return None
    kind = KINDS[int(unit(seed, "fault kind", number) * len(KINDS))]
    begins = dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(
        minutes=5 * int(unit(seed, "fault minute", number) * 288)
    )
    least, most = kind.hours
    return Spell(kind.code, begins, begins + dt.timedelta(hours=least + (most - least) * unit(seed, "hours", number)))


def until_reset(spells: Iterable[Spell], resets: Iterable[dt.datetime]) -> tuple[Spell, ...]:
    """``spells``, each ended by the first reset after it began, if that comes before its own end."""
    moments = sorted(resets)
    ended = []
    for spell in spells:
        reset = next((at for at in moments if at >= spell.begins), None)
        if reset is not None and (spell.ends is None or reset < spell.ends):
            spell = Spell(spell.code, spell.begins, reset)
        ended.append(spell)
    return tuple(sorted(ended, key=lambda each: each.begins))
