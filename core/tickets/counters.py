"""How many tickets there are in a view, from figures that triggers keep: no count ever walks the table."""

from collections.abc import Iterable
from functools import lru_cache

import sqlalchemy as sa

from core.db.ready import ReadyStatement
from core.models.accounts import Role
from core.models.tickets import Status, Tally, Ticket
from core.service import policy
from core.service.unit_of_work import ReadContext, table

_tally, _ticket = table(Tally), table(Ticket)

Owner = tuple[str, int]
"""Kind and id, as in :class:`core.models.tickets.Tally`."""

_OPEN = tuple(status for status in Status if status < Status.RESOLVED)
_STATUSES = {
    "new": (Status.NEW,),
    "mine": _OPEN,
    "open": _OPEN,
    "closed": (Status.RESOLVED, Status.CLOSED),
    "all": tuple(Status),
    "waiting": (Status.WAITING_CUSTOMER,),
}

MOST_MINE = 1000
"""Nobody has more open tickets in hand; beyond it an installer's own are not counted on."""
_installers_own = ReadyStatement(
    sa.select(sa.func.count()).select_from(
        sa.select(_ticket.c.id)
        .where(
            sa.text("ticket.status < 5"),
            _ticket.c.assignee_id == sa.bindparam("actor_account", type_=sa.BigInteger()),
            # + 0, so that the index of assignees is the one to use
            _ticket.c.team_id + 0 == sa.bindparam("actor_company", type_=sa.BigInteger()),
        )
        .limit(MOST_MINE)
        .subquery()
    )
)


def count_in_view(look: ReadContext, name: str) -> int:
    """The actor's tickets in the view ``name`` (:class:`core.tickets.listing.View`), or in ``waiting``."""
    return count_in_views(look, (name,))[name]


def count_in_views(look: ReadContext, names: Iterable[str]) -> dict[str, int]:
    """How many of the actor's tickets there are in each of the views, read in one statement.

    An installer's own are the one exception: counted, from the index of assignees. The figure by assignee would also
    hold those of a company they were in before.
    """
    own = {"mine"} if not look.actor.staff else set()
    owners = {name: _owners(look, name) for name in names if name not in own}
    figures = _figures(look, {owner for of_view in owners.values() for owner in of_view})
    return {
        name: sum(figures.get((*owner, status), 0) for owner in owners[name] for status in _STATUSES[name])
        if name in owners
        else int(look.value(_installers_own, **policy.parameters(look.actor)))
        for name in names
    }


def _figures(look: ReadContext, owners: set[Owner]) -> dict[tuple[str, int, int], int]:
    """By kind, id and status. An owner's kind is there once at most."""
    if not owners:
        return {}
    statement = _of(tuple(sorted(kind for kind, _ in owners)))
    return {row[:3]: row[3] for row in look.rows(statement, **dict(owners))}


@lru_cache
def _of(kinds: tuple[str, ...]) -> ReadyStatement:
    theirs = (
        sa.and_(_tally.c.owner_kind == kind, _tally.c.owner_id == sa.bindparam(kind, type_=sa.BigInteger()))
        for kind in kinds
    )
    return ReadyStatement(
        sa.select(_tally.c.owner_kind, _tally.c.owner_id, _tally.c.status, _tally.c.tickets).where(sa.or_(*theirs))
    )


def _owners(look: ReadContext, name: str) -> tuple[Owner, ...]:
    """Whose figures together are what a view shows."""
    actor = look.actor
    if actor.staff:
        if name == "mine":
            return (("assignee", actor.account_id or 0),)
        return (("desk", 0), ("care", 0)) if name == "all" else (("desk", 0),)
    if actor.role == Role.INSTALLER:
        return (("team", actor.company_id or 0),)
    return (("company", actor.company_id),) if actor.company_id is not None else (("requester", actor.account_id or 0),)
