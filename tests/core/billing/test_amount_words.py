"""Amounts in words, against a table written by hand and against the rules of both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.amount_words import in_words, plural_pl

POLISH = {
    0: "zero złotych",
    1: "jeden złoty",
    2: "dwa złote",
    3: "trzy złote",
    4: "cztery złote",
    5: "pięć złotych",
    9: "dziewięć złotych",
    10: "dziesięć złotych",
    11: "jedenaście złotych",
    12: "dwanaście złotych",
    13: "trzynaście złotych",
    14: "czternaście złotych",
    15: "piętnaście złotych",
    16: "szesnaście złotych",
    19: "dziewiętnaście złotych",
    20: "dwadzieścia złotych",
    21: "dwadzieścia jeden złotych",
    22: "dwadzieścia dwa złote",
    34: "trzydzieści cztery złote",
    40: "czterdzieści złotych",
    55: "pięćdziesiąt pięć złotych",
    66: "sześćdziesiąt sześć złotych",
    78: "siedemdziesiąt osiem złotych",
    99: "dziewięćdziesiąt dziewięć złotych",
    100: "sto złotych",
    101: "sto jeden złotych",
    102: "sto dwa złote",
    112: "sto dwanaście złotych",
    123: "sto dwadzieścia trzy złote",
    200: "dwieście złotych",
    314: "trzysta czternaście złotych",
    422: "czterysta dwadzieścia dwa złote",
    560: "pięćset sześćdziesiąt złotych",
    617: "sześćset siedemnaście złotych",
    999: "dziewięćset dziewięćdziesiąt dziewięć złotych",
    1_000: "jeden tysiąc złotych",
    1_001: "jeden tysiąc jeden złotych",
    2_004: "dwa tysiące cztery złote",
    5_200: "pięć tysięcy dwieście złotych",
    12_012: "dwanaście tysięcy dwanaście złotych",
    21_000: "dwadzieścia jeden tysięcy złotych",
    22_703: "dwadzieścia dwa tysiące siedemset trzy złote",
    100_000: "sto tysięcy złotych",
    1_000_000: "jeden milion złotych",
    2_000_000: "dwa miliony złotych",
    5_000_001: "pięć milionów jeden złotych",
    23_112_815: "dwadzieścia trzy miliony sto dwanaście tysięcy osiemset piętnaście złotych",
    999_999_999: (
        "dziewięćset dziewięćdziesiąt dziewięć milionów dziewięćset dziewięćdziesiąt dziewięć tysięcy "
        "dziewięćset dziewięćdziesiąt dziewięć złotych"
    ),
}
ENGLISH = {
    0: "zero",
    1: "one",
    13: "thirteen",
    20: "twenty",
    21: "twenty-one",
    40: "forty",
    99: "ninety-nine",
    100: "one hundred",
    101: "one hundred and one",
    123: "one hundred and twenty-three",
    1_000: "one thousand",
    1_001: "one thousand and one",
    1_100: "one thousand one hundred",
    5_200: "five thousand two hundred",
    12_345: "twelve thousand three hundred and forty-five",
    1_000_001: "one million and one",
    2_000_100: "two million one hundred",
    999_999_999: (
        "nine hundred and ninety-nine million nine hundred and ninety-nine thousand nine hundred and ninety-nine"
    ),
}


@pytest.mark.parametrize(("number", "words"), POLISH.items())
def test_polish_as_written_by_hand(number: int, words: str) -> None:
    assert in_words(number * 100, "pl") == f"{words} 00/100"


@pytest.mark.parametrize(("number", "words"), ENGLISH.items())
def test_english_as_written_by_hand(number: int, words: str) -> None:
    assert in_words(number * 100, "en") == f"{words} złoty 00/100"


def test_grosze_and_what_is_below_zero() -> None:
    assert in_words(12345, "pl") == "sto dwadzieścia trzy złote 45/100"
    assert in_words(-12345, "pl") == "minus sto dwadzieścia trzy złote 45/100"
    assert in_words(7, "pl") == "zero złotych 07/100"
    assert in_words(-12345, "en") == "minus one hundred and twenty-three złoty 45/100"


def test_more_than_it_can_count_is_refused_and_not_cut() -> None:
    for grosze in (100_000_000_000, -100_000_000_000):
        with pytest.raises(ValueError, match="thousand million"):
            in_words(grosze, "pl")


def test_every_number_up_to_ten_thousand() -> None:
    seen: dict[str, set[str]] = {"pl": set(), "en": set()}
    for number in range(10_001):
        for language, said in seen.items():
            words = in_words(number * 100, language)
            assert "  " not in words and "--" not in words and words == words.strip(), number
            said.add(words)
        words = in_words(number * 100, "pl").split()
        # The rule of grammar, from the last word said and not from the number's digits.
        last = words[-3]
        wanted = "złotych"
        if number == 1:
            wanted = "złoty"
        elif last in ("dwa", "trzy", "cztery"):
            wanted = "złote"
        assert words[-2] == wanted, number
    assert all(len(said) == 10_001 for said in seen.values())  # no two numbers share their words


@given(st.integers(0, 999_999_999))
def test_thousands_and_millions_agree_with_their_count(number: int) -> None:
    words = f" {in_words(number * 100, 'pl')} "
    assert "  " not in words.strip()
    for size, forms in ((1_000_000, ("milion", "miliony", "milionów")), (1_000, ("tysiąc", "tysiące", "tysięcy"))):
        count = number // size % 1_000
        said = [form for form in forms if f" {form} " in words]
        assert said == ([plural_pl(count, forms)] if count else [])
