"""Corrections of an LMS database: it keeps differences by item, and what they change is what its accounts show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from core.billing import fa3, invoice_document, invoices
from core.models.accounts import Role
from core.models.billing import Invoice, InvoiceLine, Payment
from core.service import upgrade
from core.service.desk import Desk
from tests.core.billing.test_fa3 import held
from tests.core.imports.csv.streams import all_of, everything, one
from tests.core.imports.lms import tables as lms
from tests.core.imports.lms.test_run import Both, balances, counts, removed, warnings
from tests.factories.desks import logged_in

if TYPE_CHECKING:
    from tests.support.postgres import Server

NAMES = ("Dostęp do internetu", "Telefon")
DAY = lms.at("2026-11-10")


@pytest.fixture
def quick(desk: Desk, postgres: Server) -> Both:
    return Both(desk, postgres.copy("lms", lms.build))


def correction(id_: int, of: int, customer: int, *items: tuple[int, str, str, str], **more: Any) -> list[Any]:
    """Its rows: of each item the number, and by how much price and quantity change, and what the account gets."""
    names = {"name": "Łącka Bronisława", "address": "ul. Łączna 1/4", "zip": "05-121", "city": "Święta Góra"}
    head = {"id": id_, "type": 3, "customerid": customer, "cdate": DAY, "sdate": DAY, "reference": of, **lms.SELLER}
    whole = {**head, **names, "fullnumber": f"FK/{id_}", "reason": "Niższa prędkość", **more}
    rows = [lms.more(lms.documents, **whole)]
    for item, price, units, entry in items:
        line = {
            "docid": id_,
            "itemid": item,
            "taxid": 1,
            "content": "szt.",
            "description": NAMES[item - 1],
        }
        rows.append(lms.more(lms.invoicecontents, **line, value=price, count=units))
        cash = {"id": 10 * id_ + item, "customerid": customer, "docid": id_, "itemid": item, "time": DAY}
        if float(entry):
            rows.append(lms.more(lms.cash, **cash, value=entry, currencyvalue=1, comment="korekta"))
    return rows


CHEAPER = ((1, "-10.00", "0", "10.00"), (2, "0", "0", "0"))
REMOVED = ((1, "0", "0", "0"), (2, "-10.00", "-1", "10.00"))
MORE = ((1, "0", "1", "-69.00"), (2, "0", "0", "0"))


def lines(desk: Desk, number: str) -> list[tuple[bool, int, int]]:
    """Whether it is from before, how many thousandths, and the gross."""
    found = all_of(desk, InvoiceLine, invoice_id=one(desk, Invoice, number=number).id)
    return [(line.before, line.quantity, line.gross) for line in found]


@pytest.mark.parametrize(
    ("items", "gross", "told"),
    [
        (CHEAPER, -1000, [(True, 1000, 6900), (False, 1000, 5900)]),
        (REMOVED, -1000, [(True, 1000, 1000)]),
        (MORE, 6900, [(True, 1000, 6900), (False, 2000, 13800)]),
    ],
)
def test_a_correction_has_what_was_before_and_is_after(
    quick: Both, items: Any, gross: int, told: list[tuple[bool, int, int]]
) -> None:
    quick.change(*correction(7001, 2012, 1, *items))
    reports = quick.bring()
    created = 120 + len(told)
    assert (counts(reports)["documents"], counts(reports)["cash"]) == ((created, 0, 0), (40, 0, 0))
    desk = quick.desk
    assert balances(desk) == lms.balances(quick.engine)
    made = one(desk, Invoice, number="FK/7001")
    assert (made.corrects, made.reason, made.gross) == ("FV/0001/11/2026", "Niższa prędkość", gross)
    assert (made.corrects_on, made.unpaid) == (one(desk, Invoice, number="FV/0001/11/2026").issued_on, max(gross, 0))
    assert lines(desk, "FK/7001") == told
    shown = logged_in(desk, "adam", Role.AGENT).see(invoices.read, made.id)
    assert invoice_document.problems(shown) == []
    held(fa3.xml(shown))
    owed = one(desk, Invoice, number="FV/0001/11/2026").unpaid
    assert owed == 7900 + min(gross, 0)
    before = everything(desk)
    assert counts(quick.bring())["documents"] == (0, 0, created)
    assert everything(desk) == before


def test_after_a_way_back_and_forth_a_correction_counts_once(quick: Both) -> None:
    quick.change(*correction(7001, 2012, 1, *CHEAPER))
    quick.bring()
    upgrade.run(quick.desk.store, "downgrade", "0009")
    upgrade.run(quick.desk.store, "upgrade", "head")
    quick.bring()
    assert balances(quick.desk) == lms.balances(quick.engine)


def test_a_correction_of_a_correction_rests_on_both(quick: Both) -> None:
    quick.change(*correction(7001, 2012, 1, *CHEAPER), *correction(7002, 7001, 1, (1, "-59.00", "-1", "59.00")))
    quick.bring()
    assert lines(quick.desk, "FK/7002") == [(True, 1000, 5900)]
    assert one(quick.desk, Invoice, number="FK/7002").corrects == "FK/7001"
    assert one(quick.desk, Invoice, number="FV/0001/11/2026").unpaid == 1000
    assert balances(quick.desk) == lms.balances(quick.engine)


def test_one_that_changes_no_amount_shows_all_items(quick: Both) -> None:
    nothing = ((1, "0", "0", "0"), (2, "0", "0", "0"))
    quick.change(*correction(7001, 2012, 1, *nothing))
    quick.bring()
    internet, telephone = [(True, 1000, 6900), (False, 1000, 6900)], [(True, 1000, 1000), (False, 1000, 1000)]
    assert lines(quick.desk, "FK/7001") == [*internet, *telephone]
    assert one(quick.desk, Invoice, number="FV/0001/11/2026").unpaid == 7900


INVOICED = lms.documents.c.id == 2012, lms.invoicecontents.c.docid == 2012
A_PRO_FORMA = sa.update(lms.documents).where(INVOICED[0]).values(type=6)
OLD_RATE = sa.update(lms.invoicecontents).where(INVOICED[1]).values(taxid=3)
ODD = [
    ("of nothing", correction(7001, 0, 1, *CHEAPER, reference=None)),
    ("of what is gone", correction(7001, 99_999, 1, *CHEAPER)),
    (
        "of a pro forma",
        [
            *correction(7001, 2012, 1, *CHEAPER),
            sa.update(lms.documents).where(lms.documents.c.id == 2012).values(type=6),
        ],
    ),
    ("of itself", correction(7001, 7001, 1, *CHEAPER)),
    ("of a later one", correction(7001, 2012, 1, *CHEAPER, cdate=lms.at("2026-01-01"))),
    (
        "with a rate of long ago",
        [
            *correction(7001, 2012, 1, *CHEAPER),
            sa.update(lms.invoicecontents).where(lms.invoicecontents.c.docid == 2012).values(taxid=3),
        ],
    ),
    ("with the number of an invoice", correction(7001, 2012, 1, *CHEAPER, fullnumber="FV/0001/10/2026")),
]


@pytest.mark.thorough
@pytest.mark.parametrize("changes", [changes for _name, changes in ODD], ids=[name for name, _changes in ODD])
def test_one_that_cannot_be_told_stands_on_the_account(quick: Both, changes: list[Any]) -> None:
    quick.change(*changes)
    for _night in range(2):
        reports = quick.bring()
        assert not [slip for report in reports.values() for slip in report.errors]
        assert balances(quick.desk) == lms.balances(quick.engine)
    assert all_of(quick.desk, Invoice, number="FK/7001") == []
    assert one(quick.desk, Payment, mark="LMS-70011").amount == 1000


def test_those_that_came_as_payments_become_documents(quick: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many they are: nothing is lost."""
    quick.change(*(row for id_ in range(1, 19) for row in correction(7000 + id_, 2000 + 10 * id_ + 2, id_, *CHEAPER)))
    type_ = lms.documents.c.type
    quick.change(sa.update(lms.documents).where(type_ == 3).values(type=33))  # as if the desk knew none
    quick.bring()
    assert len(all_of(quick.desk, Payment)) == 58
    quick.change(sa.update(lms.documents).where(type_ == 33).values(type=3))
    monkeypatch.setattr("core.imports.lms.removal_guard.FEW", 3)
    assert removed(quick.bring()) == (0, 0, 18)
    assert len(all_of(quick.desk, Payment)) == 40
    assert balances(quick.desk) == lms.balances(quick.engine)


def test_one_that_is_cancelled_or_deleted_counts_no_more(quick: Both) -> None:
    quick.change(*correction(7001, 2012, 1, *CHEAPER), *correction(7002, 2022, 2, *CHEAPER))
    quick.bring()
    quick.change(
        sa.update(lms.documents).where(lms.documents.c.id == 7001).values(cancelled=1),
        sa.delete(lms.cash).where(lms.cash.c.docid.in_([7001, 7002])),
        sa.delete(lms.invoicecontents).where(lms.invoicecontents.c.docid == 7002),
        sa.delete(lms.documents).where(lms.documents.c.id == 7002),
    )
    quick.bring()
    assert balances(quick.desk) == lms.balances(quick.engine)
    for number in ("FV/0001/11/2026", "FV/0002/11/2026"):
        assert one(quick.desk, Invoice, number=number).unpaid == 7900, "the whole of it is owed again"


def test_an_lms_that_knows_no_reference(desk: Desk, postgres: Server) -> None:
    both = Both(desk, postgres.copy("lms", lms.build))
    both.change(*correction(7001, 2012, 1, *CHEAPER), sa.text("ALTER TABLE documents DROP COLUMN reference"))
    both.bring()
    assert warnings(both.bring()) == []
    assert one(desk, Payment, mark="LMS-70011").amount == 1000
