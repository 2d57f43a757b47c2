"""What systemd hears, and the sockets that it passes in."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tui.serve import sd


@pytest.mark.parametrize("abstract", [True, False])
def test_whoever_started_it_hears_that_it_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool
) -> None:
    place = f"@okienko-{os.getpid()}" if abstract else str(tmp_path / "n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + place[1:] if abstract else place)
        monkeypatch.setenv("NOTIFY_SOCKET", place)
        assert sd.notify("READY=1")
        assert listener.recv(20) == b"READY=1"


@pytest.mark.parametrize("place", ["", "relative", "/nowhere/at/all"])
def test_where_nobody_listens_nothing_is_said(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", place)
    assert not sd.notify("READY=1")


def test_sockets_of_another_process_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_PID", str(os.getpid() + 1))
    monkeypatch.setenv("LISTEN_FDS", "1")
    assert sd.passed_in() == {}
    assert os.environ["LISTEN_FDS"] == "1"


def test_sockets_come_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        monkeypatch.setattr(sd, "FIRST", os.dup(first.fileno()))
        assert os.dup2(second.fileno(), sd.FIRST + 1) == sd.FIRST + 1
        monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
        monkeypatch.setenv("LISTEN_FDS", "2")
        monkeypatch.setenv("LISTEN_FDNAMES", "ssh")
        found = sd.passed_in()
        try:
            assert {name: each.getsockname() for name, each in found.items()} == {
                "ssh": first.getsockname(),
                "1": second.getsockname(),
            }
            assert not any(os.get_inheritable(each.fileno()) for each in found.values())
            assert "LISTEN_FDS" not in os.environ, "no child is to take them for its own"
        finally:
            for each in found.values():
                each.close()
