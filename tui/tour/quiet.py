"""When an application that somebody plays has come to rest."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.app import App
from textual.pilot import Pilot

from tui.widgets.list import ListView

PAUSE = 0.002
"""Seconds between two looks, for threads that read from the desk."""


async def settled(app: App[Any], pilot: Pilot[Any], turns: int = 200) -> None:
    """Wait until nothing is under way: messages handled, lists filled, workers done, but for those that wait for the
    reader. Gives up after ``turns`` looks; whoever expects something will say what is missing."""
    for _turn in range(turns):
        await pilot.pause()
        if not _busy(app):
            await pilot.pause()
            return
        await asyncio.sleep(PAUSE)


def _busy(app: App[Any]) -> bool:
    lists = any(view.loading_rows or not view._loaded for view in app.screen.query(ListView) if view.display)
    return lists or any(worker.is_running and not _waiting_for_reader(worker) for worker in app.workers)


def _waiting_for_reader(worker: Any) -> bool:
    """A worker that stands at a dialog only the reader can answer."""
    task = worker._task
    coroutine = task.get_coro() if task is not None else None
    while coroutine is not None:
        if getattr(coroutine, "__name__", "") == "push_screen_wait":
            return True
        coroutine = getattr(coroutine, "cr_await", None)
    return False
