"""A session that was left alone: locked, so that nothing beneath is seen or reached, and opened as it was left."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.screen import Screen

from core.accounts import drafts
from core.models.accounts import Role, Standing
from core.service import throttle
from core.service.desk import Desk
from core.service.settings import SecuritySection
from core.tickets import create
from tests.factories.desks import PASSWORD, admin_values, make_desk, person, seat
from tests.support.playing import LARGE, SMALL, Player, playing, sitting
from tui.idle import IdleWatch
from tui.screens.accounts.lock import Lock
from tui.screens.accounts.welcome import Welcome
from tui.screens.tickets.listing import Tickets
from tui.screens.tickets.ticket import TicketScreen
from tui.widgets.confirm import Confirm
from tui.widgets.prompt import Prompt

SENTENCE = "It drops every hour since Monday."


class Seats:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        person(desk, "root", Role.ADMIN)
        self.ola_id = person(desk, "ola", company="Tarnina", standing=Standing.OWNER)
        self.ola = seat(desk, self.ola_id)
        self.number: int = self.ola.do(create.create, admin_values("Tunnel drops"))


@pytest.fixture
def seats(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seats:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    return Seats(desk)


def goes_by(player: Player, minutes: float) -> None:
    """So long that nobody presses a key, and no timer rings either."""
    before = player.app.idle.clock()
    player.app.idle.clock = lambda: before + minutes * 60


async def left_alone(player: Player, minutes: float = 15) -> None:
    goes_by(player, minutes)
    player.app.idle._ring()
    await player.settle()


def locked(player: Player) -> bool:
    return isinstance(player.app.screen, Lock)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)
async def test_what_was_typed_is_there_when_the_password_opens_it(seats: Seats, size: tuple[int, int]) -> None:
    async with sitting(seats.desk, seats.ola, size=size, language="en") as player:
        heard: list[bool] = []
        player.app.on_locked.append(heard.append)
        await player.press("enter", "r")
        await player.type("Half a sen")
        await left_alone(player)
        assert locked(player) and heard == [True]
        player.sees("Locked", "Ola Testowa · ola", "Password")
        for hidden in ("Tunnel", "Half a sen", "Reply", "Tickets"):
            assert hidden not in player.screen, "nothing beneath is seen"
        await player.type(PASSWORD)
        assert PASSWORD not in player.screen
        await player.press("enter")
        assert isinstance(player.app.screen, Prompt) and heard == [True, False]
        await player.type("tence")
        assert player.form.values["body"] == "Half a sentence"


async def test_it_waits_as_long_as_the_setting_says_and_every_key_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    desk = make_desk(tmp_path / "desk", security=SecuritySection(idle_minutes=3))
    seats = Seats(desk)
    async with sitting(desk, seats.ola) as player:
        await left_alone(player, 2.9)
        assert not locked(player)
        await player.press("down")
        await left_alone(player, 2.9)
        assert not locked(player)
        await left_alone(player, 0.2)
        assert locked(player)
    desk.close()


@pytest.mark.parametrize(
    ("kind", "counts"), [(events.MouseMove, False), (events.MouseDown, True), (events.MouseScrollDown, True)]
)
async def test_moving_the_mouse_is_no_sign_of_anybody_and_a_click_is(
    seats: Seats, kind: type[events.MouseEvent], counts: bool
) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        goes_by(player, 14)
        player.app.post_message(kind(None, 70, 20, 0, 0, 0, False, False, False))
        await player.settle()
        await left_alone(player, 1)
        assert locked(player) is not counts


async def test_a_key_that_comes_too_late_opens_nothing(seats: Seats) -> None:
    """After a night with the lid closed no timer has rung yet."""
    async with sitting(seats.desk, seats.ola) as player:
        goes_by(player, 600)
        await player.press("enter")
        assert locked(player)
        assert not any(isinstance(screen, TicketScreen) for screen in player.app.screen_stack)


@pytest.mark.parametrize("key", ["escape", "f1", "ctrl+p", "ctrl+k", "ctrl+t", "ctrl+o", "f9", "f5", "tab"])
async def test_no_key_reaches_anything_beneath(seats: Seats, key: str) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await left_alone(player)
        beneath = player.app.screen_stack[:-1]
        await player.press(key)
        assert locked(player) and player.app.screen_stack[:-1] == beneath
        await player.type(PASSWORD)
        await player.press("enter")
        assert isinstance(player.app.screen, Tickets)


async def test_what_opens_closes_or_is_told_meanwhile_stays_beneath(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola, language="en") as player:
        await player.press("enter")
        player.app.notify("Told a moment before.")
        await left_alone(player)
        player.app.notify("Told meanwhile.")
        question = Confirm("A question that comes late", "Beneath?")
        player.app.push_screen(question)
        await player.settle()
        assert locked(player)
        for hidden in ("Told", "question"):
            assert hidden not in player.screen
        question.dismiss(False)
        await player.settle()
        assert locked(player)
        player.app.push_screen(Screen())
        player.app.switch_screen(Confirm("Another one", "Beneath, too"))
        await player.pilot.resize_terminal(100, 30)
        await player.settle()
        assert locked(player) and "Another" not in player.screen
        player.app.unlock()
        await player.settle()
        player.sees("Another one", "Told meanwhile.")
        await player.press("escape")
        assert isinstance(player.app.screen, TicketScreen)
        player.sees("Tunnel drops")


async def test_wrong_passwords_are_counted_and_end_the_session(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola, language="en") as player:
        await player.press("enter", "r")
        await player.type(SENTENCE)
        await player.app.drafts.write_rest()
        await left_alone(player)
        for left in range(throttle.FREE_FAILURES - 1, 0, -1):
            await player.type("wrong")
            await player.press("enter")
            assert locked(player)
            player.sees(f"That is not your password. Tries left: {left}.")
            assert player.form.values["now"] == ""
        await player.type("wrong")
        await player.press("enter")
        assert isinstance(player.app.screen, Welcome)
        player.sees("Too many wrong passwords: the session has")
        assert player.app.seat is None and not player.app.is_locked
    kept = seat(seats.desk, seats.ola_id).see(drafts.own)
    assert [each.values for each in kept] == [{"body": SENTENCE}], "and the sentence is there for its owner"


async def test_an_ended_session_goes_to_the_way_in(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola, language="en") as player:
        await left_alone(player)
        seats.desk.clock.move(dt.timedelta(hours=13))
        await player.type(PASSWORD)
        await player.press("enter")
        assert isinstance(player.app.screen, Welcome)
        player.sees("Your session has ended.")
        await left_alone(player, 600)
        assert isinstance(player.app.screen, Welcome), "nobody sits here: nothing to lock"


async def test_whoever_is_there_can_log_out_or_leave_and_is_asked_about_nothing(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("n")
        await player.type("A whole subject")
        await left_alone(player)
        await player.press("ctrl+l")
        assert isinstance(player.app.screen, Welcome)
    own = seat(seats.desk, seats.ola_id)
    assert [each.values["subject"] for each in own.see(drafts.own)] == ["A whole subject"]
    async with sitting(seats.desk, own) as player:
        await left_alone(player)
        await player.press("ctrl+q")
        assert player.app._exit


async def test_nothing_is_locked_before_the_log_in_or_in_a_demo(seats: Seats) -> None:
    async with playing(seats.desk) as player:
        await left_alone(player, 600)
        assert isinstance(player.app.screen, Welcome)
        assert player.app.idle._timer is None, "and nothing wakes it"


async def test_a_session_that_a_server_keeps_open_ends_in_order_after_its_time(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        player.app.ends_when_idle = 120
        player.app.begin_watch()
        await player.press("enter", "r")
        await player.type(SENTENCE)
        await left_alone(player)
        assert locked(player) and not player.app._exit
        goes_by(player, 105)
        player.app.idle._ring()
        while not player.app._exit:  # noqa: ASYNC110 - nobody says so
            await asyncio.sleep(0.001)
        assert player.app.return_code == 0
    assert [each.values for each in seat(seats.desk, seats.ola_id).see(drafts.own)] == [{"body": SENTENCE}]


async def test_a_new_connection_takes_it_over_without_a_password(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("enter")
        await left_alone(player)
        player.app.unlock()
        await player.settle()
        assert isinstance(player.app.screen, TicketScreen)
        await left_alone(player)
        assert locked(player), "and it is watched again"


# The watch itself


class Bench:
    def __init__(self) -> None:
        self.now = 0.0
        self.did: list[str] = []
        self.timers: list[tuple[float, Any]] = []
        self.watch = IdleWatch(set_timer=self.set, lock=self.lock, end=self.end, clock=lambda: self.now)

    def set(self, delay: float, ring: Any) -> Any:
        timer = type("Timer", (), {"stop": lambda _self: self.timers.clear()})()
        self.timers = [(self.now + delay, ring)]
        return timer

    def lock(self) -> None:
        self.did.append("locked")
        self.watch.locked = True

    def end(self) -> None:
        self.did.append("ended")

    def until(self, time: float) -> int:
        """Let timers ring until then; how many did."""
        rung = 0
        while self.timers and self.timers[0][0] <= time:
            self.now, ring = self.timers.pop()
            ring()
            rung += 1
        self.now = time
        return rung


def test_an_idle_session_wakes_once_to_be_locked_and_once_to_end() -> None:
    bench = Bench()
    bench.watch.watch(lock_after=900, end_after=7200)
    assert bench.until(7000) == 1 and bench.did == ["locked"]
    assert bench.until(100_000) == 1 and bench.did == ["locked", "ended"]
    assert bench.timers == []


def test_a_session_in_use_wakes_no_more_often_than_it_could_be_locked() -> None:
    bench = Bench()
    bench.watch.watch(lock_after=900, end_after=None)
    rung = 0
    for second in range(0, 9000, 10):
        rung += bench.until(second)
        assert bench.watch.stir()
    assert bench.did == [] and rung <= 10


def test_a_key_after_the_time_locks_at_once_whatever_the_timer_does() -> None:
    bench = Bench()
    bench.watch.watch(lock_after=900, end_after=None)
    bench.now = 901
    assert not bench.watch.stir()
    assert bench.did == ["locked"]
    assert bench.watch.stir(), "what is typed then is the password"


def test_without_a_time_there_is_no_timer() -> None:
    bench = Bench()
    bench.watch.watch(lock_after=None, end_after=None)
    assert bench.timers == [] and bench.watch.stir()
