"""The only place that knows what time it is, so that a test or a demo can decide it."""

import datetime as dt
import threading
from typing import Protocol

AHEAD = dt.timedelta(minutes=5)
"""How far in the future something may have been made and still be believed: clocks are set back by a little now and
then. What was made later than that was made by a clock that was wrong, and counts for nothing when it gives something
(a code, a session) or keeps somebody waiting."""


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> dt.datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


class MovableClock:
    """A clock that can be pushed ahead: the demo's F4, a scenario's ``clock`` step, and every test.

    ``start`` fixes it (it then stands still until moved); without it the clock runs with the machine's,
    ahead by as much as it was moved.
    """

    def __init__(self, start: dt.datetime | None = None) -> None:
        self._start = start
        self._ahead = dt.timedelta()
        self._lock = threading.Lock()

    def now(self) -> dt.datetime:
        base = self._start or dt.datetime.now(dt.UTC)
        return base + self._ahead

    def move(self, by: dt.timedelta) -> dt.datetime:
        """Push the clock ahead by ``by`` and return the new time. It never goes back: codes would come alive again."""
        if by < dt.timedelta():
            raise ValueError("the clock only moves ahead")
        with self._lock:
            self._ahead += by
        return self.now()
