"""Keeps drafts on the desk: beside the interface, when :mod:`tui.drafts` says that it is time, and at the end at once.

A desk that can't be used is no crash: it is tried again, and one notice says that what is typed can't be kept now.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from core.errors import DeskError
from core.i18n.translation import _
from tui import crash
from tui.drafts import Draft, Drafts

if TYPE_CHECKING:
    from pathlib import Path

    from core.accounts import drafts as kept_drafts
    from core.service.desk import Desk

LAST_WORDS: Final = 5.0
"""Seconds that writing the rest may take when a session ends."""


class _Timer(Protocol):
    def stop(self) -> None: ...


class Host(Protocol):
    """What is needed of the application."""

    log_path: Path | None

    @property
    def now(self) -> dt.datetime: ...
    def set_timer(self, delay: float, callback: Callable[[], None]) -> _Timer: ...
    def run_worker(self, work: Callable[[], Coroutine[Any, Any, None]], *, group: str) -> object: ...
    def say_that_nothing_is_kept(self, text: str) -> None: ...
    def hear_session_end(self, error: DeskError) -> None: ...


class KeptDrafts(Drafts):
    """The drafts of whoever sits at one application."""

    def __init__(self, host: Any) -> None:
        """``host`` is a :class:`Host`."""
        super().__init__()
        self._host: Host = host
        self._desk: Desk | None = None
        self._account: int | None = None
        self._aside: tuple[int | None, dict[str, Draft]] = None, {}
        """What could not be written when a session ended under somebody's hands: for them, should they come back."""
        self._timer: _Timer | None = None
        self._rings = 0.0
        self._at_rest = asyncio.Event()
        """Set while nothing is being written."""
        self._at_rest.set()
        self._complained = False
        self.changed = self._arm
        self.clock = time.monotonic
        self.now = lambda: host.now

    # Who sits here

    def sit_down(self, desk: Desk, account_id: int, on_desk: Iterable[kept_drafts.KeptDraft]) -> None:
        """Somebody has logged in; ``on_desk`` is what the desk has of theirs (:func:`read`)."""
        self.clear()
        self._desk, self._account, self.kept = desk, account_id, True
        self.take_all(on_desk)
        whose, aside = self._aside
        self._aside = None, {}
        if whose == account_id:
            self.put_back(aside)

    def stand_up(self) -> None:
        """Nobody sits here any more. What the desk has stays there."""
        left = self.put_aside()
        if left:
            self._aside = self._account, left
        self.clear()
        self._desk, self._account, self.kept = None, None, False
        self._stop_timer()

    def take_all(self, on_desk: Iterable[kept_drafts.KeptDraft]) -> None:
        """What the desk has, where nothing newer was typed here."""
        for each in on_desk:
            self.take(each.form, Draft(each.values, each.beside, each.changed_at, each.changed_at))

    async def look_again(self) -> None:
        """What the same person has typed elsewhere meanwhile: before a form is opened, where one can wait for it."""
        desk = self._desk
        if desk is None:
            return
        before = -1
        while before != self.times_forgotten:
            before, at = self.times_forgotten, self.now()
            on_desk = await asyncio.to_thread(read, desk)
        if desk is self._desk and on_desk is not None:
            self.leave_only({each.form for each in on_desk}, at)
            self.take_all(on_desk)

    # When it is time

    def _arm(self) -> None:
        due = self.due
        if (
            due is None
            or self._desk is None
            or not self._at_rest.is_set()
            or (self._timer is not None and self._rings <= due)
        ):
            return
        self._stop_timer()
        self._rings = due
        # A timer that rings a moment too early would only be set again.
        self._timer = self._host.set_timer(max(due - self.clock(), 0) + 0.001, self._ring)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        due = self.due
        if due is not None and due <= self.clock() and self._at_rest.is_set():
            self._host.run_worker(self._write, group="drafts")
        else:
            self._arm()

    async def _write(self, *, all_of_them: bool = False, unless_newer: bool = False) -> None:
        desk = self._desk
        if desk is None:
            return
        gone, drafts = self.to_forget(), self.to_write(all_of_them=all_of_them)
        self._at_rest.clear()
        try:
            booked = await asyncio.to_thread(_tell, desk, gone, drafts, unless_newer)
        finally:
            self._at_rest.set()
        if desk is self._desk:
            self._book(booked)
            self._arm()

    async def write_rest(self, *, unless_newer: bool = False) -> None:
        """Everything that the desk doesn't have yet, at once and not for longer than :data:`LAST_WORDS`: the session
        may be about to end. ``unless_newer`` where nobody sits here any more, and may have gone on elsewhere."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                await self._at_rest.wait()
                if self.due is not None:
                    await self._write(all_of_them=True, unless_newer=unless_newer)

    def write_rest_now(self) -> None:
        """The same where the interface has ended already, and nothing goes on beside this."""
        if self._desk is not None and (self.due is not None or self._in_hand):
            _tell(self._desk, self.to_forget(), self.to_write(all_of_them=True), unless_newer=True)

    def _book(self, booked: _Told) -> None:
        from core.service.desk import SessionEnded  # deferred: start-up, loaded by whoever has opened a desk

        for name, forgotten in booked.forgotten.items():
            self.forgotten(name, done=forgotten)
        for name, at in booked.kept_at.items():
            self.written(name, at)
        for name, again in booked.not_kept.items():
            self.failed(name, again=again)
        if booked.error is None:
            self._complained = False
        elif isinstance(booked.error, SessionEnded):
            self._host.hear_session_end(booked.error)
        elif not self._complained:
            self._complained = True
            self._host.say_that_nothing_is_kept(self._why(booked.error))

    def _why(self, error: Exception) -> str:
        if isinstance(error, DeskError):
            return error.text()
        number = crash.incident_number()
        crash.write_down(number, error, self._host.log_path)
        return _("Something is wrong with the desk's store. Incident number: {number}").format(number=number)


@dataclass(slots=True)
class _Told:
    """What came of telling the desk, by form."""

    forgotten: dict[str, bool] = field(default_factory=dict)
    kept_at: dict[str, dt.datetime] = field(default_factory=dict)
    not_kept: dict[str, bool] = field(default_factory=dict)
    """With whether to try again."""
    error: Exception | None = None


def read(desk: Desk) -> list[kept_drafts.KeptDraft] | None:
    """What the desk has of whoever acts there; None where it can't say. Blocking, for a thread."""
    from core.accounts import drafts  # deferred: start-up, the first frame needs none of it

    try:
        return desk.see(drafts.own)
    except DeskError:
        return None


def _tell(desk: Desk, gone: Mapping[str, dt.datetime], drafts: Mapping[str, Draft], unless_newer: bool) -> _Told:
    """Tell the desk one after the other; with the first that it can't be booked, the others wait too. Blocking."""
    from core.accounts import drafts as kept_drafts  # deferred: start-up, the first frame needs none of it

    booked = _Told()
    for name, known in gone.items():
        try:
            if booked.error is None:
                desk.do(kept_drafts.forget, name, known)
            booked.forgotten[name] = booked.error is None
        except Exception as error:
            booked.error, booked.forgotten[name] = error, False
    for name, draft in drafts.items():
        try:
            at = None
            if booked.error is None or isinstance(booked.error, kept_drafts.TooLong):
                at = desk.do(
                    kept_drafts.keep, name, draft.values, draft.beside, known=draft.known, unless_newer=unless_newer
                )
        except Exception as error:
            booked.error, booked.not_kept[name] = error, not isinstance(error, kept_drafts.TooLong)
            continue
        if at is not None:
            booked.kept_at[name] = at
        else:
            booked.not_kept[name] = booked.error is not None
    return booked
