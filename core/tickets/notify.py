"""Who is told what about a ticket. Internal notes go to nobody, and nobody is told of what they did themselves."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from core.db.ready import ReadyStatement
from core.models.accounts import Account, AccountState
from core.models.tickets import Message, MessageKind, Ticket
from core.service.unit_of_work import UnitOfWork, table
from core.tickets import team

_account, _message = table(Account), table(Message)
_reachable = (_account.c.id, _account.c.email, _account.c.language)
_person = ReadyStatement(
    sa.select(*_reachable).where(
        _account.c.id == sa.bindparam("whom", type_=_account.c.id.type),
        _account.c.state == AccountState.ACTIVE.value,
    )
)
_ticket = table(Ticket)
_wrote = ReadyStatement(
    sa.select(_message.c.author_id)
    .join_from(_message, _ticket, _message.c.ticket_id == _ticket.c.id)
    .join(_account, _account.c.id == _message.c.author_id)
    .where(
        _message.c.ticket_id == sa.bindparam("ticket", type_=_ticket.c.id.type),
        _message.c.staff.is_(False),
        _message.c.kind == MessageKind.REPLY.value,
        _account.c.company_id == _ticket.c.company_id,
    )
    .distinct()
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
    if ticket.assignee_id is None:
        return []
    rows = work.rows(_member(ticket.team_id is None), account=ticket.assignee_id, team=ticket.team_id)
    return [row.id for row in rows]


@lru_cache
def _member(desks: bool) -> ReadyStatement:
    """An account that a ticket of the operator's team can be given to, or else of the service company's."""
    anybody = sa.bindparam("team", type_=_account.c.company_id.type)
    account = _account.c.id == sa.bindparam("account", type_=_account.c.id.type)
    return ReadyStatement(sa.select(_account.c.id).where(account, *team.members(None if desks else anybody)))


def _writers(work: UnitOfWork, ticket_id: int) -> list[int]:
    """Customers who took part. A former member of the company is out of it."""
    return [row.author_id for row in work.rows(_wrote, ticket=ticket_id)]


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
    people = [person for each in whom for person in work.rows(_person, whom=each)]
    for person in people:
        work.mail(letter, person, ticket_id=ticket_id, number=ticket_id, **details)
    return bool(people)


def _team(work: UnitOfWork, letter: str, ticket_id: int, team_id: int | None, **details: Any) -> None:
    for recipient in team.addressees(work, team_id):
        work.mail(letter, recipient, ticket_id=ticket_id, number=ticket_id, **details)
