"""What a process does once, so that each session forked from it need not: everything imported, everything drawn.

A session that begins anew takes 0.6 s and 100 MB; one that is forked from here 0.1 s and a third of that, because its
pages are shared until they are written to (docs/facts.md, *A server*). Afterwards this process has one thread, no open
database, no event loop: what a fork must not inherit.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import pkgutil
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import core
import tui
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
LOOK = 0.2
"""Seconds a room is looked at, at most: what it puts off for longer is seldom worth waiting for."""


def load(*, postgresql: bool) -> None:
    """Import every module a session may need."""
    for package in (core, tui):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(LEFT_OUT):
                importlib.import_module(module.name)
    for name in (*LATE, *(OF_POSTGRESQL if postgresql else OF_SQLITE)):
        try:
            importlib.import_module(name)
        except ImportError:  # an optional one: Python's own sqlite3 where there is no wheel of pysqlite3
            continue


def play_visits() -> None:
    """Log in as one of each role at a desk made up for this, see every room, and leave: what is read, parsed and worked
    out on the way stays in memory, and the desk is gone."""
    textual_repairs.read_styles_once()
    folder = Path(tempfile.mkdtemp(prefix="okienko-visits-"))
    try:
        _in_a_process_of_its_own(lambda: _make_desk(folder))
        asyncio.run(_all_visits(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forget_reader() -> None:
    """Take back what was remembered of whoever reads: each session asks anew. And have the collector leave everything
    that is here where it is: looking at a page would copy it."""
    translation.from_environment.cache_clear()
    translation._followed = None
    dates._followed = None
    gc.collect()
    gc.freeze()


def _in_a_process_of_its_own(act: Any) -> None:
    """What is needed for making the desk and never again is not kept in memory."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    os.waitpid(child, 0)


def _make_desk(folder: Path) -> None:
    from core.demo import world  # deferred: only this process makes one
    from core.service.desk import Desk

    desk = Desk.open(world.settings(folder))
    world.build(desk)
    desk.close()


def _visitors(desk: Any) -> Iterator[int]:
    """One account of each kind of work there is."""
    import sqlalchemy as sa

    from core.models.accounts import Account  # deferred: what is used once
    from core.models.subscribers import Subscriber
    from core.service.unit_of_work import table

    account, subscriber = table(Account), table(Subscriber)
    mine = sa.select(subscriber.c.account_id).where(subscriber.c.account_id.is_not(None))
    kinds = (
        account.c.role == "agent",
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
        await _visit(desk, None)
        for account_id in _visitors(desk):
            await _visit(desk, account_id)
    finally:
        desk.close()


async def _visit(desk: Any, account_id: int | None) -> None:
    """The way in; then, as somebody, the first thing of the first room, and every room."""
    from core.demo import mailbox  # deferred: what is used once
    from tui import session
    from tui.app import OkienkoApp
    from tui.demo.tour.rest import settled
    from tui.screens.accounts.welcome import Welcome
    from tui.shell import Shell

    app = OkienkoApp(lambda: desk.acting(None), first=Welcome, economical=True, language="en", served=True)
    async with app.run_test(size=SIZE) as pilot:
        await settled(app, pilot)
        if account_id is None:
            return
        await session.sit_down(app, desk.as_system().do(mailbox.enter, account_id))
        await settled(app, pilot)
        await pilot.press("enter")
        await settled(app, pilot, LOOK)
        for room in app.frame.open_rooms:
            if isinstance(app.screen, Shell):
                app.screen.go(room)
                await settled(app, pilot, LOOK)
