"""Every command of the command line: what it prints, what it returns, what it never shows."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from core.clock import MovableClock, SystemClock
from core.i18n import translation
from core.imports.contract_rows import COLUMNS
from core.mail import maildir, stops
from core.mail.smtp import NOT_FROM_US
from core.models.mail import MailStop
from core.service.client_address import Peer
from core.service.desk import Desk
from core.service.settings import MailSection, Settings
from core.service.unit_of_work import table
from tests.core.mail import promised
from tests.factories.desks import make_desk
from tui import crash
from tui.cli import check, findings, findings_store, program, usage

ROOT = Path(__file__).parents[3]
CODE = "K7QF-M2XD-9PLT-3HWC"
GOOD = "OK-1;ABCD-EFGH;Tarnina;gold;2026-01-01;2026-12-31;firewall;Barwa;Barwa Mur 40;BM4000000001"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of this machine's desk, which is not made yet."""
    translation.from_environment.cache_clear()
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "desk"))
    yield tmp_path / "desk"
    translation.from_environment.cache_clear()


@pytest.fixture
def made(folder: Path) -> Iterator[Desk]:
    """The same with a desk in it, made a moment ago: commands go by the machine's clock, and codes grow old."""
    desk = make_desk(folder, MovableClock(dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)))
    yield desk
    desk.close()


Run = Callable[..., SimpleNamespace]


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on the desk of ``folder`` and returns its status, output and complaints."""

    def command(*argv: str) -> SimpleNamespace:
        status = program.main(list(argv))
        printed = capsys.readouterr()
        return SimpleNamespace(status=status, out=printed.out, err=printed.err)

    return command


def contracts(tmp_path: Path, *rows: str) -> str:
    file = tmp_path / "contracts.csv"
    file.write_text("\n".join([";".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    return str(file)


def promise(desk: Desk, letter: str = "reset") -> None:
    desk.as_system().do(promised.write, letter, "ola@example.com", code=CODE)


# --- the parser -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("argv", [["--version"], ["--help"]])
def test_what_needs_nothing_imports_nothing(argv: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tui", *argv], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert "tui" in loaded
    assert not {
        name
        for name in loaded
        if name.partition(".")[0] in {"pydantic", "sqlalchemy", "sqlmodel", "textual", "rich", "jinja2"}
    }
    assert done.stdout.startswith(("okienko 0", "usage: okienko"))


@pytest.mark.parametrize(
    ("argv", "module", "function", "wanted"),
    [
        ([], "tui.launch", "run", {"screen": "", "code": ""}),
        (["confirm", CODE], "tui.launch", "run", {"screen": "confirm", "code": CODE}),
        (["join", CODE], "tui.launch", "run", {"screen": "join", "code": CODE}),
        (["reset", CODE], "tui.launch", "run", {"screen": "reset", "code": CODE}),
        (["reset"], "tui.launch", "run", {"screen": "reset", "code": ""}),
        (["demo"], "tui.demo.app", "run", {}),
        (
            ["tour", "--all", "--headless", "--language", "pl", "--screenshots", "x"],
            "tui.demo.tour.command",
            "main",
            {"all": True, "headless": True, "language": "pl", "screenshots": "x", "names": []},
        ),
        (
            ["tour", "sign-up", "log-in"],
            "tui.demo.tour.command",
            "main",
            {"names": ["sign-up", "log-in"], "all": False},
        ),
        (["tour", "--list", "--json"], "tui.demo.tour.command", "main", {"list": True, "json": True}),
    ],
)
def test_which_way_a_command_goes(
    argv: list[str], module: str, function: str, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Namespace] = []

    def take(args: Namespace) -> int:
        asked.append(args)
        return 7

    monkeypatch.setitem(sys.modules, module, SimpleNamespace(**{function: take}))
    assert program.main(argv) == 7
    assert wanted.items() <= vars(asked[0]).items()


@pytest.mark.parametrize(
    "argv", [["nonsense"], ["mail"], ["import"], ["import", "contracts"], ["mail", "retry", "x"], ["--ver"]]
)
def test_wrong_usage(argv: list[str], run: Run) -> None:
    done = run(*argv)
    assert done.status == 2
    assert "usage: okienko" in done.err


@pytest.mark.parametrize(
    ("argv", "english", "polish"),
    [
        (["nonsense"], "okienko: 'nonsense' is not known here. Choose one of: 'demo', ", "nie jest tu znane"),
        (["import", "contracts"], "okienko import contracts: Something is missing: FILE.", "Czegoś brakuje: PLIK."),
        (["mail", "list", "--limit"], "--limit wants a value after it.", "Po --limit musi stać wartość."),
        (["mail", "list", "--limit", "x"], "--limit is a whole number, which 'x' is not.", "a 'x' nią nie jest."),
        (["check", "now"], "Nothing here takes this: now.", "Tego nic tu nie przyjmuje: now."),
        (["check", "--json=x"], "--json takes no value ('x').", "--json nie przyjmuje wartości ('x')."),
    ],
)
def test_wrong_usage_is_said_in_the_readers_language(argv: list[str], english: str, polish: str, run: Run) -> None:
    for language, sentence in (("en", english), ("pl", polish)):
        with translation.speaking(language):
            done = run(*argv)
        assert (done.status, done.out) == (2, "")
        assert sentence in done.err.splitlines()[-1]
        assert not re.search(r"error:|argument|invalid|expected|required", done.err)


def test_a_sentence_that_is_not_among_ours_is_still_said() -> None:
    assert usage.told("something new") == "something new"


@pytest.mark.parametrize("argv", [[], ["demo"], ["confirm", CODE], ["reset"], ["tour", "sign-up"]])
def test_without_a_terminal(argv: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui", *argv],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "OKIENKO_DATA_DIR": str(tmp_path / "desk"), "OKIENKO_LANGUAGE": "en"},
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "terminal" in done.stderr
    assert not (tmp_path / "desk").exists()


def test_what_was_typed_is_never_obeyed_by_the_terminal(run: Run, folder: Path) -> None:
    for argv in (["\x1b]52;c;eA==\x07"], ["--x\x1b[2J"], ["import", "contracts", "no\x1b[2Jfile"]):
        done = run(*argv)
        assert done.status in (1, 2)
        assert "\x1b" not in done.err + done.out


def test_a_mistake_of_ours_gets_a_number_and_no_traceback(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_(_args: Namespace) -> int:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(check, "run", break_)
    done = run("check")
    assert done.status == crash.STATUS
    assert "hunter2" not in done.err
    assert "Traceback" not in done.err
    number = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{2}", done.err)
    assert number is not None
    log = (folder / "state" / "incidents.log").read_text()
    assert number[0] in log
    assert "RuntimeError" in log
    assert "hunter2" not in log


def test_ctrl_c(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(_args: Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "run", leave)
    assert run("check").status == 130


# --- imports ----------------------------------------------------------------------------------------------------------


def test_an_import_and_its_trial(run: Run, folder: Path, tmp_path: Path) -> None:
    file = contracts(tmp_path, GOOD)
    trial = run("import", "contracts", file, "--dry-run")
    assert (trial.status, trial.err, folder.exists()) == (0, "", False)
    assert "New: 1, changed: 0, as before: 0." in trial.out
    assert "nothing was written" in trial.out
    again = run("import", "contracts", file)
    assert ("New: 1" in again.out, again.err) == (True, f"A new desk was made in {folder}.\n")
    done = run("import", "contracts", file, "--json")
    assert (done.status, json.loads(done.out)) == (
        0,
        {"rows": 1, "created": 0, "updated": 0, "unchanged": 1, "errors": []},
    )


def test_a_registered_contract_of_another_spelling_is_named(run: Run, tmp_path: Path) -> None:
    from core.models.contracts import Contract

    run("import", "contracts", contracts(tmp_path, GOOD))
    desk = Desk.open(Settings())
    desk.as_system().do(lambda work: work.change(Contract, table(Contract).c.number == "OK-1", registered_at=work.now))
    desk.close()
    other = contracts(tmp_path, GOOD.replace("Tarnina", "Tarniną"))
    done = run("import", "contracts", other)
    assert (done.status, "as before: 1" in done.out) == (0, True)
    assert "contracts.csv:2: company: Contract OK-1 stays with Tarnina," in done.err
    (warning,) = json.loads(run("import", "contracts", other, "--json").out)["warnings"]
    assert (warning["line"], warning["column"]) == (2, "company")


def test_a_refused_import_names_line_and_column(run: Run, folder: Path, tmp_path: Path) -> None:
    file = contracts(tmp_path, GOOD, GOOD.replace("2026-01-01", "2026-02-30").replace("BM4000000001", "\x1b[31mBM"))
    done = run("import", "contracts", file)
    assert (done.status, done.out) == (1, "")
    assert "contracts.csv:3: valid_from: " in done.err
    assert "Nothing was brought in" in done.err
    assert "\x1b" not in done.err
    as_json = run("import", "contracts", file, "--json")
    assert as_json.status == 1
    report = json.loads(as_json.out)
    assert (report["rows"], report["created"]) == (2, 0)
    assert {"line": 3, "column": "valid_from", "message": "There is no day 2026-02-30."} in report["errors"]


def test_a_file_that_is_not_there(run: Run, folder: Path) -> None:
    done = run("import", "accounts", "/nowhere/people.csv")
    assert (done.status, done.out) == (1, "")
    assert "people.csv" in done.err
    assert not folder.exists(), "nothing is made for nothing"


def test_accounts_come_in(run: Run, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes("email,first_name\nzofia@example.com,Zośka\n".encode("cp1250"))
    assert "New: 1" in run("import", "accounts", str(file)).out


def test_a_bar_where_somebody_can_see_it(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda _self: True)
    done = run("import", "contracts", contracts(tmp_path, GOOD), "--json")
    assert json.loads(done.out)["created"] == 1
    assert "100%" in done.err


# --- a desk that is not there -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "argv",
    [["mail", "list"], ["mail", "retry"], ["mail", "deliver"], ["journal", "verify"], ["check"]],
)
def test_a_mistyped_folder_becomes_no_desk(argv: list[str], run: Run, folder: Path) -> None:
    done = run(*argv)
    assert done.status == 1
    assert f"There is no desk in {folder} yet." in done.err
    assert not folder.exists()


def test_settings_are_shown_before_there_is_a_desk(run: Run, folder: Path) -> None:
    done = run("config", "show")
    assert (done.status, f"There is no desk in {folder} yet." in done.err) == (0, True)
    assert not folder.exists()


@pytest.mark.parametrize("command", [["config", "show"], ["mail", "list"], ["check"]])
def test_output_to_a_full_disk_is_no_mistake_of_ours(
    made: Desk, command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        status = program.main(command)
        monkeypatch.setattr(sys, "stdout", sys.__stdout__)
        with pytest.raises(OSError, match="No space"):
            full.close()
    assert status == 1
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("screen", ["confirm", "join", "reset"])
def test_a_mailed_code_makes_no_desk(screen: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.launch.on_terminal", lambda: True)
    done = run(screen, CODE)
    assert (done.status, "There is no desk" in done.err) == (1, True)
    assert not folder.exists()


# --- mail -------------------------------------------------------------------------------------------------------------


def test_mail_is_delivered_and_listed_without_its_secrets(run: Run, made: Desk) -> None:
    promise(made)
    promise(made, "invented")
    waiting = run("mail", "list", "--json")
    assert {row["state"] for row in json.loads(waiting.out)} == {"queued"}
    done = run("mail", "deliver")
    assert (done.status, done.out) == (1, "Sent: 1, to be tried again: 0, failed: 1.\n")
    listed = run("mail", "list")
    assert "This letter could not be made" in listed.out
    assert re.search(r"  \d{4}-\d\d-\d\d \d\d:\d\d (CET|CEST)  ", listed.out), "by the desk's clocks"
    assert len(run("mail", "list", "--state", "failed").out.splitlines()) == 1
    assert "There are more" in run("mail", "list", "--limit", "1").out
    assert CODE not in waiting.out + done.out + listed.out
    assert [post.to for post in maildir.newest(made.settings.maildir)] == ["ola@example.com"]
    assert "1 letter is in the queue again." in run("mail", "retry").out
    assert "0 letters" in run("mail", "retry", "999").out


def test_a_worker_that_follows_ends_when_told(made: Desk, folder: Path) -> None:
    promise(made)
    environment = {**os.environ, "OKIENKO_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "tui", "mail", "deliver", "--follow"], env=environment, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        lines = {worker.stdout.readline(), worker.stdout.readline()}
        assert lines == {"Delivering mail. Ctrl+C ends it.\n", "Sent: 1, to be tried again: 0, failed: 0.\n"}
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    assert len(maildir.newest(made.settings.maildir)) == 1


# --- checking ---------------------------------------------------------------------------------------------------------


def wrong(run: Run) -> dict[str, str]:
    """What a check finds wrong but for the translations, which a checkout compiles later: name to what to do."""
    done = run("check", "--json")
    found = json.loads(done.out)
    assert done.status == int(not found["ok"])
    return {
        one["name"]: one["found"] + " / " + one["do"]
        for one in found["checks"]
        if not one["ok"] and one["name"] != "translations"
    }


def test_a_desk_in_order(run: Run, made: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "CHECKS", tuple(one for one in findings.CHECKS if one.__name__ != "translations"))
    done = run("check")
    assert (done.status, done.err) == (0, "")
    assert "Everything works; there are 2 warnings." in done.out
    assert f"No mail leaves this machine: letters are put into {made.settings.maildir}." in done.out
    assert "mail.sender is still desk@example.com." in done.out
    assert all(
        name in done.out
        for name in ("settings", "sqlite", "database", "clock", "key", "products", "mail", "permissions", "disk")
    )


def test_nothing_to_warn_of(run: Run, made: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_MAIL__SENDER", "desk@migotnia.pl")
    monkeypatch.setenv("OKIENKO_MAIL__BACKEND", "smtp")
    assert not [one for one in json.loads(run("check", "--json").out)["checks"] if one["warning"]]


def test_where_letters_lie(made: Desk, tmp_path: Path) -> None:
    assert made.mail_folder == made.settings.maildir
    away = Settings(data_dir=tmp_path, mail=MailSection(backend="smtp"))
    assert away.mail_folder is None
    in_demo = Desk(Settings(data_dir=tmp_path, demo=True), made.store, made.keys, made.clock)
    assert in_demo.mail_folder is None


@pytest.mark.parametrize("peer", [Peer(None, "local", afar=True), Peer(None, "unknown"), Peer(None, "relay")])
def test_where_letters_lie_is_told_at_the_machine_only(made: Desk, peer: Peer) -> None:
    made.peer = peer
    assert made.mail_folder is None
    assert made.acting(None).mail_folder is None


def test_checking_makes_nothing(run: Run, folder: Path) -> None:
    assert set(wrong(run)) == {"desk"}
    assert not folder.exists()


def test_settings_that_can_not_be_used(run: Run, folder: Path) -> None:
    folder.mkdir()
    file = folder / "okienko.toml"
    file.write_text('[mail]\nport = "hunter2"\n')
    told = wrong(run)["settings"]
    assert "mail.port" in told
    assert "hunter2" not in told
    file.write_text("[mail\n")
    assert "okienko.toml" in wrong(run)["settings"]
    done = run("mail", "deliver")
    assert done.status == 1
    assert "okienko.toml" in done.err
    file.write_text("nonsense = 1\n")
    assert "nonsense" in wrong(run)["settings"]


@pytest.mark.parametrize(
    ("content", "environment", "english", "polish"),
    [
        ('[mail]\nport = "x7x"\n', {}, "mail.port (file): a whole number", "mail.port (plik): potrzebna jest liczba"),
        ("", {"OKIENKO_MAIL__PORT": "0"}, "mail.port (environment): at least 1", "co najmniej 1"),
        ("[mail]\nport = 99999\n", {}, "mail.port (file): at most 65535", "najwyżej 65535"),
        ("[mail]\ntimeout = 0\n", {}, "mail.timeout (file): more than 0", "więcej niż 0"),
        ('[mail]\nsecurity = "x7x"\n', {}, "(file): one of starttls, tls, none", "jedno z: starttls, tls, none"),
        ("[mail]\nprot = 1\n", {}, "mail.prot (file): there is no such setting", "nie ma takiego ustawienia"),
        ('[desk]\nname = "' + "x7x" * 20 + '"\n', {}, "desk.name (file): at most 40", "najwyżej 40 znaków"),
        (
            '[[contact]]\nname = "A"\n[[contact]]\nname = "B"\nphones = "x7x"\n',
            {},
            'contact.2.phones (file): a list is wanted, such as ["…", "…"]',
            "contact.2.phones (plik): potrzebna jest lista",
        ),
        ('[[contact]]\nemail = "a@example.com"\n', {}, "contact.1.name", "to trzeba podać"),
        ('mail = "x7x"\n', {}, "mail (file): a section is wanted", "potrzebna jest sekcja"),
        ("", {"OKIENKO_MAIL": "x7x"}, "OKIENKO_MAIL in the environment", "OKIENKO_MAIL w środowisku"),
        ("[mail]\nport 5\n", {}, "line 2 is not TOML", "wiersz 2 to nie TOML"),
    ],
)
def test_every_slip_in_the_settings_is_said_in_the_readers_language(
    content: str,
    environment: dict[str, str],
    english: str,
    polish: str,
    run: Run,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder.mkdir()
    (folder / "okienko.toml").write_text(content)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for language, sentence in (("en", english), ("pl", polish)):
        with translation.speaking(language):
            done = run("config", "show")
        assert done.status == 1
        assert sentence in done.err
        assert "x7x" not in done.err


def test_files_that_others_can_read(run: Run, made: Desk, folder: Path) -> None:
    (folder / "desk.db").chmod(0o644)
    assert f"chmod 600 {folder / 'desk.db'}" in wrong(run)["permissions"]


def test_a_folder_that_others_can_look_into_is_warned_of(run: Run, made: Desk, folder: Path) -> None:
    folder.chmod(0o755)
    assert "permissions" not in wrong(run)
    assert f"chmod 700 {folder}" in run("check").out
    assert folder.stat().st_mode & 0o777 == 0o755, "a folder that is somebody's choice is never changed"


@pytest.mark.parametrize("command", [["mail", "list"], ["import", "usage", __file__], ["check"]])
def test_a_folder_that_others_can_write_in_is_refused(run: Run, made: Desk, folder: Path, command: list[str]) -> None:
    folder.chmod(0o777)
    done = run(*command)
    assert (done.status, f"Others can write in the folder {folder}." in done.err or command == ["check"]) == (1, True)
    if command == ["check"]:
        assert f"chmod 700 {folder}" in done.out


@pytest.mark.parametrize("command", [["mail", "list"], ["import", "usage", __file__], ["jobs", "run"]])
def test_a_folder_that_is_a_file_is_told_as_that(run: Run, folder: Path, command: list[str]) -> None:
    folder.write_text("")
    done = run(*command)
    assert done.status == 1
    assert str(folder) in done.err


def test_a_full_disk_is_told_by_check(run: Run, made: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for left, wrong_ in ((2 * 2**30, False), (500 * 2**20, False), (5 * 2**20, True)):
        monkeypatch.setattr("shutil.disk_usage", lambda _path, left=left: SimpleNamespace(free=left))
        assert ("disk" in wrong(run)) is wrong_
        told = [line for line in run("check").out.splitlines() if " disk:" in line]
        assert told
        assert told[0].startswith("!! " if wrong_ else "!  " if left < 2**30 else "ok ")


def test_a_demo_is_made_by_the_program_alone(run: Run, made: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DEMO", "1")
    (made.settings.data_dir / "okienko.toml").write_text("demo = true\n")
    assert not Settings.load().demo
    assert "OKIENKO_DEMO" in run("config", "show").err


def test_a_password_in_a_file_that_others_can_read(run: Run, made: Desk, folder: Path) -> None:
    file = folder / "okienko.toml"
    file.write_text('[mail]\npassword = "x"\n')
    file.chmod(0o644)
    assert f"chmod 600 {file}" in wrong(run)["permissions"]


def test_a_key_that_is_gone_or_open(run: Run, made: Desk, folder: Path) -> None:
    (folder / "desk.key").chmod(0o644)
    assert {"key", "permissions"} <= set(wrong(run))
    (folder / "desk.key").unlink()
    assert "backup" in wrong(run)["key"]


def test_a_damaged_database(run: Run, folder: Path) -> None:
    make_desk(folder).close()
    with (folder / "desk.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    assert "database" in wrong(run)


def test_a_database_of_a_newer_program(run: Run, made: Desk) -> None:
    with made.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "Update the program" in wrong(run)["database"]


def test_a_server_that_is_not_there(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DATABASE_URL", "postgresql+psycopg://nobody:hunter2@127.0.0.1:1/none")
    told = wrong(run)["database"]
    assert "hunter2" not in told
    done = run("journal", "verify")
    assert done.status == 1
    assert "database" in done.err
    assert "hunter2" not in done.err
    monkeypatch.setenv("OKIENKO_DATABASE_URL", "nonsense://nobody:hunter2@127.0.0.1/none")
    assert "database" in wrong(run)
    done = run("journal", "verify")
    assert (done.status, "is no address of a PostgreSQL database" in done.err) == (1, True)
    assert "hunter2" not in done.err


def test_a_clock_that_went_back(run: Run, folder: Path) -> None:
    desk = make_desk(folder, MovableClock(dt.datetime(2199, 1, 1, tzinfo=dt.UTC)))
    desk.as_system().do(lambda work: work.record("test"))
    desk.close()
    assert "Set the clock" in wrong(run)["clock"]


def test_mail_that_can_not_leave(run: Run, made: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_MAIL__SENDER", "nobody")
    assert "mail.sender" in wrong(run)["mail"]
    monkeypatch.setenv("OKIENKO_MAIL__SENDER", "desk@example.com")
    monkeypatch.setenv("OKIENKO_MAIL__BACKEND", "smtp")
    monkeypatch.setenv("OKIENKO_MAIL__HOST", "127.0.0.1")
    monkeypatch.setenv("OKIENKO_MAIL__PORT", "1")
    assert "127.0.0.1:1: The mail server doesn't answer" in wrong(run)["mail"]


def test_mail_that_has_stopped(run: Run, made: Desk) -> None:
    made.as_system().do(stops.begin, f"{NOT_FROM_US}: 530 no log-in")
    soon = SystemClock().now() + dt.timedelta(minutes=1)
    made.as_system().do(lambda work: work.change(MailStop, table(MailStop).c.id == stops.THE_ONE, opens_at=soon))
    assert "takes no mail from this desk: 530 no log-in" in wrong(run)["letters"]
    done = run("mail", "deliver")
    assert (done.status, "530 no log-in" in done.err) == (1, True)


def test_letters_that_failed(run: Run, made: Desk) -> None:
    promise(made, "invented")
    run("mail", "deliver")
    assert "okienko mail retry" in wrong(run)["letters"]


def test_a_zone_that_is_none(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DESK__ZONE", "Mars/Olympus")
    assert "desk.zone (environment): Mars/Olympus is no time zone" in wrong(run)["settings"]
    done = run("jobs", "run")
    assert (done.status, "Mars/Olympus is no time zone; one is Europe/Warsaw" in done.err) == (1, True)


def test_product_files_are_named_with_their_line(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.products import catalogue
    from core.products.definitions import Catalogue, parse

    problems = parse("category = 1\n", "broken.toml")
    assert isinstance(problems, tuple)
    monkeypatch.setattr(catalogue, "catalogue", lambda: Catalogue((), problems))
    assert "broken.toml:1" in wrong(run)["products"]


@pytest.mark.parametrize(("version", "word"), [("3.40.1", "lock file"), ("3.53.4", "3.53.4")])
def test_the_library_is_named(version: str, word: str) -> None:
    assert word in findings_store._library(version).found


# --- settings and journal ---------------------------------------------------------------------------------------------


def test_settings_with_their_origin_and_without_their_secrets(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    (folder / "okienko.toml").write_text('[desk]\nname = "Latarnia"\n[mail]\nport = 25\nhost = "in-file"\n')
    monkeypatch.setenv("OKIENKO_MAIL__PASSWORD", "hunter2")
    monkeypatch.setenv("okienko_mail__port", "2525")
    monkeypatch.setenv("OKIENKO_SECURITY__SECOND_STEP", '{"agent": "mail"}')
    monkeypatch.setenv("OKIENKO_DATABASE_URL", "postgresql+psycopg://x:hunter2@db/desk")
    done = run("config", "show")
    assert done.status == 0
    lines = done.out.splitlines()
    for line in (
        "desk.name = Latarnia  (file)",
        "mail.port = 2525  (environment)",
        "mail.host = in-file  (file)",
        "mail.timeout = 20.0  (default)",
        "security.second_step.agent = mail  (environment)",
    ):
        assert line in lines
    assert "hunter2" not in done.out
    assert any(line.startswith("mail.password = ••") for line in lines)


def test_a_journal_that_is_whole_and_one_that_is_not(run: Run, made: Desk) -> None:
    for number in range(3):
        made.as_system().do(lambda work, number=number: work.record("test", number=number))
    assert run("journal", "verify").status == 0
    line = run("journal", "anchor").out.strip()
    assert run("journal", "verify", "--anchor", line).status == 0
    assert run("journal", "verify", "--anchor", line.replace("3 ", "2 ")).status == 1
    assert run("journal", "verify", "--anchor", "yesterday").status == 1
    with made.store.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER journal_update"))
        connection.execute(sa.text("UPDATE journal SET action = 'other' WHERE id = 2"))
    done = run("journal", "verify")
    assert done.status == 1
    assert "entry 2" in done.err
    with made.store.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER journal_delete"))
        connection.execute(sa.text("DELETE FROM journal WHERE id > 1"))
    done = run("journal", "verify")
    assert (done.status, "2 entries are missing at its end" in done.err) == (1, True)
