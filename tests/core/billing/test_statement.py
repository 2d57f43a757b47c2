"""The balance and its rows: right on every page, in both directions, for whoever may see it and nobody else."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest

from core.billing import statement
from core.billing.statement import StatementEntry
from core.db.pagination import PageRequest
from core.errors import NotFound
from core.models.accounts import Role
from core.service.desk import Desk
from tests.factories.desks import START, logged_in, make_desk, person, seat
from tests.factories.subscribers import SELLER, billed, paid, subscriber

TODAY = START.date()


def day(ago: int) -> dt.date:
    return TODAY - dt.timedelta(days=ago)


def all_pages(desk: Desk, limit: int, *, backwards: bool = False) -> list[StatementEntry]:
    ask, found = PageRequest(limit=limit, last=backwards), []
    while True:
        page = desk.see(statement.page, ask)
        found = [*page.rows, *found] if backwards else [*found, *page.rows]
        if not (page.more_before if backwards else page.more_after):
            return found
        ask = PageRequest(limit=limit, before=page.start) if backwards else PageRequest(limit=limit, after=page.end)


def test_each_row_has_the_balance_it_left_however_it_is_paged(any_desk: Desk) -> None:
    made = subscriber(any_desk, account_id=person(any_desk, "wanda"))
    other = subscriber(any_desk, "A-2", contract="U-2", addresses=("203.0.113.9",))
    rng, expected, balance = random.Random(4), [], 0
    for at in range(40):
        on = day(400 - at // 3 * 10)
        if rng.random() < 0.5:
            billed(any_desk, made.id, f"FV/{at}", on, 100 + at)
        else:
            paid(any_desk, made.id, f"P{at}", on, 150 - at)
        billed(any_desk, other.id, f"X/{at}", on, 999)
    wanda = seat(any_desk, 1)
    whole = all_pages(wanda, 200)
    in_order = sorted(whole, key=lambda one: (one.on, one.kind, one.ref))
    assert list(reversed(in_order)) == whole and len(whole) == 40
    for entry in in_order:
        balance += entry.amount
        expected.append(balance)
    assert [entry.balance for entry in in_order] == expected
    for limit in (1, 7, 39, 40):
        assert all_pages(wanda, limit) == whole
        assert all_pages(wanda, limit, backwards=True) == whole
    assert wanda.see(statement.summary).balance == balance


def test_what_is_due_and_what_is_late(tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "d", seller=SELLER)
    made = subscriber(desk, account_id=person(desk, "wanda"))
    billed(desk, made.id, "FV/9", day(60))
    late = billed(desk, made.id, "FV/10", day(30), unpaid=2900)
    coming = billed(desk, made.id, "FV/11", day(2), unpaid=6900)
    paid(desk, made.id, "P1", day(40), 6900)
    paid(desk, made.id, "P2", day(10), 4000)
    wanda = seat(desk, 1)
    found = wanda.see(statement.summary)
    assert (found.balance, found.to_pay, found.overdue) == (-9800, 9800, 2900)
    assert found.since == day(30) + dt.timedelta(days=14)
    assert found.next_due == (day(2) + dt.timedelta(days=14), 6900)
    assert found.code == "1234563218|PL|91123412340000000000000042|009800|Wiatrołap Internet|A-1001|||"
    rows = {row.ref: row for row in all_pages(wanda, 50) if row.kind == statement.INVOICE}
    assert (rows[late].overdue, rows[coming].overdue, rows[coming].unpaid) == (True, False, 6900)
    desk.close()


def test_one_open_invoice_is_paid_by_its_number_and_nothing_due_needs_no_code(tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "d", seller=SELLER)
    made = subscriber(desk, account_id=person(desk, "wanda"), bank_account="05123412340000000000000007")
    wanda = seat(desk, 1)
    assert (wanda.see(statement.summary).code, wanda.see(statement.summary).to_pay) == ("", 0)
    billed(desk, made.id, "FV/11", day(2), unpaid=6900)
    found = wanda.see(statement.summary)
    assert (found.title, found.account) == ("FV/11", "05123412340000000000000007"), "the subscriber's own account"
    desk.clock.move(dt.timedelta(days=13))
    assert seat(desk, 1).see(statement.summary).overdue == 6900
    desk.close()


def test_a_charge_without_an_invoice_is_owed_too_and_a_day_is_paid_as_one(tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "d", seller=SELLER)
    made = subscriber(desk, account_id=person(desk, "wanda"))
    billed(desk, made.id, "FV/1", day(2), unpaid=6900)
    billed(desk, made.id, "FV/2", day(2), unpaid=3100)
    paid(desk, made.id, "charge", day(1), -2000)
    found = seat(desk, 1).see(statement.summary)
    assert (found.balance, found.to_pay) == (-6900 - 6900 - 2000, 15800)
    assert found.next_due == (day(2) + dt.timedelta(days=14), 10000)
    assert "|015800|" in found.code
    desk.close()


def test_a_correction_raises_the_balance_and_says_what_it_corrects(desk: Desk) -> None:
    made = subscriber(desk, account_id=person(desk, "wanda"))
    billed(desk, made.id, "FV/1", day(20), unpaid=4900)
    of = {"corrects": "FV/1", "corrects_key": "fv/1", "corrects_on": day(20)}
    billed(desk, made.id, "FK/1", day(10), -2000, **of)
    wanda = seat(desk, 1)
    rows = wanda.see(statement.page, PageRequest()).rows
    assert [(row.label, row.amount, row.balance, row.corrects, row.corrected) for row in rows] == [
        ("FK/1", 2000, -4900, "FV/1", False),
        ("FV/1", -6900, -6900, "", True),
    ]
    found = wanda.see(statement.summary)
    assert (found.balance, found.to_pay, found.title) == (-4900, 4900, "FV/1")


def test_nobody_else_sees_it(desk: Desk) -> None:
    made = subscriber(desk, account_id=person(desk, "wanda"))
    billed(desk, made.id, "FV/1", day(3))
    subscriber(desk, "A-2", contract="U-2", addresses=("203.0.113.9",), account_id=person(desk, "bruno"))
    for other in (seat(desk, 2), logged_in(desk, "nina"), logged_in(desk, "iwan", Role.INSTALLER), desk):
        for query in (statement.summary, lambda look, id_: statement.page(look, PageRequest(), id_)):
            with pytest.raises(NotFound):
                other.see(query, made.id)
    with pytest.raises(NotFound):
        logged_in(desk, "ewa").see(statement.summary)
    assert len(logged_in(desk, "adam", Role.AGENT).see(statement.page, PageRequest(), made.id).rows) == 1
