"""Those who come in hundreds and say nothing, or anything: both doors stay small, and others get in."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterator

import pytest

from tests.support.amounts import times
from tests.support.server import SIZE, Server, Visit, connected, rss, set_up, visiting

pytestmark = [pytest.mark.xdist_group("server"), pytest.mark.thorough]
HUNDREDS = 400
ROOM = 16_000
"""Kilobytes that a door may have grown by."""
DOORS = ("ssh", "web")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(set_up(tmp_path_factory.mktemp("served")), OKIENKO_SERVE__WEB="127.0.0.1:0").running() as running:
        yield running


def knock(port: int, address: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(address, 0))


def answers(door: str, port: int, address: str) -> bool:
    """Whether somebody from this address is let in."""
    with knock(port, address) as client:
        if door == "web":
            client.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        with contextlib.suppress(OSError):
            return client.recv(12) in (b"SSH-2.0-Okie", b"HTTP/1.1 200")
        return False


@pytest.mark.parametrize("door", DOORS)
def test_hundreds_who_say_nothing_keep_no_one_else_out(server: Server, door: str) -> None:
    port, pid = server.ports[DOORS.index(door)], server.pids(door)[-1]
    assert answers(door, port, "127.0.0.2")
    before = rss(pid)
    with contextlib.ExitStack() as stack:
        for _number in range(HUNDREDS):
            stack.enter_context(knock(port))
        assert answers(door, port, "127.0.0.2")
        assert rss(pid) - before < ROOM
    server.until(lambda: answers(door, port, "127.0.0.1"))
    assert server.pids(door) == [pid], "it was never started again"


@pytest.mark.parametrize("door", DOORS)
def test_hundreds_who_send_garbage_and_never_read(server: Server, door: str) -> None:
    port, pid = server.ports[DOORS.index(door)], server.pids(door)[-1]
    chance = random.Random(door)
    begins = (
        b"",
        b"SSH-2.0-x\r\n",
        b"GET / HTTP/1.1\r\n",
        b"POST /session HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n",
    )
    before = rss(pid)
    with contextlib.ExitStack() as stack:
        for _number in range(HUNDREDS):
            client = stack.enter_context(knock(port, f"127.0.0.{chance.randrange(3, 9)}"))
            client.setblocking(False)
            with contextlib.suppress(OSError):  # it has hung up, or takes no more
                client.sendall(chance.choice(begins) + chance.randbytes(chance.choice((10, 3_000, 200_000))))
        assert rss(pid) - before < ROOM
        server.until(lambda: answers(door, port, "127.0.0.2"))
    server.until(lambda: answers(door, port, "127.0.0.3"))
    assert server.pids(door) == [pid]


async def test_a_client_that_signals_before_its_session_is_there_ends_nobody_elses(server: Server) -> None:
    async with connected(server.port) as innocent:
        visit = await visiting(innocent)
        await visit.sees("Login or e-mail")
        for name in ("TERM", "HUP") * times(4, 20):
            async with connected(server.port) as rude:
                channel, _visit = await rude.create_session(Visit, term_type="xterm", term_size=SIZE, encoding=None)
                channel.send_signal(name)
                rude.abort()
        visit.type("ola")
        await visit.sees("ola")
        assert not any(line.startswith("ending") for line in server.lines)


async def test_a_session_goes_on_while_hundreds_are_rude(server: Server) -> None:
    async with connected(server.port, local_addr=("127.0.0.9", 0)) as connection:
        visit = await visiting(connection)
        await visit.sees("Login or e-mail")
        with contextlib.ExitStack() as stack:
            for port in server.ports:
                for _number in range(HUNDREDS // 2):
                    stack.enter_context(knock(port))
            visit.type("ola")
            await visit.sees("ola")
