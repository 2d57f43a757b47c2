"""The chart: what it draws stands where its values are, within whatever room it gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from tests.tui.widgets.stage import SIZES, Stage, on_screen, settle
from tui.widgets.line_chart import Bars, Chart, Line, Picture, Tick, drawn, scale

COLD = Line("Outside", "◆", "$text-primary", tuple((number / 10, -10.0 + number) for number in range(11)))
WARM = Line("Room", "●", "$text-accent", ((0.0, 21.0), (1.0, 21.0)))
BARS = Bars("Compressor", "$text-muted", ((0.0, 0.0), (0.5, 45.0), (1.0, 90.0)), 90)
TICKS = (Tick(0.0, "00"), Tick(0.5, "12"), Tick(1.0, "24"))
PICTURE = Picture((COLD, WARM), TICKS, "°C", BARS, ((0.25, 0.5),))


def texts(lines: list[Content]) -> list[str]:
    return [line.plain for line in lines]


def row_of(lines: list[str], sign: str) -> int:
    return min(number for number, line in enumerate(lines[1:], 1) if sign in line)


def test_what_is_warmer_stands_higher() -> None:
    lines = texts(drawn(PICTURE, 78, 20))
    glyphs = [(number, line.index("◆")) for number, line in enumerate(lines[1:], 1) if "◆" in line]
    assert glyphs == sorted(glyphs, key=lambda one: -one[1]), "it rises to the right"
    assert row_of(lines, "●") < row_of(lines, "◆")
    assert {line.index("●") for line in lines[1:] if "●" in line}
    assert len({number for number, line in enumerate(lines[1:]) if "●" in line}) == 1, "what stays is level"


def test_lines_are_told_apart_without_colour() -> None:
    legend, *plot = texts(drawn(PICTURE, 78, 20))
    for line in PICTURE.lines:
        assert f"{line.glyph} {line.label}" in legend
        assert any(line.glyph in row for row in plot)
    assert "▅ Compressor" in legend and legend.endswith("°C")


def test_the_axis_says_its_numbers_at_their_rows() -> None:
    lines = texts(drawn(PICTURE, 78, 24))
    numbered = {int(line.split("┤")[0].replace("−", "-")): row for row, line in enumerate(lines) if "┤" in line}
    assert set(numbered) == {-10, -5, 0, 5, 10, 15, 20}
    assert list(numbered.values()) == sorted(numbered.values())
    assert list(numbered) == sorted(numbered, reverse=True)


def test_below_stand_bars_marks_and_places() -> None:
    bars, axis, names = texts(drawn(PICTURE, 78, 20))[-3:]
    assert bars.rstrip().endswith("█") and bars.index("▁") < bars.index("█")
    assert axis.count("┴") == 2, "what was wrong covers the third"
    left, right = axis.index("×"), axis.rindex("×")
    middle = names.index("12")
    assert left < right <= middle + 1
    assert names.split() == ["00", "12", "24"]


def test_a_day_that_has_just_begun_is_drawn_and_an_empty_one_too() -> None:
    one = Picture((Line("Room", "●", "", ((0.0, 20.0),)),), TICKS, "°C")
    assert any("●" in line for line in texts(drawn(one, 40, 12))[1:])
    assert texts(drawn(Picture(), 40, 12)) == []


@given(
    st.integers(1, 180),
    st.integers(1, 60),
    st.lists(st.lists(st.floats(-60, 200, allow_nan=False), max_size=30), max_size=5),
)
def test_it_stays_in_its_room(width: int, height: int, values: list[list[float]]) -> None:
    lines = tuple(
        Line(f"L{number}", "●", "", tuple((at / max(1, len(each) - 1), value) for at, value in enumerate(each)))
        for number, each in enumerate(values)
    )
    out = drawn(Picture(lines, TICKS, "°C", BARS, ((0.0, 1.0),)), width, height)
    plot = [line for line in texts(out) if "│" in line or "┤" in line]
    if plot:
        assert len(out) <= height
        assert all(line.cell_length <= max(width, 12) for line in out)


@given(st.floats(-60, 200), st.floats(0, 260), st.integers(2, 60))
def test_the_scale_holds_all_values_and_its_numbers_have_room(least: float, spread: float, rows: int) -> None:
    low, high, step = scale(least, least + spread, rows)
    assert low <= least and least + spread <= high
    assert (high - low) / step <= max(1, (rows - 1) // 2)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_on_a_screen(size: tuple[int, int]) -> None:
    chart = Chart()
    app = Stage(lambda: [chart])
    async with app.run_test(size=size) as pilot:
        assert on_screen(app).strip() == ""
        chart.show(PICTURE)
        await settle(pilot)
        assert all(sign in on_screen(app) for sign in "◆●┤└×")
        chart.show(Picture())
        await settle(pilot)
        assert on_screen(app).strip() == ""
