"""The command line of care: jobs, invitations from a file, and the codes of its letters."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest

from core.jobs import jobs
from core.service.desk import Desk
from tests.core.care.acting import applied
from tests.core.care.conftest import people_of
from tests.factories.desks import mail
from tests.tui.cli.test_program import Run, folder, made, run  # noqa: F401 - fixtures
from tui import launch as opening

ROWS = "email;name;address;country;language\nzofia@example.com;Zofia Rzepa;ul. Krzywa 3;PL;pl\n"


def file(folder: Path, text: str) -> str:  # noqa: F811
    path = folder / "customers.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_jobs_run_says_what_was_done(made: Desk, run: Run) -> None:  # noqa: F811
    world = people_of(made)
    applied(world.zofia)
    done = run("jobs", "run", "--json")
    assert done.status == 0
    assert json.loads(done.out) == {job.id: 0 for job in jobs()}
    told = run("jobs", "run")
    assert told.status == 0
    assert "0  reminders to installers" in told.out


def test_invitations_are_brought_in_for_a_company(made: Desk, run: Run, tmp_path: Path) -> None:  # noqa: F811
    people_of(made)
    done = run("import", "invitations", file(tmp_path, ROWS), "--company", "serwis@example.com")
    assert done.status == 0
    assert "New: 1, changed: 0, as before: 0." in done.out
    assert [one.address for one in mail(made, "care_invitation")] == ["zofia@example.com"]


def test_slips_are_told_with_file_line_and_column(made: Desk, run: Run, tmp_path: Path) -> None:  # noqa: F811
    people_of(made)
    done = run("import", "invitations", file(tmp_path, ROWS + "nobody;Jan;;PL;pl\n"), "--company", "serwis@example.com")
    assert done.status == 1
    assert "customers.csv:3: email:" in done.err
    assert "customers.csv:3: address:" in done.err
    assert mail(made) == []


def test_a_company_that_is_not_here(made: Desk, run: Run, tmp_path: Path) -> None:  # noqa: F811
    people_of(made)
    done = run("import", "invitations", file(tmp_path, ROWS), "--company", "nikt@example.com")
    assert done.status == 1
    assert "nikt@example.com" in done.err
    assert run("import", "invitations", file(tmp_path, ROWS)).status == 2


@pytest.mark.parametrize("screen", ["answer", "confirm", "join"])
def test_every_command_of_a_letter_brings_up_the_code(screen: str) -> None:
    from tui.screens.accounts.recovery import HaveCode

    made_screen = opening._asked_for(Namespace(screen=screen, code="K7QF-M2XD-9PLT-3HWC"))()
    assert isinstance(made_screen, HaveCode)
    assert made_screen.values() == {"code": "K7QF-M2XD-9PLT-3HWC"}
