"""The demo as a visitor meets it: being somebody, the post room, the clock; small and large, in both languages."""

from __future__ import annotations

import asyncio
import atexit
import datetime as dt
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from core.accounts import login, recovery
from core.clock import MovableClock
from core.demo import world
from core.demo.personas import Cast
from core.mail.delivery import deliver
from core.models.accounts import Account
from core.security import passwords
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.desks import START
from tests.support.amounts import times
from tests.support.pty import Terminal
from tests.support.stillness import only_what_is_looked_at
from tests.tui.widgets.stage import on_screen
from tui.demo.app import NO_TERMINAL, DemoApp, open_demo, private_desk
from tui.demo.chooser import BY_HAND, Chooser
from tui.demo.clock import ClockDialog
from tui.demo.post_room import PostRoom
from tui.demo.tour.rest import settled
from tui.screens.accounts.recovery import HaveCode
from tui.screens.accounts.second_factor import AuthenticatorCode, MailedCode
from tui.screens.accounts.sign_up import SignUpScreen
from tui.screens.accounts.sign_up_choice import WhoAreYou
from tui.screens.accounts.welcome import Welcome
from tui.screens.care.approval import PendingCardScreen
from tui.screens.care.approvals import Pending
from tui.screens.care.invitation_reply import Invitation
from tui.screens.care.overview import Service
from tui.screens.tickets.listing import Tickets
from tui.widgets.form import Form
from tui.widgets.list import ListView

pytestmark = pytest.mark.thorough

PATIENCE = 30.0
"""Seconds until a test that waits says it waited in vain."""
BOTH = pytest.mark.parametrize(("size", "language"), [((80, 24), "pl"), ((160, 50), "en")], ids=["80-pl", "160-en"])


@lru_cache(maxsize=1)
def _made_once() -> tuple[Path, Cast]:
    """The folder of a demo that began at :data:`START`, its mail delivered, and its people: made once a process."""
    home = Path(tempfile.mkdtemp(prefix="okienko-test-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    desk = Desk.open(world.settings(home), MovableClock(START))
    cast = world.build(desk, seed=7)
    deliver(desk)
    desk.close()
    return home, cast


class QuickDemo(DemoApp):
    """The demo with a world that is copied, not made."""

    def _people_a_desk(self, home: Path) -> tuple[Desk, Cast]:
        made, cast = _made_once()
        shutil.copytree(made, home)
        return Desk.open(world.settings(home), self.clock), cast


@asynccontextmanager
async def playing(
    size: tuple[int, int] = (160, 50), language: str = "en", demo: type[DemoApp] = QuickDemo
) -> AsyncIterator[tuple[DemoApp, Pilot[Any]]]:
    """The demo with its people on the screen."""
    passwords.use_profile("test")
    with private_desk() as folder, only_what_is_looked_at():
        app = demo(folder, start=START, language=language, economical=False)
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: row(app))
            yield app, pilot


async def until(pilot: Pilot[Any], holds: Callable[[], Any]) -> None:
    """Let everything that is under way go on until ``holds`` does."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come about:\n" + on_screen(pilot.app)
        await pilot.pause(0.002)


def row(app: DemoApp, screen: type[Screen[Any]] = Screen) -> Any:
    """The row under the cursor, once there is a list with one, on a ``screen`` of this kind."""
    shown = app.screen.query(ListView)
    return shown.first().row if isinstance(app.screen, screen) and shown else None


async def point_at(app: DemoApp, pilot: Pilot[Any], row_id: Any, *, from_end: bool = False) -> None:
    """Move the list's cursor to a row."""
    shown = app.screen.query_one(ListView)
    await until(pilot, lambda: shown.row)
    await pilot.press("end" if from_end else "home")
    await until(pilot, lambda: not shown.loading_rows and shown.row)
    for _row in range(100):
        if shown.row is not None and shown.row.id == row_id:
            return
        await pilot.press("up" if from_end else "down")
        await until(pilot, lambda: not shown.loading_rows)  # a key at the end of what is loaded moves nothing
    raise AssertionError(f"no row {row_id}")


async def be(app: DemoApp, pilot: Pilot[Any], part: Callable[[Any], bool]) -> Any:
    """Choose the first persona that fits; returns them."""
    assert app.cast is not None
    person = next(one for one in app.cast.personas if part(one))
    await point_at(app, pilot, person.id)
    await pilot.press("enter")
    await until(pilot, lambda: app.seat is not None and app.seat.account_id == person.id)
    await until(pilot, lambda: isinstance(app.screen, Tickets) and app.screen.query(ListView))
    return person


async def log_in_by_hand(app: DemoApp, pilot: Pilot[Any], login: str) -> None:
    assert app.cast is not None
    await pilot.press("f7")
    await until(pilot, lambda: isinstance(app.screen, Welcome) and app.screen.focused is not None)
    names = {" ": "space", ".": "full_stop"}
    await pilot.press(*(names.get(sign, sign) for sign in login), "tab")
    await pilot.press(*(names.get(sign, sign) for sign in app.cast.password), "enter")


@BOTH
async def test_being_somebody_leads_to_their_tickets(size: tuple[int, int], language: str) -> None:
    async with playing(size, language) as (app, pilot):
        assert isinstance(app.screen, Chooser)
        assert app.cast is not None
        assert app.cast.password in on_screen(app)
        agent = await be(app, pilot, lambda one: one.role == "agent")
        await until(pilot, lambda: row(app))
        assert agent.name in on_screen(app)
        assert "DEMO" in on_screen(app)
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, Chooser))
        owner = await be(app, pilot, lambda one: one.role == "customer" and one.standing == "owner")
        assert app.seat is not None
        assert app.seat.owner
        await until(pilot, lambda: owner.name in on_screen(app))
        assert len(app.screen_stack) == 2


async def test_escape_stays_who_one_is() -> None:
    async with playing() as (app, pilot):
        assert len(app.screen_stack) == 2
        await pilot.press("escape")
        assert isinstance(app.screen, Chooser)
        agent = await be(app, pilot, lambda one: one.role == "agent")
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, Chooser))
        await pilot.press("escape")
        assert isinstance(app.screen, Tickets)
        assert app.seat is not None
        assert app.seat.account_id == agent.id
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, Chooser))
        await pilot.press("f2")
        assert isinstance(app.screen, Tickets)


@BOTH
async def test_the_mailed_code_is_taken_into_its_field(size: tuple[int, int], language: str) -> None:
    async with playing(size, language) as (app, pilot):
        assert app.cast is not None
        owner = next(one for one in app.cast.personas if one.role == "customer" and one.standing == "owner")
        await log_in_by_hand(app, pilot, owner.login)
        await until(pilot, lambda: isinstance(app.screen, MailedCode))
        await pilot.press("f3")
        await until(pilot, lambda: row(app, PostRoom))
        # The letter is written by the demo's own postman, and comes when it comes.
        await until(pilot, lambda: len(row(app).code) == 6)
        first = row(app)
        await until(pilot, lambda: first.code in on_screen(app))
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, MailedCode))
        assert app.screen.query_one(Form).values["code"] == first.code
        await pilot.press("enter")
        await until(pilot, lambda: app.seat is not None and app.seat.account_id == owner.id)


async def test_the_authenticator_is_first_where_it_is_asked_for() -> None:
    async with playing() as (app, pilot):
        assert app.cast is not None
        agent = next(one for one in app.cast.personas if one.role == "agent")
        await log_in_by_hand(app, pilot, agent.login)
        await until(pilot, lambda: isinstance(app.screen, AuthenticatorCode))
        await pilot.press("f3")
        await until(pilot, lambda: row(app, PostRoom))
        assert app.screen.query_one(ListView).row.id.startswith("app ")
        await point_at(app, pilot, f"app {agent.id}")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, AuthenticatorCode))
        await pilot.press("enter")
        await until(pilot, lambda: app.seat is not None and app.seat.account_id == agent.id)


async def test_new_mail_comes_in_while_one_reads() -> None:
    async with playing() as (app, pilot):
        assert app.cast is not None
        desk: Any = app.desk
        customer = next(one for one in app.cast.personas if one.role == "customer" and one.standing == "owner")
        await pilot.press("f3")
        await until(pilot, lambda: row(app, PostRoom))
        shown = app.screen.query_one(ListView)
        assert not shown.row.code
        desk.do(login.password, customer.login, app.cast.password)
        await until(pilot, lambda: shown.row is not None and shown.row.code)
        await pilot.press("down")
        reading = shown.row.id
        desk.do(recovery.ask, customer.login)
        await until(pilot, lambda: shown.position == 3)
        assert shown.row.id == reading


async def test_the_post_room_begins_with_ones_own_letters() -> None:
    async with playing((80, 24)) as (app, pilot):
        desk: Any = app.desk
        assert app.cast is not None
        owner = next(one for one in app.cast.personas if one.role == "customer" and one.standing == "owner")
        other = next(one for one in app.cast.personas if one.role == "customer" and one.id != owner.id)

        def address(account_id: int) -> str:
            person = desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.id == account_id))
            return str(person.email)

        mine, last = address(owner.id), address(other.id)
        for login in (owner.login, other.login):
            desk.do(recovery.ask, login)
            deliver(desk)
        await pilot.press("f3")
        await until(pilot, lambda: row(app, PostRoom) is not None and row(app).to == last)  # nobody is anybody yet
        await pilot.press("f3")
        await be(app, pilot, lambda one: one.id == owner.id)
        await pilot.press("f3")
        await until(pilot, lambda: row(app, PostRoom))
        room = app.screen
        assert isinstance(room, PostRoom)
        to = [item.to for item in room._items.values() if item.at is not None]
        count = to.count(mine)
        assert 0 < count < len(to)
        assert to[:count] == [mine] * count
        assert last in to[count:]
        at = [item.at for item in room._items.values() if item.at is not None]
        assert at[:count] == sorted(at[:count], reverse=True)
        assert at[count:] == sorted(at[count:], reverse=True)


@BOTH
async def test_the_post_room_is_searched(size: tuple[int, int], language: str) -> None:
    async with playing(size, language) as (app, pilot):
        assert app.cast is not None
        free = app.cast.contracts[0]
        await pilot.press("f3")
        await until(pilot, lambda: row(app, PostRoom))
        shown = app.screen.query_one(ListView)
        everything = len(shown.window.rows)
        await pilot.press("slash", *free.number.casefold().replace("-", "minus").split("minus")[-1], "enter")
        await until(pilot, lambda: shown.row is not None and shown.row.id == f"paper {free.number}")
        assert len(shown.window.rows) < everything
        await pilot.press("slash", *"qqzz", "enter")
        await until(pilot, lambda: shown.found_nothing)
        await until(pilot, lambda: free.code not in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: len(shown.window.rows) == everything)
        assert isinstance(app.screen, PostRoom)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, PostRoom))


async def test_a_certificate_fills_the_sign_up() -> None:
    async with playing() as (app, pilot):
        assert app.cast is not None
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, Welcome) and app.screen.focused is not None)
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, WhoAreYou) and app.screen.focused is not None)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SignUpScreen) and app.screen.focused is not None)
        free = next(one for one in app.cast.contracts if one.good_for == "sign_up")
        await pilot.press("f3")
        await until(pilot, lambda: row(app, PostRoom))
        await point_at(app, pilot, f"paper {free.number}", from_end=True)
        await pilot.press("c")
        await until(pilot, lambda: not isinstance(app.screen, PostRoom))
        values = app.screen.query_one(Form).values
        assert (values["contract"], values["code"], values["company"]) == (free.number, free.code, free.company)


@BOTH
async def test_the_clock_moves_and_one_stays(size: tuple[int, int], language: str) -> None:
    async with playing(size, language) as (app, pilot):
        agent = await be(app, pilot, lambda one: one.role == "agent")
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.screen, ClockDialog))
        await pilot.press("1")
        await until(pilot, lambda: app.now == START + dt.timedelta(minutes=10))
        await pilot.press("5")
        await until(pilot, lambda: app.now == START + dt.timedelta(days=30, minutes=10))
        await until(pilot, lambda: "→" in on_screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Tickets))
        shown = app.screen.query_one(ListView)
        shown.reload()
        await until(pilot, lambda: not shown.loading_rows)
        assert shown._error is None
        assert app.seat is not None
        assert app.seat.account_id == agent.id


async def test_the_keys_work_over_each_other_and_before_logging_in() -> None:
    async with playing() as (app, pilot):
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, Welcome))
        wanted: tuple[tuple[str, type], ...] = (
            ("f3", PostRoom),
            ("f4", ClockDialog),
            ("f2", Chooser),
            ("f3", PostRoom),
        )
        for key, screen in wanted:
            await pilot.press(key)
            await until(pilot, lambda screen=screen: isinstance(app.screen, screen))
            assert len(app.screen_stack) == 3
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, Welcome))


async def test_the_way_by_hand_shows_contracts_to_try() -> None:
    async with playing((80, 24)) as (app, pilot):
        assert app.cast is not None
        await point_at(app, pilot, BY_HAND, from_end=True)
        await until(pilot, lambda: app.cast is not None and app.cast.contracts[0].code in on_screen(app))
        assert all(one.number in on_screen(app) for one in app.cast.contracts)


async def test_the_contracts_are_one_key_away_where_there_is_no_room() -> None:
    async with playing((80, 24)) as (app, pilot):
        assert app.cast is not None
        assert "F8 Contracts" in on_screen(app)
        assert app.cast.contracts[0].code not in on_screen(app)
        await pilot.press("f8")
        await until(pilot, lambda: app.cast is not None and app.cast.contracts[0].code in on_screen(app))
        await pilot.press("f8")
        await until(pilot, lambda: app.cast is not None and app.cast.contracts[0].code not in on_screen(app))


async def test_the_way_in_speaks_the_readers_language_again() -> None:
    async with playing(language="en") as (app, pilot):
        await be(app, pilot, lambda one: one.language == "pl" and not one.by_hand)
        assert app.language == "pl"
        await pilot.press("f2")
        await until(pilot, lambda: row(app, Chooser))
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, Welcome) and app.screen.focused is not None)
        assert app.language == "en"
        await pilot.press("f2")
        await until(pilot, lambda: row(app, Chooser))
        await pilot.press("f9")
        await until(pilot, lambda: app.cast is not None and app.cast.about["pl"] in on_screen(app))
        await be(app, pilot, lambda one: one.language == "en" and not one.by_hand)
        await pilot.press("f2")
        await until(pilot, lambda: row(app, Chooser))
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, Welcome))
        assert app.language == "pl"


@pytest.mark.parametrize("turns", range(0, 6, times(4, 1)))
async def test_somebody_else_as_fast_as_one_can_type(turns: int) -> None:
    """Keys come before screens are put together, and screens are left before they are."""
    async with playing((80, 24)) as (app, pilot):
        await be(app, pilot, lambda one: one.role == "agent")
        for burst in ("f2 f2 f2", "f2 enter f9", "f4 1 f2 enter", "f7 f9", "f2 f7 f9 f2 down enter", "g c f2 enter"):
            for key in burst.split():
                app.simulate_key(key)
                for _turn in range(turns):
                    await asyncio.sleep(0)
            await pilot.pause(0.01)
        await settled(app, pilot)
        assert not app.incident
        if isinstance(app.screen, Chooser):
            await pilot.press("f2")
        await until(pilot, lambda: not isinstance(app.screen, Chooser))


async def test_a_screen_that_is_left_at_once_misses_nothing() -> None:
    async with playing() as (app, pilot):
        await be(app, pilot, lambda one: one.role == "agent")
        for _again in range(3):
            app.push_screen(Chooser())
            app.pop_screen()
            app.action_be()
            app.action_be()
        await settled(app, pilot)
        assert not app.incident
        assert isinstance(app.screen, Tickets)


def test_a_crash_is_written_down_where_it_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the user's own log: the demo's folder goes, and a real desk's is not the demo's to write into."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "real"))
    monkeypatch.setattr("tui.machine.terminal.on_terminal", lambda: True)

    def crash(app: DemoApp) -> int:
        app.write_down(RuntimeError("hunter2"))
        return 70

    monkeypatch.setattr("tui.demo.app.run_okienko", crash)
    assert open_demo() == 70
    log = tmp_path / "state" / "okienko" / "incidents.log"
    assert "RuntimeError" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "real").exists()


async def test_the_other_language() -> None:
    """In a world that is made as ``okienko demo`` makes it."""
    async with playing(demo=DemoApp) as (app, pilot):
        assert app.cast is not None
        assert app.cast.about["en"] in on_screen(app)
        await pilot.press("f9")
        await until(pilot, lambda: app.cast is not None and app.cast.about["pl"] in on_screen(app))


def test_a_demo_knows_of_no_other_desk_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "real"))
    monkeypatch.setenv("OKIENKO_MAIL__HOST", "mail.example.com")
    with private_desk() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert [name for name in os.environ if name.startswith("OKIENKO_")] == ["OKIENKO_DATA_DIR"]
        assert os.environ["OKIENKO_DATA_DIR"] == str(folder)
        (folder / "desk").mkdir()
    assert not folder.exists()
    assert os.environ["OKIENKO_DATA_DIR"] == str(tmp_path / "real")
    assert not (tmp_path / "real").exists()


@pytest.mark.parametrize("end", ["key", "signal"])
def test_on_a_real_terminal_it_begins_and_leaves_nothing(tmp_path: Path, end: str) -> None:
    env = {"TMPDIR": str(tmp_path), "OKIENKO_DATA_DIR": str(tmp_path / "real"), "LANG": "pl_PL.UTF-8"}
    with Terminal([sys.executable, "-m", "tui", "demo"], env=env, size=(80, 24)) as terminal:
        terminal.wait_for("pan tadeusz karmi router")
        made = list(tmp_path.glob("okienko-demo-*"))
        assert len(made) == 1
        assert made[0].stat().st_mode & 0o777 == 0o700
        terminal.send(b"\r")
        terminal.wait_for("Halina Bezpiecznik")
        if end == "key":
            terminal.send(b"\x11")
        else:
            terminal.signal(signal.SIGTERM)
        assert terminal.wait() == (0 if end == "key" else 128 + signal.SIGTERM)
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_it_points_to_the_tour(capsys: pytest.CaptureFixture[str]) -> None:
    assert open_demo() == NO_TERMINAL
    assert "okienko tour --all --headless" in capsys.readouterr().err


@BOTH
async def test_an_installer_begins_with_those_who_wait(size: tuple[int, int], language: str) -> None:
    async with playing(size, language) as (app, pilot):
        assert app.cast is not None
        owner = next(one for one in app.cast.personas if one.role == "installer")
        await point_at(app, pilot, owner.id)
        assert owner.shows[language].split()[0] in on_screen(app)
        await pilot.press("enter")
        await until(pilot, lambda: row(app, Pending))
        assert app.screen.query_one(ListView).row.soon
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PendingCardScreen) and app.screen.card is not None)


async def test_somebody_at_home_begins_with_the_question_they_were_asked() -> None:
    async with playing() as (app, pilot):
        assert app.cast is not None
        asked = next(one for one in app.cast.personas if "heat pump at home" in one.shows["en"])
        await point_at(app, pilot, asked.id)
        await pilot.press("enter")
        await until(pilot, lambda: row(app, Service))
        assert app.screen.query_one(ListView).row.kind == "question"


async def test_somebody_invited_answers_with_the_code_from_the_post_room() -> None:
    async with playing((80, 24)) as (app, pilot):
        assert app.cast is not None
        guest = next(one for one in app.cast.personas if "Invited by an installer" in one.shows["en"])
        assert guest.by_hand
        await point_at(app, pilot, guest.id)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Welcome) and app.screen.focused is not None)
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(app.screen, HaveCode) and app.screen.focused is not None)
        await pilot.press("f3")
        await until(pilot, lambda: row(app, PostRoom))
        room = app.screen
        assert isinstance(room, PostRoom)
        last = guest.name.rpartition(" ")[2].casefold()
        mine = next(item for item in room._items.values() if item.code and last in item.to)
        await point_at(app, pilot, mine.id)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, HaveCode))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Invitation) and guest.name in on_screen(app))
