"""An application that is locked when nobody has been there for a while: the lock is all that is seen and reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import Screen

from tui import screen_paths
from tui.appearance import Themed
from tui.driver import SessionEnded
from tui.idle import IdleWatch

_SIGNS_OF_LIFE = (events.Key, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp, events.Paste)


class Lockable(Themed):
    """Watches for keys from when somebody sits down (:meth:`begin_watch`)."""

    desk: Any
    """The open desk."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.idle = IdleWatch(set_timer=self.set_timer, lock=self.lock, end=self._end_idle)
        self.ends_when_idle: float | None = None
        """Minutes without a key after which a session that a server keeps open ends; None where it need not."""
        self.on_locked: list[Callable[[bool], None]] = []
        """Told whenever the session is locked or opened again."""
        self._lock: Screen[Any] | None = None

    def begin_watch(self) -> None:
        """Begin to watch for whoever sits here now. Nobody is locked out of a demo, whose people have passwords that
        nobody knows."""
        lockable = self.seat is not None and not self.desk.settings.demo
        ends = self.ends_when_idle
        self.idle.watch(
            lock_after=self.desk.settings.security.idle_minutes * 60 if lockable else None,
            end_after=ends * 60 if ends is not None else None,
        )

    async def on_event(self, event: events.Event) -> None:
        """A key, a click or the wheel says that somebody is there; one that comes too late only brings up the lock."""
        if isinstance(event, _SIGNS_OF_LIFE) and not event.is_forwarded and not self.idle.stir():
            return
        await super().on_event(event)

    @property
    def is_locked(self) -> bool:
        """Whether the session was left alone and nobody has opened it again."""
        return self._lock is not None

    def lock(self) -> None:
        """Nothing of what is open can be seen or reached until :meth:`unlock`; what was typed stays as it is."""
        if self._lock is not None or self.seat is None or not self.is_running:
            return
        lock = screen_paths.screen(screen_paths.LOCK)
        self.push_screen(lock)
        self._lock, self.idle.locked = lock, True
        self._say_whether_locked()

    def take_lock_away(self) -> None:
        """Open it whoever is there, for the password, the next one who sits down, or nobody."""
        lock, self._lock = self._lock, None
        self.idle.locked = False
        if lock is None:
            return
        if self.screen is lock:
            self.pop_screen()
        for screen in self._background_screens:  # whoever shows through was not told of another size meanwhile
            screen.post_message(events.Resize(self.size, self.size))
        self._refresh_notifications()
        self._say_whether_locked()

    def unlock(self) -> None:
        """Whoever sits here has shown who they are."""
        self.take_lock_away()
        self.begin_watch()

    def _say_whether_locked(self) -> None:
        for hear in self.on_locked:
            hear(self._lock is not None)

    def _end_idle(self) -> None:
        """Nobody has been there for so long that the session is not kept open."""
        self.post_message(SessionEnded(0))

    @contextmanager
    def _beneath_lock(self) -> Iterator[None]:
        """What opens and closes screens meanwhile, opens and closes those beneath the lock."""
        lock = self._lock
        if lock is None or self.screen is not lock:
            yield
            return
        self._screen_stack.pop()
        try:
            yield
        finally:
            self._screen_stack.append(lock)

    def push_screen(self, *args: Any, **options: Any) -> Any:
        with self._beneath_lock():
            return super().push_screen(*args, **options)

    def pop_screen(self) -> AwaitComplete:
        with self._beneath_lock():
            return super().pop_screen()

    def switch_screen(self, screen: Screen[Any] | str) -> AwaitComplete:
        with self._beneath_lock():
            return super().switch_screen(screen)

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """Nothing shows through the lock."""
        return [] if self._lock is not None and self.screen is self._lock else super()._background_screens

    def _refresh_notifications(self) -> None:
        """Nothing is told over the lock; what is still new when it goes is told then."""
        if self._lock is None:
            super()._refresh_notifications()
