"""``okienko invoice NUMBER > FILE``."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.accounts import sessions
from core.billing import invoices
from core.models.accounts import Account
from core.service.client_address import Peer
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from tests.factories.desks import person, seat
from tests.factories.subscribers import billed, subscriber
from tests.tui.cli.test_program import Run, folder, made  # noqa: F401 - fixtures
from tui import session as seats
from tui.cli import program


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command with its output going to a file; gives status, bytes and complaints."""

    def command(*argv: str, terminal: bool = False) -> SimpleNamespace:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        monkeypatch.setattr(out, "isatty", lambda: terminal, raising=False)
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", out)
            status = program.main(["invoice", *argv])
        out.flush()
        return SimpleNamespace(status=status, out=out.buffer.getvalue(), err=capsys.readouterr().err)

    return command


@pytest.fixture
def wanda(made: Desk) -> Desk:  # noqa: F811
    """Remembered on this computer, with one invoice; somebody else has another."""
    hers = subscriber(made, account_id=person(made, "wanda", language="pl"))
    other = subscriber(made, "A-2", contract="U-2", addresses=("203.0.113.9",))
    today = made.now.date()
    billed(made, hers.id, "FV/7/2026", today)
    billed(made, other.id, "FV/8/2026", today)

    def remember(work: UnitOfWork) -> str:
        account = work.unscoped(Account, table(Account).c.id == 1)
        assert account is not None
        return sessions.begin(work, account, remember=True, label="here").token or ""

    seats.remember(made.as_system().do(remember))
    return seat(made, 1)


def test_the_bytes_are_the_desks_and_it_works_again(wanda: Desk, run: Run) -> None:
    first, again = run(" fv/7/2026 "), run("FV/7/2026")
    assert (first.status, first.err) == (0, "")
    assert first.out == again.out == wanda.see(invoices.pdf, 1).content
    xml = run("FV/7/2026", "--xml")
    assert xml.out == wanda.see(invoices.xml, 1).content


@pytest.mark.parametrize("number", ["FV/8/2026", "FV/99", "../etc", ""])
def test_what_is_not_ones_own_is_one_sentence(wanda: Desk, run: Run, number: str) -> None:
    done = run(number)
    assert (done.status, done.out) == (1, b"")
    assert done.err.strip().count("\n") == 0 and "not yours to see" in done.err


def test_never_on_a_terminal(wanda: Desk, run: Run) -> None:
    done = run("FV/7/2026", terminal=True)
    assert (done.status, done.out) == (2, b"")
    assert "okienko invoice FV/7/2026 > invoice.pdf" in done.err


def test_who_is_not_remembered_is_told_how(wanda: Desk, run: Run) -> None:
    seats.forget()
    done = run("FV/7/2026")
    assert (done.status, done.out) == (1, b"")
    assert "Remember me on this computer" in done.err


def test_the_account_that_everybody_comes_through_is_nobody(
    wanda: Desk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.service.client_address.of_this_process", lambda _settings: Peer(None, "relay"))
    done = run("FV/7/2026")
    assert (done.status, done.out) == (1, b"") and "Over SSH" in done.err


def test_without_a_desk_none_is_made(folder: Path, run: Run) -> None:  # noqa: F811
    done = run("FV/7/2026")
    assert done.status == 1 and "There is no desk" in done.err and not folder.exists()
