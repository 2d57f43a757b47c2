"""People with a key who come by SSH and type an answer to their ticket; and what the desk has of it afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from core.accounts import drafts
from core.clock import SystemClock
from core.models.accounts import Role
from core.service.desk import Desk
from core.service.settings import Settings
from core.tickets import create
from tests.factories.desks import admin_values, lay_key, lay_template, person, seat
from tests.factories.keys import Pair, confirmed
from tests.support.server import Server, Visit, connected, visiting

SENTENCE = "The pump hums in B flat since Tuesday, and nobody sleeps. "


def real_desk(folder: Path, **settings: Any) -> Desk:
    """A desk that is set up, with the time of day: the one that the server runs."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    if settings:
        lay_key(folder)
    else:
        lay_template(folder)
    desk = Desk.open(Settings(data_dir=folder, **settings), SystemClock())
    person(desk, "root", Role.ADMIN)
    return desk


@dataclass
class Typist:
    """A customer whose key logs them in, with one ticket."""

    desk: Desk
    name: str
    typed: str = ""
    letters: list[tuple[float, int]] = field(default_factory=list)
    """When so many letters had been typed."""
    visit: Visit | None = None
    connection: asyncssh.SSHClientConnection | None = None
    pid: int = 0
    """The session's process."""

    def __post_init__(self) -> None:
        self.account = person(self.desk, self.name)
        mine = seat(self.desk, self.account)
        number = mine.do(create.create, admin_values(f"Of {self.name}"))
        self.form = f"ticket.reply:{number}"
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        confirmed(mine, Pair(self.key.export_public_key("openssh").decode().strip()))

    async def come(self, server: Server, stack: contextlib.AsyncExitStack) -> Visit:
        """Log in and open the form for an answer. The connection is closed with the ``stack``."""
        self.connection = await stack.enter_async_context(connected(server.port, keys=[self.key]))
        self.visit = visit = await visiting(self.connection)
        await visit.sees(f"Of {self.name}")
        self.pid = server.session_of(self.key.get_fingerprint("sha256"))
        visit.type("\r")
        await visit.sees("nobody has it yet")
        visit.type("r")
        await visit.sees("everybody on the ticket reads it")
        return visit

    def type(self, text: str) -> None:
        """Press these keys."""
        assert self.visit is not None
        self.visit.type(text)
        self.typed += text
        self.letters.append((time.monotonic(), len(self.typed)))

    async def is_drawn(self) -> None:
        """Until the last words of it stand on their screen."""
        assert self.visit is not None
        await self.visit.sees(self.typed.split()[-1])

    async def ends(self) -> int | None:
        """Wait for the session's end; its status."""
        assert self.visit is not None
        return await self.visit.ends()

    @property
    def kept(self) -> str:
        """What the desk has of the answer."""
        drafts_kept = {each.form: str(each.values["body"]) for each in seat(self.desk, self.account).see(drafts.own)}
        return drafts_kept.get(self.form, "")


async def all_come(typists: Sequence[Typist], server: Server, stack: contextlib.AsyncExitStack) -> None:
    """A few at a time: the door holds so many strangers of one address."""
    for first in range(0, len(typists), 5):
        await asyncio.gather(*(each.come(server, stack) for each in typists[first : first + 5]))
