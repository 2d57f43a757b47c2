"""Limits that hold across processes: one row a bucket, one statement a question (facts/security.md §4.5).

Two kinds. A *rate* lets ``burst`` hits through at once and then one each ``every`` (GCRA). *Pauses* count failures
and make each further try wait longer; the hit is booked before the slow work, so that many tries at once can't slip
through, and a success clears it. Buckets are told apart by a short MAC, so that the table names nobody.
"""

import datetime as dt

import sqlalchemy as sa

from core.accounts.models import Throttle
from core.work import Work

FREE_FAILURES = 5
"""Wrong passwords before the pauses begin."""
LONGEST_PAUSE = dt.timedelta(minutes=15)

OF_ACCOUNT = ("own-password", "own-code", "second-step", "first-code", "activate-by", "apply")
"""The kinds of buckets that count against one account by its id; see :func:`clear_account`."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_table = Throttle.__table__  # type: ignore[attr-defined]

_greatest = {"sqlite": "max", "postgresql": "greatest"}
_least = {"sqlite": "min", "postgresql": "least"}


def _ms(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(milliseconds=1)


def _moment(ms: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(milliseconds=ms)


def bucket(work: Work, kind: str, *parts: object) -> str:
    """The name of a bucket: its kind readable, whom it is about only as a MAC."""
    return f"{kind}:{work.keys.mac('throttle', kind, *map(str, parts))[:32]}"


def hit(work: Work, name: str, *, every: dt.timedelta, burst: int) -> dt.datetime | None:
    """Book one hit. None: it is within the rate. Otherwise when the next one will be; nothing was booked."""
    step, now = every // dt.timedelta(milliseconds=1), _ms(work.now)
    later = _greatest[work.connection.dialect.name]
    took = work.connection.execute(
        sa.text(
            "INSERT INTO throttle (bucket, tat, failures, opens_at) VALUES (:bucket, :now + :step, 0, 0) "
            f"ON CONFLICT (bucket) DO UPDATE SET tat = {later}(throttle.tat, :now) + :step "
            f"WHERE {later}(throttle.tat, :now) + :step - :now <= :most RETURNING tat"
        ),
        {"bucket": name, "now": now, "step": step, "most": step * burst},
    ).scalar()
    if took is not None:
        return None
    tat = work.connection.execute(sa.select(_table.c.tat).where(_table.c.bucket == name)).scalar_one()
    return _moment(int(tat) + step - step * burst)


def attempt(work: Work, name: str) -> tuple[dt.datetime | None, int]:
    """Book a try that counts as a failure until :func:`clear` says otherwise.

    Returns (None, failures so far) when it may go on, or (the time it opens again, failures) when it must wait;
    a try that must wait is not booked, so knocking does not make the pause longer.
    """
    now, longest = _ms(work.now), LONGEST_PAUSE // dt.timedelta(milliseconds=1)
    shorter = _least[work.connection.dialect.name]
    row = work.connection.execute(
        sa.text(
            "INSERT INTO throttle (bucket, tat, failures, opens_at) VALUES (:bucket, 0, 1, 0) "
            "ON CONFLICT (bucket) DO UPDATE SET failures = throttle.failures + 1, opens_at = CASE "
            "WHEN throttle.failures + 1 < :free THEN 0 "
            f"ELSE :now + {shorter}(:longest, 30000 * (1 << {shorter}(throttle.failures + 1 - :free, 10))) END "
            "WHERE throttle.opens_at <= :now RETURNING failures"
        ),
        {"bucket": name, "now": now, "free": FREE_FAILURES, "longest": longest},
    ).first()
    if row is not None:
        return None, int(row.failures)
    held = work.connection.execute(sa.select(_table).where(_table.c.bucket == name)).one()
    return _moment(int(held.opens_at)), int(held.failures)


def opens_at(work: Work, name: str) -> dt.datetime | None:
    """When a paused bucket opens again; None when it is open."""
    ms = work.connection.execute(sa.select(_table.c.opens_at).where(_table.c.bucket == name)).scalar()
    return _moment(int(ms)) if ms and ms > _ms(work.now) else None


def clear(work: Work, name: str) -> None:
    """A success, or an agent's unlock: failures and hits are forgotten."""
    used = sa.or_(_table.c.failures > 0, _table.c.tat > 0)
    work.change(Throttle, _table.c.bucket == name, used, tat=0, failures=0, opens_at=0)


def clear_account(work: Work, account_id: int) -> None:
    """Forget whatever was counted against an account itself. What was typed as its names is counted elsewhere."""
    for kind in OF_ACCOUNT:
        clear(work, bucket(work, kind, account_id))


def failures(work: Work, name: str) -> int:
    """How many tries in a row have failed."""
    return int(work.connection.execute(sa.select(_table.c.failures).where(_table.c.bucket == name)).scalar() or 0)


def count(work: Work, name: str) -> None:
    """One more, of whatever the bucket counts; it makes nobody wait."""
    work.connection.execute(
        sa.text(
            "INSERT INTO throttle (bucket, tat, failures, opens_at) VALUES (:bucket, 0, 1, 0) "
            "ON CONFLICT (bucket) DO UPDATE SET failures = throttle.failures + 1"
        ),
        {"bucket": name},
    )


def take_count(work: Work, name: str) -> int:
    """How many :func:`count` has counted since this was asked last."""
    number = failures(work, name)
    work.change(Throttle, _table.c.bucket == name, _table.c.failures > 0, failures=0)
    return number
