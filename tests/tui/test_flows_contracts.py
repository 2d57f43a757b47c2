"""Registering a contract in the real interface: each refusal beside its field, and nothing typed lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.models.accounts import Account, Role, Standing
from core.models.contracts import NO_END, Contract
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.desks import contract, logged_in, person
from tests.support.playing import LARGE, SMALL, Player, sitting
from tui.screens.contracts.asset import AssetScreen
from tui.screens.contracts.contracts import Contracts
from tui.screens.tickets.new import NewTicketScreen
from tui.widgets.prompt import Prompt

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)
COMPANY, CODE = "Tarnina", "ABCD-EFGH"


class Seats:
    """A customer in a company; contracts of every kind that can't be registered, and one that can."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        person(desk, "root", Role.ADMIN)
        self.ola = logged_in(desk, "ola", company=COMPANY, standing=Standing.OWNER)
        person(desk, "zyta", company="Obca", standing=Standing.OWNER)
        own: dict[str, Any] = {"company": COMPANY, "registered": False}
        contract(desk, "OK-1", CODE, identifiers=("FW-1",), **own)
        contract(desk, "OK-2", CODE, identifiers=("FW-2",), valid_until=dt.date(2026, 11, 19), **own)
        contract(desk, "OK-3", CODE, identifiers=("FW-3",), valid_from=dt.date(2026, 12, 1), **own)
        contract(desk, "OK-4", CODE, identifiers=("FW-4",), company="Obca")
        contract(desk, "OK-5", CODE, identifiers=("FW-5",), company=COMPANY)
        contract(desk, "OK-6", CODE, identifiers=("FW-6",), company="Nikt", registered=False)

    def registered(self, number: str) -> bool:
        contracts = table(Contract)
        asked = sa.select(contracts.c.registered_at).where(contracts.c.number == number)
        return self.desk.as_system().see(lambda look: look.value(asked)) is not None

    def speak(self, language: str) -> None:
        self.desk.as_system().do(lambda work: work.change(Account, language=language))


@pytest.fixture
def seats(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seats:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    return Seats(desk)


async def apply(player: Player, number: str, code: str = CODE) -> None:
    await player.fill(number=number, code=code)
    await player.press("ctrl+s")


WRONG = (
    ("OK-1", "AAAA-AAAA", "code", "don't match", "nie pasują"),
    ("OK-9", CODE, "code", "don't match", "nie pasują"),
    ("OK-4", CODE, "code", "don't match", "nie pasują"),
    ("OK-2", CODE, "number", "This contract ended on", "umow"),
    ("OK-3", CODE, "number", "This contract starts on", "umow"),
    ("OK-5", CODE, "number", "already registered for your company", "już"),
    ("", CODE, "number", "This is needed.", "To pole jest wymagane."),
    ("OK-1", "", "code", "This is needed.", "To pole jest wymagane."),
)


@pytest.mark.parametrize(("number", "code", "beside", "said", "_said"), WRONG)
async def test_each_refusal_stands_beside_its_field_and_nothing_typed_is_lost(
    seats: Seats, number: str, code: str, beside: str, said: str, _said: str
) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("c")
        await apply(player, number, code)
        assert said in player.error(beside)
        assert isinstance(player.app.screen, Prompt)
        assert player.form.values == {"number": number, "code": code}
        assert not player.error("code" if beside == "number" else "number")
        await apply(player, "ok - 1".replace(" ", ""), "abcd efgh")
        assert not isinstance(player.app.screen, Prompt)
        player.sees("Contract OK-1 is registered.")
    assert seats.registered("OK-1")


@pytest.mark.thorough
@pytest.mark.parametrize(("number", "code", "beside", "said", "_said"), WRONG)
async def test_refusals_are_in_the_readers_language(
    seats: Seats, number: str, code: str, beside: str, said: str, _said: str
) -> None:
    seats.speak("pl")
    async with sitting(seats.desk, seats.ola, language="pl", size=LARGE) as player:
        await player.press("c")
        await apply(player, number, code)
        assert player.error(beside)
        assert said not in player.error(beside)


async def test_guessing_codes_is_throttled_with_a_time_and_the_form_stays(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("c")
        for _try in range(15):
            await apply(player, "OK-1", "AAAA-AAAA")
            if "Too many" in player.screen:
                break
        player.sees("Too many wrong tries. You can try again after")
        assert player.form.values["number"] == "OK-1"
        await apply(player, "OK-1")
        assert isinstance(player.app.screen, Prompt), "not even the right code, for now"
        assert not seats.registered("OK-1")
        seats.desk.clock.move(dt.timedelta(days=2))  # type: ignore[attr-defined]
    async with sitting(seats.desk, logged_in(seats.desk, "piotr", company=COMPANY)) as player:
        await player.press("c")
        await apply(player, "OK-1")
        player.sees("Contract OK-1 is registered.")


@SIZES
async def test_the_list_shows_the_new_contract_and_its_assets_at_once(seats: Seats, size: tuple[int, int]) -> None:
    async with sitting(seats.desk, seats.ola, size=size) as player:
        await player.press("g", "c")
        assert isinstance(player.app.screen, Contracts)
        assert "OK-1" not in player.screen
        await player.press("c")
        await apply(player, "OK-1")
        player.sees("OK-1")
        await player.press("slash")
        await player.type("OK-1")
        await player.press("enter", "enter")
        player.sees("FW-1")
        await player.press("g", "a")
        player.sees("FW-1", "FW-5")
        assert "FW-4" not in player.screen


async def test_a_contract_of_a_company_with_nobody_comes_along(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("c")
        await apply(player, "OK-6")
        player.sees("Contract OK-6 is registered.")
        await player.press("g", "a")
        player.sees("FW-6")


async def test_leaving_the_form_asks_and_keeps_what_was_typed(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("c")
        await player.type("OK-1")
        await player.press("escape")
        player.sees("Leave without saving?")
        await player.press("escape")
        assert player.form.values["number"] == "OK-1"


async def test_nothing_yet_says_what_to_do(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    person(desk, "root", Role.ADMIN)
    async with sitting(desk, logged_in(desk, "nowa")) as player:
        await player.press("g", "c")
        player.sees("No contracts here yet", "Press c to register one")
        await player.press("g", "a")
        player.sees("No assets here yet")
        await player.press("g", "t", "n", "f7")
        player.sees("Nothing is under active cover")


@SIZES
@pytest.mark.parametrize("language", ["en", "pl"])
async def test_whose_contracts_and_assets_are_is_seen_and_an_asset_has_a_card(
    seats: Seats, size: tuple[int, int], language: str
) -> None:
    contract(seats.desk, "OK-7", CODE, identifiers=("FW-7",), company="Zawilec", valid_until=NO_END)
    adam = logged_in(seats.desk, "adam", Role.AGENT, language=language)
    async with sitting(seats.desk, adam, size=size, language=language) as player:
        await player.press("g", "c")
        player.sees("OK-7", "Zawilec", {"en": "no end", "pl": "bez końca"}[language], "Tarnina")
        assert "9999" not in player.screen
        await player.press("g", "a")
        player.sees("FW-7", "Zawilec", "FW-5", "Tarnina")
        await player.press("slash", *"FW-7", "enter", "enter")
        assert isinstance(player.app.screen, AssetScreen)
        player.sees("FW-7", "Zawilec", "OK-7")
        await player.press("T")
        player.sees({"en": "Nothing has been asked yet", "pl": "O nic jeszcze nie pytano"}[language])
        await player.press("escape", "escape")
        player.sees("FW-7")


async def test_a_customer_asks_about_an_asset_from_its_card(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("g", "a", "enter")
        player.sees("FW-5", "OK-5", "Cover until")
        await player.press("n")
        assert isinstance(player.app.screen, NewTicketScreen)
        player.sees("FW-5")
