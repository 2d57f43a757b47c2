"""The interface in Polish at 80×24: every label is translated, fits where it stands, and no English is left."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import tui
from core import forms
from core.i18n.translation import gettext, speaking
from core.models.accounts import Role, Standing
from core.service.desk import Desk
from core.tickets import conversation, create, workflow
from tests.core.i18n.test_translation import translated
from tests.factories.desks import admin_values, contract, logged_in, make_desk, person, ticket_values
from tests.support.playing import Player, playing, sitting
from tui.commands import Command
from tui.widgets import badge, notice, timeline
from tui.widgets.footer import KeyLine
from tui.widgets.list import ListView

OURS = "Tarnina sp. z o.o."
ENGLISH = re.compile(
    r"\b(the|and|not|with|you|your|here|yet|password|tickets?|contracts?|company|assets?|name|subject|state"
    r"|search|back|send|save|cancel|open(ed)?|closed?|new|changed|waiting|letter|account|people|more|leaves?)\b",
    re.IGNORECASE,
)
EVERYDAY = 26
"""Cells for a label in a footer of 80: three of them and the way to the rest."""


def _commands() -> Iterator[Command]:
    """Every command of every screen."""
    for found in pkgutil.walk_packages(tui.__path__, "tui."):
        if not found.name.endswith("__main__"):
            for thing in vars(importlib.import_module(found.name)).values():
                if isinstance(thing, type):
                    yield from thing.__dict__.get("DESK_COMMANDS", ())


def test_commands_and_badges_are_in_the_catalogue() -> None:
    """These reach the catalogue through variables: a mark that was forgotten shows only here."""
    looks = (*badge.STATUS.values(), *badge.PRIORITY.values(), *badge.STATE.values())
    looks += (*notice.KINDS.values(), *timeline._SIDES.values())
    said = {text for command in _commands() for text in (command.label, command.help)} | {look.word for look in looks}
    assert len(said) > 100
    assert sorted(text for text in said if text and text not in translated()) == []


def test_labels_of_the_footer_are_short() -> None:
    with speaking("pl"):
        long = {gettext(command.label) for command in _commands() if command.footer}
    assert sorted(label for label in long if len(label) > EVERYDAY) == ["Nie pamiętam loginu lub hasła"]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[tuple[Desk, Desk, Desk]]:
    """A desk with a little of everything, a customer who decides for her company, and an administrator."""
    desk = make_desk(tmp_path / "desk")
    _contract, assets = contract(desk)
    customer = logged_in(desk, "jagoda", company=OURS, standing=Standing.OWNER, language="pl")
    person(desk, "borys", company=OURS, standing=Standing.PENDING, language="pl")
    admin = logged_in(desk, "adam", Role.ADMIN, language="pl")
    number = customer.do(create.create, ticket_values("Nic nie przechodzi", description="Od rana."), assets)
    customer.do(create.create, admin_values("Pytanie", description="Jak to działa?"))
    admin.do(workflow.assign, number, admin.actor().account_id, seen=1)
    admin.do(conversation.reply, number, forms.fill(conversation.StaffReply, {"body": "Dzień dobry.", "status": "3"}))
    yield desk, customer, admin
    desk.close()


def _judge(player: Player, *, dialog: bool = False) -> None:
    """What is on the screen now."""
    found = {word.group() for word in ENGLISH.finditer(player.screen)}
    assert not found, f"English: {found}\n{player.screen}"
    for view in player.app.screen.query(ListView):
        cut = [gettext(each.label) for each in view._columns if each.width and len(gettext(each.label)) > each.width]
        assert cut == [], f"headings wider than their columns\n{player.screen}"
    if not dialog:
        _judge_footer(player)


def _judge_footer(player: Player) -> None:
    """Labels stand in the footer whole; those that did not fit are told by an ellipsis."""
    line = player.app.screen.query_one(KeyLine)
    foot = player.screen.splitlines()[-1]
    labels = [gettext(working.command.label) for working in line._items]
    whole = [label for label in labels if f" {label} " in foot]
    assert foot.rstrip().endswith("więcej"), foot
    assert whole == labels[: len(whole)], foot
    assert ("…" in foot) == (len(whole) < len(labels)), foot


async def test_the_way_in(desk: Desk) -> None:
    async with playing(desk, language="pl") as player:
        player.sees("Nowy serwis")
        _judge(player)
    person(desk, "adam", Role.ADMIN)
    async with playing(desk, language="pl") as player:
        _judge(player)
        player.sees("Login lub e-mail", "Hasło", "Nie pamiętam loginu lub hasła", "Mam kod")
        for keys in (["f8"], ["f6"], ["f7"], ["f7", "1"], ["f7", "2"], ["f7", "3"]):
            await player.press(*keys)
            _judge(player)
            await player.press(*["escape"] * len(keys))


@pytest.mark.parametrize("rooms", ["tcawu", "nmoxcapwbu"])
async def test_rooms(office: tuple[Desk, Desk, Desk], rooms: str) -> None:
    desk, customer, admin = office
    who = admin if "n" in rooms else customer
    async with sitting(desk, who, language="pl") as player:
        seen = set()
        for key in rooms:
            await player.press("g", key)
            _judge(player)
            seen.add(player.screen.splitlines()[0])
        assert len(seen) == len(rooms), "each room has a name of its own"
        await player.press("question_mark")
        _judge(player, dialog=True)


async def test_a_ticket_and_what_is_done_to_it(office: tuple[Desk, Desk, Desk]) -> None:
    desk, _customer, admin = office
    async with sitting(desk, admin, language="pl") as player:
        await player.press("g", "m", "enter")
        player.sees("czeka na klienta", "Nic nie przechodzi", "przydział: Adam Testowa")
        _judge(player)
        await player.press("d")
        _judge(player)
        await player.press("d")
        for key in "risap":
            await player.press(key)
            _judge(player, dialog=True)
            await player.press("escape")


async def test_a_new_ticket(office: tuple[Desk, Desk, Desk]) -> None:
    desk, customer, _admin = office
    async with sitting(desk, customer, language="pl") as player:
        await player.press("n")
        _judge(player)
        await player.press("f7")
        _judge(player, dialog=True)
        await player.press("down", "enter", "ctrl+s")
        player.sees("To pole jest wymagane.")
        _judge(player)
