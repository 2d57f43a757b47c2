"""Pictures of bills: a subscriber's and an agent's view of money, invoices and usage; as ``test_screens.py``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.models.accounts import Role
from core.models.billing import Usage
from core.service.desk import Desk
from tests.factories.desks import START, logged_in, make_desk, person, seat
from tests.factories.subscribers import SELLER, billed, paid, subscriber
from tests.snapshots.shooting import Play, keys, shoot, speak
from tests.support.playing import Player
from tui import downloads
from tui.screens.billing.payments import Payments

TODAY = START.date()
GB = 10**9


class BillingWorld:
    """Wanda owes two invoices, one late; Bruno has paid everything. Both have used their lines."""

    def __init__(self, folder: Path) -> None:
        self.desk = make_desk(folder, seller=SELLER)
        person(self.desk, "root", Role.ADMIN)
        self.adam = logged_in(self.desk, "adam", Role.AGENT)
        self.wanda = self._somebody("wanda", "A-1001", "Wanda Zielińska", unpaid=2)
        self.bruno = self._somebody("bruno", "A-1002", "Bruno Młynek", unpaid=0)
        self.ida = self._corrected()

    def _somebody(self, login: str, number: str, name: str, unpaid: int) -> Desk:
        account = person(self.desk, login)
        at = account % 10 + 10
        made = subscriber(
            self.desk, number, name=name, contract=f"U/{number}", account_id=account, addresses=(f"203.0.113.{at}",)
        )
        for ago in range(14):
            issued = (TODAY.replace(day=2) - dt.timedelta(days=30 * ago)).replace(day=2)
            open_ = ago < unpaid
            billed(self.desk, made.id, f"FV/{issued:%m/%Y}/{account}", issued, unpaid=6900 if open_ else 0, days=21)
            if not open_:
                title = f"FV/{issued:%m/%Y}/{account}"
                paid(self.desk, made.id, f"{login}{ago}", issued + dt.timedelta(days=10), 6900, title)
        days = [(ago, 1 + (ago * 37 + 11) % 23) for ago in range(1, 400) if ago not in (6, 7)]
        rows = [
            {"asset_id": made.lines[0], "day": TODAY - dt.timedelta(days=ago), "down": much * GB, "up": much * GB // 8}
            for ago, much in days
        ]
        self.desk.as_system().do(lambda work: work.add_all(Usage, rows))
        return seat(self.desk, account)

    def _corrected(self) -> Desk:
        """Ida's invoice was lowered."""
        account = person(self.desk, "ida")
        made = subscriber(
            self.desk, "A-1003", name="Ida Wrona", contract="U/A-1003", account_id=account, addresses=("203.0.113.30",)
        )
        issued = TODAY.replace(day=2)
        billed(self.desk, made.id, "FV/11/2026/7", issued, unpaid=4900, days=21)
        of = {"corrects": "FV/11/2026/7", "corrects_key": "fv/11/2026/7", "corrects_on": issued}
        later = issued + dt.timedelta(days=10)
        billed(self.desk, made.id, "FK/1/2026", later, -2000, reason="Przerwa w dostępie", **of)
        return seat(self.desk, account)

    def seat_of(self, who: str) -> Desk | None:
        found: Desk | None = getattr(self, who) if who else None
        return found


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BillingWorld]:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(downloads, "folder", lambda: Path("/nowhere"))
    made = BillingWorld(tmp_path / "desk")
    yield made
    made.desk.close()


async def _of_agent(player: Player) -> None:
    player.app.push_screen(Payments(player.app.frame, 1, "subscribers"))
    await player.settle()


SCREENS: dict[str, tuple[str, Play]] = {
    "payments": ("wanda", keys("g", "p")),
    "payments-settled": ("bruno", keys("g", "p")),
    "payments-of-agent": ("adam", _of_agent),
    "transfer": ("wanda", keys("g", "p", "q")),
    "invoices": ("wanda", keys("g", "i")),
    "agreement": ("wanda", keys("g", "i", "y")),
    "invoices-by-mail": ("bruno", keys("g", "i", "y", "y")),
    "invoice": ("wanda", keys("g", "i", "enter")),
    "invoice-end": ("wanda", keys("g", "i", "enter", "end")),
    "invoice-paid-not-saved": ("bruno", keys("g", "i", "enter", "ctrl+s", "end")),
    "invoices-with-correction": ("ida", keys("g", "i")),
    "invoice-correction": ("ida", keys("g", "i", "enter")),
    "usage-days": ("wanda", keys("g", "m", "left", "left", "left")),
    "usage-months": ("wanda", keys("g", "m", "m")),
}


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen(world: BillingWorld, name: str, language: str, snap_compare: Any) -> None:
    who, play = SCREENS[name]
    speak(world.desk, language)
    assert shoot(snap_compare, world.desk, world.seat_of(who), play, language)
