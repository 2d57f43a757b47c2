"""The customer's side at a glance: what waits for an answer, who looks after what, what was applied for."""

import datetime as dt
from dataclasses import dataclass

from core.care import access_request_list, access_requests, applications, grants
from core.care.access_request_list import RequestRow
from core.db.pagination import Page, PageRequest
from core.models.accounts import Account, Role
from core.models.care import Application, ApplicationState, Grant
from core.service.actions import Available, offered
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, table

MOST = 150
"""Questions, services and applications of one person: each has its fifty latest."""


@dataclass(frozen=True, slots=True)
class OverviewLine:
    """One line of *Service*. ``kind`` is ``question``, ``permission``, ``service`` or ``application``; ``thing_id`` is
    its own id, ``grant_id`` the service it belongs to."""

    id: str
    kind: str
    thing_id: int
    grant_id: int | None
    device: str
    company: str
    level: int
    right: str
    state: str
    at: dt.datetime
    until: dt.datetime | None
    text: str
    version: int
    asset_id: int | None = None


def overview(look: ReadContext, ask: PageRequest) -> Page[OverviewLine]:
    """Everything of the actor's, what waits for an answer first. A person has few of these: one page holds them."""
    look.require("application.apply")
    lines = [*_questions(look), *_services(look), *_applications(look)]
    return Page(lines[:MOST], None, None, more_before=False, more_after=False)


def _questions(look: ReadContext) -> list[OverviewLine]:
    asked = [_line_of(request, "question", None) for request in access_request_list.to_answer(look)]
    return [*asked, *(_line_of(each, "permission", each.until) for each in access_request_list.running(look))]


def _line_of(request: RequestRow, kind: str, until: dt.datetime | None) -> OverviewLine:
    return OverviewLine(
        f"{kind[0]}{request.id}",
        kind,
        request.id,
        request.grant_id,
        request.device,
        request.company,
        0,
        request.right,
        request.state,
        request.asked_at,
        until,
        request.reason,
        request.hours,
    )


def _services(look: ReadContext) -> list[OverviewLine]:
    return [
        OverviewLine(
            f"g{grant.id}",
            "service",
            grant.id,
            grant.id,
            grant.device,
            grant.company,
            grant.level,
            "",
            "ended" if grant.ended_at else "active",
            grant.since,
            grant.ended_at,
            grant.address,
            grant.version,
            grant.asset_id,
        )
        for grant in grants.mine(look)
    ]


def _applications(look: ReadContext) -> list[OverviewLine]:
    """Those that came to a service are shown as that service."""
    return [
        OverviewLine(
            f"a{application.id}",
            "application",
            application.id,
            None,
            application.device,
            application.company,
            application.level,
            "",
            application.state,
            application.created_at,
            application.expires_at,
            application.message,
            application.version,
        )
        for application in applications.mine(look)
        if application.state != ApplicationState.APPROVED
    ]


def available_for(actor: Actor, line: OverviewLine) -> Available:
    """What the actor can do about a line that was read for them, or why not."""
    if line.kind in ("question", "permission"):
        return access_requests.available_for_state(actor, line.state)
    if line.kind == "service":
        over = grants.reason_of_end(line.until)
        return offered(actor, ((grants.set_level, over), (grants.end, over)))
    decided = applications.reason_of_state(line.state)
    return offered(actor, ((applications.change_level, decided), (applications.withdraw, decided)))


def comes_first(look: ReadContext) -> bool:
    """Whether the actor begins with *Service*: somebody waits for their answer, or they have no company's tickets but a
    device that is (or is to be) looked after, or signed up for one."""
    if look.actor.role != Role.CUSTOMER:
        return False
    if access_request_list.waiting(look):
        return True
    if look.actor.company_id is not None:
        return False
    return bool(_any(look, Grant) or _any(look, Application) or _at_home(look))


def _at_home(look: ReadContext) -> bool:
    """Somebody who signed up for a device at home."""
    return look.find(Account, look.actor.account_id or 0).at_home


def _any(look: ReadContext, model: type[Grant] | type[Application]) -> bool:
    mine = table(model).c.customer_id == look.actor.account_id
    return look.value(look.scoped(model, table(model).c.id).where(mine).limit(1)) is not None
