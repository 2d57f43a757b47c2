"""A device on the screen: its owner and the company that looks after it, and what happens when less is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.clock import MovableClock
from core.devices.simulator import gateway
from core.models.accounts import Account
from core.models.levels import Right
from tests.core.devices.stage import Stage
from tests.factories.desks import START, make_desk
from tests.support.playing import LARGE, SMALL, Player, sitting
from tui.screens.devices.device import DeviceScreen
from tui.screens.devices.device_list import Devices
from tui.screens.devices.schedule import ProgrammeScreen
from tui.screens.devices.values import Tiles
from tui.widgets.card import Card
from tui.widgets.footer import KeyLine
from tui.widgets.line_chart import Chart
from tui.widgets.prompt import Prompt

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)
EVENING = START + dt.timedelta(hours=8, minutes=30)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    desk = make_desk(tmp_path / "desk", MovableClock(EVENING), demo=True)
    yield Stage(desk)
    desk.close()


async def opened(player: Player, stage: Stage, room: str = "customers") -> DeviceScreen:
    """The device's screen, on top of whatever is there."""
    screen = DeviceScreen(player.app.frame, stage.asset_id, room)
    player.app.push_screen(screen)
    await player.settle()
    return screen


@pytest.fixture
async def owner(stage: Stage) -> AsyncIterator[Player]:
    async with sitting(stage.desk, stage.owner) as player:
        await player.press("g", "d", "enter")
        yield player


@pytest.fixture
async def ola(stage: Stage) -> AsyncIterator[Player]:
    async with sitting(stage.desk, stage.ola) as player:
        await opened(player, stage)
        yield player


def footer(player: Player) -> list[str]:
    return [working.command.id for working in player.app.screen.query_one(KeyLine)._items]


def value(player: Player, label: str) -> str:
    """What stands under a tile's name."""
    found = dict(player.app.screen.query_one(Tiles)._tiles)
    return str(found[label])


def break_down(stage: Stage, code: str = "H62") -> None:
    stage.desk.as_system().do(gateway.break_down, stage.asset_id, code)


# Looking


@pytest.mark.parametrize("language", ["en", "pl"])
@SIZES
async def test_the_owner_sees_everything_at_a_glance(stage: Stage, size: tuple[int, int], language: str) -> None:
    stage.desk.as_system().do(lambda work: work.change(Account, language=language))
    async with sitting(stage.desk, stage.owner, size=size, language=language) as player:
        await player.press("g", "d")
        assert isinstance(player.app.screen, Devices)
        player.sees("B123456789", "Cieplarz Zefir 7", "°C")
        await player.press("enter")
        assert isinstance(player.app.screen, DeviceScreen)
        player.sees("B123456789", "Ciepłownia Test", "Hz", "21")
        shown = player.screen
        assert all(glyph in shown for glyph in "◆▲■●┤└")
        assert sum(line.count("°C") for line in shown.splitlines()) >= 6, "each temperature with its unit"
        assert "…" not in "".join(shown.splitlines()[1:8]), "no value is cut"
        assert {"device.control", "device.programme"} <= set(footer(player))
        await player.press("d")
        assert player.app.screen.query_one("#card-access", Card).region.height > 3
        await player.press("escape")
        if size == SMALL:
            assert isinstance(player.app.screen, DeviceScreen), "first back to the values"
            await player.press("escape")
        assert isinstance(player.app.screen, Devices)


async def test_the_company_sees_what_its_level_opens(stage: Stage, ola: Player) -> None:
    ola.sees("Jagoda Testowa · ul. Lipowa 5, 05-500 Piaseczno", "Today")
    assert not {"device.control", "device.programme", "device.report", "device.reset_error"} & set(footer(ola))
    assert "device.ask" in footer(ola)
    await ola.press("K", "z", "n", "R")
    assert isinstance(ola.app.screen, DeviceScreen), "what is not open has no key"
    ola.sees("Your access level does not open this. You can ask")
    await ola.press("d")
    ola.sees("monitoring ● always", "control ○ on demand", "+48601234567")
    assert stage.history() == [("used", "monitoring", "")]


async def test_looking_on_writes_no_more_and_shows_the_time_pass(stage: Stage, ola: Player) -> None:
    screen = ola.app.screen
    assert isinstance(screen, DeviceScreen)
    before = ola.app.screen.query_one(Chart)._picture
    stage.move(minutes=10)
    screen._look_on()
    await ola.settle()
    after = ola.app.screen.query_one(Chart)._picture
    assert len(after.lines[0].points) == len(before.lines[0].points) + 1
    assert len(stage.history()) == 1
    stage.move(minutes=10)
    screen._look_on()
    await ola.settle()
    assert len(stage.history()) == 2, "a quarter of an hour later it is another look"


async def test_other_days_can_be_turned_to_as_far_as_is_open(stage: Stage, ola: Player) -> None:
    await ola.press("left_square_bracket")
    ola.sees("19 Nov 2026")
    assert len(ola.app.screen.query_one(Chart)._picture.lines[0].points) == 145
    await ola.press(*["left_square_bracket"] * 5)
    ola.sees("17 Nov 2026")
    await ola.press(*["right_square_bracket"] * 8)
    ola.sees("Today")


async def test_a_day_that_became_too_old_while_it_was_shown_gives_way_to_today(stage: Stage, owner: Player) -> None:
    screen = owner.app.screen
    assert isinstance(screen, DeviceScreen)
    screen._day = dt.date(2026, 9, 1)
    await owner.press("f5")
    owner.sees("Today")


# Control


async def test_steering_goes_through_and_is_seen(stage: Stage, owner: Player) -> None:
    await owner.press("K")
    assert isinstance(owner.app.screen, Prompt)
    await owner.fill(room="31", tank="50")
    await owner.press("ctrl+s")
    assert "between 5 and 30" in owner.error("room")
    assert owner.form.values["tank"] == "50"
    await owner.fill(room="19,5", quiet="1")
    await owner.press("ctrl+s")
    assert isinstance(owner.app.screen, DeviceScreen)
    assert value(owner, "Room target") == "19.5 °C till 22:00"
    assert value(owner, "Hot water").endswith("→ 50")
    assert (stage.told().room, stage.told().tank, stage.told().quiet) == (19.5, 50.0, 1)


async def test_the_holiday_asks_for_its_days(stage: Stage, owner: Player) -> None:
    await owner.press("K")
    await owner.fill(holiday="yes")
    await owner.press("ctrl+s")
    assert owner.error("holiday_from") == "This is needed."
    await owner.fill(holiday_from="2026-11-30", holiday_until="2026-11-28")
    await owner.press("ctrl+s")
    assert "can't come before" in owner.error("holiday_until")
    await owner.fill(holiday_from="2026-11-01", holiday_until="2026-11-28")
    await owner.press("ctrl+s")
    assert "This day is over" in owner.error("holiday_from")
    await owner.fill(holiday_from="28.11.2026", holiday_until="30.11.2026")
    await owner.press("ctrl+s")
    assert stage.told().holiday == (dt.date(2026, 11, 28), dt.date(2026, 11, 30))
    await owner.press("d")
    owner.sees("28 Nov 2026 – 30 Nov 2026")


async def test_what_somebody_changed_meanwhile_is_told_and_nothing_typed_is_lost(stage: Stage, owner: Player) -> None:
    await owner.press("K")
    await owner.fill(tank="55")
    stage.level(4)
    stage.steer(stage.ola, room="23", holiday="yes", holiday_from="2026-11-25", holiday_until="2026-11-26")
    await owner.press("ctrl+s")
    owner.sees("Somebody changed this device's settings", "send again")
    assert (owner.form.values["tank"], owner.form.values["room"]) == ("55", "23"), "mine where I typed, else theirs"
    assert (owner.form.values["holiday"], owner.form.values["holiday_from"]) == ("yes", "2026-11-25")
    assert stage.told().tank == 48.0
    await owner.press("ctrl+s")
    assert isinstance(owner.app.screen, DeviceScreen)
    assert (stage.told().tank, stage.told().room) == (55.0, 23.0)


# Rights that change while the screen is open


def empty(player: Player) -> bool:
    """Whether no value is left, on the screen or behind it."""
    screen = player.app.screen
    held = screen.query_one(Tiles)._tiles or screen.query_one(Chart)._picture.lines
    facts = screen.query_one("#card-settings", Card)._facts
    return not held and not facts and "°C" not in player.screen


@pytest.mark.parametrize("how", ["by itself", "when asked"])
async def test_a_lowered_level_takes_the_values_from_the_open_screen(stage: Stage, ola: Player, how: str) -> None:
    stage.level(1)
    screen = ola.app.screen
    assert isinstance(screen, DeviceScreen)
    if how == "by itself":
        screen._look_on()
        await ola.settle()
    else:
        await ola.press("f5")
    ola.sees("No longer open to you: monitoring.", "“on demand”", "Press Q to ask the customer")
    assert empty(ola)
    ola.sees("B123456789", "Jagoda Testowa")
    assert "device.before" not in footer(ola)
    assert "device.ask" in footer(ola)


async def test_what_was_opened_and_left_is_in_the_history(stage: Stage) -> None:
    stage.level(4)
    async with sitting(stage.desk, stage.ola) as player:
        await opened(player, stage)
        for _again in range(2):
            await player.press("K", "escape")
            await player.press("z", "escape")
        assert isinstance(player.app.screen, DeviceScreen)
    assert stage.history() == [("used", right, "") for right in ("monitoring", "control", "settings")]
    assert stage.seen() == 0


async def test_what_is_still_allowed_stays(stage: Stage) -> None:
    stage.level(4)
    async with sitting(stage.desk, stage.ola) as player:
        await opened(player, stage)
        assert {"device.control", "device.programme"} <= set(footer(player))
        assert "device.ask" not in footer(player), "there is nothing to ask for"
        stage.level(3)
        await player.press("f5")
        player.sees("No longer open to you: operation settings.", "Today")
        assert "device.control" in footer(player)
        assert "device.programme" not in footer(player)
        stage.level(2)
        await player.press("f5")
        player.sees("No longer open to you: control.", "Today")
        assert "device.control" not in footer(player)


async def test_a_dialog_that_was_open_already_is_refused_and_keeps_what_was_typed(stage: Stage) -> None:
    stage.level(3)
    async with sitting(stage.desk, stage.ola) as player:
        await opened(player, stage)
        await player.press("K")
        await player.fill(room="25")
        stage.level(1)
        await player.press("ctrl+s")
        player.sees("Your access level does not open this.")
        assert player.form.values["room"] == "25"
        assert stage.seen() == 0
        await player.press("escape", "y")
        assert isinstance(player.app.screen, DeviceScreen)
        player.sees("No longer open to you: monitoring, control.")
        assert empty(player)


async def test_a_key_pressed_after_the_lowering_is_refused(stage: Stage) -> None:
    """The screen still offers it: core decides, and then the screen knows too."""
    stage.level(4)
    async with sitting(stage.desk, stage.ola) as player:
        await opened(player, stage)
        stage.level(1)
        await player.press("K")
        player.sees("Your access level does not open this.", "The values of this device are not open to you")
        assert isinstance(player.app.screen, DeviceScreen)
        assert empty(player)


async def test_after_the_end_nothing_is_left(stage: Stage, ola: Player) -> None:
    await ola.press("d")
    stage.end()
    await ola.press("f5")
    ola.sees("This device is not open to you any more: the service has ended.")
    assert empty(ola)
    for gone in ("Jagoda", "Lipowa", "601234567", "B123456789", "Zefir"):
        assert gone not in ola.screen
    assert footer(ola)[-1:] == ["device.back"]
    await ola.press("f5")
    ola.sees("the service has ended")
    await ola.press("escape")
    assert not isinstance(ola.app.screen, DeviceScreen)


async def test_a_strangers_device_looks_like_none(stage: Stage) -> None:
    async with sitting(stage.desk, stage.strangers["another company"]) as player:
        await opened(player, stage)
        player.sees("There is no such thing here, or it is not yours to see.")
        assert "B123456789" not in player.screen


async def test_control_alone_can_be_open(stage: Stage) -> None:
    stage.level(1)
    stage.allow(Right.CONTROL, hours=2)
    async with sitting(stage.desk, stage.ola) as player:
        await opened(player, stage)
        assert empty(player)
        player.sees("The values of this device are not open to you")
        await player.press("K")
        await player.fill(tank="52")
        await player.press("ctrl+s")
        assert stage.history() == [("used", "control", ""), ("used", "control", "tank 48 → 52")]
        assert empty(player)
        stage.move(hours=2)
        await player.press("f5")
        player.sees("No longer open to you: control.")


async def test_a_permission_opens_the_screen_that_waits(stage: Stage) -> None:
    stage.level(1)
    async with sitting(stage.desk, stage.ola) as player:
        screen = await opened(player, stage)
        stage.allow(Right.MONITORING, hours=2)
        screen._look_on()
        await player.settle()
        player.sees("Open to you now: monitoring.", "Today")
        await player.press("d")
        player.sees("monitoring ◐ allowed until 20 Nov 2026, 20:30")


async def test_asking_is_one_key_away(stage: Stage, ola: Player) -> None:
    await ola.press("Q")
    assert isinstance(ola.app.screen, Prompt)
    assert ola.form.values["right"] == "control", "the first that is not open"


# Errors


@SIZES
async def test_an_error_is_seen_and_reset(stage: Stage, size: tuple[int, int]) -> None:
    break_down(stage)
    stage.move(minutes=45)
    async with sitting(stage.desk, stage.owner, size=size) as player:
        await player.press("g", "d")
        player.sees("! error H62")
        await player.press("enter")
        player.sees(
            "! error H62",
            "too little water flows in the heating",
            "circuit. The compressor stands",
            "its cause passes.",
        )
        assert "×" in player.screen.splitlines()[-3] or "×" in player.screen.splitlines()[-4], "marked on the axis"
        await player.press("R")
        player.sees("Reset error H62?")
        await player.press("escape")
        assert stage.told().broken == "H62"
        await player.press("R", "y")
        assert "! error H62" not in player.screen
        assert value(player, "Last error").startswith("H62")
        assert {"device.report", "device.reset_error"}.isdisjoint(footer(player))


async def test_an_error_becomes_a_ticket(stage: Stage, owner: Player) -> None:
    from tui.screens.tickets.new import NewTicketScreen

    break_down(stage)
    await owner.press("f5", "n")
    assert isinstance(owner.app.screen, NewTicketScreen)
    values: dict[str, Any] = dict(owner.form.values)
    assert values["subject"] == "Error H62: too little water flows in the heating circuit"
    assert values["error_code"] == "H62"
    assert values["symptoms"] == ("error",)


async def test_the_company_does_not_report_and_resets_what_it_may_control(stage: Stage) -> None:
    break_down(stage)
    stage.level(3)
    async with sitting(stage.desk, stage.ola, size=LARGE) as player:
        await opened(player, stage)
        assert "device.reset_error" in footer(player)
        assert "device.report" not in footer(player)
        await player.press("R", "y")
        assert stage.history()[-1] == ("used", "control", "reset H62")


# The weekly programme


@pytest.mark.parametrize("language", ["en", "pl"])
@SIZES
async def test_the_week_is_in_sight_whole(stage: Stage, size: tuple[int, int], language: str) -> None:
    async with sitting(stage.desk, stage.owner, size=size, language=language) as player:
        await player.press("g", "d", "enter", "z")
        assert isinstance(player.app.screen, ProgrammeScreen)
        shown = player.screen
        assert shown.count("06:00 21, 22:00 18.5") == 5
        assert shown.count("07:00 21, 23:00 18.5") == 2
        assert len([line for line in shown.splitlines() if "▅▅▅▅▅" in line or "▆▆▆▆▆" in line]) == 7


async def test_a_day_is_typed_copied_and_sent(stage: Stage, owner: Player) -> None:
    await owner.press("z")
    await owner.fill(monday="6:30 20,5; 21 17")
    await owner.press("f7")
    owner.sees("Copy Monday to", "Monday to Friday")
    await owner.press("down", "enter")
    assert owner.form.values["friday"] == "6:30 20,5; 21 17"
    assert owner.form.values["saturday"] == "07:00 21, 23:00 18.5"
    owner.sees("17–20.5 °C")
    await owner.press("ctrl+s")
    assert isinstance(owner.app.screen, DeviceScreen)
    assert stage.told().week[4] == stage.told().week[0]
    assert [slot.clock for slot in stage.told().week[0]] == ["06:30", "21:00"]


async def test_a_day_that_cannot_be_read_is_said_beside_it(stage: Stage, owner: Player) -> None:
    await owner.press("z")
    await owner.fill(tuesday="warm at night")
    form = owner.form
    form.post_message(form.Changed(form, "tuesday"))
    await owner.settle()
    owner.sees("× this day can't be read yet")
    await owner.press("ctrl+s")
    assert "Write times and temperatures like" in owner.error("tuesday")
    assert stage.seen() == 0
    await owner.press("escape")
    owner.sees("Leave without sending?")
    await owner.press("escape", "z")
    assert owner.form.values["tuesday"] == "warm at night", "it is kept unless it is thrown away"


async def test_a_week_that_was_overtaken_can_be_sent_again_knowingly(stage: Stage, owner: Player) -> None:
    await owner.press("z")
    await owner.fill(sunday="8 22")
    stage.level(4)
    stage.steer(stage.ola, tank="60")
    stage.plan(stage.ola, friday="5 19", sunday="9 19")
    await owner.press("ctrl+s")
    owner.sees("Somebody changed this device's settings", "send again")
    assert owner.form.values["sunday"] == "8 22"
    assert owner.form.values["friday"] == "05:00 19"
    await owner.press("ctrl+s")
    assert isinstance(owner.app.screen, DeviceScreen)
    assert stage.told().tank == 60.0
    assert [len(day) for day in stage.told().week] == [2, 2, 2, 2, 1, 2, 1]


async def test_a_week_left_for_another_room_is_kept_and_news_is_told(stage: Stage, owner: Player) -> None:
    await owner.press("z")
    await owner.fill(sunday="8 22")
    await owner.press("f9", "down", "enter")
    assert not any(isinstance(screen, ProgrammeScreen) for screen in owner.app.screen_stack), owner.screen
    stage.plan(stage.owner, friday="5 19")
    await owner.press("g", "d", "enter", "z")
    owner.sees("Somebody changed this device's settings")
    assert owner.form.values["sunday"] == "8 22"
    assert owner.form.values["friday"] == "05:00 19"
    await owner.press("ctrl+s")
    assert isinstance(owner.app.screen, DeviceScreen)
    assert [slot.clock for slot in stage.told().week[6]] == ["08:00"]
    assert not owner.app.drafts


async def test_a_week_that_is_no_longer_open_is_refused_with_its_text_kept(stage: Stage) -> None:
    stage.level(4)
    async with sitting(stage.desk, stage.ola) as player:
        await opened(player, stage)
        await player.press("z")
        await player.fill(sunday="8 22")
        stage.level(3)
        await player.press("ctrl+s")
        player.sees("Your access level does not open this.")
        assert player.form.values["sunday"] == "8 22"
        assert stage.seen() == 0


async def test_without_devices_the_room_says_how_they_come(stage: Stage) -> None:
    async with sitting(stage.desk, stage.strangers["another customer"]) as player:
        await player.press("g", "d")
        player.sees("No devices here yet", "A heat pump comes here once")
