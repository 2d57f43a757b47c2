"""Whether anybody is still there: after some time without a key a session is locked, or ends.

One timer, set again only when it rings: a session that nobody touches wakes once, and one in which somebody works is
asked no more often than that. Moving the mouse is no sign of anybody; a key, a click and the wheel are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol


def since_boot() -> float:
    """Seconds that go on while the computer sleeps, where the system counts them: a lid that was closed over night is
    a night without a key."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class _Timer(Protocol):
    def stop(self) -> None: ...


class IdleWatch:
    """Calls ``lock`` and ``end`` when it is time. Times are seconds; None means never."""

    def __init__(
        self,
        *,
        set_timer: Callable[[float, Callable[[], None]], Any],
        lock: Callable[[], None],
        end: Callable[[], None],
        clock: Callable[[], float] = since_boot,
    ) -> None:
        self.clock = clock
        self._set_timer, self._lock, self._end = set_timer, lock, end
        self._last = clock()
        self._lock_after: float | None = None
        self._end_after: float | None = None
        self.locked = False
        self._timer: _Timer | None = None

    def watch(self, *, lock_after: float | None, end_after: float | None) -> None:
        """Begin anew with these."""
        self._lock_after, self._end_after = lock_after, end_after
        self._last = self.clock()
        self._arm()

    def stir(self) -> bool:
        """Somebody is there. False when they come so late that the session should have been locked: it is now, and
        what they pressed was not meant for it."""
        on_time = not self._is_due(self._lock_after) or self.locked
        if not on_time:
            self._lock()
        self._last = self.clock()
        return on_time

    def stop(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _is_due(self, after: float | None) -> bool:
        return after is not None and self.clock() - self._last >= after

    def _arm(self) -> None:
        self.stop()
        waits = [self._end_after, None if self.locked else self._lock_after]
        due = min((each for each in waits if each is not None), default=None)
        if due is not None:
            self._timer = self._set_timer(max(self._last + due - self.clock(), 0) + 0.01, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._is_due(self._end_after):
            self._end()
            return
        if self._is_due(self._lock_after) and not self.locked:
            self._lock()
        self._arm()
