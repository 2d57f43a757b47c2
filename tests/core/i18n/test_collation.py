"""The order of the Polish alphabet, by bytes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.i18n.collation import sort_key

WORDS = [
    "",
    "3M",
    "Adamska",
    "Azja",
    "Ábel",
    "Ąbel",
    "Cyran",
    "Czyż",
    "Ćma",
    "Ćwik",
    "Lasota",
    "Lyra",
    "Łasak",
    "Łukasik",
    "Maj",
    "Nowak",
    "Ńeń",
    "O'Brien",
    "Oz",
    "Ósma",
    "Suma",
    "Śliwa",
    "Zenon",
    "Zza",
    "Źrebiec",
    "Żak",
]


def test_letters_with_a_mark_stand_after_their_letter() -> None:
    mixed = random.Random(3).sample(WORDS, len(WORDS))
    assert sorted(mixed, key=sort_key) == WORDS
    assert sorted(mixed, key=lambda word: sort_key(word).encode()) == WORDS, "as databases compare"


def test_the_first_text_counts_first() -> None:
    people = [("Łoś", "Ola"), ("Kowalska", "Ada"), ("Kowal", "Żaneta")]
    assert sorted(people, key=lambda one: sort_key(*one)) == people[::-1]


@pytest.mark.parametrize(
    ("one", "other"), [("ŁOŚ", "łoś"), ("Łos\u0301", "Łoś"), ("O’Brien", "O'Brien"), (" a  b", "A B")]
)
def test_writing_makes_no_difference(one: str, other: str) -> None:
    assert sort_key(one) == sort_key(other)


@given(st.text("aąbcćelłnńoósśzźżAŁŻ '-", max_size=20))
def test_keys_of_polish_names_are_plain(text: str) -> None:
    assert sort_key(text).isascii()
    assert sort_key(text) == " ".join(sort_key(text).split())
