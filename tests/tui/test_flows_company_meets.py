"""An installer company's pages when others are there too: a colleague who is faster, an address that is somebody's,
somebody who comes back; and a desk that wants no authenticator."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from core import forms
from core.i18n.translation import gettext, speaking
from core.installers import invitations, members, profile
from core.installers.invitations import Colleague
from core.models.accounts import Role
from core.service.desk import Desk
from tests.core.installers.firms import EMAIL, MANAGEMENT, account, code_to, profile_form, team, unlock
from tests.factories.cares import MANAGEMENT_PASSWORD
from tests.factories.desks import PASSWORD, mail, make_desk, person
from tests.support.playing import LARGE, SMALL, playing, sitting
from tests.tui.test_flows_service_company import to_the_codes
from tui.screens.accounts.welcome import Welcome
from tui.screens.installers.join import ComeBack, HasJoined
from tui.screens.installers.profile import Company
from tui.screens.installers.sign_up import Registered, ServiceSent
from tui.widgets.prompt import Prompt

BOTH_WAYS = pytest.mark.parametrize(("size", "language"), [(SMALL, "en"), (LARGE, "pl")], ids=str)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))


@pytest.fixture(autouse=True)
def _administrator(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)


@BOTH_WAYS
async def test_a_colleague_who_saves_first_costs_nothing_that_was_typed(
    desk: Desk, size: tuple[int, int], language: str
) -> None:
    owner, member = team(desk)
    async with sitting(desk, owner, size=size) as player:
        player.app.language = language
        await player.press("g", "y", "e")
        await player.fill(password=MANAGEMENT_PASSWORD)
        await player.press("ctrl+s")
        await player.fill(phone="600700800", company="Ciepłownia Moja")
        form, version = profile_form(member, company="Ciepłownia Ich", founded="1990", employees="7")
        member.do(profile.edit, form, version, unlock(member))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Prompt)
        with speaking(language):
            said = gettext(
                "Somebody of your company has changed this meanwhile. What you have not touched shows their values "
                "now. Look once more and send again."
            )
        player.sees(" ".join(said.split()[:4]))
        kept = player.form.values
        assert (kept["phone"], kept["company"]) == ("600700800", "Ciepłownia Moja"), "what was typed stays"
        assert (kept["founded"], kept["employees"]) == ("1990", "7"), "what was not touched is theirs"
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Company)
        player.sees("Ciepłownia Moja", "600700800", "1990")
    shown = owner.see(profile.read)
    assert (shown.company, shown.phone, shown.founded, shown.employees) == ("Ciepłownia Moja", "600700800", 1990, 7)


async def test_a_code_that_can_not_be_sent_yet_is_said_beside_the_address(desk: Desk) -> None:
    owner, _member = team(desk)
    form, version = profile_form(owner, email="nowy@x.example")
    owner.do(profile.edit, form, version, unlock(owner))
    form, version = profile_form(owner, email="serwis@example.com")
    owner.do(profile.edit, form, version, unlock(owner))
    async with sitting(desk, owner) as player:
        await player.press("g", "y", "e")
        await player.fill(password=MANAGEMENT_PASSWORD)
        await player.press("ctrl+s")
        await player.fill(email="nowy@x.example", phone="600700800")
        await player.press("ctrl+s")
        assert "Nothing has been saved" in player.error("email")
        assert player.form.values["phone"] == "600700800"
        desk.clock.move(dt.timedelta(minutes=1))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Company)
        player.sees("600700800", "nowy@x.example", "typed here (F6)")


async def test_an_address_that_is_somebodys_waits_like_any_other(desk: Desk) -> None:
    """Neither the company's page nor its people's list tells whether somebody has an account."""
    owner, _member = team(desk)
    person(desk, "ola")
    async with sitting(desk, owner) as player:
        await player.press("g", "y", "e")
        await player.fill(password=MANAGEMENT_PASSWORD)
        await player.press("ctrl+s")
        await player.fill(email="ola@example.com")
        await player.press("ctrl+s")
        player.sees("ola@example.com", "waits for its code", "A code was mailed to ola@example.com")
        await player.press("w", "n")
        await player.fill(email="ola@example.com")
        await player.press("ctrl+s")
        player.sees("ola@example.com", "invited", "until 18 Dec")
    assert {row.letter for row in mail(desk)} == {"sign_up_known", "member_known"}


@BOTH_WAYS
async def test_somebody_who_was_removed_comes_back(desk: Desk, size: tuple[int, int], language: str) -> None:
    owner, _member = team(desk)
    wit = account(desk, "wit")
    assert wit is not None
    owner.do(members.remove, wit.id)
    invited = forms.fill(Colleague, {"email": "wit@example.com", "language": language})
    owner.do(invitations.invite, invited)
    async with playing(desk, size=size, language=language) as player:
        await player.press("f6")
        await player.fill(code=code_to(desk, "wit@example.com", "member_invited"))
        await player.press("enter")
        assert isinstance(player.app.screen, ComeBack)
        player.sees("Ciepłownia Test", "wit")
        await player.press("enter")
        assert isinstance(player.app.screen, HasJoined)
        player.sees("wit")
        await player.press("enter")
        assert isinstance(player.app.screen, Welcome)
        await player.fill(login="wit", password=PASSWORD)
        await player.press("enter")
        await player.fill(code=code_to(desk, "wit@example.com", "login_code"))
        await player.press("ctrl+s")
        assert player.app.seat is not None
        await player.press("g", "y")
        player.sees("Ciepłownia Test")


async def test_an_invitation_withdrawn_meanwhile_brings_nobody_back(desk: Desk) -> None:
    owner, _member = team(desk)
    wit = account(desk, "wit")
    assert wit is not None
    owner.do(members.remove, wit.id)
    owner.do(invitations.invite, forms.fill(Colleague, {"email": "wit@example.com", "language": "en"}))
    async with playing(desk) as player:
        await player.press("f6")
        await player.fill(code=code_to(desk, "wit@example.com", "member_invited"))
        await player.press("enter")
        desk.clock.move(dt.timedelta(days=28))
        await player.press("enter")
        assert isinstance(player.app.screen, ComeBack)
        player.sees("This code is not good")


async def test_the_companys_other_address_is_refused_in_the_dialog_that_asks(desk: Desk) -> None:
    async with playing(desk) as player:
        await to_the_codes(player)
        await player.press("f7", "enter")
        await player.fill(email=MANAGEMENT)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Prompt)
        assert player.error("email") == "This is the company's other address. The two must differ."
        await player.fill(email="inny@cieplo.example")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, ServiceSent)
        player.sees("inny@cieplo.example")


@pytest.mark.thorough
@pytest.mark.parametrize(("policy", "asked"), [("strong", True), ("mail", False)])
async def test_an_authenticator_is_promised_where_one_is_wanted(tmp_path: Path, policy: str, asked: bool) -> None:
    desk = make_desk(tmp_path / "d", security={"second_step": {"installer_owner": policy}})
    person(desk, "root", Role.ADMIN)
    async with playing(desk) as player:
        await to_the_codes(player)
        for address in (EMAIL, MANAGEMENT):
            await player.fill(code=code_to(desk, address))
            await player.press("enter")
        assert isinstance(player.app.screen, Registered)
        assert ("authenticator" in player.screen) is asked
        player.sees("codes for that go to the management")
    assert [row.details["strong"] for row in mail(desk, "company_registered")] == [asked] * 2
    owner, _member = team(desk)
    async with sitting(desk, owner) as player:
        await player.press("g", "y", "w", "down", "o")
        player.sees("Owners invite and remove people")
        assert ("authenticator" in player.screen) is asked
        await player.press("y")
    assert mail(desk, "member_owner")[-1].details["strong"] is asked
    desk.close()
