"""Steering, the week's programme, faults: what is told, what is written down, and what two at once may not do."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest

from core import forms
from core.clock import MovableClock
from core.devices import control, fault_ticket, monitoring, schedule, settings_diff
from core.devices.control import Control, Steering
from core.devices.settings import Slot
from core.devices.simulator import gateway
from core.errors import Conflict, DeskError, Forbidden, Invalid
from core.i18n import translation
from core.models.accounts import Account
from core.models.levels import Right
from core.products import catalogue
from core.products.definitions import as_model
from core.service.desk import Desk
from tests.core.devices.stage import VALUES, Stage
from tests.factories.desks import START, journal_of, make_desk, seat


@pytest.fixture
def stage(desk: Desk) -> Stage:
    return Stage(desk, level=4)


@pytest.fixture
def demo(tmp_path: Any) -> Any:
    desk = make_desk(tmp_path / "demo", MovableClock(START), demo=True)
    yield Stage(desk, level=4)
    desk.close()


# Control


def test_the_form_begins_with_what_holds(stage: Stage) -> None:
    found: Steering = stage.owner.do(control.steering, stage.asset_id)
    assert (found.values, found.seen) == (VALUES, 0)
    stage.steer(
        stage.owner, room="19.5", quiet="2", holiday="yes", holiday_from="2026-12-20", holiday_until="2026-12-27"
    )
    found = stage.owner.do(control.steering, stage.asset_id)
    assert found.values == {
        **VALUES,
        "room": "19.5",
        "quiet": "2",
        "holiday": "yes",
        "holiday_from": "2026-12-20",
        "holiday_until": "2026-12-27",
    }
    assert found.seen == stage.seen() > 0


def test_everything_is_told_and_written_down(stage: Stage) -> None:
    away: dict[str, Any] = {"holiday": "yes", "holiday_from": "2026-11-20", "holiday_until": "2026-11-22"}
    stage.steer(stage.ola, on="no", room="20", tank="45", quiet="1", **away)
    told = stage.told()
    assert (told.on, told.room, told.room_at, told.tank, told.quiet) == (False, 20.0, stage.desk.now, 45.0, 1)
    assert told.holiday == (dt.date(2026, 11, 20), dt.date(2026, 11, 22))
    assert stage.history() == [
        (
            "used",
            "control",
            "on yes → no; room 21 → 20; tank 48 → 45; holiday none → 2026-11-20–2026-11-22; quiet 0 → 1",
        )
    ]
    assert journal_of(stage.desk)[-1] == "device.steer"


def test_the_device_does_it(stage: Stage) -> None:
    stage.steer(stage.ola, on="no")
    stage.ola.do(monitoring.look_in, stage.asset_id)
    stage.move(hours=5)
    stage.ola.do(monitoring.look_in, stage.asset_id)
    found = stage.owner.see(monitoring.watch, stage.asset_id)
    assert found.reading.operation == "off"
    assert found.reading.room < found.course[54].room - 2


def test_nothing_changed_is_nothing_told(stage: Stage) -> None:
    stage.steer(stage.ola)
    assert (stage.seen(), stage.history()) == (0, [])
    assert "device.steer" not in journal_of(stage.desk)


def test_the_owners_own_acts_are_not_the_companys_uses(stage: Stage) -> None:
    stage.steer(stage.owner, room="20")
    stage.plan(stage.owner, monday="7 21")
    assert stage.history() == []
    assert stage.told().room == 20.0


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"room": "4.5"}, "room", "between 5 and 30"),
        ({"room": "30.5"}, "room", "between 5 and 30"),
        ({"room": "20.3"}, "room", "half a degree"),
        ({"room": "warm"}, "room", "not a number"),
        ({"room": ""}, "room", "needed"),
        ({"tank": "34"}, "tank", "between 35 and 65"),
        ({"tank": "47.5"}, "tank", "whole number"),
        ({"quiet": "4"}, "quiet", "Choose one"),
        ({"holiday": "yes"}, "holiday_from", "needed"),
        ({"holiday": "yes", "holiday_from": "2026-12-01"}, "holiday_until", "needed"),
        (
            {"holiday": "yes", "holiday_from": "2026-12-02", "holiday_until": "2026-12-01"},
            "holiday_until",
            "can't come before",
        ),
        (
            {"holiday": "yes", "holiday_from": "2026-11-19", "holiday_until": "2026-11-22"},
            "holiday_from",
            "This day is over",
        ),
        (
            {"holiday": "yes", "holiday_from": "2026-11-10", "holiday_until": "2026-11-19"},
            "holiday_until",
            "This day is over",
        ),
    ],
)
def test_refusals_stand_beside_their_field(stage: Stage, values: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        stage.steer(stage.owner, **values)
    assert said in refused.value.fields[field].text()
    assert stage.seen() == 0


def test_a_holiday_that_runs_can_be_made_longer(stage: Stage) -> None:
    stage.steer(stage.owner, holiday="yes", holiday_from="2026-11-20", holiday_until="2026-11-22")
    stage.move(days=1)
    owner = seat(stage.desk, stage.customer_id)
    stage.steer(owner, holiday="yes", holiday_from="2026-11-20", holiday_until="2026-11-25")
    assert stage.told().holiday == (dt.date(2026, 11, 20), dt.date(2026, 11, 25))
    stage.steer(owner, holiday="no", holiday_from="2026-11-20")
    assert stage.told().holiday is None


# Two at once


def test_what_somebody_else_told_it_meanwhile_is_not_undone_unseen(stage: Stage) -> None:
    shown: Steering = stage.ola.do(control.steering, stage.asset_id)
    week = stage.ola.do(schedule.programme, stage.asset_id)
    stage.steer(stage.owner, room="23")
    with pytest.raises(Conflict):
        stage.steer(stage.ola, seen=shown.seen, tank="40")
    with pytest.raises(Conflict):
        stage.plan(stage.ola, seen=week.seen, monday="7 21")
    assert (stage.told().room, stage.told().tank) == (23.0, 48.0)
    assert stage.history() == [("used", "control", ""), ("used", "settings", "")], "looked, and changed nothing"
    stage.steer(stage.ola, room="23", tank="40")
    assert stage.told().tank == 40.0


def test_of_many_at_once_one_is_the_first(any_desk: Desk) -> None:
    stage = Stage(any_desk, level=4)
    barrier, results = threading.Barrier(6), []

    def run(number: int) -> None:
        barrier.wait()
        try:
            stage.steer(stage.ola if number % 2 else stage.owner, seen=0, tank=str(40 + number))
            results.append("told")
        except Conflict:
            results.append("late")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(results) == ["late"] * 5 + ["told"]


# The weekly programme


def test_a_week_is_told_and_written_down(stage: Stage) -> None:
    stage.plan(stage.ola, monday="22:00 17; 6 20,5", sunday="")
    week = stage.told().week
    assert week[0] == (Slot(360, 20.5), Slot(1320, 17.0))
    assert week[6] == ()
    assert stage.history() == [("used", "settings", "programme monday sunday")]
    assert journal_of(stage.desk)[-1] == "device.programme"
    stage.plan(stage.ola)
    assert len(stage.history()) == 1, "the same week again is no change"


def test_without_any_slots_the_target_holds(stage: Stage) -> None:
    empty: dict[str, Any] = dict.fromkeys(settings_diff.DAYS, "")
    stage.plan(stage.owner, **empty)
    found = stage.owner.see(monitoring.watch, stage.asset_id)
    assert (found.reading.wanted, found.reading.by_hand, found.reading.next_change) == (21.0, True, None)


# Faults


def test_a_fault_is_made_on_demo_desks_alone(stage: Stage, demo: Stage) -> None:
    with pytest.raises(Forbidden):
        stage.desk.as_system().do(gateway.break_down, stage.asset_id, "H62")
    assert stage.seen() == 0
    demo.desk.as_system().do(gateway.break_down, demo.asset_id, "H62")
    assert demo.owner.see(monitoring.watch, demo.asset_id).reading.error == "H62"


def test_a_fault_is_reset_by_whom_control_is_open_to(demo: Stage) -> None:
    demo.desk.as_system().do(gateway.break_down, demo.asset_id, "H62")
    demo.move(minutes=30)
    demo.steer(demo.owner, tank="50")
    assert demo.told().broken == "H62", "steering does not hide it"
    demo.level(2)
    with pytest.raises(Forbidden):
        demo.ola.do(control.reset_fault, demo.asset_id)
    demo.allow(Right.CONTROL)
    demo.ola.do(control.reset_fault, demo.asset_id)
    assert demo.history() == [("used", "control", "reset H62")]
    found = demo.owner.see(monitoring.watch, demo.asset_id).reading
    assert (found.error, found.last_error) == ("", "H62")
    with pytest.raises(Conflict):
        demo.ola.do(control.reset_fault, demo.asset_id)
    assert len(demo.history()) == 1


def test_a_fault_fills_in_a_ticket(demo: Stage) -> None:
    demo.desk.as_system().do(gateway.break_down, demo.asset_id, "H62")
    demo.move(minutes=30)
    values = demo.owner.see(fault_ticket.fault_ticket, demo.asset_id)
    assert values["subject"] == "Error H62: too little water flows in the heating circuit"
    assert (values["relation"], values["priority"]) == ("fault", "3")
    assert (values["occurred"], values["error_code"], values["running"]) == ("2026-11-20 10:00", "H62", "no")
    definition = catalogue.definition("heat_pump")
    assert definition is not None
    known = {question.key for question in definition.fields}
    product = {name: value for name, value in values.items() if name in known}
    assert set(values) - known == {"subject", "description", "relation", "priority"}
    still_asked = {"new_installation", "changed"}
    assert set(forms.check(as_model(definition, "en"), product)) == still_asked


def test_reporting_is_the_owners(demo: Stage) -> None:
    with pytest.raises(Conflict):
        demo.owner.see(fault_ticket.fault_ticket, demo.asset_id)
    demo.desk.as_system().do(gateway.break_down, demo.asset_id, "H62")
    with pytest.raises(Forbidden):
        demo.ola.see(fault_ticket.fault_ticket, demo.asset_id)


def test_the_ticket_speaks_the_owners_language(demo: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        fault_ticket, "gettext", lambda msgid: f"{translation.language()}: {translation.gettext(msgid)}"
    )
    demo.desk.as_system().do(lambda work: work.change(Account, language="pl"))
    demo.desk.as_system().do(gateway.break_down, demo.asset_id, "H62")
    with translation.speaking("en"):
        assert str(demo.owner.see(fault_ticket.fault_ticket, demo.asset_id)["subject"]).startswith("pl: ")


# The history, as either side reads it


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("room 21 → 20.5", "room: 21 → 20.5"),
        ("on yes → no; quiet 0 → 2", "switched on: yes → no; quiet mode: 0 → 2"),
        ("holiday none → 2026-12-20–2026-12-27", "holiday: none → 20 Dec 2026 – 27 Dec 2026"),
        ("programme monday sunday", "weekly programme: Monday Sunday"),
        ("reset H62", "error reset: H62"),
        ("Przegląd przed zimą; dziękuję", "Przegląd przed zimą; dziękuję"),
        ("", ""),
    ],
)
def test_details_are_said_in_the_readers_language(detail: str, said: str) -> None:
    with translation.speaking("en"):
        assert settings_diff.translate(detail) == said


def test_a_control_form_can_always_be_described() -> None:
    assert [field.name for field in forms.describe(Control)] == list(VALUES)
    assert issubclass(monitoring.LookAgain, DeskError)


def test_a_holiday_may_be_today_alone(stage: Stage) -> None:
    today = "2026-11-20"
    stage.steer(stage.owner, holiday="yes", holiday_from=today, holiday_until=today)
    assert stage.seen() == 1
