"""Somebody with a heat pump at home signs up, played in the real interface."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.i18n.translation import gettext, speaking
from core.models.accounts import Role
from core.service.desk import Desk
from tests.factories.desks import PASSWORD, mail, mailed_code, person
from tests.support.playing import LARGE, SMALL, Player, playing
from tui.screens.accounts.code_proof import FormProof
from tui.screens.accounts.sign_up import EndUserScreen, Sent, Summary, Welcomed
from tui.screens.accounts.welcome import Welcome


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))


GOOD = {
    "email": "zofia@example.com",
    "first_name": "Zofia",
    "last_name": "Domowa",
    "password": PASSWORD,
    "again": PASSWORD,
    "terms": "yes",
}


async def to_the_form(desk: Desk, player: Player) -> None:
    await player.press("f7", "3")
    assert isinstance(player.app.screen, EndUserScreen)


@pytest.mark.parametrize(("size", "language"), [(SMALL, "en"), (LARGE, "pl")], ids=str)
async def test_signing_up_from_the_first_screen_to_the_first_room(
    desk: Desk, size: tuple[int, int], language: str
) -> None:
    person(desk, "root", Role.ADMIN)
    async with playing(desk, size=size, language=language) as player:
        await to_the_form(desk, player)
        await player.press("ctrl+s")
        for name in ("email", "first_name", "last_name", "password", "terms"):
            assert player.error(name), name
        assert not player.error("phone")
        await player.fill(**{**GOOD, "email": f"{'z' * 60}@example.com"})
        await player.press("ctrl+s")
        assert "64" in player.error("email")
        await player.fill(email="zofia@exmaple.com")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Summary)
        player.sees("Zofia", "zofia@exmaple.com")
        await player.press("enter")
        assert isinstance(player.app.screen, Sent)
        await player.press("f7")
        await player.fill(email=GOOD["email"])
        await player.press("ctrl+s")
        player.sees("zofia@example.com")
        await player.fill(code=mailed_code(desk, "confirm_address"))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Welcomed)
        with speaking(language):
            player.sees(gettext("Your account is ready. You can log in as {login} now.").format(login=GOOD["email"]))
        await player.press("enter")
        assert isinstance(player.app.screen, Welcome)
        await player.fill(login=GOOD["email"], password=PASSWORD)
        await player.press("enter")
        await player.fill(code=mailed_code(desk, "login_code"))
        await player.press("ctrl+s")
        assert player.app.seat is not None
        assert (player.app.seat.role, player.app.seat.login) == ("customer", GOOD["email"])
    assert [one.letter for one in mail(desk)] == ["confirm_address", "confirm_address", "welcome_alone", "login_code"]


async def test_the_code_works_under_i_have_a_code_and_only_once(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    async with playing(desk) as player:
        await to_the_form(desk, player)
        await player.fill(**GOOD)
        await player.press("ctrl+s", "enter", "escape")
        assert isinstance(player.app.screen, Welcome)
        code = mailed_code(desk, "confirm_address")
        await player.press("f6")
        await player.fill(code=code)
        await player.press("enter")
        assert isinstance(player.app.screen, FormProof)
        await player.fill(login="zofia@example.com", password="not that one")
        await player.press("ctrl+s")
        assert "form that the code was mailed for" in player.error("password")
        await player.fill(password=PASSWORD)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Welcomed)
        await player.press("enter", "f6")
        await player.fill(code=code)
        await player.press("enter")
        assert "not good" in player.error("code")


async def test_an_address_that_has_an_account_gets_the_same_page(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    person(desk, "zofia")
    async with playing(desk) as player:
        await to_the_form(desk, player)
        await player.fill(**GOOD)
        await player.press("ctrl+s", "enter")
        assert isinstance(player.app.screen, Sent)
        player.sees("Mail is on its way to zofia@example.com.")
    assert [one.letter for one in mail(desk)] == ["sign_up_known"]


async def test_what_was_typed_is_kept_but_for_the_passwords(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    async with playing(desk) as player:
        await to_the_form(desk, player)
        await player.fill(**GOOD)
        await player.press("escape", "3")
        values = player.form.values
        assert (values["email"], values["first_name"], values["password"]) == ("zofia@example.com", "Zofia", "")
