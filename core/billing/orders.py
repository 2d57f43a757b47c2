"""Ordering a service: an order is a ticket of its own kind with the service beside it as it stood when it was ordered;
what is said about it is said in the ticket.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa

from core.billing import money
from core.billing.catalogue import OfferedService, services
from core.db import pagination, text_search
from core.db.ready import ReadyStatement
from core.errors import Conflict, Invalid, Say, say
from core.forms import Date, FormModel, Label, LongText, Text
from core.i18n import dates, translation
from core.i18n.translation import N_
from core.models.accounts import Account
from core.models.billing import OrderState, ServiceOrder
from core.models.contracts import Asset
from core.models.subscribers import Subscriber
from core.models.tickets import AssetRelation, Event, Message, MessageKind, Status, Ticket, TicketAsset, TicketKind
from core.service import policy
from core.service.actions import action, own_action
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, UnitOfWork, not_found, table
from core.tickets import notify, workflow
from core.tickets import search_index as found_by
from core.tickets.order import NEXT

_order, _ticket, _asset, _account = table(ServiceOrder), table(Ticket), table(Asset), table(Account)

DECIDED = say(N_("This order has been decided meanwhile."))
_TICKET_BECOMES = {
    OrderState.ACCEPTED: Status.OPEN,
    OrderState.DONE: Status.RESOLVED,
    OrderState.DECLINED: Status.RESOLVED,
    OrderState.WITHDRAWN: Status.CLOSED,
}


class OrderForm(FormModel):
    """What is asked beside which service, and for which line."""

    effective_on: Annotated[dt.date, Date(), Label(N_("From which day"))]
    remarks: Annotated[str, LongText(limit=2_000), Label(N_("Remarks"), required=False)] = ""


class Declined(FormModel):
    """Why not; the subscriber reads it."""

    reason: Annotated[str, Text(limit=500), Label(N_("Why not?"), help=N_("The subscriber reads this."))]


def offered(look: ReadContext) -> tuple[OfferedService, ...]:
    """The catalogue, for everybody: prices can be read before logging in."""
    look.require("service.read")
    return services(look.settings)


def catalogue_page(look: ReadContext, ask: pagination.PageRequest) -> pagination.Page[OfferedService]:
    """The whole catalogue as a page: it is a file of some dozen lines."""
    rows = offered(look) if ask.after is None and ask.before is None else ()
    first, last = ((0,), (len(rows),)) if rows else (None, None)
    return pagination.Page(rows, first, last, more_before=False, more_after=False)


def lines(look: ReadContext) -> list[tuple[int, str]]:
    """The actor's lines, for which something can be ordered: id and identifier."""
    mine = look.scoped(Asset, _asset.c.id, _asset.c.identifier)
    rows = look.rows(mine.where(_asset.c.subscriber_id == look.actor.subscriber_id).order_by(_asset.c.identifier_key))
    return [(row.id, row.identifier) for row in rows]


def service(look: ReadContext, service_id: str) -> OfferedService:
    """One of the catalogue."""
    for offer in offered(look):
        if offer.id == service_id:
            return offer
    raise not_found()


def _me(look: ReadContext) -> Subscriber:
    if look.actor.subscriber_id is None:
        raise not_found()
    return look.find(Subscriber, look.actor.subscriber_id)


@own_action("order.place", find=_me)
def place(
    work: UnitOfWork,
    _subscriber: Subscriber,
    service_id: str,
    line: int | None,
    form: OrderForm,
    *,
    seen_price: int,
    seen_every: str = "",
) -> int:
    """Order it; returns the ticket's number. ``seen_price`` (and how often it is paid) is what stood on the summary:
    another one now is said, and nothing is ordered."""
    wanted = service(work, service_id)
    if wanted.price != seen_price or seen_every not in ("", wanted.every):
        raise Conflict(N_("The price has changed meanwhile. Please look at the summary again."))
    wrong = wanted.refuses(form.effective_on, work.today)
    if wrong:
        raise Invalid({"effective_on": wrong})
    asset = work.find(Asset, line) if line is not None and wanted.for_line else None
    if wanted.for_line and (asset is None or asset.subscriber_id != work.actor.subscriber_id):
        raise Invalid({"line": say(N_("Choose the line it is for."))})
    return _store(work, wanted, asset, form)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of what the actor has ordered; ``id`` is its ticket's number, ``line`` an identifier or empty."""

    id: int
    name: str
    line: str
    price: int
    every: str
    effective_on: dt.date
    state: str


def mine(look: ReadContext, ask: pagination.PageRequest) -> pagination.Page[OrderRow]:
    """What the actor's subscriber has ordered, the latest first."""
    named = ("name", "price", "every", "effective_on", "state")
    columns = (_order.c.ticket_id.label("id"), *(_order.c[name] for name in named), _asset.c.identifier)
    query = look.scoped(ServiceOrder, *columns).select_from(_order.outerjoin(_asset, _order.c.asset_id == _asset.c.id))
    own = query.where(_order.c.subscriber_id == look.actor.subscriber_id)
    return pagination.read(look, own, (_order.c.ticket_id.label("id"),), ask, _order_row)


def _order_row(row: Any) -> OrderRow:
    return OrderRow(row.id, row.name, row.identifier or "", row.price, row.every, row.effective_on, row.state)


def _store(work: UnitOfWork, wanted: OfferedService, asset: Asset | None, form: OrderForm) -> int:
    language = work.actor.language
    name = wanted.name.text(language)
    with translation.speaking(language):
        subject = translation.gettext("Order: {service}").format(service=name)[:150]
        summary = _summary(wanted, asset.identifier if asset else "", form, language)
    ticket_id = work.add(
        Ticket,
        subject=subject,
        kind=TicketKind.ORDER.value,
        relation=AssetRelation.CHANGE.value,
        company_id=None,  # whatever company they are in, this is theirs alone (core.service.policy)
        requester_id=work.actor.account_id,
        created_at=work.now,
        changed_at=work.now,
    )
    if asset is not None:
        work.add_all(TicketAsset, [{"ticket_id": ticket_id, "asset_id": asset.id}])
    author = {"ticket_id": ticket_id, "created_at": work.now, "author_id": work.actor.account_id}
    work.add_all(Message, [{**author, "body": summary}])
    work.add_all(
        Event, [{"ticket_id": ticket_id, "actor_id": work.actor.account_id, "what": "created", "at": work.now}]
    )
    work.add_all(
        ServiceOrder,
        [
            {
                "ticket_id": ticket_id,
                "subscriber_id": work.actor.subscriber_id,
                "asset_id": asset.id if asset else None,
                "service": wanted.id,
                "name": name,
                "price": wanted.price,
                "every": wanted.every,
                "effective_on": form.effective_on,
            }
        ],
    )
    scope = found_by.scope_tokens(Status.NEW, None, work.actor.account_id or 0, None)
    found_by.first(work, ticket_id, text_search.index_text(" ".join((subject, summary))), scope)
    account = work.find(Account, work.actor.account_id or 0)
    work.mail(
        "order_placed",
        account,
        ticket_id=ticket_id,
        number=ticket_id,
        name=account.first_name,
        service=name,
        price=wanted.price,
        every=wanted.every,
        line=asset.identifier if asset else "",
        since=form.effective_on.isoformat(),
    )
    notify.tell_team(work, ticket_id, subject)
    work.record("order.place", "ticket", ticket_id, service=wanted.id)
    return ticket_id


def _summary(wanted: OfferedService, line: str, form: OrderForm, language: str) -> str:
    """The first message of the ticket: what was ordered, as whoever ordered it saw it."""
    facts = [
        translation.gettext("Service: {service}").format(service=wanted.name.text(language)),
        translation.gettext("Price: {price}").format(price=price(wanted.price, wanted.every)),
        translation.gettext("From: {day}").format(day=dates.day(form.effective_on)),
    ]
    if line:
        facts.append(translation.gettext("Line: {line}").format(line=line))
    return "\n".join(f"- {fact}" for fact in facts) + (f"\n\n{form.remarks}" if form.remarks else "")


def price(grosze: int, every: str) -> str:
    """``20,00 zł`` or ``20,00 zł a month`` in the language being spoken."""
    amount = money.amount(grosze)
    return translation.gettext("{price} a month").format(price=amount) if every == "month" else amount


def _find(look: ReadContext, ticket_id: int) -> ServiceOrder:
    order = look.unscoped(ServiceOrder, _order.c.ticket_id == ticket_id)
    if order is None or not look.may("order.read", order):
        raise not_found()
    return order


def reason_against_deciding(_look: ReadContext, order: ServiceOrder) -> Say | None:
    """What was done, declined or taken back is settled."""
    return None if order.state in NEXT else DECIDED


@action("order.decide", on=ServiceOrder, find=_find, when=reason_against_deciding)
def decide(work: UnitOfWork, order: ServiceOrder, state: str, *, seen: int, reason: str = "") -> None:
    """Accept an order, say that it is done, or decline it with a reason; the subscriber gets mail, and the ticket
    moves along."""
    ticket_id = order.ticket_id
    wanted = OrderState(state)
    if wanted not in NEXT.get(order.state, ()):
        raise Conflict(DECIDED)
    if wanted is OrderState.DECLINED and not reason:
        raise Invalid({"reason": say(N_("This is needed."))})
    _move(work, order, wanted, seen)
    ticket = work.find(Ticket, ticket_id)
    if reason:
        message = {"ticket_id": ticket_id, "author_id": work.actor.account_id, "staff": True, "body": reason}
        work.add_all(Message, [{**message, "created_at": work.now}])
        found_by.more(work, ticket_id, MessageKind.REPLY, reason)
    _follow(work, ticket, wanted)
    requester = work.unscoped(Account, _account.c.id == ticket.requester_id)
    if requester is not None:
        work.mail(
            "order_decided",
            requester,
            ticket_id=ticket_id,
            number=ticket_id,
            name=requester.first_name,
            service=order.name,
            became=wanted.value,
            reason=reason,
            since=order.effective_on.isoformat(),
        )
    work.record("order.decide", "ticket", ticket_id, state=wanted.value)


def reason_against_withdrawing(_look: ReadContext, order: ServiceOrder) -> Say | None:
    """What the team has accepted is not taken back any more."""
    return None if order.state == OrderState.PLACED else DECIDED


@action("order.withdraw", on=ServiceOrder, find=_find, when=reason_against_withdrawing)
def withdraw(work: UnitOfWork, order: ServiceOrder, *, seen: int) -> None:
    """The subscriber wants it no more, while nobody has accepted it."""
    ticket_id = order.ticket_id
    _move(work, order, OrderState.WITHDRAWN, seen)
    _follow(work, work.find(Ticket, ticket_id), OrderState.WITHDRAWN)
    work.record("order.withdraw", "ticket", ticket_id)


def _move(work: UnitOfWork, order: ServiceOrder, state: OrderState, seen: int) -> None:
    same = _order.c.ticket_id == order.ticket_id, _order.c.version == seen, _order.c.state == order.state
    decided = {"state": state.value, "decided_by": work.actor.account_id, "decided_at": work.now, "version": seen + 1}
    if not work.change(ServiceOrder, *same, **decided):
        raise Conflict(DECIDED)


def _follow(work: UnitOfWork, ticket: Ticket, state: OrderState) -> None:
    """The ticket of an order stands as the order does."""
    status = _TICKET_BECOMES[state]
    if ticket.status != status:
        workflow.move(work, ticket, status, seen=ticket.version)


def open_orders(look: ReadContext) -> int:
    """How many orders of the actor's wait or are under way."""
    return int(look.value(_open(look.actor), **policy.parameters(look.actor)))


@policy.made_once
def _open(somebody: Actor) -> ReadyStatement:
    waiting = sa.select(sa.func.count()).where(
        policy.scope(somebody, ServiceOrder),
        _order.c.subscriber_id == sa.bindparam("actor_subscriber", type_=sa.BigInteger()),
        sa.text("state IN ('placed', 'accepted')"),
    )
    return ReadyStatement(waiting.select_from(_order))
