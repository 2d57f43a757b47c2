"""How many tickets there are in a view, from figures that triggers keep: no count ever walks the table."""

import sqlalchemy as sa

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
_installers_own = sa.select(sa.func.count()).select_from(
    sa.select(_ticket.c.id)
    .where(
        sa.text("ticket.status < 5"),
        _ticket.c.assignee_id == sa.bindparam("actor_account"),
        _ticket.c.team_id + 0 == sa.bindparam("actor_company"),  # so that the index of assignees is the one to use
    )
    .limit(MOST_MINE)
    .subquery()
)


def count_in_view(look: ReadContext, name: str) -> int:
    """The actor's tickets in the view ``name`` (:class:`core.tickets.listing.View`), or in ``waiting``.

    An installer's own are the one exception: counted, from the index of assignees. The figure by assignee would also
    hold those of a company they were in before.
    """
    if name == "mine" and not look.actor.staff:
        return int(look.rows(_installers_own, **policy.parameters(look.actor))[0][0])
    return sum(_sum(look, owner, _STATUSES[name]) for owner in _owners(look, name))


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


def _sum(look: ReadContext, owner: Owner, wanted: tuple[Status, ...]) -> int:
    rows = look.rows(
        sa.select(_tally.c.status, _tally.c.tickets).where(
            _tally.c.owner_kind == owner[0], _tally.c.owner_id == owner[1]
        )
    )
    return sum(row.tickets for row in rows if row.status in wanted)
