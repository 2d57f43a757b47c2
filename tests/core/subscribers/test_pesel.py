"""A PESEL within what somebody writes."""

from __future__ import annotations

import datetime as dt

import pytest

from core.subscribers import pesel


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("showed an identity card, 44051401458", True),
        ("440514-01458", True),
        ("44 05 14 01 458.", True),
        ("４４０５１４０１４５８", True),
        ("44051401459", False),
        ("called from 600 100 200, twice", False),
        ("144051401458", False),
        ("", False),
    ],
)
def test_one_is_found_within_a_text(text: str, holds: bool) -> None:
    assert pesel.within(text) is holds


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("50210100016", False),  # 1 January 2050
        ("50410100010", False),  # 2150
        ("50610100014", False),  # 2250
        ("00222900010", True),  # 29 February 2000
    ],
)
def test_nobody_is_born_ahead_of_time(typed: str, right: bool) -> None:
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    digits = typed[:10] + str(-sum(int(sign) * weight for sign, weight in zip(typed, weights, strict=False)) % 10)
    wrong = pesel.problem(digits, dt.date(2026, 11, 20))
    assert (wrong is None) is right
    assert wrong is None or digits not in wrong.text()


def test_somebody_born_today_has_one() -> None:
    born = "26311900018"  # 19 November 2026
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    digits = born[:10] + str(-sum(int(sign) * weight for sign, weight in zip(born, weights, strict=False)) % 10)
    assert pesel.problem(digits, dt.date(2026, 11, 19)) is None
    assert pesel.problem(digits, dt.date(2026, 11, 18)) is not None
