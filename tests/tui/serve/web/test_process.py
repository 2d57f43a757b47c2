"""The door as a process of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pty import ROOT


def test_the_door_loads_no_screen_and_no_database() -> None:
    script = (
        "import sys, tui.serve.web.__main__; from tui.serve.web import pages; pages.contents();"
        "print(*{name.partition('.')[0] for name in sys.modules} &"
        " {'textual', 'textual_serve', 'rich', 'sqlalchemy', 'sqlmodel', 'asyncssh', 'jinja2'})"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("ending", ["leave", "end", "orphaned"])
def test_it_says_when_it_is_ready_and_ends_in_each_way(tmp_path: Path, ending: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.create_server(("127.0.0.1", 0)) as listening:
        numbers = theirs.fileno(), listening.fileno()
        command = [sys.executable, "-m", "tui.serve.web", "--life", str(numbers[0]), "--listen", str(numbers[1])]
        environment = {"OKIENKO_DATA_DIR": str(tmp_path), "PATH": "", "PYTHONPATH": str(ROOT)}
        with subprocess.Popen([*command, "--parent", "/nowhere"], pass_fds=numbers, env=environment) as process:
            theirs.close()
            ours.settimeout(20)
            assert ours.recv(16) == b"ready"
            port = listening.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(f"GET / HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
                assert client.recv(12) == b"HTTP/1.0 200"
            if ending == "orphaned":
                ours.close()
            else:
                process.send_signal(signal.SIGHUP if ending == "leave" else signal.SIGTERM)
            assert process.wait(20) == 0
