"""Who is told what about a ticket. Internal notes go to nobody, and nobody is told of what they did themselves."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from core.models.accounts import Account, AccountState
from core.models.tickets import Message, MessageKind, Ticket
from core.service.unit_of_work import UnitOfWork, table
from core.tickets import team

_account, _message = table(Account), table(Message)
_reachable = (_account.c.id, _account.c.email, _account.c.language)
_people = (
    sa.select(*_reachable)
    .where(_account.c.id.in_(sa.bindparam("whom", expanding=True)), _account.c.state == AccountState.ACTIVE.value)
    .order_by(_account.c.id)
)


def created(work: UnitOfWork, ticket_id: int, team_id: int | None, subject: str) -> None:
    """The creator gets the number, the team that handles it gets the ticket."""
    called = team.name(work, team_id)
    _send(work, "ticket_created", ticket_id, [work.actor.account_id], subject=subject, team=called)
    _team(work, "ticket_new", ticket_id, team_id, subject=subject, by=work.actor.name, team=called)


def tell_team(work: UnitOfWork, ticket_id: int, subject: str) -> None:
    """The operator's team gets a ticket whose creator hears of it in a letter of its own."""
    _team(work, "ticket_new", ticket_id, None, subject=subject, by=work.actor.name, team="")


def replied(work: UnitOfWork, ticket: Ticket, body: str) -> None:
    """A reply of those who answer goes to the requester and the colleagues who wrote; a customer's goes to whoever has
    the ticket and is still of its team, or else to the team."""
    called = team.name(work, ticket.team_id)
    details: dict[str, Any] = {"subject": ticket.subject, "by": work.actor.name, "body": body, "team": called}
    customers = [ticket.requester_id, *_writers(work, ticket.id)]
    _send(work, "ticket_replied", ticket.id, customers, but=work.actor.account_id, **details)
    if work.actor.answers:
        return
    if not _send(work, "ticket_replied", ticket.id, _assignee(work, ticket), **details):
        _team(work, "ticket_replied", ticket.id, ticket.team_id, **details)


def _assignee(work: UnitOfWork, ticket: Ticket) -> list[int]:
    """Whoever has the ticket, unless they have left its team: then it is nobody's who may read it."""
    still = _account.c.id == ticket.assignee_id, *team.members(ticket.team_id)
    return [row.id for row in work.rows(sa.select(_account.c.id).where(*still))]


def _writers(work: UnitOfWork, ticket_id: int) -> list[int]:
    """Customers who took part. A former member of the company is out of it."""
    ticket = table(Ticket)
    rows = work.rows(
        sa.select(_message.c.author_id)
        .join_from(_message, ticket, _message.c.ticket_id == ticket.c.id)
        .join(_account, _account.c.id == _message.c.author_id)
        .where(
            _message.c.ticket_id == ticket_id,
            _message.c.staff.is_(False),
            _message.c.kind == MessageKind.REPLY.value,
            _account.c.company_id == ticket.c.company_id,
        )
        .distinct()
    )
    return [row.author_id for row in rows]


def status_changed(work: UnitOfWork, ticket: Ticket, status: int) -> None:
    """The requester hears what became of the ticket."""
    _send(
        work,
        "ticket_status",
        ticket.id,
        [ticket.requester_id],
        but=work.actor.account_id,
        subject=ticket.subject,
        status=status,
    )


def assigned(work: UnitOfWork, ticket: Ticket, assignee_id: int) -> None:
    """Whoever was given a ticket by somebody else."""
    _send(
        work,
        "ticket_assigned",
        ticket.id,
        [assignee_id],
        but=work.actor.account_id,
        subject=ticket.subject,
        by=work.actor.name,
    )


def _send(
    work: UnitOfWork, letter: str, ticket_id: int, to: Iterable[int | None], *, but: int | None = None, **details: Any
) -> bool:
    """Whether anybody was reached: those who were switched off are not."""
    whom = sorted({account_id for account_id in to if account_id is not None and account_id != but})
    people = work.rows(_people, whom=whom) if whom else ()
    for person in people:
        work.mail(letter, person, ticket_id=ticket_id, number=ticket_id, **details)
    return bool(people)


def _team(work: UnitOfWork, letter: str, ticket_id: int, team_id: int | None, **details: Any) -> None:
    for recipient in team.addressees(work, team_id):
        work.mail(letter, recipient, ticket_id=ticket_id, number=ticket_id, **details)
