"""A key from the first offer to the log-in it is good for, with the real server and a real client."""

from __future__ import annotations

from pathlib import Path

import asyncssh
import pytest

from core.accounts import ssh_keys
from core.models.accounts import Role
from tests.factories.desks import PASSWORD, logged_in, make_desk, person
from tests.factories.keys import Pair, add
from tests.support.server import Server, connected, visiting

pytestmark = [pytest.mark.xdist_group("server"), pytest.mark.thorough]


async def test_an_added_key_is_asked_about_once_and_logs_in_from_then_on(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    desk = make_desk(tmp_path)
    person(desk, "root", Role.ADMIN)
    mine = logged_in(desk, "ola", company="Tarnina")
    key = asyncssh.generate_private_key("ssh-ed25519")
    pair = Pair(key.export_public_key("openssh").decode().strip())
    assert pair.fingerprint == key.get_fingerprint("sha256")
    with Server(tmp_path).running() as server:
        async with connected(server.port, keys=[key]) as connection:
            await (await visiting(connection)).sees("Login or e-mail")
        assert add(mine, pair, "laptop")
        async with connected(server.port, keys=[key]) as connection:
            done = await connection.run("invoice FV/1", encoding="utf-8")
            assert done.exit_status == 1 and "come once without a command" in str(done.stderr)
        async with connected(server.port, keys=[key]) as connection:
            visit = await visiting(connection)
            await visit.sees("Is this your account?", "laptop", pair.fingerprint)
            visit.type("\t\t\r")
            await visit.sees("Tickets", "Ola Testowa")
        async with connected(server.port, keys=[key]) as connection:
            await (await visiting(connection)).sees("Tickets", "Ola Testowa")
        async with connected(server.port, keys=[asyncssh.generate_private_key("ssh-ed25519")]) as connection:
            await (await visiting(connection)).sees("Login or e-mail")
        async with connected(server.port, keys=[key]) as connection:
            done = await connection.run("invoice FV/1", encoding="utf-8")
            assert "come once" not in str(done.stderr)
        mine.do(ssh_keys.remove, mine.see(ssh_keys.own)[0].id)
        async with connected(server.port, keys=[key]) as connection:
            await (await visiting(connection)).sees("Login or e-mail")
    desk.close()


async def test_a_guest_who_has_logged_in_leaves_their_place_to_the_next(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    desk = make_desk(tmp_path)
    person(desk, "root", Role.ADMIN)
    person(desk, "ola", company="Tarnina")
    desk.close()
    off = {"OKIENKO_SERVE__SESSIONS": "3", "OKIENKO_SECURITY__SECOND_STEP__CUSTOMER": "off"}
    with Server(tmp_path, **off).running() as server:
        async with connected(server.port) as one, connected(server.port) as two, connected(server.port) as three:
            guest = await visiting(one)
            await guest.sees("Login or e-mail")
            await (await visiting(two)).sees("Login or e-mail")
            refused = await visiting(three)
            assert await refused.ends() == 75
            assert b"The server is full at the moment. Please try again" in refused.raw
            guest.type("ola\r")
            guest.type(f"{PASSWORD}\r")
            await guest.sees("Tickets", "Ola Testowa")
            async with connected(server.port) as four:
                await (await visiting(four)).sees("Login or e-mail")
