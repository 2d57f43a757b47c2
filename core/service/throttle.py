"""Limits that hold across processes: one row a bucket, one statement a question.

Two kinds. A *rate* lets ``burst`` hits through at once and then one each ``every`` (GCRA). *Pauses* count failures
and make each further try wait longer; the hit is booked before the slow work, so that many tries at once can't slip
through, failures fade, and a success clears them. Whatever lies farther in the future than its rule can put it was
written while the clock was ahead, and counts as none: nobody is kept out for what a clock did. Buckets are told apart
by a short MAC, so that the table names nobody.
"""

import datetime as dt

import sqlalchemy as sa

from core.models.accounts import Throttle
from core.service.unit_of_work import ReadContext, UnitOfWork

FREE_FAILURES = 5
"""Wrong passwords before the pauses begin."""
LONGEST_PAUSE = dt.timedelta(minutes=15)
FADE = dt.timedelta(hours=1)
"""Each failure is forgotten so long after the last one, one after another."""

KEPT_FOR = dt.timedelta(days=30)
"""No rule here reaches that far: what was counted before says nothing any more."""
FORGOTTEN_AT_ONCE = 500

OF_ACCOUNT = ("own-password", "own-code", "second-step", "first-code", "way-in", "activate-by", "apply")
"""The kinds of buckets that count against one account by its id, and of their families; see :func:`clear_account`."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_table = Throttle.__table__  # type: ignore[attr-defined]

_greatest = {"sqlite": "max", "postgresql": "greatest"}
_least = {"sqlite": "min", "postgresql": "least"}


def _ms(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(milliseconds=1)


def _moment(ms: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(milliseconds=ms)


def bucket(work: ReadContext, kind: str, *parts: object) -> str:
    """The name of a bucket: its kind readable, whom it is about only as a MAC."""
    return f"{kind}:{work.keys.mac('throttle', kind, *map(str, parts))[:32]}"


def hit(work: UnitOfWork, name: str, *, every: dt.timedelta, burst: int) -> dt.datetime | None:
    """Book one hit. None: it is within the rate. Otherwise when the next one will be; nothing was booked."""
    step, now = every // dt.timedelta(milliseconds=1), _ms(work.now)
    later = _greatest[work.connection.dialect.name]
    # Farther ahead than a full bucket can be: written by a clock that was ahead, so it counts as none.
    full = f"{later}(CASE WHEN throttle.tat > :now + :most THEN 0 ELSE throttle.tat END, :now) + :step"
    took = work.connection.execute(
        sa.text(
            "INSERT INTO throttle (bucket, tat, failures, opens_at) VALUES (:bucket, :now + :step, 0, 0) "
            f"ON CONFLICT (bucket) DO UPDATE SET tat = {full} WHERE {full} - :now <= :most RETURNING tat"
        ),
        {"bucket": name, "now": now, "step": step, "most": step * burst},
    ).scalar()
    if took is not None:
        return None
    tat = work.connection.execute(sa.select(_table.c.tat).where(_table.c.bucket == name)).scalar_one()
    return _moment(int(tat) + step - step * burst)


def used_up(look: ReadContext, name: str, *, every: dt.timedelta, burst: int) -> dt.datetime | None:
    """What :func:`hit` would answer now, without booking anything."""
    step, now = every // dt.timedelta(milliseconds=1), _ms(look.now)
    most = step * burst
    tat = int(look.connection.execute(sa.select(_table.c.tat).where(_table.c.bucket == name)).scalar() or 0)
    return _moment(tat + step - most) if now + most - step < tat <= now + most else None


def give_back(work: UnitOfWork, name: str, *, every: dt.timedelta) -> None:
    """Take one hit back: it was none of those that the rate is there for."""
    step = every // dt.timedelta(milliseconds=1)
    work.change(Throttle, _table.c.bucket == name, _table.c.tat >= step, tat=_table.c.tat - step)


def attempt(work: UnitOfWork, name: str, *, longest: dt.timedelta = LONGEST_PAUSE) -> tuple[dt.datetime | None, int]:
    """Book a try that counts as a failure until :func:`clear` says otherwise.

    Returns (None, failures so far) when it may go on, or (the time it opens again, failures) when it must wait;
    a try that must wait is not booked, so knocking does not make the pause longer. Failures fade (:data:`FADE`), and a
    pause that would last longer than ``longest`` is one that a wrong clock wrote: it counts as none.
    """
    now, most = _ms(work.now), longest // dt.timedelta(milliseconds=1)
    shorter, later = _least[work.connection.dialect.name], _greatest[work.connection.dialect.name]
    faded = f"{later}(:now - throttle.tat, 0) / :fade"
    failed = f"CAST({later}(throttle.failures - {faded}, 0) + 1 AS INTEGER)"
    row = work.connection.execute(
        sa.text(
            "INSERT INTO throttle (bucket, tat, failures, opens_at) VALUES (:bucket, :now, 1, 0) "
            f"ON CONFLICT (bucket) DO UPDATE SET tat = :now, failures = {failed}, opens_at = CASE "
            f"WHEN {failed} < :free THEN 0 "
            f"ELSE :now + {shorter}(:longest, 30000 * (1 << {shorter}({failed} - :free, 10))) END "
            "WHERE throttle.opens_at <= :now OR throttle.opens_at > :now + :longest RETURNING failures"
        ),
        {
            "bucket": name,
            "now": now,
            "free": FREE_FAILURES,
            "longest": most,
            "fade": FADE // dt.timedelta(milliseconds=1),
        },
    ).first()
    if row is not None:
        return None, int(row.failures)
    current = work.connection.execute(sa.select(_table).where(_table.c.bucket == name)).one()
    return _moment(int(current.opens_at)), int(current.failures)


def opens_at(work: ReadContext, name: str, *, longest: dt.timedelta = LONGEST_PAUSE) -> dt.datetime | None:
    """When a paused bucket opens again; None when it is open (or its pause is none that ``longest`` allows)."""
    ms = work.connection.execute(sa.select(_table.c.opens_at).where(_table.c.bucket == name)).scalar()
    now = _ms(work.now)
    return _moment(int(ms)) if ms and now < ms <= now + longest // dt.timedelta(milliseconds=1) else None


def clear(work: UnitOfWork, name: str) -> None:
    """A success, or an agent's unlock: failures and hits are forgotten."""
    work.change(Throttle, _table.c.bucket == name, _used(), tat=0, failures=0, opens_at=0)


def clear_family(work: UnitOfWork, name: str) -> None:
    """:func:`clear` for every bucket whose name begins with that of ``name`` (:func:`member`)."""
    inside = _table.c.bucket.startswith(f"{name}.", autoescape=True)
    work.change(Throttle, inside, _used(), tat=0, failures=0, opens_at=0)


def member(work: ReadContext, family: str, *parts: object) -> str:
    """A bucket of a family: one source's, say, of those that try one name."""
    return f"{family}.{work.keys.mac('throttle', family, *map(str, parts))[:32]}"


def _used() -> sa.ColumnElement[bool]:
    return sa.or_(_table.c.failures > 0, _table.c.tat > 0)


def clear_account(work: UnitOfWork, account_id: int) -> None:
    """Forget whatever was counted against an account itself. What was typed as its names is counted elsewhere."""
    for kind in OF_ACCOUNT:
        name = bucket(work, kind, account_id)
        clear(work, name)
        clear_family(work, name)


def failures(work: ReadContext, name: str) -> int:
    """How many tries in a row have failed."""
    return int(work.connection.execute(sa.select(_table.c.failures).where(_table.c.bucket == name)).scalar() or 0)


def count(work: UnitOfWork, name: str) -> None:
    """One more, of whatever the bucket counts; it makes nobody wait."""
    work.connection.execute(
        sa.text(
            "INSERT INTO throttle (bucket, tat, failures, opens_at) VALUES (:bucket, :now, 1, 0) "
            "ON CONFLICT (bucket) DO UPDATE SET failures = throttle.failures + 1, tat = :now"
        ),
        {"bucket": name, "now": _ms(work.now)},
    )


def take_count(work: UnitOfWork, name: str) -> int:
    """How many :func:`count` has counted since this was asked last."""
    number = failures(work, name)
    work.change(Throttle, _table.c.bucket == name, _table.c.failures > 0, failures=0)
    return number


def forget_old(work: UnitOfWork) -> int:
    """A job: take away the buckets that nobody has hit for a month, so that strangers don't make the table grow."""
    long_ago, now = _ms(work.now - KEPT_FOR), _ms(work.now)
    old = sa.select(_table.c.bucket).where(_table.c.tat < long_ago, _table.c.opens_at < now).limit(FORGOTTEN_AT_ONCE)
    return work.connection.execute(sa.delete(_table).where(_table.c.bucket.in_(old))).rowcount
