"""What every screen has: the door to the desk without a frozen interface, and one way to say what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from textual import getters, work
from textual.css.query import NoMatches
from textual.screen import ScreenResultType
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker

from core.errors import DeskError
from core.i18n.translation import _
from tui.app import OkienkoApp
from tui.screen_guard import Leavable
from tui.text import plain

if TYPE_CHECKING:
    from core.service.unit_of_work import ReadContext, UnitOfWork

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="DeskScreen[Any]")

BUSY_AFTER = 0.15
"""Seconds a call may take before the busy sign comes: below, a sign would only flicker."""


class BusySign(Static):
    """A word in the corner while the desk works. It does not move, so it costs one write over SSH."""


class DeskScreen(Leavable[ScreenResultType]):
    """A screen that talks to the desk.

    ``do`` and ``see`` may be awaited anywhere; the place that keeps everything else alive meanwhile is an
    :func:`errand`, because Textual draws nothing of a screen while one of its plain handlers is waiting::

        @on(Form.Submitted)
        @errand
        async def save(self, event: Form.Submitted) -> None:
            ticket = await self.do(tickets.create, event.values)
    """

    app = getters.app(OkienkoApp)

    def __init__(
        self,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(name, id, classes)
        self.under_way: set[str] = set()
        """The deeds that have begun and not ended."""
        self._calls = 0
        self._busy_sign: BusySign | None = None
        self._busy_timer: Timer | None = None

    async def do(self, use_case: Callable[Concatenate[UnitOfWork, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Change something, off the interface's thread. Raises :class:`DeskError`."""
        desk = await self.app.ready()
        return await self._away(partial(desk.do, use_case, *args, **kwargs))

    async def see(self, query: Callable[Concatenate[ReadContext, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Read something, off the interface's thread. Raises :class:`DeskError`."""
        desk = await self.app.ready()
        return await self._away(partial(desk.see, query, *args, **kwargs))

    def complain(self, error: DeskError) -> None:
        """Say what went wrong and stay where we are. Errors of a form go beside their fields instead."""
        self.notify(error.text(), severity="error", timeout=10, markup=False)

    async def _away(self, call: Callable[[], R]) -> R:
        self._calls += 1
        if self._calls == 1:
            self._busy_timer = self.set_timer(BUSY_AFTER, self._show_busy)
        try:
            return await asyncio.to_thread(call)
        finally:
            self._calls -= 1
            if self._calls == 0:
                self._hide_busy()

    def _show_busy(self) -> None:
        if self._calls and self._busy_sign is None and self.is_attached:
            self._busy_sign = BusySign(plain(_("working…")))
            self.mount(self._busy_sign)

    def _hide_busy(self) -> None:
        if self._busy_timer is not None:
            self._busy_timer.stop()
            self._busy_timer = None
        if self._busy_sign is not None:
            self._busy_sign.remove()
            self._busy_sign = None


def errand(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, None]],
) -> Callable[Concatenate[S, P], Worker[None]]:
    """Run ``method`` beside the interface: keys work and lines are drawn while it waits; it ends with its screen.

    A :class:`DeskError` that it does not handle itself is complained about; any other exception is a crash. Starting
    the same errand again abandons the earlier one, so that the last key pressed decides what is shown. What changes
    something is a :func:`deed`.
    """
    return work(exclusive=True, group=method.__qualname__)(_minded(method))


def deed(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, None]],
) -> Callable[Concatenate[S, P], Worker[None]]:
    """An :func:`errand` that changes something: asked for again while it is under way, it is done once.

    Abandoning it would only abandon the waiting; the desk would finish, and a second one would do it twice.
    """

    minded = _minded(method)

    @wraps(method)
    async def once(self: S, *args: P.args, **kwargs: P.kwargs) -> None:
        if method.__qualname__ in self.under_way:
            return
        self.under_way.add(method.__qualname__)
        try:
            await minded(self, *args, **kwargs)
        finally:
            self.under_way.discard(method.__qualname__)

    return work(group=method.__qualname__)(once)


def _minded(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, None]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, None]]:
    """``method``, with what may go wrong said on the screen it belongs to."""

    @wraps(method)
    async def run(self: S, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await method(self, *args, **kwargs)
        except DeskError as error:
            if not self.left:  # what was asked of a screen that is gone is no news to whoever is here now
                self.complain(error)
        except NoMatches:
            # The answer came when the screen had been left: what it was for is gone.
            if not self.left:
                raise

    return cast("Callable[Concatenate[S, P], Coroutine[Any, Any, None]]", run)
