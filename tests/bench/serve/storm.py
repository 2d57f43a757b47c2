"""Fifty who connect by SSH at the same instant, each from an address of their own."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from pathlib import Path

import asyncssh

from tests.bench.report import line, percentile
from tests.bench.serve.first_frame import way_in_is_there
from tests.support.forked import LIMITS
from tests.support.server import Server, connected, visiting

COUNT = 50


def measure(folder: Path) -> None:
    """As the server is set up by itself, and with room for all at its door."""
    for strangers in ("20", "100"):
        settings = {**LIMITS, "OKIENKO_SERVE__STRANGERS": strangers}
        with Server(folder, cold=False, **settings).running() as server:
            asyncio.run(_come(server.port, strangers))


async def _come(port: int, strangers: str) -> None:
    taken = await asyncio.gather(*(_visit(port, f"127.0.0.{number + 2}") for number in range(COUNT)))
    frames = [each for each in taken if each is not None]
    line(
        "serve.storm",
        came=COUNT,
        most_strangers=int(strangers),
        frame_p50_s=round(statistics.median(frames), 2),
        frame_p95_s=round(percentile(frames, 0.95), 2),
        frame_max_s=round(max(frames), 2),
        lost=COUNT - len(frames),
        load=round(os.getloadavg()[0], 2),
    )


async def _visit(port: int, address: str) -> float | None:
    """Seconds to the whole way in; None for whoever was turned away."""
    begun = time.perf_counter()
    try:
        async with connected(port, local_addr=(address, 0)) as connection:
            visit = await visiting(connection)
            await visit.until(lambda: way_in_is_there(visit.raw))
            taken = time.perf_counter() - begun
            await asyncio.sleep(3)  # nobody leaves before the last has come
            return taken
    except (OSError, asyncssh.Error, AssertionError, TimeoutError):
        return None
