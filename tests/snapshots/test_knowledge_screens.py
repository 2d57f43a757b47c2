"""Pictures of news, questions and contact: for guests, for a subscriber, for staff; as ``test_screens.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.demo import articles
from core.knowledge import edit
from core.models.accounts import Role
from core.service.desk import Desk
from core.service.settings import Department
from tests.core.knowledge.stage import form, later
from tests.factories.desks import logged_in, make_desk, person, seat
from tests.factories.subscribers import subscriber
from tests.snapshots.shooting import Play, keys, nothing, shoot, speak
from tests.support.playing import Player

CONTACT = (
    {
        "name": {"en": "Office", "pl": "Biuro"},
        "phones": ("+48 22 555 01 10",),
        "email": "biuro@migotnia.example",
        "address": "ul. Świetlikowa 4, 34-404 Klikuszowa",
        "hours": "mon-fri 9:00-17:00",
    },
    {
        "name": {"en": "Technical service", "pl": "Serwis techniczny"},
        "phones": ("+48 22 555 01 11", "+48 22 555 01 12"),
        "hours": "mon-fri 9:00-19:00; sat 9:00-14:00",
    },
    {
        "name": {"en": "On call", "pl": "Dyżur"},
        "phones": ("+48 600 555 112",),
        "hours": "mon-fri 19:00-21:00; sat-sun 14:00-17:00",
        "holidays": "open",
        "around_the_clock": {"en": "SMS, day and night", "pl": "SMS przez całą dobę"},
    },
)


class KnowledgeWorld:
    """The demo's articles, of which one outage reaches Wanda; Adam has a draft besides."""

    def __init__(self, folder: Path) -> None:
        self.desk = make_desk(folder, contact=tuple(Department.model_validate(one) for one in CONTACT))
        person(self.desk, "root", Role.ADMIN)
        self.adam = logged_in(self.desk, "adam", Role.AGENT)
        account = person(self.desk, "wanda")
        subscriber(self.desk, account_id=account)
        made = articles.articles(self.desk.now, ["Łapsze"])
        self.desk.as_system().do(articles.keep, made, self.adam.actor().account_id or 0)
        later(self.desk, minutes=20)
        self.adam.do(edit.create, form(title_pl="O kotach na masztach", title_en="On cats on masts"))
        self.wanda = seat(self.desk, account)

    def seat_of(self, who: str) -> Desk | None:
        found: Desk | None = getattr(self, who) if who else None
        return found


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KnowledgeWorld]:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "state"))
    made = KnowledgeWorld(tmp_path / "desk")
    yield made
    made.desk.close()


async def _outage(player: Player) -> None:
    """The form with an outage half written, looked at where that is asked."""
    await player.press("g", "j", "n")
    values = {"title_pl": "Wiatr", "body_pl": "Wieje.", "outage": "yes", "begins": "2026-11-20 08:00"}
    await player.fill(**values, ends="2026-11-20 07:00", places="Łapsze, ul. Krzywa")
    await player.press("ctrl+s")


async def _preview(player: Player) -> None:
    await _outage(player)
    await player.fill(ends="2026-11-20 12:00")
    await player.press("f7")


async def _search(player: Player) -> None:
    await player.press("f5", "g", "f", "slash")
    await player.type("faktury")
    await player.press("enter")


SCREENS: dict[str, tuple[str, Play]] = {
    "welcome-with-outage": ("", nothing),
    "news-of-guest": ("", keys("f5")),
    "article-of-guest": ("", keys("f5", "down", "enter")),
    "faq-search": ("", _search),
    "contact-of-guest": ("", keys("f5", "g", "k")),
    "first-room-with-outage": ("wanda", nothing),
    "outage-of-subscriber": ("wanda", keys("g", "j", "down", "enter")),
    "contact": ("wanda", keys("g", "k")),
    "news-of-staff": ("adam", keys("g", "j")),
    "faq-of-staff": ("adam", keys("g", "f")),
    "article-of-staff": ("adam", keys("g", "j", "down", "down", "enter")),
    "article-form": ("adam", _outage),
    "article-preview": ("adam", _preview),
    "publish": ("adam", keys("g", "j", "down", "P")),
}


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen(world: KnowledgeWorld, name: str, language: str, snap_compare: Any) -> None:
    who, play = SCREENS[name]
    speak(world.desk, language)
    assert shoot(snap_compare, world.desk, world.seat_of(who), play, language)
