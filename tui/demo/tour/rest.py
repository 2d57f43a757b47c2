"""When an application that somebody plays has come to rest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from textual.app import App
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from tui.widgets.list import ListView
from tui.widgets.search_line import SearchLine

PAUSE = 0.002
"""Seconds between two looks, for threads that read from the desk."""
PATIENCE = 10.0
"""Seconds after which somebody who waits for rest goes on without it."""
SOON = 0.3
"""Seconds: what a screen has put off for no longer than this (a preview, a search) is still under way."""


async def settled(app: App[Any], pilot: Pilot[Any], patience: float = PATIENCE) -> None:
    """Wait until nothing is under way: messages handled, lists filled, workers done, but for those that wait for the
    reader. Gives up after ``patience`` seconds; whoever expects something will say what is missing."""
    deadline = time.monotonic() + patience
    while True:
        await pilot.pause()
        if app._exit:
            return
        if not _busy(app):
            await pilot.pause()
            return
        if time.monotonic() >= deadline:
            return
        await asyncio.sleep(PAUSE)


def _busy(app: App[Any]) -> bool:
    return is_reading(app) or any(_puts_off(pump) for pump in _those_who_put_off(app))


def is_reading(app: App[Any]) -> bool:
    """Whether rows or other things are on their way from the desk."""
    lists = any(_fills(view) for view in app.screen.query(ListView) if view.display)
    return lists or any(worker.is_running and not _waiting_for_reader(worker) for worker in app.workers)


def _fills(view: ListView) -> bool:
    """Whether rows are on their way; none are to a list that was refused them."""
    return view.loading_rows or not (view._loaded or view._error)


def _those_who_put_off(app: App[Any]) -> Iterator[MessagePump]:
    """Whoever sets itself a timer to go on in a moment."""
    yield app
    yield app.screen
    yield from app.screen.query(SearchLine)


def _puts_off(pump: MessagePump) -> bool:
    """Whether it has a timer that will ring once, and soon."""
    return any(
        timer._repeat == 0 and timer._interval <= SOON and timer._task is not None and not timer._task.done()
        for timer in pump._timers
    )


def _waiting_for_reader(worker: Any) -> bool:
    """A worker that stands at a dialog only the reader can answer."""
    task = worker._task
    coroutine = task.get_coro() if task is not None else None
    while coroutine is not None:
        if getattr(coroutine, "__name__", "") == "push_screen_wait":
            return True
        coroutine = getattr(coroutine, "cr_await", None)
    return False
