"""Past a pause that strangers brought about: the form offers a code, and what was typed goes along."""

from __future__ import annotations

from pathlib import Path

import pyotp
import pytest

from core.accounts import login, second_factor, sessions
from core.models.accounts import Account, Role
from core.service import throttle
from core.service.client_address import Peer
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from tests.factories.desks import PASSWORD, mail, mailed_code, person
from tests.support.playing import Player, playing
from tui import session as seats
from tui.screens.accounts.login_unlock import WayIn
from tui.screens.accounts.welcome import Welcome
from tui.screens.tickets.listing import Tickets


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remembered login of a test is the test's own."""
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))


@pytest.fixture
def ola(desk: Desk) -> int:
    """A customer whose name strangers have paused; the desk has its administrator."""
    person(desk, "root", Role.ADMIN)
    account_id = person(desk, "ola", company="Tarnina")
    for _try in range(throttle.FREE_FAILURES):
        assert desk.do(login.password, "ola", "wrong") is None
    return account_id


async def try_to_log_in(player: Player, password: str = PASSWORD) -> None:
    await player.fill(login="ola", password=password, remember="yes")
    await player.press("enter")


async def test_the_owner_is_offered_a_code_and_gets_in_at_once(desk: Desk, ola: int) -> None:
    async with playing(desk) as player:
        await try_to_log_in(player)
        player.sees("Logging in is paused", "in at once", "You can try again after")
        await player.press("escape")
        assert isinstance(player.app.screen, Welcome)
        assert player.app.screen.box.values["password"] == PASSWORD, "nothing typed is lost"
        await player.press("enter")
        await player.press("y")
        player.sees("Have a code mailed", "ola")
        await player.press("ctrl+s")
        player.sees("If that is known here")
        assert isinstance(player.app.screen, WayIn)
        await player.fill(code="K7QF-M2XD-9PLT-3HWC")
        await player.press("ctrl+s")
        assert "not good" in player.error("code")
        code = mailed_code(desk, "way_in")
        await player.fill(code=code, password="mistyped")
        await player.press("ctrl+s")
        assert player.error("password") == "That is not your password. The code stays good."
        assert player.form.values["code"] == code
        await player.fill(password=PASSWORD)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Tickets)
        assert seats._token_file().exists(), "and is remembered, as was ticked at first"
    assert ola


async def test_the_code_of_the_letter_opens_its_page_by_itself(desk: Desk, ola: int) -> None:
    async with playing(desk) as player:
        await player.press("f12")
        await player.fill(login="ola@example.com")
        await player.press("ctrl+s")
        await player.press("escape")
        await player.press("f6")
        await player.fill(code=mailed_code(desk, "way_in"))
        await player.press("ctrl+s")
        player.sees("The code was good. Your password is the other half.")
        await player.fill(password=PASSWORD)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Tickets)


async def test_a_name_nobody_has_is_answered_alike(desk: Desk, ola: int) -> None:
    async with playing(desk) as player:
        await player.press("f12")
        await player.fill(login="nobody")
        await player.press("ctrl+s")
        player.sees("If that is known here")
    assert not mail(desk, "way_in")


async def test_a_paused_second_step_says_that_there_is_a_way(desk: Desk, ola: int) -> None:
    def enrol(work: UnitOfWork) -> None:
        account = work.unscoped(Account, table(Account).c.id == ola)
        assert account is not None
        draft = second_factor.begin(work, account)
        account = work.unscoped(Account, table(Account).c.id == ola)
        assert account is not None
        now = int(work.now.timestamp())
        second_factor.finish(work, account, pyotp.TOTP(draft.secret.replace(" ", "")).at(for_time=now))

    desk.as_system().do(enrol)
    desk.clock.move(sessions.dt.timedelta(hours=1))
    async with playing(desk) as player:
        await try_to_log_in(player)
        for _try in range(6):
            await player.fill(code="000000")
            await player.press("ctrl+s")
            if not isinstance(player.app.screen, Welcome) and "log in again" in player.error("code"):
                await player.press("escape")
                await try_to_log_in(player)
        assert "Too many wrong tries" in player.error("code")
        player.sees("You need not wait", "code mailed")


async def test_over_ssh_no_remembered_file_is_read_or_written(desk: Desk, ola: int) -> None:
    desk.clock.move(sessions.dt.timedelta(hours=1))
    seats.remember("a token of somebody else's")
    desk.peer = Peer(None, "local", shared=True)
    async with playing(desk) as player:
        assert isinstance(player.app.screen, Welcome)
        assert seats._token_file().read_text() == "a token of somebody else's"
        assert "Remember me" not in player.screen
        await try_to_log_in(player)
        await player.fill(code=mailed_code(desk, "login_code"))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Tickets)
        assert seats._token_file().read_text() == "a token of somebody else's"
