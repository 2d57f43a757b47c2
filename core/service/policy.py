"""Who may do what, and which rows they see: both from one table, so that a list and a single thing can't disagree.

``RULES`` says for every action which roles may do it, and how such a person must stand to the thing. ``allows``
checks one thing; ``scope`` turns the rule for reading into a WHERE clause. What is not in the table is refused.
tests/core/service/test_policy.py holds the whole table against a reviewed golden file, and both functions against each
other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from core.accounts.models import Account, Device, Role
from core.billing.models import Invoice, Payment, ServiceOrder
from core.care.models import AccessRequest, Application, Grant, Invitation
from core.companies.models import ServiceProfile
from core.contracts.models import Asset, Contract
from core.errors import Forbidden
from core.i18n.translation import N_
from core.knowledge.models import Article, ArticleState
from core.service.actor import Actor
from core.subscribers.models import Subscriber
from core.tickets.models import Kind, Ticket


class Relation(StrEnum):
    """How an actor stands to a thing."""

    ANY = "any"
    SELF = "self"
    """It is the actor's own: the account itself, or a ticket of somebody without a company."""
    COMPANY = "company"
    """It belongs to the company the actor is a member of."""
    SUBSCRIBER = "subscriber"
    """It belongs to the subscriber whose account the actor is."""
    OWNER = "owner"
    """The same, and the actor may decide about the company's people."""
    PUBLIC = "public"
    """It is there for everybody: an article that has been published."""
    TEAM = "team"
    """The actor's own team handles it: the service company an installer is a member of, the operator for its staff.

    Staff read what service companies are asked and say (the operator answers for the desk), but nothing more: who
    replies to a customer, and how urgent it is, stays with the company the customer chose."""


ANY, SELF, COMPANY, OWNER, TEAM = Relation.ANY, Relation.SELF, Relation.COMPANY, Relation.OWNER, Relation.TEAM
SUBSCRIBER, PUBLIC = Relation.SUBSCRIBER, Relation.PUBLIC

_staff = {"agent": {ANY}, "admin": {ANY}}
_own_or_company = {"customer": {SELF, COMPANY}, **_staff}
_holder = {"customer": {COMPANY, SUBSCRIBER}, **_staff}
_subscriber = {"customer": {SUBSCRIBER}, **_staff}
_everybody = {"guest": {PUBLIC}, "customer": {PUBLIC}, "installer": {PUBLIC}, **_staff}
_operator = {"admin": {ANY}, "system": {ANY}}
_both_sides = {"customer": {SELF}, "installer": {COMPANY}, **_staff}
_team = {"installer": {TEAM}, "agent": {TEAM}, "admin": {TEAM}}
_own_or_team = {"customer": {SELF, COMPANY}, **_team}

RULES: Mapping[str, Mapping[str, set[Relation]]] = {
    # before logging in
    "account.sign_up": {"guest": {ANY}},
    "account.log_in": {"guest": {ANY}},
    "account.recover": {"guest": {ANY}},
    "desk.set_up": {"guest": {ANY}, "system": {ANY}},
    "desk.appoint": {"system": {ANY}},
    # accounts
    "account.read": {"customer": {SELF, COMPANY, OWNER}, "installer": {SELF, COMPANY}, **_staff},
    "account.change": {"customer": {SELF}, "installer": {SELF}, "agent": {SELF}, "admin": {SELF}},
    "account.decide": {"customer": {OWNER}, **_staff},
    "account.unlock": _staff,
    "account.employ": {"admin": {ANY}},
    "account.switch": {"admin": {ANY}},
    "account.import": {"system": {ANY}, "admin": {ANY}},
    "device.read": {"customer": {SELF}, "installer": {SELF}, "agent": {SELF}, "admin": {SELF}},
    # contracts and what they cover
    "contract.read": _holder,
    "contract.register": {"customer": {ANY}},
    "contract.import": {"system": {ANY}, "admin": {ANY}},
    "asset.read": {"customer": {SELF, COMPANY, SUBSCRIBER}, **_staff},
    # subscribers: they see and settle what is theirs, the staff help
    "subscriber.sign_up": {"guest": {ANY}},
    "subscriber.read": _subscriber,
    "subscriber.correct": _staff,
    "subscriber.vouch": _staff,
    "subscriber.import": _operator,
    "line.reveal": {"customer": {SUBSCRIBER}},
    "line.reset": _subscriber,
    "invoice.read": _subscriber,
    "payment.read": _subscriber,
    "billing.import": _operator,
    "consent.change": {"customer": {SUBSCRIBER}},
    "service.read": {"guest": {ANY}, "customer": {ANY}, "installer": {ANY}, **_staff},
    "order.place": {"customer": {SUBSCRIBER}},
    "order.read": _subscriber,
    "order.withdraw": {"customer": {SUBSCRIBER}},
    "order.decide": _staff,
    # what everybody may read
    "article.read": _everybody,
    "article.write": _staff,
    # care: the customer decides about the device, the company about its customers; the desk's staff about neither
    "profile.read": {"installer": {COMPANY}, **_staff},
    "profile.change": {"installer": {COMPANY}},
    "profile.unlimit": _staff,
    "profile.members": {"installer": {OWNER}},
    "application.apply": {"customer": {ANY}},
    "application.read": _both_sides,
    "application.change": {"customer": {SELF}},
    "application.decide": {"installer": {COMPANY}},
    "invitation.send": {"installer": {COMPANY}},
    "invitation.import": {"installer": {COMPANY}, "system": {ANY}},
    "invitation.read": _both_sides,
    "invitation.change": {"installer": {COMPANY}},
    "invitation.answer": {"guest": {ANY}, "customer": {ANY}},
    "grant.read": _both_sides,
    "grant.change": {"customer": {SELF}},
    "grant.ask": {"installer": {COMPANY}},
    "permission.read": _both_sides,
    "permission.answer": {"customer": {SELF}},
    "permission.withdraw": {"installer": {COMPANY}},
    # tickets
    "ticket.read": {"installer": {TEAM}, **_own_or_company},
    "ticket.create": {"customer": {ANY}},
    "ticket.reply": _own_or_team,
    "ticket.note": _team,
    "ticket.assign": _team,
    "ticket.status": _team,
    "ticket.priority": _team,
    "ticket.close": {"customer": {SELF, COMPANY}},
    "ticket.reopen": {"customer": {SELF, COMPANY}},
    # the desk itself
    "jobs.run": {"admin": {ANY}, "system": {ANY}},
    "mail.read": {"admin": {ANY}, "system": {ANY}},
    "mail.retry": {"admin": {ANY}, "system": {ANY}},
    "journal.read": {"admin": {ANY}, "system": {ANY}},
}


@dataclass(frozen=True, slots=True)
class _Holder:
    """Which columns say whose a row is."""

    read: str
    person: str | None = None
    company: str | None = None
    subscriber: str | None = None
    team: str | None = None
    """The service company that handles it; None in it is the operator's own team."""
    public: str | None = None
    """Says ``published`` of what everybody may read."""
    always_own: bool = False
    """The person keeps it whatever company it is in: an account is its person's own, a ticket its company's. What a
    person without a company asked is brought along when they join one, so each list walks one index, never two."""


_INSIDE = ("member", "owner")
"""Standings that count: somebody who only asked to join sees nothing, and colleagues don't see them yet."""

_HOLDERS: dict[type[SQLModel], _Holder] = {
    Account: _Holder("account.read", person="id", company="company_id", always_own=True),
    Device: _Holder("device.read", person="account_id"),
    Contract: _Holder("contract.read", company="company_id", subscriber="subscriber_id"),
    Asset: _Holder(
        "asset.read", person="account_id", company="company_id", subscriber="subscriber_id", always_own=True
    ),
    Article: _Holder("article.read", public="state"),
    Subscriber: _Holder("subscriber.read", subscriber="id"),
    Invoice: _Holder("invoice.read", subscriber="subscriber_id"),
    Payment: _Holder("payment.read", subscriber="subscriber_id"),
    ServiceOrder: _Holder("order.read", subscriber="subscriber_id"),
    ServiceProfile: _Holder("profile.read", company="company_id"),
    Application: _Holder("application.read", person="customer_id", company="company_id", always_own=True),
    Invitation: _Holder("invitation.read", person="customer_id", company="company_id", always_own=True),
    Grant: _Holder("grant.read", person="customer_id", company="company_id", always_own=True),
    AccessRequest: _Holder("permission.read", person="customer_id", company="company_id", always_own=True),
    Ticket: _Holder("ticket.read", person="requester_id", company="company_id", team="team_id"),
}


def allowed_relations(actor: Actor, action: str) -> frozenset[Relation]:
    """The relations under which ``actor``'s role may do ``action``; empty means never."""
    return frozenset(RULES.get(action, {}).get(actor.role, ()))


def relations(actor: Actor, thing: SQLModel | None) -> frozenset[Relation]:
    """Every way ``actor`` stands to ``thing`` (to nothing in particular: only ANY)."""
    found = {ANY}
    if thing is not None:
        holder = _HOLDERS[type(thing)]
        person = getattr(thing, holder.person) if holder.person else None
        company = getattr(thing, holder.company) if holder.company else None
        subscriber = getattr(thing, holder.subscriber) if holder.subscriber else None
        if subscriber is not None and subscriber == actor.subscriber_id:
            found.add(SUBSCRIBER)
        if holder.public is not None and getattr(thing, holder.public) == ArticleState.PUBLISHED:
            found.add(PUBLIC)
        nobodys = company is None and (holder.company is None or actor.company_id is None)
        mine = person is not None and person == actor.account_id
        if mine and (nobodys or holder.always_own or _private(thing)):
            found.add(SELF)
        if company is not None and company == actor.company_id:
            if getattr(thing, "standing", "member") in _INSIDE:
                found.add(COMPANY)
            if actor.owner:
                found.add(OWNER)
        if holder.team is not None and _in_team(actor, getattr(thing, holder.team)):
            found.add(TEAM)
    return frozenset(found)


def _private(thing: SQLModel) -> bool:
    """Whether it stays the person's own whatever company they are in: what a subscriber orders for their line."""
    return isinstance(thing, Ticket) and thing.kind == Kind.ORDER and thing.company_id is None


def _in_team(actor: Actor, team: int | None) -> bool:
    """Whether ``team`` (a service company, or None for the operator) is the actor's own."""
    if team is None:
        return actor.staff
    return actor.role == Role.INSTALLER and team == actor.company_id


def allows(actor: Actor, action: str, thing: SQLModel | None = None) -> bool:
    """May ``actor`` do ``action`` to ``thing``?"""
    allowed = allowed_relations(actor, action)
    return bool(allowed & relations(actor, thing)) if allowed else False


def require(actor: Actor, action: str, thing: SQLModel | None = None) -> None:
    """Raise :class:`Forbidden` unless allowed."""
    if not allows(actor, action, thing):
        raise Forbidden(N_("You may not do this."))


def scope(actor: Actor, model: type[SQLModel]) -> sa.ColumnElement[bool]:
    """The rows of ``model`` that ``actor`` may read, as a WHERE clause."""
    allowed = allowed_relations(actor, _HOLDERS[model].read)
    if ANY in allowed:
        return sa.true()
    clauses = [clause for relation in sorted(allowed) if (clause := _clause(actor, model, relation)) is not None]
    return sa.or_(*clauses) if clauses else sa.false()


def _clause(actor: Actor, model: type[SQLModel], relation: Relation) -> sa.ColumnElement[bool] | None:
    """The rows to which ``actor`` stands in ``relation``: :func:`relations`, said in SQL."""
    holder = _HOLDERS[model]
    columns: Any = model.__table__.c  # type: ignore[attr-defined]
    mine, ours, lines = _values(actor)
    if relation is SUBSCRIBER:
        held = holder.subscriber is not None and actor.subscriber_id is not None
        return columns[holder.subscriber] == lines if held else None
    if relation is PUBLIC:
        published = ArticleState.PUBLISHED.value
        return columns[holder.public] == published if holder.public else None
    if relation is TEAM:
        return _of_team(actor, columns[holder.team], ours) if holder.team else None
    if relation is SELF and holder.person and actor.account_id is not None:
        own: sa.ColumnElement[bool] = columns[holder.person] == mine
        if holder.company is None or holder.always_own:
            return own
        nobodys = sa.and_(own, columns[holder.company].is_(None))
        if actor.company_id is None:
            return nobodys
        # Only for whoever is both, so that all others' lists walk one index.
        ordered = model is Ticket and actor.subscriber_id is not None
        return sa.and_(nobodys, columns.kind == Kind.ORDER.value) if ordered else None
    if holder.company is None or actor.company_id is None:
        return None
    if relation is COMPANY:
        same: sa.ColumnElement[bool] = columns[holder.company] == ours
        return sa.and_(same, columns.standing.in_(_INSIDE)) if "standing" in columns else same
    if relation is OWNER and actor.owner:
        return columns[holder.company] == ours  # type: ignore[no-any-return]
    return None


def _of_team(actor: Actor, team: sa.ColumnElement[int], ours: sa.BindParameter[int]) -> sa.ColumnElement[bool] | None:
    """:func:`_in_team`, said in SQL."""
    if actor.staff:
        return team.is_(None)
    return team == ours if actor.role == Role.INSTALLER and actor.company_id is not None else None


def _values(actor: Actor) -> tuple[sa.BindParameter[int], sa.BindParameter[int], sa.BindParameter[int]]:
    """The actor's account, company and subscriber, by names: a statement that was made for one actor serves every
    other one of the same role and standing, given :func:`parameters`."""
    return (
        sa.bindparam("actor_account", actor.account_id, type_=sa.BigInteger()),
        sa.bindparam("actor_company", actor.company_id, type_=sa.BigInteger()),
        sa.bindparam("actor_subscriber", actor.subscriber_id, type_=sa.BigInteger()),
    )


def parameters(actor: Actor) -> dict[str, int | None]:
    """What :func:`scope` asks for by name."""
    return {
        "actor_account": actor.account_id,
        "actor_company": actor.company_id,
        "actor_subscriber": actor.subscriber_id,
    }
