"""How an LMS database is read whatever it was set up like: whose numbers are alike, what runs today, which encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from core.errors import Unavailable
from core.imports.lms.run import source_of
from core.models.contracts import Asset, Contract, Product
from core.models.subscribers import Line, Subscriber
from core.service.desk import Desk
from tests.core.imports.csv.streams import all_of, one
from tests.core.imports.lms import tables as lms
from tests.core.imports.lms.test_run import Both, balances, counts, told_as_json, warnings

if TYPE_CHECKING:
    from tests.support.postgres import Server


@pytest.fixture
def quick(desk: Desk, postgres: Server) -> Both:
    return Both(desk, postgres.copy("lms", lms.build))


@pytest.fixture
def bytes_alone(desk: Desk, postgres: Server) -> Both:
    """A database that was made under LC_ALL=C: it holds UTF-8 and doesn't know."""
    made = "CREATE DATABASE lms_ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
    server = lms.connect(postgres.url("postgres"))
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS lms_ascii")
        connection.exec_driver_sql(made)
    known = f"{postgres.url('lms_ascii')}&client_encoding=UTF8"
    lms.build(known)
    both = Both(desk, known)
    both.url = source_of(postgres.url("lms_ascii"))
    return both


FOLLOWING = {"customerid": 1, "period": 3, "count": 1, "commited": 1, "docid": 1001, "id": 8001, "tariffid": 7}


def faster(quick: Both, *, linked: bool) -> None:
    """Customer 1 has had another tariff since January; their node hangs on the old one, on both or on the new one."""
    quick.change(
        lms.more(lms.tariffs, id=7, name="Światło 900", type=1, value="90", taxid=1, downceil=900_000, upceil=90_000),
        sa.update(lms.assignments).where(lms.assignments.c.id == 10).values(dateto=lms.at("2025-12-31")),
        lms.more(lms.assignments, **FOLLOWING, datefrom=lms.at("2026-01-01")),
        *([lms.more(lms.nodeassignments, id=900, nodeid=101, assignmentid=8001)] if linked else []),
    )


@pytest.mark.parametrize("linked", [False, True])
def test_the_assignment_of_today_decides_product_and_speeds(quick: Both, linked: bool) -> None:
    faster(quick, linked=linked)
    quick.bring()
    line = one(quick.desk, Asset, identifier="LMS-1-101")
    assert one(quick.desk, Product, id=line.product_id).name == "Światło 900"
    assert one(quick.desk, Line, asset_id=line.id).down_mbit == 900


def test_between_two_assignments_the_one_before_counts_and_before_the_first_that(quick: Both) -> None:
    faster(quick, linked=True)
    later = sa.update(lms.assignments).where(lms.assignments.c.id == 8001)
    quick.change(later.values(datefrom=lms.at("2027-01-01")), _without_telephone(1))
    quick.bring()
    line = one(quick.desk, Asset, identifier="LMS-1-101")
    assert one(quick.desk, Product, id=line.product_id).name == "Światło 300"


def _without_telephone(customer: int) -> sa.Delete:
    return sa.delete(lms.assignments).where(lms.assignments.c.id == 10 * customer + 1)


def test_two_sellers_that_number_invoices_alike(quick: Both) -> None:
    """The later one stands on its account as a charge, so that the balance is that of LMS."""
    documents = lms.documents
    other = sa.update(documents).where(documents.c.id == 2081)
    quick.change(other.values(fullnumber="FV/0007/10/2026", div_name="Druga Sieć", div_ten="999-999-99-99"))
    for night in range(2):
        reports = quick.bring()
        assert warnings(reports) == [("documents", 2081, "fullnumber")]
        assert "2071" in reports["documents"].warnings[0].say.text()
        assert counts(reports)["documents"] == ((118, 0, 0) if night == 0 else (0, 0, 118))
        assert balances(quick.desk) == lms.balances(quick.engine)
    assert len(all_of(quick.desk, Subscriber)) == 20


def test_two_firms_that_number_contracts_alike(quick: Both) -> None:
    quick.change(sa.update(lms.documents).where(lms.documents.c.id == 1008).values(fullnumber="ua/7/2024"))
    for night in range(2):
        reports = quick.bring()
        assert warnings(reports) == [("customers", 8, "assignments.docid")]
        assert counts(reports)["customers"] == ((20, 0, 0) if night == 0 else (0, 0, 20))
    holders = {found.number: found.subscriber_id for found in all_of(quick.desk, Contract)}
    assert holders["UA/7/2024"] == one(quick.desk, Subscriber, number="7").id
    assert holders["ua/7/2024 #1008"] == one(quick.desk, Subscriber, number="8").id
    line = one(quick.desk, Asset, identifier="LMS-8-108")
    assert one(quick.desk, Product, id=line.product_id).name == "Światło 300", "its line hangs on it all the same"


def _document_like(quick: Both, id_: int, **changes: Any) -> Any:
    """Another one like customer 8's contract."""
    with quick.engine.connect() as connection:
        known = connection.execute(sa.select(lms.documents).where(lms.documents.c.id == 1008)).mappings().one()
    return sa.insert(lms.documents).values(**{**known, "id": id_, **changes})


def test_an_annex_that_no_assignment_names_takes_no_number(quick: Both) -> None:
    quick.bring()
    before = {found.number: found.valid_until for found in all_of(quick.desk, Contract)}
    quick.change(_document_like(quick, 5, type=-3, fullnumber="UA/7/2024"))
    reports = quick.bring()
    assert (warnings(reports), counts(reports)["customers"]) == ([], (0, 0, 20))
    assert {found.number: found.valid_until for found in all_of(quick.desk, Contract)} == before


def test_a_number_that_is_here_with_its_customer_stays_theirs(quick: Both) -> None:
    """However old the document of another customer is that turns up with it."""
    quick.bring()
    mine = one(quick.desk, Contract, number="UA/7/2024")
    theirs = sa.update(lms.assignments).where(lms.assignments.c.docid == 1008).values(docid=5)
    quick.change(_document_like(quick, 5, fullnumber="UA/7/2024"), theirs)
    for _night in range(2):
        assert warnings(quick.bring()) == [("customers", 8, "assignments.docid")]
        kept = one(quick.desk, Contract, number="UA/7/2024")
        assert (kept.id, kept.subscriber_id, kept.valid_until) == (mine.id, mine.subscriber_id, mine.valid_until)
        other = one(quick.desk, Contract, number="UA/7/2024 #5")
        assert other.subscriber_id == one(quick.desk, Subscriber, number="8").id


def test_a_database_without_an_encoding(bytes_alone: Both) -> None:
    bytes_alone.bring()
    assert one(bytes_alone.desk, Subscriber, number="1").name == "Bronisława Łącka-A"
    name = b"'\xa3\xf3d\xbc'"  # LATIN2 among UTF-8
    with bytes_alone.engine.begin() as connection:
        connection.exec_driver_sql("SET client_encoding = 'SQL_ASCII'")
        connection.connection.driver_connection.execute(b"UPDATE customers SET lastname = " + name)
    with pytest.raises(Unavailable, match="not UTF-8"):
        bytes_alone.bring()


@pytest.mark.parametrize(
    "setting",
    [
        "client_encoding = 'LATIN2'",
        "DateStyle = 'German'",
        "TimeZone = 'Asia/Tokyo'",
        "default_transaction_isolation = 'serializable'",
    ],
)
def test_what_a_role_or_database_was_set_to_does_not_matter(quick: Both, setting: str) -> None:
    whole = told_as_json(quick.bring(dry_run=True))
    with quick.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{quick.url.database}" SET {setting}')
    assert told_as_json(quick.bring()) == whole
    assert one(quick.desk, Subscriber, number="1").name == "Bronisława Łącka-A"
