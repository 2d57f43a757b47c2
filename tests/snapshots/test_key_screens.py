"""Pictures of coming with an SSH key, and of one's own keys; as ``test_screens.py``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.models.accounts import Role
from core.service.desk import Desk
from core.service.settings import DeskSection
from tests.factories.desks import logged_in, make_desk, person, seat
from tests.factories.keys import Pair, add, came, confirmed, ed25519_key, hardware_key
from tests.snapshots.shooting import Play, keys, nothing, shoot, speak
from tests.support.playing import Player

LAPTOP, TOKEN, PHONE = ed25519_key("laptop", "ola@laptop"), hardware_key("token", ""), ed25519_key("phone", "phone")


class KeyWorld:
    """Ola has a key that logs her in, and one that waits; Adam's logs him in with his authenticator; somebody has added
    Ewa's."""

    def __init__(self, folder: Path) -> None:
        self.desk = desk = make_desk(folder, desk=DeskSection(address="desk@migotnia.example"))
        person(desk, "root", Role.ADMIN)
        ola = person(desk, "ola")
        confirmed(seat(desk, ola), LAPTOP)
        desk.clock.move(dt.timedelta(days=1))  # type: ignore[attr-defined]
        self.ola = seat(desk, ola)
        self.ola.peer = came(address="198.51.100.4")
        add(self.ola, TOKEN, "grey token")
        desk.clock.move(dt.timedelta(hours=2))  # type: ignore[attr-defined]
        self.ewa = logged_in(desk, "ewa")
        adam = logged_in(desk, "adam", Role.AGENT)
        confirmed(adam, PHONE)
        desk.as_system().do(_authenticator)
        desk.peer = came()

    def came_by(self, pair: Pair | None) -> None:
        """Whoever opens the interface comes with this key."""
        self.desk.peer = self.ola.peer = self.ewa.peer = came(ed25519_key("new", "ewa@home"), proven=pair)


def _authenticator(work: Any) -> None:
    from core.models.accounts import Account
    from core.service.unit_of_work import table

    work.change(Account, table(Account).c.login == "adam", totp_secret="sealed")


async def _private(player: Player) -> None:
    await player.press("g", "u", "n", "down", "enter")
    await player.fill(line="-----BEGIN OPENSSH PRIVATE KEY-----", name="laptop")
    await player.press("ctrl+s")


SCREENS: dict[str, tuple[str, Pair | None, Play]] = {
    "key-question": ("", TOKEN, nothing),
    "key-authenticator": ("", PHONE, nothing),
    "keys": ("ola", LAPTOP, keys("g", "u", "end")),
    "keys-none": ("ewa", None, keys("g", "u", "end")),
    "key-which": ("ewa", None, keys("g", "u", "n")),
    "key-new": ("ewa", None, _private),
}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyWorld]:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "state"))
    made = KeyWorld(tmp_path / "desk")
    yield made
    made.desk.close()


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen(world: KeyWorld, name: str, language: str, snap_compare: Any) -> None:
    who, pair, play = SCREENS[name]
    speak(world.desk, language)
    world.came_by(pair)
    sits: Desk | None = getattr(world, who) if who else None
    assert shoot(snap_compare, world.desk, sits, play, language)
