"""Bytes of each act over SSH at 80×24, and the time to the first screen through a line of 200 ms."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from tests.bench.report import line
from tests.bench.serve.first_frame import way_in_is_there
from tests.support.forked import LIMITS
from tests.support.server import Server, Visit, connected, visiting

ONE_WAY = 0.1
QUIET = 0.7
IDLE = 10.0
LETTERS = "ola.nowak@example"


def measure(folder: Path) -> None:
    """A guest's first screen, letters, Tab, and nothing."""
    with Server(folder, cold=False, **LIMITS).running() as server:
        asyncio.run(_visit(server.port))


async def _visit(port: int) -> None:
    async with _slow_line(port) as slow, connected(slow.port) as connection:
        visit = await visiting(connection)
        asked = slow.last_asked
        await visit.until(lambda: way_in_is_there(visit.raw))
        whole, answered = visit.bytes, slow.last_answered
        await _quiet(visit)
        line(
            "serve.first_screen",
            bytes=whole,
            bytes_until_quiet=visit.bytes,
            server_s=round(answered - asked, 2),
        )
        letters = [await _press(visit, letter) for letter in LETTERS]
        tabs = [await _press(visit, "\t") for _number in range(6)]
        before = visit.bytes
        await asyncio.sleep(IDLE)
        line(
            "serve.acts",
            letter_bytes=sorted(letters)[len(letters) // 2],
            letter_most=max(letters),
            tab_bytes=sorted(tabs)[len(tabs) // 2],
            tab_most=max(tabs),
            idle_bytes=visit.bytes - before,
        )


async def _press(visit: Visit, key: str) -> int:
    before = visit.bytes
    visit.type(key)
    await _quiet(visit)
    return visit.bytes - before


async def _quiet(visit: Visit) -> None:
    """Until nothing has come for a while."""
    before = -1
    while visit.bytes != before:
        before = visit.bytes
        await asyncio.sleep(QUIET)


class _SlowLine:
    """A proxy that holds everything for a tenth of a second each way, and knows when the server had its say."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.port = 0
        self.last_asked = 0.0
        """When something last reached the server."""
        self.last_answered = 0.0
        """When something last came from it that has arrived at the client by now."""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        with contextlib.suppress(asyncio.CancelledError):  # the end of the bench
            await asyncio.gather(self._carry(reader, back, ask=True), self._carry(there, writer, ask=False))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, ask: bool) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                loop.call_later(ONE_WAY, self._deliver, writer, data, time.perf_counter(), ask)
        loop.call_later(ONE_WAY, writer.close)

    def _deliver(self, writer: asyncio.StreamWriter, data: bytes, came: float, ask: bool) -> None:
        if ask:
            self.last_asked = time.perf_counter()
        else:
            self.last_answered = came
        writer.write(data)


@contextlib.asynccontextmanager
async def _slow_line(port: int) -> AsyncIterator[_SlowLine]:
    slow = _SlowLine(port)
    server = await asyncio.start_server(slow.take, "127.0.0.1", 0)
    slow.port = server.sockets[0].getsockname()[1]
    try:
        yield slow
    finally:
        server.close()
