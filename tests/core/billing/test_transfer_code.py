"""The 2D code of the Polish Bank Association."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing import transfer_code
from tests.core.billing.invoices import ACCOUNT


def test_the_fields_in_their_order() -> None:
    made = transfer_code.payload("Wiatrołap Sp. z o.o.", ACCOUNT, 9190, "FV/11/2026/00042", "1234563218")
    assert made == f"1234563218|PL|{ACCOUNT}|009190|Wiatrołap Sp. z o.o.|FV/11/2026/00042|||"


@pytest.mark.parametrize(
    ("grosze", "written"), [(1, "000001"), (999_999, "999999"), (1_000_000, "000000"), (0, "000000"), (-5, "000000")]
)
def test_an_amount_that_has_no_room_is_left_to_the_payer(grosze: int, written: str) -> None:
    assert transfer_code.payload("Ktoś", ACCOUNT, grosze, "x").split("|")[3] == written


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Wiatrołap Internet Sp. z o.o.", "Wiatrołap Internet"),
        ("Wiatrołap Internetowy Sp. z o.o.", "Wiatrołap Internetow"),
        ("Dwadzieścia Liter ABC i dalej", "Dwadzieścia Liter"),
        ("Dwadzieścia Liter AB i dalej", "Dwadzieścia Liter AB"),
    ],
)
def test_a_long_name_ends_after_a_word(name: str, kept: str) -> None:
    assert transfer_code.payload(name, ACCOUNT, 1, "x").split("|")[4] == kept


@given(st.text(max_size=200), st.text(max_size=200), st.integers(-10, 10_000_000))
def test_no_name_or_title_breaks_the_code(name: str, title: str, grosze: int) -> None:
    made = transfer_code.payload(name, f"PL {transfer_code.grouped(ACCOUNT)}", grosze, title, "1234563218")
    fields = made.split("|")
    assert len(fields) == 9 and fields[6:] == ["", "", ""]
    assert len(made) <= 160 and len(fields[4]) <= 20 and len(fields[5]) <= 32
    assert fields[2] == ACCOUNT and len(fields[3]) == 6


def test_an_account_is_read_out_in_groups() -> None:
    assert transfer_code.grouped(ACCOUNT) == "91 1234 1234 0000 0000 0000 0042"


def test_the_code_is_square_with_light_around_it() -> None:
    rows = transfer_code.modules(transfer_code.payload("Wiatrołap", ACCOUNT, 9190, "FV/1"))
    assert {len(row) for row in rows} == {len(rows)}
    assert not any(rows[0]) and not any(rows[1]) and rows[2][2:9] == (True,) * 7  # the corner all cameras look for
    wider = transfer_code.modules(transfer_code.payload("Wiatrołap", ACCOUNT, 9190, "FV/1"), quiet=4)
    assert len(wider) == len(rows) + 4


def test_it_is_utf_8_also_where_latin_1_would_do() -> None:
    import segno

    made = transfer_code.payload("Sól", ACCOUNT, 1, "x")
    latin = segno.make(made, micro=False, error="l", encoding="iso-8859-1")
    assert transfer_code.modules(made, quiet=0) != tuple(tuple(map(bool, row)) for row in latin.matrix_iter(border=0))
