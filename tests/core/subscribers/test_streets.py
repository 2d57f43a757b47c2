"""A street with *ul.* and without is one street; what tells places apart stays."""

from __future__ import annotations

import pytest

from core.subscribers import streets


@pytest.mark.parametrize("street", ["ul. Krzywa 1", "Krzywa 1", "ulica Krzywa 1", "UL.KRZYWA 1", "ul Krzywa 1"])
def test_the_prefix_of_a_street_is_left_out(street: str) -> None:
    assert streets.words(street) == ["krzywa", "1"]


@pytest.mark.parametrize(
    ("street", "words"),
    [
        ("al. Krzywa 1", ["al", "krzywa", "1"]),
        ("os. Ulanów 5", ["os", "ulanow", "5"]),
        ("Ul", ["ul"]),
        ("ul.", ["ul"]),
        ("", []),
    ],
)
def test_everything_else_stays(street: str, words: list[str]) -> None:
    assert streets.words(street) == words
