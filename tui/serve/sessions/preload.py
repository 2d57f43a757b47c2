"""What a process does once, so that each session forked from it need not: everything imported, everything drawn.

A session that begins anew takes 0.6 s and 100 MB; one that is forked from here 0.1 s and a third of that, because its
pages are shared until they are written to (docs/facts.md, *A server*). Afterwards this process has one thread, no open
database, no event loop: what a fork must not inherit.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
import pkgutil
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import core
import tui
from core.db import engine
from core.i18n import dates, translation
from tui import textual_repairs

LEFT_OUT = (
    "core.migrations",
    "tui.__main__",
    "tui.cli",
    "tui.demo",
    "tui.keys_page",
    "tui.launch",
    "tui.serve",
)
"""What no session runs."""
LATE = (
    "argon2",
    "babel.dates",
    "babel.numbers",
    "concurrent.futures.thread",
    "cryptography.hazmat.primitives.ciphers.aead",
    "passlib.context",
    "passlib.handlers.argon2",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "textual.scrollbar",
    "textual.widgets._text_area",
)
"""What libraries import when it is first used."""
OF_SQLITE = ("pysqlite3", "sqlite3")
OF_POSTGRESQL = ("psycopg", "sqlalchemy.dialects.postgresql.psycopg")
SIZE = (80, 24)
FRAME = 0.02
"""Seconds, a little more than from one frame to the next."""
MOST_LOOKS = 200
TICKETS = 60
"""Of the desk that visits are played at: enough for each list to have some."""
POOL = 16 * 1024
"""Bytes in which Python keeps small objects of one size (3.10 and later)."""
POOL_HEAD, BYTES_HEAD = 48, 33
"""Bytes of a pool, and of an object of bytes, that are its own."""
SMALL = 512
"""Bytes of the largest object that is kept so."""
MOST_FILLING = 100_000
"""Objects of one size; where memory is kept in another way, this ends it."""


def load(*, postgresql: bool) -> None:
    """Import every module a session may need. Nothing of that is garbage, and the collector needn't look."""
    gc.disable()
    for package in (core, tui):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(LEFT_OUT):
                importlib.import_module(module.name)
    for name in (*LATE, *(OF_POSTGRESQL if postgresql else OF_SQLITE)):
        try:
            importlib.import_module(name)
        except ImportError:  # an optional one: Python's own sqlite3 where there is no wheel of pysqlite3
            continue
    engine.cache.for_one_of_many()
    gc.freeze()
    gc.enable()


@contextlib.contextmanager
def made_up_desk() -> Iterator[Path]:
    """The folder of a desk to play visits at. A process of its own makes it meanwhile: what that needs and no session
    does is never in memory here."""
    folder = Path(tempfile.mkdtemp(prefix="okienko-visits-"))
    maker = os.fork()
    if maker == 0:
        status = 1
        try:
            _make_desk(folder)
            status = 0
        finally:
            os._exit(status)
    try:
        yield folder
    finally:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(maker, 0)
        shutil.rmtree(folder, ignore_errors=True)


def play_visits(folder: Path) -> None:
    """Log in as one of each role at the desk in ``folder``, see every room, and leave: what is read, parsed and worked
    out on the way stays in memory."""
    textual_repairs.read_styles_once()
    os.wait()
    asyncio.run(_all_visits(folder))


def settle_memory() -> None:
    """Take back what was remembered of whoever reads: each session asks anew. And leave everything that is here where
    it is: the collector would look at each object, and a session's own ones would go into gaps among them. Either
    copies a page for a few bytes."""
    translation.from_environment.cache_clear()
    translation._followed = None
    dates._followed = None
    gc.collect()
    _fill_gaps()
    gc.freeze()


_filling: list[bytes] = []


def _fill_gaps() -> None:
    """Take all the room among small objects, so that a session's own ones come to lie together in new pages."""
    for size in range(48, SMALL + 1, 16):
        whole_pool = (POOL - POOL_HEAD) // size - 1
        in_a_row, before = 0, 0
        for _number in range(MOST_FILLING):
            filling = bytes(size - BYTES_HEAD)
            in_a_row = in_a_row + 1 if id(filling) == before + size else 0
            before = id(filling)
            _filling.append(filling)
            if in_a_row == whole_pool:  # nothing older had room
                break


def _make_desk(folder: Path) -> None:
    from core.demo import ticket_histories, world  # deferred: only this process makes one
    from core.service.desk import Desk

    ticket_histories.TICKETS = TICKETS
    desk = Desk.open(world.settings(folder))
    world.build(desk)
    desk.close()


def _visitors(desk: Any) -> Iterator[int]:
    """One account of each kind of work there is; administrators see what agents do."""
    import sqlalchemy as sa

    from core.models.accounts import Account  # deferred: what is used once
    from core.models.subscribers import Subscriber
    from core.service.unit_of_work import table

    account, subscriber = table(Account), table(Subscriber)
    mine = sa.select(subscriber.c.account_id).where(subscriber.c.account_id.is_not(None))
    kinds = (
        account.c.role == "admin",
        account.c.role == "installer",
        sa.and_(account.c.role == "customer", account.c.id.not_in(mine)),
        account.c.id.in_(mine),
    )
    for kind in kinds:
        statement = sa.select(sa.func.min(account.c.id)).where(kind, account.c.state == "active")
        account_id = desk.as_system().see(lambda look, asked=statement: look.value(asked))
        if account_id is not None:
            yield int(account_id)


async def _all_visits(folder: Path) -> None:
    from core.demo import world  # deferred: what is used once
    from core.service.desk import Desk

    if not (folder / "desk.db").exists():
        return
    desk = Desk.open(world.settings(folder))
    try:
        seen: set[str] = set()
        visitors = list(_visitors(desk))
        for account_id in visitors:
            await _visit(desk, account_id, seen)
        _write_once(desk, visitors)
    finally:
        desk.close()


def _write_once(desk: Any, visitors: Sequence[int]) -> None:
    """A ticket, and an answer to it: the statements of writing are made here, and not while others wait for them."""
    from core.demo import mailbox  # deferred: what is used once
    from core.errors import DeskError  # deferred: this process alone writes
    from core.tickets import conversation, create, workflow  # deferred: the same

    numbers = []
    for account_id in reversed(visitors):  # those who ask before those who answer
        someone = desk.acting(desk.as_system().do(mailbox.enter, account_id).session_id)
        with contextlib.suppress(DeskError):
            numbers.append(someone.do(create.create, {"subject": "x", "description": "x", "priority": "2"}))
        for number in numbers[:1]:
            with contextlib.suppress(DeskError):
                someone.do(conversation.reply, number, conversation.StaffReply(body="x", status="2"))
            with contextlib.suppress(DeskError):
                someone.do(conversation.reply, number, conversation.Reply(body="y"))
            with contextlib.suppress(DeskError):
                someone.do(workflow.take, number, holder=None)


async def _visit(desk: Any, account_id: int, seen: set[str]) -> None:
    """The way in; then, as somebody, each room of a kind not yet ``seen``, and the first ticket of all."""
    from core.demo import mailbox  # deferred: what is used once
    from tui import session
    from tui.app import OkienkoApp
    from tui.rooms import ROOMS
    from tui.screens.accounts.welcome import Welcome
    from tui.shell import Shell

    kinds = {row.id: row.path for row in ROOMS}
    app = OkienkoApp(lambda: desk.acting(None), first=Welcome, economical=True, language="en", served=True)
    async with app.run_test(size=SIZE) as pilot:
        await _shown(app, pilot)
        await session.sit_down(app, desk.as_system().do(mailbox.enter, account_id))
        await _shown(app, pilot)
        if not seen:
            await pilot.press("enter")
            await _shown(app, pilot)
        for room in app.frame.open_rooms:
            if isinstance(app.screen, Shell) and kinds.get(room.id) not in seen:
                seen.add(kinds.get(room.id, room.id))
                app.screen.go(room)
                await _shown(app, pilot)


async def _shown(app: Any, pilot: Any) -> None:
    """Until what was gone to has been read and drawn; what it puts off for longer is not worth waiting for."""
    from tui.demo.tour.rest import is_reading  # deferred: what is used once

    for _look in range(MOST_LOOKS):
        await pilot.pause(FRAME)
        if not is_reading(app):
            break
