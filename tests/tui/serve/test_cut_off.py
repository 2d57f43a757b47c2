"""Clients and sessions that are cut off at random moments of typing, over SSH and with the real server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from core.service.desk import Desk
from tests.support import amounts
from tests.support.server import Server
from tests.support.typists import Typist, real_desk

pytestmark = [pytest.mark.xdist_group("server"), pytest.mark.thorough]
AT_MOST = 5.0
"""Seconds of typing that may be lost."""
AT_ONCE = 10
LEAST = 10
"""Characters of a text that is kept."""
HOW = ("client cut", "client killed", "session killed", "session told")


async def cut_off(desk: Desk, server: Server, number: int) -> tuple[str, int, float]:
    """Somebody types and is cut off. How, and what is lost: letters, and seconds since the first of them."""
    chance = random.Random(number)
    how = chance.choice(HOW)
    typist = Typist(desk, f"cut{number}")
    async with contextlib.AsyncExitStack() as stack:
        await typist.come(server, stack)
        pace, end = chance.uniform(0.03, 0.3), time.monotonic() + chance.uniform(0.5, 14)
        while time.monotonic() < end:
            typist.type(chance.choice("abcdefgh "))
            rests = chance.random() < 0.03
            pause = chance.uniform(1, 5) if rests else chance.expovariate(1 / pace)
            await asyncio.sleep(min(pause, max(0, end - time.monotonic())))
        ended = time.monotonic()
        assert typist.connection is not None
        if how == "client cut":
            typist.connection.abort()
        elif how == "client killed":  # its terminal is gone, nobody says goodbye
            typist.connection._transport.close()  # type: ignore[union-attr]
        else:
            os.kill(typist.pid, signal.SIGKILL if how == "session killed" else signal.SIGTERM)
        await server.comes(lambda: not server.alive(typist.pid))
    kept = typist.kept
    assert typist.typed.startswith(kept), "what is there was typed in this order"
    if len(typist.typed) < LEAST or kept == typist.typed:
        return how, 0, 0.0
    # A text is kept from its tenth letter on: before that, none of it can be.
    first_lost = next(at for at, count in typist.letters if count > max(len(kept), LEAST - 1))
    return how, len(typist.typed) - len(kept), ended - first_lost


async def test_who_is_cut_off_loses_five_seconds_of_typing_at_most(tmp_path: Path) -> None:
    """``CUTS=200`` plays so many."""
    wanted = int(os.environ.get("CUTS", amounts.times(4, 200)))
    desk = real_desk(tmp_path / "desk")
    most_letters, most_seconds = 0, 0.0
    with Server(desk.settings.data_dir, OKIENKO_SERVE__SESSIONS_AN_ADDRESS="100").running() as server:
        for first in range(0, wanted, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, wanted))
            for how, letters, seconds in await asyncio.gather(*(cut_off(desk, server, each) for each in numbers)):
                assert seconds <= AT_MOST, f"{how}: {letters} letters, typed up to {seconds:.1f} s before"
                most_letters, most_seconds = max(most_letters, letters), max(most_seconds, seconds)
    sys.stdout.write(f"{wanted} cuts: at most {most_letters} letters lost, typed in {most_seconds:.1f} s\n")
    desk.close()
