"""What ties a process of the server to the one that started it: it says when it is ready, and sees when that goes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any


class Life:
    """The child's end of a socket pair; the supervisor holds the other as long as it lives."""

    def __init__(self, number: int) -> None:
        os.set_inheritable(number, False)
        self._number = number

    def ready(self) -> None:
        """Say that visitors can come."""
        os.write(self._number, b"ready")

    @property
    def number(self) -> int:
        """The descriptor, readable once the supervisor is gone."""
        return self._number

    async def ended(self) -> None:
        """Until the supervisor is gone, in an event loop."""
        loop = asyncio.get_running_loop()
        gone = loop.create_future()

        def look() -> None:
            if not gone.done() and not self.alive():
                gone.set_result(None)

        loop.add_reader(self._number, look)
        try:
            await gone
        finally:
            loop.remove_reader(self._number)

    def alive(self) -> bool:
        """Whether the supervisor is there; asked when there is something to read."""
        try:
            return bool(os.read(self._number, 64))
        except BlockingIOError:
            return True
        except OSError:
            return False


async def open_until_told(
    life: Life,
    accepting: Coroutine[Any, Any, None],
    *,
    close: Callable[[], None],
    empty: Callable[[], Awaitable[None]],
    stays: bool = False,
) -> None:
    """A door's life: open until told to end (SIGTERM, SIGINT) or to leave (SIGHUP), or until the supervisor is gone.
    Unless told to end it goes on for the sessions that it has: whoever forks them ends them, and they are written for
    until they have.

    Args:
        accepting: Takes people in, until it is cancelled.
        close: Takes nobody in any more.
        empty: Until the last session is over.
        stays: Told to leave, it goes on taking people in until nobody is there.
    """
    loop = asyncio.get_running_loop()
    leave, end = asyncio.Event(), asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, leave.set)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    accepts = asyncio.ensure_future(accepting)
    life.ready()
    orphaned, ends, leaves = (asyncio.ensure_future(each) for each in (life.ended(), end.wait(), leave.wait()))
    await asyncio.wait({accepts, ends, leaves, orphaned}, return_when=asyncio.FIRST_COMPLETED)
    if stays and leave.is_set():
        await asyncio.wait(
            {accepts, ends, orphaned, asyncio.ensure_future(empty())}, return_when=asyncio.FIRST_COMPLETED
        )
    accepts.cancel()
    close()
    if not end.is_set():
        await asyncio.wait({ends, asyncio.ensure_future(empty())}, return_when=asyncio.FIRST_COMPLETED)
