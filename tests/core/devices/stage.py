"""A device, its owner, the company that looks after it, and everybody who has no business with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from core import forms
from core.devices import control, schedule
from core.devices.control import Control
from core.devices.schedule import WeekForm
from core.devices.settings import DeviceSettings
from core.models.accounts import Role, Standing
from core.models.care import AccessRequest, Grant, GrantEvent, RequestState
from core.models.devices import DeviceSetting
from core.models.levels import Right
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.cares import device, end, grant, installer, service_company
from tests.factories.desks import logged_in, person, seat

IDENTIFIER = "B123456789"
VALUES: dict[str, Any] = {
    "on": "yes",
    "room": "21",
    "tank": "48",
    "holiday": "no",
    "holiday_from": "",
    "holiday_until": "",
    "quiet": "0",
}
"""What the form holds on START (a Friday morning) for a device that was told nothing yet."""


class Stage:
    """Everybody is logged in; ``ola`` is of the company with the grant."""

    def __init__(self, desk: Desk, level: int = 2) -> None:
        self.desk = desk
        self.customer_id = person(desk, "jagoda")
        self.company_id = service_company(desk)
        before = desk.now - dt.timedelta(days=3)
        self.grant_id, self.asset_id = grant(
            desk, self.company_id, self.customer_id, IDENTIFIER, level=level, since=before
        )
        self.owner = seat(desk, self.customer_id)
        self.ola = installer(desk, "ola", self.company_id)
        other = service_company(desk, "Zimno i Spółka", "zimno@example.com")
        device(desk, person(desk, "obca"), "C000111222")
        self.strangers = {
            "another company": installer(desk, "zyta", other, Standing.OWNER),
            "one removed from the company": installer(desk, "byly", None),
            "another customer": logged_in(desk, "borys"),
            "an agent": logged_in(desk, "agent", Role.AGENT),
            "an administrator": logged_in(desk, "root", Role.ADMIN),
        }

    # What happens to the grant

    def level(self, level: int) -> None:
        self.desk.as_system().do(lambda work: work.change(Grant, table(Grant).c.id == self.grant_id, level=level))

    def end(self) -> None:
        end(self.desk, self.grant_id)

    def allow(self, right: Right, hours: int = 2) -> int:
        """The customer has allowed a right, from now on."""
        now = self.desk.now

        def make(work: Any) -> int:
            return int(
                work.add(
                    AccessRequest,
                    grant_id=self.grant_id,
                    company_id=self.company_id,
                    customer_id=self.customer_id,
                    asked_by=self.ola.actor().account_id,
                    right_=right.value,
                    reason="Przegląd",
                    hours=hours,
                    state=RequestState.ALLOWED.value,
                    asked_at=now,
                    answered_at=now,
                    until=now + dt.timedelta(hours=hours),
                )
            )

        return self.desk.as_system().do(make)

    def stop(self, request_id: int) -> None:
        """The customer ends a permission early."""
        self.desk.as_system().do(
            lambda work: work.change(
                AccessRequest,
                table(AccessRequest).c.id == request_id,
                state=RequestState.ENDED.value,
                ended_at=work.now,
            )
        )

    def move(self, **by: float) -> None:
        self.desk.clock.move(dt.timedelta(**by))  # type: ignore[attr-defined]

    # What is done

    def seen(self) -> int:
        told = table(DeviceSetting)
        return self.desk.as_system().see(lambda look: look.value(sa.select(sa.func.max(told.c.id)))) or 0

    def steer(self, who: Desk, seen: int | None = None, **values: Any) -> None:
        form = forms.fill(Control, {**VALUES, **values})
        who.do(control.steer, self.asset_id, form, seen=self.seen() if seen is None else seen)

    def plan(self, who: Desk, seen: int | None = None, **days: str) -> None:
        now = programme_values(self.owner, self.asset_id)
        form = forms.fill(WeekForm, {**now, **days})
        who.do(schedule.save, self.asset_id, form, seen=self.seen() if seen is None else seen)

    # What came of it

    def told(self) -> DeviceSettings:
        rows = table(DeviceSetting)
        latest = sa.select(rows.c.settings).order_by(rows.c.id.desc()).limit(1)
        kept = self.desk.as_system().see(lambda look: look.value(latest))
        return DeviceSettings.of(kept) if kept else DeviceSettings()

    def history(self) -> list[tuple[str, str, str]]:
        """What, right and detail, oldest first."""
        events = table(GrantEvent)
        chosen = sa.select(events.c.what, events.c.right_, events.c.detail).order_by(events.c.id)
        return [tuple(row) for row in self.desk.as_system().see(lambda look: look.rows(chosen))]


def programme_values(who: Desk, asset_id: int) -> dict[str, Any]:
    values: dict[str, Any] = who.do(schedule.programme, asset_id).values
    return values
