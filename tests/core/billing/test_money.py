"""Amounts: written for readers, read from files."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing import money
from core.billing.amount_field import Money
from core.errors import DeskError, say
from core.forms.field_types import FormError
from core.i18n.translation import speaking

GROSZE = st.integers(-money.MOST, money.MOST)


@pytest.mark.parametrize(
    ("grosze", "polish", "english"),
    [
        (0, "0,00 zł", "PLN 0.00"),
        (5, "0,05 zł", "PLN 0.05"),
        (-5, "-0,05 zł", "-PLN 0.05"),
        (123450, "1 234,50 zł", "PLN 1,234.50"),
        (-123450, "-1 234,50 zł", "-PLN 1,234.50"),
        (99_999_999_999, "999 999 999,99 zł", "PLN 999,999,999.99"),
    ],
)
def test_an_amount_is_written_in_the_readers_way(grosze: int, polish: str, english: str) -> None:
    assert money.amount(grosze, "pl") == polish.replace(" ", money.NBSP)
    assert money.amount(grosze, "en") == english.replace(" ", money.NBSP)
    with speaking("pl"):
        assert money.amount(grosze) == money.amount(grosze, "pl")


@pytest.mark.parametrize(
    ("grosze", "written", "polish"),
    [
        ("0.33", "0.0033", "0,0033"),
        ("-33.3", "-0.333", "-0,333"),
        ("123456.789012", "1234.56789012", "1 234,56789012"),
        ("33.3333333", "0.33333333", "0,33333333"),
        ("6900.00000", "", "69,00"),
        ("-0.0000001", "", "0,00"),
    ],
)
def test_prices_finer_than_a_grosz(grosze: str, written: str, polish: str) -> None:
    exact = Decimal(grosze)
    assert money.fine(exact) == written
    shown = money.figures(money.rounded(exact), "pl", exact=written)
    assert shown == polish.replace(" ", money.NBSP)


def test_an_amount_in_a_sentence_is_written_when_it_is_read() -> None:
    said = say("It costs {price}.", price=money.SpokenAmount(150000))
    with speaking("pl"):
        assert said.text() == "It costs 1\u00a0500,00\u00a0zł."
    with speaking("en"):
        assert said.text() == "It costs PLN\u00a01,500.00."


@pytest.mark.parametrize(
    ("text", "grosze"),
    [
        ("1234.5", 123450),
        ("1234,50", 123450),
        ("1 234,50", 123450),
        ("1\u00a0234,50", 123450),
        ("1\u202f234\u202f567,5", 123456750),
        (" 12 ", 1200),
        ("0", 0),
        ("-0.01", -1),
        ("\u22125,00", -500),
        ("+7", 700),
        ("000123.45", 12345),
        ("999999999.99", money.MOST),
    ],
)
def test_what_files_hold_is_read(text: str, grosze: int) -> None:
    assert money.parse(text) == grosze


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "   ",
            "-",
            ".",
            ",",
            ".5",
            "5.",
            "1.234",
            "1,000",
            "1,234.50",
            "1.234,50",
            "12 34,50",
            "1  234",
            "1 2345",
        ),
        *("12,5 zł", "PLN 5", "abc", "1e3", "0x10", "NaN", "--5", "5-", "1_000", "١٢", "１２", "1\n2", "1000000000.00"),
        "9" * 100_000,
    ],
)
def test_what_could_mean_something_else_is_refused(text: str) -> None:
    with pytest.raises(DeskError) as caught:
        money.parse(text)
    for language in ("en", "pl"):
        with speaking(language):
            assert "{" not in caught.value.text()


@given(GROSZE)
def test_what_is_written_reads_as_the_same(grosze: int) -> None:
    assert money.parse(money.plain(grosze)) == grosze
    assert money.parse(money.figures(grosze, "pl")) == grosze
    if abs(grosze) < 100_000:  # a thousand begins the English comma, which files may not have
        assert money.parse(money.figures(grosze, "en")) == grosze


@given(st.text(st.sampled_from("0123456789,. -+\u00a0złe"), max_size=14))
def test_whatever_is_read_is_what_it_says(text: str) -> None:
    try:
        grosze = money.parse(text)
    except DeskError:
        return
    bare = "".join(text.split()).replace(",", ".")
    assert Decimal(grosze) == Decimal(bare) * 100


@pytest.mark.parametrize(
    ("exact", "whole"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.49", 2), ("-2.5", -3), ("-0.4", 0)]
)
def test_half_a_grosz_is_a_whole_one(exact: str, whole: int) -> None:
    assert money.rounded(Decimal(exact)) == whole


def test_the_field_reads_amounts_and_takes_grosze() -> None:
    field = Money()
    assert field.value("1 234,50") == 123450
    assert field.value(123450) == 123450
    assert field.value("  ") is None
    for wrong in ("1,234.50", "5 zł", "1" * 30, True):
        with pytest.raises(FormError):
            field.value(wrong)
