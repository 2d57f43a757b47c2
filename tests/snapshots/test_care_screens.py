"""Pictures of care: both sides of applications, invitations and grants, and the device; as ``test_screens.py``."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from core.care import access_request_list, access_requests, approval, grants
from core.care.approval import Approval
from core.devices.simulator import gateway
from core.models.accounts import Role
from core.service.desk import Desk
from tests.core.care.acting import applied, asked, invited
from tests.core.care.conftest import keep_sessions, people_of
from tests.factories.desks import copied, mailed_code, make_desk, person, scratch
from tests.snapshots.shooting import Play, keys, nothing, shoot, speak
from tests.support.playing import Player

NAMES = ("Kalina Termos", "Agatha Biscuit", "Zenon Wihajster", "Edith Lampwick")


class CareWorld:
    """Zofia has a service with a question that waits; four others have applied; one invitation is out."""

    def __init__(self, folder: Path) -> None:
        self.desk = make_desk(folder, demo=True)
        person(self.desk, "root", Role.ADMIN)
        self.people = world = people_of(self.desk)
        grant = world.iwan.do(approval.approve, applied(world.zofia, level="4"), Approval(), seen=1)
        asset = world.iwan.see(grants.card, grant).asset_id
        world.later(days=1)
        world.zofia.do(grants.set_level, grant, 2, seen=1)
        answered = asked(world.irena, grant, "control", hours=2)
        world.zofia.do(access_requests.answer, answered, allow=True)
        world.later(days=2)
        for number, name in enumerate(NAMES):
            applied(world.nina, device=f"C00000000{number}", name=name, level=str(number % 4 + 1))
            world.later(days=12 if number == 0 else 6)
        _invitation, self.code = invited(world.iwan, email="nowak@example.com", name="Urszula Kołatka")
        asked(world.irena, grant, "settings", hours=24)
        self.desk.as_system().do(gateway.break_down, asset, "H62")
        world.later(hours=3)
        keep_sessions(self.desk)

    def seat_of(self, who: str) -> Desk | None:
        found: Desk | None = getattr(self.people, who) if who else None
        return found

    def copied(self, folder: Path) -> CareWorld:
        """The same once more, in ``folder``."""
        other = copy.copy(self)
        other.desk = desk = copied(self.desk, folder)
        seats = {
            who: desk.acting(getattr(self.people, who)._seat) for who in ("iwan", "irena", "obcy", "zofia", "nina")
        }
        other.people = dataclasses.replace(self.people, desk=desk, **seats)
        return other


@lru_cache(maxsize=1)
def _made_once() -> CareWorld:
    made = CareWorld(scratch() / "desk")
    made.desk.close()
    return made


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CareWorld]:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "state"))
    made = _made_once().copied(tmp_path / "desk")
    yield made
    made.desk.close()


def with_code(*pressed: str) -> Play:
    """The invitation's code is typed, as a guest; then these keys."""

    async def play(player: Player) -> None:
        await player.press("f6")
        desk: Any = player.app.desk
        await player.fill(code=mailed_code(desk, "care_invitation"))
        await player.press("ctrl+s", *pressed)

    return play


async def _wrong(player: Player) -> None:
    await player.press("g", "s", "n")
    await player.fill(company_email="nobody", device="B12", phone="1")
    await player.press("ctrl+s")


SCREENS: dict[str, tuple[str, Play]] = {
    "pending": ("iwan", keys("space")),
    "pending-card": ("iwan", keys("enter")),
    "approve": ("iwan", keys("enter", "y")),
    "reject": ("iwan", keys("enter", "D")),
    "customers": ("iwan", keys("g", "c")),
    "grant-of-installer": ("iwan", keys("g", "c", "enter")),
    "ask-access": ("iwan", keys("g", "c", "enter", "Q")),
    "invitations": ("iwan", keys("g", "i")),
    "invite": ("iwan", keys("g", "i", "n")),
    "many-invitations": ("iwan", keys("g", "i", "f7")),
    "device-of-installer": ("iwan", keys("g", "c", "v")),
    "company": ("iwan", keys("g", "y")),
    "members": ("iwan", keys("g", "y", "w")),
    "service": ("zofia", nothing),
    "question": ("zofia", keys("y")),
    "grant-of-customer": ("zofia", keys("enter")),
    "levels": ("zofia", keys("f8")),
    "application": ("nina", keys("g", "s", "down", "enter")),
    "apply": ("zofia", keys("n")),
    "apply-errors": ("nina", _wrong),
    "devices": ("zofia", keys("g", "d")),
    "device": ("zofia", keys("g", "d", "enter")),
    "control": ("zofia", keys("g", "d", "enter", "K")),
    "programme": ("zofia", keys("g", "d", "enter", "z")),
    "invitation-of-guest": ("", with_code()),
    "account-of-invited": ("", with_code("ctrl+s")),
}


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen(world: CareWorld, name: str, language: str, snap_compare: Any) -> None:
    who, play = SCREENS[name]
    speak(world.desk, language)
    assert shoot(snap_compare, world.desk, world.seat_of(who), play, language)


def test_the_world_is_as_told(world: CareWorld) -> None:
    assert world.people.zofia.see(access_request_list.waiting) == 1
    assert world.people.iwan.see(approval.count) == 3, "one of the four has run out"
    assert world.desk.now.date() == dt.date(2026, 12, 23)
