"""Connections that have not said yet who they are: so many are served at once, the others wait for their turn."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import Protocol

from core.service.client_address import household

AN_ADDRESS = 10
"""Of one address, served or in line."""
IN_LINE = 200
LONGEST = 20.0
"""Seconds in line."""
SLOW = 3.0
"""Seconds that somebody is served undisturbed: who knows what they want has said it by then. Whoever takes longer makes
room as soon as others wait."""


class Stranger(Protocol):
    """One connection."""

    @property
    def address(self) -> str: ...
    def abort(self) -> None: ...


class Strangers:
    """All of them. Whoever wants to keep others out by saying nothing holds a place for some seconds, and only so many
    places by one address; fifty who come back at once after a restart are all let in."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._served: dict[Stranger, float] = {}
        """Since when, the first first."""
        self._addresses: Counter[str] = Counter()
        self._line: deque[tuple[asyncio.Future[None], Stranger]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def come(self, who: Stranger) -> bool:
        """Wait for one's turn. False for whoever is one too many."""
        place = household(who.address)
        if self._addresses[place] >= AN_ADDRESS or len(self._line) >= IN_LINE:
            return False
        self._addresses[place] += 1
        if len(self._served) < self._most:
            self._served[who] = asyncio.get_running_loop().time()
            return True
        turn = asyncio.get_running_loop().create_future()
        self._line.append((turn, who))
        self._look_at_clock()
        try:
            async with asyncio.timeout(LONGEST):
                await turn
        except TimeoutError:
            self._served[who] = 0.0
            self.go(who)
            return False
        return True

    def go(self, who: Stranger) -> None:
        """It is known who they are, or they have left."""
        if self._served.pop(who, None) is None:
            return
        place = household(who.address)
        self._addresses[place] -= 1
        if self._addresses[place] <= 0:
            del self._addresses[place]
        self._serve_next()

    def _serve_next(self) -> None:
        while self._line and len(self._served) < self._most:
            turn, who = self._line.popleft()
            if not turn.done():
                self._served[who] = asyncio.get_running_loop().time()
                turn.set_result(None)

    def _look_at_clock(self) -> None:
        if self._timer is None and self._line and self._served:
            loop = asyncio.get_running_loop()
            first = next(iter(self._served.values()))
            self._timer = loop.call_later(max(0.0, first + SLOW - loop.time()), self._make_room)

    def _make_room(self) -> None:
        self._timer = None
        while self._line and self._line[0][0].done():
            self._line.popleft()
        slow = asyncio.get_running_loop().time() - SLOW
        first = next(iter(self._served), None)
        if self._line and first is not None and self._served[first] <= slow:
            self.go(first)
            first.abort()
        self._look_at_clock()
