"""``okienko init`` and ``okienko upgrade``, and what every command says of a key or tables that don't fit."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from core.accounts import login, recovery
from core.errors import Forbidden
from core.i18n import translation
from core.models.accounts import Account
from core.people import staff
from core.service import client_address, one_time_codes, upgrade
from core.service.desk import Desk
from core.service.settings import Settings
from core.service.unit_of_work import table
from tests.core.imports.csv.streams import SUBSCRIBER
from tests.factories.desks import PASSWORD, logged_in, make_desk
from tui.cli import program
from tui.launch import open_for_people

if TYPE_CHECKING:
    from tests.support.postgres import Server

Run = Callable[..., SimpleNamespace]
INIT = ("init", "--admin-email", "szef@example.com", "--login", "szef")
CODE = "K7QF-M2XD-9PT3-HWC0"
FOREIGN = base64.b64encode(b"another desk's key, 32 bytes long")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    translation.from_environment.cache_clear()
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "desk"))
    yield tmp_path / "desk"
    translation.from_environment.cache_clear()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a desk that is not made yet, in a file and on a server."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        monkeypatch.setenv("OKIENKO_DATABASE_URL", server.empty())
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*argv: str) -> SimpleNamespace:
        status = program.main(list(argv))
        printed = capsys.readouterr()
        return SimpleNamespace(status=status, out=printed.out, err=printed.err)

    return command


# init


def test_a_desk_and_its_administrator_are_made_without_a_terminal(empty: Path, run: Run) -> None:
    done = run(*INIT, "--name", "Ola Nowa Kowalska", "--language", "pl")
    assert done.status == 0
    assert "A new desk was made" in done.err
    code = re.search(r"okienko reset (\S+)$", done.out.strip())
    assert code is not None
    desk = Desk.open()
    desk.do(recovery.set_password, code[1], PASSWORD, PASSWORD)
    assert desk.do(login.password, "szef", PASSWORD) is not None
    named = sa.select(*(table(Account).c[name] for name in ("login", "first_name", "last_name", "role", "language")))
    row = desk.as_system().see(lambda look: look.row(named))
    assert tuple(row or ()) == ("szef", "Ola", "Nowa Kowalska", "admin", "pl")
    desk.close()
    again = run("init", "--admin-email", "other@example.com")
    assert (again.status, again.out, again.err) == (1, "", "This desk has its administrator already.\n")


def test_the_code_comes_from_a_file_or_the_environment_and_is_not_printed(
    folder: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "code").write_text(CODE.lower() + "\n")
    done = run(*INIT, "--code-file", str(tmp_path / "code"))
    assert done.status == 0
    assert CODE not in done.out + done.err
    desk = Desk.open()
    desk.do(recovery.set_password, CODE, PASSWORD, PASSWORD)
    desk.close()
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "second"))
    monkeypatch.setenv("OKIENKO_INIT_CODE", CODE)
    assert run(*INIT).status == 0
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "third"))
    for wrong in ("1234", "x" * 15):
        monkeypatch.setenv("OKIENKO_INIT_CODE", wrong)
        refused = run(*INIT)
        assert refused.status == 1
        assert wrong not in refused.err
        shown = refused.err.split("such as ")[1].split(".")[0]
        assert one_time_codes.grouped(one_time_codes.tidy(shown) or "") == shown, "one that could be given as it stands"
        assert not (tmp_path / "third").exists(), "nothing is made for nothing"


def test_what_is_wrong_is_said_by_its_option_before_anything_is_made(folder: Path, run: Run) -> None:
    done = run("init", "--admin-email", "nobody", "--login", "x")
    assert done.status == 1
    assert "--admin-email: " in done.err
    assert "--login: " in done.err
    assert not folder.exists()


def test_not_under_a_forced_command_nor_as_the_strangers_account(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_ORIGINAL_COMMAND", "init --admin-email me@example.com")
    assert (run(*INIT).status, folder.exists()) == (1, False)
    monkeypatch.delenv("SSH_ORIGINAL_COMMAND")
    monkeypatch.setenv("OKIENKO_SSH__KIOSK_UID", "4242")
    monkeypatch.setattr("os.geteuid", lambda: 4242)
    done = run(*INIT)
    assert (done.status, folder.exists()) == (1, False)
    assert "from a shell on its own machine" in done.err


def test_over_ssh_with_a_shell_it_works(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")
    assert run(*INIT).status == 0


# The interface from afar


def test_from_afar_a_desk_without_an_administrator_only_says_that_it_is_not_set_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_address, "ancestor_names", lambda: iter(("bash", "sshd")))
    with pytest.raises(Forbidden) as refused:
        open_for_people()
    assert refused.value.text() == "This desk is not set up yet."
    assert not folder.exists()
    make_desk(folder).close()
    with pytest.raises(Forbidden):
        open_for_people()
    desk = make_desk(folder)
    desk.as_system().do(staff.appoint, staff.Appointed(login="szef", email="szef@example.com", language="pl"))
    desk.close()
    open_for_people().close()


def test_on_a_terminal_of_its_own_machine_a_desk_is_made_and_set_up(folder: Path) -> None:
    desk = open_for_people()
    assert desk.see(staff.is_new)
    desk.close()


# Keys and tables that don't fit


def commands(tmp_path: Path) -> list[tuple[str, ...]]:
    file = tmp_path / "subscribers.csv"
    file.write_text(f"{';'.join(SUBSCRIBER)}\n{';'.join(SUBSCRIBER.values())}\n", encoding="utf-8")
    return [
        ("jobs", "run"),
        ("mail", "deliver"),
        ("mail", "list"),
        ("mail", "retry"),
        ("journal", "verify"),
        ("import", "subscribers", str(file)),
        ("invoice", "FV/1"),
        INIT,
        ("upgrade",),
    ]


def findings(run: Run) -> dict[str, str]:
    told = json.loads(run("check", "--json").out)["checks"]
    return {each["name"]: f"{each['found']} {each['do']}" for each in told if not each["ok"]}


def test_a_key_that_is_missing_or_anothers_is_never_replaced(empty: Path, run: Run, tmp_path: Path) -> None:
    assert run(*INIT).status == 0
    key = empty / "desk.key"
    key.unlink()
    for command in commands(tmp_path):
        done = run(*command)
        assert (done.status, "is missing. Put it back" in done.err) == (1, True), command
        assert not key.exists(), command
    assert "is missing" in findings(run)["key"]
    key.write_bytes(FOREIGN)
    key.chmod(0o600)
    for command in commands(tmp_path):
        done = run(*command)
        assert (done.status, "is not this desk's" in done.err) == (1, True), command
    assert "is not this desk's" in findings(run)["key"]
    assert key.read_bytes() == FOREIGN
    taken = run("upgrade", "--take-key")
    assert taken.status == 0
    assert "stays shut" in taken.err
    assert "key" not in findings(run)


def test_an_emptied_file_is_damage_whatever_command_meets_it(folder: Path, run: Run, tmp_path: Path) -> None:
    assert run(*INIT).status == 0
    (folder / "desk.db").write_bytes(b"")
    for command in commands(tmp_path):
        done = run(*command)
        assert (done.status, "the desk's data are lost" in done.err) == (1, True), command
    assert "the desk's data are lost" in findings(run)["database"]
    assert (folder / "desk.db").stat().st_size == 0


@pytest.fixture
def on_server(folder: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    url = postgres.empty()
    monkeypatch.setenv("OKIENKO_DATABASE_URL", url)
    return url


def test_only_init_makes_a_desk_on_a_server(on_server: str, run: Run, tmp_path: Path) -> None:
    for command in commands(tmp_path):
        if command != INIT:
            done = run(*command)
            assert (done.status, "okienko init" in done.err) == (1, True), command
    told = findings(run)
    assert "okienko init" in told["desk"]
    assert "database" not in told


def test_only_upgrade_changes_the_tables_on_a_server(on_server: str, run: Run, tmp_path: Path, folder: Path) -> None:
    assert run(*INIT).status == 0
    engine = sa.create_engine(on_server, poolclass=sa.NullPool)
    desk = Desk.open(Settings(data_dir=folder))
    upgrade.run(desk.store, "downgrade", "0003")
    desk.close()
    for command in commands(tmp_path):
        if command != ("upgrade",):
            done = run(*command)
            assert (done.status, "okienko upgrade" in done.err) == (1, True), command
    assert "okienko upgrade" in findings(run)["database"]
    done = run("upgrade")
    assert (done.status, done.out) == (0, f"The tables were at 0003 and are at {upgrade.HEAD} now.\n")
    assert run("upgrade").out == f"The tables are up to date ({upgrade.HEAD}).\n"
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for command in commands(tmp_path):
        done = run(*command)
        assert (done.status, "newer Okienko" in done.err) == (1, True), command


def test_upgrading_a_file_says_where_its_copy_lies(folder: Path, run: Run) -> None:
    desk = make_desk(folder)
    logged_in(desk, "ola")
    upgrade.run(desk.store, "downgrade", "0003")
    desk.close()
    done = run("upgrade")
    assert done.status == 0
    assert str(folder / f"desk-before-{upgrade.HEAD}.db") in done.out


def test_tables_without_their_version_are_told_as_what_they_are(empty: Path, run: Run, tmp_path: Path) -> None:
    assert run(*INIT).status == 0
    desk = Desk.open()
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    desk.close()
    for command in commands(tmp_path):
        done = run(*command)
        assert (done.status, "alembic_version" in done.err) == (1, True), command
    assert "alembic_version" in findings(run)["database"]


def test_a_server_that_takes_no_changes_is_told_by_every_command_that_writes(on_server: str, run: Run) -> None:
    assert run(*INIT).status == 0
    name = sa.make_url(on_server).database
    engine = sa.create_engine(on_server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only TO on")
    done = run("jobs", "run")
    assert (done.status, "read-only" in done.err) == (1, True)
    assert "read-only" in findings(run)["database"]


def test_a_right_that_is_missing_is_named_by_check(on_server: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = sa.create_engine(on_server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS ordinary")
        connection.exec_driver_sql("CREATE ROLE ordinary LOGIN")
    monkeypatch.setenv("OKIENKO_DATABASE_URL", on_server.replace("://desk@", "://ordinary@"))
    assert "has no right to make tables" in findings(run)["database"]
    done = run(*INIT)
    assert (done.status, "GRANT CREATE ON SCHEMA public TO ordinary" in done.err) == (1, True)
    monkeypatch.setenv("OKIENKO_DATABASE_URL", on_server)
    assert run(*INIT).status == 0
    monkeypatch.setenv("OKIENKO_DATABASE_URL", on_server.replace("://desk@", "://ordinary@"))
    assert "GRANT ALL ON ALL TABLES" in findings(run)["database"]


def test_a_mistyped_section_in_the_environment_is_named(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_desk(folder).close()
    monkeypatch.setenv("OKIENKO_MIAL__HOST", "mail.example.com")
    assert "OKIENKO_MIAL__HOST" in run("config", "show").err
    assert "OKIENKO_MIAL__HOST" in findings(run)["settings"]
