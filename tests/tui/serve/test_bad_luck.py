"""What dies, runs full or goes away under people who type: the rest goes on, and nobody loses a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.service.desk import Desk
from tests.factories.desks import seat
from tests.factories.keys import confirmed, ed25519_key
from tests.support import postgres
from tests.support.forked import Forked, Seat
from tests.support.server import PATIENCE, Server, connected, visiting
from tests.support.typists import SENTENCE, Typist, all_come, real_desk

pytestmark = [pytest.mark.xdist_group("server"), pytest.mark.thorough]
MANY = 20


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One for the module."""
    made = real_desk(tmp_path_factory.mktemp("served"))
    yield made
    made.close()


def serving(desk: Desk, **settings: str) -> Server:
    limits = {"OKIENKO_SERVE__SESSIONS_AN_ADDRESS": "100", **settings}
    return Server(desk.settings.data_dir, **limits)


async def typed_something(desk: Desk, name: str, server: Server, stack: contextlib.AsyncExitStack) -> Typist:
    """Somebody in the middle of a sentence, of which nothing is written down yet."""
    typist = Typist(desk, name)
    await typist.come(server, stack)
    typist.type(SENTENCE)
    await typist.is_drawn()
    return typist


async def somebody_gets_in(server: Server) -> None:
    async with connected(server.port) as connection:
        await (await visiting(connection)).sees("Login or e-mail")


async def test_the_ssh_door_is_killed(desk: Desk) -> None:
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(serving(desk).running())
        typist = await typed_something(desk, "behind_the_door", server, stack)
        os.kill(server.pids("ssh")[-1], signal.SIGKILL)
        await server.comes(lambda: not server.alive(typist.pid))
        assert typist.kept == typist.typed
        await server.comes(lambda: server.lines.count("ready child=ssh") == 2)
        await somebody_gets_in(server)


async def test_the_process_with_the_sessions_is_killed(desk: Desk) -> None:
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(serving(desk).running())
        typist = await typed_something(desk, "forked", server, stack)
        os.kill(server.pids("sessions")[-1], signal.SIGKILL)
        await typist.ends()
        assert typist.visit is not None and b"\x1b[?1049l" in typist.visit.raw[-300:], "the terminal is as it was"
        await server.comes(lambda: not server.alive(typist.pid))
        assert typist.kept == typist.typed
        await server.comes(lambda: server.lines.count("ready child=sessions") == 2)
        await somebody_gets_in(server)


async def test_whoever_comes_while_nobody_forks_sessions_is_told_to_come_again(desk: Desk) -> None:
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(serving(desk).running())
        os.kill(server.pids("sessions")[-1], signal.SIGKILL)
        connection = await stack.enter_async_context(connected(server.port))
        visit = await visiting(connection)  # waits at the socket, which is the supervisor's
        await visit.sees("Login or e-mail")


async def test_the_supervisor_is_killed_and_started_again(desk: Desk, tmp_path: Path) -> None:
    temporary = tmp_path / "t"
    temporary.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kiosk = desk.settings.data_dir / "kiosk"
    settings = {"OKIENKO_SERVE__SSH": f"127.0.0.1:{port}", "OKIENKO_SERVE__KIOSK": str(kiosk), "TMPDIR": str(temporary)}
    for name in ("first", "second"):
        async with contextlib.AsyncExitStack() as stack:
            server = stack.enter_context(serving(desk, OKIENKO_SSH__KIOSK_UID="4711", **settings).running())
            typist = await typed_something(desk, name, server, stack)
            assert [each.name for each in temporary.iterdir()], "the sockets' folder"
            os.kill(server.pid, signal.SIGKILL)
            assert await typist.ends() == 143
            children = [server.pids(child)[-1] for child in ("ssh", "sessions")]
            await server.comes(partial(none_alive, server, children))
            assert typist.kept == typist.typed
            assert not list(temporary.iterdir()), "nothing is left lying about"


def none_alive(server: Server, pids: list[int]) -> bool:
    return not any(map(server.alive, pids))


async def test_told_to_end_while_twenty_people_type(desk: Desk) -> None:
    """Nobody loses a sentence: who is told finishes it, and it is kept."""
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(serving(desk, OKIENKO_SERVE__DRAIN="2").running())
        typists = [Typist(desk, f"typist{number}") for number in range(MANY)]
        await all_come(typists, server, stack)

        async def go_on(typist: Typist) -> None:
            assert typist.visit is not None
            for word in (SENTENCE * 3).split(" "):
                typist.type(f"{word} ")
                await asyncio.sleep(0.05)
                if "restarted" in typist.visit.text:
                    break
            typist.type("To be continued.")

        typing = [asyncio.ensure_future(go_on(each)) for each in typists]
        await asyncio.sleep(0.3)
        os.kill(server.pid, signal.SIGTERM)
        await asyncio.gather(*typing)
        for typist in typists:
            assert await typist.ends() == 143
        lost = {each.name: (each.typed, each.kept) for each in typists if each.kept != each.typed}
        assert not lost


async def test_newer_code_takes_over_while_people_are_inside(desk: Desk) -> None:
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(serving(desk).running())
        typist = await typed_something(desk, "inside", server, stack)
        before = [server.pids(child)[-1] for child in ("sessions", "ssh")]
        os.kill(server.pid, signal.SIGHUP)
        await server.comes(lambda: server.lines.count("ready child=ssh") == 2)
        await server.comes(lambda: server.lines.count("ready child=sessions") == 2)
        async with connected(server.port) as connection:
            await (await visiting(connection)).sees("Login or e-mail")
            assert parent_of(server.sessions()[-1]) == server.pids("sessions")[-1] != before[0]
        typist.type("Still here.")
        await typist.is_drawn()
        assert all(map(server.alive, [typist.pid, *before]))
        assert typist.visit is not None
        typist.connection.abort()  # type: ignore[union-attr]
        await server.comes(lambda: none_alive(server, [typist.pid, *before]))
        assert typist.kept == typist.typed
        await somebody_gets_in(server)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


async def test_a_session_whose_client_does_not_read_holds_the_end_up_for_seconds_at_most(desk: Desk) -> None:
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(serving(desk).running())
        connection = await stack.enter_async_context(connected(server.port))
        visit = await visiting(connection, size=(200, 60))
        await visit.sees("Login or e-mail")
        connection._transport.pause_reading()  # type: ignore[union-attr] # asyncssh's own would go on reading packets
        for number in range(400):
            visit.channel.change_terminal_size(150 + number % 50, 40 + number % 20)
            await asyncio.sleep(0.002)
        pid = server.sessions()[-1]
        os.kill(server.pid, signal.SIGTERM)
        await server.comes(lambda: not server.alive(pid))
        await server.comes(lambda: not server.alive(server.pids("ssh")[-1]))


FULL = """
from contextlib import contextmanager
from pathlib import Path
from core.db import engine
opened = engine.open_file
def open_file(path, *more):
    database = opened(path, *more)
    writing = database.writing
    @contextmanager
    def limited():
        with writing() as connection:
            full = (path.parent / "full").exists()
            connection.exec_driver_sql(f"PRAGMA max_page_count={1 if full else 1_000_000}")
            yield connection
    database.writing = limited
    return database
engine.open_file = open_file
"""
"""SQLite's own limit on pages stands for the disk, as in tests/faults, in whichever process finds the file ``full``."""


def test_a_full_disk_under_a_session(desk: Desk) -> None:
    folder = desk.settings.data_dir
    typist = Typist(desk, "on_a_full_disk")
    key = ed25519_key("full")
    confirmed(seat(desk, typist.account), key)
    with Forked(folder, cold=True, first=FULL).running() as forked:
        session = forked.come(key.fingerprint, (100, 30))
        for wanted, keys in (("Of on_a_full_disk", "\r"), ("nobody has it yet", "r"), ("reads it", SENTENCE)):
            session.until(lambda seen, wanted=wanted: wanted.encode() in seen)  # type: ignore[misc]
            session.rest(0.3)
            session.type(keys.encode())
        until(lambda: typist.kept == SENTENCE, session)
        (folder / "full").touch()
        try:
            more = SENTENCE * 200
            session.type(more[:2000].encode())
            session.rest(0.3)
            for part in range(2000, len(more), 2000):
                session.type(more[part : part + 2000].encode())
                session.rest(0.1)
            session.until(lambda seen: b"disk is full" in seen)
            assert (SENTENCE + more).startswith(typist.kept), "what fitted in, and nothing else"
        finally:
            (folder / "full").unlink()
        until(lambda: typist.kept == SENTENCE + more, session)
        session.leave()


def until(true: Callable[[], bool], session: Seat) -> None:
    """Wait for what the desk has, reading what the session draws meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        session.rest(0.2)


async def test_the_database_server_goes_away_and_comes_back(tmp_path: Path) -> None:
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine")
    place = postgres.Server(programs)
    with place.running(), place.lend() as url:
        desk = real_desk(tmp_path, database_url=SecretStr(url))
        async with contextlib.AsyncExitStack() as stack:
            server = stack.enter_context(serving(desk, OKIENKO_DATABASE_URL=url).running())
            typist = await typed_something(desk, "before", server, stack)
            await server.comes(lambda: typist.kept == typist.typed)
            place.stop()
            try:
                typist.type("Nobody hears this yet. ")
                assert typist.visit is not None
                await typist.visit.sees("can't be kept at the", "moment")
                async with connected(server.port, keys=[typist.key]) as connection:
                    await (await visiting(connection)).sees("could not be opened")
            finally:
                place.start()
            await server.comes(lambda: typist.kept == typist.typed)
            await somebody_gets_in(server)
        desk.close()
