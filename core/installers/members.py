"""The people of a service company: who they are, and its owners letting them go; whoever has the
management password can make a member choose a new password of their own."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.accounts import pending_login, sessions
from core.db import pagination
from core.db.pagination import Page
from core.errors import Conflict, Say, say
from core.i18n.translation import N_
from core.installers import invitations
from core.installers import profile as installer_profile
from core.installers.invitations import bound
from core.models.accounts import Account, Code, Purpose, Standing
from core.models.companies import Company, ServiceProfile
from core.models.names import full_name
from core.service import one_time_codes
from core.service.actions import AnyAction, Available, own_action
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from core.tickets import workflow

_account, _code = table(Account), table(Code)
_profile, _company = table(ServiceProfile), table(Company)

_INSIDE = (Standing.MEMBER.value, Standing.OWNER.value)


@dataclass(frozen=True, slots=True)
class Member:
    """One line: somebody of the company, or (``standing`` is ``invited``, ``id`` the code's, below zero) somebody who
    has not answered; ``until`` is how long they can."""

    id: int
    login: str
    name: str
    email: str
    standing: str
    logged_in_at: dt.datetime | None
    until: dt.datetime | None = None


def members(look: ReadContext, ask: pagination.PageRequest) -> Page[Member]:
    """The company's people by name; for its owners, whoever is invited stands above them."""
    profile = installer_profile.of_actor(look)
    query = look.scoped(
        Account,
        _account.c.id,
        _account.c.login,
        _account.c.first_name,
        _account.c.last_name,
        _account.c.email,
        _account.c.standing,
        _account.c.logged_in_at,
        _account.c.name_order,
    ).where(_account.c.company_id == profile.company_id, _account.c.standing.in_(_INSIDE))
    page = pagination.read(look, query, (_account.c.name_order, _account.c.id), ask, _member, descending=False)
    if page.more_before or not look.may("profile.members", profile):
        return page
    rows = [*_invited(look, profile.company_id), *page.rows]
    nobody = ("", 0) if rows else None
    return Page(rows, page.start or nobody, page.end or nobody, page.more_before, page.more_after)


def _member(row: Any) -> Member:
    return Member(row[0], row[1], full_name(row), row[4], row[5], row[6])


def _invited(look: ReadContext, company_id: int) -> list[Member]:
    alive = _code.c.used_at.is_(None), _code.c.voided_at.is_(None), _code.c.expires_at > look.now
    ours = _code.c.purpose == Purpose.MEMBER.value, *bound(look, company_id)
    rows = look.rows(
        sa.select(_code.c.id, _code.c.binding, _code.c.expires_at).where(*ours, *alive).order_by(_code.c.id)
    )
    return [Member(-row.id, "", "", row.binding.partition(":")[2], "invited", None, row.expires_at) for row in rows]


YOURSELF = say(N_("That is you. What is yours alone you change under My account."))
NO_MEMBER = say(N_("This person is an owner already, or not of your company any more."))
NOT_ANSWERED = say(N_("This invitation has not been answered yet."))


def available_for(actor: Actor, member: Member | None) -> Available:
    """What the actor can do about the company's people, and about somebody on the list when one is given."""
    decides = None if actor.owner else say(N_("Only owners of the company decide about its people."))
    reasons: list[tuple[AnyAction, Say | None]] = [(invitations.invite, decides)]
    if member is not None:
        own = YOURSELF if member.id == actor.account_id else None
        waits = NOT_ANSWERED if member.standing == "invited" else None
        owner = NO_MEMBER if member.standing == Standing.OWNER else None
        reasons += [
            (make_owner, decides or own or waits or owner),
            (remove, decides or own),
            (reset_password, own or waits),
        ]
    return {each.name: reason for each, reason in reasons}


def _colleague(work: UnitOfWork, account_id: int) -> Account:
    """Somebody else of the actor's company."""
    account = work.find(Account, account_id)
    if account_id == work.actor.account_id:
        raise Conflict(YOURSELF)
    return account


def _still_inside(work: UnitOfWork, account_id: int, company_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """The account is of the company, and the actor decides there, at the moment of the statement itself. Two owners
    who remove each other come one after the other: each locks the company's row first."""
    work.change(ServiceProfile, _profile.c.company_id == company_id, version=_profile.c.version)
    me = _account.alias("me")
    owns = sa.exists().where(
        me.c.id == work.actor.account_id, me.c.company_id == company_id, me.c.standing == Standing.OWNER.value
    )
    return _account.c.id == account_id, _account.c.company_id == company_id, owns


@own_action("member.remove", find=installer_profile.of_actor)
def remove(work: UnitOfWork, profile: ServiceProfile, account_id: int) -> None:
    """Somebody leaves the company: their sessions end at once, the tickets they had are free to take, and the login,
    which stays theirs, opens nothing of it."""
    account = _colleague(work, account_id)
    inside = *_still_inside(work, account_id, profile.company_id), _account.c.standing.in_(_INSIDE)
    if work.change(Account, *inside, standing=Standing.NONE.value, company_id=None) == 0:
        raise Conflict(N_("This person is not of your company any more, or you don't decide there any more."))
    sessions.end_all(work, account_id)
    one_time_codes.void(work, account_id, Purpose.COMPANY, Purpose.MANAGEMENT)
    workflow.hand_back(work, account_id, profile.company_id)
    work.mail("member_removed", account, name=account.first_name, company=_name(work, profile.company_id))
    work.record("company.member_removed", "account", account_id, company=profile.company_id)


@own_action("member.owner", find=installer_profile.of_actor)
def make_owner(work: UnitOfWork, profile: ServiceProfile, account_id: int) -> None:
    """A member decides about the company's people too, and logs in as the desk wants it of owners from then on."""
    account = _colleague(work, account_id)
    inside = *_still_inside(work, account_id, profile.company_id), _account.c.standing == Standing.MEMBER.value
    if work.change(Account, *inside, standing=Standing.OWNER.value) == 0:
        raise Conflict(NO_MEMBER)
    strong = work.settings.security.second_step.installer_owner == "strong"
    work.mail("member_owner", account, name=account.first_name, company=_name(work, profile.company_id), strong=strong)
    work.record("company.member_owner", "account", account_id, company=profile.company_id)


@own_action("member.reset", find=installer_profile.of_actor)
def reset_password(work: UnitOfWork, profile: ServiceProfile, account_id: int, ticket: str) -> None:
    """Make somebody's password worth nothing and mail them a code for a new one; every session of theirs ends. With a
    ticket of :func:`core.installers.profile.unlock`."""
    installer_profile.check_ticket(work, profile, ticket)
    account = _colleague(work, account_id)
    one_time_codes.allow(work, Purpose.RESET, "account", account.id)
    inside = _account.c.company_id == profile.company_id, _account.c.standing.in_(_INSIDE)
    if work.change(Account, _account.c.id == account_id, *inside, password_hash=None) == 0:
        raise Conflict(N_("This person is not of your company any more."))
    sessions.end_all(work, account_id)
    one_time_codes.void(work, account_id, Purpose.LOGIN, Purpose.INVITE, Purpose.EMAIL)
    pending_login.give_up(work, account_id)
    code = one_time_codes.issue(work, account_id, Purpose.RESET)
    company = _name(work, profile.company_id)
    name, login = account.first_name, account.login
    work.mail("member_reset", account, secrets_={"code": code}, name=name, login=login, company=company)
    work.record("company.member_reset", "account", account_id, company=profile.company_id)


def _name(look: ReadContext, company_id: int) -> str:
    return str(look.value(sa.select(_company.c.name).where(_company.c.id == company_id)))
