"""What charts share: runs of one style, numbers beside the axis, names that don't touch."""

from __future__ import annotations

import pytest

from tui.widgets.plot import AXIS, beside_axis, corner, joined, put_where_free, span


def test_cells_of_one_style_are_one_run() -> None:
    content = joined([("a", "$x"), ("b", "$x"), ("c", ""), ("d", "$y")])
    assert content.plain == "abcd"
    assert [(part.start, part.end, part.style) for part in content.spans] == [(0, 2, "$x"), (3, 4, "$y")]


def test_numbers_stand_beside_their_rows() -> None:
    rows = list(beside_axis([[("x", "")], [("y", "")]], {1: "20"}, gutter=5))
    assert [row.plain for row in rows] == ["    │x", " 20 ┤y"]
    assert rows[0].spans[0].style == AXIS
    assert corner(5).plain == "    └"


@pytest.mark.parametrize(("middle", "wanted"), [(0, (0, 3)), (1, (0, 3)), (5, (4, 7)), (9, (7, 10)), (40, (7, 10))])
def test_a_name_stands_within_its_line(middle: int, wanted: tuple[int, int]) -> None:
    assert span("abc", middle, 10) == wanted


def test_a_name_that_would_touch_another_is_left_out() -> None:
    line = list("          ")
    put_where_free(line, "ab", 2)
    put_where_free(line, "cd", 4)
    assert "".join(line) == " ab       "
    put_where_free(line, "cd", 5)
    assert "".join(line) == " ab cd    "
