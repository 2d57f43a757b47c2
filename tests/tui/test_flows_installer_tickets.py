"""Tickets of a service company in the real interface: asked by its customer, answered by its people, read along by the
operator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.models.accounts import Account
from core.models.tickets import Status
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.tickets import conversation, create, workflow
from tests.core.tickets.test_teams import Care, made, me, pump_values
from tests.factories.cares import COMPANY, end, grant, join
from tests.factories.desks import admin_values
from tests.support.playing import LARGE, SMALL, Player, sitting
from tui.screens.tickets.listing import Tickets
from tui.screens.tickets.new import NewTicketScreen
from tui.screens.tickets.ticket import TicketScreen
from tui.widgets.confirm import Confirm

BOTH = pytest.mark.parametrize(("language", "size"), [("en", SMALL), ("pl", LARGE)], ids=["en-80x24", "pl-160x50"])
SAYS: dict[str, dict[str, str]] = {
    "en": {"technical": "technical ticket", "new": "New tickets", "nothing": "Nothing to show", "level": "monitoring"},
    "pl": {"technical": "techniczne", "new": "Nowe", "nothing": "Nie ma nic", "level": "monitoring"},
}


@pytest.fixture
def care(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Care:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    return made(desk)


def speak(desk: Desk, language: str) -> None:
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.id > 0, language=language))


async def fill_pump(player: Player, **more: Any) -> None:
    """Everything that is asked about a heat pump."""
    values = pump_values(**more)
    await player.fill(**{name: value for name, value in values.items() if name in player.form.names})


@pytest.mark.thorough
@BOTH
async def test_asked_by_the_customer_and_answered_by_the_company(
    care: Care, language: str, size: tuple[int, int]
) -> None:
    says = SAYS[language]
    speak(care.desk, language)
    options: dict[str, Any] = {"size": size, "language": language}
    async with sitting(care.desk, care.hanna, **options) as player:
        await player.press("g", "t", "n", "f7")
        player.sees("B123456789")
        await player.press("down", "enter")
        player.sees(says["technical"], COMPANY)
        await fill_pump(player, subject="Zimno [/] w salonie")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, TicketScreen), player.screen
        player.sees("Zimno [/] w salonie", COMPANY)
        number = player.app.screen.ticket_id
    async with sitting(care.desk, care.adam, **options) as player:
        await player.press("g", "n")
        assert "Zimno" not in player.screen, "it is not the operator's"
    async with sitting(care.desk, care.other, **options) as player:
        for room in "nmoex":
            await player.press("g", room)
            assert isinstance(player.app.screen, Tickets)
            assert "Zimno" not in player.screen
    async with sitting(care.desk, care.iwo, **options) as player:
        await player.press("g", "n")
        player.sees(says["new"], "Hanna Testowa")
        await player.press("t", "g", "m", "enter")
        assert isinstance(player.app.screen, TicketScreen)
        player.sees("Zimno [/] w salonie", "Iwo Testowa")
        await player.press("i")
        await player.fill(body="Weź kwarcowy czujnik")
        await player.press("ctrl+s")
        await player.press("r")
        await player.fill(body="Będę jutro o ósmej.")
        await player.press("ctrl+s")
        player.sees("Będę jutro o ósmej.", "kwarcowy")
        await player.press("escape", "g", "n")
        player.sees(says["nothing"])
    assert care.ticket(number).status == Status.WAITING_CUSTOMER
    async with sitting(care.desk, care.hanna, **options) as player:
        await player.press("g", "t", "enter")
        player.sees("Będę jutro o ósmej.", f"Iwo Testowa, {COMPANY}")
        assert "kwarcowy" not in player.screen
        await player.press("r")
        await player.fill(body="Czekam.")
        await player.press("ctrl+s")
        player.sees("Czekam.")
    assert care.ticket(number).status == Status.OPEN


@BOTH
async def test_the_card_says_what_the_company_may_do_to_the_device(
    care: Care, language: str, size: tuple[int, int]
) -> None:
    speak(care.desk, language)
    number = care.opened()
    async with sitting(care.desk, care.iwo, size=size, language=language) as player:
        await player.press("g", "o", "enter")
        if size == SMALL:
            await player.press("d", "pagedown")
        player.sees("Lipowa", SAYS[language]["level"])
        assert player.app.screen.check_action("device", ()) is True
    end(care.desk, care.grant)
    async with sitting(care.desk, care.iwo, size=size, language=language) as player:
        await player.press("g", "o", "enter")
        assert isinstance(player.app.screen, TicketScreen)
        assert player.app.screen.check_action("device", ()) is None
        await player.press("v")
        player.sees({"en": "There is no device to show here.", "pl": "Nie ma tu urządzenia"}[language])
        if size == SMALL:
            await player.press("d", "pagedown")
        assert "Lipowa" not in player.screen, "where the device stands is no business of theirs any more"
        if size == SMALL:
            await player.press("d")
        await player.press("r")
        await player.fill(body="Do widzenia.")
        await player.press("ctrl+s")
        player.sees("Do widzenia.")
    assert number


async def test_the_device_opens_from_its_ticket_and_gives_the_ticket_back(care: Care) -> None:
    from tui.screens.devices.device import DeviceScreen

    care.opened()
    for theirs, keys in ((care.iwo, ("g", "o")), (care.hanna, ("g", "t"))):
        async with sitting(care.desk, theirs) as player:
            await player.press(*keys, "enter", "v")
            assert isinstance(player.app.screen, DeviceScreen)
            player.sees("B123456789")
            await player.press("escape")
            assert isinstance(player.app.screen, TicketScreen)


async def test_an_installer_works_with_the_keys_of_an_agent(care: Care) -> None:
    number = care.opened()
    async with sitting(care.desk, care.iwo) as player:
        await player.press("g", "n", "enter", "a")
        player.sees("Iwo Testowa", "Iga Testowa")
        assert "Adam" not in player.screen
        await player.press("down", "enter")
        assert care.ticket(number).assignee_id == me(care.iga)
        await player.press("t")
        assert care.ticket(number).assignee_id == me(care.iga)
        player.sees("Iga Testowa has this ticket. Press the key again to take it over.")
        await player.press("t")
        assert care.ticket(number).assignee_id == me(care.iwo)
        await player.press("t")
        player.sees("This ticket is yours already.")
        await player.press("p", "up", "enter")
        assert care.ticket(number).priority == 4
        await player.press("s", *["down"] * 4, "enter")
        assert care.ticket(number).status == Status.CLOSED
        await player.press("escape", "g", "x")
        player.sees("The house is cold")


@BOTH
async def test_the_operator_reads_along_and_is_offered_nothing_else(
    care: Care, language: str, size: tuple[int, int]
) -> None:
    speak(care.desk, language)
    number = care.opened()
    async with sitting(care.desk, care.adam, size=size, language=language) as player:
        for room in "nox":
            await player.press("g", room)
            assert "house" not in player.screen
        await player.press("g", "e")
        player.sees("Hanna")
        await player.press("t")
        assert care.ticket(number).assignee_id is None
        await player.press("enter")
        screen = player.app.screen
        assert isinstance(screen, TicketScreen)
        player.sees(COMPANY, "Cold since the morning.")
        for key, action in zip("ritasp", ("reply", "note", "take", "assign", "status", "priority"), strict=True):
            assert screen.check_action(action, ()) is None, action
            screen.notice.hide()
            await player.press(key)
            player.sees({"en": f"{COMPANY} handles this ticket", "pl": f"To zgłoszenie prowadzi {COMPANY}"}[language])
            assert player.app.screen is screen
        assert screen.check_action("device", ()) is False, "no key of theirs: staff open no device"
    assert care.ticket(number).version == 1


async def test_who_was_removed_finds_nothing_at_the_next_key(care: Care) -> None:
    care.opened()
    async with sitting(care.desk, care.iga) as player:
        await player.press("g", "o", "enter")
        player.sees("The house is cold")
        join(care.desk, me(care.iga), None)
        await player.press("r")
        await player.fill(body="Too late")
        await player.press("ctrl+s")
        player.sees("There is no such thing here, or it is not yours to see.")
        await player.press("escape", "y", "escape")
        player.sees("Nothing to show")
    assert [said.body for said in care.hanna.see(read_ticket, 1).conversation] == ["Cold since the morning."]


def read_ticket(look: Any, number: int) -> Any:
    from core.tickets import detail

    return detail.ticket(look, number)


# About a device from the start


async def opened_about(player: Player, asset: int, values: dict[str, Any]) -> NewTicketScreen:
    """The screen as a device's fault opens it."""
    screen = NewTicketScreen(player.app.frame, device=asset, values=values)
    player.app.push_screen(screen)
    await player.settle()
    return screen


@BOTH
async def test_a_fault_fills_the_form_and_the_ticket_holds_it(care: Care, language: str, size: tuple[int, int]) -> None:
    speak(care.desk, language)
    values = pump_values("H62: no flow", symptoms=("error",), error_code="H62")
    async with sitting(care.desk, care.hanna, size=size, language=language) as player:
        screen = await opened_about(player, care.asset, values)
        player.sees(SAYS[language]["technical"], COMPANY)
        assert player.form.values["error_code"] == "H62"
        assert player.form.values["subject"] == "H62: no flow"
        await player.press("escape")
        assert not isinstance(player.app.screen, Confirm), "nothing was typed, nothing is asked"
        assert screen.left
        await opened_about(player, care.asset, values)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, TicketScreen), player.screen
    answers = dict(care.iwo.see(read_ticket, 1).answers)
    assert "H62" in answers.values()


async def test_what_a_device_says_takes_nothing_from_a_draft(care: Care) -> None:
    values = pump_values("H62: no flow")
    async with sitting(care.desk, care.hanna) as player:
        await player.press("g", "t", "n")
        await player.fill(subject="About my invoice", description="Twice the same.")
        await player.press("escape", "enter")
        await opened_about(player, care.asset, values)
        assert player.form.values["subject"] == "H62: no flow"
        await player.fill(description="It began on Sunday.")
        await player.press("escape")
        assert isinstance(player.app.screen, Confirm)
        await player.press("enter")
        await player.press("n")
        assert player.form.values["subject"] == "About my invoice", "the first draft is as it was left"
        player.sees("administrative ticket")
        await player.press("escape")
        await opened_about(player, care.asset, pump_values("H70: another one"))
        assert player.form.values["description"] == "It began on Sunday.", "what was typed about the device is back"
        assert player.form.values["subject"] == "H62: no flow"
        await player.press("ctrl+s", "escape", "n")
        assert player.form.values["subject"] == "About my invoice"


async def test_a_device_put_in_again_finds_its_answers(care: Care) -> None:
    async with sitting(care.desk, care.hanna) as player:
        await opened_about(player, care.asset, pump_values("H62: no flow"))
        await player.press("f8")
        player.sees("administrative ticket")
        assert player.form.values["subject"] == "H62: no flow"
        await player.press("f7", "down", "enter")
        player.sees("technical ticket")
        assert player.form.values["symptoms"] == ("no_heating",)
        assert player.form.values["occurred"] == "2026-11-19 07:30"


async def test_a_device_that_nobody_looks_after_is_said_to_be_so(care: Care) -> None:
    _grant, foreign = grant(care.desk, care.company, me(care.other), "B000000009")
    end(care.desk, care.grant)
    async with sitting(care.desk, care.hanna) as player:
        for asset in (care.asset, foreign, 999):
            await opened_about(player, asset, pump_values("H62: no flow"))
            player.sees("No active contract and no service company covers this asset now", "administrative ticket")
            assert player.form.values["subject"] == "H62: no flow"
            await player.press("escape")


async def test_a_draft_about_a_device_outlives_its_service(care: Care) -> None:
    async with sitting(care.desk, care.hanna) as player:
        await opened_about(player, care.asset, pump_values("H62: no flow"))
        await player.fill(description="It began on Sunday.")
        await player.press("escape", "enter")
        end(care.desk, care.grant)
        await opened_about(player, care.asset, {})
        player.sees("No active contract and no service company covers this asset now")
        assert player.form.values["description"] == "It began on Sunday."


async def test_service_that_ends_while_the_form_is_open_is_told_and_nothing_is_lost(care: Care) -> None:
    async with sitting(care.desk, care.hanna) as player:
        screen = await opened_about(player, care.asset, pump_values("H62: no flow"))
        end(care.desk, care.grant)
        await player.press("ctrl+s")
        assert player.app.screen is screen
        assert screen.wrong.region.height, player.screen
        assert player.form.values["subject"] == "H62: no flow"


async def test_a_search_from_anywhere_finds_the_teams_alone(care: Care) -> None:
    care.opened("Pump makes a noise")
    desks = care.hanna.do(create.create, admin_values("A noise on the line"))
    care.adam.do(conversation.note, desks, conversation.Note(body="noise"))
    care.adam.do(workflow.set_status, desks, Status.OPEN, seen=1)
    for theirs, wanted, hidden in ((care.iwo, "Pump makes", "on the line"), (care.hanna, "on the line", "nothing")):
        async with sitting(care.desk, theirs) as player:
            await player.press("ctrl+k")
            await player.type("noise")
            await player.press("enter")
            player.sees(wanted)
            assert hidden not in player.screen
