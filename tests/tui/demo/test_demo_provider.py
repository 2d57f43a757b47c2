"""The demo's internet provider as a visitor meets it: where one sits to sign up, what is late, a month that passes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.playing import SMALL, Player
from tests.tui.demo.test_demo import BOTH, playing, point_at, row, until
from tests.tui.widgets.stage import on_screen
from tui.demo.app import CAFE, DemoApp
from tui.demo.post_room import PostRoom
from tui.screens.accounts.sign_up import Sent, Summary, Welcomed
from tui.screens.accounts.welcome import Welcome
from tui.screens.billing.payments import Payments
from tui.screens.subscribers.own_data import Panel
from tui.screens.subscribers.sign_up import SubscriberScreen
from tui.widgets.form import Form
from tui.widgets.list import ListView

pytestmark = pytest.mark.thorough
LATE = {"en": "overdue", "pl": "po terminie"}


async def be(app: DemoApp, pilot: Pilot[Any], login: str) -> None:
    """Sit down as a subscriber, on the first screen they get."""
    assert app.cast is not None
    somebody = next(one for one in app.cast.personas if one.login == login)
    await point_at(app, pilot, somebody.id)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, Panel) and LATE[app.language] in on_screen(app).casefold())


@BOTH
async def test_whoever_is_late_learns_it_first_and_a_month_brings_an_invoice(
    size: tuple[int, int], language: str
) -> None:
    async with playing(size, language) as (app, pilot):
        await be(app, pilot, "harriet.featherstitch")
        await pilot.press("g", "p")
        await until(pilot, lambda: row(app, Payments))
        newest = row(app, Payments)
        await app.move_clock(dt.timedelta(days=31))
        app.read_again()
        await pilot.press("home")
        await until(pilot, lambda: row(app, Payments) and row(app, Payments).on > newest.on)


@BOTH
async def test_the_post_room_says_what_came_with_a_letter(size: tuple[int, int], language: str) -> None:
    async with playing(size, language) as (app, pilot):
        await app.move_clock(dt.timedelta(days=13))
        await pilot.press("f3")
        await until(pilot, lambda: row(app, PostRoom) and invoices(app))
        await point_at(app, pilot, invoices(app)[0].id)
        await until(pilot, lambda: ".pdf (" in on_screen(app) and "kB)" in on_screen(app))


def invoices(app: DemoApp) -> list[Any]:
    """Mails with a file, those that are listed first."""
    return [one for one in app.screen.query_one(ListView).window.rows if one.files]


@BOTH
async def test_signing_up_is_for_the_own_line_and_one_chooses_where_one_sits(
    size: tuple[int, int], language: str
) -> None:
    async with playing(size, language) as (app, pilot):
        player = Player(app, pilot)
        await player.settle()  # the first row's people are told of, which brings their card up
        assert app.cast is not None
        somebody = app.cast.subscribers[0]
        assert app.whence == somebody.address
        typed = {"identity": somebody.pesel, "contract": somebody.contract, "terms": "yes"}
        typed |= {"login": "nowy", "email": "nowy@example.com", "password": "cztery kaczki", "again": "cztery kaczki"}
        if size == SMALL:  # there the place has to be brought up first
            await player.press("f6")
            assert app.whence == somebody.address and somebody.address in on_screen(app)
        await player.press("f6")
        assert app.whence == CAFE and CAFE in on_screen(app)
        await sign_up(app, pilot, typed)
        await until(pilot, lambda: isinstance(app.screen, SubscriberScreen) and refused(app, pilot))
        assert CAFE in refused(app, pilot)
        await pilot.press("f2")
        await until(pilot, lambda: row(app))
        await player.settle()
        await player.press(*["f6"] * (3 if size == SMALL else 2))
        assert app.whence == somebody.address
        await sign_up(app, pilot, typed)
        await until(pilot, lambda: isinstance(app.screen, Sent))
        await pilot.press("f3")
        await until(pilot, lambda: row(app, PostRoom) and row(app).code)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, Sent) and app.screen.query_one(Form).values["code"])
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, Welcomed))


async def sign_up(app: DemoApp, pilot: Pilot[Any], typed: dict[str, str]) -> None:
    """From the chooser to the summary, and send it."""
    await pilot.press("f7")
    await until(pilot, lambda: isinstance(app.screen, Welcome) and app.screen.focused is not None)
    await pilot.press("f7", "4")
    await until(pilot, lambda: isinstance(app.screen, SubscriberScreen) and app.screen.query(Form))
    await Player(app, pilot).fill(**typed)
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(app.screen, Summary))
    await pilot.press("ctrl+s")


def refused(app: DemoApp, pilot: Pilot[Any]) -> str:
    """What stands beside the contract."""
    return Player(app, pilot).error("contract")
