"""Over a slow line: what the real program writes for its first frame and for a key, counted in bytes in a pty."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.accounts import sessions
from core.clock import MovableClock
from core.models.accounts import Account, Role
from core.service.unit_of_work import UnitOfWork, table
from core.tickets import create
from tests.factories.desks import PASSWORD, admin_values, make_desk, person, seat
from tests.support.playing import SMALL
from tests.support.pty import Terminal

pytestmark = pytest.mark.thorough

OKIENKO = str(Path(sys.executable).with_name("okienko"))
SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
MOUSE = re.compile(rb"\x1b\[\?(9|100[0-3]|100[56]|1015|1016)h")
BLINK = re.compile(rb"\x1b\[(?:[0-9;]*;)?[56](?:;[0-9;]*)?m|\x1b\[\?12h|\x1b\[[135] q")
RICH_COLOUR = re.compile(rb"[34]8;[25];")
COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")
DOWN = b"\x1b[B"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A desk with an administrator and a customer who has sixty tickets."""
    made = make_desk(tmp_path / "desk", MovableClock())
    person(made, "root", Role.ADMIN)
    customer = person(made, "ola", company="Tarnina")
    for number in range(60):
        seat(made, customer).do(create.create, admin_values(f"Question {number}"))

    def remember(work: UnitOfWork) -> str:
        account = work.unscoped(Account, table(Account).c.id == customer)
        assert account is not None
        return sessions.begin(work, account, remember=True).token or ""

    (tmp_path / "token").write_text(made.as_system().do(remember), encoding="ascii")
    yield tmp_path / "desk"
    made.close()


def remembered(folder: Path) -> None:
    """From now on the customer is let in at once."""
    (folder / "state").mkdir(mode=0o700)
    (folder / "state" / "remembered").write_text((folder.parent / "token").read_text(), encoding="ascii")


def okienko(folder: Path, **env: str) -> Terminal:
    return Terminal([OKIENKO], env={"OKIENKO_DATA_DIR": str(folder), **env}, size=SMALL)


def test_the_way_in_is_small_over_ssh(folder: Path) -> None:
    with okienko(folder, **SSH) as terminal:
        terminal.wait_for("Password")
        terminal.wait_for_quiet()
        raw = bytes(terminal.raw)
    assert len(raw) < 20_000
    assert not MOUSE.search(raw)
    assert not BLINK.search(raw)
    assert not RICH_COLOUR.search(raw)


def test_a_key_in_the_list_of_tickets_is_small_over_ssh(folder: Path) -> None:
    with okienko(folder, **SSH, OKIENKO_SECURITY__SECOND_STEP__CUSTOMER="off") as terminal:
        terminal.wait_for("Password")  # over SSH nobody is remembered
        terminal.wait_for_quiet()
        terminal.send(f"ola\t{PASSWORD}\r".encode())
        terminal.wait_for("Question 59")
        terminal.wait_for_quiet()
        taken = []
        for _key in range(10):
            before = len(terminal.raw)
            terminal.send(DOWN)
            terminal.wait_for_quiet()
            taken.append(len(terminal.raw) - before)
        raw = bytes(terminal.raw)
    assert all(0 < each < 700 for each in taken), taken
    assert not MOUSE.search(raw)
    assert not BLINK.search(raw)
    assert not RICH_COLOUR.search(raw)


def test_nothing_is_written_while_nobody_types(folder: Path) -> None:
    """A machine that is busy opens the desk late; what blinks or ticks is never quiet for more than a second."""

    def written(terminal: Terminal) -> int:
        before = len(terminal.raw)
        for _third in range(4):
            terminal._read(0.33)
        return len(terminal.raw) - before

    with okienko(folder, **SSH) as terminal:
        terminal.wait_for("Password")
        terminal.wait_for_quiet()
        assert 0 in (written(terminal) for _try in range(8))


@pytest.mark.parametrize("env", [{"TERM": "linux", "COLORTERM": ""}, {"TERM": "xterm-16color", "COLORTERM": ""}])
def test_sixteen_colours_are_all_that_a_simple_terminal_gets(folder: Path, env: dict[str, str]) -> None:
    remembered(folder)
    with okienko(folder, **env) as terminal:
        terminal.wait_for("Question 59")
        terminal.send(DOWN + b"\r")
        terminal.wait_for("Reply")
        terminal.wait_for_quiet()
        raw = bytes(terminal.raw)
    assert not RICH_COLOUR.search(raw)
    assert COLOUR.search(raw)


def test_no_color_means_no_colour(folder: Path) -> None:
    remembered(folder)
    with okienko(folder, NO_COLOR="1", TERM="linux", COLORTERM="") as terminal:
        terminal.wait_for("Question 59")
        terminal.send(DOWN + b"\r")
        terminal.wait_for("Reply")
        terminal.wait_for_quiet()
        raw = bytes(terminal.raw)
    found = COLOUR.search(raw)
    assert not found, raw[max(0, found.start() - 40) : found.end() + 40]
    assert not BLINK.search(raw)


def test_no_color_on_a_rich_terminal_is_greys_at_most(folder: Path) -> None:
    """Textual answers NO_COLOR with greys; what tells states apart is a glyph and a word."""
    with okienko(folder, NO_COLOR="1") as terminal:
        terminal.wait_for("Password")
        terminal.wait_for_quiet()
        raw = bytes(terminal.raw)
    for colour in re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", raw):
        red, green, blue = (int(part) for part in colour)
        assert max(red, green, blue) - min(red, green, blue) <= 1, colour
