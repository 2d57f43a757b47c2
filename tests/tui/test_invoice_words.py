"""What a row of a statement says of its invoice."""

from __future__ import annotations

import datetime as dt

import pytest

from core.billing.statement import INVOICE, StatementEntry
from tui.screens.billing.invoice_list import correction as a_correction
from tui.screens.billing.invoice_list import entry_due, entry_state

DAY = dt.date(2026, 11, 20)


@pytest.mark.parametrize(("amount", "lowers"), [(500, True), (0, True), (-500, False)])
def test_a_correction_that_asks_for_nothing_more_has_no_day_to_pay_by(amount: int, lowers: bool) -> None:
    entry = StatementEntry(INVOICE, 2, DAY, "KOR/1", amount, 0, due_on=DAY, unpaid=max(0, -amount), corrects="FV/1")
    assert (entry_state(entry, DAY).plain == a_correction().plain) == lowers
    assert (entry_due(entry) == "") == lowers
