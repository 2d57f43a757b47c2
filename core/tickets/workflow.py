"""What happens to a ticket beside words: who has it, how it stands, how urgent it is.

Every change names the version it was made from. Two people who change the same ticket at once don't overwrite each
other: the later one is told, and sees what is there now.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from core.db.ready import ReadyStatement
from core.errors import Conflict, Invalid, Overtaken, Say, say
from core.i18n.translation import N_
from core.models.accounts import Account
from core.models.billing import OrderState, ServiceOrder
from core.models.tickets import EVENT_VALUE, OPEN_BELOW, Event, Priority, Status, Ticket, TicketKind
from core.service.actions import NOT_YOURS, action
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from core.tickets import notify, search_index, team

_ticket, _account, _order = table(Ticket), table(Account), table(ServiceOrder)

REOPEN_WITHIN = dt.timedelta(days=14)
"""How long after closing a customer may reopen."""


def reason_against_team(look: ReadContext, ticket: Ticket) -> Say:
    """Why somebody who reads a ticket of another team can't answer or change it."""
    if ticket.team_id is None:
        return NOT_YOURS
    return handled_by(team.name(look, ticket.team_id))


def handled_by(company: str) -> Say:
    """What is told to whoever reads a ticket of this service company and is none of its people."""
    return say(N_("{company} handles this ticket: only its people can answer or change it."), company=company)


def reason_against_taking(actor: Actor, assignee_id: int | None) -> Say | None:
    """Nobody takes what is theirs. Asked of a ticket, and of its row in a list."""
    if assignee_id is not None and assignee_id == actor.account_id:
        return say(N_("This ticket is yours already."))
    return None


@action(
    "ticket.take",
    on=Ticket,
    when=lambda look, ticket: reason_against_taking(look.actor, ticket.assignee_id),
    denied=reason_against_team,
)
def take(work: UnitOfWork, ticket: Ticket, *, holder: int | None) -> None:
    """Give the ticket to oneself, from a colleague too.

    Args:
        holder: Who had it on the screen, an account's id; None for nobody. Whatever else has changed since is no
            reason against taking it.

    Raises:
        Overtaken: Somebody else has it by now.
    """
    if ticket.assignee_id != holder:
        raise overtaken()
    _assign(work, ticket, work.actor.account_id, ticket.version)


@action("ticket.assign", on=Ticket, denied=reason_against_team)
def assign(work: UnitOfWork, ticket: Ticket, to: int | None, *, seen: int) -> None:
    """Give the ticket to somebody of its team, or to nobody (*release*)."""
    if to is not None and not _is_of_team(work, ticket, to):
        raise Invalid({"assignee": say(N_("A ticket can only be given to somebody of the team that handles it."))})
    _assign(work, ticket, to, seen)


def _assign(work: UnitOfWork, ticket: Ticket, to: int | None, seen: int) -> None:
    """A new ticket that was given to somebody is open."""
    status = Status.OPEN if to is not None and ticket.status == Status.NEW else Status(ticket.status)
    _change(work, ticket, seen, assignee_id=to, status=status.value)
    _note(work, ticket, "assignee", ticket.assignee_id or "", to or "")
    if status != ticket.status:
        _note(work, ticket, "status", ticket.status, status.value)
    if to is not None:
        notify.assigned(work, ticket, to)
    work.record("ticket.assign", "ticket", ticket.id, before=ticket.assignee_id, after=to)


_take_free = ReadyStatement(
    sa.update(_ticket).where(
        _ticket.c.id == sa.bindparam("ticket", type_=_ticket.c.id.type), _ticket.c.assignee_id.is_(None)
    ),
    columns=("assignee_id",),
)


def take_on_reply(work: UnitOfWork, ticket: Ticket) -> None:
    """The ticket goes to whoever answers it, if nobody has it; a colleague who was faster keeps it."""
    mine = work.actor.account_id
    if _take_free.run(work.connection, {"ticket": ticket.id, "assignee_id": mine}):
        _note(work, ticket, "assignee", "", mine or "")


def _is_of_team(work: UnitOfWork, ticket: Ticket, account_id: int) -> bool:
    return work.unscoped(Account, _account.c.id == account_id, *team.members(ticket.team_id)) is not None


def hand_back(work: UnitOfWork, account_id: int, team_id: int) -> None:
    """Somebody leaves a service company: the open tickets they had there are nobody's from now on, for a colleague to
    take."""
    theirs = _ticket.c.assignee_id == account_id, _ticket.c.team_id == team_id, _ticket.c.status < OPEN_BELOW
    left = [row.id for row in work.rows(sa.select(_ticket.c.id).where(*theirs).order_by(_ticket.c.id))]
    again = {"assignee_id": None, "changed_at": work.now, "version": _ticket.c.version + 1}
    work.change(Ticket, _ticket.c.id.in_(left), *theirs, **again)
    actor = {"actor_id": work.actor.account_id, "what": "assignee", "before": str(account_id), "at": work.now}
    work.add_all(Event, [{"ticket_id": ticket_id, **actor} for ticket_id in left])


@action("ticket.priority", on=Ticket, denied=reason_against_team)
def set_priority(work: UnitOfWork, ticket: Ticket, priority: int, *, seen: int) -> None:
    """How urgent the team takes it to be."""
    _change(work, ticket, seen, priority=Priority(priority).value)
    _note(work, ticket, "priority", ticket.priority, priority)
    work.record("ticket.priority", "ticket", ticket.id, before=ticket.priority, after=priority)


@action("ticket.status", on=Ticket, denied=reason_against_team)
def set_status(work: UnitOfWork, ticket: Ticket, status: int, *, seen: int) -> None:
    """The team's own change of status; the requester gets mail."""
    if status == Status.NEW:
        raise Invalid({"status": say(N_("A ticket that was looked at is not new any more."))})
    if status == ticket.status:
        return
    reason = _reason_of_order(work, ticket) if status >= OPEN_BELOW else None
    if reason is not None:
        raise Conflict(reason)
    move(work, ticket, Status(status), seen=seen)
    notify.status_changed(work, ticket, status)


def reason_against_closing(look: ReadContext, ticket: Ticket) -> Say | None:
    """A ticket is closed once, and that of an order not before the order is decided."""
    if ticket.status == Status.CLOSED:
        return say(N_("This ticket is closed already."))
    return _reason_of_order(look, ticket)


@action("ticket.close", on=Ticket, when=reason_against_closing)
def close(work: UnitOfWork, ticket: Ticket, *, seen: int) -> None:
    """The customer needs nothing more."""
    move(work, ticket, Status.CLOSED, seen=seen)


def reason_against_reopening(look: ReadContext, ticket: Ticket) -> Say | None:
    """What is open needs no opening; what was closed long ago, and an order that is over, stay closed."""
    if ticket.status < OPEN_BELOW:
        return say(N_("This ticket is open already."))
    if _order_state(look, ticket) in (OrderState.WITHDRAWN, OrderState.DECLINED):
        return say(N_("This order is over. Please order the service again."))
    return reason_of_age(look, ticket)


@action("ticket.reopen", on=Ticket, when=reason_against_reopening)
def reopen(work: UnitOfWork, ticket: Ticket, *, seen: int) -> None:
    """The customer finds that it is not solved; within 14 days after it was closed."""
    move(work, ticket, Status.OPEN, seen=seen)


def _reason_of_order(look: ReadContext, ticket: Ticket) -> Say | None:
    """The ticket of an order stands as the order does: it is done when that is decided."""
    state = _order_state(look, ticket)
    if state not in (OrderState.PLACED, OrderState.ACCEPTED):
        return None
    if look.actor.staff:
        return say(N_("This is an order that is still open: decide it first (y)."))
    if state == OrderState.PLACED:
        return say(N_("This is an order that is still open. Do you want it no more? Take it back (y)."))
    return say(N_("This order is accepted: its ticket is closed when it is done."))


_state_of_order = ReadyStatement(
    sa.select(_order.c.state).where(_order.c.ticket_id == sa.bindparam("ticket", type_=_ticket.c.id.type))
)


def _order_state(look: ReadContext, ticket: Ticket) -> str:
    """How the order behind a ticket stands; empty for a ticket that is none."""
    return str(look.value(_state_of_order, ticket=ticket.id) or "") if ticket.kind == TicketKind.ORDER else ""


def reason_of_age(look: ReadContext, ticket: Ticket) -> Say | None:
    """What was closed too long ago is not opened again."""
    if ticket.closed_at is None or look.now - ticket.closed_at <= REOPEN_WITHIN:
        return None
    days = REOPEN_WITHIN.days
    return say(N_("This ticket was closed more than {days} days ago. Please open a new one."), days=days)


def move(work: UnitOfWork, ticket: Ticket, status: Status, *, seen: int, **also: Any) -> None:
    """Change the status with everything that follows from it: dates, history, what a search may find, journal."""
    dates: dict[str, Any] = {}
    if status >= OPEN_BELOW:
        dates["resolved_at"] = ticket.resolved_at or work.now
        dates["closed_at"] = work.now if status is Status.CLOSED else None
    else:
        dates |= {"resolved_at": None, "closed_at": None}
    _change(work, ticket, seen, status=status.value, **dates, **also)
    _note(work, ticket, "status", ticket.status, status.value)
    search_index.rescope(work, ticket.id, _scope(ticket, status))
    work.record("ticket.status", "ticket", ticket.id, before=ticket.status, after=status.value)


def _scope(ticket: Ticket, status: Status) -> str:
    return search_index.scope_tokens(status, ticket.company_id, ticket.requester_id, ticket.team_id)


def _change(work: UnitOfWork, ticket: Ticket, seen: int, **values: Any) -> None:
    if not work.change_one(Ticket, ticket.id, seen=seen, changed_at=work.now, version=seen + 1, **values):
        raise overtaken()


def overtaken() -> Overtaken:
    """What is told to whoever decides from a version that is not the last one any more."""
    return Overtaken(N_("Somebody changed this ticket while you were looking at it. Here it is as it stands now."))


def _note(work: UnitOfWork, ticket: Ticket, what: str, before: object, after: object) -> None:
    work.add(
        Event,
        ticket_id=ticket.id,
        actor_id=work.actor.account_id,
        what=what,
        before=str(before)[:EVENT_VALUE],
        after=str(after)[:EVENT_VALUE],
        at=work.now,
    )
