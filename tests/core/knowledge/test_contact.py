"""Contact: what the settings say of the departments, as a reader sees it; and what ``okienko check`` finds in them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.i18n.translation import speaking
from core.knowledge import contact, opening_hours
from core.knowledge.contact import Contact
from core.service.desk import Desk
from core.service.settings import Department, DeskSection, Settings
from tests.core.knowledge.stage import later
from tests.factories.desks import START, make_desk
from tests.factories.subscribers import SELLER
from tui.cli import findings_provider
from tui.cli.program import main

WARSAW = ZoneInfo("Europe/Warsaw")
OFFICE = {
    "name": {"en": "Office", "pl": "Biuro"},
    "phones": ("+48 22 555 01 10",),
    "email": "biuro@example.com",
    "hours": "mon-fri 9:00-17:00; sat 9:00-14:00",
}
ON_CALL = {"name": "SOS", "hours": "mon-sun 19:00-21:00", "holidays": "open", "around_the_clock": {"pl": "SMS"}}


def desk_with(folder: Path, *departments: dict[str, Any]) -> Desk:
    return make_desk(folder, contact=tuple(Department.model_validate(one) for one in departments))


def seen(desk: Desk, language: str = "en") -> tuple[Contact, ...]:
    return desk.see(contact.departments, language)


def test_departments_are_said_in_the_readers_language(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, OFFICE, ON_CALL)
    assert [one.name for one in seen(desk, "pl")] == ["Biuro", "SOS"]
    office, on_call = seen(desk, "en")
    assert (office.name, office.phones, office.email) == ("Office", ("+48 22 555 01 10",), "biuro@example.com")
    assert on_call.note == "SMS", "in the other language rather than not at all"
    desk.close()


def test_open_now_goes_with_the_clock_and_the_holidays(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, OFFICE, ON_CALL)
    office, on_call = seen(desk)
    assert office.open is not None and office.open.now and on_call.open is not None and not on_call.open.now
    later(desk, days=34, hours=10)  # 24 December, 20:00 in Warsaw
    office, on_call = seen(desk)
    assert office.open is not None and not office.open.now
    assert "Christmas" in office.holiday
    assert on_call.open is not None and on_call.open.now and not on_call.holiday
    desk.close()


def test_a_holiday_is_no_reason_where_it_is_closed_anyway(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, OFFICE)
    later(desk, days=37)  # Sunday, 27 December
    assert seen(desk)[0].holiday == ""
    later(desk, days=91)  # Easter Sunday is a holiday, but the office is closed on Sundays
    assert desk.now.date() == dt.date(2027, 3, 28) and opening_hours.holiday(desk.now.date())
    assert seen(desk)[0].holiday == ""
    desk.close()


def test_hours_that_cannot_be_read_are_shown_as_they_are(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, {**OFFICE, "hours": "whenever the sun shines"}, {**OFFICE, "hours": ""})
    broken, none = seen(desk)
    assert (broken.week, broken.open, broken.hours) == (None, None, "whenever the sun shines")
    assert (none.week, none.open, none.hours) == (None, None, "")
    desk.close()


def test_without_departments_there_is_the_desk(tmp_path: Path) -> None:
    said = DeskSection(name="Latarnia", phone="+48 22 555 01 01", email="pomoc@example.com")
    desk = make_desk(tmp_path / "one", desk=said)
    assert seen(desk) == (Contact("Latarnia", ("+48 22 555 01 01",), "pomoc@example.com", desk=True),)
    bare = make_desk(tmp_path / "two", desk=DeskSection(name="Latarnia"))
    assert seen(bare) == (Contact("Latarnia", desk=True),)
    desk.close()
    bare.close()


def test_without_departments_everything_the_desk_has_is_said(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, desk=DeskSection(name="Latarnia", address="desk@desk.example"), seller=SELLER)
    [only] = seen(desk)
    assert only.ssh == "desk@desk.example"
    assert only.address.splitlines() == [SELLER.name, SELLER.street, f"{SELLER.postcode} {SELLER.town}"]
    desk.close()


def test_hours_are_told_like_on_the_door() -> None:
    week = opening_hours.read("mon-wed 9:00-12:00, 13:00-17:00; thu 9:00-17:00; sat 10-14")
    with speaking("en"):
        assert contact.lines(week) == ["Mon–Wed  9:00–12:00, 13:00–17:00", "Thu  9:00–17:00", "Sat  10:00–14:00"]
    with speaking("pl"):
        assert contact.lines(week)[0] == "pon.–śr.  9:00–12:00, 13:00–17:00"
    assert contact.lines(opening_hours.read("")) == []


@pytest.mark.parametrize(
    ("moment", "english", "polish"),
    [
        ("2026-11-20 17:00", "17:00", "17:00"),
        ("2026-11-23 09:00", "Monday 9:00", "poniedziałek 9:00"),
        ("2026-11-26 09:05", "Thursday 9:05", "czwartek 9:05"),
        ("2026-11-27 09:00", "27 Nov 2026, 09:00", "27 lis 2026, 09:00"),
    ],
)
def test_a_moment_soon(moment: str, english: str, polish: str) -> None:
    at = dt.datetime.fromisoformat(moment).replace(tzinfo=WARSAW)
    for language, said in (("en", english), ("pl", polish)):
        with speaking(language):
            assert contact.when(at, START, WARSAW) == said


# The settings


def settings(*departments: dict[str, Any]) -> Settings:
    return Settings(contact=tuple(Department.model_validate(one) for one in departments))


def test_check_names_the_department_and_what_is_wrong() -> None:
    good, bad = settings(OFFICE, ON_CALL), settings(OFFICE, {**ON_CALL, "hours": "sat 14-9"})
    assert [(one.ok, one.found) for one in findings_provider.contact(good)] == [(True, "2 departments")]
    found = list(findings_provider.contact(bad))
    assert [one.ok for one in found] == [False]
    assert found[0].found.startswith("SOS: “14-9” ends before it begins.")
    assert list(findings_provider.contact(settings())) == []


def test_the_settings_file_names_departments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path))
    file = tmp_path / "okienko.toml"
    file.write_text(
        '[[contact]]\nname = "Office"\nhours = "mon-fri 9-17"\n[[contact]]\nname = {en = "Shop", pl = "Sklep"}\n',
        encoding="utf-8",
    )
    main(["config", "show"])
    assert "contact = Office, Shop  (file)" in capsys.readouterr().out
    file.write_text('[[contact]]\nname = "Office"\nhours = "mon-fri nine"\n', encoding="utf-8")
    assert main(["check"]) == 1
    assert "!!  contact: Office: “mon-fri nine” should be days and hours" in capsys.readouterr().out
    file.write_text('[[contact]]\nphones = ["1"]\n', encoding="utf-8")
    assert main(["check"]) == 1
    assert "contact.1.name" in capsys.readouterr().out
