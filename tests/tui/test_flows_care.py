"""Both sides of care in the real interface, at both sizes and in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import forms
from core.care import access_request_list, applications, approval, grants, invitations
from core.care.approval import Approval, Rejection
from core.db.pagination import PageRequest
from core.errors import NotFound
from core.models.accounts import Role
from core.models.care import Application
from core.service.desk import Desk
from tests.core.care.acting import applied, approved, asked, invited, row
from tests.core.care.conftest import World, people_of
from tests.factories.desks import PASSWORD, mail, mailed_code, make_desk, person
from tests.support.playing import LARGE, SMALL, Player, playing, sitting
from tui.screens.care.application import ApplicationScreen
from tui.screens.care.approval import PendingCardScreen
from tui.screens.care.invitation_reply import Invitation
from tui.screens.care.overview import Service
from tui.widgets.bulk_results import Results
from tui.widgets.marked_list import MarkedList
from tui.widgets.prompt import Prompt

BOTH = pytest.mark.parametrize(("size", "language"), [(SMALL, "en"), (LARGE, "pl")], ids=["80-en", "160-pl"])
APPLICATION = {
    "company_email": "serwis@example.com",
    "device": "B123456789",
    "level": "3",
    "name": "Zofia Rzepa",
    "address": "ul. Krzywa 3, 34-442 Łapsze",
    "phone": "600 700 800",
    "country": "PL",
    "language": "pl",
    "terms": "yes",
}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "state"))
    desk = make_desk(tmp_path / "care")
    person(desk, "root", Role.ADMIN)
    made = people_of(desk)
    speaks(desk, "en")
    yield made
    desk.close()


def speaks(desk: Desk, language: str) -> None:
    from tests.snapshots.shooting import speak

    speak(desk, language)


def rows(player: Player) -> list[Any]:
    screen: Any = player.app.screen
    return list(screen.rows.window.rows)


@BOTH
async def test_case_one_by_people_of_both_sides(world: World, size: tuple[int, int], language: str) -> None:
    speaks(world.desk, language)
    async with sitting(world.desk, world.zofia, size=size, language=language) as player:
        await player.press("g", "s", "n")
        await player.fill(**{**APPLICATION, "device": "B12345678"})
        await player.press("ctrl+s")
        assert "B123456789" in player.error("device")
        assert mail(world.desk) == []
        assert player.form.values["address"] == APPLICATION["address"], "nothing typed is lost"
        await player.fill(device="b 123 456 789")
        await player.press("ctrl+s")
        player.sees("B123456789", "serwis@example.com")
        await player.press("enter")
        assert isinstance(player.app.screen, Service)
        assert [row.state for row in rows(player)] == ["pending"]
    async with sitting(world.desk, world.iwan, size=size, language=language) as player:
        player.sees("B123456789", "Zofia Rzepa")
        await player.press("enter")
        player.sees("Zofia Rzepa", "ul. Krzywa 3, 34-442 Łapsze", "600 700 800", "zofia@example.com")
        await player.press("y")
        await player.fill(message="Do zobaczenia w piątek.")
        await player.press("ctrl+s")
        assert rows(player) == []
        await player.press("g", "c")
        player.sees("Zofia Rzepa", "B123456789")
    assert mail(world.desk, "application_approved")[0].details["message"] == "Do zobaczenia w piątek."
    async with sitting(world.desk, world.zofia, size=size, language=language) as player:
        assert isinstance(player.app.screen, Service), "whoever has a service begins there"
        assert [row.state for row in rows(player)] == ["active"]


async def test_an_application_is_kept_when_one_leaves_it(world: World) -> None:
    async with sitting(world.desk, world.zofia) as player:
        await player.press("g", "s", "n")
        await player.fill(company_email="serwis@example.com", device="B123456789")
        await player.press("escape")
        player.sees("Leave the application?")
        await player.press("enter")  # No: keep it and leave
        assert isinstance(player.app.screen, Service)
        await player.press("n")
        assert player.form.values["company_email"] == "serwis@example.com"


async def test_a_device_in_service_is_refused_beside_its_field(world: World) -> None:
    approved(world.iwan, applied(world.nina))
    async with sitting(world.desk, world.zofia) as player:
        await player.press("g", "s", "n")
        await player.fill(**APPLICATION)
        await player.press("ctrl+s")
        assert "in service already" in player.error("device")


async def test_somebody_was_faster_is_said_on_the_card(world: World) -> None:
    application = applied(world.zofia)
    async with sitting(world.desk, world.iwan) as player:
        await player.press("enter", "y")
        approved(world.irena, application)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, PendingCardScreen)
        player.sees("Somebody was faster: Irena Testowa", "approved")
        await player.press("y")
        assert isinstance(player.app.screen, PendingCardScreen), "there is nothing to decide any more"
    assert len(mail(world.desk, "application_approved")) == 1


@BOTH
async def test_rejecting_needs_a_reason(world: World, size: tuple[int, int], language: str) -> None:
    speaks(world.desk, language)
    application = applied(world.zofia)
    async with sitting(world.desk, world.iwan, size=size, language=language) as player:
        await player.press("enter", "D", "ctrl+s")
        assert isinstance(player.app.screen, Prompt)
        assert player.error("reason")
        await player.fill(reason="Za daleko od nas.")
        await player.press("ctrl+s")
    assert world.iwan.see(approval.card, application).state == "rejected"


@BOTH
async def test_several_at_once_with_a_result_each(world: World, size: tuple[int, int], language: str) -> None:
    speaks(world.desk, language)
    ids = [applied(world.zofia, device=f"B00000000{number}", name=f"Osoba {number}") for number in range(3)]
    async with sitting(world.desk, world.iwan, size=size, language=language) as player:
        await player.press("space", "space", "space")
        assert set(player.app.screen.query_one(MarkedList).marked) == set(ids)
        player.sees("✓")
        world.zofia.do(applications.withdraw, ids[1])
        await player.press("y", "ctrl+s")
        assert isinstance(player.app.screen, Results)
        player.sees("× Osoba 1", "✓ Osoba 0", "✓ Osoba 2")
        await player.press("enter")
        assert rows(player) == []
        assert player.app.screen.query_one(MarkedList).marked == {}
    assert len(world.iwan.see(grants.customers, PageRequest()).rows) == 2


@BOTH
async def test_case_two_by_somebody_new(world: World, size: tuple[int, int], language: str) -> None:
    speaks(world.desk, language)
    async with sitting(world.desk, world.iwan, size=size, language=language) as player:
        await player.press("g", "i", "n")
        await player.fill(name="Urszula Kołatka", address="ul. Prosta 1", email="urszula@example.com", language="pl")
        await player.press("ctrl+s")
        player.sees("Urszula Kołatka")
    async with playing(world.desk, size=size, language=language) as player:
        await player.press("f6")
        await player.fill(code=mailed_code(world.desk, "care_invitation").lower().replace("-", " "))
        await player.press("ctrl+s")
        player.sees("Ciepłownia Test", "ul. Prosta 1")
        await player.press("ctrl+s")
        assert player.form.values["email"] == "urszula@example.com"
        await player.fill(password=PASSWORD, again=PASSWORD, terms="yes")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Invitation), "in, and asked for what is missing"
        await player.fill(device="B123456789", level="2", terms="yes")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Service)
        assert [(row.device, row.state) for row in rows(player)] == [("B123456789", "active")]
    assert [one.letter for one in mail(world.desk)][-2:] == ["invitation_confirmed", "invitation_accepted"]


async def test_case_two_by_somebody_who_has_an_account(world: World) -> None:
    _invitation, code = invited(world.iwan)
    async with playing(world.desk) as player:
        await player.press("f6")
        await player.fill(code=code)
        await player.press("ctrl+s")
        player.sees("zofia@example.com", "log in")
        await player.press("ctrl+s")
        await player.fill(login="zofia", password=PASSWORD)
        await player.press("enter")
        await player.fill(code=mailed_code(world.desk, "login_code"))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Invitation)
        await player.fill(device="B123456789", level="1", terms="yes")
        await player.press("ctrl+s")
    assert [one.level for one in world.zofia.see(grants.mine)] == [1]


async def test_declining_as_a_guest(world: World) -> None:
    _invitation, code = invited(world.iwan)
    async with playing(world.desk) as player:
        await player.press("f6")
        await player.fill(code=code)
        await player.press("ctrl+s", "f7")
        player.sees("Decline the invitation?")
        await player.press("y")
    assert [one.state for one in world.iwan.see(invitations.page, PageRequest()).rows] == ["declined"]


async def test_an_invitation_that_died_meanwhile_is_told_and_the_form_stays(world: World) -> None:
    invitation, code = invited(world.iwan)
    async with sitting(world.desk, world.zofia) as player:
        await player.press("g", "s", "f6")
        await player.fill(code=code)
        await player.press("ctrl+s")
        await player.fill(device="B123456789", level="1", terms="yes")
        world.iwan.do(invitations.withdraw, invitation)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Invitation)
        assert player.form.values["device"] == "B123456789"
        player.sees("This code")


@BOTH
async def test_the_question_is_the_first_thing_one_sees(world: World, size: tuple[int, int], language: str) -> None:
    speaks(world.desk, language)
    grant = approved(world.iwan, applied(world.zofia, level="2"))
    asked(world.irena, grant, "control", hours=2)
    async with sitting(world.desk, world.zofia, size=size, language=language) as player:
        assert [row.kind for row in rows(player)] == ["question", "service"]
        await player.press("y")
        player.sees("Irena Testowa", "2 h")
        await player.press("y")
        assert [row.kind for row in rows(player)] == ["permission", "service"]
        await player.press("Z", "y")
        assert [row.kind for row in rows(player)] == ["service"]
    assert [one.details["state"] for one in mail(world.desk, "access_answered")] == ["allowed", "ended"]


async def test_keys_are_those_of_the_line(world: World) -> None:
    approved(world.iwan, applied(world.zofia))
    applied(world.zofia, device="C000000001")
    async with sitting(world.desk, world.zofia) as player:
        player.sees("Change level", "End service")
        assert "Withdraw" not in player.screen
        await player.press("down")
        player.sees("Change level", "Withdraw")
        assert "End service" not in player.screen
        await player.press("y")  # nothing to allow here
        assert isinstance(player.app.screen, Service)
        player.sees("This key is not for the line under the cursor.")


@BOTH
async def test_the_level_is_changed_and_the_service_ended(world: World, size: tuple[int, int], language: str) -> None:
    speaks(world.desk, language)
    grant = approved(world.iwan, applied(world.zofia, level="4"))
    async with sitting(world.desk, world.zofia, size=size, language=language) as player:
        await player.press("l", "up", "up", "enter")
        assert world.zofia.see(grants.card, grant).level == 2
        await player.press("enter")
        await player.press("E")
        await player.press("y")
        assert world.zofia.see(grants.card, grant).ended_at is not None
        await player.press("escape")
        assert [row.state for row in rows(player)] == ["ended"]


async def test_a_question_that_ran_out_is_shown_a_while(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia))
    asked(world.iwan, grant)
    for days, shown in ((8, True), (40, False)):
        world.later(days=days)
        async with sitting(world.desk, world.iwan) as player:
            await player.press("g", "c", "enter")
            assert ("Access asked for" in player.screen) == shown


async def test_a_key_without_anything_to_be_about_says_why(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia))
    async with sitting(world.desk, world.zofia) as player:
        await player.press("g", "s", "enter", "y")
        player.sees("No question waits for an answer.")
        await player.press("Z")
        player.sees("Nothing was allowed that could be ended early.")
        world.zofia.do(grants.end, grant, seen=1)
        await player.press("f5", "E")
        player.sees("This service has ended.")
        assert "End service" not in player.screen.splitlines()[-1]
        await player.press("escape", "l")
        player.sees("This service has ended.")


async def test_an_open_card_learns_that_the_customer_changed_the_level(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="4"))
    async with sitting(world.desk, world.iwan) as player:
        await player.press("g", "c", "enter")
        player.sees("full access")
        world.zofia.do(grants.set_level, grant, 1, seen=1)
        await player.press("f5")
        player.sees("on demand")
        await player.press("Q")
        await player.fill(right="monitoring", reason="Przegląd", hours="200")
        await player.press("ctrl+s")
        assert player.error("hours")
        await player.fill(hours="2")
        await player.press("ctrl+s")
        player.sees("waits for an answer")
    assert world.zofia.see(access_request_list.waiting) == 1


@BOTH
async def test_many_invitations_from_a_table(world: World, size: tuple[int, int], language: str) -> None:
    speaks(world.desk, language)
    async with sitting(world.desk, world.iwan, size=size, language=language) as player:
        await player.press("g", "i", "f7")
        await player.fill(rows="email;name;address\nnobody;Jan;ul. Prosta 1\n")
        await player.press("ctrl+s")
        assert "2" in player.error("rows")
        assert mail(world.desk) == []
        good = "email;name;address\njan@example.com;Jan Kluska;ul. Prosta 1\nzofia@example.com;Zofia;ul. Krzywa 3\n"
        await player.fill(rows=good)
        await player.press("ctrl+s")
        player.sees("2")
        await player.press("y" if language == "en" else "t")
        player.sees("Jan Kluska", "Zofia")
    assert len(mail(world.desk, "care_invitation")) == 2


async def test_sending_again_and_withdrawing(world: World) -> None:
    invited(world.iwan)
    async with sitting(world.desk, world.iwan) as player:
        await player.press("g", "i", "S", "y")
        assert len(mail(world.desk, "care_invitation")) == 2
        await player.press("W", "y")
        player.sees("withdrawn")


async def test_rooms_of_each_side(world: World) -> None:
    async with sitting(world.desk, world.iwan, size=LARGE) as player:
        player.sees("p Pending customers", "c Customers", "i Invitations", "n New tickets", "y Company")
        assert "Service" not in player.screen
        assert "Contracts" not in player.screen
    async with sitting(world.desk, world.zofia, size=LARGE) as player:
        player.sees("t Tickets", "s Service", "d Devices")
        assert "Pending" not in player.screen


async def test_a_session_that_was_ended_goes_back_to_the_way_in(world: World) -> None:
    applied(world.zofia)
    async with sitting(world.desk, world.irena) as player:
        from core.installers import members

        await player.press("enter")
        world.iwan.do(members.remove, world.irena.actor().account_id)
        await player.press("f5")
        player.sees("Your session has ended")


def test_the_message_may_be_left_empty() -> None:
    assert Approval().message is None


@BOTH
async def test_a_rejected_application_says_why(world: World, size: tuple[int, int], language: str) -> None:
    speaks(world.desk, language)
    reason = "Nie dojeżdżamy tak daleko.\nNajbliższy serwis jest w Łapszach."
    world.iwan.do(approval.reject, applied(world.zofia), forms.fill(Rejection, {"reason": reason}), seen=1)
    async with sitting(world.desk, world.zofia, size=size, language=language) as player:
        await player.press("g", "s", "enter")
        assert isinstance(player.app.screen, ApplicationScreen)
        player.sees("Nie dojeżdżamy tak daleko.", "Najbliższy serwis jest w Łapszach.", "B123456789", "Ciepłownia Test")
        await player.press("l")
        assert isinstance(player.app.screen, ApplicationScreen), "there is nothing to change any more"
        await player.press("escape")
        assert isinstance(player.app.screen, Service)


async def test_an_application_is_read_changed_and_withdrawn_from_its_card(world: World) -> None:
    application = applied(world.zofia, level="2")
    world.later(days=20, hours=1)
    async with sitting(world.desk, world.zofia) as player:
        await player.press("g", "s", "enter")
        player.sees(
            "pending", "Ciepłownia Test", "monitoring only", "control on demand", "18 Dec 2026", "(8 days left)"
        )
        await player.press("l", "down", "enter")
        player.sees("monitoring and control", "control always")
        assert row(world.desk, Application, application).level == 3
        await player.press("W")
        player.sees("Withdraw this application?")
        await player.press("y")
        player.sees("withdrawn", "Withdrawn")
        assert "days left" not in player.screen
        assert "Change level" not in player.screen
    assert len(mail(world.desk, "application_withdrawn")) == 1


async def test_a_card_that_was_open_learns_of_the_decision(world: World) -> None:
    application = applied(world.zofia)
    async with sitting(world.desk, world.zofia) as player:
        await player.press("g", "s", "enter")
        approved(world.iwan, application, "Zadzwonimy w piątek.")
        await player.press("W", "y")
        player.sees("This application was approved.", "What the company wrote", "Zadzwonimy w piątek.")
    assert mail(world.desk, "application_withdrawn") == []


async def test_an_application_that_ran_out_says_so_before_the_job_does(world: World) -> None:
    applied(world.zofia)
    async with sitting(world.desk, world.zofia) as player:
        await player.press("g", "s")
        world.later(days=28)
        await player.press("enter")
        player.sees("ran out", "(over)")
        assert "Withdraw" not in player.screen


def test_somebody_elses_application_is_none(world: World) -> None:
    """Neither another customer's nor, on this side of it, one that the company was sent."""
    application = applied(world.zofia)
    assert world.zofia.see(applications.card, application).device == "B123456789"
    for other in (world.nina, world.iwan):
        with pytest.raises(NotFound):
            other.see(applications.card, application)


async def test_a_remembered_installer_lands_on_the_pending_customers(world: World) -> None:
    applied(world.zofia)
    async with playing(world.desk) as player:
        await player.fill(login="irena", password=PASSWORD, remember="yes")
        await player.press("enter")
        await player.fill(code=mailed_code(world.desk, "login_code"))
        await player.press("ctrl+s")
        player.sees("Pending customers", "Zofia Rzepa")
    async with playing(world.desk) as player:
        player.sees("Pending customers", "Zofia Rzepa")
        assert player.app.seat is not None
        assert player.app.seat.login == "irena"


async def test_the_code_somebody_brought_is_not_shown_to_the_next_one(world: World) -> None:
    _invitation, code = invited(world.iwan)
    async with playing(world.desk) as player:
        await player.press("f6")
        await player.fill(code=code)
        await player.press("ctrl+s", "ctrl+s")
        await player.fill(login="nina", password=PASSWORD)
        await player.press("enter")
        await player.fill(code=mailed_code(world.desk, "login_code"))
        await player.press("ctrl+s")
        assert not isinstance(player.app.screen, Invitation)
        assert "Zofia" not in player.screen
