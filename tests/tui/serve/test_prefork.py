"""Forking sessions: who is let in and who is turned away, in which order, and how each end comes about.

Each session here is a process that does one small thing, so that nothing but the forking is tried.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from core.service.settings import Settings
from tui.serve import hand_over
from tui.serve.hand_over import Visitor
from tui.serve.sessions import prefork, session
from tui.serve.sessions.prefork import Prefork

KEY = "SHA256:" + "K" * 43
PATIENCE = 10.0
Act = Callable[[Visitor, list[int]], int]


def said(link: socket.socket) -> dict[str, Any]:
    """The next message for the door, but for the session's number; an empty one when the link is closed."""
    link.settimeout(PATIENCE)
    while (got := hand_over.receive(link)) is not None:
        if "pid" not in got[0]:
            return got[0]
    return {}


class Server:
    """A forking process of its own, and doors to it."""

    def __init__(self, folder: Path, act: Act, **limits: Any) -> None:
        self.place = folder / "door"
        self._settings = Settings(data_dir=folder, serve={"drain": 0, **limits})  # type: ignore[arg-type]
        self._act = act
        self.pid = 0
        self._held = contextlib.ExitStack()

    @contextlib.contextmanager
    def running(self) -> Iterator[Server]:
        with hand_over.open_socket() as door:
            door.bind(str(self.place))
            door.listen(16)
            self.pid = os.fork()
            if self.pid == 0:
                os.setsid()
                self._run(door)
        try:
            yield self
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            self._held.close()

    def _run(self, door: socket.socket) -> NoReturn:
        def become(visitor: Visitor, files: list[int], gate: int) -> NoReturn:
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            for number in set(range(3, 256)) - {*files, gate}:
                with contextlib.suppress(OSError):
                    os.close(number)
            status = self._act(visitor, [*files, gate])
            os._exit(status)

        status = 1
        try:
            forks = Prefork(self._settings, become)
            forks.listen(door, ours=True)
            here, there = socket.socketpair()
            prefork._take_signals(forks, prefork.Life(there.fileno()))
            forks.run()
            here.close()
            status = 0
        finally:
            os._exit(status)

    def knock(self, visitor: Visitor) -> tuple[socket.socket, int]:
        """A door's link, and the end of the terminal that it keeps."""
        link = self._held.enter_context(hand_over.open_socket())
        link.connect(str(self.place))
        ours, theirs = os.pipe()
        self._held.callback(os.close, ours)
        hand_over.send(link, visitor.message(), [theirs])
        os.close(theirs)
        return link, ours

    def wait(self) -> int:
        _pid, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


def leave_with_seven(_visitor: Visitor, _files: list[int]) -> int:
    return 7


def stay(_visitor: Visitor, files: list[int]) -> int:
    os.write(files[0], b"here")
    os.close(files[-1])
    signal.pause()
    return 0


def stay_stubbornly(visitor: Visitor, files: list[int]) -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    return stay(visitor, files)


def somebody(address: str = "192.0.2.7", key: str = "") -> Visitor:
    return Visitor("ssh", address, 1, key=key)


def test_the_door_hears_how_the_session_ended(tmp_path: Path) -> None:
    with Server(tmp_path, leave_with_seven).running() as server:
        link, ours = server.knock(somebody())
        assert said(link) == {"exit": 7}
        assert said(link) == {}
        assert os.read(ours, 10) == b"", "nobody else holds the terminal"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_the_door_can_signal_its_session(tmp_path: Path, number: int, status: int) -> None:
    with Server(tmp_path, stay).running() as server:
        link, ours = server.knock(somebody())
        assert os.read(ours, 10) == b"here"
        hand_over.send(link, {"signal": signal.SIGKILL})  # none that a client could ask for
        hand_over.send(link, {"signal": number})
        assert said(link) == {"exit": status}


def test_when_the_door_is_gone_nobody_sits_there_any_more(tmp_path: Path) -> None:
    with Server(tmp_path, stay).running() as server:
        link, ours = server.knock(somebody())
        assert os.read(ours, 10) == b"here"
        link.close()
        assert os.read(ours, 10) == b"", "the session has ended"


def test_a_session_that_hangs_when_its_door_is_gone_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(visitor: Visitor, files: list[int]) -> int:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        return stay(visitor, files)

    monkeypatch.setattr(prefork, "ALONE", 0.05)
    with Server(tmp_path, hang, sessions=1).running() as server:
        link, ours = server.knock(somebody())
        assert os.read(ours, 10) == b"here"
        link.close()
        assert os.read(ours, 10) == b"", "the session has ended"


@pytest.mark.parametrize(
    ("limits", "here", "coming"),
    [
        ({"sessions": 1}, somebody(), somebody("198.51.100.1")),
        ({"sessions_an_address": 1}, somebody(), somebody()),
        ({"sessions_a_key": 1}, somebody(key=KEY), somebody("198.51.100.1", KEY)),
    ],
    ids=["in all", "an address", "a key"],
)
def test_one_too_many_is_turned_away_with_a_sentence_until_another_leaves(
    tmp_path: Path, limits: dict[str, int], here: Visitor, coming: Visitor
) -> None:
    with Server(tmp_path, stay, **limits).running() as server:
        first, ours = server.knock(here)
        assert os.read(ours, 10) == b"here"
        refused, other = server.knock(coming)
        assert "refused" in said(refused)
        assert os.read(other, 10) == b""
        hand_over.send(first, {"signal": signal.SIGTERM})
        while "exit" not in said(first):
            pass
        _let_in, third = server.knock(coming)
        assert os.read(third, 10) == b"here"


def test_guests_leave_a_place_to_whoever_is_known_and_one_who_logs_in_is_none(tmp_path: Path) -> None:
    def log_in_when_asked(visitor: Visitor, files: list[int]) -> int:
        os.write(files[0], b"here")
        while not (tmp_path / f"log-in-{visitor.address}").exists():
            time.sleep(0.002)
        os.write(files[-1], session.DRAWN + session.LOGGED_IN)
        signal.pause()
        return 0

    with Server(tmp_path, log_in_when_asked, sessions=3, drain=0).running() as server:
        guests = [somebody("192.0.2.1"), somebody("192.0.2.2")]
        for visitor in guests:
            _link, ours = server.knock(visitor)
            assert os.read(ours, 10) == b"here"
        refused, _ours = server.knock(somebody("192.0.2.3"))
        assert said(refused) == {"refused": "The server is full at the moment. Please try again in a few minutes."}
        known, ours = server.knock(somebody("192.0.2.4", KEY))
        assert os.read(ours, 10) == b"here"
        known.close()
        assert os.read(ours, 10) == b""
        (tmp_path / "log-in-192.0.2.1").touch()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            _link, ours = server.knock(somebody("192.0.2.3"))
            if os.read(ours, 10) == b"here":
                break
        else:
            pytest.fail("the place of a guest who has logged in was never another guest's")


def test_one_limit_says_nothing_about_others(tmp_path: Path) -> None:
    with Server(tmp_path, stay, sessions_an_address=1, sessions_a_key=1).running() as server:
        for visitor in (somebody(key=KEY), somebody("198.51.100.1"), somebody("")):
            _link, ours = server.knock(visitor)
            assert os.read(ours, 10) == b"here"


def test_those_who_come_at_once_are_started_one_after_another(tmp_path: Path) -> None:
    def draw_when_asked(visitor: Visitor, files: list[int]) -> int:
        os.write(files[0], b"started")
        while not (tmp_path / f"go-{visitor.address}").exists():
            time.sleep(0.002)
        return stay(visitor, files)

    with Server(tmp_path, draw_when_asked, starts_at_once=1).running() as server:
        links = [server.knock(somebody(f"192.0.2.{number}")) for number in (1, 2)]
        (_first, one), (_second, two) = links
        assert os.read(one, 10) == b"started"
        os.set_blocking(two, False)
        with pytest.raises(BlockingIOError):
            os.read(two, 10)
        (tmp_path / "go-192.0.2.1").touch()
        os.set_blocking(two, True)
        assert os.read(two, 10) == b"started", "the first has drawn, so it is the second's turn"


def test_what_is_no_visitor_gets_no_session(tmp_path: Path) -> None:
    with Server(tmp_path, stay).running() as server:
        for data, files in ((b"{", True), (somebody().message(), False), (Visitor("sshd").message(), True)):
            link = hand_over.open_socket()
            link.connect(str(server.place))
            reader, writer = os.pipe()
            hand_over.send(link, data, [writer] if files else [])
            os.close(writer)
            assert said(link) == {}
            assert os.read(reader, 1) == b""
            link.close()
            os.close(reader)
        _link, ours = server.knock(somebody())
        assert os.read(ours, 10) == b"here", "and whoever is one gets theirs"


def test_told_to_end_it_ends_everybody_and_lets_nobody_in(tmp_path: Path) -> None:
    with Server(tmp_path, stay).running() as server:
        link, ours = server.knock(somebody())
        assert os.read(ours, 10) == b"here"
        os.kill(server.pid, signal.SIGTERM)
        assert "exit" in said(link)
        assert server.wait() == 0


def test_a_session_that_does_not_end_hangs_up_and_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefork, "ORDERLY", 0.05)
    monkeypatch.setattr(prefork, "HUNG_UP", 0.05)
    with Server(tmp_path, stay_stubbornly).running() as server:
        link, ours = server.knock(somebody())
        assert os.read(ours, 10) == b"here"
        os.kill(server.pid, signal.SIGTERM)
        assert said(link) == {"hang_up": True}
        assert said(link) == {"exit": 137}
        assert server.wait() == 0


def test_when_newer_code_takes_over_whoever_is_here_stays_and_nobody_else_comes(tmp_path: Path) -> None:
    with Server(tmp_path, stay).running() as server:
        link, ours = server.knock(somebody())
        assert os.read(ours, 10) == b"here"
        os.kill(server.pid, signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with hand_over.open_socket() as probe:
                try:
                    probe.connect(str(server.place))
                except ConnectionRefusedError:
                    break
        os.kill(server.pid, 0)
        hand_over.send(link, {"signal": signal.SIGTERM})
        assert said(link) == {"exit": 143}
        assert server.wait() == 0, "it ends with its last visitor"
