"""The desk's own people: a new desk, its administrator, an agent, and what they do to accounts."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pyotp
import pytest
from textual.widgets import Static

from core.mail import stops
from core.mail.smtp import NOT_FROM_US
from core.models.accounts import Account, AccountState, Role, Standing
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.core.mail import promised
from tests.factories.cares import installer, service_company
from tests.factories.desks import PASSWORD, journal_of, logged_in, mail, mailed_code, person, seat
from tests.support.playing import LARGE, SMALL, Player, playing, sitting
from tui.screens.accounts.person import PersonScreen
from tui.screens.accounts.second_factor import EnrolAtLogIn, RecoveryCodes
from tui.screens.accounts.set_up import SetUp
from tui.screens.accounts.welcome import Welcome
from tui.screens.tickets.listing import Tickets
from tui.widgets.confirm import Confirm

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)
ADMIN = {
    "login": "szefowa",
    "email": "szefowa@example.com",
    "first_name": "Iga",
    "last_name": "Wrona",
    "language": "en",
    "password": PASSWORD,
    "again": PASSWORD,
}
AGENT = {
    "login": "adam",
    "email": "adam@example.com",
    "first_name": "Adam",
    "last_name": "Sowa",
    "language": "en",
    "role": "agent",
}


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))


def account(desk: Desk, login: str) -> Any:
    found = desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.login == login))
    assert found is not None
    return found


async def enrol(player: Player, desk: Desk) -> str:
    """The mailed code, then the authenticator that the screen asks for; its secret."""
    await player.fill(code=mailed_code(desk, "login_code"))
    await player.press("ctrl+s")
    assert isinstance(player.app.screen, EnrolAtLogIn)
    await player.press("f5")
    steps = str(player.app.screen.query_one("#enrol-steps", Static).content)
    found = re.search(r"((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})", steps)
    assert found
    secret = found[1].replace(" ", "")
    await player.fill(code=shown_by(secret, desk))
    await player.press("ctrl+s")
    assert isinstance(player.app.screen, RecoveryCodes)
    await player.press("escape", "escape")
    assert isinstance(player.app.screen, RecoveryCodes), "Escape by habit loses nothing"
    await player.press("escape", "y")
    return secret


def shown_by(secret: str, desk: Desk) -> str:
    return str(pyotp.TOTP(secret).at(int(desk.now.timestamp())))


@pytest.mark.thorough
@SIZES
async def test_from_an_empty_desk_to_an_agent_at_work(desk: Desk, size: tuple[int, int]) -> None:
    async with playing(desk, size=size) as player:
        assert isinstance(player.app.screen, SetUp)
        await player.fill(**{**ADMIN, "again": "something else"})
        await player.press("escape", "escape")
        assert isinstance(player.app.screen, SetUp), "a question, and nothing lost"
        await player.press("ctrl+s")
        assert "differ" in player.error("again")
        await player.fill(again=PASSWORD)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Welcome)

        await player.fill(login="szefowa", password=PASSWORD, remember="yes")
        await player.press("enter")
        await enrol(player, desk)
        assert isinstance(player.app.screen, Tickets)
        assert not (tmp_file()).exists(), "staff are not remembered"

        await player.press("g", "p", "n")
        await player.fill(**{**AGENT, "login": "szefowa"})
        await player.press("ctrl+s")
        assert "given to somebody before" in player.error("login")
        await player.fill(login="adam", email="szefowa@example.com")
        await player.press("ctrl+s")
        assert "belongs to an account already" in player.error("email")
        await player.fill(email="adam@example.com")
        await player.press("ctrl+s")
        player.sees("The account is made.", "Adam Sowa")
        await player.press("ctrl+l", "y")
        assert isinstance(player.app.screen, Welcome)

        await player.press("f6")
        await player.fill(code=mailed_code(desk, "staff_welcome"))
        await player.press("ctrl+s")
        await player.fill(password="kot", again="kot")
        await player.press("ctrl+s")
        assert player.error("password")
        await player.fill(password="trzy stare zegary", again="trzy stare zegary")
        await player.press("ctrl+s")
        player.sees("The password has been changed", "Log in as ada")  # the rest of it lies under what was notified
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Welcome)

        await player.fill(login="adam", password="trzy stare zegary", remember="")
        await player.press("enter")
        secret = await enrol(player, desk)
        assert isinstance(player.app.screen, Tickets)
        await player.press("ctrl+l", "y")

        desk.clock.move(dt.timedelta(minutes=1))
        await player.fill(login="adam@example.com", password="trzy stare zegary")
        await player.press("enter")
        await player.fill(code="000000")
        await player.press("ctrl+s")
        assert player.error("code")
        await player.fill(code=shown_by(secret, desk))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Tickets)
        assert player.app.seat is not None
        assert player.app.seat.role == "agent"


def tmp_file() -> Path:
    from tui import session as seats

    return seats._token_file()


async def test_the_set_up_is_offered_once_only(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    async with playing(desk) as player:
        assert isinstance(player.app.screen, Welcome)


async def test_unlocking_lets_somebody_try_again(desk: Desk) -> None:
    root = logged_in(desk, "root", Role.ADMIN)
    person(desk, "ola", company="Tarnina")
    async with playing(desk) as player:
        for password in (*["wrong again"] * 14, PASSWORD):
            await player.fill(login="ola", password=password)
            await player.press("enter")
            if isinstance(player.app.screen, Confirm):
                await player.press("escape")  # a code by mail would be the way in
        assert isinstance(player.app.screen, Welcome), "still locked, even with the right password"
    async with sitting(desk, root) as player:
        await player.press("g", "p", "slash")
        await player.type("ola")
        await player.press("enter", "u", "y")
        player.sees("ola can log in again.")
    async with playing(desk) as player:
        await player.fill(login="ola", password=PASSWORD)
        await player.press("enter")
        player.sees("A code has been mailed to you")
    assert "account.unlock" in journal_of(desk)


async def test_an_agent_lifts_the_limit_of_a_new_company(desk: Desk) -> None:
    company = service_company(desk)
    installer(desk, "iga", company, Standing.OWNER)
    agent = logged_in(desk, "adam", Role.AGENT)
    person(desk, "ola")
    async with sitting(desk, agent) as player:
        await player.press("g", "p", "slash")
        await player.type("iga")
        await player.press("enter", "U")
        player.sees("Lift the limit of iga's company?")
        await player.press("y")
        player.sees("The company may invite as many as it likes.")
        await player.press("U", "y")
        player.sees("already.")
    assert journal_of(desk).count("company.invitations_unlimited") == 1


async def test_switching_off_ends_sessions_and_switching_on_lets_in_again(desk: Desk) -> None:
    root = logged_in(desk, "root", Role.ADMIN)
    ola = logged_in(desk, "ola", company="Tarnina")
    async with sitting(desk, root) as player:
        await player.press("g", "p", "O", "escape")
        assert account(desk, "ola").state == AccountState.ACTIVE
        await player.press("O", "enter")
        assert account(desk, "ola").state == AccountState.ACTIVE, "Enter says no"
        await player.press("O", "y")
        assert account(desk, "ola").state == AccountState.OFF
        async with sitting_ended(desk, ola) as said:
            assert said
        await player.press("O", "y")
        assert account(desk, "ola").state == AccountState.ACTIVE
        await player.press("down", "O", "y")
        player.sees("can't switch off your own account")
        assert account(desk, "root").state == AccountState.ACTIVE


class sitting_ended:
    """Whether a seat is worth nothing any more."""

    def __init__(self, desk: Desk, seat_: Desk) -> None:
        self._seat = seat_

    async def __aenter__(self) -> bool:
        from core.service.desk import SessionEnded

        try:
            self._seat.actor()
        except SessionEnded:
            return True
        return False

    async def __aexit__(self, *_error: object) -> None:
        return None


async def test_an_agent_makes_no_agents(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    adam = logged_in(desk, "adam", Role.AGENT)
    async with sitting(desk, adam) as player:
        await player.press("g", "p")
        assert "New agent" not in player.screen
        await player.press("n")
        assert not player.app.screen.query("Form")
        await player.press("O", "y")
        assert account(desk, "adam").state == AccountState.ACTIVE
        await player.press("g", "b")
        assert "Outbox" not in player.screen


# Colleagues


@pytest.fixture
def owner(desk: Desk) -> Desk:
    """The owner of a company at whose door somebody waits."""
    person(desk, "root", Role.ADMIN)
    person(desk, "borys", company="Tarnina", standing=Standing.PENDING)
    return logged_in(desk, "ola", company="Tarnina", standing=Standing.OWNER)


@SIZES
@pytest.mark.parametrize(("key", "standing", "told"), [("y", Standing.MEMBER, True), ("D", Standing.NONE, False)])
async def test_an_owner_decides_about_a_colleague(
    desk: Desk, owner: Desk, key: str, standing: Standing, told: bool, size: tuple[int, int]
) -> None:
    async with sitting(desk, owner, size=size) as player:
        await player.press("g", "w")
        player.sees("Borys Testowa")
        await player.press(key, "escape")
        assert account(desk, "borys").standing == Standing.PENDING
        await player.press(key, "y")
        player.sees("Borys Testowa has been told.", "Nobody waits")
    assert account(desk, "borys").standing == standing
    letter = mail(desk, "colleague_decided")[-1]
    assert letter.address == "borys@example.com"
    assert letter.details["let_in"] is told


async def test_two_owners_decide_at_once_and_the_later_one_is_told(desk: Desk, owner: Desk) -> None:
    from core.companies import membership

    async with sitting(desk, owner) as player:
        await player.press("g", "w", "y")
        other = seat(desk, person(desk, "piotr", company="Tarnina", standing=Standing.OWNER))
        other.do(membership.decide, account(desk, "borys").id, let_in=False)
        await player.press("y")
        assert "has been told" not in player.screen
        player.sees("Nobody waits")
    assert account(desk, "borys").standing == Standing.NONE


@pytest.mark.parametrize("language", ["en", "pl"])
@SIZES
async def test_an_administrator_sees_that_no_mail_leaves_and_asks_again(
    desk: Desk, size: tuple[int, int], language: str
) -> None:
    boss = logged_in(desk, "root", Role.ADMIN, language=language)
    person(desk, "ela")
    desk.as_system().do(stops.begin, f"{NOT_FROM_US}: 530 5.7.0 Authentication required")
    desk.as_system().do(promised.write, "password_changed", "ela@example.com")
    async with sitting(desk, boss, size=size, language=language) as player:
        await player.press("g", "b")
        shown = player.screen.replace("▌", "")
        wanted = {"en": "takes no mail from this desk", "pl": "nie przyjmuje od nas listów"}
        for text in (wanted[language], "530 5.7.0 Authentication required", "10:01"):
            assert text in " ".join(shown.split())
        await player.press("R", "y")
        stop = desk.as_system().see(stops.current)
        assert stop is not None
        assert stop.opens_at == desk.now
        desk.as_system().do(stops.end)
        await player.press("g", "o", "g", "b")
        assert "530" not in player.screen


@pytest.mark.parametrize("language", ["en", "pl"])
@SIZES
async def test_a_person_has_a_card_with_the_keys_of_the_list(desk: Desk, size: tuple[int, int], language: str) -> None:
    boss = logged_in(desk, "root", Role.ADMIN, language=language)
    person(desk, "borys", company="Tarnina", standing=Standing.OWNER)
    async with sitting(desk, boss, size=size, language=language) as player:
        await player.press("g", "p", "enter")
        assert isinstance(player.app.screen, PersonScreen)
        player.sees("borys@example.com", "Tarnina", {"en": "Last log-in", "pl": "Ostatnie logowanie"}[language])
        await player.press("O", "y")
        assert account(desk, "borys").state == AccountState.OFF
        player.sees({"en": "off", "pl": "wyłączon"}[language])
        await player.press("escape")
        player.sees("borys")


async def test_the_keys_of_people_are_those_of_whom_the_cursor_is_on(desk: Desk) -> None:
    root = logged_in(desk, "root", Role.ADMIN)
    person(desk, "zofia")
    async with sitting(desk, root) as player:
        await player.press("g", "p")

        def footer() -> str:
            return player.screen.splitlines()[-1]

        people: Any = player.app.screen
        on = {people.row_here.login: footer()}
        await player.press("down")
        on[people.row_here.login] = footer()
        assert on.keys() == {"root", "zofia"}
        assert "u Unlock" in on["root"] and "u Unlock" in on["zofia"]
        assert "O Off / on" in on["zofia"]
        assert "O Off / on" not in on["root"]
        await player.press("U")
        assert not isinstance(player.app.screen, Confirm), "only a service company has a limit"
