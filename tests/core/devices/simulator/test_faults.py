"""Faults that come by themselves: rare, the same for ever, with an end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from core.devices.settings import DeviceSettings
from core.devices.settings_log import AS_IT_COMES
from core.devices.simulator import faults, series

WARSAW = "Europe/Warsaw"
SEED = "C000111222"


def test_faults_are_rare_have_an_end_and_never_change_afterwards() -> None:
    first, last = dt.date(2026, 1, 1), dt.date(2027, 12, 31)
    found = [faults.spells(f"B{number:09}", first, last) for number in range(100, 150)]
    a_device = sum(map(len, found)) / len(found)
    assert 730 / faults.RARE * 0.7 < a_device < 730 / faults.RARE * 1.3
    for spell in found[0]:
        assert spell.ends is not None
        assert spell.begins < spell.ends <= spell.begins + faults.LONGEST
        only_day = faults.spells("B000000100", spell.begins.date(), spell.begins.date())
        assert only_day == [spell]


def test_a_fault_of_its_own_shows_and_passes() -> None:
    spell = faults.spells(SEED, dt.date(2026, 12, 1), dt.date(2026, 12, 31))[0]
    assert spell.ends is not None
    inside = series.reading(SEED, (AS_IT_COMES,), WARSAW, spell.begins + dt.timedelta(minutes=30))
    assert (inside.error, inside.error_since, inside.frequency) == (spell.code, spell.begins, 0)
    after = series.reading(SEED, (AS_IT_COMES,), WARSAW, spell.ends + dt.timedelta(minutes=1))
    assert (after.error, after.last_error) == ("", spell.code)
    reset = replace(DeviceSettings(), reset_at=spell.begins + dt.timedelta(minutes=10))
    told = (AS_IT_COMES, (spell.begins + dt.timedelta(minutes=10), reset))
    assert series.reading(SEED, told, WARSAW, spell.begins + dt.timedelta(minutes=30)).error == ""


def test_every_code_has_a_meaning_and_an_unknown_one_a_hint() -> None:
    assert len({kind.code for kind in faults.KINDS}) == len(faults.KINDS)
    assert all(faults.meaning(kind.code).text() for kind in faults.KINDS)
    assert faults.meaning("X99").text() == "see the device's manual"
