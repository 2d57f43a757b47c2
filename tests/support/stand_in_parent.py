"""In the place of the process that sessions are forked from: it takes what a door hands over, and the test is the
program. And a door for browsers, open at a port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
import struct
import termios
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from core.service.settings import ServeSection, Settings
from tui.serve import hand_over
from tui.serve.hand_over import Visitor
from tui.serve.side import SideChannel
from tui.serve.web.listener import Listener
from tui.serve.web.server import PROTOCOL, TOKEN, WebDoor

PATIENCE = 10.0
"""Seconds until a test that waits says that it waited in vain."""


class Program:
    """What a session's program would hold: its terminal, and its side channel."""

    def __init__(self, visitor: Visitor, link: socket.socket, files: list[int]) -> None:
        self.visitor = visitor
        self._link = link
        self._terminal = files[0]
        self.side = SideChannel(socket.socket(fileno=files[1]), takes_files=True)
        os.set_blocking(self._terminal, False)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of its terminal."""
        rows, columns, _x, _y = struct.unpack("HHHH", fcntl.ioctl(self._terminal, termios.TIOCGWINSZ, bytes(8)))
        return columns, rows

    def says(self, data: bytes) -> int:
        """Write as much as the terminal takes at once; returns how much that was."""
        try:
            return os.write(self._terminal, data)
        except BlockingIOError:
            return 0

    async def writes(self, data: bytes) -> None:
        """Write all of it, as the door takes it."""
        while data:
            taken = self.says(data)
            data = data[taken:]
            if not taken:
                await self._until_ready(asyncio.get_running_loop().add_writer, asyncio.get_running_loop().remove_writer)

    async def reads(self, count: int) -> bytes:
        """The next so many bytes that were typed."""
        data = b""
        while len(data) < count:
            try:
                data += os.read(self._terminal, count - len(data))
            except BlockingIOError:
                await self._until_ready(asyncio.get_running_loop().add_reader, asyncio.get_running_loop().remove_reader)
        return data

    async def _until_ready(self, add: Any, remove: Any) -> None:
        ready = asyncio.Event()
        add(self._terminal, ready.set)
        try:
            await asyncio.wait_for(ready.wait(), PATIENCE)
        finally:
            remove(self._terminal)

    async def hung_up(self) -> None:
        """Until the door has let go of the session."""
        async with asyncio.timeout(PATIENCE):
            while await asyncio.get_running_loop().sock_recv(self._link, 1000):
                pass

    def ends(self, status: int = 0) -> None:
        """The session is over."""
        hand_over.send(self._link, {"exit": status})
        self.close()

    def refuses(self, sentence: str) -> None:
        """It was never begun."""
        hand_over.send(self._link, {"refused": sentence})

    def close(self) -> None:
        if self._terminal >= 0:
            os.close(self._terminal)
            self._terminal = -1
            self._link.close()
            self.side._link.close()


class StandIn:
    """Listens where doors hand over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = hand_over.open_socket()
        self._socket.bind(str(path))
        self._socket.listen(64)
        self._socket.setblocking(False)
        self._programs: list[Program] = []

    async def program(self) -> Program:
        """The next that was handed over."""
        loop = asyncio.get_running_loop()
        link, _address = await asyncio.wait_for(loop.sock_accept(self._socket), PATIENCE)
        got = hand_over.receive(link)
        assert got is not None
        program = Program(hand_over.visitor(got[0]), link, got[1])
        link.setblocking(False)
        self._programs.append(program)
        return program

    def close(self) -> None:
        for program in self._programs:
            program.close()
        self._socket.close()


@dataclass
class Screen:
    """A page's end of a WebSocket: bytes, and what was said beside them."""

    socket: aiohttp.ClientWebSocketResponse
    token: str = ""
    shown: bytearray = field(default_factory=bytearray)
    messages: list[dict[str, Any]] = field(default_factory=list)

    async def next(self) -> bool:
        """Take the next frame; False at the end."""
        frame = await asyncio.wait_for(self.socket.receive(), PATIENCE)
        if frame.type is aiohttp.WSMsgType.BINARY:
            self.shown += frame.data
        elif frame.type is aiohttp.WSMsgType.TEXT:
            self.messages.append(frame.json())
            self.token = self.messages[-1].get("session", self.token)
        else:
            return False
        return True

    async def sees(self, data: bytes) -> None:
        """Until these bytes have come."""
        while data not in self.shown:
            assert await self.next(), f"{self.socket.close_code}: {bytes(self.shown)!r}"

    async def hears(self, name: str) -> Any:
        """What is said under this name."""
        while not any(name in message for message in self.messages):
            assert await self.next(), f"{self.socket.close_code}: {self.messages}"
        return next(message[name] for message in self.messages if name in message)

    async def end(self) -> int | None:
        """The number that the connection is closed with."""
        while await self.next():
            pass
        return self.socket.close_code

    async def says(self, **message: Any) -> None:
        await self.socket.send_json(message)

    async def types(self, data: bytes) -> None:
        await self.socket.send_bytes(data)


class OpenDoor:
    """A door that is open, its parent, and a client."""

    def __init__(self, door: WebDoor, parent: StandIn, listener: Listener, port: int, scheme: str) -> None:
        self.door, self.parent, self.listener, self.port = door, parent, listener, port
        self.url = f"{scheme}://127.0.0.1:{port}"
        self._sockets: list[aiohttp.ClientWebSocketResponse] = []
        self.client = aiohttp.ClientSession(self.url, connector=aiohttp.TCPConnector(limit=0, ssl=False))

    async def connect(self, token: str = "", *, hello: Any = None, headers: dict[str, str] | None = None) -> Screen:
        """Connect as the page does, and say what it wants."""
        protocols = [PROTOCOL, TOKEN + token] if token else [PROTOCOL]
        socket = await self.client.ws_connect(
            "/session", protocols=protocols, headers={"Origin": self.url} | (headers or {}), max_msg_size=0
        )
        await socket.send_json({"size": [80, 24]} if hello is None else hello)
        self._sockets.append(socket)
        return Screen(socket)

    async def session(self, **connecting: Any) -> tuple[Screen, Program]:
        """A new session, with a page at its one end and a program at the other."""
        screen = await self.connect(**connecting)
        program = await self.parent.program()
        await screen.hears("session")
        return screen, program

    async def close(self) -> None:
        """Leave, as a closed browser does."""
        for each in self._sockets:
            await each.close()
        await self.client.close()

    async def sessions(self, count: int) -> None:
        """Until so many are open."""
        await until(lambda: len(self.door.sessions) == count)


async def until(reached: Callable[[], bool]) -> None:
    """Let everything in this process go on until that is so."""
    async with asyncio.timeout(PATIENCE):
        while not reached():  # noqa: ASYNC110 - turns of the loop, no time
            await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def open_door(folder: Path, *, language: str = "en", **serve: Any) -> AsyncIterator[OpenDoor]:
    """A door at loopback with these settings of ``[serve]``."""
    folder.mkdir(exist_ok=True)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    section = ServeSection(web=f"127.0.0.1:{port}", **serve)
    settings = Settings(data_dir=folder, serve=section)
    settings = settings.model_copy(update={"desk": settings.desk.model_copy(update={"language": language})})
    parent = StandIn(folder / "parent")
    door = WebDoor(settings, parent.path, port)
    runner = web.AppRunner(door.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    assert runner.server is not None
    listener = Listener(listening, runner.server, settings)
    accepting = asyncio.ensure_future(listener.run())
    opened = OpenDoor(door, parent, listener, port, "https" if section.certificate else "http")
    try:
        yield opened
    finally:
        accepting.cancel()
        await opened.close()
        await runner.cleanup()
        parent.close()
        listening.close()
