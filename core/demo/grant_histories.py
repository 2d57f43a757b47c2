"""What has happened under each grant: looks, orders to the device, changed levels, questions and their answers.

Told in the order it happened, and only what the level or a permission allowed at that moment.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.demo import data
from core.demo.care import ASKED_AGO, BROKEN, CareWorld, Looked
from core.devices import settings_diff
from core.devices.settings import DeviceSettings, Slot
from core.models.care import RequestState
from core.models.levels import Right, always

_HOURS = (2, 4, 8, 24, 72)
_ANSWERS = (
    (RequestState.ALLOWED, 60),
    (RequestState.DENIED, 18),
    (RequestState.ENDED, 14),
    (RequestState.WITHDRAWN, 8),
)
_EPISODES = (("look", 45), ("act", 25), ("ask", 20), ("level", 10))
APART = dt.timedelta(days=6)
"""At least so much lies between the beginnings of two episodes: each is over when the next begins."""


@dataclass(slots=True)
class Life:
    """One grant's course: rows of :class:`core.models.care.GrantEvent`, of :class:`AccessRequest` and of
    :class:`core.models.devices.DeviceSetting`, all by time; and what it has come to."""

    grant: Looked
    level: int
    version: int = 1
    events: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    settings: list[dict[str, Any]] = field(default_factory=list)


def lives(rng: random.Random, made: CareWorld, now: dt.datetime) -> list[Life]:
    """One for each grant, in their order."""
    allowed = next(grant.id for grant in made.grants if grant.first_level < 4 and grant.ended is None and grant.id > 1)
    return [_Teller(rng, grant, now).tell(allowed_now=grant.id == allowed) for grant in made.grants]


class _Teller:
    """Tells one grant's course."""

    def __init__(self, rng: random.Random, grant: Looked, now: dt.datetime) -> None:
        self.rng, self.grant, self.now = rng, grant, now
        self.texts: Mapping[str, Any] = data.world()["care"]["texts"][grant.person.language]
        self.life = Life(grant, grant.first_level)
        self.settings = DeviceSettings()

    def tell(self, *, allowed_now: bool) -> Life:
        grant, life = self.grant, self.life
        began_by = grant.person if grant.invitation else grant.by
        self._happened(grant.since, began_by.id, "granted", detail=str(life.level))
        for at in self._moments(grant.since, (grant.ended or self.now) - APART / 2):
            self._episode(at)
        if grant.person.part == "asked":
            self._settle(2, self.now - APART / 3)
            self._question(self.now - ASKED_AGO, Right.CONTROL, 24, self.texts["fault_reason"].format(code=BROKEN))
        elif allowed_now:
            self._settle(min(3, life.level), self.now - APART / 3)
            right = next(each for each in reversed(Right) if not always(life.level, each))
            self._question(self.now - dt.timedelta(hours=26), right, 72, self.rng.choice(self.texts["reason"]))
            self._answered(self.now - dt.timedelta(hours=21), RequestState.ALLOWED)
        if grant.ended is not None:
            self._happened(grant.ended, grant.person.id, "ended")
            life.version += 1
        return life

    def _moments(self, start: dt.datetime, end: dt.datetime) -> Sequence[dt.datetime]:
        count = min(9, int((end - start) / (2 * APART)))
        gap = (end - start) / count if count else APART
        return [start + gap * (at + self.rng.uniform(0.1, 0.5)) for at in range(count)]

    def _episode(self, at: dt.datetime) -> None:
        kind = self.rng.choices([each[0] for each in _EPISODES], [each[1] for each in _EPISODES])[0]
        closed = [right for right in Right if not always(self.life.level, right)]
        if kind == "level":
            self._settle(self.rng.choice([level for level in (1, 2, 3, 4) if level != self.life.level]), at)
        elif (kind == "ask" and closed) or len(closed) == len(Right):
            self._ask(at, closed)
        else:
            self._use(at, Right.MONITORING)
            if kind == "act" and len(closed) < 2:
                self._use(at + dt.timedelta(minutes=self.rng.randrange(2, 9)), Right.CONTROL)
            if kind == "act" and not closed:
                self._use(at + dt.timedelta(minutes=self.rng.randrange(10, 25)), Right.SETTINGS)

    def _ask(self, at: dt.datetime, closed: Sequence[Right]) -> None:
        right = self.rng.choice(closed)
        self._question(at, right, self.rng.choice(_HOURS), self.rng.choice(self.texts["reason"]))
        state = self.rng.choices([each[0] for each in _ANSWERS], [each[1] for each in _ANSWERS])[0]
        at += dt.timedelta(minutes=self.rng.randrange(20, 900))
        self._answered(at, state)
        if state in (RequestState.ALLOWED, RequestState.ENDED):
            self._use(at + dt.timedelta(minutes=12), right)
        if state is RequestState.ENDED:
            over = at + dt.timedelta(minutes=50)
            self._happened(over, self.grant.person.id, "stopped", right)
            self.life.requests[-1]["ended_at"] = over

    # One line each

    def _happened(self, at: dt.datetime, actor_id: int, what: str, right: Right | str = "", detail: str = "") -> None:
        self.life.events.append(
            {
                "grant_id": self.grant.id,
                "actor_id": actor_id,
                "what": what,
                "right_": str(right),
                "detail": detail,
                "at": at.replace(microsecond=0),
            }
        )

    def _settle(self, level: int, at: dt.datetime) -> None:
        """The customer changes the level, if it is another one."""
        if level != self.life.level:
            self._happened(at, self.grant.person.id, "level", detail=f"{self.life.level} {level}")
            self.life.level = level
            self.life.version += 1

    def _question(self, at: dt.datetime, right: Right, hours: int, reason: str) -> None:
        grant = self.grant
        self._happened(at, grant.by.id, "asked", right, f"{hours} h: {reason}")
        self.life.requests.append(
            {
                "grant_id": grant.id,
                "company_id": grant.service.firm.id,
                "customer_id": grant.person.id,
                "asked_by": grant.by.id,
                "right_": right.value,
                "reason": reason,
                "hours": hours,
                "state": RequestState.ASKED.value,
                "asked_at": at.replace(microsecond=0),
                "answered_at": None,
                "until": None,
                "ended_at": None,
            }
        )

    def _answered(self, at: dt.datetime, state: RequestState) -> None:
        """What came of the last question; ``ENDED`` was allowed first."""
        request, at = self.life.requests[-1], at.replace(microsecond=0)
        request["state"] = state.value
        if state is RequestState.WITHDRAWN:
            request["ended_at"] = at
            self._happened(at, self.grant.by.id, "withdrawn", request["right_"])
            return
        request["answered_at"] = at
        yes = state is not RequestState.DENIED
        if yes:
            request["until"] = at + dt.timedelta(hours=request["hours"])
        what = RequestState.ALLOWED if yes else RequestState.DENIED
        self._happened(at, self.grant.person.id, what.value, request["right_"], f"{request['hours']} h" if yes else "")

    def _use(self, at: dt.datetime, right: Right) -> None:
        """The company uses a right; control and settings leave an order to the device."""
        detail = ""
        if right is not Right.MONITORING:
            new = self._ordered(right)
            detail = "; ".join(settings_diff.between(self.settings, new, new.room, new.room))
            self.settings = new
            order = {
                "asset_id": self.grant.thing.id,
                "actor_id": self.grant.by.id,
                "at": at.replace(microsecond=0),
                "settings": new.as_json(),
            }
            self.life.settings.append(order)
        self._happened(at, self.grant.by.id, "used", right, detail)

    def _ordered(self, right: Right) -> DeviceSettings:
        """Something else than what the device was told before."""
        if right is Right.CONTROL:
            if self.rng.random() < 0.4:
                return replace(self.settings, quiet=(self.settings.quiet + 1) % 3)
            return replace(
                self.settings, tank=self.rng.choice([tank for tank in (46.0, 48.0, 50.0) if tank != self.settings.tank])
            )
        day = self.rng.randrange(7)
        morning, evening = self.settings.week[day][0], self.settings.week[day][-1]
        later = Slot(evening.minute + (60 if evening.minute < 23 * 60 else -60), evening.room)
        return replace(
            self.settings, week=(*self.settings.week[:day], (morning, later), *self.settings.week[day + 1 :])
        )
