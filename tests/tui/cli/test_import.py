"""``okienko import`` of subscribers and what is theirs: what it prints, what it returns, what it never shows."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from core.i18n import translation
from core.imports.csv import pipeline, report
from core.service.desk import Desk
from core.service.settings import Settings
from tests.core.imports.csv.streams import INVOICE, KINDS, OPTIONS, SELLER, SUBSCRIBER, Files
from tests.core.imports.lms import tables
from tests.factories.cares import service_company
from tests.factories.desks import make_desk
from tests.factories.subscribers import PESEL
from tui.cli import program

if TYPE_CHECKING:
    from tests.support.postgres import Server

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of this machine's desk, with a seller in its settings."""
    translation.from_environment.cache_clear()
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "desk"))
    for name, value in SELLER.model_dump().items():
        monkeypatch.setenv(f"OKIENKO_SELLER__{name.upper()}", value)
    yield tmp_path / "desk"
    translation.from_environment.cache_clear()


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command and returns its status, output and complaints."""

    def command(*argv: str) -> SimpleNamespace:
        status = program.main(list(argv))
        printed = capsys.readouterr()
        return SimpleNamespace(status=status, out=printed.out, err=printed.err)

    return command


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    """To write them with; the desk beside is another one."""
    beside = make_desk(tmp_path / "beside")
    yield Files(beside, tmp_path)
    beside.close()


def takes(out: str) -> bool:
    """Whether the one row brought something new, or changed what a kind before it has brought."""
    return "New: 1, changed: 0" in out or "New: 0, changed: 1" in out


def test_all_kinds_come_in_one_after_the_other(run: Run, files: Files, folder: Path) -> None:
    for kind, (_use_case, row) in KINDS.items():
        path = str(files.write(kind, [row]))
        new = not folder.exists()
        if kind in OPTIONS:
            service_company(made := Desk.open(Settings(data_dir=folder)))
            made.close()
        options = [f"--{name}={value}" for name, value in OPTIONS.get(kind, {}).items()]
        trial = run("import", kind, path, "--dry-run", *options)
        assert (trial.status, takes(trial.out), "nothing was written" in trial.out) == (0, True, True), trial
        assert folder.exists() is not new, "a trial makes no desk"
        done = run("import", kind, path, *options)
        assert (done.status, takes(done.out), "A new desk was made" in done.err) == (0, True, new), done
        again = run("import", kind, path, "--json", *options)
        wanted = {"rows": 1, "created": 0, "updated": 0, "unchanged": 1, "errors": []}
        assert (again.status, json.loads(again.out)) == (0, wanted)
    assert run("journal", "verify").status == 0


def test_a_trial_without_a_desk_makes_no_key_either(
    run: Run, files: Files, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever makes the desk later would find one that the trial left."""
    key = folder.parent / "elsewhere" / "desk.key"
    monkeypatch.setenv("OKIENKO_SECURITY__KEY_FILE", str(key))
    path = str(files.write("subscribers", [SUBSCRIBER]))
    assert run("import", "subscribers", path, "--dry-run").status == 0
    assert (key.exists(), key.parent.exists(), folder.exists()) == (False, False, False)
    assert run("import", "subscribers", path).status == 0
    assert key.exists()


def test_a_refused_row_is_named_and_its_pesel_is_not_repeated(run: Run, files: Files) -> None:
    wrong = {**SUBSCRIBER, "pesel": PESEL[:-1] + "9", "monthly_fee": "12,5 0"}
    path = str(files.write("subscribers", [wrong]))
    done = run("import", "subscribers", path)
    assert done.status == 1
    assert "subscribers.csv:2: pesel: " in done.err
    assert "subscribers.csv:2: monthly_fee: " in done.err
    assert "Nothing was brought in" in done.err
    as_json = run("import", "subscribers", path, "--json")
    assert [slip["column"] for slip in json.loads(as_json.out)["errors"]] == ["pesel", "monthly_fee"]
    assert wrong["pesel"] not in done.out + done.err + as_json.out + as_json.err


def test_a_setting_that_is_missing(run: Run, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_SELLER__TAX_ID", "")
    run("import", "subscribers", str(files.write("subscribers", [SUBSCRIBER])))
    done = run("import", "invoices", str(files.write("invoices", [INVOICE])))
    assert (done.status, "seller.tax_id" in done.err) == (1, True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_not_there(kind: str, run: Run, folder: Path) -> None:
    options = [f"--{name}={value}" for name, value in OPTIONS.get(kind, {}).items()]
    done = run("import", kind, "/nowhere/file.csv", *options)
    assert (done.status, done.out) == (1, "")
    assert "file.csv" in done.err
    assert not folder.exists(), "nothing is made for nothing"


def test_a_bar_where_somebody_can_see_it(run: Run, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda _self: True)
    done = run("import", "subscribers", str(files.write("subscribers", [SUBSCRIBER])), "--json")
    assert json.loads(done.out)["created"] == 1
    assert "100%" in done.err


def test_a_long_write_is_announced(run: Run, files: Files, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others can't save anything as long as it lasts, so whoever begins it should know."""
    monkeypatch.setattr(pipeline, "LONG", 0)
    path, url = str(files.write("subscribers", [SUBSCRIBER])), postgres.empty()
    tables.build(url)
    for what in (("subscribers", path), ("lms", url)):
        assert run("import", *what, "--dry-run").err.count("Writing it takes about 0 s") == 0
        assert run("import", *what).err.count("Writing it takes about 0 s") == 1
    monkeypatch.setattr(pipeline, "LONG", 10)
    assert run("import", "subscribers", path).err == ""


def test_where_lms_is_comes_from_a_file_or_the_environment_too(
    run: Run, tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.empty()
    tables.build(url)
    assert "--url-file or OKIENKO_LMS_URL" in run("import", "lms", "--dry-run").err
    (tmp_path / "address").write_text(f"\ufeff{url}\n")
    done = run("import", "lms", "--url-file", str(tmp_path / "address"), "--dry-run")
    assert (done.status, "can be seen" in done.err) == (0, False)
    monkeypatch.setenv("OKIENKO_LMS_URL", url)
    assert run("import", "lms", "--dry-run").status == 0
    monkeypatch.setenv("OKIENKO_LANGUAGE", "en")
    assert "OKIENKO_LMS_URL" not in run("config", "show").err


def test_a_password_among_the_arguments_is_spoken_of(run: Run) -> None:
    done = run("import", "lms", "postgresql://reader:tajne@127.0.0.1:1/lms", "--dry-run")
    assert (done.status, "can be seen by everybody on this machine" in done.err) == (1, True)
    assert "tajne" not in done.err + done.out


def test_lms_comes_in(run: Run, postgres: Server) -> None:
    url = postgres.empty()
    tables.build(url)
    trial = run("import", "lms", url, "--dry-run")
    assert (trial.status, "nothing was written" in trial.out) == (0, True), trial
    done = run("import", "lms", url.replace("+psycopg", ""))
    assert done.status == 0
    assert done.out.count("New: 20, changed: 0, as before: 0.") == 2
    assert [line for line in done.out.splitlines() if line.endswith(":")] == [
        "customers:",
        "nodes:",
        "documents:",
        "cash:",
    ]
    again = json.loads(run("import", "lms", url, "--json").out)
    assert {name: report["unchanged"] for name, report in again.items()} == {
        "customers": 20,
        "nodes": 20,
        "documents": 120,
        "cash": 40,
    }


def test_a_wrong_value_of_lms_is_told_and_left_out(run: Run, postgres: Server) -> None:
    url = postgres.empty()
    engine = tables.build(url)
    customers = tables.customers
    tables.run(engine, customers.update().where(customers.c.id == 7).values(ssn="44051401459"))
    done = run("import", "lms", url)
    assert (done.status, done.out.count("New: 20,")) == (0, 2)
    assert "customers:7: ssn: " in done.err
    assert "left out" in done.err
    assert "44051401459" not in done.err
    again = run("import", "lms", url, "--json")
    assert (again.status, json.loads(again.out)["customers"]["warnings"][0]["line"]) == (0, 7)


def test_what_became_of_contracts_and_invoices_of_lms_is_told(run: Run, postgres: Server) -> None:
    url = postgres.empty()
    engine = tables.build(url)
    assert run("import", "lms", url).status == 0
    assignments, documents, cash = tables.assignments, tables.documents, tables.cash
    tables.run(
        engine,
        assignments.update().where(assignments.c.docid == 1007).values(customerid=8),
        cash.delete().where(cash.c.docid == 2012),
        documents.delete().where(documents.c.id == 2012),
    )
    trial = run("import", "lms", url, "--dry-run")
    assert (trial.status, "1 invoice would be taken out of the balance." in trial.out) == (0, True)
    done = run("import", "lms", url)
    assert (done.status, "1 invoice was taken out of the balance." in done.out) == (0, True)
    assert "1 contract is another customer's now." in done.out
    assert "customers:8: assignments.docid: Contract UA/7/2024 was customer 7's here" in done.err


def test_more_warnings_than_are_kept_are_counted(run: Run, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    url = postgres.empty()
    engine = tables.build(url)
    customers = tables.customers
    tables.run(engine, customers.update().where(customers.c.id.in_((7, 8, 9))).values(ssn="44051401459"))
    monkeypatch.setattr(report, "MOST_WARNINGS", 1)
    done = run("import", "lms", url)
    assert (done.status, "customers:7: ssn: " in done.err, "customers:8" in done.err) == (0, True, False)
    assert "… and 2 more.\n" in done.err, "and nobody is told that --json lists them"
    again = json.loads(run("import", "lms", url, "--json").out)["customers"]
    assert (len(again["warnings"]), again["more_warnings"]) == (1, 2)


def test_a_broken_row_of_lms_is_named(run: Run, postgres: Server) -> None:
    url = postgres.empty()
    engine = tables.build(url)
    nodes = tables.nodes
    tables.run(engine, nodes.update().where(nodes.c.id == 107).values(login="wezel3"))
    done = run("import", "lms", url)
    assert done.status == 1
    assert "nodes:107: name: " in done.err
    assert "Nothing was brought in. Please correct it in LMS" in done.err
    refused = run("import", "lms", url, "--json")
    assert (refused.status, json.loads(refused.out)["nodes"]["errors"][0]["line"]) == (1, 107)


def test_an_lms_that_lost_much_is_refused_unless_it_is_meant(run: Run, postgres: Server) -> None:
    url = postgres.empty()
    engine = tables.build(url)
    assert run("import", "lms", url).status == 0
    tables.run(engine, tables.cash.delete())
    for more in ((), ("--dry-run",)):
        done = run("import", "lms", url, *more)
        assert (done.status, done.out) == (1, "")
        assert "cash: payments: 40 of 40 payments would be taken away" in done.err
        assert "--allow-removal" in done.err
    trial = run("import", "lms", url, "--allow-removal", "--dry-run")
    assert (trial.status, "40 payments would be taken away." in trial.out) == (0, True)
    assert "were taken away" not in trial.out, "it is a trial"
    done = run("import", "lms", url, "--allow-removal")
    assert (done.status, "40 payments were taken away." in done.out, done.err) == (0, True, "")
    assert json.loads(run("import", "lms", url, "--json").out)["cash"]["removed"] == 0
    assert run("journal", "verify").status == 0


def test_the_password_of_a_database_is_never_shown(run: Run, folder: Path) -> None:
    for url in (f"postgresql://lms:hunter2@/lms?host={folder}", "mysql://lms:hunter2@host/lms", "lms:hunter2@host"):
        done = run("import", "lms", url)
        assert (done.status, done.out) == (1, "")
        assert "LMS" in done.err
        assert "hunter2" not in done.err
    log = folder.parent / "desk" / "state" / "incidents.log"
    assert not log.exists(), "nothing of it is a mistake of ours"
    assert Settings(data_dir=folder).database_file.exists() is True
