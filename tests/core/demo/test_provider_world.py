"""The demo's internet provider: as large as promised, true to the desk's own rules, and alive when time passes."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.billing import allocation, invoice_document, invoices, orders, statement, usage
from core.db.pagination import PageRequest
from core.demo import mailbox, world
from core.demo.personas import Cast
from core.knowledge import articles
from core.models.accounts import Role
from core.models.billing import Invoice, Payment, Usage
from core.models.contracts import Contract, Cover
from core.models.subscribers import Line, LineAddress, Subscriber
from core.security import passwords
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.subscribers import detail, pesel
from tests.core.demo.test_world import built
from tests.factories.desks import START, logged_in, mail, seat

ALL = PageRequest(limit=200)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Cast]]:
    """One world for every test that only looks."""
    passwords.use_profile("test")
    desk, cast = built(tmp_path_factory.mktemp("provider") / "desk")
    yield desk, cast
    desk.close()


def rows(desk: Desk, model: Any) -> list[Any]:
    return list(desk.as_system().see(lambda look: look.rows(sa.select(table(model)))))


def played(desk: Desk, cast: Cast) -> list[Desk]:
    """The subscriber who has paid, the one who is late, the company."""
    return [seat(desk, one.id) for one in cast.personas[-3:]]


def test_it_is_as_large_as_promised(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    assert len(rows(desk, Subscriber)) == 40
    assert len(rows(desk, Line)) == 42
    assert len(rows(desk, Invoice)) == 40 * 24 + 1, "and a correction"
    days = {row.day for row in rows(desk, Usage)}
    assert (max(days), len(days)) == (START.date() - dt.timedelta(days=1), 730)
    assert len(desk.see(orders.offered)) == 6


def test_every_invoice_is_right_and_every_balance_adds_up(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    agent = seat(desk, 2)
    for one in rows(desk, Subscriber):
        entries = agent.see(statement.page, ALL, one.id).rows
        summary = agent.see(statement.summary, one.id)
        assert entries[0].balance == summary.balance == -summary.to_pay
        latest = agent.see(invoices.page, PageRequest(limit=1), one.id).rows[0]
        assert invoice_document.problems(agent.see(invoices.read, latest.id)) == []
    paid = sum(row.amount for row in rows(desk, Payment))
    assert sum(row.gross - row.unpaid for row in rows(desk, Invoice)) == paid


def test_one_invoice_was_corrected_before_it_was_paid(demo: tuple[Desk, Cast]) -> None:
    desk, cast = demo
    [kept] = [row for row in rows(desk, Invoice) if row.corrects]
    theirs = seat(desk, cast.personas[-3].id)
    shown = theirs.see(invoices.opened, kept.id)
    assert invoice_document.problems(shown.document) == [] and shown.document.gross < 0
    [corrected] = [row for row in shown.family if row.corrected]
    assert (corrected.number, corrected.unpaid) == (kept.corrects, 0)
    unpaid = {row.id: row.unpaid for row in rows(desk, Invoice)}
    desk.as_system().do(allocation.settle, [kept.subscriber_id])
    assert {row.id: row.unpaid for row in rows(desk, Invoice)} == unpaid, "as anybody would count it"


def test_no_two_lines_share_an_address(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    ends = sorted((row.low, row.high) for row in rows(desk, LineAddress))
    assert all(before[1] < after[0] for before, after in itertools.pairwise(ends))


def test_the_parts_are_what_they_say(demo: tuple[Desk, Cast]) -> None:
    desk, cast = demo
    settled, late, company = played(desk, cast)
    assert (settled.see(statement.summary).to_pay, settled.see(detail.mine).e_invoices) == (0, True)
    assert late.see(statement.summary).overdue > 0
    assert late.see(articles.outages, "en")
    assert len(company.see(detail.mine).lines) == 3
    months = settled.see(usage.months, settled.see(detail.mine).lines[0].asset_id, number=24)
    assert all(one.down for one in months)


def test_whoever_signs_up_gets_what_the_chooser_says(demo: tuple[Desk, Cast]) -> None:
    desk, cast = demo
    for one in cast.subscribers:
        assert pesel.problem(one.pesel) is None
        [found] = seat(desk, 1).see(detail.subscribers, ALL, one.address).rows
        assert (found.name, found.login) == (one.name, "")
        known = next(row for row in rows(desk, Subscriber) if row.id == found.id)
        assert known.pesel_mac == pesel.mac(desk.keys, one.pesel)


def test_time_brings_invoices_reminders_and_usage(tmp_path: Any) -> None:
    desk, cast = built(tmp_path / "desk")
    before = len(rows(desk, Invoice))
    mailbox.pass_time(desk, desk.clock, dt.timedelta(days=13))  # type: ignore[arg-type]
    assert len(rows(desk, Invoice)) == before + 40
    assert {row.letter for row in mail(desk)} >= {"invoice_issued", "payment_overdue", "contract_ending"}
    late = seat(desk, cast.personas[-2].id)
    assert late.see(statement.summary).to_pay > late.see(statement.summary).overdue > 0
    days = {row.day for row in rows(desk, Usage)}
    assert max(days) == START.date() + dt.timedelta(days=12)
    mailbox.pass_time(desk, desk.clock, dt.timedelta(hours=1))  # type: ignore[arg-type]
    assert len(rows(desk, Invoice)) == before + 40, "once a month"
    desk.close()


def test_whoever_has_paid_goes_on_paying_and_whoever_is_late_does_not(tmp_path: Path) -> None:
    desk, cast = built(tmp_path / "desk")
    mailbox.pass_time(desk, desk.clock, dt.timedelta(days=60))  # type: ignore[arg-type]
    late = START.date() + dt.timedelta(days=60)
    owing = {row.subscriber_id for row in rows(desk, Invoice) if row.unpaid and row.due_on < late}
    assert len(owing) <= 3
    settled, harriet, _company = played(desk, cast)
    assert settled.see(statement.summary).overdue == 0 and harriet.see(statement.summary).overdue > 0
    paid = {row.invoice_id: row for row in rows(desk, Payment)}
    new = [row for row in rows(desk, Invoice) if row.issued_on > START.date() and row.id in paid]
    assert len(new) > 50
    assert {(row.due_on - paid[row.id].paid_on).days for row in new} <= {2, 3, -9}
    assert sum(row.gross - row.unpaid for row in rows(desk, Invoice)) == sum(row.amount for row in rows(desk, Payment))
    desk.close()


def test_no_line_is_older_than_its_contract(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    begun = {row.id: row.valid_from for row in rows(desk, Contract)}
    lines = {row.asset_id: row.activated_on for row in rows(desk, Line)}
    covers = [row for row in rows(desk, Cover) if row.asset_id in lines]
    assert len(covers) == 42
    assert all(begun[row.contract_id] <= lines[row.asset_id] for row in covers)


def test_only_a_demo_knows_where_somebody_sits(desk: Desk) -> None:
    from core.errors import Forbidden

    with pytest.raises(Forbidden):
        logged_in(desk, "ola", Role.AGENT).see(mailbox.home, 1)


def test_the_settings_of_a_demo_name_a_seller(tmp_path: Any) -> None:
    told = world.settings(tmp_path)
    assert invoice_document.right_nip(told.seller.tax_id) and invoice_document.right_account(told.seller.bank_account)
    assert told.subscribers.line_rule == "staff"
