"""*On demand*: the company asks for a right, saying why and for how long; the customer allows or denies it.

What is allowed ends by itself, and can be ended early by the customer.
"""

import datetime as dt
from typing import Annotated, Any

import sqlalchemy as sa

from core.care import access, history, recipients
from core.care.access import By
from core.errors import Conflict, Invalid, Say, Throttled, say
from core.forms import FormModel, Label, LongText, Number, OneOf
from core.i18n.translation import N_
from core.models.accounts import Account, Standing
from core.models.care import AccessRequest, Grant, RequestState
from core.models.companies import Company
from core.models.contracts import Asset
from core.models.levels import RIGHTS, Level, Right, always
from core.service import throttle
from core.service.actions import Available, action, offered
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_request, _grant, _account = table(AccessRequest), table(Grant), table(Account)
_company, _asset = table(Company), table(Asset)

ASK_AT_ONCE, ASK_EVERY = 6, dt.timedelta(hours=1)
ASKED_FOR = dt.timedelta(days=7)
"""A question nobody answers is over after a week."""
LONGEST = 168
"""Hours: seven days."""


class AskAccess(FormModel):
    """What the company wants, why and for how long."""

    right: Annotated[str, OneOf(offered=RIGHTS), Label(N_("Access to"))]
    reason: Annotated[str, LongText(limit=500), Label(N_("Reason"), help=N_("The customer reads it and decides."))]
    hours: Annotated[
        int,
        Number(low=1, high=LONGEST),
        Label(N_("For how many hours"), help=N_("1 hour to 7 days (168); it ends by itself."), default="24", unit="h"),
    ]


def reason_against_asking(_look: ReadContext, grant: Grant) -> Say | None:
    """There is nothing to ask for where the service is over, or everything is open."""
    if grant.ended_at is not None:
        return ENDED
    if grant.level == Level.FULL:
        return say(N_("You have this access now; there is nothing to ask for."))
    return None


@action("grant.ask", on=Grant, when=reason_against_asking)
def ask(work: UnitOfWork, grant: Grant, form: AskAccess) -> int:
    """Ask the customer; returns the request's id. One open question a right, and none for what is open anyway."""
    grant_id = grant.id
    _hold(work, grant_id)
    right = Right(form.right)
    verdict = access.may(work, right, grant.asset_id)
    if verdict.by in (By.LEVEL, By.PERMISSION):
        raise Invalid({"right": say(N_("You have this access now; there is nothing to ask for."))})
    lapsed = _request.c.asked_at <= work.now - ASKED_FOR
    of_it = _request.c.grant_id == grant_id, _request.c.right_ == right.value
    asked = _request.c.state == RequestState.ASKED.value
    work.change(AccessRequest, *of_it, asked, lapsed, state=RequestState.WITHDRAWN.value, ended_at=work.now)
    if work.value(sa.select(_request.c.id).where(*of_it, asked)) is not None:
        raise Invalid({"right": say(N_("The customer has been asked for this already and has not answered yet."))})
    request_id = work.add(
        AccessRequest,
        grant_id=grant_id,
        company_id=grant.company_id,
        customer_id=grant.customer_id,
        asked_by=work.actor.account_id,
        right_=right.value,
        reason=form.reason,
        hours=form.hours,
        asked_at=work.now,
    )
    history.write(work, grant_id, "asked", right, f"{form.hours} h: {form.reason}")
    _tell_customer(work, grant, right, form)
    work.record("permission.ask", "permission", request_id, grant=grant_id, right=right.value, hours=form.hours)
    return request_id


def _hold(work: UnitOfWork, grant_id: int) -> None:
    """The grant's row is locked while it is asked about, so that no question is left behind by a service that ends at
    the same moment; and nobody is asked over and over."""
    running = _grant.c.id == grant_id, _grant.c.ended_at.is_(None)
    if work.change(Grant, *running, version=_grant.c.version) == 0:
        raise Conflict(ENDED)
    until = throttle.hit(work, throttle.bucket(work, "ask-access", grant_id), every=ASK_EVERY, burst=ASK_AT_ONCE)
    if until is not None:
        raise Throttled(N_("The customer has been asked several times. You can ask again after {time}."), until=until)


def _running(work: UnitOfWork, grant_id: int) -> Grant:
    grant = work.find(Grant, grant_id)
    if grant.ended_at is not None:
        raise Conflict(ENDED)
    return grant


def _tell_customer(work: UnitOfWork, grant: Grant, right: Right, form: AskAccess) -> None:
    customer = recipients.customer(work, grant.customer_id, grant.language)
    firm = recipients.firm(work, grant.company_id)
    if customer is None:
        raise Conflict(N_("The customer's account does not exist any more. There is nobody to ask."))
    work.mail(
        "access_asked",
        customer,
        name=grant.name,
        company=firm.name,
        by=work.actor.name,
        device=_device(work, grant),
        right=right.value,
        hours=form.hours,
        reason=form.reason,
    )


def _device(look: ReadContext, grant: Grant) -> str:
    return str(look.value(sa.select(_asset.c.identifier).where(_asset.c.id == grant.asset_id)))


def still_asked(look: ReadContext) -> tuple[sa.ColumnElement[bool], ...]:
    """What must hold for a question to be answered, for every statement that relies on it."""
    return _request.c.state == RequestState.ASKED.value, _request.c.asked_at > look.now - ASKED_FOR


def state_now(row: AccessRequest | Any, now: dt.datetime) -> str:
    """The state of a request or its row; ``over`` once a permission or an unanswered question has run out."""
    late = row.state == RequestState.ALLOWED and row.until is not None and row.until <= now
    if late or (row.state == RequestState.ASKED and row.asked_at <= now - ASKED_FOR):
        return "over"
    return str(row.state)


ANSWERED = say(N_("This question has been answered or taken back meanwhile, or it is too old."))
OVER = say(N_("This permission is over already."))
NOT_ALLOWED = say(N_("This is only asked for: allow it or deny it."))
ENDED = say(N_("This service has ended."))


_ANSWERS: dict[str, Say] = {
    RequestState.ALLOWED: say(N_("This was allowed.")),
    RequestState.DENIED: say(N_("This was denied.")),
    RequestState.WITHDRAWN: say(N_("This question was taken back.")),
}


def reason_against_answering(state: str) -> Say | None:
    """A question is answered once, and within its week."""
    return None if state == RequestState.ASKED else _ANSWERS.get(state, ANSWERED)


def reason_against_stopping(state: str) -> Say | None:
    """Only a permission that runs is ended."""
    if state == RequestState.ALLOWED:
        return None
    return NOT_ALLOWED if state == RequestState.ASKED else OVER


def reason_against_withdrawing(state: str) -> Say | None:
    """Only a question without an answer is taken back."""
    return reason_against_answering(state)


def available_for_state(actor: Actor, state: str) -> Available:
    """What the actor can do about a request in this state, for a row that was read within their scope."""
    return offered(
        actor,
        (
            (answer, reason_against_answering(state)),
            (stop, reason_against_stopping(state)),
            (withdraw, reason_against_withdrawing(state)),
        ),
    )


@action(
    "permission.answer",
    on=AccessRequest,
    when=lambda look, request: reason_against_answering(state_now(request, look.now)),
)
def answer(work: UnitOfWork, request: AccessRequest, *, allow: bool) -> dt.datetime | None:
    """Allow (until when is returned) or deny. Whoever asked gets mail."""
    grant = _running(work, request.grant_id)
    not_theirs = access.reason_not_theirs(work, grant.asset_id)
    if not_theirs is not None:
        raise Conflict(not_theirs)
    until = work.now + dt.timedelta(hours=request.hours) if allow else None
    state = RequestState.ALLOWED if allow else RequestState.DENIED
    asked = _request.c.id == request.id, *still_asked(work)
    if work.change(AccessRequest, *asked, state=state.value, answered_at=work.now, until=until) == 0:
        raise Conflict(ANSWERED)
    detail = f"{request.hours} h" if allow else ""
    history.write(work, grant.id, state.value, request.right_, detail)
    _tell_asker(work, grant, request, state.value, until)
    work.record("permission.answer", "permission", request.id, allow=allow)
    return until


@action(
    "permission.stop",
    on=AccessRequest,
    when=lambda look, request: reason_against_stopping(state_now(request, look.now)),
)
def stop(work: UnitOfWork, request: AccessRequest) -> None:
    """The customer ends a permission early. It counts at once."""
    allowed = _request.c.state == RequestState.ALLOWED.value, _request.c.until > work.now
    done = work.change(
        AccessRequest, _request.c.id == request.id, *allowed, state=RequestState.ENDED.value, ended_at=work.now
    )
    if done == 0:
        raise Conflict(OVER)
    grant = work.find(Grant, request.grant_id)
    history.write(work, grant.id, "stopped", request.right_)
    _tell_asker(work, grant, request, RequestState.ENDED.value, None)
    work.record("permission.stop", "permission", request.id)


@action(
    "permission.withdraw",
    on=AccessRequest,
    when=lambda look, request: reason_against_withdrawing(state_now(request, look.now)),
)
def withdraw(work: UnitOfWork, request: AccessRequest) -> None:
    """The company does not need it any more."""
    asked = _request.c.id == request.id, *still_asked(work)
    if work.change(AccessRequest, *asked, state=RequestState.WITHDRAWN.value, ended_at=work.now) == 0:
        raise Conflict(ANSWERED)
    history.write(work, request.grant_id, "withdrawn", request.right_)
    work.record("permission.withdraw", "permission", request.id)


def end_running(work: UnitOfWork, grant_id: int, *, lowered: bool, level: int) -> None:
    """A lower level ends what was allowed on demand; a higher one what it always opens, so that nobody ends a
    permission and leaves the door open. Part of :func:`core.care.grants.set_level`."""
    over = [right.value for right in Right if lowered or always(level, right)]
    running = _request.c.state == RequestState.ALLOWED.value, _request.c.until > work.now
    of_it = _request.c.grant_id == grant_id, _request.c.right_.in_(over)
    for row in work.rows(sa.select(_request.c.right_).where(*of_it, *running).order_by(_request.c.id)):
        history.write(work, grant_id, "stopped", row.right_)
    work.change(AccessRequest, *of_it, *running, state=RequestState.ENDED.value, ended_at=work.now)


def end_all(work: UnitOfWork, grant_id: int) -> None:
    """With the service end its questions and permissions; part of :func:`core.care.grants.end`."""
    living = _request.c.state.in_((RequestState.ASKED.value, RequestState.ALLOWED.value))
    ended = {"state": RequestState.ENDED.value, "ended_at": work.now}
    work.change(AccessRequest, _request.c.grant_id == grant_id, living, **ended)


def _tell_asker(work: UnitOfWork, grant: Grant, request: AccessRequest, state: str, until: dt.datetime | None) -> None:
    """Whoever asked, while they are of the company; else the company's own address."""
    inside = _account.c.company_id == grant.company_id, _account.c.standing.in_((Standing.MEMBER, Standing.OWNER))
    still = work.value(sa.select(_account.c.id).where(_account.c.id == request.asked_by, *inside)) is not None
    asker = recipients.customer(work, request.asked_by) if still else None
    work.mail(
        "access_answered",
        asker or recipients.firm(work, grant.company_id).box,
        name=grant.name,
        device=_device(work, grant),
        right=request.right_,
        state=state,
        until=until.isoformat() if until else "",
    )
