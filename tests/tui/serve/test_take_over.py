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
from unittest.mock import patch

import asyncssh
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from core.service.desk import Desk
from tests.factories.desks import logged_in
from tests.factories.keys import Pair, add, hardware_key
from tests.support.server import Visit, connected, visiting
from tests.support.stand_in_parent import Program, StandIn, until
from tui.serve import hand_over
from tui.serve.hand_over import Visitor
from tui.serve.line import RESET
from tui.serve.sessions.session import ServedApp
from tui.serve.side import SideChannel
from tui.serve.ssh import channel
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


async def covered(desk: Desk, door: OpenSsh, key: asyncssh.SSHKey, program: Program) -> None:
    program.side.say(locked=True)
    await until(lambda: door.door.locked_session(key.get_fingerprint("sha256")) is not None)


async def test_a_session_that_hangs_behind_its_lock_is_ended_and_the_newcomer_gets_a_new_one(
    desk: Desk, door: OpenSsh, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(channel, "ANSWER", 0.2)
    key = known_key(desk)
    async with connected(door.port, keys=[key]) as here, connected(door.port, keys=[key]) as there:
        _first, hung = await at_work(door, here)
        await covered(desk, door, key, hung)
        second = await visiting(there, size=(100, 30))
        fresh = await door.parent.program()
        assert fresh.visitor.key == key.get_fingerprint("sha256") and fresh.size == (100, 30)
        await hung.hung_up()
        await fresh.writes(b"at work again")
        await second.sees("at work again")
        before, _sentence, after = second.raw.partition(b"does not answer")
        assert RESET in before and b"at work again" in after
        second.type("x")
        assert await fresh.reads(1) == b"x"
    assert "session_hangs address=127.0.0.1 key=SHA256:" in capsys.readouterr().err


async def test_a_session_that_answers_stays_however_long_it_is_quiet(
    desk: Desk, door: OpenSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "ANSWER", 0.5)
    key = known_key(desk)
    async with connected(door.port, keys=[key]) as here, connected(door.port, keys=[key]) as there:
        _first, program = await at_work(door, here)
        await covered(desk, door, key, program)
        second = await visiting(there)
        program.side.say(goes_on=True)
        (newest,) = [each.channel for each in door.door._connections if each.channel and each.channel.line]
        await until(lambda: newest._silent is None)
        await program.writes(b"still at work")
        await second.sees("still at work")
        assert b"does not answer" not in second.raw


async def test_a_session_says_at_once_that_it_goes_on(desk: Desk) -> None:
    ours, theirs = hand_over.pair()
    with ours, theirs, patch.object(ServedApp, "run_worker", lambda _app, work: work.close()):
        side = SideChannel(theirs, takes_files=False)
        ServedApp(Visitor("ssh"), desk.settings, side)._hear_door(
            {"taken": {"address": "192.0.2.7", "key": "SHA256:x"}}
        )
        assert hand_over.receive(ours) == ({"goes_on": True}, [])


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
