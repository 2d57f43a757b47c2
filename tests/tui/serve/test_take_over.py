"""Who gets whose session at the SSH door: a covered one goes on at a new connection with the same key, and nowhere
else. And keys of hardware, played in software."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from core.service.desk import Desk
from tests.factories.desks import logged_in
from tests.factories.keys import Pair, add, hardware_key
from tests.support.server import Visit, connected, visiting
from tests.support.stand_in_parent import Program, StandIn, until
from tui.serve.line import RESET
from tui.serve.ssh.door import Door


@dataclass
class OpenSsh:
    """The SSH door, and the test in the place of the sessions."""

    door: Door
    port: int
    parent: StandIn


@pytest.fixture
async def door(desk: Desk, tmp_path: Path) -> AsyncIterator[OpenSsh]:
    parent = StandIn(tmp_path / "parent")
    door = Door(desk, parent.path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = asyncio.ensure_future(door.serve(listener))
        yield OpenSsh(door, listener.getsockname()[1], parent)
        accepting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await accepting
        door.cut_all()
        await door.empty()
        parent.close()


def known_key(desk: Desk) -> asyncssh.SSHKey:
    """A key that somebody has added."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    add(logged_in(desk, "ola"), Pair(key.export_public_key("openssh").decode().strip()), "laptop")
    return key


async def at_work(door: OpenSsh, connection: asyncssh.SSHClientConnection) -> tuple[Visit, Program]:
    visit = await visiting(connection)
    program = await door.parent.program()
    await program.writes(b"\x1b[?1049h\x1b[?25lat work")
    await visit.sees("at work")
    return visit, program


async def test_a_covered_session_goes_on_at_the_new_connection(desk: Desk, door: OpenSsh) -> None:
    key = known_key(desk)
    async with connected(door.port, keys=[key]) as here, connected(door.port, keys=[key]) as there:
        first, program = await at_work(door, here)
        program.side.say(locked=True)
        await until(lambda: door.door.locked_session(key.get_fingerprint("sha256")) is not None)
        second = await visiting(there, size=(100, 30))
        assert await first.ends() == 130
        assert "goes on at another terminal" in first.raw.decode()
        assert RESET in first.raw
        await program.writes(b"still at work")
        await second.sees("still at work")
        assert b"\x1b[?1049h" in second.raw and b"\x1b[?25l" in second.raw, "its terminal is set as the first one was"
        second.type("x")
        assert await program.reads(1) == b"x"
        assert program.size[0] == 100


async def test_an_uncovered_session_stays_where_it_is(desk: Desk, door: OpenSsh) -> None:
    key = known_key(desk)
    async with connected(door.port, keys=[key]) as here, connected(door.port, keys=[key]) as there:
        first, _program = await at_work(door, here)
        second = await visiting(there)
        assert (await door.parent.program()).visitor.key == key.get_fingerprint("sha256")
        assert not first.over and not second.over


async def test_nobody_with_another_key_gets_it(desk: Desk, door: OpenSsh) -> None:
    key = known_key(desk)
    other = asyncssh.generate_private_key("ssh-ed25519")
    async with connected(door.port, keys=[key]) as here, connected(door.port, keys=[other]) as there:
        first, program = await at_work(door, here)
        program.side.say(locked=True)
        await visiting(there)
        assert (await door.parent.program()).visitor.key == ""
        assert not first.over


class Token(asyncssh.SSHKeyPair):
    """A key of hardware (FIDO), whose owner touches it or not."""

    def __init__(self, *, touched: bool = True) -> None:
        pair = hardware_key("token", "")
        private = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"token").digest())
        kind, text = pair.line.split()
        super().__init__(kind.encode(), kind.encode(), (kind.encode(),), (kind.encode(),), base64.b64decode(text), b"")
        self.line = pair.line
        self._private, self._touched = private, touched

    def sign(self, data: bytes) -> bytes:
        flags_and_counter = bytes([int(self._touched)]) + (7).to_bytes(4, "big")
        digests = hashlib.sha256(b"ssh:").digest(), hashlib.sha256(data).digest()
        signature = self._private.sign(digests[0] + flags_and_counter + digests[1])
        fields = self.algorithm, signature
        return b"".join(len(each).to_bytes(4, "big") + each for each in fields) + flags_and_counter


async def test_a_key_of_hardware_is_proven_by_a_touch(desk: Desk, door: OpenSsh) -> None:
    add(logged_in(desk, "ola"), Pair(Token().line), "token")
    async with connected(door.port, keys=[Token()]) as connection:
        await visiting(connection)
        assert (await door.parent.program()).visitor.key == Pair(Token().line).fingerprint


async def test_a_key_of_hardware_that_nobody_touched_proves_nothing(desk: Desk, door: OpenSsh) -> None:
    add(logged_in(desk, "ola"), Pair(Token().line), "token")
    async with connected(door.port, keys=[Token(touched=False)]) as connection:
        await visiting(connection)
        assert (await door.parent.program()).visitor.key == ""
