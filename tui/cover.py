"""An application that is covered when nobody has been there for a while: seen and reached is the cover alone."""

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


class Coverable(Themed):
    """Watches for keys from when somebody sits down (:meth:`begin_watch`)."""

    desk: Any
    """The open desk."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.idle = IdleWatch(set_timer=self.set_timer, cover=self.cover, end=self._end_idle)
        self.ends_when_idle: float | None = None
        """Minutes without a key after which a session that a server keeps open ends; None where it need not."""
        self.on_locked: list[Callable[[bool], None]] = []
        """Told whenever the session is covered or opened again."""
        self._cover: Screen[Any] | None = None

    def begin_watch(self) -> None:
        """Begin to watch for whoever sits here now. Nobody is locked out of a demo, whose people have passwords that
        nobody knows."""
        lockable = self.seat is not None and not self.desk.settings.demo
        ends = self.ends_when_idle
        self.idle.watch(
            cover_after=self.desk.settings.security.idle_minutes * 60 if lockable else None,
            end_after=ends * 60 if ends is not None else None,
        )

    async def on_event(self, event: events.Event) -> None:
        """A key, a click or the wheel says that somebody is there; one that comes too late only shows the cover."""
        if isinstance(event, _SIGNS_OF_LIFE) and not event.is_forwarded and not self.idle.stir():
            return
        await super().on_event(event)

    @property
    def is_covered(self) -> bool:
        """Whether the session was left alone and nobody has opened it again."""
        return self._cover is not None

    def cover(self) -> None:
        """Nothing of what is open can be seen or reached until :meth:`unlock`; what was typed stays as it is."""
        if self._cover is not None or self.seat is None or not self.is_running:
            return
        cover = screen_paths.screen(screen_paths.LOCK)
        self.push_screen(cover)
        self._cover, self.idle.covered = cover, True
        self._say_whether_locked()

    def uncover(self) -> None:
        """Take the cover away, if there is one."""
        cover, self._cover = self._cover, None
        self.idle.covered = False
        if cover is None:
            return
        if self.screen is cover:
            self.pop_screen()
        for screen in self._background_screens:  # whoever shows through was not told of another size meanwhile
            screen.post_message(events.Resize(self.size, self.size))
        self._refresh_notifications()
        self._say_whether_locked()

    def unlock(self) -> None:
        """Whoever sits here has shown who they are."""
        self.uncover()
        self.begin_watch()

    def _say_whether_locked(self) -> None:
        for hear in self.on_locked:
            hear(self._cover is not None)

    def _end_idle(self) -> None:
        """Nobody has been there for so long that the session is not kept open."""
        self.post_message(SessionEnded(0))

    @contextmanager
    def _beneath_cover(self) -> Iterator[None]:
        """What opens and closes screens meanwhile, opens and closes those beneath the cover."""
        cover = self._cover
        if cover is None or self.screen is not cover:
            yield
            return
        self._screen_stack.pop()
        try:
            yield
        finally:
            self._screen_stack.append(cover)

    def push_screen(self, *args: Any, **options: Any) -> Any:
        with self._beneath_cover():
            return super().push_screen(*args, **options)

    def pop_screen(self) -> AwaitComplete:
        with self._beneath_cover():
            return super().pop_screen()

    def switch_screen(self, screen: Screen[Any] | str) -> AwaitComplete:
        with self._beneath_cover():
            return super().switch_screen(screen)

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """Nothing shows through the cover."""
        return [] if self._cover is not None and self.screen is self._cover else super()._background_screens

    def _refresh_notifications(self) -> None:
        """Nothing is told over the cover; what is still new when it goes is told then."""
        if self._cover is None:
            super()._refresh_notifications()
