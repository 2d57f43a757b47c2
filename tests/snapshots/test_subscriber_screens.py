"""Pictures of signing up as a subscriber, of their own data and orders, and of the agents' side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import resources
from core.billing import catalogue as billing_catalogue
from core.billing import orders
from core.billing.orders import OrderForm
from core.forms import fill
from core.models.accounts import Role
from core.service.desk import Desk
from core.service.settings import DeskSection, SubscribersSection
from tests.factories.desks import PASSWORD, logged_in, make_desk, person, seat
from tests.factories.subscribers import OTHER_PESEL, PESEL, SELLER, billed, coming_from, subscriber
from tests.snapshots.shooting import Play, keys, nothing, shoot, speak
from tests.support.playing import Player

HOME = "203.0.113.7"


class Provider:
    """Wanda has a line, an overdue invoice and an order; Bruno has a line and no account; Adam is an agent."""

    def __init__(self, folder: Path) -> None:
        self.desk = make_desk(
            folder,
            subscribers=SubscribersSection(line_rule="staff"),
            seller=SELLER,
            desk=DeskSection(name="Migotnia", phone="+48 22 555 01 00"),
        )
        catalogue = (resources.folder("demo") / billing_catalogue.FILE).read_text(encoding="utf-8")
        (folder / billing_catalogue.FILE).write_text(catalogue, encoding="utf-8")
        person(self.desk, "root", Role.ADMIN)
        account = person(self.desk, "wanda")
        made = subscriber(self.desk, account_id=account, addresses=(HOME, "2001:db8:77::/56"), phone="+48 600 100 200")
        subscriber(
            self.desk,
            "A-1002",
            pesel_=OTHER_PESEL,
            contract="U/1002/2025",
            name="Bruno Kłos",
            addresses=("203.0.113.8",),
            valid_until=dt.date(2026, 12, 10),
        )
        billed(self.desk, made.id, "FV/10/2026", dt.date(2026, 10, 2), unpaid=6900)
        billed(self.desk, made.id, "FV/11/2026", dt.date(2026, 11, 15), unpaid=6900)
        coming_from(self.desk, HOME)
        self.adam = logged_in(self.desk, "adam", Role.AGENT)
        self.wanda = seat(self.desk, account)
        form = fill(OrderForm, {"effective_on": "2026-12-01", "remarks": "Najlepiej po szesnastej."})
        self.order = self.wanda.do(orders.place, "speed-600", made.lines[0], form, seen_price=7900)

    def seat_of(self, who: str) -> Desk | None:
        found: Desk | None = getattr(self, who) if who else None
        return found


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "state"))
    made = Provider(tmp_path / "desk")
    yield made
    made.desk.close()


def filled(**given: Any) -> Play:
    """The sign-up of Bruno, typed in; then on to the summary."""

    async def play(player: Player) -> None:
        await player.press("f7", "4")
        typed = {"login": "bruno", "email": "bruno@example.com", "password": PASSWORD, "again": PASSWORD}
        await player.fill(**{**typed, "identity": OTHER_PESEL, "contract": "U/1002/2025", "terms": "yes", **given})
        await player.press("ctrl+s")

    return play


async def refused(player: Player) -> None:
    await filled(identity=PESEL)(player)
    await player.press("ctrl+s")


async def vouched(player: Player) -> None:
    await player.press("g", "s", "enter", "V")
    await player.type("showed an identity card")


SCREENS: dict[str, tuple[str, Play]] = {
    "sign-up": ("", keys("f7", "4")),
    "sign-up-wrong": ("", filled(identity="44051401459")),
    "sign-up-summary": ("", filled()),
    "sign-up-refused": ("", refused),
    "my-data": ("wanda", nothing),
    "my-data-line": ("wanda", keys("end")),
    "password-shown": ("wanda", keys("U")),
    "password-anew": ("wanda", keys("N")),
    "catalogue": ("wanda", keys("g", "o")),
    "order": ("wanda", keys("g", "o", "enter")),
    "my-orders": ("wanda", keys("g", "o", "h")),
    "order-summary": ("wanda", keys("g", "o", "enter", "ctrl+s")),
    "order-ticket": ("wanda", keys("g", "t", "enter")),
    "subscribers": ("adam", keys("g", "s")),
    "subscriber": ("adam", keys("g", "s", "down", "enter")),
    "vouch": ("adam", vouched),
    "correct": ("adam", keys("g", "s", "down", "enter", "e")),
    "subscriber-tickets": ("adam", keys("g", "s", "down", "enter", "T")),
    "order-decide": ("adam", keys("enter", "y")),
}


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen(snap_compare: Any, provider: Provider, name: str, language: str) -> None:
    who, play = SCREENS[name]
    speak(provider.desk, language)
    assert shoot(snap_compare, provider.desk, provider.seat_of(who), play, language)
