"""What was typed and not sent yet, by form: there when the form is opened again, and what the desk is still to be told.

This is the memory and the timetable; it knows no clock and no desk (:mod:`tui.draft_keeper` has both). Before somebody
is logged in, and of what is too short to be worth it, this memory is all there is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from core.field import Raw

QUIET: Final = 2.0
"""Seconds after the last letter until it is written."""
AT_THE_LATEST: Final = 4.0
"""Seconds after the first letter that is not written yet. Nobody is to lose more than five seconds of typing; one of
them is for the writing itself."""
AGAIN: Final = 5.0
"""Seconds until what could not be written is tried once more."""
LEAST: Final = 10
"""Characters in one field from which on a draft is written down."""
NOT_KEPT: Final = ""
"""The name of a form of which nothing is kept: it asks for a secret, a code, or a filter."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it was left: the fields that were typed into, what it needs besides them, and when that was."""

    values: Mapping[str, Raw]
    beside: Mapping[str, Any] = field(default_factory=dict)
    at: dt.datetime | None = None
    known: dt.datetime | None = None
    """When the desk has kept the draft that this one continues; None where it has none."""


@dataclass(slots=True)
class _Unwritten:
    since: float
    last: float
    not_before: float = 0.0
    """After a failure."""

    @property
    def due(self) -> float:
        return max(min(self.last + QUIET, self.since + AT_THE_LATEST), self.not_before)


class Drafts:
    """By the form's name. Times are seconds of one clock that only goes forward."""

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}
        self._unwritten: dict[str, _Unwritten] = {}
        self._in_hand: dict[str, Draft] = {}
        """What is being written at this moment."""
        self._gone: dict[str, dt.datetime] = {}
        """What the desk is to forget, by when it was kept."""
        self._gone_not_before = 0.0
        self.times_forgotten = 0
        """How often the desk has forgotten one: what was read there before may speak of it still."""
        self.kept = False
        """Whether there is a desk that keeps them: for whoever is logged in."""
        self.changed: Callable[[], None] = lambda: None
        """Called when there is something (else) to be written."""
        self.clock: Callable[[], float] = lambda: 0.0
        self.now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)

    def __bool__(self) -> bool:
        return bool(self._drafts)

    def __contains__(self, name: str) -> bool:
        return name in self._drafts

    def items(self) -> list[tuple[str, Draft]]:
        """Each with the name of its form."""
        return list(self._drafts.items())

    def get(self, name: str) -> Draft | None:
        """What was left of the form called ``name``."""
        return self._drafts.get(name)

    def note(
        self, name: str, values: Mapping[str, Raw], beside: Mapping[str, Any] | None = None, *, longest: int = 0
    ) -> None:
        """Remember what stands in a form now.

        Args:
            values: All that is to be found again.
            longest: Characters in the longest text that was typed; from :data:`LEAST` on the desk keeps it.
        """
        before = self._drafts.get(name)
        beside = dict(beside or {})
        if before is not None and before.values == values and before.beside == beside:
            return
        known = before.known if before is not None else None
        if not any(values.values()) and not beside:
            self.forget(name)
            return
        self._drafts[name] = Draft(dict(values), beside, self.now(), known)
        if self.kept and (known is not None or name in self._in_hand or longest >= LEAST):
            self._mark(name)

    def insist(self, name: str) -> None:
        """Its owner has asked for it to be kept: the desk is told of a few letters, too."""
        draft = self._drafts.get(name)
        if self.kept and draft is not None and draft.known is None and name not in self._in_hand:
            self._mark(name)

    def _mark(self, name: str) -> None:
        at = self.clock()
        marked = self._unwritten.setdefault(name, _Unwritten(at, at))
        marked.last = at
        self.changed()

    def forget(self, name: str) -> None:
        """It was sent, or thrown away. The desk forgets what this session knows of it, and nothing newer."""
        draft = self._drafts.pop(name, None)
        self._unwritten.pop(name, None)
        if draft is not None and draft.known is not None:
            self._gone[name] = draft.known
            self.changed()

    def clear(self) -> None:
        """Somebody else sits here now."""
        for each in (self._drafts, self._unwritten, self._in_hand, self._gone):
            each.clear()

    def take(self, name: str, draft: Draft) -> None:
        """What the desk has of a form; what was typed here since then counts more."""
        mine = self._drafts.get(name)
        older = mine is not None and mine.known is not None and draft.known is not None and draft.known < mine.known
        if not older and name not in (*self._unwritten, *self._in_hand, *self._gone):
            self._drafts[name] = draft

    def leave_only(self, names: Collection[str], at: dt.datetime) -> None:
        """The desk had these and no others ``at`` that moment: anything else was sent or thrown away elsewhere."""
        for name, draft in list(self._drafts.items()):
            known_then = draft.known is not None and draft.known < at
            if known_then and name not in (*names, *self._unwritten, *self._in_hand):
                del self._drafts[name]

    # The timetable

    @property
    def due(self) -> float | None:
        """When the next one is to be written; None while everything is."""
        times = [each.due for name, each in self._unwritten.items() if name not in self._in_hand]
        return min([*times, *([self._gone_not_before] if self._gone else [])], default=None)

    @property
    def unwritten(self) -> frozenset[str]:
        """Forms of which the desk doesn't have what stands in them."""
        return frozenset(self._unwritten)

    def is_kept(self, name: str) -> bool:
        """Whether the desk has what was typed into the form."""
        draft = self._drafts.get(name)
        return draft is not None and draft.known is not None and name not in self._unwritten

    @property
    def has_more_than_is_kept(self) -> bool:
        """Whether something is remembered here and nowhere else."""
        return any(not self.is_kept(name) for name in self._drafts)

    def to_forget(self) -> dict[str, dt.datetime]:
        """What the desk is to forget; :meth:`forgotten` says whether it has."""
        return dict(self._gone)

    def forgotten(self, name: str, *, done: bool = True) -> None:
        """The desk has forgotten it, or could not be told: then it is told again after a while."""
        if done:
            self._gone.pop(name, None)
            self.times_forgotten += 1
        else:
            self._gone_not_before = self.clock() + AGAIN

    def to_write(self, *, all_of_them: bool = False) -> dict[str, Draft]:
        """What is due now (or whatever is not written), to be followed by :meth:`written` or :meth:`failed`."""
        at = self.clock()
        due = [name for name, each in self._unwritten.items() if each.due <= at and name not in self._in_hand]
        names = {*self._unwritten, *self._in_hand} if all_of_them else due
        taken = {name: self._drafts[name] for name in names if name in self._drafts}
        for name in taken:
            self._unwritten.pop(name, None)
        self._in_hand |= taken
        return taken

    def written(self, name: str, known: dt.datetime) -> None:
        """The desk has kept what :meth:`to_write` gave."""
        self._in_hand.pop(name, None)
        draft = self._drafts.get(name)
        if draft is not None:
            self._drafts[name] = replace(draft, known=known)
        else:  # sent while it was being written
            self._gone[name] = known
            self.changed()

    def failed(self, name: str, *, again: bool = True) -> None:
        """It was not kept. With ``again`` it is tried once more, after a while."""
        taken = self._in_hand.pop(name, None)
        if taken is None or name not in self._drafts or not again:
            self._unwritten.pop(name, None)
            return
        at = self.clock()
        marked = self._unwritten.setdefault(name, _Unwritten(at, at))
        marked.not_before = at + AGAIN
        self.changed()

    def put_aside(self) -> dict[str, Draft]:
        """What the desk could not be told any more."""
        return {name: self._drafts[name] for name in (*self._unwritten, *self._in_hand) if name in self._drafts}

    def put_back(self, drafts: Mapping[str, Draft]) -> None:
        """What was put aside, of the same person: written now, but for what they have typed on elsewhere since."""
        for name, draft in drafts.items():
            at_desk = self._drafts.get(name)
            if at_desk is not None and at_desk.known != draft.known:
                continue
            self._drafts[name] = replace(draft, known=at_desk.known if at_desk is not None else None)
            self._mark(name)
