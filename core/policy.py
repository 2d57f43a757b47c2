"""Who may do what, and which rows they see: both from one table, so that a list and a single thing can't disagree.

``RULES`` says for every action which roles may do it, and how such a person must stand to the thing. ``allows``
checks one thing; ``scope`` turns the rule for reading into a WHERE clause. What is not in the table is refused.
tests/core/test_policy.py holds the whole table against a reviewed golden file, and both functions against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from core.accounts.models import Account, Device
from core.actor import Actor
from core.contracts.models import Asset, Contract
from core.errors import Forbidden
from core.tickets.models import Ticket
from core.words import N_


class Relation(StrEnum):
    """How an actor stands to a thing."""

    ANY = "any"
    SELF = "self"
    """It is the actor's own: the account itself, or a ticket of somebody without a company."""
    COMPANY = "company"
    """It belongs to the company the actor is a member of."""
    OWNER = "owner"
    """The same, and the actor may decide about the company's people."""


ANY, SELF, COMPANY, OWNER = Relation.ANY, Relation.SELF, Relation.COMPANY, Relation.OWNER

_staff = {"agent": {ANY}, "admin": {ANY}}
_own_or_company = {"customer": {SELF, COMPANY}, **_staff}
_company = {"customer": {COMPANY}, **_staff}

RULES: Mapping[str, Mapping[str, set[Relation]]] = {
    # before logging in
    "account.sign_up": {"guest": {ANY}},
    "account.log_in": {"guest": {ANY}},
    "account.recover": {"guest": {ANY}},
    "desk.set_up": {"guest": {ANY}, "system": {ANY}},
    # accounts
    "account.read": {"customer": {SELF, COMPANY, OWNER}, "installer": {SELF}, **_staff},
    "account.change": {"customer": {SELF}, "installer": {SELF}, "agent": {SELF}, "admin": {SELF}},
    "account.decide": {"customer": {OWNER}, **_staff},
    "account.unlock": _staff,
    "account.employ": {"admin": {ANY}},
    "account.switch": {"admin": {ANY}},
    "account.import": {"system": {ANY}, "admin": {ANY}},
    "device.read": {"customer": {SELF}, "installer": {SELF}, "agent": {SELF}, "admin": {SELF}},
    # contracts and what they cover
    "contract.read": _company,
    "contract.register": {"customer": {ANY}},
    "contract.import": {"system": {ANY}, "admin": {ANY}},
    "asset.read": _company,
    # tickets
    "ticket.read": _own_or_company,
    "ticket.create": {"customer": {ANY}},
    "ticket.reply": _own_or_company,
    "ticket.note": _staff,
    "ticket.assign": _staff,
    "ticket.status": _staff,
    "ticket.priority": _staff,
    "ticket.close": {"customer": {SELF, COMPANY}},
    "ticket.reopen": {"customer": {SELF, COMPANY}},
    # the desk itself
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
    always_own: bool = False
    """The person keeps it whatever company it is in: an account is its person's own, a ticket its company's. What a
    person without a company asked is brought along when they join one, so each list walks one index, never two."""


_INSIDE = ("member", "owner")
"""Standings that count: somebody who only asked to join sees nothing, and colleagues don't see them yet."""

_HOLDERS: dict[type[SQLModel], _Holder] = {
    Account: _Holder("account.read", person="id", company="company_id", always_own=True),
    Device: _Holder("device.read", person="account_id"),
    Contract: _Holder("contract.read", company="company_id"),
    Asset: _Holder("asset.read", company="company_id"),
    Ticket: _Holder("ticket.read", person="requester_id", company="company_id"),
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
        nobodys = company is None and (holder.company is None or actor.company_id is None)
        if person is not None and person == actor.account_id and (nobodys or holder.always_own):
            found.add(SELF)
        if company is not None and company == actor.company_id:
            if getattr(thing, "standing", "member") in _INSIDE:
                found.add(COMPANY)
            if actor.owner:
                found.add(OWNER)
    return frozenset(found)


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
    mine, ours = _values(actor)
    if relation is SELF and holder.person and actor.account_id is not None:
        own: sa.ColumnElement[bool] = columns[holder.person] == mine
        if holder.company is None or holder.always_own:
            return own
        return sa.and_(own, columns[holder.company].is_(None)) if actor.company_id is None else None
    if holder.company is None or actor.company_id is None:
        return None
    if relation is COMPANY:
        same: sa.ColumnElement[bool] = columns[holder.company] == ours
        return sa.and_(same, columns.standing.in_(_INSIDE)) if "standing" in columns else same
    if relation is OWNER and actor.owner:
        return columns[holder.company] == ours  # type: ignore[no-any-return]
    return None


def _values(actor: Actor) -> tuple[sa.BindParameter[int], sa.BindParameter[int]]:
    """The actor's account and company, by names: a statement that was made for one actor serves every other one of the
    same role and standing, given :func:`parameters`."""
    return (
        sa.bindparam("actor_account", actor.account_id, type_=sa.BigInteger()),
        sa.bindparam("actor_company", actor.company_id, type_=sa.BigInteger()),
    )


def parameters(actor: Actor) -> dict[str, int | None]:
    """What :func:`scope` asks for by name."""
    return {"actor_account": actor.account_id, "actor_company": actor.company_id}
