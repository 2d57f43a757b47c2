"""An installer company from signing up to its people, played in the real interface by people of both sides."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyotp
import pytest

from core.i18n.translation import gettext, speaking
from core.installers import members
from core.installers import profile as installer_profile
from core.models.accounts import Role, Standing
from core.service.desk import Desk
from tests.core.installers.firms import EMAIL, MANAGEMENT, account, code_to, letters, profile, team, values
from tests.factories.cares import MANAGEMENT_PASSWORD, installer, service_company
from tests.factories.desks import PASSWORD, mail, mailed_code, person
from tests.support.playing import LARGE, SMALL, Player, playing, sitting
from tui.screens.accounts.recovery import NewPassword
from tui.screens.accounts.second_factor import EnrolAtLogIn, RecoveryCodes
from tui.screens.accounts.sign_up import Summary
from tui.screens.accounts.sign_up_choice import Way, WhoAreYou
from tui.screens.accounts.welcome import Welcome
from tui.screens.installers.join import HasJoined, Join
from tui.screens.installers.profile import Company
from tui.screens.installers.sign_up import Noted, Registered, ServiceSent, ServiceSignUpScreen
from tui.widgets.prompt import Prompt

BOTH_WAYS = pytest.mark.parametrize(("size", "language"), [(SMALL, "en"), (LARGE, "pl")], ids=str)
NEW = "szybki czajnik wody"


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))


@pytest.fixture(autouse=True)
def _administrator(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)


def said(language: str, msgid: str) -> str:
    with speaking(language):
        return gettext(msgid)


async def to_the_form(player: Player) -> None:
    await player.press("f7", "2")
    assert isinstance(player.app.screen, ServiceSignUpScreen)


async def to_the_codes(player: Player, **given: str) -> None:
    await to_the_form(player)
    await player.fill(**values(**given))
    await player.press("ctrl+s", "enter")
    assert isinstance(player.app.screen, ServiceSent)


# Who are you


@pytest.mark.parametrize(
    ("keys", "draft"),
    [
        (("1",), "sign_up"),
        (("enter",), "sign_up"),
        (("2",), "service_sign_up"),
        (("down", "enter"), "service_sign_up"),
        (("j", "j", "enter"), "end_user"),
        (("3",), "end_user"),
    ],
)
async def test_who_are_you_is_one_or_two_keys(desk: Desk, keys: tuple[str, ...], draft: str) -> None:
    async with playing(desk) as player:
        await player.press("f7")
        assert isinstance(player.app.screen, WhoAreYou)
        await player.press(*keys)
        assert getattr(player.app.screen, "DRAFT", "") == draft
        await player.press("escape")
        assert isinstance(player.app.screen, WhoAreYou)
        await player.press("escape")
        assert isinstance(player.app.screen, Welcome)


async def test_a_click_takes_an_answer_too(desk: Desk) -> None:
    async with playing(desk) as player:
        await player.press("f7")
        await player.pilot.click(list(player.app.screen.query(Way))[1])
        await player.settle()
        assert isinstance(player.app.screen, ServiceSignUpScreen)


# Signing up


@pytest.mark.thorough
@BOTH_WAYS
async def test_a_company_signs_up_and_its_owner_comes_in(desk: Desk, size: tuple[int, int], language: str) -> None:
    async with playing(desk, size=size, language=language) as player:
        await to_the_form(player)
        await player.press("ctrl+s")
        for name in ("company", "phone", "email", "login", "password", "management_email", "terms"):
            assert player.error(name), name
        assert not player.error("country"), "Poland stands there"
        await player.fill(**values(language=language, management_email=EMAIL))
        await player.press("ctrl+s")
        assert player.error("management_email")
        await player.fill(management_email=MANAGEMENT, management_password=PASSWORD, management_again=PASSWORD)
        await player.press("ctrl+s")
        assert player.error("management_password")
        await player.fill(management_password=MANAGEMENT_PASSWORD, management_again=MANAGEMENT_PASSWORD)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Summary)
        player.sees("Ciepło Dolne", EMAIL)
        assert PASSWORD not in player.screen
        await player.press("pagedown")
        player.sees(MANAGEMENT)
        await player.press("enter")
        assert isinstance(player.app.screen, ServiceSent)
        player.sees(EMAIL, MANAGEMENT)
        assert player.screen.count(said(language, "waits for its code")) == 2

        await player.fill(code="AAAA-AAAA-AAAA-AAAA")
        await player.press("enter")
        assert player.error("code")
        await player.fill(code=code_to(desk, MANAGEMENT))
        await player.press("enter")
        assert player.screen.count(said(language, "waits for its code")) == 1
        assert player.form.values["code"] == ""
        await player.fill(code=code_to(desk, EMAIL))
        await player.press("enter")
        assert isinstance(player.app.screen, Registered)
        player.sees("Ciepło Dolne", "cieplo")
        assert [one.address for one in mail(desk, "company_registered")] == [EMAIL, MANAGEMENT]
        assert {one.language for one in mail(desk)} == {language}

        await player.press("enter")
        assert isinstance(player.app.screen, Welcome)
        assert player.app.screen.box.values["login"] == "cieplo"
        await player.fill(login="cieplo", password=PASSWORD)
        await player.press("enter")
        await player.fill(code=mailed_code(desk, "login_code"))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, EnrolAtLogIn), "owners need an authenticator"
        draft = account(desk, "cieplo")
        assert draft is not None
        secret = desk.keys.unseal("totp", draft.totp_draft or "", str(draft.id))
        await player.fill(code=pyotp.TOTP(secret).at(int(desk.now.timestamp())))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, RecoveryCodes)
        await player.press("enter")
        assert player.app.seat is not None
        assert (player.app.seat.login, player.app.seat.owner) == ("cieplo", True)
        await player.press("g", "y")
        assert isinstance(player.app.screen, Company)
        player.sees("Ciepło Dolne", "https://cieplo.example", "1998", "12")


async def test_a_wrong_address_is_corrected_and_sent_again(desk: Desk) -> None:
    async with playing(desk) as player:
        await to_the_codes(player, management_email="zarzad@ceiplo.example")
        await player.press("f7")
        player.sees("Correct which address?", "zarzad@ceiplo.example")
        await player.press("down", "enter")
        await player.fill(management_email=EMAIL)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Prompt)
        assert player.error("management_email")
        await player.fill(management_email=MANAGEMENT)
        await player.press("ctrl+s")
        player.sees(f"Sent again to {MANAGEMENT}")
        assert "ceiplo" not in player.screen
        await player.fill(code=code_to(desk, EMAIL))
        await player.press("enter")
        await player.press("f5")
        assert "a moment ago" in " ".join(player.app._notifications and [n.message for n in player.app._notifications])
        await player.fill(code=code_to(desk, MANAGEMENT))
        await player.press("enter")
        assert isinstance(player.app.screen, Registered)


async def test_a_code_typed_elsewhere_is_seen_here(desk: Desk) -> None:
    from core.accounts.registration import Proof
    from core.sign_up import installer as sign_up_installer

    elsewhere = Proof(login="cieplo", password=PASSWORD)
    async with playing(desk) as player:
        await to_the_codes(player)
        page = player.app.screen
        assert isinstance(page, ServiceSent)
        desk.do(sign_up_installer.confirm, code_to(desk, MANAGEMENT), elsewhere)
        page._look()
        await player.settle()
        player.sees("confirmed")
        assert player.screen.count("waits for its code") == 1
        desk.do(sign_up_installer.confirm, code_to(desk, EMAIL), elsewhere)
        page._look()
        await player.settle()
        assert isinstance(player.app.screen, Registered)


async def test_what_was_typed_is_kept_but_for_the_passwords(desk: Desk) -> None:
    async with playing(desk) as player:
        await to_the_form(player)
        await player.fill(**values())
        await player.press("escape", "2")
        kept = player.form.values
        assert (kept["company"], kept["login"], kept["country"]) == ("Ciepło Dolne", "cieplo", "PL")
        secrets = ("password", "again", "management_password", "management_again")
        assert {kept[name] for name in secrets} == {""}


async def test_the_zone_follows_the_country_until_it_is_picked(desk: Desk) -> None:
    async with playing(desk) as player:
        await to_the_form(player)
        country = player.form._rows["country"].input
        country.focus()
        await player.press("enter", *"czechia", "enter")
        assert player.form.values["country"] == "CZ"
        assert player.form.values["zone"] == "Europe/Prague"
        player.form._rows["zone"].input.focus()
        await player.press("enter", *"vienna", "enter")
        country.focus()
        await player.press("enter", *"poland", "enter")
        assert (player.form.values["country"], player.form.values["zone"]) == ("PL", "Europe/Vienna")


async def test_what_only_the_desk_knows_comes_back_beside_its_field(desk: Desk) -> None:
    async with playing(desk) as player:
        await to_the_form(player)
        await player.fill(**values(founded="2027"))
        await player.press("ctrl+s", "enter")
        assert isinstance(player.app.screen, ServiceSignUpScreen)
        assert "2026" in player.error("founded")


async def test_the_codes_work_under_i_have_a_code(desk: Desk) -> None:
    async with playing(desk) as player:
        await to_the_codes(player)
        await player.press("escape")
        assert isinstance(player.app.screen, Welcome)
        await player.press("f6")
        await player.fill(code="not a code")
        await player.press("enter")
        assert player.error("code")
        await player.fill(code=code_to(desk, EMAIL).lower().replace("-", " "))
        await player.press("enter")
        await player.fill(login="cieplo", password=PASSWORD)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Noted)
        player.sees(MANAGEMENT)
        await player.press("enter", "f6")
        await player.fill(code=code_to(desk, MANAGEMENT))
        await player.press("enter")
        await player.fill(login="cieplo", password=PASSWORD)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Registered)


async def test_a_login_that_was_given_out_meanwhile_is_asked_for_again_and_nothing_else(desk: Desk) -> None:
    async with playing(desk) as player:
        await to_the_codes(player)
        person(desk, "cieplo")
        await player.fill(code=code_to(desk, EMAIL))
        await player.press("enter")
        assert isinstance(player.app.screen, Prompt)
        player.sees("This login was given to somebody before.")
        await player.fill(login="CIEPLO")
        await player.press("ctrl+s")
        assert player.error("login")
        await player.fill(login="cieplo-dolne")
        await player.press("ctrl+s")
        await player.fill(code=code_to(desk, MANAGEMENT))
        await player.press("enter")
        assert isinstance(player.app.screen, Registered)
        player.sees("cieplo-dolne")


# The company


@BOTH_WAYS
async def test_the_company_is_edited_behind_its_password(desk: Desk, size: tuple[int, int], language: str) -> None:
    owner, _member = team(desk)
    async with sitting(desk, owner, size=size, language="en") as player:
        player.app.language = language
        await player.press("g", "y")
        player.sees("Ciepłownia Test", "serwis@example.com")
        await player.press("e")
        await player.fill(password="nie to hasło")
        await player.press("ctrl+s")
        assert player.error("password") == said(language, "That is not the management password.")
        await player.fill(password=MANAGEMENT_PASSWORD)
        await player.press("ctrl+s")
        assert player.form.values["company"] == "Ciepłownia Test"
        await player.fill(company="Ciepłownia Nowa", employees="0", email="nowy@x.example")
        await player.press("ctrl+s")
        assert player.error("employees")
        await player.fill(employees="7", management_email="zarzad-serwis@example.com")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Company)
        player.sees("Ciepłownia Nowa", "nowy@x.example", said(language, "waits for its code"))
        assert profile(desk).email == "serwis@example.com"
        await player.press("f6")
        await player.fill(code=code_to(desk, "nowy@x.example"))
        await player.press("ctrl+s")
        assert "serwis@example.com" not in player.screen.replace("zarzad-serwis@example.com", "")
        assert said(language, "waits for its code") not in player.screen
    assert profile(desk).email == "nowy@x.example"
    assert letters(desk)[-1] == ("company_address_changed", "serwis@example.com")


async def test_the_password_is_asked_for_once_in_five_minutes(desk: Desk) -> None:
    owner, _member = team(desk)
    async with sitting(desk, owner) as player:
        await player.press("g", "y", "e")
        await player.fill(password=MANAGEMENT_PASSWORD)
        await player.press("ctrl+s", "escape")
        await player.press("g", "u", "g", "y", "e")
        assert "company" in player.form.values, "still known, in another room too"
        await player.fill(phone="600700800")
        desk.clock.move(dt.timedelta(minutes=5))
        await player.press("ctrl+s")
        assert tuple(player.form.values) == ("password",), "it ran out while somebody typed"
        await player.fill(password=MANAGEMENT_PASSWORD)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Company)
        player.sees("600700800")
        desk.clock.move(dt.timedelta(minutes=5))
        await player.press("e")
        assert tuple(player.form.values) == ("password",)


async def test_nothing_typed_is_lost_when_the_password_is_not_given_again(desk: Desk) -> None:
    owner, _member = team(desk)
    async with sitting(desk, owner) as player:
        await player.press("g", "y", "e")
        await player.fill(password=MANAGEMENT_PASSWORD)
        await player.press("ctrl+s")
        await player.fill(phone="600700800")
        desk.clock.move(dt.timedelta(minutes=5))
        await player.press("ctrl+s", "escape")
        assert player.form.values["phone"] == "600700800"


async def test_a_new_code_and_a_new_management_password(desk: Desk) -> None:
    owner, _member = team(desk)
    async with sitting(desk, owner) as player:
        await player.press("g", "y", "e")
        await player.fill(password=MANAGEMENT_PASSWORD)
        await player.press("ctrl+s")
        await player.fill(email="nowy@x.example")
        await player.press("ctrl+s")
        desk.clock.move(dt.timedelta(minutes=1))
        await player.press("S")
        assert letters(desk) == [("confirm_company", "nowy@x.example")] * 2
        await player.press("H")
        await player.fill(now=MANAGEMENT_PASSWORD, password=PASSWORD, again=PASSWORD)
        await player.press("ctrl+s")
        assert player.error("password")
        await player.fill(password=NEW, again=NEW)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Company)
        await player.press("e")
        assert tuple(player.form.values) == ("password",), "the old password opens nothing any more"
    assert [letter for letter, _to in letters(desk)][2:] == ["management_changed"] * 2


async def test_why_a_key_does_nothing_stands_over_the_companys_cards(desk: Desk) -> None:
    owner, _member = team(desk)
    async with sitting(desk, owner) as player:
        await player.press("g", "y", "f6")
        player.sees("! Warning No address waits for a code.")


async def test_somebody_of_no_company_is_told_so(desk: Desk) -> None:
    async with sitting(desk, installer(desk, "stary", None)) as player:
        await player.press("g", "y")
        player.sees("You belong to no company")
        await player.press("e")
        assert isinstance(player.app.screen, Company)


# Its people


@pytest.mark.thorough
@BOTH_WAYS
async def test_a_colleague_is_invited_joins_and_is_removed(desk: Desk, size: tuple[int, int], language: str) -> None:
    owner, _member = team(desk)
    async with sitting(desk, owner, size=size) as player:
        await player.press("g", "y", "w", "n")
        await player.fill(email="nobody")
        await player.press("ctrl+s")
        assert player.error("email")
        await player.fill(email="nel@x.example", language=language)
        await player.press("ctrl+s")
        player.sees("nel@x.example", "invited", "until 18 Dec")
    code = code_to(desk, "nel@x.example", "member_invited")
    async with playing(desk, size=size, language=language) as player:
        await player.press("f6")
        await player.fill(code=code)
        await player.press("enter")
        assert isinstance(player.app.screen, Join)
        player.sees("Ciepłownia Test", "nel@x.example")
        await player.fill(
            login="iga", first_name="Nel", last_name="Nowa", password=PASSWORD, again=PASSWORD, terms="yes"
        )
        await player.press("ctrl+s")
        assert player.error("login")
        await player.fill(login="nel")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, HasJoined)
        player.sees("nel")
        await player.press("enter")
        assert isinstance(player.app.screen, Welcome)
        await player.fill(login="nel", password=PASSWORD)
        await player.press("enter")
        await player.fill(code=mailed_code(desk, "login_code"))
        await player.press("ctrl+s")
        assert player.app.seat is not None
        assert (player.app.seat.login, player.app.seat.owner) == ("nel", False)
        await player.press("g", "y", "w")
        player.sees("Iga Testowa", "Nel Nowa")
        nel = player.app.seat.account_id or 0
        await player.press("n")
        assert not isinstance(player.app.screen, Prompt), "members don't invite"
        owner.do(members.remove, nel)
        await player.press("g", "u")
        assert isinstance(player.app.screen, Welcome), "removed: the session is over at the next key"


async def test_an_owner_is_made_a_password_reset_and_somebody_removed(desk: Desk) -> None:
    owner, _member = team(desk)
    company = owner.actor().company_id
    installer(desk, "zyga", company)
    async with sitting(desk, owner) as player:
        await player.press("g", "y", "w")
        await player.press("D")
        assert not isinstance(player.app.screen, Prompt), "nobody removes themselves"
        await player.press("down", "o", "y")
        player.sees("company owner")
        await player.press("P", "y")
        await player.fill(password=MANAGEMENT_PASSWORD)
        await player.press("ctrl+s")
        assert letters(desk) == [("member_owner", "wit@example.com"), ("member_reset", "wit@example.com")]
        await player.press("down", "D", "y")
        assert "zyga" not in player.screen
    zyga = account(desk, "zyga")
    assert zyga is not None
    assert zyga.standing == Standing.NONE
    async with playing(desk) as player:
        await player.press("f6")
        await player.fill(code=code_to(desk, "wit@example.com", "member_reset"))
        await player.press("enter")
        assert isinstance(player.app.screen, NewPassword)
        await player.fill(password=NEW, again=NEW)
        await player.press("ctrl+s")
        player.sees("The password has been changed")


async def test_an_invitation_is_withdrawn(desk: Desk) -> None:
    owner, _member = team(desk)
    async with sitting(desk, owner) as player:
        await player.press("g", "y", "w", "n")
        await player.fill(email="nel@x.example")
        await player.press("ctrl+s", "k", "k", "k", "D", "y")
        assert "nel@x.example" not in "\n".join(player.screen.splitlines()[1:6])
        await player.press("n", "escape")
    async with playing(desk) as player:
        await player.press("f6")
        await player.fill(code=code_to(desk, "nel@x.example", "member_invited"))
        await player.press("enter")
        assert player.error("code")


def test_the_page_knows_no_more_than_core(desk: Desk) -> None:
    """Another company's people are not on it, whoever asks."""
    owner, _member = team(desk)
    other = installer(desk, "obcy", service_company(desk, "Inna", "inna@example.com"), Standing.OWNER)
    assert owner.see(installer_profile.read).company != other.see(installer_profile.read).company
