"""The grant's history, which the customer and the company both read: written here, in the transaction of what it
tells."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from core.db.columns import moment
from core.models.accounts import Account
from core.models.care import Grant, GrantEvent
from core.models.levels import Right
from core.models.names import display_name
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_event, _account = table(GrantEvent), table(Account)

VISIT = dt.timedelta(minutes=15)
"""Looking on for so long is one use; then it is written down again."""


@dataclass(frozen=True, slots=True)
class GrantHistoryLine:
    """One line. ``what`` and ``right`` as in :class:`core.models.care.GrantEvent`; ``actor`` is a name, empty for the
    desk itself."""

    id: int
    actor: str
    what: str
    right: str
    detail: str
    at: dt.datetime


def write(work: UnitOfWork, grant_id: int, what: str, right: Right | str = "", detail: str = "") -> None:
    """One line in the history of a grant."""
    work.add(
        GrantEvent,
        grant_id=grant_id,
        actor_id=work.actor.account_id,
        what=what,
        right_=str(right),
        detail=detail[:500],
        at=work.now,
    )


def used(work: UnitOfWork, grant_id: int, right: Right, detail: str = "") -> None:
    """A right of the company's was used. A look that goes on (no ``detail``) is written once a :data:`VISIT`."""
    if detail or not visiting(work, grant_id, right):
        write(work, grant_id, "used", right, detail)


def visiting(look: ReadContext, grant_id: int, right: Right) -> bool:
    """Whether the actor's look is in the history already."""
    return (
        look.value(
            sa.select(_event.c.id)
            .where(
                _event.c.grant_id == grant_id,
                _event.c.actor_id == look.actor.account_id,
                _event.c.what == "used",
                _event.c.right_ == right.value,
                _event.c.detail == "",
                _event.c.at > look.now - VISIT,
            )
            .limit(1)
        )
        is not None
    )


def read(look: ReadContext, grant_id: int, limit: int = 200) -> list[GrantHistoryLine]:
    """The latest lines, newest first, for whoever may see the grant."""
    grant = look.find(Grant, grant_id)
    rows = look.rows(
        sa.select(
            _event.c.id,
            _account.c.first_name,
            _account.c.last_name,
            _account.c.login,
            _event.c.what,
            _event.c.right_,
            _event.c.detail,
            moment(_event.c.at),
        )
        .outerjoin_from(_event, _account, _event.c.actor_id == _account.c.id)
        .where(_event.c.grant_id == grant.id)
        .order_by(_event.c.id.desc())
        .limit(limit)
    )
    return [GrantHistoryLine(row[0], display_name(row), row[4], row[5], row[6], row[7]) for row in rows]
