"""Everything from an LMS database: read by its own names, brought in whole, again every night."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from core.accounts.models import Role
from core.billing.models import Invoice, InvoiceLine, InvoiceParty, Payment
from core.contracts.models import Asset, Contract, Cover, Product
from core.desk import Desk
from core.errors import DeskError, Forbidden, Unavailable
from core.exchange.lms import import_lms, source_of
from core.exchange.lms_database import full_number
from core.exchange.report import Report
from core.subscribers import pesel
from core.subscribers.models import Line, LineAddress, Subscriber
from core.work import Look, table
from tests.core.billing.invoices import ACCOUNT
from tests.core.exchange import lms_tables as lms
from tests.core.exchange.streams import all_of, everything, one
from tests.desks import journal_of, logged_in, make_desk

if TYPE_CHECKING:
    from tests.postgres import Server


class Both:
    """A desk and an LMS database."""

    def __init__(self, desk: Desk, url: str, **build: Any) -> None:
        self.desk = desk
        self.engine = lms.build(url, **build)
        self.url = source_of(url)

    def bring(self, *, dry_run: bool = False, seat: Desk | None = None) -> dict[str, Report]:
        return import_lms(seat or self.desk.as_system(), self.url, dry_run=dry_run)

    def change(self, *statements: Any) -> None:
        lms.run(self.engine, *statements)


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path, postgres: Server) -> Iterator[Both]:
    more: Any = {} if request.param == "sqlite" else {"database_url": postgres.fresh()}
    desk = make_desk(tmp_path / "desk", **more)
    yield Both(desk, postgres.empty())
    desk.close()


@pytest.fixture
def quick(desk: Desk, postgres: Server) -> Both:
    """With SQLite only, for what doesn't depend on the store."""
    return Both(desk, postgres.empty())


def counts(reports: dict[str, Report]) -> dict[str, tuple[int, int, int]]:
    assert not any(report.errors for report in reports.values()), errors(reports)
    return {name: (report.created, report.updated, report.unchanged) for name, report in reports.items()}


def errors(reports: dict[str, Report]) -> list[tuple[str, int, str]]:
    return [(name, slip.line, slip.column) for name, report in reports.items() for slip in report.errors]


def balances(desk: Desk) -> dict[str, int]:
    """What the desk says each has."""

    def read(look: Look) -> dict[str, int]:
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
    assert counts(quick.bring()) == {
        "customers": (0, 1, 19),
        "nodes": (1, 1, 17),
        "documents": (0, 0, 120),
        "cash": (0, 2, 38),
    }
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
    (sa.update(lms.customers).where(lms.customers.c.id == 7).values(ssn="12345678901"), ("customers", 7, "ssn")),
    (sa.update(lms.customers).where(lms.customers.c.id == 20).values(ten="1234567890"), ("customers", 20, "ten")),
    (
        sa.update(lms.customercontacts).where(lms.customercontacts.c.id == 29).values(contact="nobody"),
        ("customers", 7, "customercontacts.contact"),
    ),
    (
        sa.update(lms.documents).where(lms.documents.c.id == 1007).values(fullnumber="UA/8/2024"),
        ("customers", 8, "assignments.docid"),
    ),
    (
        sa.update(lms.nodes).where(lms.nodes.c.id == 107).values(ipaddr_pub=lms.number("203.0.113.3")),
        ("nodes", 107, "ipaddr"),
    ),
    (
        sa.update(lms.nodes).where(lms.nodes.c.id == 107).values(ipaddr_pub=lms.number("127.0.0.1")),
        ("nodes", 107, "ipaddr"),
    ),
    (sa.update(lms.nodes).where(lms.nodes.c.id == 107).values(login="wezel3"), ("nodes", 107, "name")),
    (
        sa.update(lms.documents).where(lms.documents.c.id == 2070).values(fullnumber="FV/0008/10/2026"),
        ("documents", 2081, "fullnumber"),
    ),
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
    assert not any(everything(quick.desk).values())
    assert journal_of(quick.desk) == []


def test_an_invoice_that_lms_has_changed_is_refused(quick: Both) -> None:
    quick.bring()
    before = everything(quick.desk)
    quick.change(sa.update(lms.documents).where(lms.documents.c.id == 2011).values(paytime=30))
    assert errors(quick.bring()) == [("documents", 2011, "paytime")]
    assert everything(quick.desk) == before


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
    assert (first.net_price, first.net, first.vat, first.gross) == (12, 12345, 2839, 15184)
    assert (second.rate, second.vat, second.gross) == ("zw", 0, 1000)


def test_older_versions_have_fewer_tables(desk: Desk, postgres: Server) -> None:
    """Without addresses, contacts, number plans and what ties nodes to assignments."""
    absent = (lms.addresses, lms.customer_addresses, lms.customercontacts, lms.numberplans, lms.nodeassignments)
    older = Both(desk, postgres.empty(), without=absent)
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
    assert len(errors(reports)) == 2


def test_progress_counts_rows(quick: Both) -> None:
    seen: list[tuple[int, int]] = []
    import_lms(quick.desk.as_system(), quick.url, progress=lambda done, of: seen.append((done, of)))
    assert [done for done, _of in seen] == sorted(done for done, _of in seen)
    assert all(done <= of for done, of in seen)


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
