"""A picture of every screen at two sizes: English at 80×24, Polish at 160×50.

The desk is seeded and its clock stands still, so a picture changes only when a screen does. Renew them with
``pytest tests/snapshots --snapshot-update -n0`` and look at what changed before you commit it.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from core.accounts import registration
from core.accounts.sessions import Entered
from core.models.accounts import Role, Standing
from core.service.desk import Desk
from core.service.settings import MailSection
from core.tickets import conversation, create, workflow
from tests.factories.desks import (
    PASSWORD,
    admin_values,
    contract,
    copied,
    logged_in,
    make_desk,
    person,
    scratch,
    ticket_values,
)
from tests.snapshots.shooting import Play, keys, nothing, shoot, speak
from tests.support.playing import LARGE, Player
from tests.support.stillness import only_what_is_looked_at
from tui import session
from tui.app import OkienkoApp
from tui.screens.tickets.ticket import TicketScreen


class World:
    """A small desk: a company with an owner and somebody who waits, an agent, an administrator, ten tickets."""

    def __init__(self, folder: Path) -> None:
        self.desk = desk = make_desk(folder, mail=MailSection(maildir=Path("letters")))
        company = "Tarnina sp. z o.o."
        self.root = logged_in(desk, "root", Role.ADMIN)
        self.adam = logged_in(desk, "adam", Role.AGENT)
        self.ola = logged_in(desk, "ola", company=company, standing=Standing.OWNER)
        person(desk, "borys", company=company, standing=Standing.PENDING)
        _contract, assets = contract(desk, "WR-2026-0101", identifiers=("BM4020260011", "BM4020260012"))
        contract(desk, "WR-2026-0102", identifiers=("BM4020260013",), valid_until=dt.date(2026, 12, 5))
        contract(desk, "WR-2025-0007", identifiers=("BM4020250001",), valid_until=dt.date(2026, 2, 28))
        agent = self.adam.actor().account_id
        subjects = (
            "VPN tunnel drops every hour",
            "Nie działa ruch po aktualizacji",
            "Loud fan",
            "Licence expired",
            "[/] brackets",
        )
        for place in range(10):
            values = ticket_values(subjects[place % 5], priority=str(place % 4 + 1))
            number = self.ola.do(create.create, values, assets[:1])
            desk.clock.move(dt.timedelta(minutes=7))
            if place % 3 == 0:
                self.adam.do(workflow.assign, number, agent, seen=1)
                self.adam.do(conversation.note, number, conversation.Note(body="Known in 4.1, *fixed* in 4.2."))
                reply = conversation.StaffReply(body="Please check **the cable**:\n\n- port 1\n- port 2", status="3")
                self.adam.do(conversation.reply, number, reply)
        self.ola.do(create.create, admin_values("How do I add a colleague?"))

    def seat_of(self, who: str) -> Desk:
        return {"root": self.root, "adam": self.adam, "ola": self.ola}[who]

    def copied(self, folder: Path) -> World:
        """The same once more, in ``folder``."""
        other = copy.copy(self)
        other.desk = desk = copied(self.desk, folder)
        other.root, other.adam, other.ola = (desk.acting(one._seat) for one in (self.root, self.adam, self.ola))
        return other


@lru_cache(maxsize=1)
def _made_once() -> World:
    made = World(scratch() / "desk")
    made.desk.close()
    return made


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(registration, "sign_of", lambda _mark: "K7QP")  # drawn anew for every form
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "state"))
    made = _made_once().copied(tmp_path / "desk")
    yield made
    made.desk.close()


async def _summary(player: Player) -> None:
    await player.press("f7", "enter")
    await player.fill(
        login="jagoda",
        email="jagoda@example.com",
        first_name="Jagoda",
        last_name="Rzepka",
        phone="+48 600 700 800",
        language="pl",
        password="cztery żółte kaczki",
        again="cztery żółte kaczki",
        contract="WR-2026-0101",
        code="ABCD-EFGH",
        company="Tarnina",
        terms="yes",
    )
    await player.press("ctrl+s")


async def _sent(player: Player) -> None:
    await _summary(player)
    await player.press("enter")


async def _errors(player: Player) -> None:
    await player.press("f7", "enter")
    await player.fill(login="x", email="nobody", phone="12", password="kot", again="pies")
    await player.press("ctrl+s")


async def _code(player: Player) -> None:
    await player.fill(login="ola", password=PASSWORD)
    await player.press("enter")


async def _technical(player: Player) -> None:
    await player.press("n", "f7", "down", "enter")
    await player.fill(subject="Tunnel [/] drops", changed="yes")
    await player.press("ctrl+s")


async def _left_alone(player: Player) -> None:
    await player.press("enter")
    player.app.lock()
    await player.settle()


async def _kept(player: Player) -> None:
    await player.press("g", "o", "enter")
    screen = player.app.screen
    assert isinstance(screen, TicketScreen)
    text = "Please send us the log of the last night.\n\nIt is under"
    player.app.drafts.note(f"ticket.reply:{screen.ticket_id}", {"body": text})
    await player.press("r")


async def _leaving(player: Player) -> None:
    await _kept(player)
    await player.type(" the")
    await player.press("escape")


async def _begun(player: Player) -> None:
    await _kept(player)
    await player.press("escape")


async def _begun_things(player: Player) -> None:
    player.app.drafts.note("ticket.new", {"subject": "The line is slow in the evening"})
    player.app.drafts.note("account.details", {"phone": "+48 600 100 200"})
    await player.press("g", "k", "g", "t")


async def _kept_ticket(player: Player) -> None:
    player.app.drafts.note("ticket.new", {"subject": "The line is slow in the evening", "description": "Since Monday"})
    await player.press("n")


SCREENS: dict[str, tuple[str, Play]] = {
    "welcome": ("", nothing),
    "who-are-you": ("", keys("f7")),
    "sign-up": ("", keys("f7", "enter")),
    "sign-up-installer": ("", keys("f7", "2")),
    "sign-up-end-user": ("", keys("f7", "3")),
    "sign-up-errors": ("", _errors),
    "summary": ("", _summary),
    "sent": ("", _sent),
    "terms": ("", keys("f7", "enter", "f6")),
    "forgot": ("", keys("f8")),
    "have-code": ("", keys("f6")),
    "login-code": ("", _code),
    "tickets": ("ola", nothing),
    "ticket-of-customer": ("ola", keys("down", "enter")),
    "new-ticket": ("ola", keys("n")),
    "new-technical": ("ola", _technical),
    "add-asset": ("ola", keys("n", "f7")),
    "register": ("ola", keys("c")),
    "contracts": ("ola", keys("g", "c")),
    "contract": ("ola", keys("g", "c", "enter")),
    "my-assets": ("ola", keys("g", "a")),
    "colleagues": ("ola", keys("g", "w")),
    "account": ("ola", keys("g", "u")),
    "queue": ("adam", keys("g", "o")),
    "ticket": ("adam", keys("g", "o", "down", "enter")),
    "details": ("adam", keys("g", "o", "down", "enter", "d")),
    "reply": ("adam", keys("g", "o", "enter", "r")),
    "reply-kept": ("adam", _kept),
    "reply-leaving": ("adam", _leaving),
    "reply-begun": ("adam", _begun),
    "begun": ("ola", _begun_things),
    "new-ticket-kept": ("ola", _kept_ticket),
    "lock": ("ola", _left_alone),
    "note": ("adam", keys("g", "o", "enter", "i")),
    "status": ("adam", keys("g", "o", "enter", "s")),
    "filter": ("adam", keys("g", "o", "f")),
    "keys": ("adam", keys("g", "o", "question_mark")),
    "palette": ("adam", keys("g", "o", "ctrl+p")),
    "rooms": ("adam", keys("f9")),
    "people": ("root", keys("g", "p")),
    "new-agent": ("root", keys("g", "p", "n")),
    "outbox": ("root", keys("g", "b")),
}


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen(world: World, name: str, language: str, snap_compare: Any) -> None:
    who, play = SCREENS[name]
    speak(world.desk, language)
    assert shoot(snap_compare, world.desk, world.seat_of(who) if who else None, play, language)


@pytest.mark.parametrize("theme", ["okienko-light", "okienko-16"])
def test_other_themes(world: World, theme: str, snap_compare: Any) -> None:
    app = OkienkoApp(lambda: world.desk, first=Screen, language="en", theme=theme, economical=False)

    async def before(pilot: Pilot[Any]) -> None:
        player = Player(app, pilot)
        await player.settle()
        actor = world.adam.actor()
        assert actor.session_id is not None
        assert actor.account_id is not None
        app.run_worker(session.sit_down(app, Entered(actor.session_id, actor.account_id, actor.role)))
        await player.settle()
        await player.press("g", "o", "down", "enter")

    with only_what_is_looked_at():
        assert snap_compare(app, terminal_size=LARGE, run_before=before)
