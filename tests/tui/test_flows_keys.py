"""Coming with an SSH key, played in the real interface: the question, each role's next step, and one's own keys."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyotp
import pytest

from core import forms
from core.accounts import own_password, profile, second_factor, ssh_keys
from core.models.accounts import Account, Role, Standing
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.cares import join, service_company
from tests.factories.desks import PASSWORD, logged_in, mail, mailed_code, person, seat
from tests.factories.keys import add, came, confirmed, ed25519_key
from tests.support.playing import LARGE, SMALL, Player, playing, sitting
from tui.screens.accounts.key_question import QUESTIONS, KeyQuestion
from tui.screens.accounts.my_account import MyAccount
from tui.screens.accounts.second_factor import AuthenticatorCode, EnrolAtLogIn, MailedCode
from tui.screens.accounts.welcome import Welcome
from tui.screens.care.approvals import Pending
from tui.screens.tickets.listing import Tickets

LAPTOP, PHONE = ed25519_key("laptop", "ola@laptop"), ed25519_key("phone", "")
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    person(desk, "root", Role.ADMIN)


@pytest.fixture
def ola(desk: Desk) -> Desk:
    return logged_in(desk, "ola", company="Tarnina")


def here(player: Player) -> str:
    """Who sits there."""
    return player.app.seat.login if player.app.seat else ""


def authenticator(desk: Desk, mine: Desk) -> pyotp.TOTP:
    draft = mine.do(profile.begin_authenticator, forms.fill(own_password.OwnPassword, {"now": PASSWORD}))
    totp = pyotp.TOTP(draft.secret.replace(" ", ""))
    mine.do(second_factor.finish_own, totp.at(int(desk.now.timestamp())))
    desk.clock.move(dt.timedelta(minutes=2))  # type: ignore[attr-defined]
    return totp


@SIZES
async def test_yes_logs_in_and_the_next_connection_is_not_asked(desk: Desk, ola: Desk, size: tuple[int, int]) -> None:
    add(ola, LAPTOP, "work")
    desk.peer = came(proven=LAPTOP)
    async with playing(desk, size=size) as player:
        player.sees("Is this your account?", "ola", "Ola Testowa", "work", LAPTOP.fingerprint, "all that you type")
        await player.press("right", "right", "enter")
        assert isinstance(player.app.screen, Tickets)
        assert here(player) == "ola"
    assert mail(desk, "key_confirmed")
    async with playing(desk, size=size) as player:
        assert isinstance(player.app.screen, Tickets)
        assert here(player) == "ola"


async def test_keys_pressed_before_the_question_is_read_answer_nothing(desk: Desk, ola: Desk) -> None:
    add(ola, LAPTOP)
    desk.peer = came(proven=LAPTOP)
    async with playing(desk) as player:
        await player.press("y", "e", "s", "t")
        assert isinstance(player.app.screen, KeyQuestion)
        await player.press("enter")
        assert isinstance(player.app.screen, Welcome)
        assert here(player) == ""
    assert ola.see(ssh_keys.own)[0].waits


async def test_no_comes_in_as_a_guest_and_the_next_account_is_asked_about(desk: Desk, ola: Desk) -> None:
    add(logged_in(desk, "mallory"), LAPTOP)
    add(ola, LAPTOP)
    desk.peer = came(proven=LAPTOP)
    async with playing(desk) as player:
        player.sees("mallory")
        await player.press("right", "enter")
        player.sees("Is this your account?", "Ola Testowa")
        await player.press("right", "enter")
        assert isinstance(player.app.screen, Welcome)
        player.sees("taken off that account", "as a guest")
        assert here(player) == ""
    assert len(mail(desk, "key_refused")) == 2


async def test_nobody_is_asked_about_account_after_account(desk: Desk) -> None:
    for number in range(QUESTIONS + 1):
        add(logged_in(desk, f"mallory{number}"), LAPTOP)
    desk.peer = came(proven=LAPTOP)
    async with playing(desk) as player:
        for _question in range(QUESTIONS):
            assert isinstance(player.app.screen, KeyQuestion)
            await player.press("right", "enter")
        assert isinstance(player.app.screen, Welcome)


async def test_a_key_that_goes_while_its_holder_is_asked_is_said_at_the_way_in(desk: Desk, ola: Desk) -> None:
    add(ola, LAPTOP)
    desk.peer = came(proven=LAPTOP)
    async with playing(desk) as player:
        ola.do(ssh_keys.remove, ola.see(ssh_keys.own)[0].id)
        await player.press("right", "right", "enter")
        assert isinstance(player.app.screen, Welcome)
        player.sees("removed meanwhile")


async def test_what_was_typed_into_names_is_drawn_as_it_stands(desk: Desk, ola: Desk) -> None:
    desk.as_system().do(
        lambda work: work.change(
            Account,
            table(Account).c.login == "ola",
            first_name="[bold]Your",
            last_name="Bank[/]",
            name_words="",
            name_order="",
        )
    )
    add(ola, LAPTOP, "[@click=app.quit]x[/]")
    desk.peer = came(proven=LAPTOP)
    async with playing(desk) as player:
        player.sees("[bold]Your Bank[/]", "[@click=app.quit]x[/]")


async def test_who_logs_out_stays_out_though_the_connection_still_has_the_key(desk: Desk, ola: Desk) -> None:
    confirmed(ola, LAPTOP)
    desk.peer = came(proven=LAPTOP)
    async with playing(desk) as player:
        assert here(player) == "ola"
        await player.press("ctrl+l", "y")
        assert isinstance(player.app.screen, Welcome)
        await player.press("f5", "escape")
        assert isinstance(player.app.screen, Welcome)
        assert here(player) == ""


async def test_a_removed_key_puts_out_who_came_by_it(desk: Desk, ola: Desk) -> None:
    confirmed(ola, LAPTOP)
    desk.peer = came(proven=LAPTOP)
    async with playing(desk) as player:
        assert here(player) == "ola"
        ola.do(ssh_keys.remove, ola.see(ssh_keys.own)[0].id)
        await player.press("g", "u")
        assert isinstance(player.app.screen, Welcome)
        player.sees("Your session has ended.")


async def test_an_installer_lands_on_the_pending_list(desk: Desk) -> None:
    iwan = person(desk, "iwan", Role.INSTALLER)
    join(desk, iwan, service_company(desk), Standing.MEMBER)
    confirmed(seat(desk, iwan), LAPTOP)
    desk.peer = came(proven=LAPTOP)
    async with playing(desk) as player:
        assert isinstance(player.app.screen, Pending)


async def test_staff_type_the_code_of_their_authenticator_after_the_key(desk: Desk) -> None:
    adam = logged_in(desk, "adam", Role.AGENT)
    totp = authenticator(desk, adam)
    add(adam, LAPTOP)
    desk.peer = came(proven=LAPTOP)
    async with playing(desk) as player:
        await player.press("right", "right", "enter")
        assert isinstance(player.app.screen, AuthenticatorCode)
        player.sees("Your SSH key opens the account adam.")
        await player.press("escape")
        assert isinstance(player.app.screen, Welcome)
    async with playing(desk) as player:
        assert isinstance(player.app.screen, AuthenticatorCode)
        await player.fill(code="000000")
        await player.press("ctrl+s")
        assert "Tries left: 4" in player.error("code")
        await player.fill(code=totp.at(int(desk.now.timestamp())))
        await player.press("ctrl+s")
        assert here(player) == "adam"
        assert isinstance(player.app.screen, Tickets)


async def test_who_needs_an_authenticator_and_has_none_adds_it(desk: Desk) -> None:
    confirmed(logged_in(desk, "adam", Role.AGENT), LAPTOP)
    desk.peer = came(proven=LAPTOP)
    async with playing(desk) as player:
        assert isinstance(player.app.screen, MailedCode)
        await player.fill(code=mailed_code(desk, "login_code"))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, EnrolAtLogIn)


# My account


@SIZES
async def test_a_key_is_pasted_named_and_removed_again(desk: Desk, ola: Desk, size: tuple[int, int]) -> None:
    async with sitting(desk, ola, size=size) as player:
        await player.press("g", "u", "n")
        await player.fill(line="-----BEGIN OPENSSH PRIVATE KEY-----", now=PASSWORD)
        await player.press("ctrl+s")
        assert "PRIVATE" in player.error("line")
        await player.fill(line=LAPTOP.line, now="not this one")
        await player.press("ctrl+s")
        assert player.error("now") == "That is not your password."
        await player.fill(now=PASSWORD)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, MyAccount)
        await player.press("end")
        player.sees("ola@laptop", "waits for its first use")
        await player.press("W", "enter")
        player.sees("Remove the SSH key?")
        await player.press("y", "end")
        player.sees("An SSH key lets you in")
    assert [row.letter for row in mail(desk)] == ["key_added", "key_removed"]


async def test_the_key_somebody_came_with_is_offered_after_the_password(desk: Desk, ola: Desk) -> None:
    desk.peer = came(LAPTOP, PHONE)
    async with playing(desk) as player:
        await player.fill(login="ola", password=PASSWORD)
        await player.press("enter")
        await player.fill(code=mailed_code(desk, "login_code"))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Tickets)
        player.sees("The SSH key you came with is not among yours.")
        await player.press("g", "u", "n")
        player.sees("Which key?", f"{LAPTOP.fingerprint} Ed25519", PHONE.fingerprint, "Another one: paste it")
        await player.press("enter")
        assert player.form.values["line"] == LAPTOP.line
        await player.fill(name="work", now=PASSWORD)
        await player.press("ctrl+s", "end")
        player.sees("work", "waits for its first use")
    desk.peer = came(proven=LAPTOP)
    async with playing(desk) as player:
        await player.press("right", "right", "enter")
        assert here(player) == "ola"
        assert "not among yours" not in player.screen
        await player.press("g", "u", "end")
        player.sees("you are here by it")
        await player.press("n")
        assert player.form.values["line"] == "", "there is no other that they came with"


async def logged_in_by_password(desk: Desk) -> list[str]:
    """What Ola is told at once when she comes."""
    async with playing(desk) as player:
        await player.fill(login="ola", password=PASSWORD)
        await player.press("enter")
        await player.fill(code=mailed_code(desk, "login_code"))
        await player.press("ctrl+s")
        assert here(player) == "ola"
        return [each.message for each in player.app._notifications]


async def test_a_key_that_is_not_added_is_told_of_once(desk: Desk, ola: Desk) -> None:
    desk.peer = came(LAPTOP)
    assert ["not among yours" in each for each in await logged_in_by_password(desk)] == [True]
    assert await logged_in_by_password(desk) == []
    desk.peer = came(LAPTOP, PHONE)
    assert ["not among yours" in each for each in await logged_in_by_password(desk)] == [True], "another one is news"
    assert await logged_in_by_password(desk) == []
    ola_again = seat(desk, ola.actor().account_id or 0)
    assert set(ola_again.see(profile.kept_choice, "offered_keys")) == {LAPTOP.fingerprint, PHONE.fingerprint}


async def test_nothing_is_offered_to_who_came_without_a_key(desk: Desk, ola: Desk) -> None:
    async with playing(desk) as player:
        await player.fill(login="ola", password=PASSWORD)
        await player.press("enter")
        await player.fill(code=mailed_code(desk, "login_code"))
        await player.press("ctrl+s")
        assert here(player) == "ola"
        assert "SSH" not in player.screen
        await player.press("g", "u", "W")
        player.sees("You have no SSH key here.")
