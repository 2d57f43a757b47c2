"""The worker hears at once that another process has promised mail."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

from core.service import mail_bell

PATIENCE = 10.0


def test_whoever_rings_is_heard_while_somebody_listens(tmp_path: Path) -> None:
    event = threading.Event()
    mail_bell.ring(tmp_path)
    for _time in range(2):
        with mail_bell.heard(tmp_path, event):
            assert not event.is_set()
            mail_bell.ring(tmp_path)
            assert event.wait(PATIENCE)
            event.clear()
            mail_bell.ring(tmp_path)
            assert event.wait(PATIENCE)
            event.clear()
        assert not (tmp_path / mail_bell.NAME).exists()
    mail_bell.ring(tmp_path)
    assert not event.is_set()


def test_what_a_worker_that_was_killed_has_left_is_in_nobodys_way(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as left:
        left.bind(str(tmp_path / mail_bell.NAME))
    event = threading.Event()
    with mail_bell.heard(tmp_path, event):
        mail_bell.ring(tmp_path)
        assert event.wait(PATIENCE)


def test_a_desk_too_far_down_has_no_bell_and_works(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 40)
    folder.mkdir()
    with mail_bell.heard(folder, threading.Event()):
        mail_bell.ring(folder)
    assert list(folder.iterdir()) == []
