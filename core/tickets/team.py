"""Who handles a ticket: the operator's own people, or those of the service company that looks after its device."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.db.ready import ReadyStatement
from core.models.accounts import Account, AccountState, Role, Standing
from core.models.companies import Company, ServiceProfile
from core.service.unit_of_work import Addressee, ReadContext, Stranger, table

_account, _company, _profile = table(Account), table(Company), table(ServiceProfile)
_reachable = (_account.c.id, _account.c.email, _account.c.language)
_active = _account.c.state == AccountState.ACTIVE.value
_agents = ReadyStatement(
    sa.select(*_reachable).where(_account.c.role == Role.AGENT.value, _active).order_by(_account.c.id)
)
_name = ReadyStatement(
    sa.select(_company.c.name).where(_company.c.id == sa.bindparam("team", type_=_company.c.id.type))
)
_notified = ReadyStatement(
    sa.select(_profile.c.email, _profile.c.language).where(
        _profile.c.company_id == sa.bindparam("team", type_=_company.c.id.type)
    )
)


def members(team_id: int | sa.BindParameter[Any] | None) -> tuple[sa.ColumnElement[bool], ...]:
    """What an account is like that a ticket of this team can be given to; ``None`` is the operator's team. Somebody who
    was removed from the company, or switched off, is none any more."""
    if team_id is None:
        return _active, _account.c.role.in_((Role.AGENT.value, Role.ADMIN.value))
    inside = _account.c.standing.in_((Standing.MEMBER.value, Standing.OWNER.value))
    return _active, _account.c.role == Role.INSTALLER.value, _account.c.company_id == team_id, inside


def name(look: ReadContext, team_id: int | None) -> str:
    """The service company's name; empty for the operator's team."""
    return "" if team_id is None else str(look.value(_name, team=team_id) or "")


def addressees(look: ReadContext, team_id: int | None) -> Sequence[Addressee]:
    """Where mail for the whole team goes: a service company's notification address, in the language it chose; the
    operator's shared address when the desk has one, else each agent."""
    if team_id is not None:
        return [Stranger(row.email, row.language) for row in look.rows(_notified, team=team_id)]
    desk = look.settings.desk
    return [Stranger(desk.team_email, desk.language)] if desk.team_email else look.rows(_agents)
