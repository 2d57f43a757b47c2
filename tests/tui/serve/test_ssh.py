"""The real server over SSH, with a client that can be as rude as it likes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.support.server import Server, Visit, connected, rss, set_up, visiting

pytestmark = pytest.mark.xdist_group("server")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for the module: a desk with an administrator, so that it is set up."""
    with Server(
        set_up(tmp_path_factory.mktemp("served")), OKIENKO_SERVE__SESSIONS_AN_ADDRESS="12"
    ).running() as running:
        yield running


async def test_whoever_comes_without_a_known_key_gets_the_way_in(server: Server) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with connected(server.port, keys=[key]) as connection:
        visit = await visiting(connection)
        await visit.sees("Login or e-mail", "F7 Sign up")
        assert "Remember me" not in visit.text, "this computer is the server"
        visit.type("\x11")
        assert await visit.ends() == 0
        assert b"\x1b[?1049l" in visit.raw[-300:], "the terminal is as it was"
    assert f"ssh_in address=127.0.0.1 port={_port_of(server)} offered=1" in server.lines


def _port_of(server: Server) -> str:
    line = next(line for line in reversed(server.lines) if line.startswith("ssh_in"))
    return line.split("port=")[1].split()[0]


async def test_it_speaks_the_clients_language(server: Server) -> None:
    async with connected(server.port) as connection:
        _channel, visit = await connection.create_session(
            Visit,
            term_type="xterm",
            term_size=(80, 24),
            env={"LANG": "pl_PL.UTF-8", "LD_PRELOAD": "/x", "PYTHONINSPECT": "1"},
            encoding=None,
        )
        await visit.sees("Login lub e-mail")
        pid = server.sessions()[-1]
        environment = Path(f"/proc/{pid}/environ")
        assert b"LD_PRELOAD" not in (environment.read_bytes() if os.access(environment, os.R_OK) else b"")


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        ("hello", 2, ["invoice NUMBER", "confirm CODE"]),
        ("sh -c 'id'", 2, ["There is no command", "invoice NUMBER"]),
        ("confirm AAAA", 2, ["ssh -t"]),
        ("'unclosed", 2, ["There is no command"]),
    ],
)
async def test_any_other_word_is_answered_with_what_there_is(
    server: Server, command: str, status: int, words: list[str]
) -> None:
    async with connected(server.port) as connection:
        done = await connection.run(command, encoding="utf-8")
        assert done.exit_status == status
        assert not done.stdout
        assert all(word in str(done.stderr) for word in words), done.stderr


async def test_a_letters_command_opens_its_form(server: Server) -> None:
    async with connected(server.port) as connection:
        visit = await visiting(connection, "confirm", "K7QF-M2XD-9PLT-3HWC")
        await visit.sees("K7QF-M2XD-9PLT-3HWC")


@pytest.mark.parametrize(
    "ask",
    [
        lambda connection: connection.forward_remote_port("", 0, "127.0.0.1", 22),
        lambda connection: connection.open_connection("127.0.0.1", 22),
        lambda connection: connection.open_unix_connection("/etc/passwd"),
        lambda connection: connection.create_process(subsystem="bogus"),
        lambda connection: connection.start_sftp_client(),
    ],
    ids=["remote port", "local port", "unix socket", "subsystem", "sftp"],
)
async def test_nothing_but_the_desk_can_be_asked_for(server: Server, ask: Any) -> None:
    async with connected(server.port) as connection:
        with pytest.raises((asyncssh.Error, asyncssh.ChannelListenError, OSError)):
            await ask(connection)


async def test_a_connection_has_one_session(server: Server) -> None:
    async with connected(server.port) as connection:
        await visiting(connection)
        with pytest.raises(asyncssh.ChannelOpenError):
            await visiting(connection)


async def test_when_the_client_is_cut_off_its_session_ends(server: Server) -> None:
    async with connected(server.port) as connection:
        visit = await visiting(connection)
        await visit.sees("Login or e-mail")
        pid = server.sessions()[-1]
        connection.abort()
        await server.comes(lambda: not server.alive(pid))


async def test_a_session_that_is_killed_leaves_the_terminal_as_it_was(server: Server) -> None:
    async with connected(server.port) as connection:
        visit = await visiting(connection)
        await visit.sees("Login or e-mail")
        os.kill(server.sessions()[-1], signal.SIGKILL)
        assert await visit.ends() == 137
        assert b"\x1b[?1049l" in visit.raw[-200:]


async def test_a_client_that_never_reads_costs_little(server: Server) -> None:
    async with connected(server.port) as connection:
        visit = await visiting(connection, size=(200, 60))
        await visit.until(lambda: visit.bytes > 1000)
        visit.channel.pause_reading()
        door = server.pids("ssh")[-1]
        before = rss(door)
        for number in range(200):
            visit.channel.change_terminal_size(150 + number % 50, 40 + number % 20)
            await asyncio.sleep(0)
        visit.channel.resume_reading()
        await visit.until(lambda: visit.screen is not None)
        assert rss(door) - before < 4_000


@pytest.mark.parametrize("size", [(0, 0), (100_000, 100_000), (1, 1)], ids=str)
async def test_any_size_is_survived(server: Server, size: tuple[int, int]) -> None:
    async with connected(server.port) as connection:
        visit = await visiting(connection, size=(80, 24))
        await visit.sees("Login or e-mail")
        visit.channel.change_terminal_size(*size)
        visit.channel.change_terminal_size(80, 24)
        visit.type("ola")
        await visit.sees("ola")


@pytest.mark.parametrize(
    "data", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 5000, b"SSH-2.0-x\r\n" + b"\xff" * 3000], ids=len
)
def test_garbage_at_the_door_is_nobodys_trouble(server: Server, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(data)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        assert client.recv(20).startswith(b"SSH-2.0-Okienko")


def test_those_who_say_nothing_are_only_so_many(server: Server) -> None:
    clients = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _number in range(15)]
    try:
        greeted = 0
        for client in clients:
            try:
                greeted += client.recv(20).startswith(b"SSH")
            except OSError:
                continue
        assert greeted == 10
    finally:
        for client in clients:
            client.close()


async def test_old_algorithms_are_not_spoken(server: Server) -> None:
    for old in (
        {"encryption_algs": ["aes128-cbc"]},
        {"mac_algs": ["hmac-sha1"], "encryption_algs": ["aes128-ctr"]},
        {"kex_algs": ["diffie-hellman-group14-sha1"]},
    ):
        with pytest.raises((asyncssh.Error, OSError)):
            async with connected(server.port, **old):
                pass


async def test_many_keys_are_too_many(server: Server) -> None:
    keys: list[Any] = [asyncssh.generate_private_key("ssh-ed25519") for _number in range(14)]
    with pytest.raises((asyncssh.DisconnectError, OSError)):
        async with connected(server.port, keys=keys):
            pass


async def test_a_variable_more_than_looked_at_is_refused(server: Server) -> None:
    async with connected(server.port) as connection:
        visit_env = {f"V{number}": "x" * 1000 for number in range(100)}
        done = await connection.run("hello", env=visit_env, encoding="utf-8")
        assert done.exit_status == 2


async def test_a_door_that_is_killed_is_opened_again(server: Server) -> None:
    before = server.pids("ssh")
    os.kill(before[-1], signal.SIGKILL)
    await server.comes(
        lambda: len(server.pids("ssh")) > len(before) and server.lines.count("ready child=ssh") > len(before)
    )
    async with connected(server.port) as connection:
        visit = await visiting(connection)
        await visit.sees("Login or e-mail")
