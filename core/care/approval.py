"""Case 1, the installer's side: who waits, what they ask for, and the decision.

A decision is one UPDATE that holds everything it relies on: whose application it is, that nobody has decided, that its
time is not over, that it still says what the screen showed, and that its applicant is still there.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import sqlalchemy as sa

from core.care import applications, device_ids, grants, recipients
from core.care.expiry import days_left
from core.db import pagination
from core.db.columns import moment
from core.db.list_search import each_word, key_begins
from core.db.pagination import Page
from core.db.ready import ReadyStatement
from core.errors import Conflict, DeskError, Say, say
from core.forms import FormModel, Label, LongText
from core.i18n import dates
from core.i18n.translation import N_
from core.models.accounts import Account, Role, Standing
from core.models.care import Application, ApplicationState
from core.service import policy
from core.service.actions import Available, action, available
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_application, _account = table(Application), table(Account)

SOON = dt.timedelta(days=3)
"""Those that run out within this are marked."""


class Approval(FormModel):
    """What goes to the customer with the confirmation."""

    message: Annotated[
        str | None, LongText(limit=2000), Label(N_("Message to the customer"), help=N_("May be left empty."))
    ] = None


class Rejection(FormModel):
    """The customer is told why."""

    reason: Annotated[str, LongText(limit=2000), Label(N_("Reason"), help=N_("The customer reads it."))]


class PendingRow(NamedTuple):
    """One line of the list. ``days_left`` counts begun days; ``soon`` marks those that are about to run out."""

    id: int
    device: str
    name: str
    level: int
    created_at: dt.datetime
    expires_at: dt.datetime
    days_left: int
    soon: bool
    version: int


@dataclass(frozen=True, slots=True)
class PendingCard:
    """Everything that is shown of one application before it is decided. ``version`` goes back with the decision."""

    id: int
    name: str
    address: str
    phone: str
    email: str
    language: str
    country: str
    device: str
    created_at: dt.datetime
    expires_at: dt.datetime
    days_left: int
    level: int
    state: str
    decided_at: dt.datetime | None
    decided_by: str
    message: str
    version: int
    available: Available


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one of several decisions; ``wrong`` is None where it was made."""

    id: int
    device: str
    name: str
    wrong: Say | None


_COLUMNS = (
    _application.c.id,
    _application.c.device,
    _application.c.name,
    _application.c.level,
    moment(_application.c.created_at),
    moment(_application.c.expires_at),
    _application.c.version,
)
_ORDER = (_application.c.expires_at, _application.c.id)
_WAITING = (
    sa.text("application.state = 'pending'"),
    _application.c.company_id == sa.bindparam("actor_company", type_=sa.BigInteger()),
    _application.c.expires_at > sa.bindparam("now", type_=_application.c.expires_at.type),
)
"""The state is written out, so that the planner sees that the partial index will do."""


def page(look: ReadContext, ask: pagination.PageRequest, search: str = "") -> Page[PendingRow]:
    """Those who wait for the actor's company, the oldest first; by name or device ID when something is searched."""
    now = look.now
    parameters = {**policy.parameters(look.actor), "now": now}

    def show(row: Any) -> PendingRow:
        return _row(row, now)

    if not search:
        statement = _plain(look.actor, pagination.way_of(ask))
        return pagination.fetch(look, statement, _ORDER, ask, show, **parameters)
    condition = sa.or_(each_word(search, _application.c.name_key), key_begins(search, _application.c.device_key))
    query = look.scoped(Application, *_COLUMNS).where(*_WAITING, condition)
    statement = pagination.ordered(query, _ORDER, pagination.way_of(ask), descending=False)
    return pagination.fetch(look, statement, _ORDER, ask, show, **parameters)


@policy.made_once
def _plain(somebody: Actor, way: str) -> ReadyStatement:
    """The statement without a search."""
    query = sa.select(*_COLUMNS).where(policy.scope(somebody, Application), *_WAITING)
    return ReadyStatement(pagination.ordered(query, _ORDER, way, descending=False))


def count(look: ReadContext) -> int:
    """How many wait for the actor's company: a walk over its part of one small index."""
    if look.actor.company_id is None:
        return 0
    return int(look.value(_counted(look.actor), **policy.parameters(look.actor), now=look.now))


@policy.made_once
def _counted(somebody: Actor) -> ReadyStatement:
    waiting = sa.select(sa.func.count()).select_from(_application)
    return ReadyStatement(waiting.where(policy.scope(somebody, Application), *_WAITING))


def _row(row: Any, now: dt.datetime) -> PendingRow:
    id_, device, name, level, created_at, expires_at, version = row
    soon = expires_at - now <= SOON
    return PendingRow(id_, device, name, level, created_at, expires_at, days_left(expires_at, now), soon, version)


def card(look: ReadContext, application_id: int) -> PendingCard:
    """One application; :class:`core.errors.NotFound` for one of another company."""
    application = look.find(Application, application_id)
    email = look.value(sa.select(_account.c.email).where(_account.c.id == application.customer_id))
    late = application.state == ApplicationState.PENDING and application.expires_at <= look.now
    # Whoever did not come to be a customer is no business of the company's any more.
    over = late or application.state not in (ApplicationState.PENDING, ApplicationState.APPROVED)
    hidden = over and look.actor.role == Role.INSTALLER
    return PendingCard(
        id=application.id,
        name=application.name,
        address="" if hidden else application.address,
        phone="" if hidden else application.phone,
        email="" if hidden else str(email or ""),
        language=application.language,
        country=application.country,
        device=application.device,
        created_at=application.created_at,
        expires_at=application.expires_at,
        days_left=days_left(application.expires_at, look.now),
        level=application.level,
        state=ApplicationState.EXPIRED.value if late else application.state,
        decided_at=application.decided_at,
        decided_by=recipients.name_of(look, application.decided_by),
        message=application.message,
        version=application.version,
        available=available(look, application, (approve, reject)),
    )


def reason_against_deciding(look: ReadContext, application: Application) -> Say | None:
    """Nobody's second decision, and none too late."""
    pending = applications.state_now(application, look.now) == ApplicationState.PENDING
    return None if pending else _why_not(look, application)


@action("application.approve", on=Application, when=reason_against_deciding)
def approve(work: UnitOfWork, application: Application, form: Approval, *, seen: int) -> int:
    """Take the customer on, at the level that was shown; returns the grant's id. The customer gets the message."""
    firm = recipients.firm(work, application.company_id)
    company = _account.c.company_id
    applicant = _account.c.id == application.customer_id, _account.c.standing == Standing.OWNER.value
    client = work.value(sa.select(company).where(*applicant))
    wrong = device_ids.taken(work, application.device, application.customer_id, client, but=application.id)
    if wrong is not None:
        raise Conflict(wrong)
    _decide(work, application, ApplicationState.APPROVED, form.message or "", seen)
    asset_id = device_ids.bring_in(work, application.device, application.customer_id)
    grant_id = grants.begin(work, application, asset_id=asset_id, application_id=application.id)
    customer = recipients.customer(work, application.customer_id, application.language)
    if customer is not None:
        work.mail(
            "application_approved",
            customer,
            name=application.name,
            company=firm.name,
            phone=firm.phone,
            email=firm.email,
            device=application.device,
            level=application.level,
            message=form.message or "",
        )
    work.record("application.approve", "application", application.id, grant=grant_id, level=application.level)
    return grant_id


@action("application.reject", on=Application, when=reason_against_deciding)
def reject(work: UnitOfWork, application: Application, form: Rejection, *, seen: int) -> None:
    """Say no, with the reason."""
    firm = recipients.firm(work, application.company_id)
    _decide(work, application, ApplicationState.REJECTED, form.reason, seen)
    customer = recipients.customer(work, application.customer_id, application.language)
    if customer is not None:
        details: dict[str, Any] = {"name": application.name, "company": firm.name, "device": application.device}
        work.mail("application_rejected", customer, phone=firm.phone, email=firm.email, reason=form.reason, **details)
    work.record("application.reject", "application", application.id)


def approve_several(work: UnitOfWork, chosen: Sequence[tuple[int, int]], form: Approval) -> list[Outcome]:
    """Approve applications by (id, version shown), each by itself: what is refused of one keeps no other."""
    outcomes = []
    for application_id, seen in chosen:
        application = work.unscoped(Application, _application.c.id == application_id)
        device, name = (application.device, application.name) if application else ("", "")
        try:
            approve(work, application_id, form, seen=seen)  # it writes nothing before it is sure
        except DeskError as refused:
            known = work.may(approve.name, application)
            outcomes.append(Outcome(application_id, device if known else "", name if known else "", refused.say))
        else:
            outcomes.append(Outcome(application_id, device, name, None))
    return outcomes


def _decide(work: UnitOfWork, application: Application, state: ApplicationState, message: str, seen: int) -> None:
    """The one statement that decides. Nobody's second decision, none too late, none about something else."""
    done = work.change(
        Application,
        _application.c.id == application.id,
        _application.c.company_id == work.actor.company_id,
        *applications.pending(work),
        _application.c.version == seen,
        recipients.active(_application.c.customer_id),
        state=state.value,
        decided_at=work.now,
        decided_by=work.actor.account_id,
        message=message,
        version=seen + 1,
    )
    if done == 0:
        raise Conflict(_why_not(work, application))


def _why_not(look: ReadContext, application: Application) -> Say:
    """What stands in the way, for the screen to say."""
    match application.state:
        case ApplicationState.APPROVED | ApplicationState.REJECTED:
            who = recipients.name_of(look, application.decided_by)
            when = dates.for_sentence(application.decided_at) if application.decided_at else ""
            if application.state == ApplicationState.APPROVED:
                return say(N_("Somebody was faster: {who} approved this application on {when}."), who=who, when=when)
            return say(N_("Somebody was faster: {who} rejected this application on {when}."), who=who, when=when)
        case ApplicationState.WITHDRAWN:
            return say(N_("The customer has withdrawn this application."))
        case ApplicationState.EXPIRED:
            return say(N_("This application ran out on {when}."), when=application.expires_at)
    if application.expires_at <= look.now:
        return say(N_("This application ran out on {when}."), when=application.expires_at)
    if recipients.customer(look, application.customer_id) is None:
        return say(N_("The customer's account does not exist any more. Nothing was decided."))
    return say(N_("The customer has changed this application since it was shown. Please read it again."))
