"""The real server, with the real processes, at loopback; and somebody who comes by SSH."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pyte

from core.models.accounts import Role
from tests.factories.desks import make_desk, person

PATIENCE = 20.0
"""Seconds until a test that waits says that it waited in vain."""
SIZE = (80, 24)


def set_up(folder: Path) -> Path:
    """A desk in ``folder`` that has an administrator, so that people can come."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    desk = make_desk(folder)
    person(desk, "ada", Role.ADMIN)
    desk.close()
    return folder


class Server:
    """``okienko serve`` of the desk in ``folder``, at ports that the system chose."""

    def __init__(self, folder: Path, *, cold: bool = True, **settings: str) -> None:
        """``cold``: ready sooner, and sessions are slower. ``settings`` are variables of the environment."""
        self.folder = folder
        self._cold = cold
        self.log = folder / "serve.log"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._before = 0
        """Bytes that an earlier one has logged."""
        self.ports: list[int] = []

    @property
    def pid(self) -> int:
        """The supervisor's."""
        assert self._process is not None
        return self._process.pid

    @property
    def lines(self) -> list[str]:
        """What it has logged since it was started the last time."""
        return self.log.read_bytes()[self._before :].decode().splitlines() if self.log.exists() else []

    @property
    def port(self) -> int:
        """Of SSH."""
        return self.ports[0]

    def pids(self, child: str) -> list[int]:
        """The processes that were started under this name, the latest last."""
        found = (re.fullmatch(rf"started child={child} pid=(\d+)", line) for line in self.lines)
        return [int(each[1]) for each in found if each]

    def sessions(self) -> list[int]:
        """The processes of sessions, in the order that they came."""
        found = (re.match(r"session_begin id=\S+ pid=(\d+)", line) for line in self.lines)
        return [int(each[1]) for each in found if each]

    def session_of(self, key: str) -> int:
        """The process of the latest session that came with this key."""
        found = (re.match(rf"session_begin id=\S+ pid=(\d+) .*key={re.escape(key)}", line) for line in self.lines)
        return [int(each[1]) for each in found if each][-1]

    @contextlib.contextmanager
    def running(self) -> Iterator[Server]:
        """Until the block is left; then told to end."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "OKIENKO_DATA_DIR": str(self.folder),
            "OKIENKO_SERVE__SSH": "127.0.0.1:0",
            "OKIENKO_SERVE__MAIL": "false",
            "OKIENKO_SERVE__JOBS": "false",
            "OKIENKO_SERVE__DRAIN": "0",
            **self._settings,
        }
        with self.log.open("ab") as log:
            self._before = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tui", "serve", *(["--cold"] if self._cold else [])],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self.until(lambda: "open" in self.lines)
            self.ports = [int(port) for port in re.findall(r"listening address=\S+ port=(\d+)", "\n".join(self.lines))]
            yield self
        finally:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for what happens in other processes."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert self._process is None or self._process.poll() is None, "\n".join(self.lines)
            assert time.monotonic() < deadline, "\n".join(self.lines)
            time.sleep(0.01)

    async def comes(self, true: Callable[[], bool]) -> None:
        """The same in an event loop, which goes on meanwhile."""
        async with asyncio.timeout(PATIENCE):
            while not true():  # noqa: ASYNC110 - it happens in other processes
                await asyncio.sleep(0.01)

    def alive(self, pid: int) -> bool:
        """Whether a process is there and not just waiting to be noticed as gone."""
        try:
            return (
                Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
                != "Z"
            )
        except OSError:
            return False


class Visit(asyncssh.SSHClientSession[bytes]):
    """Somebody at a terminal: what they see, and what they type."""

    def __init__(self, size: tuple[int, int] = SIZE) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = 0
        self.raw = b""
        self._news = asyncio.Event()
        self.channel: Any = None
        self.status: int | None = None
        self.over = False

    def connection_made(self, chan: Any) -> None:
        self.channel = chan

    def data_received(self, data: Any, datatype: Any) -> None:
        self.bytes += len(data)
        self.raw = (self.raw + data)[-200_000:]
        self._stream.feed(data)
        self._news.set()

    def exit_status_received(self, status: int) -> None:
        self.status = status

    def connection_lost(self, exc: Exception | None) -> None:
        self.over = True
        self._news.set()

    @property
    def text(self) -> str:
        """The screen as lines."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def type(self, text: str) -> None:
        """Press these keys."""
        self.channel.write(text.encode())

    async def sees(self, *words: str) -> None:
        """Until all of these stand on the screen."""
        await self.until(lambda: all(word in self.text for word in words))

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for what the program draws."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    assert not self.over, f"the session has ended ({self.status}):\n{self.text}"
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(self.text) from None

    async def ends(self) -> int | None:
        """Wait for the end; its status."""
        async with asyncio.timeout(PATIENCE):
            while not self.over:
                self._news.clear()
                await self._news.wait()
        return self.status


class Client(asyncssh.SSHClient):
    """Answers no question, because it is asked none."""

    def kbdint_auth_requested(self) -> str:
        return ""

    def kbdint_challenge_received(self, name: str, instructions: str, lang: str, prompts: Any) -> list[str]:
        return []


@contextlib.asynccontextmanager
async def connected(port: int, *, keys: Any = (), **options: Any) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """A connection to the door as a client of OpenSSH makes one: keys first, then without."""
    options = {
        "client_factory": Client,
        "username": "desk",
        "agent_path": None,
        "config": [],
        "known_hosts": None,
        **options,
    }
    async with asyncssh.connect(
        "127.0.0.1", port, client_keys=list(keys), preferred_auth="publickey,keyboard-interactive", **options
    ) as connection:
        yield connection


async def visiting(
    connection: asyncssh.SSHClientConnection, *words: str, size: tuple[int, int] = SIZE, term: str = "xterm-256color"
) -> Visit:
    """Open the program (or a command) on a terminal of this connection."""
    _channel, visit = await connection.create_session(
        lambda: Visit(size), command=" ".join(words) or None, term_type=term, term_size=size, encoding=None
    )
    return visit


def rss(pid: int) -> int:
    """Memory that is the process's alone, in kB."""
    fields = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in fields if line.startswith(("Private_Dirty", "Private_Clean")))
