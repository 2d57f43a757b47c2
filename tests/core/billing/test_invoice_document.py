"""Invoices as documents: what they add up to, and every way in which one can be wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.invoice_document import (
    RATES,
    Correction,
    Total,
    placed_problems,
    priced,
    priced_gross,
    problems,
    right_account,
    right_nip,
)
from core.i18n.translation import speaking
from tests.core.billing.invoices import (
    ACCOUNT,
    COMPANY,
    PERSON,
    SELLER,
    correction,
    fine_invoice,
    invoice,
    long_invoice,
    sum_invoice,
)

QUANTITIES = st.decimals("0.001", "99999", places=3)
PRICES = st.integers(-1_000_000, 1_000_000)
RATE = st.sampled_from(sorted(RATES))


def test_the_invoices_to_test_with_are_right() -> None:
    assert problems(invoice()) == [] and problems(long_invoice()) == []
    assert problems(correction()) == [] and problems(sum_invoice()) == []


def test_a_line_from_its_net_price() -> None:
    line = priced("x", Decimal("1.5"), "h", 12_345, "23")
    assert (line.net, line.vat, line.gross) == (18_518, 4_259, 22_777)  # 185,175 → 185,18; 42,5914 → 42,59


def test_a_line_from_its_gross_price_comes_out_to_the_grosz() -> None:
    line = priced_gross("x", 1, "m", 5_990, "23")
    assert (line.net_price, line.net, line.vat, line.gross) == (4_870, 4_870, 1_120, 5_990)


def test_a_price_finer_than_a_grosz_is_kept_as_it_is() -> None:
    assert problems(fine_invoice()) == []
    told = [(line.unit_price, line.price, line.net_price, line.net) for line in fine_invoice().lines]
    assert told == [
        ("0.0033", Decimal("0.33"), 0, 330),
        ("1234.56789012", Decimal("123456.789012"), 123457, 1543210),
        ("0.542", Decimal("54.2"), 54, 1626),
        ("", Decimal(5610), 5610, 5610),
        ("0.005", Decimal("0.5"), 1, -1),
    ]
    wrong = replace(fine_invoice().lines[0], net=331, vat=76, gross=407)
    with speaking("en"):
        assert [what.text().replace("\u00a0", " ") for what in problems(invoice(lines=(wrong,)))] == [
            "Line 1: 1000 × PLN 0.0033 is PLN 3.30, not PLN 3.31."
        ]


@given(QUANTITIES, PRICES, RATE)
def test_whatever_is_priced_is_right(quantity: Decimal, price: int, rate: str) -> None:
    extra = priced("x", 1, "", 200_000_000_00 // 100, rate)  # keeps the total above zero
    for line in (priced("x", quantity, "", price, rate), priced_gross("x", quantity, "", price, rate)):
        assert line.net + line.vat == line.gross
        assert not [place for place, _ in placed_problems(invoice(lines=(line, extra))) if place.startswith("lines")]


@given(st.lists(st.builds(priced, st.just("x"), QUANTITIES, st.just(""), st.integers(0, 10_000), RATE), min_size=1))
def test_the_vat_table_adds_up(lines: list[Any]) -> None:
    made = invoice(lines=tuple(lines))
    table = made.by_rate()
    assert [total.rate for total in table] == [rate for rate in RATES if any(line.rate == rate for line in lines)]
    assert sum(total.net for total in table) == made.net
    assert sum(total.vat for total in table) == made.vat
    assert sum(total.gross for total in table) == made.gross == made.net + made.vat


def test_the_vat_table_of_every_rate() -> None:
    assert long_invoice().by_rate() == (
        Total("23", 24 * 4_870, 24 * 1_120),
        Total("8", 54_600, 4_368),
        Total("5", 7_000, 350),
        Total("0", 900, 0),
        Total("zw", 18_000, 0),
        Total("np", 10_000, 0),
    )


def test_what_was_paid_lowers_what_is_to_be_paid_and_no_total() -> None:
    assert (invoice(paid=90).gross, invoice(paid=90).to_pay) == (9_190, 9_100)
    assert invoice(paid=100_000).to_pay == 0


def test_a_correction_comes_to_what_it_changes() -> None:
    made = correction()
    assert made.by_rate() == (Total("23", -2602, -598),)
    assert (made.net, made.vat, made.gross, made.to_pay) == (-2602, -598, -3200, 0)
    nothing = replace(made.lines[0], before=False, name="Światłowód 600/60")
    assert problems(correction(lines=(made.lines[0], nothing))) == [], "the name alone was wrong"


def test_totals_of_the_sum_leave_out_what_does_not_add_up() -> None:
    made = sum_invoice()
    assert (made.net, made.vat, made.gross) == (99, 23, 122)
    assert [made.adds_up(column) for column in ("net", "vat", "gross")] == [True, False, False]
    assert all(invoice().adds_up(column) for column in ("net", "vat", "gross"))


LINE = priced("Usługa", 3, "szt.", 1_000, "23")
RIGHT = Correction("FV/1", dt.date(2026, 10, 2))


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"number": "  "}, "number"),
        ({"lines": ()}, "lines"),
        ({"due_on": dt.date(2026, 11, 1)}, "due_on"),
        ({"paid": -1}, "paid"),
        ({"seller": replace(SELLER, name="")}, "seller.name"),
        ({"seller": replace(SELLER, tax_id="")}, "seller.tax_id"),
        ({"seller": replace(SELLER, tax_id="1234563219")}, "seller.tax_id"),
        ({"seller": replace(SELLER, tax_id="0000000000")}, "seller.tax_id"),
        ({"seller": replace(SELLER, bank_account=ACCOUNT[:-1] + "3")}, "seller.bank_account"),
        ({"seller": replace(SELLER, country="pl")}, "seller.country"),
        ({"buyer": replace(PERSON, name=" ")}, "buyer.name"),
        ({"buyer": replace(COMPANY, tax_id="123-456-32-18")}, "buyer.tax_id"),
        ({"lines": (replace(LINE, name=""),)}, "lines.1.name"),
        ({"lines": (LINE, replace(LINE, rate="22"))}, "lines.2.rate"),
        ({"lines": (replace(LINE, quantity=Decimal(0)),)}, "lines.1.quantity"),
        ({"lines": (replace(LINE, quantity=Decimal("NaN")),)}, "lines.1.quantity"),
        ({"lines": (replace(LINE, quantity=Decimal("1E+30")),)}, "lines.1.quantity"),
        ({"lines": (replace(LINE, quantity=Decimal("0.1234567")),)}, "lines.1.quantity"),
        ({"lines": (replace(LINE, net=LINE.net + 2, gross=LINE.gross + 2),)}, "lines.1.net"),
        ({"lines": (replace(LINE, vat=LINE.vat + 1, gross=LINE.gross + 1),)}, "lines.1.vat"),
        ({"lines": (replace(LINE, rate="zw"),)}, "lines.1.vat"),
        ({"lines": (replace(LINE, gross=LINE.gross - 1),)}, "lines.1.gross"),
        ({"lines": (priced("Zwrot", -1, "szt.", 1_000, "23"),)}, "gross"),
        ({"lines": (priced("Dużo", 999_999, "szt.", 10_000_000, "23"),)}, "gross"),
        ({"rates": (Total("23", 7472, 1722),)}, "gross"),
        ({"rates": (Total("23", 7480, 1710),)}, "gross"),
        ({"rates": (Total("23", 7472, 1718), Total("8", 0, 0))}, "gross"),
        ({"correction": replace(RIGHT, number=" ")}, "correction.number"),
        ({"correction": replace(RIGHT, number="fv/11/2026/ 00042")}, "correction.number"),
        ({"correction": replace(RIGHT, issued_on=dt.date(2026, 11, 3))}, "correction.issued_on"),
        ({"correction": RIGHT, "lines": (priced("Dużo", -999_999, "szt.", 10_000_000, "23"),)}, "gross"),
    ],
)
def test_every_mistake_is_named_at_its_place(changed: dict[str, Any], place: str) -> None:
    wrong = invoice(**changed)
    assert [at for at, _ in placed_problems(wrong)] == [place]
    for language in ("en", "pl"):
        with speaking(language):
            assert all(what.text() and "{" not in what.text() for what in problems(wrong))


def test_a_line_that_is_wrong_says_what_it_should_be() -> None:
    wrong = invoice(lines=(replace(LINE, vat=700, gross=3_700),))
    with speaking("en"):
        assert [what.text().replace("\u00a0", " ") for what in problems(wrong)] == [
            "Line 1: VAT at 23% on PLN 30.00 is PLN 6.90, not PLN 7.00."
        ]


@pytest.mark.parametrize(
    ("tax_id", "right"),
    [
        ("1234563218", True),
        ("1234563217", False),
        ("0000000000", False),
        ("1000000000", False),  # the schema's third digit
        ("123456321", False),
        ("12345632180", False),
        ("١٢٣٤٥٦٣٢١٨", False),
        ("123456321X", False),
    ],
)
def test_tax_numbers(tax_id: str, right: bool) -> None:
    assert right_nip(tax_id) is right


@given(st.integers(0, 25), st.integers(1, 9))
def test_one_wrong_digit_of_an_account_is_seen(at: int, more: int) -> None:
    wrong = ACCOUNT[:at] + str((int(ACCOUNT[at]) + more) % 10) + ACCOUNT[at + 1 :]
    assert right_account(ACCOUNT) and not right_account(wrong)


@pytest.mark.parametrize("account", ["", "0" * 26, "PL" + ACCOUNT, ACCOUNT[:-1], ACCOUNT + "0"])
def test_what_is_no_account(account: str) -> None:
    assert not right_account(account)
