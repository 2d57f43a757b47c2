"""How a story went in one ticket: who wrote what when, how far it has come, what the history says.

A ticket is a story told up to some line, so its status is never made up: it follows from the last line by the rules
of :mod:`core.tickets.conversation` and :mod:`core.tickets.workflow`.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.demo.data import Story, StoryLine
from core.models.tickets import Status

NEW, OPEN, CUSTOMER, VENDOR, RESOLVED, CLOSED = Status

_AFTER = {"staff": CUSTOMER, "working": OPEN, "vendor": VENDOR, "resolved": RESOLVED}

_SAID_FOR = {CUSTOMER: "staff", VENDOR: "vendor"}

_BY_AGE: tuple[tuple[float, tuple[int, ...]], ...] = (
    (2.5, (45, 25, 15, 8, 7, 0)),
    (10, (4, 30, 30, 14, 16, 6)),
    (25, (0, 16, 24, 12, 28, 20)),
    (70, (0, 4, 7, 3, 14, 72)),
    (10_000, (0, 0, 1, 0, 3, 96)),
)
"""Up to so many days of age: the weights of the six statuses."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened: a line of the story was said, or ``what`` of the ticket changed."""

    what: str
    at: dt.datetime
    staff: bool
    before: str = ""
    after: str = ""
    line: StoryLine | None = None


@dataclass(slots=True)
class Plot:
    """One ticket's course so far."""

    steps: list[Step] = field(default_factory=list)
    status: Status = NEW
    taken: bool = False
    version: int = 1
    changed_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    resolved_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None


def wanted(rng: random.Random, age: float) -> Status:
    """A status that suits a ticket of ``age`` days."""
    weights = next(weights for days, weights in _BY_AGE if age < days)
    return Status(rng.choices(range(1, 7), weights)[0])


def reaches(story: Story, status: Status) -> bool:
    """Whether the story stands in ``status`` at some line; every story can be new, open, and done."""
    return status not in (CUSTOMER, VENDOR) or any(line.by == _SAID_FOR[status] for line in story.talk)


def lines_until(story: Story, status: Status, rng: random.Random) -> Sequence[StoryLine]:
    """The story as far as it stands in ``status``; when it never does, up to the nearest it comes."""
    if status >= RESOLVED:
        return story.talk
    if status is NEW:
        return story.talk[:1]
    fits = [at for at in range(1, len(story.talk) + 1) if at > 1 and _standing(story.talk[:at]) is status]
    if not fits:
        fits = [at for at in range(2, len(story.talk)) if _standing(story.talk[:at]) < RESOLVED]
    return story.talk[: rng.choice(fits)]


def _standing(talk: Sequence[StoryLine]) -> Status:
    """How a taken ticket stands after these lines."""
    status = OPEN
    for line in talk:
        if line.by != "note":
            status = _AFTER.get(line.by, OPEN)
    return status


def plot(
    rng: random.Random,
    talk: Sequence[StoryLine],
    status: Status,
    created: dt.datetime,
    now: dt.datetime,
    *,
    priority: int,
) -> Plot:
    """Let ``talk`` happen between ``created`` and ``now``. NEW leaves the ticket untaken, CLOSED closes it."""
    made = Plot(changed_at=created)
    beats = len(talk) + (status is CLOSED)
    times = _times(rng, created, now, beats, priority)
    made.steps.append(Step("created", created, staff=False, line=talk[0]))
    if status is not NEW:
        _take(made, times[0], rng)
    for line, at in zip(talk[1:], times[1:], strict=False):
        _say(made, line, at)
    if status is CLOSED:
        _move(made, CLOSED, times[-1], staff=rng.random() < 0.6)
        made.version += 1
        made.changed_at = times[-1]
    return made


def _times(rng: random.Random, created: dt.datetime, now: dt.datetime, beats: int, priority: int) -> list[dt.datetime]:
    """When the ticket was taken, then when each further thing happened; squeezed in before now."""
    gaps = [rng.expovariate(1 / (200 / priority))]
    gaps += [rng.expovariate(1 / (1500 / priority)) + 4 for _ in range(beats - 1)]
    room = (now - created).total_seconds() / 60 - 1
    squeeze = min(1.0, room * rng.uniform(0.6, 0.98) / sum(gaps))
    times, at = [], created
    for gap in gaps:
        at += dt.timedelta(minutes=gap * squeeze)
        times.append(at.replace(microsecond=0))
    return times


def _take(made: Plot, at: dt.datetime, rng: random.Random) -> None:
    """An agent takes it; a new ticket that was taken is open. Some are found to be more urgent than they said."""
    made.steps.append(Step("assignee", at, staff=True, after="agent"))
    _move(made, OPEN, at, staff=True)
    made.taken, made.changed_at = True, at
    made.version += 1
    if rng.random() < 0.08:
        made.steps.append(Step("priority", at, staff=True))
        made.version += 1


def _say(made: Plot, line: StoryLine, at: dt.datetime) -> None:
    staff = line.by != "customer"
    made.steps.append(Step("noted" if line.by == "note" else "replied", at, staff=staff, line=line))
    if line.by == "note":
        return
    made.changed_at = at
    made.version += 1
    if staff and made.answered_at is None:
        made.answered_at = at
    _move(made, _AFTER.get(line.by, OPEN), at, staff=staff)


def _move(made: Plot, status: Status, at: dt.datetime, *, staff: bool) -> None:
    if status == made.status:
        return
    made.steps.append(Step("status", at, staff, str(made.status.value), str(status.value)))
    made.status = status
    made.resolved_at = (made.resolved_at or at) if status >= RESOLVED else None
    made.closed_at = at if status is CLOSED else None
