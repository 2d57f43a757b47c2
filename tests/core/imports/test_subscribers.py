"""Subscribers and their contracts from a file: what comes in, what changes, what is refused, what is never repeated."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import Conflict, DeskError, Forbidden
from core.imports import subscribers
from core.imports.csv import pipeline, source
from core.imports.csv.report import Report
from core.imports.csv.source import Source
from core.imports.subscribers import import_subscribers
from core.models.accounts import Role
from core.models.contracts import NO_END, Contract
from core.models.subscribers import Subscriber
from core.service.audit_log import Entry
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from core.subscribers import pesel
from tests.core.imports.csv.streams import KINDS, SUBSCRIBER, Files, all_of, everything, one, slips, told
from tests.factories.cares import service_company
from tests.factories.desks import contract, journal_of, logged_in, make_desk
from tests.factories.subscribers import OTHER_PESEL, PESEL, subscriber


@pytest.fixture
def files(any_desk: Desk, tmp_path: Path) -> Files:
    return Files(any_desk, tmp_path)


@pytest.fixture
def quick(desk: Desk, tmp_path: Path) -> Files:
    """On SQLite only, for what doesn't depend on the store."""
    return Files(desk, tmp_path)


def row(**changes: str) -> dict[str, str]:
    return {**SUBSCRIBER, **changes}


SECOND = row(customer_number="K-2", pesel=OTHER_PESEL, contract_number="UA/2024/119", name="Ambroży Kruk")


def test_a_file_comes_in(files: Files) -> None:
    company = row(
        customer_number="K-3",
        name="Wspólnota Pod Dębami",
        kind="firma",
        pesel="",
        tax_id="999-999-99-99",
        contract_number="UA/2024/120",
        valid_until="2027-12-31",
        monthly_fee="1 234,5",
        phone="",
        email="",
        language="",
        bank_account="",
    )
    report = files.bring("subscribers", SUBSCRIBER, row(contract_number="UA/2025/7", monthly_fee="12"), company)
    assert told(report) == (3, 3, 0, 0)
    desk = files.desk
    kept = one(desk, Subscriber, number="K-1")
    assert (kept.name, kept.town, kept.postcode, kept.phone, kept.language, kept.kind) == (
        "Bronisława Ćwiąkała",
        "Święta Góra",
        "05-121",
        "+48 600 100 200",
        "pl",
        "person",
    )
    assert (kept.number_key, kept.name_key, kept.bank_account) == (
        "k-1",
        "bronislawa cwiakala",
        "91123412340000000000000042",
    )
    assert (kept.pesel_mac, kept.pesel_end) == (pesel.mac(desk.keys, PESEL), "58")
    assert (kept.account_id, kept.e_invoices, kept.version) == (None, False, 1)
    first, second = all_of(desk, Contract, subscriber_id=kept.id)
    assert (first.number, first.kind, first.code_mac, first.monthly_fee, first.registered_at) == (
        "UA/2024/118",
        "subscription",
        "",
        6900,
        desk.now,
    )
    assert (first.valid_from, first.valid_until, second.monthly_fee) == (dt.date(2024, 3, 1), NO_END, 1200)
    firm = one(desk, Subscriber, number="K-3")
    assert (firm.kind, firm.tax_id, firm.pesel_mac, firm.pesel_end, firm.language) == (
        "company",
        "9999999999",
        "",
        "",
        "pl",
    )
    assert one(desk, Contract, number="UA/2024/120").monthly_fee == 123450
    assert journal_of(desk) == ["subscriber.import"]


def test_twice_is_once(files: Files) -> None:
    rows = [row(customer_number=f"K-{number % 7}", contract_number=f"U/{number}") for number in range(20)]
    assert told(files.bring("subscribers", *rows)) == (20, 20, 0, 0)
    before = everything(files.desk)
    assert told(files.bring("subscribers", *rows)) == (20, 0, 0, 20)
    assert everything(files.desk) == before
    assert journal_of(files.desk) == ["subscriber.import"]


def test_a_dry_run_tells_the_same_and_writes_nothing(files: Files) -> None:
    files.bring("subscribers")
    before = everything(files.desk)
    rows = [row(street="ul. Nowa 1"), SECOND]
    trial = files.bring("subscribers", *rows, dry_run=True)
    assert everything(files.desk) == before
    assert journal_of(files.desk) == ["subscriber.import"]
    assert trial.as_json() == files.bring("subscribers", *rows).as_json()
    assert told(trial) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        ("name", "Bronisława Kruk", {"name": "Bronisława Kruk", "name_key": "bronislawa kruk"}),
        ("street", "", {"street": ""}),
        ("town", "Łęgi", {"town": "Łęgi"}),
        ("email", "nowa@poczta.example", {"email": "nowa@poczta.example"}),
        ("phone", "", {"phone": ""}),
        ("language", "en", {"language": "en"}),
        ("bank_account", "", {"bank_account": ""}),
        ("pesel", OTHER_PESEL, {"pesel_end": "28"}),
    ],
)
def test_what_changed_of_a_customer_is_updated(quick: Files, column: str, value: str, kept: dict[str, Any]) -> None:
    quick.bring("subscribers")
    assert told(quick.bring("subscribers", row(**{column: value}))) == (1, 0, 1, 0)
    now = one(quick.desk, Subscriber, number="K-1")
    assert {name: getattr(now, name) for name in kept} == kept
    assert now.version == 2, "an agent who had it open is told"
    assert told(quick.bring("subscribers", row(**{column: value}))) == (1, 0, 0, 1)


def test_what_changed_of_a_contract_is_updated_and_its_new_end_told_again(quick: Files) -> None:
    quick.bring("subscribers", row(valid_until="2026-12-01"))

    def tell(work: UnitOfWork) -> None:
        work.change(Contract, table(Contract).c.number == "UA/2024/118", ending_told_at=work.now)

    quick.desk.as_system().do(tell)
    assert told(quick.bring("subscribers", row(valid_until="2026-12-01", monthly_fee="79,00"))) == (1, 0, 1, 0)
    assert one(quick.desk, Contract).ending_told_at is not None
    assert told(quick.bring("subscribers", row(valid_until="2027-12-01", monthly_fee="79,00"))) == (1, 0, 1, 0)
    kept = one(quick.desk, Contract)
    assert (kept.valid_until, kept.monthly_fee, kept.ending_told_at) == (dt.date(2027, 12, 1), 7900, None)
    assert one(quick.desk, Subscriber).version == 1


def test_who_has_signed_up_and_consented_stays_so(quick: Files) -> None:
    quick.bring("subscribers")
    account = logged_in(quick.desk, "bronia").actor().account_id

    def sign_up(work: UnitOfWork) -> None:
        work.change(Subscriber, table(Subscriber).c.number == "K-1", account_id=account, e_invoices=True)

    quick.desk.as_system().do(sign_up)
    quick.bring("subscribers", row(street="ul. Nowa 1"))
    kept = one(quick.desk, Subscriber, number="K-1")
    assert (kept.street, kept.account_id, kept.e_invoices) == ("ul. Nowa 1", account, True)


def test_an_empty_pesel_and_a_column_that_is_not_there_leave_what_is_here(quick: Files) -> None:
    quick.bring("subscribers", row(language="en"))
    before = one(quick.desk, Subscriber)
    short = {name: value for name, value in row(pesel="").items() if name not in ("email", "phone", "language", "kind")}
    assert told(quick.bring("subscribers", short)) == (1, 0, 0, 1)
    assert told(quick.bring("subscribers", row(pesel="", kind="", language=""))) == (1, 0, 0, 1)
    assert one(quick.desk, Subscriber) == before


def test_a_second_contract_of_a_known_customer(quick: Files) -> None:
    quick.bring("subscribers")
    assert told(quick.bring("subscribers", row(contract_number="UA/2026/1"))) == (1, 1, 0, 0)
    assert len(all_of(quick.desk, Contract)) == 2
    assert len(all_of(quick.desk, Subscriber)) == 1


WRONG_PESELS = ("12345678901", "44051401459", "99023012347", "4405140145", "4405140145x", "4405140145Ⅷ")


@pytest.mark.parametrize(
    ("bad", "columns"),
    [
        (row(customer_number=""), ["customer_number"]),
        (row(customer_number="x" * 41), ["customer_number"]),
        (row(name=""), ["name"]),
        (row(name="x" * 161), ["name"]),
        (row(kind="robot"), ["kind"]),
        *[(row(pesel=one_), ["pesel"]) for one_ in WRONG_PESELS],
        (row(tax_id="1234563219"), ["tax_id"]),
        (row(tax_id="0000000000"), ["tax_id"]),
        (row(tax_id="999999999"), ["tax_id"]),
        (row(email="bronia"), ["email"]),
        (row(phone="call me"), ["phone"]),
        (row(language="de"), ["language"]),
        (row(bank_account="91123412340000000000000043"), ["bank_account"]),
        (row(bank_account="0" * 26), ["bank_account"]),
        (row(contract_number=""), ["contract_number"]),
        (row(valid_from="2026-02-30"), ["valid_from"]),
        (row(valid_from=""), ["valid_from"]),
        (row(valid_until="31.11.2026"), ["valid_until"]),
        (row(valid_until="2024-02-29"), ["valid_until"]),
        (row(monthly_fee="69,00 zł"), ["monthly_fee"]),
        (row(monthly_fee="12,5 0"), ["monthly_fee"]),
        (row(monthly_fee="1.234,50"), ["monthly_fee"]),
        (row(monthly_fee="-1"), ["monthly_fee"]),
        (row(monthly_fee=""), ["monthly_fee"]),
        (row(customer_number="", pesel="x", valid_from="?"), ["customer_number", "pesel", "valid_from"]),
        (row(customer_number="k-2", contract_number="U/2"), ["name", "pesel"]),
        (row(contract_number=" ua / 2024 / 119 "), ["contract_number"]),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(quick: Files, bad: dict[str, str], columns: list[str]) -> None:
    third = row(customer_number="K-9", contract_number="U/9")
    report = quick.bring("subscribers", SECOND, bad, third)
    assert slips(report) == [(3, column) for column in columns]
    assert report.rows == 3
    assert not any(everything(quick.desk).values())
    assert journal_of(quick.desk) == []


def test_rows_of_a_customer_that_differ_are_named_with_the_first_line(quick: Files) -> None:
    report = quick.bring("subscribers", SUBSCRIBER, row(contract_number="U/2", town="Łęgi", phone=""))
    assert slips(report) == [(3, "town"), (3, "phone")]
    assert report.errors[0].say.text() == "This is another value for customer K-1 than on line 2."


def test_they_are_found_far_apart_too(quick: Files) -> None:
    many = [row(customer_number=f"K-{at}", contract_number=f"U/{at}") for at in range(2 * pipeline.PART)]
    again = row(customer_number="K-5", contract_number="U/5", name="Somebody else")
    assert slips(quick.bring("subscribers", *many, again)) == [
        (2 * pipeline.PART + 2, "name"),
        (2 * pipeline.PART + 2, "contract_number"),
    ]


def test_contracts_of_others_are_refused(quick: Files) -> None:
    contract(quick.desk, number="OK-1")
    subscriber(quick.desk, "A-1001", contract="U/1001/2025")
    before = everything(quick.desk)
    support = quick.bring("subscribers", row(contract_number="ok-1"))
    assert (slips(support), "support contract" in support.errors[0].say.text()) == ([(2, "contract_number")], True)
    taken = quick.bring("subscribers", row(contract_number="u/1001/2025"))
    assert (slips(taken), "A-1001" in taken.errors[0].say.text()) == ([(2, "contract_number")], True)
    assert everything(quick.desk) == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250"])
@pytest.mark.parametrize("mark", [";", "\t"])
def test_the_ways_offices_write(quick: Files, encoding: str, mark: str) -> None:
    path = quick.write("subscribers", [SUBSCRIBER], encoding=encoding, mark=mark)
    assert told(quick.bring_file("subscribers", path)) == (1, 1, 0, 0)
    assert one(quick.desk, Subscriber).town == "Święta Góra"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"", [(1, "")]),
        (b"\n\n", [(1, "")]),
        ("name;Zażółć\n".encode("utf-16"), [(1, "")]),
        (b"name;town\n\x81\x83;x\n", [(2, "")]),
        (b"\xef\xbb\xbfname;town\nx;y\n\xb3\xbf;x\n", [(3, "")]),
        (b'"never closed', [(1, "")]),
    ],
)
def test_files_that_are_none(quick: Files, content: bytes, wanted: list[tuple[int, str]]) -> None:
    path = quick.folder / "odd.csv"
    path.write_bytes(content)
    assert slips(quick.bring_file("subscribers", path)) == wanted


def test_a_wrong_column_comes_with_the_known_ones(quick: Files) -> None:
    named = {**{name: value for name, value in SUBSCRIBER.items() if name != "town"}, "city": "Łęgi"}
    report = quick.bring("subscribers", named)
    assert slips(report) == [(1, "town"), (1, "city")]
    assert "customer_number" in report.errors[1].say.text()


def test_rows_of_another_length(quick: Files) -> None:
    path = quick.write("subscribers", [SUBSCRIBER])
    path.write_text(path.read_text() + "K-2;short\n" + ";".join(SECOND.values()) + ";more\n")
    assert slips(quick.bring_file("subscribers", path)) == [(3, "kind"), (4, "")]


def test_files_that_can_not_be_opened(tmp_path: Path) -> None:
    with pytest.raises(DeskError, match="can't be read"):
        Source(tmp_path / "nowhere.csv")
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for somebody to write into it
    with pytest.raises(DeskError, match="is a folder"):
        Source(tmp_path)
    for none in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(DeskError, match="a pipe or a device"):
            Source(none)


def test_a_file_that_is_too_large(quick: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    path = quick.write("subscribers", [SUBSCRIBER, SECOND])
    monkeypatch.setattr(source, "MOST_ROWS", 1)
    assert slips(quick.bring_file("subscribers", path)) == [(3, "")]
    monkeypatch.setattr(source, "LARGEST_FILE", 100)
    with pytest.raises(DeskError):
        Source(path)


def test_a_file_that_is_all_wrong_is_not_read_to_its_end(quick: Files) -> None:
    rows = [row(customer_number=f"K-{at}", contract_number=f"U/{at}", monthly_fee="?") for at in range(5_000)]
    report = quick.bring("subscribers", *rows)
    assert pipeline.MOST_SLIPS < len(report.errors) < 3 * pipeline.PART
    assert "enough" in report.errors[-1].say.text()


def test_a_file_that_changes_while_it_is_read(quick: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    path = quick.write("subscribers", [SUBSCRIBER])
    source = Source(path)
    path.write_text(path.read_text().replace("K-1", "K-2"))
    with pytest.raises(Conflict):
        quick.desk.as_system().do(import_subscribers, source)
    assert not any(everything(quick.desk).values())


def test_a_desk_that_changes_between_the_passes(quick: Files) -> None:
    """Somebody else brings the same contract in for another customer, just when this file was found to be right."""
    source = Source(quick.write("subscribers", [SUBSCRIBER]))
    checked = quick.desk.as_system().see(import_subscribers.prepare, source)  # type: ignore[attr-defined]
    subscriber(quick.desk, "A-1001", contract="UA/2024/118")
    before = everything(quick.desk)
    with pytest.raises(Conflict, match="changed"):
        quick.desk.as_system().do(lambda work: import_subscribers(work, source, **checked))
    assert everything(quick.desk) == before


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.INSTALLER, Role.AGENT])
def test_who_may_not(quick: Files, role: Role) -> None:
    seat = logged_in(quick.desk, "ola", role)
    with pytest.raises(Forbidden):
        quick.bring("subscribers", seat=seat)
    assert all_of(quick.desk, Subscriber) == []
    assert told(quick.bring("subscribers", seat=logged_in(quick.desk, "szef", Role.ADMIN))) == (1, 1, 0, 0)


def test_progress_grows_over_both_passes(quick: Files) -> None:
    rows = [row(customer_number=f"K-{at}", contract_number=f"U/{at}") for at in range(3_000)]
    source = Source(quick.write("subscribers", rows))
    seen: list[tuple[int, int]] = []
    quick.desk.as_system().do(import_subscribers, source, progress=lambda done, of: seen.append((done, of)))
    done = [one_ for one_, _of in seen]
    assert done == sorted(done)
    assert {of for _done, of in seen} == {2 * source.size}
    assert (done[0], done[-1], len(set(done)) > 6) == (0, 2 * source.size, True)


@pytest.fixture
def kept_apart(tmp_path: Path) -> Iterator[Desk]:
    made = make_desk(tmp_path / "apart")
    yield made
    made.close()


def test_a_pesel_is_nowhere(kept_apart: Desk, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Not in the database's files, a report, the journal, what is printed, or an error's own words."""
    files = Files(kept_apart, tmp_path)
    files.bring("subscribers", SUBSCRIBER, SECOND)
    wrong = files.bring("subscribers", *(row(pesel=typed, name="Bronisława Ćwiąkała") for typed in WRONG_PESELS[:4]))
    assert len(wrong.errors) >= 4
    other = files.bring("subscribers", row(pesel=OTHER_PESEL), row(contract_number="U/2"))
    assert (3, "pesel") in slips(other)
    known = (PESEL, OTHER_PESEL, *WRONG_PESELS)
    printed = "".join(capfd.readouterr())
    reports = json.dumps([wrong.as_json(), other.as_json()], ensure_ascii=False) + repr(wrong) + repr(other)
    stored = b"".join(path.read_bytes() for path in (tmp_path / "apart").rglob("*") if path.is_file())
    for number in known:
        assert number not in printed
        assert number not in reports
        assert number.encode() not in stored
    assert b"Bronis" in stored, "it was looked for where it would be"
    journal = kept_apart.as_system().see(lambda look: look.rows(_journal()))
    assert "Bronis" not in str(journal)
    assert "K-1" not in str(journal)
    assert [found.facts.keys() for found in journal] == [{"rows", "created", "updated", "file"}]


def _journal() -> Any:
    return sa.select(table(Entry))


def test_a_pipe_is_not_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    keeps_open = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        with pytest.raises(DeskError):
            Source(tmp_path / "pipe")
    finally:
        os.close(keeps_open)


def test_what_the_first_look_at_a_file_finds(tmp_path: Path) -> None:
    block = source._BLOCK
    path = tmp_path / "split.csv"
    path.write_bytes(b"a" * (block - 1) + "ż".encode() + b"\n")
    assert Source(path).encoding.name == "utf-8-sig"
    path.write_bytes(b"a" * block + "ż".encode("cp1250") + b"\n")
    assert Source(path).encoding.name == "cp1250"
    path.write_bytes("ż".encode()[:1])
    assert Source(path).encoding.name == "cp1250"


def test_what_to_do_about_a_contract_of_somebody_else(quick: Files) -> None:
    """The refusal says it: end it there, and give the other one a number of its own."""
    quick.bring("subscribers")
    other = row(customer_number="K-2", name="Wacław Gżegżółka", pesel=OTHER_PESEL)
    refused = quick.bring("subscribers", other)
    assert (slips(refused), "end it there" in refused.errors[0].say.text()) == ([(2, "contract_number")], True)
    ended, own = row(valid_until="2026-11-19"), {**other, "contract_number": "UA/2026/7"}
    assert told(quick.bring("subscribers", ended, own)) == (2, 1, 1, 0)
    assert one(quick.desk, Contract, number="UA/2026/7").valid_until.year == 9999


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_nothing_but_broken_rows_is_not_read_to_its_end(quick: Files, kind: str) -> None:
    """Wrong quoting makes every record wrong before it is a row."""
    service_company(quick.desk)
    first = KINDS[kind][1]
    path = quick.write(kind, [first])
    broken = 'a"b;"c"d\n'
    path.write_text(path.read_text() + broken * 50_000)
    report = quick.bring_file(kind, path)
    assert len(report.errors) == pipeline.MOST_SLIPS + 1
    assert "enough" in report.errors[-1].say.text()
    assert report.rows < 2 * pipeline.MOST_SLIPS


def test_the_kind_of_somebody_who_is_known_is_not_guessed(quick: Files) -> None:
    """An empty PESEL says nothing, so a tax number beside it makes nobody a company."""
    told(quick.bring("subscribers", row(tax_id="9999999999")))
    assert one(quick.desk, Subscriber).kind == "person"
    short = {name: value for name, value in row(pesel="", tax_id="9999999999").items() if name != "kind"}
    assert told(quick.bring("subscribers", short)) == (1, 0, 0, 1)
    assert told(quick.bring("subscribers", {**row(pesel="", tax_id="9999999999"), "kind": ""})) == (1, 0, 0, 1)
    assert one(quick.desk, Subscriber).kind == "person"
    new = {**short, "customer_number": "K-2", "contract_number": "UA/2"}
    assert told(quick.bring("subscribers", new)) == (1, 1, 0, 0)
    assert one(quick.desk, Subscriber, number="K-2").kind == "company"
    assert told(quick.bring("subscribers", {**row(tax_id="9999999999"), "kind": "company"})) == (1, 0, 1, 0)
    assert told(quick.bring("subscribers", row(tax_id=""))) == (1, 0, 1, 0), "what the file says counts"


@pytest.mark.parametrize("number", ["LMS-17", "l ms-17", "ＬＭＳ-17"])
def test_a_contract_called_as_those_of_lms_is_refused(quick: Files, number: str) -> None:
    """The next import from LMS would end it."""
    report = quick.bring("subscribers", SECOND, row(contract_number=number))
    assert slips(report) == [(3, "contract_number")]
    assert "LMS-" in report.errors[0].say.text()
    assert not any(everything(quick.desk).values())


@pytest.mark.parametrize("way", ["longer", "as long", "another one"])
def test_a_file_that_changes_between_two_rows(quick: Files, way: str) -> None:
    """What was checked and noted by its sum must be what was read."""
    path = quick.write("subscribers", [SUBSCRIBER, SECOND])
    source, report = Source(path), Report()
    rows = source.rows(subscribers.NEEDED, subscribers.OPTIONAL, report)
    assert next(rows).values["customer_number"] == "K-1"
    content = path.read_bytes()
    if way == "longer":
        path.write_bytes(content + content.splitlines()[-1])
    elif way == "as long":
        path.write_bytes(content.replace(b"K-2", b"K-3"))
    else:
        path.unlink()
        path.write_bytes(content)
        assert len(list(rows)) == 1, "what was opened is read to its end"
        return
    os.utime(path, ns=(0, 0))
    with pytest.raises(Conflict, match="changed"):
        list(rows)


def test_a_file_that_changes_while_it_is_opened(quick: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    path = quick.write("subscribers", [SUBSCRIBER])
    inspected = source._inspected

    def growing(file: Any) -> tuple[str, str, int]:
        found = inspected(file)
        path.write_bytes(path.read_bytes() * 2)
        return found

    monkeypatch.setattr(source, "_inspected", growing)
    with pytest.raises(Conflict, match="changed"):
        Source(path)
