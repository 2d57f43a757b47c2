"""However a session ends, it ends in order: unmounted, and the terminal given back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.pty import ROOT, Terminal, probe
from tui.__main__ import scrub
from tui.driver import CLOSING_TIME


def started(marker: Path, **kwargs: dict[str, str]) -> Terminal:
    terminal = probe("typing", env={"MARKER": str(marker)})
    terminal.wait_for("▊")
    return terminal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_session_in_order(number: signal.Signals, tmp_path: Path) -> None:
    with started(tmp_path / "marker") as terminal:
        terminal.signal(number)
        assert terminal.wait() == 128 + number
        assert b"\x1b[?1049l" in terminal.raw
    assert (tmp_path / "marker").read_text() == "in order"


def test_a_session_that_was_stopped_and_goes_on_ends_in_order(tmp_path: Path) -> None:
    with started(tmp_path / "marker") as terminal:
        terminal.signal(signal.SIGSTOP)
        terminal.signal(signal.SIGCONT)
        terminal.send(b"ok\x1b[19~")
        terminal.wait_for("ok text=0")
        terminal.signal(signal.SIGTERM)
        begun = time.monotonic()
        assert terminal.wait() == 128 + signal.SIGTERM
        assert time.monotonic() - begun < CLOSING_TIME, "not by the last resort"
        assert b"\x1b[?1049l" in terminal.raw
    assert (tmp_path / "marker").read_text() == "in order"


def test_of_two_sizes_that_follow_at_once_the_last_is_drawn() -> None:
    """The second comes while the first is being measured."""
    twice = (
        "import runpy, sys, termios; sys.argv = ['probe', 'typing']; from tui.driver import SafeDriver;"
        "measured = SafeDriver._get_terminal_size\n"
        "def measure(driver):\n"
        "    size = measured(driver)\n"
        "    if size[0] == 60: termios.tcsetwinsize(0, (25, 90))\n"
        "    return size\n"
        "SafeDriver._get_terminal_size = measure\n"
        "runpy.run_path('tests/support/probe.py', run_name='__main__')"
    )
    with Terminal([sys.executable, "-c", twice]) as terminal:
        terminal.wait_for("▊")
        terminal.resize(60, 20)
        terminal.wait_for_quiet()
        terminal.send(b"\x1b[19~")
        terminal.wait_for("size=90x25")


def test_a_closed_line_ends_the_session_in_order(tmp_path: Path) -> None:
    with started(tmp_path / "marker") as terminal:
        terminal.hang_up()
        assert terminal.wait() == 128 + signal.SIGHUP
    assert (tmp_path / "marker").read_text() == "in order"


def test_a_closed_line_ends_a_session_that_gets_no_signal(tmp_path: Path) -> None:
    """As under nohup, and in some ways of starting through sudo or tmux: stock Textual lives on at 100 % CPU."""
    marker = tmp_path / "marker"
    code = "import runpy, signal, sys; sys.argv = ['probe', 'typing']; runpy.run_path('tests/support/probe.py')"
    deaf = (
        "import asyncio, signal; asyncio.SelectorEventLoop.add_signal_handler = lambda *a: None;"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN);"
    )
    run = code.replace("probe.py')", "probe.py', run_name='__main__')")
    with Terminal([sys.executable, "-c", deaf + run], env={"MARKER": str(marker)}) as terminal:
        terminal.wait_for("▊")
        terminal.hang_up()
        assert terminal.wait() == 128 + signal.SIGHUP
    assert marker.read_text() == "in order"


def test_ctrl_q_leaves_and_other_control_keys_do_nothing(tmp_path: Path) -> None:
    with started(tmp_path / "marker") as terminal:
        terminal.send(b"\x03\x1a\x1c\x10\x04\x1bOP")
        terminal.send(b"ok\x1b[19~")
        terminal.wait_for("ok text=0")
        terminal.send(b"\x11")
        assert terminal.wait() == 0
    assert (tmp_path / "marker").read_text() == "in order"


def test_a_stop_signal_does_not_stop_it(tmp_path: Path) -> None:
    with started(tmp_path / "marker") as terminal:
        terminal.signal(signal.SIGTSTP)
        terminal.send(b"ok\x1b[19~")
        terminal.wait_for("ok text=0")


def test_the_economical_profile_sends_little() -> None:
    with probe("typing", env={"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, size=(80, 24)) as terminal:
        terminal.send(b"\x1b[19~")
        terminal.wait_for("line=0")
        terminal.wait_for_quiet()
        assert b"?1000h" not in terminal.raw
        assert b"38;2;" not in terminal.raw
        assert b"48;2;" not in terminal.raw
        assert len(terminal.raw) < 20_000
        before = len(terminal.raw)
        terminal.send(b"a")
        terminal.wait_for("█ a")
        terminal.wait_for_quiet()
        assert len(terminal.raw) - before < 700


def test_the_environment_is_scrubbed() -> None:
    hostile = {
        "TEXTUAL_LOG": "/x",
        "TEXTUAL_DRIVER": "this:X",
        "PYTHONINSPECT": "1",
        "BROWSER": "x",
        "COLUMNS": "1",
        "SSLKEYLOGFILE": "/x",
        "LANG": "pl",
    }
    environ = dict(hostile)
    scrub(environ)
    assert environ == {"LANG": "pl", "TEXTUAL_DISABLE_KITTY_KEY": "1"}
    web = {"OKIENKO_WEB": "1", "COLUMNS": "100", "ROWS": "30", "TEXTUAL_PRESS": "q"}
    scrub(web)
    assert {"COLUMNS", "ROWS"} < set(web)
    assert "TEXTUAL_PRESS" not in web


def test_a_hostile_environment_writes_nothing(tmp_path: Path) -> None:
    env = {
        "TEXTUAL_LOG": str(tmp_path / "log"),
        "TEXTUAL_SCREENSHOT": "0",
        "TEXTUAL_SCREENSHOT_LOCATION": str(tmp_path),
        "TEXTUAL_PRESS": "x,ctrl+q",
        "TEXTUAL_DEBUG": "1",
        "TEXTUAL_DRIVER": "this:nothing",
        "TEXTUAL_COLOR_SYSTEM": "bogus",
        "COLUMNS": "40",
        "LINES": "10",
    }
    with probe("typing", env=env) as terminal:
        terminal.send(b"Sekret99\x1b[19~")
        terminal.wait_for("Sekret99 text=0 size=100x30")
        terminal.send(b"\x11")
        assert terminal.wait() == 0
    assert not list(tmp_path.iterdir())
    assert not (ROOT / "keys.log").exists()


def test_asking_for_the_version_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['okienko', '--version']\n"
        "from tui.__main__ import main\n"
        "assert main() == 0\n"
        "assert not {'textual', 'rich', 'argparse', 'gettext'} & set(sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ, capture_output=True, check=True)
    assert told.stdout.startswith(b"okienko ")


def test_the_foundation_does_not_import_the_desk() -> None:
    code = (
        "import sys, tui.app, tui.screens.base, tui.screens.notice\n"
        "heavy = {'sqlalchemy', 'sqlmodel', 'pydantic', 'babel', 'jinja2', 'core.service.desk'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
