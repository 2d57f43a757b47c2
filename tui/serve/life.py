"""What ties a process of the server to the one that started it: it says when it is ready, and sees when that goes."""

from __future__ import annotations

import asyncio
import os


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
