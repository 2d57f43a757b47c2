"""Every test starts from the same environment, whatever the developer's shell exports."""

from __future__ import annotations

import gc
import os
import sys

# Before anything is imported: the collector's usual pace would go through all that stays a thousand times.
gc.set_threshold(50_000, 10, 20)

for _name in list(os.environ):
    if _name == "TEXTUAL_SNAPSHOT_TEMPDIR":
        continue  # the snapshot plugin's own
    if _name.startswith(("TEXTUAL", "OKIENKO", "SSH_", "LC_")) or _name in {
        "BROWSER",
        "COLUMNS",
        "ESCDELAY",
        "LANGUAGE",
        "LINES",
        "NO_COLOR",
        "ROWS",
    }:
        del os.environ[_name]
# Workers and the programs they start are many: without this each of them would compile everything anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Read by Textual when it is imported, as it will be after this file.
os.environ.update(TEXTUAL_DISABLE_KITTY_KEY="1", TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")

from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

import pytest  # noqa: E402

if TYPE_CHECKING:
    from core.service.desk import Desk
    from tests.support.postgres import Server


@pytest.fixture(autouse=True)
def _nobody_came_from_afar(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer may run the tests over SSH."""
    monkeypatch.setattr("core.service.client_address.ancestor_names", lambda: iter(()))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty desk whose clock stands still on 2026-11-20 at 09:00 UTC."""
    from tests.factories.desks import make_desk

    made = make_desk(tmp_path / "desk")
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for this worker; tests that need one are skipped where there is none."""
    from tests.support.postgres import Server, binaries

    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine (initdb and pg_ctl, on PATH or in /usr/lib/postgresql/15/bin)")
    server = Server(programs)
    with server.running():
        yield server


@pytest.fixture
def postgres_store(postgres: Server) -> Iterator[dict[str, str]]:
    """What makes a desk keep its data in PostgreSQL, in a database without rows. Close the desk before the end."""
    with postgres.lend() as url:
        yield {"database_url": url}


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request: pytest.FixtureRequest) -> dict[str, str]:
    """What makes a desk keep its data in a file, and once more in PostgreSQL."""
    store: dict[str, str] = {} if request.param == "sqlite" else request.getfixturevalue("postgres_store")
    return store


@pytest.fixture
def postgres_desk(tmp_path: Path, postgres_store: dict[str, str]) -> Iterator[Desk]:
    """The same empty desk as ``desk``, on PostgreSQL."""
    from tests.factories.desks import make_desk

    made = make_desk(tmp_path / "desk", **postgres_store)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_desk(request: pytest.FixtureRequest) -> Desk:
    """An empty desk, once on each database."""
    made: Desk = request.getfixturevalue("desk" if request.param == "sqlite" else "postgres_desk")
    return made


def pytest_collection_finish(session: pytest.Session) -> None:
    """Before the first test, in each process that runs some."""
    from core.service import desk
    from tests.support import stillness
    from tui import textual_repairs

    desk.PACE = 0  # nobody measures here; the test of it has a clock of its own
    stillness.wait_without_sleeping()
    textual_repairs.read_styles_once()
    stillness.work_out_once()
    stillness.write_statements_once()
    stillness.trust_the_disk()
    stillness.spare_collector()


def pytest_sessionfinish(session: pytest.Session) -> None:
    from tests.support.stillness import leave_nothing_to_collect

    leave_nothing_to_collect()


def pytest_xdist_auto_num_workers() -> int:
    """One more than the processors: a third of each worker's time it waits for PostgreSQL, a thread or a program."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="every size, language and database of a test, and all rounds")
    parser.addoption("--left-out", action="store_true", help="only the variants of tests left out by default")


def pytest_configure(config: pytest.Config) -> None:
    from tests.support.amounts import play_all

    config.addinivalue_line("markers", "thorough: takes seconds; left out by default (tests.support.variants)")
    play_all(config.getoption("--full"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One variant of a test (``tests.support.variants``), or with ``--left-out`` all others; unless ``--full`` or a
    test by its name is asked for, or pictures are renewed: those nobody took are deleted then."""
    from tests.support.variants import choose

    everything = config.getoption("--full") or config.getoption("--snapshot-update")
    if everything or any("::" in given for given in config.args):
        return
    played, left_out = choose(items)
    if config.getoption("--left-out"):
        played, left_out = left_out, played
    items[:] = played
    if left_out:
        config.option.warn_unused_snapshots = True  # those of the variants left out are no failure
        config.hook.pytest_deselected(items=left_out)
