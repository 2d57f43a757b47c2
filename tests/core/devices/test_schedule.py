"""A day of the programme as people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import forms
from core.devices.schedule import MOST, WeekForm, parse, written
from core.devices.settings import Slot
from core.forms.field_types import FormError

DAY = (Slot(6 * 60, 21.0), Slot(22 * 60, 18.5))


@pytest.mark.parametrize(
    "text",
    [
        "06:00 21, 22:00 18.5",
        "6:00 21,22:00 18.5",
        "22:00 18,5; 6.00 21",
        "6 21 22 18.5",
        "06:00 21°C, 22:00 18.5 °C",
        "06:00 → 21 | 22:00 → 18,5",
        "06:00=21\n22:00=18.5",
        "06h00 - 21 / 22h00 - 18.5",
        "  06:00 21.0 ,, 22:00   18.5 ; ",
        "06:00 – 21 c, 22:00 – 18.5 c",
    ],
)
def test_people_write_it_in_many_ways(text: str) -> None:
    assert parse(text) == DAY


@pytest.mark.parametrize("dash", [*"-‐‑‒–—−⁃﹘﹣－"])
@pytest.mark.parametrize("text", ["6-22 21, 22-6 18,5", "6 - 22 21 22 - 6 18.5", "22:00-06:00 18.5; 6.00-22h00: 21°C"])
def test_hours_from_until_mean_what_they_say(text: str, dash: str) -> None:
    assert parse(text.replace("-", dash)) == DAY


def test_midnight_may_end_a_range() -> None:
    assert written(parse("0-6 17, 6-24 21")) == "00:00 17, 06:00 21"
    assert written(parse("0–24:00 20")) == "00:00 20"


@pytest.mark.parametrize("dash", ["–", " - "])
def test_a_dash_before_a_temperature_stays_one(dash: str) -> None:
    assert parse(f"6{dash}21, 22{dash}18.5") == DAY


@pytest.mark.parametrize("text", ["", "  ", ",;"])
def test_nothing_is_an_empty_day(text: str) -> None:
    assert parse(text) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("06:00", "Write times and temperatures like"),
        ("warm", "Write times and temperatures like"),
        ("06:00 warm", "Write times and temperatures like"),
        ("06:00 21 22:00", "Write times and temperatures like"),
        ("25:00 21", "There is no time 25:00"),
        ("24:00 21", "There is no time 24:00"),
        ("06:60 21", "There is no time 06:60"),
        ("06:00 4", "between 5 and 30"),
        ("06:00 31", "between 5 and 30"),
        ("06:00 20.3", "half a degree"),
        ("06:00 20, 6:00 21", "06:00 is there twice"),
        ("0 20, 1 20, 2 20, 3 20, 4 20, 5 20, 6 20", "At most 6 steps"),
        ("-1 20", "Write times and temperatures like"),
        ("6–22 21, 22–5 18", "from 05:00 to 06:00"),
        ("6-22 21, 20-6 18", "from 22:00 to 20:00"),
        ("6-22 21", "from 22:00 to 06:00"),
        ("6-6 21, 6-6 18", "06:00 is there twice"),
        ("6-22 21, 22-6 18, 8 20", "Write times and temperatures like"),
        ("6-25 21, 25-6 18", "There is no time 25"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(FormError) as refused:
        parse(text)
    assert said in refused.value.say.text()


SLOTS = st.lists(
    st.builds(Slot, st.integers(0, 1439), st.integers(10, 60).map(lambda half: half / 2)),
    max_size=MOST,
    unique_by=lambda slot: slot.minute,
).map(lambda slots: tuple(sorted(slots, key=lambda slot: slot.minute)))


@given(SLOTS)
def test_what_is_written_is_read_back(day: tuple[Slot, ...]) -> None:
    assert parse(written(day)) == day


@given(SLOTS, st.randoms())
def test_the_order_does_not_matter(day: tuple[Slot, ...], chance: object) -> None:
    mixed = list(day)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert parse(written(tuple(mixed))) == day


@given(st.text(max_size=60) | st.text("0123456789:., °C→=;|-", max_size=60))
def test_anything_else_is_refused_or_read_well(text: str) -> None:
    try:
        day = parse(text)
    except FormError:
        return
    assert len(day) <= MOST
    assert [slot.minute for slot in day] == sorted({slot.minute for slot in day})
    assert all(0 <= slot.minute < 1440 and 5 <= slot.room <= 30 for slot in day)
    assert parse(written(day)) == day


def test_the_form_is_a_week_and_says_the_day_that_is_wrong() -> None:
    form = forms.fill(WeekForm, {"monday": "06:00 21, 22:00 18,5", "sunday": ""})
    assert form.week == (DAY, (), (), (), (), (), ())
    assert list(forms.check(WeekForm, {"monday": "6 21", "friday": "late"})) == ["friday"]
