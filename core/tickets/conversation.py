"""Answering a ticket: public replies of both sides, and notes among those who answer.

*Staff* here are those who answer (:attr:`core.service.actor.Actor.answers`): the operator's people for the desk's
tickets, installers for those of their service company.
"""

from typing import Annotated

import sqlalchemy as sa

from core.db.ready import ReadyStatement
from core.errors import Conflict, Say
from core.forms import Choice, FormModel, Label, LongText, OneOf
from core.i18n.translation import N_
from core.models.tickets import OPEN_BELOW, Event, Message, MessageKind, Status, Ticket
from core.service.actions import action
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from core.tickets import notify, search_index, workflow

_ticket = table(Ticket)

AFTER_REPLY = (
    Choice(str(Status.WAITING_CUSTOMER.value), N_("waiting for customer")),
    Choice(str(Status.WAITING_VENDOR.value), N_("waiting for vendor")),
    Choice(str(Status.OPEN.value), N_("open")),
    Choice(str(Status.RESOLVED.value), N_("resolved")),
    Choice(str(Status.CLOSED.value), N_("closed")),
)

_Body = Annotated[
    str, LongText(limit=20_000), Label(N_("Your reply"), help=N_("Markdown: **bold**, *italic*, lists, `code`."))
]


class Reply(FormModel):
    """What a customer writes."""

    body: _Body


class StaffReply(FormModel):
    """What staff write to the customer, and how the ticket stands afterwards."""

    body: _Body
    status: Annotated[
        str, OneOf(offered=AFTER_REPLY), Label(N_("Then the ticket is"), default=str(Status.WAITING_CUSTOMER.value))
    ]


class Note(FormModel):
    """For those who answer only."""

    body: Annotated[
        str,
        LongText(limit=20_000),
        Label(N_("Internal note"), help=N_("The customer never reads this; no mail goes out.")),
    ]


def reason_against_replying(look: ReadContext, ticket: Ticket) -> Say | None:
    """A customer's reply opens again what is closed, so it comes too late where that does."""
    too_late = not look.actor.answers and ticket.status == Status.CLOSED
    return workflow.reason_of_age(look, ticket) if too_late else None


def _words(_look: ReadContext, _id: int, form: Reply | StaffReply | Note, *, seen: int | None = None) -> dict[str, str]:
    """What it will be found by, made before anybody waits for it."""
    return {"found_by": search_index.words_of(form.body)}


@prepared(_words)
@action("ticket.reply", on=Ticket, when=reason_against_replying, denied=workflow.reason_against_team)
def reply(
    work: UnitOfWork, ticket: Ticket, form: Reply | StaffReply, *, seen: int | None = None, found_by: str | None = None
) -> int:
    """Add a public reply and return its id. Whoever of staff answers a ticket that nobody has, has it from then on.

    A customer's reply opens again what waited, was resolved, or was closed not long ago; a reply of staff leaves the
    ticket as the form says. The first reply of staff is noted for good.

    Args:
        seen: The version that was on the screen when the reply was begun; None for whoever saw none.
        found_by: The words of it; made here when the door has not done it already.

    Raises:
        Overtaken: The ticket has changed since: whoever writes should read that first, because it may be closed or
            answered by now.
    """
    if seen is not None and seen != ticket.version:
        raise workflow.overtaken()
    staff = work.actor.answers
    if isinstance(form, StaffReply):
        work.require("ticket.status", ticket)
    message_id = _add(work, ticket, MessageKind.REPLY, form.body, found_by)
    if staff and ticket.assignee_id is None:
        workflow.take_on_reply(work, ticket)
    status = _after(ticket, form)
    if staff and ticket.answered_at is None:
        work.change_one(Ticket, ticket.id, answered_at=work.now)
    if status != ticket.status:
        workflow.move(work, ticket, status, seen=ticket.version)
    else:
        parameters = {"ticket": ticket.id, "seen": seen, "changed_at": work.now}
        if _touch.run(work.connection, parameters) == 0:
            raise workflow.overtaken()
    notify.replied(work, ticket, form.body)
    work.record("ticket.reply", "ticket", ticket.id, message=message_id)
    return message_id


def _after(ticket: Ticket, form: Reply | StaffReply) -> Status:
    if isinstance(form, StaffReply):
        return Status(int(form.status))
    waits = ticket.status in (Status.WAITING_CUSTOMER, Status.WAITING_VENDOR) or ticket.status >= OPEN_BELOW
    return Status.OPEN if waits else Status(ticket.status)


@prepared(_words)
@action("ticket.note", on=Ticket, denied=workflow.reason_against_team)
def note(work: UnitOfWork, ticket: Ticket, form: Note, *, found_by: str | None = None) -> int:
    """Add an internal note and return its id. Nothing else changes: no status, no mail, no date the customer sees."""
    message_id = _add(work, ticket, MessageKind.NOTE, form.body, found_by)
    work.record("ticket.note", "ticket", ticket.id, message=message_id)
    return message_id


_touch = ReadyStatement(
    sa.update(_ticket)
    .where(
        _ticket.c.id == sa.bindparam("ticket", type_=_ticket.c.id.type),
        sa.or_(
            sa.bindparam("seen", type_=sa.Integer()).is_(None),
            _ticket.c.version == sa.bindparam("seen", type_=sa.Integer()),
        ),
    )
    .values(version=_ticket.c.version + 1),
    columns=("changed_at",),
)
"""The ticket has changed, and nothing else about it has."""


def _add(work: UnitOfWork, ticket: Ticket, kind: MessageKind, body: str, found_by: str | None) -> int:
    if not body:
        raise Conflict(N_("There is nothing to send yet."))
    message_id = work.add(
        Message,
        ticket_id=ticket.id,
        author_id=work.actor.account_id,
        staff=work.actor.answers,
        kind=kind.value,
        body=body,
        created_at=work.now,
    )
    what = "noted" if kind is MessageKind.NOTE else "replied"
    work.add_all(Event, [{"ticket_id": ticket.id, "actor_id": work.actor.account_id, "what": what, "at": work.now}])
    search_index.more(work, ticket.id, kind, found_by if found_by is not None else search_index.words_of(body))
    return message_id
