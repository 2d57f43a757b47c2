"""Everything from an LMS database: read by its own names, brought in whole, again every night."""

from __future__ import annotations

import datetime as dt
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from core.errors import DeskError, Forbidden, Unavailable
from core.imports.csv.cell_types import Ref
from core.imports.csv.report import Report
from core.imports.csv.spool import Scratch
from core.imports.lms import balance, source
from core.imports.lms.run import import_lms, source_of
from core.imports.lms.source import full_number
from core.imports.payments import PaymentsPass
from core.imports.pending_rows import Coming, PendingSubscriber
from core.imports.subscribers import SubscriberFileRow
from core.models.accounts import Role
from core.models.billing import Invoice, InvoiceLine, InvoiceParty, Payment
from core.models.contracts import Asset, Contract, Cover, Product
from core.models.subscribers import Line, LineAddress, Subscriber
from core.service.desk import Desk
from core.service.unit_of_work import ReadContext, table
from core.subscribers import pesel
from tests.core.billing.invoices import ACCOUNT
from tests.core.imports.csv.streams import SUBSCRIBER, Files, all_of, everything, one
from tests.core.imports.lms import tables as lms
from tests.factories.desks import journal_of, logged_in, make_desk

if TYPE_CHECKING:
    from tests.support.postgres import Server


class Both:
    """A desk and an LMS database."""

    def __init__(self, desk: Desk, url: str) -> None:
        self.desk = desk
        self.engine = lms.connect(url)
        self.url = source_of(url)

    def bring(self, *, seat: Desk | None = None, **how: Any) -> dict[str, Report]:
        return import_lms(seat or self.desk.as_system(), self.url, **how)

    def change(self, *statements: Any) -> None:
        lms.run(self.engine, *statements)


@pytest.fixture
def both(any_store: dict[str, str], tmp_path: Path, postgres: Server) -> Iterator[Both]:
    desk = make_desk(tmp_path / "desk", **any_store)
    yield Both(desk, postgres.copy("lms", lms.build))
    desk.close()


@pytest.fixture
def quick(desk: Desk, postgres: Server) -> Both:
    """With SQLite only, for what doesn't depend on the store."""
    return Both(desk, postgres.copy("lms", lms.build))


def counts(reports: dict[str, Report]) -> dict[str, tuple[int, int, int]]:
    assert not any(report.errors for report in reports.values()), errors(reports)
    return {name: (report.created, report.updated, report.unchanged) for name, report in reports.items()}


def removed(reports: dict[str, Report], *, invoices: int = 0) -> tuple[int, int, int]:
    """Contracts, lines and payments; and so many ``invoices``."""
    assert not errors(reports)
    contracts, lines, payments = (reports[name].as_json()["removed"] for name in ("customers", "nodes", "cash"))
    assert reports["documents"].as_json()["removed"] == invoices
    return contracts, lines, payments


def warnings(reports: dict[str, Report]) -> list[tuple[str, int, str]]:
    return [(name, slip.line, slip.column) for name, report in reports.items() for slip in report.warnings]


def told_as_json(reports: dict[str, Report]) -> list[dict[str, Any]]:
    return [report.as_json() for report in reports.values()]


def errors(reports: dict[str, Report]) -> list[tuple[str, int, str]]:
    return [(name, slip.line, slip.column) for name, report in reports.items() for slip in report.errors]


def balances(desk: Desk) -> dict[str, int]:
    """What the desk says each has."""

    def read(look: ReadContext) -> dict[str, int]:
        found = {}
        for row in look.rows(sa.select(table(Subscriber))):
            paid = sa.select(sa.func.coalesce(sa.func.sum(table(Payment).c.amount), 0))
            billed = sa.select(sa.func.coalesce(sa.func.sum(table(Invoice).c.gross), 0))
            found[row.number] = int(look.value(paid.where(table(Payment).c.subscriber_id == row.id))) - int(
                look.value(billed.where(table(Invoice).c.subscriber_id == row.id))
            )
        return found

    return desk.as_system().see(read)


def test_everything_comes_in(both: Both) -> None:
    assert counts(both.bring()) == {
        "customers": (20, 0, 0),
        "nodes": (20, 0, 0),
        "documents": (120, 0, 0),
        "cash": (40, 0, 0),
    }
    desk = both.desk
    first = one(desk, Subscriber, number="1")
    assert (first.name, first.kind, first.street, first.postcode, first.town, first.email, first.phone) == (
        "Bronisława Łącka-A",
        "person",
        "ul. Łączna 1/4",
        "05-121",
        "Święta Góra",
        "klient1@poczta.example",
        "600 100 200",
    )
    assert (first.pesel_mac, first.bank_account) == (pesel.mac(desk.keys, lms.PESELS[1]), ACCOUNT)
    firm = one(desk, Subscriber, number="20")
    assert (firm.name, firm.kind, firm.tax_id) == ("Wspólnota Pod Dębami", "company", "9999999999")
    contract = one(desk, Contract, number="UA/1/2024")
    assert (contract.subscriber_id, contract.monthly_fee, contract.kind) == (first.id, 7900, "subscription")
    assert (contract.valid_from, contract.valid_until.year) == (dt.date(2024, 3, 1), 9999)
    assert one(desk, Contract, number="UA/2/2024").monthly_fee == 7500, "with its discount"
    assert one(desk, Contract, number="UA/19/2024").valid_until == dt.date(2026, 6, 30)
    line = one(desk, Asset, identifier="LMS-1-101")
    facts = one(desk, Line, asset_id=line.id)
    assert (facts.down_mbit, facts.up_mbit, facts.street, facts.town, facts.activated_on) == (
        307,
        51,
        "1",
        "Gęsiniec",
        dt.date(2024, 3, 5),
    )
    assert (facts.pppoe_login, desk.keys.unseal("pppoe", facts.pppoe_password, str(line.id))) == (
        "wezel1",
        lms.PASSWORD,
    )
    assert one(desk, Product, id=line.product_id).name == "Światło 300"
    assert one(desk, LineAddress, asset_id=line.id).network == "203.0.113.1"
    assert one(desk, LineAddress, asset_id=one(desk, Asset, identifier="LMS-12-112").id).network == "10.1.0.12"
    assert [cover.contract_id for cover in all_of(desk, Cover, asset_id=line.id)] == [contract.id]
    assert all_of(desk, Cover, asset_id=one(desk, Asset, identifier="LMS-19-119").id) == [], "its contract has ended"
    assert journal_of(desk) == ["subscriber.import"]


def test_invoices_stand_as_lms_issued_them(both: Both) -> None:
    both.bring()
    desk = both.desk
    issued = one(desk, Invoice, number="FV/0001/09/2026")
    assert (issued.net, issued.vat, issued.gross) == (5610 + 813, 1290 + 187, 7900)
    assert (issued.issued_on, issued.due_on, issued.mail_due) == (dt.date(2026, 9, 2), dt.date(2026, 9, 16), False)
    first, second = all_of(desk, InvoiceLine, invoice_id=issued.id)
    assert (first.name, first.unit, first.quantity, first.gross, second.gross) == (
        "Dostęp do internetu",
        "szt.",
        1000,
        6900,
        1000,
    )
    seller, buyer = (one(desk, InvoiceParty, id=id_).body for id_ in (issued.seller_id, issued.buyer_id))
    assert (seller["name"], seller["tax_id"], seller["bank_account"]) == (
        lms.SELLER["div_name"],
        "1234563218",
        ACCOUNT,
    )
    assert (buyer["name"], buyer["town"]) == ("Łącka Bronisława", "Święta Góra")
    assert one(desk, Invoice, number="FV/0020/11/2026").notes == "NIP DE123456"
    unpaid = {found.number: found.unpaid for found in all_of(desk, Invoice, subscriber_id=issued.subscriber_id)}
    assert unpaid == {"FV/0001/09/2026": 0, "FV/0001/10/2026": 0, "FV/0001/11/2026": 7900}


def test_the_balance_is_the_one_that_lms_shows(both: Both) -> None:
    """Whatever stands on an account: corrections, notes, invoices with rates of long ago, other currencies."""
    late = lms.at("2026-11-05")
    more: list[dict[str, Any]] = [
        {"id": 8001, "time": late, "value": "10.00", "customerid": 1, "docid": 3001, "comment": "korekta"},
        {"id": 8002, "time": late, "value": "-3.50", "customerid": 2, "comment": "odsetki " * 40},
        {"id": 8003, "time": late, "value": "-12.20", "customerid": 3, "docid": 3002, "comment": "stara faktura"},
        {"id": 8004, "time": late, "value": "10.00", "customerid": 4, "currencyvalue": "4.2567", "comment": "euro"},
        {"id": 8005, "time": late, "value": "-20.00", "customerid": 5, "docid": 3003, "comment": "anulowana"},
        {"id": 8006, "time": late, "value": "0", "customerid": 5, "comment": "nic"},
    ]
    documents: list[dict[str, Any]] = [
        {"id": 3001, "type": 3, "number": 1, "customerid": 1, "cdate": late},
        {"id": 3002, "type": 1, "number": 99, "customerid": 3, "cdate": late, "fullnumber": "STARA/1"},
        {"id": 3003, "type": 1, "number": 98, "customerid": 5, "cdate": late, "cancelled": 1},
    ]
    old: dict[str, Any] = {"docid": 3002, "itemid": 1, "value": "12.20", "taxid": 3, "count": 1, "description": "modem"}
    both.change(
        *(lms.more(lms.documents, **row) for row in documents),
        lms.more(lms.invoicecontents, **old),
        *(lms.more(lms.cash, **{"currencyvalue": 1, **row}) for row in more),
    )
    both.bring()
    assert balances(both.desk) == lms.balances(both.engine)
    assert all_of(both.desk, Invoice, number="STARA/1") == []
    assert len(one(both.desk, Payment, mark="LMS-8002").title) == 140


def test_twice_is_once(both: Both) -> None:
    both.bring()
    before = everything(both.desk)
    assert counts(both.bring()) == {
        "customers": (0, 0, 20),
        "nodes": (0, 0, 20),
        "documents": (0, 0, 120),
        "cash": (0, 0, 40),
    }
    assert everything(both.desk) == before
    assert journal_of(both.desk) == ["subscriber.import"]


def test_a_dry_run_tells_the_same_and_keeps_nothing(both: Both) -> None:
    before = everything(both.desk)
    trial = both.bring(dry_run=True)
    assert everything(both.desk) == before
    assert journal_of(both.desk) == []
    assert counts(trial) == counts(both.bring())


def test_what_changed_in_lms_counts(quick: Both) -> None:
    quick.bring()
    cash, nodes, customers = lms.cash, lms.nodes, lms.customers
    quick.change(
        sa.update(customers).where(customers.c.id == 1).values(lastname="Kruk"),
        sa.update(cash).where(cash.c.id == 510).values(value="80.00", comment="poprawiona"),
        sa.delete(cash).where(cash.c.id == 520),
        sa.update(nodes).where(nodes.c.id == 101).values(ipaddr_pub=lms.number("203.0.113.102"), passwd="nowe"),
        sa.update(nodes).where(nodes.c.id == 102).values(ownerid=3),
        sa.delete(nodes).where(nodes.c.id == 103),
        sa.update(lms.assignments).where(lms.assignments.c.id == 40).values(dateto=lms.at("2026-12-31")),
    )
    reports = quick.bring()
    assert counts(reports) == {
        "customers": (0, 1, 19),
        "nodes": (1, 1, 17),
        "documents": (0, 0, 120),
        "cash": (0, 1, 38),
    }
    assert removed(reports) == (0, 2, 1)
    desk = quick.desk
    assert one(desk, Subscriber, number="1").name == "Bronisława Kruk"
    assert balances(desk) == lms.balances(quick.engine)
    assert one(desk, Payment, mark="LMS-510").title == "poprawiona"
    assert all_of(desk, Payment, mark="LMS-520") == []
    assert one(desk, LineAddress, network="203.0.113.102").asset_id == one(desk, Asset, identifier="LMS-1-101").id
    moved = one(desk, Asset, identifier="LMS-3-102")
    assert one(desk, LineAddress, network="203.0.113.2").asset_id == moved.id
    left = one(desk, Asset, identifier="LMS-2-102")
    assert (one(desk, Line, asset_id=left.id).pppoe_login, left.subscriber_id) == (
        None,
        one(desk, Subscriber, number="2").id,
    ), "what was measured stays with whom it was measured"
    assert all_of(desk, LineAddress, network="203.0.113.3") == []


BROKEN = [
    (
        sa.update(lms.nodes).where(lms.nodes.c.id == 107).values(ipaddr_pub=lms.number("203.0.113.3")),
        ("nodes", 107, "ipaddr"),
    ),
    (sa.update(lms.nodes).where(lms.nodes.c.id == 107).values(login="wezel3"), ("nodes", 107, "name")),
    (sa.update(lms.documents).where(lms.documents.c.id == 2070).values(name=""), ("documents", 2070, "customerid")),
    (
        sa.update(lms.invoicecontents).where(lms.invoicecontents.c.docid == 2070).values(count=0),
        ("documents", 2070, "invoicecontents.count"),
    ),
]


@pytest.mark.parametrize(("broken", "place"), BROKEN)
def test_a_broken_row_is_named_by_table_and_id_and_nothing_is_kept(
    quick: Both, broken: Any, place: tuple[str, int, str]
) -> None:
    quick.change(broken)
    reports = quick.bring()
    assert place in errors(reports)
    assert {(name, line) for name, line, _column in errors(reports)} == {place[:2]}
    done = [(found["created"], found["updated"], found["unchanged"]) for found in told_as_json(reports)]
    assert done == [(0, 0, 0)] * 4, "of no table anything is done"
    assert not any(everything(quick.desk).values())
    assert journal_of(quick.desk) == []


def test_an_invoice_that_lms_has_changed_stays_and_keeps_nothing_else_away(quick: Both) -> None:
    quick.bring()
    quick.change(
        sa.update(lms.documents).where(lms.documents.c.id == 2011).values(paytime=30),
        sa.update(lms.invoicecontents).where(lms.invoicecontents.c.docid == 2020).values(description="Inaczej"),
        lms.more(lms.cash, id=7_001, customerid=3, time=lms.at("2026-11-01"), value="5", currencyvalue=1),
    )
    for cash in ((1, 0, 40), (0, 0, 41)):
        reports = quick.bring()
        assert warnings(reports) == [
            ("documents", 2011, "paytime"),
            ("documents", 2020, "invoicecontents.description"),
        ]
        assert "FV/0001/10/2026" in reports["documents"].warnings[0].say.text()
        assert (counts(reports)["documents"], counts(reports)["cash"]) == ((0, 0, 120), cash)
    issued = one(quick.desk, Invoice, number="FV/0001/10/2026")
    assert issued.due_on == dt.date(2026, 10, 16)


def test_one_that_was_deleted_and_issued_again_under_its_number_stays(quick: Both) -> None:
    quick.bring()
    documents = lms.documents
    quick.change(
        sa.update(documents).where(documents.c.id == 2012).values(id=9012),
        sa.update(lms.invoicecontents).where(lms.invoicecontents.c.docid == 2012).values(docid=9012),
        sa.update(lms.cash).where(lms.cash.c.docid == 2012).values(docid=9012),
        sa.update(documents).where(documents.c.id == 2022).values(id=9022),
        sa.update(lms.invoicecontents).where(lms.invoicecontents.c.docid == 2022).values(docid=9022, value="1"),
        sa.update(lms.cash).where(lms.cash.c.docid == 2022).values(docid=9022),
    )
    reports = quick.bring()
    assert warnings(reports) == [("documents", 9022, "invoicecontents.description")]
    assert counts(reports)["documents"] == (0, 0, 120)
    assert one(quick.desk, Invoice, number="FV/0001/11/2026").unpaid == 7900
    assert one(quick.desk, Invoice, number="FV/0002/11/2026").gross == 7900


def test_private_addresses_that_two_have_tell_nobody(quick: Both) -> None:
    for id_ in (111, 112):
        quick.change(sa.update(lms.nodes).where(lms.nodes.c.id == id_).values(ipaddr=lms.number("10.9.9.9")))
    quick.bring()
    assert all_of(quick.desk, LineAddress, network="10.9.9.9") == []
    assert len(all_of(quick.desk, LineAddress)) == 18


def test_contracts_without_a_document_have_lms_own_number(quick: Both) -> None:
    quick.change(sa.update(lms.assignments).where(lms.assignments.c.customerid == 1).values(docid=None))
    assert counts(quick.bring())["customers"] == (21, 0, 0)
    numbers = {found.number: found.monthly_fee for found in all_of(quick.desk, Contract)}
    assert (numbers["LMS-10"], numbers["LMS-11"]) == (6900, 1000)


def test_a_customer_without_any_contract_comes_alone(quick: Both) -> None:
    quick.change(sa.delete(lms.assignments).where(lms.assignments.c.customerid == 1))
    assert counts(quick.bring())["nodes"] == (20, 0, 0)
    assert one(quick.desk, Subscriber, number="1")
    line = one(quick.desk, Asset, identifier="LMS-1-101")
    assert all_of(quick.desk, Cover, asset_id=line.id) == []
    assert one(quick.desk, Product, id=line.product_id).name == "Internet"


def test_net_prices_and_exempt_lines(quick: Both) -> None:
    contents, documents = lms.invoicecontents, lms.documents
    quick.change(
        sa.update(documents).where(documents.c.id == 2010).values(flags=16),
        sa.update(contents).where(contents.c.docid == 2010, contents.c.itemid == 1).values(value="0.12345", count=1000),
        sa.update(contents).where(contents.c.docid == 2010, contents.c.itemid == 2).values(taxid=2),
    )
    quick.bring()
    issued = one(quick.desk, Invoice, number="FV/0001/09/2026")
    first, second = all_of(quick.desk, InvoiceLine, invoice_id=issued.id)
    assert (first.net_price, first.unit_price) == (12, "0.12345")
    assert (first.net, first.vat, first.gross, second.unit_price) == (12345, 2839, 15184, "")
    assert (second.rate, second.vat, second.gross) == ("zw", 0, 1000)


def test_older_versions_have_fewer_tables(desk: Desk, postgres: Server) -> None:
    """Without addresses, contacts, number plans and what ties nodes to assignments."""
    absent = (lms.addresses, lms.customer_addresses, lms.customercontacts, lms.numberplans, lms.nodeassignments)
    url = postgres.empty()
    lms.build(url, without=absent)
    older = Both(desk, url)
    assert counts(older.bring())["documents"] == (120, 0, 0)
    assert one(desk, Subscriber, number="1").town == ""
    assert len(all_of(desk, Cover)) == 19


def test_what_is_no_lms_database(desk: Desk, postgres: Server) -> None:
    with pytest.raises(DeskError, match="no LMS database"):
        import_lms(desk.as_system(), source_of(postgres.empty()))


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://lms:hunter2@host/lms", "sqlite:///x", "postgresql://lms:hunter2@host:port/lms"]
)
def test_addresses_that_are_none_are_not_repeated(url: str) -> None:
    with pytest.raises(DeskError) as refused:
        source_of(url)
    assert "hunter2" not in refused.value.text() + repr(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_database_that_doesnt_answer_keeps_its_password_to_itself(
    desk: Desk, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"postgresql://lms:hunter2@/lms?host={tmp_path}"
    with pytest.raises(Unavailable) as refused:
        import_lms(desk.as_system(), source_of(url))
    assert "hunter2" not in refused.value.text() + repr(refused.value) + "".join(capfd.readouterr())
    assert refused.value.__suppress_context__


def test_who_may_not(quick: Both) -> None:
    with pytest.raises(Forbidden):
        quick.bring(seat=logged_in(quick.desk, "ola", Role.AGENT))
    assert all_of(quick.desk, Subscriber) == []


def test_neither_pesel_nor_password_is_anywhere(quick: Both, capfd: pytest.CaptureFixture[str]) -> None:
    quick.bring()
    quick.change(
        sa.update(lms.customers).where(lms.customers.c.id == 7).values(ssn="44051401459"),
        sa.update(lms.customers).where(lms.customers.c.id == 8).values(ssn="12345678901"),
    )
    reports = quick.bring()
    told = json.dumps({name: report.as_json() for name, report in reports.items()}) + repr(reports)
    printed = "".join(capfd.readouterr())
    stored = b"".join(path.read_bytes() for path in quick.desk.settings.data_dir.rglob("*") if path.is_file())
    for secret in (*lms.PESELS, "44051401459", "12345678901", lms.PASSWORD):
        assert secret not in told + printed
        assert secret.encode() not in stored
    assert warnings(reports) == [("customers", 7, "ssn"), ("customers", 8, "ssn")]


def test_progress_counts_rows(quick: Both) -> None:
    seen: list[tuple[int, int]] = []
    import_lms(quick.desk.as_system(), quick.url, progress=lambda done, of: seen.append((done, of)))
    assert [done for done, _of in seen] == sorted(done for done, _of in seen)
    assert len({of for _done, of in seen}) == 1
    assert seen[-1][0] == seen[-1][1]


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("", "7/LMS/2026"),
        ("FV/%6N/%m/%y", "FV/000007/11/26"),
        ("%N/%I/%Y", "7/extra/2026"),
        ("%d.%m.%Y-%2N%%", "20.11.2026-07%%"),
    ],
)
def test_numbers_by_their_plan(template: str, wanted: str) -> None:
    assert full_number(7, template, dt.date(2026, 11, 20), "extra") == wanted


def paid(desk: Desk, number: str) -> list[str]:
    """The marks of a customer's payments."""
    holder = one(desk, Subscriber, number=number)
    return [found.mark for found in all_of(desk, Payment, subscriber_id=holder.id)]


LEAVING = [
    sa.update(lms.customers).where(lms.customers.c.id == 7).values(deleted=1, moddate=lms.at("2026-11-12")),
    sa.update(lms.customers).where(lms.customers.c.id == 7).values(deleted=1),
    sa.update(lms.customers).where(lms.customers.c.id == 7).values(status=1),
    sa.update(lms.customers).where(lms.customers.c.id == 7).values(type=2, moddate=lms.at("2030-01-01")),
]


@pytest.mark.parametrize(("left", "day"), list(zip(LEAVING, (12, 20, 20, 20), strict=True)))
def test_who_is_left_out_keeps_what_was(both: Both, left: Any, day: int) -> None:
    """The payments above all: without them a balance would jump. The addresses may be another's in the same run."""
    both.bring()
    desk, before = both.desk, balances(both.desk)
    to_7 = sa.update(lms.nodes).where(lms.nodes.c.id == 108).values(ipaddr_pub=lms.number("203.0.113.7"))
    both.change(left, to_7)
    reports = both.bring()
    assert removed(reports) == (1, 1, 0)
    assert (balances(desk), paid(desk, "7")) == (before, ["LMS-570", "LMS-571"])
    contract = one(desk, Contract, number="UA/7/2024")
    assert (contract.valid_until, contract.ending_told_at) == (dt.date(2026, 11, day), desk.now)
    line = one(desk, Asset, identifier="LMS-7-107")
    assert one(desk, Line, asset_id=line.id).pppoe_login is None
    assert one(desk, LineAddress, network="203.0.113.7").asset_id == one(desk, Asset, identifier="LMS-8-108").id
    as_it_is = everything(desk)
    assert removed(both.bring()) == (0, 0, 0)
    assert everything(desk) == as_it_is


def test_who_comes_back(quick: Both) -> None:
    quick.bring()
    quick.change(LEAVING[0])
    quick.bring()
    quick.change(sa.update(lms.customers).where(lms.customers.c.id == 7).values(deleted=0))
    assert counts(quick.bring())["customers"] == (0, 1, 19)
    assert one(quick.desk, Contract, number="UA/7/2024").valid_until.year == 9999
    assert one(quick.desk, LineAddress, network="203.0.113.7")


def test_who_is_gone_altogether_keeps_the_payments(quick: Both) -> None:
    quick.bring()
    for name in (lms.cash, lms.assignments, lms.documents):
        quick.change(sa.delete(name).where(name.c.customerid == 7))
    quick.change(
        sa.delete(lms.nodes).where(lms.nodes.c.id == 107), sa.delete(lms.customers).where(lms.customers.c.id == 7)
    )
    assert removed(quick.bring()) == (0, 1, 0)
    assert paid(quick.desk, "7") == ["LMS-570", "LMS-571"]


def test_an_assignment_that_got_its_contract_is_not_two(quick: Both) -> None:
    """It was known by LMS's own number until then; that one ends."""
    whose = lms.assignments.c.customerid == 1
    quick.change(sa.update(lms.assignments).where(whose).values(docid=None))
    quick.bring()
    quick.change(sa.update(lms.assignments).where(whose, lms.assignments.c.liabilityid.is_(None)).values(docid=1001))
    assert removed(quick.bring()) == (2, 0, 0)
    holder = one(quick.desk, Subscriber, number="1")
    running = {
        found.number
        for found in all_of(quick.desk, Contract, subscriber_id=holder.id)
        if found.valid_until > quick.desk.as_system().see(lambda look: look.today)
    }
    assert running == {"UA/1/2024"}


def many_payments(both: Both) -> None:
    """Some more, so that a few are few."""
    rows = [
        lms.more(lms.cash, id=20_000 + at, time=lms.at("2026-11-01"), value="1", currencyvalue=1, customerid=1)
        for at in range(400)
    ]
    both.change(*rows)


EMPTIED = [
    ((sa.delete(lms.nodes),), ("nodes", 0, "lines"), "20 of 20"),
    ((sa.delete(lms.cash),), ("cash", 0, "payments"), "440 of 440"),
    ((sa.delete(lms.cash).where(lms.cash.c.id >= 20_377),), ("cash", 0, "payments"), "23 of 440"),
    ((sa.update(lms.customers).values(deleted=1),), ("customers", 0, "contracts"), "19 of 19"),
    (tuple(sa.delete(one_) for one_ in lms.metadata.sorted_tables), ("nodes", 0, "lines"), "20 of 20"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("emptied", "place", "numbers"), EMPTIED)
def test_a_database_that_lost_much_is_refused(
    both: Both, emptied: tuple[Any, ...], place: tuple[str, int, str], numbers: str
) -> None:
    """It may be half restored, or another one. Somebody may say that it is right."""
    many_payments(both)
    both.bring()
    before, journal = everything(both.desk), journal_of(both.desk)
    both.change(*emptied)
    for dry_run in (True, False):
        reports = both.bring(dry_run=dry_run)
        assert errors(reports) == [place]
        assert numbers in reports[place[0]].errors[0].say.text()
        assert "--allow-removal" in reports[place[0]].errors[0].say.text()
        assert (everything(both.desk), journal_of(both.desk)) == (before, journal)
    reports = both.bring(removal=True)
    assert str(reports[place[0]].as_json()["removed"]) == numbers.partition(" ")[0]
    assert everything(both.desk) != before


def test_a_few_that_are_gone_are_a_days_work(quick: Both) -> None:
    many_payments(quick)
    quick.bring()
    quick.change(sa.delete(lms.cash).where(lms.cash.c.id >= 20_380))
    assert removed(quick.bring()) == (0, 0, 20)
    quick.change(sa.delete(lms.cash).where(lms.cash.c.id >= 20_360))
    assert removed(quick.bring(dry_run=True)) == (0, 0, 20)
    assert removed(quick.bring()) == (0, 0, 20)
    assert balances(quick.desk) == lms.balances(quick.engine)


def test_others_write_while_lms_is_read_and_compared(quick: Both) -> None:
    """As long as LMS takes, and as long as it takes to compare, nobody waits at the desk's lock."""
    wrote = []

    def elsewhere(done: int, of: int) -> None:
        if 3 * done < 2 * of:
            quick.desk.as_system().do(lambda work: work.record("test"))
            wrote.append(done)

    assert quick.bring(progress=elsewhere)["cash"].created == 40
    assert len(wrote) > 6


def test_lms_is_read_as_it_was_at_one_moment(quick: Both) -> None:
    """A payment of a customer who came while it was read would be a stranger's."""
    late: list[Any] = [
        lms.more(lms.customers, id=50, lastname="Późna", status=3),
        lms.more(lms.cash, id=7_001, customerid=50, time=lms.at("2026-11-01"), value="5", currencyvalue=1),
        sa.delete(lms.nodes),
    ]

    def meanwhile(_done: int, _of: int) -> None:
        if late:
            statements, late[:] = list(late), []
            quick.change(*statements)

    assert counts(quick.bring(progress=meanwhile)) == {
        "customers": (20, 0, 0),
        "nodes": (20, 0, 0),
        "documents": (120, 0, 0),
        "cash": (40, 0, 0),
    }


def test_lms_is_only_read(quick: Both) -> None:
    with (
        pytest.raises(sa.exc.InternalError, match="read-only"),
        source.opened(quick.url, "Europe/Warsaw") as found,
    ):
        found._connection.execute(sa.delete(lms.cash))


def test_an_lms_that_hangs_is_left(quick: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "ANSWER_WITHIN", 0.2)
    with quick.engine.connect() as other:
        other.exec_driver_sql("LOCK TABLE cash IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Unavailable) as refused:
            quick.bring()
    assert "QueryCanceled" in refused.value.text()
    assert not any(everything(quick.desk).values())


@pytest.mark.thorough
def test_a_server_that_accepts_and_says_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CONNECT_WITHIN", 2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = source_of(f"postgresql://lms:hunter2@127.0.0.1:{silent.getsockname()[1]}/lms")
        with pytest.raises(Unavailable):
            import_lms(desk.as_system(), url)


def test_a_cancelled_invoice_is_not_asked_for(both: Both) -> None:
    """LMS takes its charge from the account and lets the document stand."""
    both.bring()
    desk, documents, cash = both.desk, lms.documents, lms.cash
    desk.as_system().do(lambda work: work.change(Invoice, mail_due=True))
    charges = sa.select(cash).where(cash.c.docid == 2012)
    with both.engine.connect() as connection:
        taken = [dict(row._mapping) for row in connection.execute(charges)]
    both.change(
        sa.update(documents).where(documents.c.id == 2012).values(cancelled=1),
        sa.delete(cash).where(cash.c.docid == 2012),
    )
    assert counts(both.bring())["cash"] == (1, 0, 40)
    issued = one(desk, Invoice, number="FV/0001/11/2026")
    assert (issued.unpaid, issued.gross, issued.mail_due) == (0, 7900, False)
    assert one(desk, Invoice, number="FV/0002/11/2026").mail_due is True
    entry = one(desk, Payment, invoice_id=issued.id)
    assert (entry.amount, entry.paid_on, entry.title) == (
        7900,
        issued.issued_on,
        "Cancelled: invoice FV/0001/11/2026",
    )
    assert balances(desk) == lms.balances(both.engine)
    as_it_is, journal = everything(desk), journal_of(desk)
    assert (counts(again := both.bring())["cash"], removed(again)) == ((0, 0, 41), (0, 0, 0))
    assert (everything(desk), journal_of(desk)) == (as_it_is, journal)
    # Somebody takes it back: the charge and the document are there again.
    both.change(
        sa.update(documents).where(documents.c.id == 2012).values(cancelled=0),
        *(cash.insert().values(**row) for row in taken),
    )
    assert removed(both.bring()) == (0, 0, 1)
    assert one(desk, Invoice, number="FV/0001/11/2026").unpaid == 7900
    assert balances(desk) == lms.balances(both.engine)


def test_one_that_was_paid_frees_its_money(quick: Both) -> None:
    quick.bring()
    documents, cash = lms.documents, lms.cash
    quick.change(
        sa.update(documents).where(documents.c.id == 2010).values(cancelled=1),
        sa.delete(cash).where(cash.c.docid == 2010),
    )
    quick.bring()
    holder = one(quick.desk, Subscriber, number="1")
    unpaid = {found.number: found.unpaid for found in all_of(quick.desk, Invoice, subscriber_id=holder.id)}
    assert set(unpaid.values()) == {0}
    assert balances(quick.desk) == lms.balances(quick.engine)
    # The document is thrown away at last: nothing is asked for again.
    quick.change(sa.delete(documents).where(documents.c.id == 2010))
    assert removed(quick.bring()) == (0, 0, 0)


def test_one_that_was_cancelled_before_it_came_doesnt_come(quick: Both) -> None:
    quick.change(sa.update(lms.documents).where(lms.documents.c.id == 2012).values(cancelled=1))
    assert counts(quick.bring())["cash"] == (42, 0, 0)
    assert all_of(quick.desk, Invoice, number="FV/0001/11/2026") == []
    assert balances(quick.desk) == lms.balances(quick.engine)


def test_a_contract_that_somebody_else_has_now(both: Both) -> None:
    """What was under it stays with whom it was."""
    both.bring()
    contract, old = lms.documents.c.id == 1007, one(both.desk, Contract, number="UA/7/2024")
    to_8 = {"customerid": 8}
    both.change(
        sa.update(lms.documents).where(contract).values(**to_8),
        sa.update(lms.assignments).where(lms.assignments.c.docid == 1007).values(**to_8),
        sa.update(lms.nodes).where(lms.nodes.c.id == 107).values(ownerid=8),
    )
    reports = both.bring()
    assert counts(reports)["customers"] == (1, 0, 20)
    assert reports["customers"].as_json()["moved"] == 1
    assert warnings(reports) == [("customers", 8, "assignments.docid")]
    assert "UA/7/2024" in reports["customers"].warnings[0].say.text()
    desk = both.desk
    new = one(desk, Contract, number="UA/7/2024")
    assert new.subscriber_id == one(desk, Subscriber, number="8").id
    left = one(desk, Contract, id=old.id)
    assert (left.number, left.valid_until) == (f"UA/7/2024 #{old.id}", dt.date(2026, 11, 19))
    assert left.subscriber_id == one(desk, Subscriber, number="7").id
    moved = one(desk, Asset, identifier="LMS-8-107")
    assert one(desk, LineAddress, network="203.0.113.7").asset_id == moved.id
    assert new.id in {cover.contract_id for cover in all_of(desk, Cover, asset_id=moved.id)}
    reports = both.bring()
    assert counts(reports)["customers"] == (0, 0, 21)
    assert (reports["customers"].as_json()["moved"], warnings(reports)) == (0, [])


WRONG = [
    (sa.update(lms.customers).where(lms.customers.c.id == 7).values(ssn="12345678901"), ("customers", 7, "ssn")),
    (sa.update(lms.customers).where(lms.customers.c.id == 20).values(ten="1234567890"), ("customers", 20, "ten")),
    (
        sa.update(lms.customercontacts).where(lms.customercontacts.c.id == 29).values(contact="nobody"),
        ("customers", 7, "customercontacts.contact"),
    ),
    (
        sa.update(lms.customercontacts).where(lms.customercontacts.c.id == 30).values(contact="call me"),
        ("customers", 7, "customercontacts.contact"),
    ),
    (
        sa.update(lms.addresses).where(lms.addresses.c.id == 7).values(zip="05-121 Święta"),
        ("customers", 7, "addresses.zip"),
    ),
    (
        sa.update(lms.nodes).where(lms.nodes.c.id == 107).values(ipaddr_pub=lms.number("127.0.0.1")),
        ("nodes", 107, "ipaddr"),
    ),
    (sa.update(lms.nodes).where(lms.nodes.c.id == 107).values(login="x" * 65), ("nodes", 107, "name")),
]


@pytest.mark.parametrize(("wrong", "place"), WRONG)
def test_what_is_wrong_in_itself_is_left_out_and_told(quick: Both, wrong: Any, place: tuple[str, int, str]) -> None:
    """The data of years is as it is: one bad number keeps nobody else away. It is told once, however many contracts."""
    apart = sa.update(lms.assignments).where(lms.assignments.c.id == 70).values(docid=None)
    quick.change(wrong, apart)
    reports = quick.bring()
    assert warnings(reports) == [place]
    assert counts(reports)["customers"] == (21, 0, 0)
    assert counts(reports)["nodes"] == (20, 0, 0)
    assert reports[place[0]].as_json()["warnings"][0]["line"] == place[1]
    found = one(quick.desk, Subscriber, number=str(place[1] % 100))
    given = (found.email, found.phone, found.tax_id, found.postcode)
    assert place[0] == "nodes" or place[2] == "ssn" or "" in given
    assert found.pesel_mac == ""


def test_a_few_wrong_ones_of_another_kind_still_refuse(quick: Both) -> None:
    quick.change(sa.update(lms.customers).where(lms.customers.c.id == 7).values(lastname="", name=""))
    assert errors(quick.bring()) == [("customers", 7, "lastname")]
    assert not any(everything(quick.desk).values())


def test_only_what_is_new_or_other_is_written_at_the_desk(quick: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    quick.bring()
    quick.change(sa.update(lms.cash).where(lms.cash.c.id == 510).values(value="80.00"))
    given = []

    def counted(self: PaymentsPass, rows: list[Any]) -> list[Any]:
        given.append((self.work is not None, len(rows)))
        return PaymentsPass.take(self, rows)

    monkeypatch.setattr(balance.PaymentsOfLms, "take", counted)
    quick.bring()
    assert given == [(False, 40), (True, 1)]


def gone(document: int) -> tuple[Any, ...]:
    """An invoice is deleted outright in LMS: the document, what stands on it, and its charges."""
    return (
        sa.delete(lms.documents).where(lms.documents.c.id == document),
        sa.delete(lms.invoicecontents).where(lms.invoicecontents.c.docid == document),
        sa.delete(lms.cash).where(lms.cash.c.docid == document),
    )


def kept_aside(both: Both, document: int) -> list[Any]:
    """What puts an invoice back."""
    found = []
    of = {lms.documents: lms.documents.c.id, lms.invoicecontents: lms.invoicecontents.c.docid}
    with both.engine.connect() as connection:
        for one_, column in {**of, lms.cash: lms.cash.c.docid}.items():
            rows = connection.execute(sa.select(one_).where(column == document))
            found += [one_.insert().values(**row._mapping) for row in rows]
    return found


def test_an_invoice_that_was_deleted_is_not_asked_for(both: Both) -> None:
    """Nothing of it is left in LMS: neither the document nor what it charged."""
    both.bring()
    desk, back = both.desk, kept_aside(both, 2012)
    desk.as_system().do(lambda work: work.change(Invoice, mail_due=True))
    both.change(*gone(2012))
    for dry_run in (True, False):
        reports = both.bring(dry_run=dry_run)
        assert counts(reports)["documents"] == (0, 0, 118)
        assert (counts(reports)["cash"], reports["documents"].as_json()["removed"]) == ((1, 0, 40), 1)
    issued = one(desk, Invoice, number="FV/0001/11/2026")
    assert (issued.unpaid, issued.gross, issued.mail_due) == (0, 7900, False)
    assert (one(desk, Payment, invoice_id=issued.id).mark, issued.origin) == (f"LMS-D{issued.id}", "lms:2012")
    assert balances(desk) == lms.balances(both.engine)
    as_it_is = everything(desk)
    reports = both.bring()
    assert (counts(reports)["cash"], reports["documents"].as_json()["removed"]) == ((0, 0, 40), 0)
    assert everything(desk) == as_it_is
    both.change(*back)
    assert removed(both.bring()) == (0, 0, 1)
    assert one(desk, Invoice, number="FV/0001/11/2026").unpaid == 7900
    assert balances(desk) == lms.balances(both.engine)


def test_however_many_were_cancelled_long_ago_none_of_them_is_lost(quick: Both) -> None:
    ids = [2000 + 10 * customer + at for customer in range(1, 9) for at in range(3)]
    cancel = sa.update(lms.documents).where(lms.documents.c.id.in_(ids)).values(cancelled=1)
    quick.change(cancel, sa.delete(lms.cash).where(lms.cash.c.docid.in_(ids)))
    for _night in range(2):
        assert removed(quick.bring()) == (0, 0, 0)
        assert journal_of(quick.desk) == ["subscriber.import"]
        assert balances(quick.desk) == lms.balances(quick.engine)


@pytest.mark.parametrize("how", ["cancelled", "deleted"])
def test_an_invoice_that_got_another_number_first(quick: Both, how: str) -> None:
    """Under either number it is an invoice here, and neither is asked for in the end."""
    documents, cash = lms.documents, lms.cash
    quick.bring()
    quick.change(sa.update(documents).where(documents.c.id == 2012).values(fullnumber="FV/0001/11/2026/B"))
    quick.bring()
    assert balances(quick.desk) == lms.balances(quick.engine)
    cancel = sa.update(documents).where(documents.c.id == 2012).values(cancelled=1)
    quick.change(*((cancel, sa.delete(cash).where(cash.c.docid == 2012)) if how == "cancelled" else gone(2012)))
    quick.bring()
    as_it_is, journal = everything(quick.desk), journal_of(quick.desk)
    for number in ("FV/0001/11/2026", "FV/0001/11/2026/B"):
        assert one(quick.desk, Invoice, number=number).unpaid == 0
    assert balances(quick.desk) == lms.balances(quick.engine)
    quick.bring()
    assert (everything(quick.desk), journal_of(quick.desk)) == (as_it_is, journal)


def test_an_invoice_of_a_file_is_of_lms_whatever_contract_it_names(quick: Both) -> None:
    quick.bring()
    found, contract = one(quick.desk, Invoice, number="FV/0001/11/2026"), one(quick.desk, Contract, number="UA/1/2024")
    at = table(Invoice).c.id == found.id
    quick.desk.as_system().do(lambda work: work.change(Invoice, at, origin="", contract_id=contract.id))
    assert warnings(quick.bring()) == []
    kept = one(quick.desk, Invoice, number="FV/0001/11/2026")
    assert (kept.origin, kept.contract_id) == ("lms:2012", contract.id)
    quick.change(*gone(2012))
    removed(quick.bring(), invoices=1)
    assert balances(quick.desk) == lms.balances(quick.engine)


def test_many_contracts_that_go_to_others_are_refused(quick: Both) -> None:
    """Another database would give them to strangers."""
    quick.bring()
    before = everything(quick.desk)
    quick.change(sa.update(lms.assignments).values(customerid=21 - lms.assignments.c.customerid))
    reports = quick.bring()
    assert errors(reports) == [("customers", 0, "contracts")]
    assert "19 of 19" in reports["customers"].errors[0].say.text()
    assert everything(quick.desk) == before
    assert quick.bring(removal=True)["customers"].as_json()["moved"] == 20


def test_who_comes_back_has_a_password_again(quick: Both) -> None:
    """Also one that was made here in between, which went with the line."""
    quick.bring()
    line = table(Line).c.pppoe_login == "wezel7"
    quick.desk.as_system().do(lambda work: work.change(Line, line, pppoe_changed_at=work.now))
    for deleted in (1, 0):
        quick.change(sa.update(lms.customers).where(lms.customers.c.id == 7).values(deleted=deleted))
        quick.bring()
    kept = one(quick.desk, Line, pppoe_login="wezel7")
    assert quick.desk.keys.unseal("pppoe", kept.pppoe_password, str(kept.asset_id))
    assert kept.pppoe_changed_at is None


def test_many_deleted_invoices_are_refused(quick: Both) -> None:
    quick.bring()
    before = everything(quick.desk)
    for id_ in range(1, 8):
        for at in range(3):
            quick.change(*gone(2000 + 10 * id_ + at))
    reports = quick.bring()
    assert errors(reports) == [("documents", 0, "invoices")]
    assert "21 of 60" in reports["documents"].errors[0].say.text()
    assert everything(quick.desk) == before
    assert quick.bring(removal=True)["documents"].as_json()["removed"] == 21
    assert balances(quick.desk) == lms.balances(quick.engine)


def test_one_that_was_issued_again_to_somebody_else(quick: Both) -> None:
    """Whom it was issued to by mistake owes nothing."""
    quick.bring()
    owed = balances(quick.desk)["1"]
    quick.change(
        sa.update(lms.documents).where(lms.documents.c.id == 2012).values(customerid=3),
        sa.update(lms.cash).where(lms.cash.c.docid == 2012).values(customerid=3),
    )
    for removed_ in (1, 0):
        reports = quick.bring()
        assert warnings(reports) == [("documents", 2012, "customerid")]
        assert reports["documents"].as_json()["removed"] == removed_
        assert one(quick.desk, Invoice, number="FV/0001/11/2026").unpaid == 0
        assert balances(quick.desk)["1"] == owed + 7900


def test_cancelled_issued_again_and_cancelled_again_is_once(both: Both) -> None:
    both.bring()
    documents, cash, contents = lms.documents, lms.cash, lms.invoicecontents
    owed = balances(both.desk)["1"]
    back = [one_ for one_ in kept_aside(both, 2012) if one_.table is not documents]
    with both.engine.connect() as connection:
        found = connection.execute(sa.select(documents).where(documents.c.id == 2012)).one()
        document = dict(found._mapping)
    cancel = (
        sa.update(documents).where(documents.c.fullnumber == "FV/0001/11/2026").values(cancelled=1),
        sa.delete(cash).where(cash.c.docid.in_((2012, 9012))),
    )
    both.change(*cancel)
    both.bring()
    both.change(
        sa.delete(contents).where(contents.c.docid == 2012),
        documents.insert().values({**document, "id": 9012}),
        *back,
        sa.update(cash).where(cash.c.docid == 2012).values(docid=9012),
        sa.update(contents).where(contents.c.docid == 2012).values(docid=9012),
    )
    both.bring()
    assert balances(both.desk)["1"] == owed
    both.change(*cancel)
    for _night in range(2):
        both.bring()
        assert balances(both.desk) == lms.balances(both.engine)
        assert balances(both.desk)["1"] == owed + 7900
        issued = one(both.desk, Invoice, number="FV/0001/11/2026")
        assert len(all_of(both.desk, Payment, invoice_id=issued.id)) == 1


def test_a_contract_whose_assignment_is_gone_ends(both: Both) -> None:
    """Under the number of its paper, too."""
    both.bring()
    both.change(sa.delete(lms.assignments).where(lms.assignments.c.customerid == 7))
    assert removed(both.bring()) == (1, 0, 0)
    contract = one(both.desk, Contract, number="UA/7/2024")
    assert (contract.origin, contract.valid_until) == ("lms", dt.date(2026, 11, 20))
    assert removed(both.bring()) == (0, 0, 0)


def from_files(both: Both, folder: Path, *rows: dict[str, str]) -> None:
    """Subscribers whose contracts never were in LMS."""
    report = Files(both.desk, folder).bring("subscribers", *({**SUBSCRIBER, "pesel": "", **row} for row in rows))
    assert not report.errors


def test_contracts_of_files_are_none_of_lms(quick: Both, tmp_path: Path) -> None:
    """Neither what a customer of LMS has besides, nor what somebody has who left LMS, ends."""
    quick.bring()
    from_files(
        quick,
        tmp_path,
        {"customer_number": "7", "contract_number": "SAT/7"},
        {"customer_number": "8", "contract_number": "SAT/8"},
    )
    quick.change(LEAVING[0])
    assert removed(quick.bring()) == (1, 1, 0)
    assert {one(quick.desk, Contract, number=f"SAT/{id_}").valid_until.year for id_ in (7, 8)} == {9999}


def test_a_contract_of_a_file_is_not_taken_over(both: Both, tmp_path: Path) -> None:
    """Somebody else's contract with the same number is named, and stays what it is."""
    from_files(both, tmp_path, {"contract_number": "UA/7/2024"})
    before, journal = everything(both.desk), journal_of(both.desk)
    reports = both.bring()
    assert errors(reports) == [("customers", 7, "assignments.docid")]
    assert "K-1" in reports["customers"].errors[0].say.text()
    assert (everything(both.desk), journal_of(both.desk)) == (before, journal)


def test_what_lms_has_under_the_same_number_and_customer_is_its_own(quick: Both, tmp_path: Path) -> None:
    """A desk that began with files goes on with LMS."""
    from_files(quick, tmp_path, {"customer_number": "7", "contract_number": "UA/7/2024", "valid_from": "2020-01-01"})
    quick.bring()
    contract = one(quick.desk, Contract, number="UA/7/2024")
    assert (contract.origin, contract.valid_from) == ("lms", dt.date(2024, 3, 1))
    quick.desk.as_system().do(lambda work: work.change(Invoice, origin=""))
    assert counts(quick.bring())["documents"] == (0, 120, 0)
    assert one(quick.desk, Invoice, number="FV/0001/09/2026").origin == "lms:2010"
    assert counts(quick.bring())["documents"] == (0, 0, 120)


def test_what_came_from_files_doesnt_hide_that_lms_lost_much(quick: Both, tmp_path: Path) -> None:
    quick.bring()
    rows = [{"customer_number": f"K-{at}", "contract_number": f"SAT/{at}"} for at in range(400)]
    from_files(quick, tmp_path, *rows)
    quick.change(sa.delete(lms.assignments))
    reports = quick.bring()
    assert errors(reports) == [("customers", 0, "contracts")]
    assert "19 of 19" in reports["customers"].errors[0].say.text()


def test_where_customers_live_is_sealed_on_the_disk() -> None:
    scratch = Scratch()
    coming = Coming(scratch)
    said = {"street": "ul. Łączna 7/4", "postcode": "05-121", "town": "Święta Góra"}
    coming.note([SubscriberFileRow(7, Ref("K-7", "k-7"), said, None, "", "")])
    assert coming.customers({}, {"k-7"}) == {"k-7": PendingSubscriber(-7, "K-7", "k-7", *said.values())}
    stored = b"".join(repr(row).encode() for row in scratch.rows("SELECT * FROM coming"))
    assert b"k-7" in stored
    for value in said.values():
        assert value.encode() not in stored
