"""Invoices as the desk keeps them: listed, read, as PDF and XML; and what a line has carried."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from core.billing import invoice_document, invoices, usage
from core.db.pagination import PageRequest
from core.errors import NotFound
from core.models.accounts import Role
from core.models.billing import Usage
from core.service.desk import Desk
from tests.factories.desks import START, logged_in, make_desk, person, seat
from tests.factories.subscribers import SELLER, billed, subscriber

TODAY = START.date()


def test_the_list_is_the_latest_first_and_ones_own(any_desk: Desk) -> None:
    made = subscriber(any_desk, account_id=person(any_desk, "wanda"))
    for at in range(5):
        billed(any_desk, made.id, f"FV/{at}", TODAY - dt.timedelta(days=30 * at), unpaid=6900 if at == 1 else 0)
    other = subscriber(any_desk, "A-2", contract="U-2", addresses=("203.0.113.9",))
    theirs = billed(any_desk, other.id, "X/1", TODAY)
    wanda = seat(any_desk, 1)
    rows = wanda.see(invoices.page, PageRequest(limit=3)).rows
    assert [row.number for row in rows] == ["FV/0", "FV/1", "FV/2"]
    assert [row.overdue for row in rows] == [False, True, False]
    with pytest.raises(NotFound):
        wanda.see(invoices.read, theirs)
    with pytest.raises(NotFound):
        wanda.see(invoices.by_number, "X/1")
    assert wanda.see(invoices.by_number, " fv/3 ") == wanda.see(invoices.page, PageRequest()).rows[3].id
    agent = logged_in(any_desk, "adam", Role.AGENT)
    assert [row.number for row in agent.see(invoices.page, PageRequest(), other.id).rows] == ["X/1"]


def test_an_invoice_comes_back_as_it_was_issued(desk: Desk) -> None:
    made = subscriber(desk, account_id=person(desk, "wanda"))
    id_ = billed(desk, made.id, "FV/7/2026", TODAY, 6900, notes="Dziękujemy.", period="listopad 2026")
    found = seat(desk, 1).see(invoices.read, id_)
    assert invoice_document.problems(found) == []
    assert (found.gross, found.number, found.customer_number) == (6900, "FV/7/2026", "A-1001")
    assert (found.seller.tax_id, found.buyer.name, found.notes) == ("1234563218", "Wanda Zielińska", "Dziękujemy.")
    assert found.lines[0].quantity == 1


def test_it_is_paid_to_the_account_that_stands_on_it(tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "provider", seller=SELLER)
    old, new = "66123412340000000000000007", "39123412340000000000000008"
    made = subscriber(desk, account_id=person(desk, "wanda"), bank_account=new)
    plain, own = (
        billed(desk, made.id, number, TODAY, unpaid=6900, **more)
        for number, more in (("FV/1", {}), ("FV/2", {"bank_account": old}))
    )
    wanda = seat(desk, 1)
    for id_, account in ((plain, SELLER.bank_account), (own, old)):
        found = wanda.see(invoices.opened, id_)
        assert found.account == account == found.document.seller.bank_account
        assert account in found.code
        assert account.encode() in wanda.see(invoices.xml, id_).content
        assert wanda.see(invoices.read, id_).seller.bank_account == account, "the PDF is made of this"
    desk.close()


def test_as_files_the_same_bytes_each_time(desk: Desk) -> None:
    made = subscriber(desk, account_id=person(desk, "wanda", language="pl"))
    id_ = billed(desk, made.id, "FV/7/2026", TODAY)
    wanda = seat(desk, 1)
    pdf, again, english = (wanda.see(invoices.pdf, id_, *more) for more in ((), ("pl",), ("en",)))
    assert pdf == again and pdf.content != english.content
    assert pdf.name == "FV-7-2026.pdf" and pdf.content.startswith(b"%PDF-")
    xml = wanda.see(invoices.xml, id_)
    assert xml.name == "FV-7-2026.xml" and b"FV/7/2026" in xml.content
    for made_ in (pdf, xml):
        assert re.fullmatch(r"[A-Za-z0-9-]+\.(pdf|xml)", made_.name)
    for other in (logged_in(desk, "nina"), desk):
        with pytest.raises(NotFound):
            other.see(invoices.pdf, id_, "en")


def test_days_and_months_of_a_line(any_desk: Desk) -> None:
    made = subscriber(any_desk, account_id=person(any_desk, "wanda"))
    line = made.lines[0]
    rows = [
        {"asset_id": line, "day": TODAY - dt.timedelta(days=ago), "down": 1000 + ago, "up": ago}
        for ago in range(0, 400, 2)
    ]
    any_desk.as_system().do(lambda work: work.add_all(Usage, rows))
    wanda = seat(any_desk, 1)
    days = wanda.see(usage.days, line, number=4)
    assert [(one.day, one.down) for one in days] == [
        (TODAY - dt.timedelta(days=3), None),
        (TODAY - dt.timedelta(days=2), 1002),
        (TODAY - dt.timedelta(days=1), None),
        (TODAY, 1000),
    ]
    months = wanda.see(usage.months, line)
    assert [one.day for one in months][::11] == [dt.date(2025, 12, 1), dt.date(2026, 11, 1)]
    for one in months:
        wanted = [row for row in rows if (row["day"].year, row["day"].month) == (one.day.year, one.day.month)]
        assert (one.down, one.up) == (sum(row["down"] for row in wanted), sum(row["up"] for row in wanted))
    with pytest.raises(NotFound):
        logged_in(any_desk, "nina").see(usage.days, line)
