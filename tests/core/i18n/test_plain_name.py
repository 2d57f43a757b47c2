"""The name of a company in a letter that nobody asked for: itself, but no address and no link."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.i18n.plain_name import LONGEST, plain_name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Tarnina sp. z o.o.", "Tarnina sp. z o.o."),
        ("Ciepło Dolne S.A.", "Ciepło Dolne S.A."),
        ("P.H.U.Kowalski", "P.H.U. Kowalski"),
        ("Kup tanio na tanio.pl/okazja teraz", "Kup tanio na teraz"),
        ("Tanio https://tanio.example/a?b=1", "Tanio"),
        ("Pisz: ja@tanio.example", "Pisz"),
        ("WWW.TANIO.PL", ""),
        ("tanio。pl", ""),
        ("a.b.com", "a.b. com"),
        ("x" * 90, "x" * (LONGEST - 1) + "…"),
    ],
)
def test_plain_name(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@given(st.text(max_size=120))
def test_whatever_a_company_is_called(name: str) -> None:
    plain = plain_name(name)
    assert len(plain) <= LONGEST
    assert "@" not in plain and "://" not in plain
    assert plain_name(plain) == plain
