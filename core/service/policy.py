"""May somebody do something, and which rows do they see: both from one table, so that a list and a single thing can't
disagree.

``allows`` checks one thing; ``scope`` turns the rule for reading into a WHERE clause. The table is
:mod:`core.permissions`; tests/core/service/test_policy.py holds both functions against each other.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlmodel import SQLModel

from core.errors import Forbidden
from core.i18n.translation import N_
from core.models.accounts import Role
from core.models.knowledge import ArticleState
from core.models.tickets import Ticket, TicketKind
from core.permissions import ANY, COMPANY, HOLDERS, INSIDE, OWNER, PUBLIC, RULES, SELF, SUBSCRIBER, TEAM, Relation
from core.service.actor import Actor

P = ParamSpec("P")
Statement = TypeVar("Statement")


def allowed_relations(actor: Actor, action: str) -> frozenset[Relation]:
    """The relations under which ``actor``'s role may do ``action``; empty means never."""
    return frozenset(RULES.get(action, {}).get(actor.role, ()))


def relations(actor: Actor, thing: SQLModel | None) -> frozenset[Relation]:
    """Every way ``actor`` stands to ``thing`` (to nothing in particular: only ANY)."""
    ways = {ANY}
    if thing is not None:
        holder = HOLDERS[type(thing)]
        person = getattr(thing, holder.person) if holder.person else None
        company = getattr(thing, holder.company) if holder.company else None
        subscriber = getattr(thing, holder.subscriber) if holder.subscriber else None
        if subscriber is not None and subscriber == actor.subscriber_id:
            ways.add(SUBSCRIBER)
        if holder.public is not None and getattr(thing, holder.public) == ArticleState.PUBLISHED:
            ways.add(PUBLIC)
        nobodys = company is None and (holder.company is None or actor.company_id is None)
        mine = person is not None and person == actor.account_id
        if mine and (nobodys or holder.always_own or _private(thing)):
            ways.add(SELF)
        if company is not None and company == actor.company_id:
            if getattr(thing, "standing", "member") in INSIDE:
                ways.add(COMPANY)
            if actor.owner:
                ways.add(OWNER)
        if holder.team is not None and handles(actor, getattr(thing, holder.team)):
            ways.add(TEAM)
    return frozenset(ways)


def _private(thing: SQLModel) -> bool:
    """Whether it stays the person's own whatever company they are in: what a subscriber orders for their line."""
    return isinstance(thing, Ticket) and thing.kind == TicketKind.ORDER and thing.company_id is None


def handles(actor: Actor, team: int | None) -> bool:
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
    allowed = allowed_relations(actor, HOLDERS[model].read)
    if ANY in allowed:
        return sa.true()
    clauses = [clause for relation in sorted(allowed) if (clause := _clause(actor, model, relation)) is not None]
    return sa.or_(*clauses) if clauses else sa.false()


def _clause(actor: Actor, model: type[SQLModel], relation: Relation) -> sa.ColumnElement[bool] | None:
    """The rows to which ``actor`` stands in ``relation``: :func:`relations`, said in SQL."""
    holder = HOLDERS[model]
    columns: Any = model.__table__.c  # type: ignore[attr-defined]
    mine, ours, lines = _values(actor)
    if relation is SUBSCRIBER:
        comparable = holder.subscriber is not None and actor.subscriber_id is not None
        return columns[holder.subscriber] == lines if comparable else None
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
        return sa.and_(nobodys, columns.kind == TicketKind.ORDER.value) if ordered else None
    if holder.company is None or actor.company_id is None:
        return None
    if relation is COMPANY:
        same: sa.ColumnElement[bool] = columns[holder.company] == ours
        return sa.and_(same, columns.standing.in_(INSIDE)) if "standing" in columns else same
    if relation is OWNER and actor.owner:
        return columns[holder.company] == ours  # type: ignore[no-any-return]
    return None


def _of_team(actor: Actor, team: sa.ColumnElement[int], ours: sa.BindParameter[int]) -> sa.ColumnElement[bool] | None:
    """:func:`handles`, said in SQL."""
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


def made_once(
    make: Callable[Concatenate[Actor, P], Statement],
) -> Callable[Concatenate[Actor, P], Statement]:
    """Keep what ``make`` makes: one statement for each role and standing, and for whatever else it is told.

    ``make`` gets somebody like the actor, but nobody in particular, so whose rows they are can only be asked for by
    name: run what it gives with :func:`parameters`. Making a statement costs several times what it takes to run, and
    of each there are only a few.
    """
    cached = lru_cache(maxsize=256)(make)

    @wraps(make)
    def statement(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> Statement:
        return cached(_somebody_like(actor), *args, **kwargs)  # type: ignore[arg-type]  # all of it can be hashed

    return statement


def _somebody_like(actor: Actor) -> Actor:
    """Of the same role and standing: all that :func:`scope` and whoever uses it may ask about the actor beforehand."""
    return Actor(
        role=actor.role,
        account_id=None if actor.account_id is None else 0,
        company_id=None if actor.company_id is None else 0,
        owner=actor.owner,
        subscriber_id=None if actor.subscriber_id is None else 0,
    )


def parameters(actor: Actor) -> dict[str, int | None]:
    """What :func:`scope` asks for by name."""
    return {
        "actor_account": actor.account_id,
        "actor_company": actor.company_id,
        "actor_subscriber": actor.subscriber_id,
    }
