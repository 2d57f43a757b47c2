"""Which requests for access there are: those that wait for an answer, those that run, those of one service."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.care.access_requests import ASKED_FOR, state_now, still_asked
from core.db.columns import moment
from core.db.ready import ReadyStatement
from core.models.accounts import Account
from core.models.care import AccessRequest, Grant, RequestState
from core.models.companies import Company
from core.models.contracts import Asset
from core.models.names import display_name
from core.service import policy
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, table

_request, _grant, _account = table(AccessRequest), table(Grant), table(Account)
_company, _asset = table(Company), table(Asset)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One question and what came of it. ``state`` as in :class:`RequestState`, and ``over`` for a permission whose time
    has passed or a question that nobody answered."""

    id: int
    grant_id: int
    company: str
    asked_by: str
    device: str
    right: str
    reason: str
    hours: int
    state: str
    asked_at: dt.datetime
    until: dt.datetime | None


_ROW = (
    _request.c.id,
    _request.c.grant_id,
    _company.c.name.label("company"),
    _account.c.first_name,
    _account.c.last_name,
    _account.c.login,
    _asset.c.identifier,
    _request.c.right_,
    _request.c.reason,
    _request.c.hours,
    _request.c.state,
    moment(_request.c.asked_at),
    moment(_request.c.until),
)


def _rows(look: ReadContext, *where: Any) -> list[RequestRow]:
    query = (
        look.scoped(AccessRequest, *_ROW)
        .join_from(_request, _grant, _request.c.grant_id == _grant.c.id)
        .join(_company, _request.c.company_id == _company.c.id)
        .join(_asset, _grant.c.asset_id == _asset.c.id)
        .join(_account, _request.c.asked_by == _account.c.id)
        .where(*where)
        .order_by(_request.c.id.desc())
        .limit(50)
    )
    return [_shown(row, look.now) for row in look.rows(query)]


def _shown(row: Any, now: dt.datetime) -> RequestRow:
    by = display_name(row)
    return RequestRow(
        row.id,
        row.grant_id,
        row.company,
        by,
        row.identifier,
        row.right_,
        row.reason,
        row.hours,
        state_now(row, now),
        row.asked_at,
        row.until,
    )


def to_answer(look: ReadContext) -> Sequence[RequestRow]:
    """The questions that wait for the actor, newest first."""
    return _rows(look, _request.c.customer_id == look.actor.account_id, *still_asked(look))


def running(look: ReadContext) -> Sequence[RequestRow]:
    """The permissions the actor has given and that are not over."""
    allowed = _request.c.state == RequestState.ALLOWED.value, _request.c.until > look.now
    return _rows(look, _request.c.customer_id == look.actor.account_id, *allowed)


def of_grant(look: ReadContext, grant_id: int) -> Sequence[RequestRow]:
    """Every question about a grant, for either side."""
    return _rows(look, _request.c.grant_id == look.find(Grant, grant_id).id)


def waiting(look: ReadContext) -> int:
    """How many questions wait for the actor."""
    if look.actor.account_id is None:
        return 0
    since = look.now - ASKED_FOR
    return int(look.value(_asked(look.actor), **policy.parameters(look.actor), since=since))


@policy.made_once
def _asked(somebody: Actor) -> ReadyStatement:
    mine = sa.select(sa.func.count()).where(
        policy.scope(somebody, AccessRequest),
        sa.text("access_request.state = 'asked'"),
        _request.c.customer_id == sa.bindparam("actor_account", type_=sa.BigInteger()),
        _request.c.asked_at > sa.bindparam("since", type_=_request.c.asked_at.type),
    )
    return ReadyStatement(mine.select_from(_request))
