"""My account and the way in, played in the real interface: what would break, at both sizes."""

from __future__ import annotations

import datetime as dt
import re
import stat
from pathlib import Path
from typing import Any

import pyotp
import pytest
import segno
import sqlalchemy as sa
from textual.widgets import Static

from core.accounts import second_factor, sessions
from core.models.accounts import Account, Device, Role, Session, Standing
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.desks import PASSWORD, logged_in, mail, mailed_code, person, seat
from tests.support.playing import LARGE, SMALL, Player, playing, sitting
from tui import session as seats
from tui.screens.accounts.my_account import MyAccount
from tui.screens.accounts.second_factor import RecoveryCodes
from tui.screens.accounts.sign_up import SignUpScreen
from tui.screens.accounts.welcome import Welcome
from tui.screens.tickets.listing import Tickets
from tui.widgets.notice import Notice
from tui.widgets.prompt import Prompt
from tui.widgets.qr import QR

NEW = "cztery żółte kaczki"
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remembered login of a test is the test's own."""
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))


@pytest.fixture
def ola(desk: Desk) -> Desk:
    """A customer who has just logged in; the desk has its administrator."""
    person(desk, "root", Role.ADMIN)
    return logged_in(desk, "ola", company="Tarnina", standing=Standing.OWNER)


def account(desk: Desk, login: str) -> Any:
    found = desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.login == login))
    assert found is not None
    return found


def ended(desk: Desk, session: Desk) -> bool:
    sessions_ = table(Session)
    asked = sa.select(sessions_.c.ended_at).where(sessions_.c.id == session._seat)
    return desk.as_system().see(lambda look: look.value(asked)) is not None


# Details


@SIZES
async def test_a_new_language_is_on_the_screen_at_once(desk: Desk, ola: Desk, size: tuple[int, int]) -> None:
    async with sitting(desk, ola, size=size) as player:
        await player.press("g", "u", "e")
        await player.fill(first_name="Aleksandra", language="pl")
        await player.press("ctrl+s")
        player.sees("Moje konto", "Zapisano.", "Aleksandra Testowa", "polski")
        await player.press("g", "t")
        player.sees("Zgłoszenia")
    assert account(desk, "ola").language == "pl"


async def test_why_a_key_does_nothing_is_said_where_no_notice_is(desk: Desk, ola: Desk) -> None:
    async with sitting(desk, ola) as player:
        await player.press("g", "u", "O")
        assert not player.app.screen.query(Notice)
        player.sees("Codes come by mail already")


async def test_what_is_wrong_with_the_details_stands_beside_them(desk: Desk, ola: Desk) -> None:
    async with sitting(desk, ola) as player:
        await player.press("g", "u", "e")
        await player.fill(first_name="", phone="12", zone="Europe/Nowhere")
        await player.press("ctrl+s")
        for name in ("first_name", "phone", "zone"):
            assert player.error(name), name
        assert "Europe/Warsaw" in player.error("zone")
        await player.press("escape")
        player.sees("Leave without saving?")
        await player.press("escape")
        assert player.form.values["zone"] == "Europe/Nowhere"
    assert account(desk, "ola").first_name == "Ola"


# Password


async def test_a_wrong_password_is_said_beside_it_and_nothing_changes(desk: Desk, ola: Desk) -> None:
    async with sitting(desk, ola) as player:
        await player.press("g", "u", "H")
        await player.fill(now="not this one", password=NEW, again=NEW)
        await player.press("ctrl+s")
        assert player.error("now") == "That is not your password."
        assert not player.error("password")
        await player.fill(now=PASSWORD, again="something else")
        await player.press("ctrl+s")
        assert "differ" in player.error("again")
        await player.fill(password="ola", again="ola")
        await player.press("ctrl+s")
        assert player.error("password")
        assert isinstance(player.app.screen, Prompt)


async def test_a_new_password_ends_the_other_sessions_and_not_this_one(desk: Desk, ola: Desk) -> None:
    elsewhere = seat(desk, account(desk, "ola").id)
    async with sitting(desk, ola) as player:
        await player.press("g", "u", "H")
        await player.fill(now=PASSWORD, password=NEW, again=NEW)
        await player.press("ctrl+s")
        player.sees("The password has been changed.")
        await player.press("g", "t")
        assert isinstance(player.app.screen, Tickets)
    assert ended(desk, elsewhere)
    assert not ended(desk, ola)
    assert mail(desk, "password_changed")


async def test_guessing_the_password_of_an_open_session_is_throttled(desk: Desk, ola: Desk) -> None:
    async with sitting(desk, ola) as player:
        await player.press("g", "u", "H")
        for _try in range(12):
            await player.fill(now="not this one", password=NEW, again=NEW)
            await player.press("ctrl+s")
            if "Too many" in player.error("now"):
                break
        assert "Too many wrong tries" in player.error("now")
        assert player.form.values["password"] == NEW


# E-mail


@SIZES
async def test_another_address_counts_once_its_code_has_come_back(desk: Desk, ola: Desk, size: tuple[int, int]) -> None:
    async with sitting(desk, ola, size=size) as player:
        await player.press("g", "u", "at")
        await player.fill(now=PASSWORD, email="ola@example.com")
        await player.press("ctrl+s")
        assert player.error("email") == "This is your address already."
        await player.fill(email="nobody")
        await player.press("ctrl+s")
        assert player.error("email")
        await player.fill(email="aleksandra@example.net")
        await player.press("ctrl+s")
        player.sees("A code was mailed to the new address.")
        await player.fill(code="AAAA-AAAA-AAAA-AAAA")
        await player.press("ctrl+s")
        assert player.error("code")
        assert account(desk, "ola").email == "ola@example.com"
        await player.fill(code=mailed_code(desk, "confirm_new_address"))
        await player.press("ctrl+s")
        player.sees("The address has been changed.", "aleksandra@example.net")
    assert mail(desk, "confirm_new_address")[-1].address == "aleksandra@example.net"
    assert mail(desk, "address_changed")[-1].address == "ola@example.com"


# The authenticator


def drawn_cells(player: Player) -> list[list[bool]]:
    """The QR code as it is on the screen: True for a dark module, without the quiet zone."""
    code = player.app.screen.query_one(QR)
    strips = player.app.screen._compositor.render_strips()
    area = code.content_region
    modules: list[list[bool]] = []
    for y in range(area.y, area.bottom):
        upper: list[bool] = []
        lower: list[bool] = []
        for segment in strips[y].crop(area.x, area.right):
            style = segment.style
            assert style is not None and style.color is not None and style.bgcolor is not None
            front, back = (sum(colour.get_truecolor()) < 380 for colour in (style.color, style.bgcolor))
            for sign in segment.text:
                top, bottom = {" ": (back, back), "█": (front, front), "▀": (front, back), "▄": (back, front)}[sign]
                upper.append(top)
                lower.append(bottom)
        modules += [upper, lower]
    dark = [(y, x) for y, row in enumerate(modules) for x, module in enumerate(row) if module]
    ys, xs = [y for y, _x in dark], [x for _y, x in dark]
    return [row[min(xs) : max(xs) + 1] for row in modules[min(ys) : max(ys) + 1]]


@SIZES
async def test_an_authenticator_is_added_shown_once_and_taken_off(desk: Desk, ola: Desk, size: tuple[int, int]) -> None:
    async with sitting(desk, ola, size=size) as player:
        await player.press("g", "u", "A")
        await player.fill(now=PASSWORD)
        await player.press("ctrl+s", "f5")
        steps = str(player.app.screen.query_one("#enrol-steps", Static).content)
        found = re.search(r"((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})", steps)
        assert found
        secret = found[1].replace(" ", "")
        expected = segno.make(second_factor._uri(secret, "ola", desk.settings.desk.name), error="l", micro=False)
        assert drawn_cells(player) == [[bool(module) for module in row] for row in expected.matrix]

        await player.fill(code="000000")
        await player.press("ctrl+s")
        assert "not the code the app shows" in player.error("code")
        await player.fill(code=pyotp.TOTP(secret).at(int(desk.now.timestamp())))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, RecoveryCodes)
        codes = player.app.screen._codes
        assert len(codes) == 10
        player.sees(*codes)
        await player.press("escape")
        player.sees("Have you written the codes down?")
        await player.press("escape")
        player.sees(*codes)
        await player.press("escape", "y")
        player.sees("authenticator app")
        assert account(desk, "ola").totp_secret
        assert not any(code in player.screen for code in codes)

        await player.press("O")
        await player.fill(code=pyotp.TOTP(secret).at(int(desk.now.timestamp())))
        await player.press("ctrl+s")
        assert player.error("code"), "the same step twice"
        desk.clock.move(dt.timedelta(seconds=60))  # type: ignore[attr-defined]
        await player.fill(code=codes[0])
        await player.press("ctrl+s")
        player.sees("a code by mail")
    assert account(desk, "ola").totp_secret is None


# Being remembered


async def log_in(player: Player, desk: Desk, login: str, *, remember: bool = False, password: str = PASSWORD) -> None:
    await player.fill(login=login, password=password, remember="yes" if remember else "")
    await player.press("enter")
    await player.fill(code=mailed_code(desk, "login_code"))
    await player.press("ctrl+s")


async def test_remember_me_from_the_first_log_in_to_logging_out(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    person(desk, "ola", company="Tarnina")
    file = seats._token_file()
    async with playing(desk) as player:
        await log_in(player, desk, "ola", remember=True)
        assert isinstance(player.app.screen, Tickets)
        first = file.read_text()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    stored = desk.as_system().see(lambda look: look.rows(sa.select(table(Device).c.token_mac)))
    assert first not in [row.token_mac for row in stored]

    async with playing(desk) as player:
        assert isinstance(player.app.screen, Tickets)
        assert player.app.seat is not None
        assert player.app.seat.login == "ola"
        second = file.read_text()
        assert second != first
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        await player.press("ctrl+l", "y")
        assert isinstance(player.app.screen, Welcome)
        assert not file.exists()

    seats.remember(second)
    async with playing(desk) as player:
        assert isinstance(player.app.screen, Welcome)
        assert player.app.seat is None
        assert not file.exists()


async def test_not_remembering_leaves_no_file(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    person(desk, "ola", company="Tarnina")
    async with playing(desk) as player:
        await log_in(player, desk, "ola")
        assert isinstance(player.app.screen, Tickets)
    assert not seats._token_file().exists()


async def test_forgetting_a_computer_makes_its_token_worthless(desk: Desk, ola: Desk) -> None:
    def remember(work: Any) -> str:
        return sessions.begin(work, account(desk, "ola"), remember=True, label="laptop").token or ""

    token = desk.as_system().do(remember)
    async with sitting(desk, ola) as player:
        await player.press("g", "u")
        player.sees("laptop")
        await player.press("F", "enter")
        assert "laptop" not in player.screen
    seats.remember(token)
    async with playing(desk) as player:
        assert isinstance(player.app.screen, Welcome)


@pytest.mark.parametrize("language", ["en", "pl"])
async def test_a_session_ended_from_outside_goes_back_to_the_way_in_with_a_sentence(
    desk: Desk, ola: Desk, language: str
) -> None:
    desk.as_system().do(lambda work: work.change(Account, language=language))
    async with sitting(desk, ola, language=language) as player:
        await player.press("g", "u")
        assert isinstance(player.app.screen, MyAccount)
        desk.as_system().do(sessions.end_all, account(desk, "ola").id)
        await player.press("g", "c")
        assert isinstance(player.app.screen, Welcome)
        player.sees("Your session has ended." if language == "en" else "Twoja sesja")
        assert player.app.seat is None
        assert player.app._clipboard == ""


async def test_a_session_that_ends_under_a_dialog_goes_back_to_the_way_in(desk: Desk, ola: Desk) -> None:
    async with sitting(desk, ola) as player:
        await player.press("g", "u", "e")
        desk.as_system().do(sessions.end_all, account(desk, "ola").id)
        await player.fill(first_name="Aleksandra")
        await player.press("ctrl+s")
        player.sees("Your session has ended.")
        assert not player.app.incident


# Signing up: a sentence beside every field, in both languages

BAD = {
    "login": "x",
    "email": "nobody",
    "first_name": "",
    "last_name": "",
    "phone": "12",
    "password": "kot",
    "again": "pies",
    "contract": "",
    "code": "",
    "company": "",
    "terms": "",
}


GOOD = {
    "login": "jagoda",
    "email": "jagoda@example.com",
    "first_name": "Jagoda",
    "last_name": "Rzepka",
    "phone": "+48 600 700 800",
    "contract": "OK-1",
    "code": "ABCD-EFGH",
    "company": "Tarnina",
    "terms": "yes",
}


@pytest.mark.parametrize("language", ["en", "pl"])
async def test_every_field_of_the_sign_up_says_what_is_wrong_with_it(desk: Desk, language: str) -> None:
    person(desk, "root", Role.ADMIN)
    async with playing(desk, language=language) as player:
        await player.press("f7", "enter")
        await player.fill(**BAD)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, SignUpScreen)
        said = {name: player.error(name) for name in BAD if name != "password"}
        await player.fill(again="kot")  # what makes a password weak is looked at once both are the same
        await player.fill(**{name: value for name, value in GOOD.items() if name not in ("password", "again")})
        await player.press("ctrl+s")
        said["password"] = player.error("password")
        assert all(said.values()), said
        assert player.form.values["login"] == GOOD["login"]
        if language == "pl":
            assert not any("Please" in text or "should" in text for text in said.values()), said
    people = desk.as_system().see(lambda look: look.value(sa.select(sa.func.count()).select_from(table(Account))))
    assert people == 1


async def test_what_was_typed_into_the_sign_up_is_there_again_but_for_the_passwords(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    async with playing(desk) as player:
        await player.press("f7", "enter")
        await player.fill(login="jagoda", email="jagoda@example.com", password=NEW, again=NEW)
        await player.press("escape", "enter")
        values = player.form.values
        assert (values["login"], values["email"]) == ("jagoda", "jagoda@example.com")
        assert (values["password"], values["again"]) == ("", "")
