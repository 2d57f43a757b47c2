"""Contracts from a file: all or nothing, every bad row named, safe to run again."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import forms, resources
from core.companies import activation
from core.errors import Conflict, Forbidden
from core.imports import contracts
from core.imports.contract_rows import COLUMNS, ContractFileRow
from core.imports.contracts import ContractsPass, import_contracts
from core.imports.csv import pipeline
from core.imports.csv.report import Report
from core.imports.csv.source import Pasted, Source
from core.models.accounts import Role
from core.models.companies import Company
from core.models.contracts import Asset, Contract, Cover, Product
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.sign_up import customer
from tests.core.imports.csv.streams import CONTRACT as GOOD
from tests.factories.cares import service_company
from tests.factories.desks import PASSWORD, come_back, contract, journal_of, logged_in


def row(**changes: str) -> dict[str, str]:
    return {**GOOD, **changes}


def content(*rows: dict[str, str]) -> bytes:
    lines = [";".join(COLUMNS), *(";".join(one[name] for name in COLUMNS) for one in rows)]
    return ("\n".join(lines) + "\n").encode()


def file(*rows: dict[str, str]) -> Pasted:
    return Pasted(content(*rows))


def bring(desk: Desk, *rows: dict[str, str], dry_run: bool = False) -> Report:
    return desk.as_system().do(import_contracts, file(*rows), dry_run=dry_run)


def told(report: Report) -> tuple[int, int, int, int]:
    return report.rows, report.created, report.updated, report.unchanged


def slips(report: Report) -> list[tuple[int, str]]:
    return [(slip.line, slip.column) for slip in report.errors]


def everything(desk: Desk) -> dict[str, list[Any]]:
    """All that an import could write."""
    tables = [table(model) for model in (Company, Product, Contract, Asset, Cover)]
    return desk.as_system().see(
        lambda look: {
            one.name: [tuple(found) for found in look.rows(sa.select(one).order_by(*one.primary_key))] for one in tables
        }
    )


def one(desk: Desk, model: Any, **where: Any) -> Any:
    columns = table(model).c
    chosen = sa.select(table(model)).where(*(columns[name] == value for name, value in where.items()))
    return desk.as_system().see(lambda look: look.row(chosen))


def test_a_file_comes_in(desk: Desk) -> None:
    second = row(
        contract_number="ok 2",
        activation_code="WXYZ-1234",
        company="",
        identifier="nvg2-0a1b-7k2m",
        vendor="novalis",
        product="NOVALIS gate n2",
    )
    report = bring(desk, GOOD, row(identifier="BM4000000002"), second)
    assert told(report) == (3, 3, 0, 0)
    assert report.as_json() == {"rows": 3, "created": 3, "updated": 0, "unchanged": 0, "errors": []}
    kept = one(desk, Contract, number="OK-1")
    assert (kept.support_level, kept.valid_from, kept.valid_until) == (
        "gold",
        dt.date(2026, 1, 1),
        dt.date(2026, 12, 31),
    )
    assert kept.registered_at is None
    assert one(desk, Company, id=kept.company_id).name == "Tarnina sp. z o.o."
    assert one(desk, Contract, number="ok 2").company_id is None
    assert one(desk, Product, name="Novalis Gate N2").vendor == "Novalis", "as the catalogue writes it"
    assert one(desk, Asset, identifier="NVG2-0A1B-7K2M").identifier_key == "nvg2-0a1b-7k2m"
    assert len(everything(desk)["cover"]) == 3
    assert "ABCD" not in str(everything(desk))
    assert journal_of(desk) == ["contract.import"]


def test_twice_is_once(desk: Desk) -> None:
    rows = [row(identifier=f"BM40{number:08}", contract_number=f"OK-{number % 3}") for number in range(10)]
    assert told(bring(desk, *rows)) == (10, 10, 0, 0)
    before = everything(desk)
    assert told(bring(desk, *rows)) == (10, 0, 0, 10)
    assert everything(desk) == before
    assert journal_of(desk) == ["contract.import"]


def test_a_dry_run_tells_the_same_and_writes_nothing(desk: Desk) -> None:
    bring(desk, GOOD)
    before = everything(desk)
    rows = [row(support_level="silver"), row(contract_number="OK-2", identifier="BM4000000002")]
    trial = bring(desk, *rows, dry_run=True)
    assert everything(desk) == before
    assert journal_of(desk) == ["contract.import"]
    assert trial.as_json() == bring(desk, *rows).as_json()
    assert told(trial) == (2, 1, 1, 0)


def test_the_signing_up_of_a_person_with_an_imported_contract(desk: Desk) -> None:
    bring(desk, GOOD)
    values = {
        "login": "ola",
        "email": "ola@example.com",
        "first_name": "Ola",
        "last_name": "Nowak",
        "phone": "600 123 456",
        "language": "pl",
        "password": PASSWORD,
        "again": PASSWORD,
        "contract": " ok-1",
        "code": "abcd efgh",
        "company": "Tarnina",
        "terms": "yes",
    }
    assert come_back(desk, desk.do(customer.start, forms.fill(customer.SignUp, values))).company == "Tarnina sp. z o.o."
    registered = one(desk, Contract, number="OK-1").registered_at
    assert registered is not None
    assert told(bring(desk, GOOD)) == (1, 0, 0, 1)
    changed = row(valid_until="2027-12-31", company="Somebody else")
    assert told(bring(desk, changed)) == (1, 0, 1, 0)
    kept = one(desk, Contract, number="OK-1")
    assert (kept.registered_at, kept.valid_until) == (registered, dt.date(2027, 12, 31))
    assert one(desk, Company, id=kept.company_id).name == "Tarnina sp. z o.o.", "who registered it keeps it"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("support_level", "silver"),
        ("valid_from", "2025-01-01"),
        ("valid_until", "31.12.2028"),
        ("activation_code", "NEWC-0DE1"),
        ("company", "Jałowiec"),
        ("product", "Barwa Mur 41 X"),
    ],
)
def test_what_changed_is_updated(desk: Desk, column: str, value: str) -> None:
    bring(desk, GOOD)
    changed = row(**{column: value})
    assert told(bring(desk, changed)) == (1, 0, 1, 0)
    assert told(bring(desk, changed)) == (1, 0, 0, 1)
    if column == "activation_code":
        assert desk.as_system().see(activation.matching, "OK-1", "newc0de1") is not None
        assert desk.as_system().see(activation.matching, "OK-1", GOOD["activation_code"]) is None


def test_a_corrected_company_takes_along_what_the_contract_alone_covers(desk: Desk) -> None:
    bring(desk, GOOD, row(identifier="BM4000000002"))
    assert told(bring(desk, row(company="Jałowiec"))) == (1, 0, 1, 0)
    owners = {found.company_id for found in desk.as_system().see(lambda look: look.rows(sa.select(table(Asset))))}
    assert owners == {one(desk, Company, name="Jałowiec").id}


def test_a_device_that_somebody_else_got_meanwhile_is_not_taken(desk: Desk) -> None:
    """Between the look at the file and the writing."""
    passes = 0

    def take(over: ContractsPass, rows: list[ContractFileRow]) -> list[ContractFileRow]:
        nonlocal passes
        passes += 1
        fresh = ContractsPass.take(over, rows)
        if passes == 1:
            contract(desk, number="OK-9", company="Jałowiec", identifiers=("BM4000000001",))
        return fresh

    kind = dataclasses.replace(contracts.KIND, over=type("Meddling", (ContractsPass,), {"take": take}))
    with pytest.raises(Conflict, match="try again"):
        desk.as_system().do(pipeline.importing(kind), file(GOOD))
    assert passes == 2
    assert journal_of(desk) == []
    assert one(desk, Contract, number="OK-1") is None


def test_an_unknown_product_is_added_under_its_category(desk: Desk) -> None:
    new = row(category="Zapora sieciowa", vendor="Nowa Marka", product="Płot 9", identifier="sn 55/a-1")
    assert told(bring(desk, new)) == (1, 1, 0, 0)
    assert one(desk, Product, name="Płot 9").category == "firewall"
    assert one(desk, Asset, identifier="SN55/A-1") is not None
    again = row(category="firewall", vendor="NOWA marka", product="płot 9", identifier="SN-2")
    bring(desk, new, again)
    assert len(everything(desk)["product"]) == 1


SECOND = row(contract_number="OK-2", identifier="BM4000000002")


@pytest.mark.parametrize(
    ("bad", "columns"),
    [
        (row(valid_from="2026-02-30"), ["valid_from"]),
        (row(valid_until="soon"), ["valid_until"]),
        (row(valid_from="2027-01-01"), ["valid_until"]),
        (row(identifier=""), ["identifier"]),
        (row(contract_number=""), ["contract_number"]),
        (row(activation_code=""), ["activation_code"]),
        (row(activation_code="--ŻÓŁĆ--"), ["activation_code"]),
        (row(category="toaster"), ["category"]),
        (row(category=""), ["category"]),
        (row(category="switch"), ["category"]),
        (row(vendor=""), ["vendor"]),
        (row(product=""), ["product"]),
        (row(identifier="BM41"), ["identifier"]),
        (row(product="Other", identifier="?!"), ["identifier"]),
        (row(contract_number="x" * 41), ["contract_number"]),
        (row(company="x" * 121), ["company"]),
        (row(contract_number="OK-2", identifier="BM4000000002"), ["identifier"]),
        (row(contract_number="ok-2", activation_code="OTHER-CODE"), ["activation_code"]),
        (row(contract_number="OK-2", support_level="silver"), ["support_level"]),
        (row(contract_number="OK-2", company="Jałowiec", valid_from="2025-01-01"), ["company", "valid_from"]),
        (
            row(contract_number="", valid_from="?", category="?", identifier=""),
            ["contract_number", "valid_from", "identifier", "category"],
        ),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(desk: Desk, bad: dict[str, str], columns: list[str]) -> None:
    report = bring(desk, SECOND, bad, row(contract_number="OK-3", identifier="BM4000000003"))
    assert slips(report) == [(3, column) for column in columns]
    assert told(report) == (3, 0, 0, 0)
    assert not any(everything(desk).values())
    assert journal_of(desk) == []
    assert all(slip.say.text() for slip in report.errors)


def test_unknown_categories_come_with_the_known_ones(desk: Desk) -> None:
    (slip,) = bring(desk, row(category="toaster")).errors
    assert "firewall" in slip.say.text()
    assert "heat_pump" in slip.say.text()


def test_a_device_of_another_company_is_not_taken(desk: Desk) -> None:
    contract(desk, number="OK-9", company="Jałowiec", identifiers=("BM4000000001",))
    before = everything(desk)
    report = bring(desk, GOOD)
    assert slips(report) == [(2, "identifier")]
    assert "Jałowiec" in report.errors[0].say.text()
    assert everything(desk) == before


def test_a_second_contract_may_cover_a_device_of_the_same_company(desk: Desk) -> None:
    bring(desk, GOOD)
    assert told(bring(desk, row(contract_number="OK-2", valid_from="2027-01-01", valid_until="2027-12-31"))) == (
        1,
        1,
        0,
        0,
    )
    assert len(everything(desk)["asset"]) == 1
    assert len(everything(desk)["cover"]) == 2


def test_columns_too_few_and_quoted_line_ends(desk: Desk) -> None:
    text = content(row(company='"Two\nlines"'), row()) + b"OK-1;ABCD\n"
    report = desk.as_system().do(import_contracts, Pasted(text))
    assert slips(report) == [(4, "identifier"), (4, "company"), (5, "company")]


def test_only_who_may(desk: Desk) -> None:
    for login, role in (("agnes", Role.AGENT), ("klient", Role.CUSTOMER)):
        with pytest.raises(Forbidden):
            logged_in(desk, login, role).do(import_contracts, file(GOOD))
    with pytest.raises(Forbidden):
        desk.do(import_contracts, file(GOOD))
    assert told(logged_in(desk, "szefowa", Role.ADMIN).do(import_contracts, file(GOOD))) == (1, 1, 0, 0)


def test_progress_grows_to_its_end(desk: Desk) -> None:
    seen: list[tuple[int, int]] = []
    rows = [row(identifier=f"BM40{number:08}") for number in range(1200)]
    source = file(*rows)
    desk.as_system().do(import_contracts, source, progress=lambda done, of: seen.append((done, of)))
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == ((0, 2 * source.size), (2 * source.size, 2 * source.size))
    assert {0, source.size} < {done for done, _of in seen if done <= source.size}, "it is told while the file is read"


def test_statements_grow_by_the_hundred_rows_and_not_by_the_row(desk: Desk) -> None:
    rows = [row(identifier=f"BM40{number:08}", contract_number=f"OK-{number // 5}") for number in range(2000)]
    statements: list[str] = []
    sa.event.listen(desk.store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    bring(desk, *rows)
    assert len(statements) < 60
    statements.clear()
    assert told(bring(desk, *rows)) == (2000, 0, 0, 2000)
    assert len(statements) < 30


def test_the_sample_that_ships_comes_in(desk: Desk) -> None:
    report = desk.as_system().do(import_contracts, Source(resources.folder("demo") / "contracts.csv"))
    assert report.errors == []
    assert report.created == report.rows > 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: (";".join(COLUMNS) + "\n" + text).encode("utf-8", "surrogatepass")),
    )
)
def test_no_file_raises(desk: Desk, content: bytes) -> None:
    report = desk.as_system().do(import_contracts, Pasted(content), dry_run=True)
    assert report.as_json()["rows"] >= 0


WRONG = ["", "x", "2026-13-01", "OK-1", "Ł" * 200, "BM4000000001", "=1+1", "firewall"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WRONG), min_size=10, max_size=10).filter(any), max_size=4), st.integers(0, 4))
def test_slips_are_on_the_lines_that_are_wrong(desk: Desk, bad: list[list[str]], good: int) -> None:
    lines = content(*(row(identifier=f"BM40{number:08}") for number in range(good)))
    lines += "".join(";".join(cells) + "\n" for cells in bad).encode()
    report = desk.as_system().do(import_contracts, Pasted(lines), dry_run=True)
    assert {slip.line for slip in report.errors} == {good + 2 + number for number in range(len(bad))}
    assert report.rows == good + len(bad)


_COMPANIES = ("Los sp. z o.o.", "Łoś sp. z o.o.")


def holders(desk: Desk) -> list[tuple[str, str]]:
    """Contracts by number with the companies they are of."""
    contract, company = table(Contract), table(Company)
    wanted = sa.select(contract.c.number, company.c.name).join_from(contract, company)
    return [tuple(one) for one in desk.as_system().see(lambda look: look.rows(wanted.order_by(contract.c.number)))]


def two_rows() -> list[dict[str, str]]:
    return [
        row(contract_number=f"OK-{at}", company=name, identifier=f"BM400000000{at}")
        for at, name in enumerate(_COMPANIES, start=1)
    ]


def test_companies_whose_names_differ_by_an_accent_are_two(any_desk: Desk) -> None:
    assert told(bring(any_desk, *two_rows())) == (2, 2, 0, 0)
    assert holders(any_desk) == [("OK-1", "Los sp. z o.o."), ("OK-2", "Łoś sp. z o.o.")]
    assert told(bring(any_desk, *two_rows())) == (2, 0, 0, 2)
    los = logged_in(any_desk, "los", company=_COMPANIES[0])
    seen = los.see(lambda look: look.rows(look.scoped(Contract, table(Contract).c.number)))
    assert [one.number for one in seen] == ["OK-1"]


def test_what_was_one_company_is_parted_by_the_next_import_until_it_is_registered(any_desk: Desk) -> None:
    bring(any_desk, *(one | {"company": _COMPANIES[0]} for one in two_rows()))
    assert told(bring(any_desk, *two_rows())) == (2, 0, 1, 1)
    assert holders(any_desk) == [("OK-1", "Los sp. z o.o."), ("OK-2", "Łoś sp. z o.o.")]
    assert told(bring(any_desk, *two_rows())) == (2, 0, 0, 2)


def test_products_whose_names_differ_by_an_accent_are_two(desk: Desk) -> None:
    named = [
        row(vendor=vendor, product="Mur", identifier=f"SN{at}-1")
        for at, vendor in enumerate(("Zrodlo", "ŹRÓDŁO", "Źródło"))
    ]
    bring(desk, *named)
    product = table(Product)
    made = sa.select(product.c.vendor).where(product.c.name == "Mur").order_by(product.c.id)
    assert [one.vendor for one in desk.as_system().see(lambda look: look.rows(made))] == ["Zrodlo", "Źródło"]
    assert told(bring(desk, *named)) == (3, 0, 0, 3)


def test_a_service_company_of_the_same_name_gets_no_contract(desk: Desk) -> None:
    service = service_company(desk, GOOD["company"])
    bring(desk, row())
    contract = table(Contract)
    of = desk.as_system().see(lambda look: look.value(sa.select(contract.c.company_id)))
    assert of not in (None, service)


def test_a_registered_contract_that_an_accent_parts_from_the_file_is_named(desk: Desk) -> None:
    bring(desk, *(one | {"company": _COMPANIES[0]} for one in two_rows()))
    contract = table(Contract)
    desk.as_system().do(lambda work: work.change(Contract, contract.c.number == "OK-2", registered_at=work.now))
    second = row(contract_number="OK-2", company=_COMPANIES[1], identifier="BM4000000002")
    report = bring(desk, two_rows()[0], second, second | {"identifier": "BM4000000003"})
    assert holders(desk) == [("OK-1", "Los sp. z o.o."), ("OK-2", "Los sp. z o.o.")], "who held the code keeps it"
    assert [(slip.line, slip.column) for slip in report.warnings] == [(3, "company")]
    assert "OK-2" in report.warnings[0].say.text()
    assert "Los sp. z o.o." in report.warnings[0].say.text()
    assert bring(desk, two_rows()[0], second | {"company": "Inna"}).warnings == [], "a new name is no accent"
