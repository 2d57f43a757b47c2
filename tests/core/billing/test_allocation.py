"""What payments cover: the sums always hold, the named invoice comes first, then the oldest due."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.billing.allocation import OpenInvoice, Paid, settled

DAY = dt.date(2026, 11, 1)


def bill(id_: int, gross: int, due: int) -> OpenInvoice:
    return OpenInvoice(id_, DAY + dt.timedelta(days=due), gross)


BILLS = [bill(1, 100, 30), bill(2, 100, 10), bill(3, 100, 20)]


def left(*payments: tuple[int, int | None]) -> dict[int, int]:
    return settled(BILLS, [Paid(*one) for one in payments])


def test_nothing_paid() -> None:
    assert left() == {1: 100, 2: 100, 3: 100}
    assert settled([], [Paid(5, None)]) == {}


def test_the_oldest_due_first() -> None:
    assert left((150, None)) == {2: 0, 3: 50, 1: 100}
    assert left((100, None), (100, None), (99, None)) == {2: 0, 3: 0, 1: 1}


def test_what_is_named_first() -> None:
    assert left((100, 1)) == {1: 0, 2: 100, 3: 100}
    assert left((60, 1), (60, 1)) == {1: 0, 2: 80, 3: 100}, "what is over pays the oldest"
    assert left((40, 3), (100, None)) == {1: 100, 2: 0, 3: 60}
    assert left((100, 404)) == {1: 100, 2: 0, 3: 100}, "an invoice of nobody here is none"


def test_money_that_went_back() -> None:
    assert left((100, 1), (-100, 1)) == {1: 100, 2: 100, 3: 100}
    assert left((200, None), (-50, None)) == {1: 100, 2: 0, 3: 50}
    assert left((100, 1), (100, 2), (-30, None)) == {1: 30, 2: 0, 3: 100}, "from the latest"
    assert left((-500, 1)) == {1: 100, 2: 100, 3: 100}
    assert left((300, None), (500, None), (-800, None)) == {1: 100, 2: 100, 3: 100}


def test_a_correction_is_as_if_its_invoice_were_paid() -> None:
    half, whole = OpenInvoice(4, DAY, -50, 1), OpenInvoice(5, DAY, -100, 2)
    assert settled([*BILLS, half, whole], []) == {1: 50, 2: 0, 3: 100, 4: 0, 5: 0}
    assert settled([*BILLS, half], [Paid(100, 1)]) == {1: 0, 2: 50, 3: 100, 4: 0}, "what is over pays the oldest"
    assert settled([*BILLS, OpenInvoice(4, DAY, -50)], []) == {1: 100, 2: 50, 3: 100, 4: 0}, "its invoice isn't here"


def test_a_correction_of_a_correction_is_for_the_invoice_and_one_that_is_owed_for_itself() -> None:
    assert settled([*BILLS, OpenInvoice(4, DAY, -30, 1), OpenInvoice(5, DAY, -20, 4)], []) == {
        1: 50,
        2: 100,
        3: 100,
        4: 0,
        5: 0,
    }
    assert settled([*BILLS, OpenInvoice(4, DAY, 30, 1), OpenInvoice(5, DAY, -20, 4)], [])[4] == 10
    assert settled([*BILLS, OpenInvoice(4, DAY, 0, 1), OpenInvoice(5, DAY, -20, 4)], [])[1] == 80, (
        "over one that changed no amount"
    )
    assert settled([*BILLS, OpenInvoice(4, DAY, -30, 5), OpenInvoice(5, DAY, -20, 4)], [])[2] == 50, (
        "two that correct each other"
    )


def test_what_is_paid_for_a_correction_is_paid_for_its_invoice() -> None:
    """An entry that cancels it in the operator's book takes back what it lowered."""
    assert settled([*BILLS, OpenInvoice(4, DAY, -50, 1)], [Paid(-50, 4)]) == {1: 100, 2: 100, 3: 100, 4: 0}


_BILLS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5)), max_size=8)
_PAID = st.lists(st.tuples(st.integers(-300, 600), st.one_of(st.none(), st.integers(1, 9))), max_size=12)


_LOWERED = st.lists(st.tuples(st.integers(1, 300), st.one_of(st.none(), st.integers(1, 9), st.integers(100, 104))))


@given(_BILLS, _PAID, _LOWERED, st.randoms())
def test_the_sums_hold_and_the_order_of_payments_never_matters(
    bills: list[tuple[int, int]],
    paid: list[tuple[int, int | None]],
    lowered: list[tuple[int, int | None]],
    chance: object,
) -> None:
    invoices = [bill(at, gross, due) for at, (gross, due) in enumerate(bills, start=1)]
    invoices += [OpenInvoice(100 + at, DAY, -amount, corrects) for at, (amount, corrects) in enumerate(lowered)]
    payments = [Paid(*one) for one in paid]
    found = settled(invoices, payments)
    whole = sum(max(one.gross, 0) for one in invoices)
    came = sum(one.amount for one in payments) - sum(min(one.gross, 0) for one in invoices)
    assert sum(found.values()) == min(max(whole - came, 0), whole)
    assert all(0 <= found[one.id] <= max(one.gross, 0) for one in invoices)
    chance.shuffle(payments)  # type: ignore[attr-defined]
    chance.shuffle(invoices)  # type: ignore[attr-defined]
    assert settled(invoices, payments) == found


@given(_BILLS, st.lists(st.integers(0, 600), max_size=12))
def test_an_invoice_is_touched_only_when_all_before_it_are_paid(bills: list[tuple[int, int]], paid: list[int]) -> None:
    invoices = [bill(at, gross, due) for at, (gross, due) in enumerate(bills, start=1)]
    found = settled(invoices, [Paid(amount, None) for amount in paid])
    ordered = sorted(invoices, key=lambda one: (one.due_on, one.id))
    for before, after in pairwise(ordered):
        assert found[before.id] == 0 or found[after.id] == after.gross
