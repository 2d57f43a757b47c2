"""A PESEL within what somebody writes."""

from __future__ import annotations

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
