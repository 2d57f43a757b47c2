"""The bars: as high as their amounts, gaps where nothing was measured, within whatever room there is."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.content import Content

from tests.tui.widgets.stage import SIZES, Stage, on_screen, settle
from tui import themes
from tui.widgets.bar_chart import FIRST, SECOND, Bar, BarChart, Bars, drawn, planned, scale

AMOUNTS = st.one_of(st.none(), st.floats(0, 1e15, allow_nan=False), st.integers(0, 5).map(float))


def bars(*amounts: tuple[float | None, float | None]) -> Bars:
    """Days from the first of November."""
    made = tuple(Bar(f"{day} Nov", *pair) for day, pair in enumerate(amounts, start=1))
    return Bars(made, "Down", "Up", "GB")


def texts(lines: list[Content]) -> list[str]:
    return [line.plain for line in lines]


def height_of(lines: list[str], cell: int) -> int:
    """How many rows of the plot have something at ``cell``."""
    return sum(line[cell] not in " ┈·" for line in lines[1:-2] if len(line) > cell)


def test_heights_are_as_the_amounts() -> None:
    made = bars((100.0, 50.0), (50.0, 25.0), (10.0, 0.0))
    plan = planned(made, 78, 20)
    assert plan is not None and (plan.top, plan.group) == (100.0, 9)
    first, second = plan.widths
    lines = texts(drawn(made, 78, 23))
    heights = [
        (height_of(lines, plan.gutter + at * 9), height_of(lines, plan.gutter + at * 9 + first)) for at in range(3)
    ]
    assert heights == [(20, 10), (10, 5), (2, 0)]
    assert second > 1


def test_the_two_are_told_apart_without_colour() -> None:
    lines = texts(drawn(bars((9.0, 9.0), (4.0, 3.0)), 78, 20))
    assert lines[0].split() == [FIRST, "Down", SECOND, "Up", "GB"]
    assert lines[-3].count(SECOND) == lines[-3].count(FIRST) > 0


def test_what_was_not_measured_is_a_gap_and_nothing_is_nothing() -> None:
    lines = texts(drawn(bars((5.0, 1.0), (None, None), (0.0, 0.0), (0.001, 0.001)), 78, 20))
    plan = planned(bars((5.0, 1.0), (None, None), (0.0, 0.0), (0.001, 0.001)), 78, 17)
    assert plan is not None
    groups = [lines[-3][plan.gutter + at * plan.group :][: plan.group] for at in range(4)]
    assert groups[1].strip() == "·" and sum(line.count("·") for line in lines) == 1
    assert groups[2].strip() == ""
    assert groups[3].strip(" ").count("▁") == sum(plan.widths), "little is seen, however little"


def test_both_are_drawn_to_an_eighth_of_a_cell() -> None:
    """2.91 is not twice 1.4 when a row is 2."""
    made = bars((16.0, 2.91), (16.0, 1.4))
    plan = planned(made, 78, 8)
    assert plan is not None and plan.top / plan.rows == 2.5
    at = [plan.gutter + number * plan.group + plan.widths[0] for number in range(2)]
    rows = texts(drawn(made, 78, 11))[1:-2]
    assert [[row[cell] for row in rows[-2:]] for cell in at] == [["▁", SECOND], [" ", "▄"]]


def test_the_axis_says_its_numbers_at_their_rows() -> None:
    made = bars((175.0, 20.0), (80.0, 3.0))
    lines = texts(drawn(made, 78, 23))
    numbers = {int(line.split("┤")[0]): row for row, line in enumerate(lines) if "┤" in line}
    assert list(numbers) == [180, 160, 140, 120, 100, 80, 60, 40, 20] or list(numbers) == [200, 150, 100, 50]
    assert list(numbers.values()) == sorted(numbers.values())
    eighty = next(line for line in lines if line.strip().startswith(("80 ┤", "100 ┤")))
    assert "┈" in eighty


def test_the_marked_bar_is_named_and_pointed_at() -> None:
    made = bars(*[(float(at), 1.0) for at in range(30)])
    for at in (0, 7, 29):
        lines = texts(drawn(made, 78, 16, at))
        assert f"{at + 1} Nov" in lines[-1]
        middle = lines[-2].index("▲")
        begin = lines[-1].index(f"{at + 1} Nov")
        assert begin - 3 <= middle <= begin + 7
    assert "▲" not in texts(drawn(made, 78, 16))[-2]


@pytest.mark.parametrize(("width", "group"), [(78, 2), (130, 4)])
def test_thirty_days_and_a_year_fit_both_sizes(width: int, group: int) -> None:
    days = bars(*[(1.5, 0.2)] * 30)
    plan = planned(days, width, 12)
    assert plan is not None and plan.group == group and plan.gutter + 30 * plan.group <= width
    year = bars(*[(1.5, 0.2)] * 12)
    assert len(texts(drawn(year, width, 12, 3))) == 12


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=31), st.integers(0, 140), st.integers(0, 50), st.integers(-1, 30))
@example([(None, 5e-324)], 60, 8, 0)
def test_it_stays_within_its_room(amounts: list[tuple[float | None, float | None]], w: int, h: int, at: int) -> None:
    lines = drawn(bars(*amounts), w, h, at)
    assert len(lines) <= max(h, 1)
    assert all(line.cell_length <= max(w, 0) for line in lines)


@given(st.floats(1e-3, 1e12), st.integers(3, 50))
def test_the_scale_reaches_over_the_largest_and_not_far(most: float, rows: int) -> None:
    top, step = scale(most, rows)
    assert most <= top * (1 + 1e-9) and top - most <= step * (1 + 1e-6)
    assert math.isclose(top / step, round(top / step), rel_tol=1e-6) and round(top / step) <= max(1, rows // 3)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", [themes.DARK.name, themes.SIXTEEN.name])
async def test_it_draws_itself_in_every_theme(size: tuple[int, int], theme: str) -> None:
    chart = BarChart()
    async with Stage(lambda: (chart,), theme=theme).run_test(size=size) as pilot:
        made = bars(*[(float(at % 7), 1.0) for at in range(30)])
        chart.show(made, 29)
        await settle(pilot)
        before = on_screen(pilot.app).split("\n")
        assert "30 Nov" in before[size[1] - 1] and FIRST in before[-3]
        chart.show(made, 0)
        await settle(pilot)
        after = on_screen(pilot.app).split("\n")
        assert after[:-2] == before[:-2] and after[-2:] != before[-2:], "only the mark has moved"
