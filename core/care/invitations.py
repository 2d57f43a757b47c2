"""Case 2, the installer's side: inviting a customer."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa

from core.accounts import form_fields
from core.care import expiry, recipients
from core.care.applications import REMIND_EVERY, VALID_FOR
from core.care.expiry import days_left
from core.care.recipients import ServiceCompany
from core.db import pagination
from core.db.columns import moment
from core.db.list_search import each_word
from core.db.pagination import Page
from core.errors import Conflict, Invalid, Say, Throttled, say
from core.forms import Email, FormModel, Label, OneOf, Text, countries, email_address
from core.i18n.plain_name import plain_name
from core.i18n.sanitize import fold
from core.i18n.translation import N_
from core.installers import invitation_limit
from core.models.accounts import Purpose
from core.models.care import Invitation, InvitationState
from core.models.companies import ServiceProfile
from core.service import one_time_codes, throttle
from core.service.actions import Available, action, offered, own_action
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, Stranger, UnitOfWork, table

INVITE_AT_ONCE, INVITE_EVERY = 3, dt.timedelta(days=1)
"""To one address, whoever invites."""

_invitation, _profile = table(Invitation), table(ServiceProfile)


class Invite(FormModel):
    """What an installer says about the customer to invite."""

    name: Annotated[str, Text(limit=160), Label(N_("Customer's name"))]
    country: Annotated[str, OneOf(offered=countries.choices), Label(N_("Country"), default="PL")]
    address: Annotated[str, Text(limit=200), Label(N_("Address"), help=N_("Where the device stands."))]
    email: Annotated[
        str, Email(), Label(N_("Customer's e-mail"), help=N_("Watch out for typing errors: the invitation goes there."))
    ]
    language: Annotated[
        str, OneOf(offered=form_fields.SPOKEN), Label(N_("Language"), help=N_("Of the mail to the customer."))
    ]


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One line of the installer's list. ``state`` is ``expired`` from the moment the time is over."""

    id: int
    name: str
    email: str
    address: str
    state: str
    sent_at: dt.datetime
    expires_at: dt.datetime
    days_left: int
    answered_at: dt.datetime | None


def own_profile(look: ReadContext) -> ServiceProfile:
    """The profile of the actor's company; what is done for that company is asked of it."""
    profile = look.unscoped(ServiceProfile, _profile.c.company_id == look.actor.company_id)
    if profile is None:
        raise Conflict(N_("Your account belongs to no installer company."))
    return profile


@own_action("invitation.send", find=own_profile)
def send(work: UnitOfWork, profile: ServiceProfile, form: Invite) -> int:
    """Invite a customer: a code goes to the address, in the customer's language. Returns the invitation's id."""
    firm = recipients.firm(work, profile.company_id)
    if open_to(work, firm.id, form.email) is not None:
        raise Invalid({"email": say(N_("You have invited this address already. The list can send it again."))})
    not_too_often(work, form.email)
    invitation_limit.book(work, profile)
    invitation_id = store(work, firm, form)
    work.record("invitation.send", "invitation", invitation_id, company=firm.id)
    return invitation_id


def not_too_often(work: UnitOfWork, email: str) -> None:
    """Nobody's mailbox is filled by inviting and withdrawing: three invitations in a row, then one a day."""
    name = throttle.bucket(work, "invite-to", email_address.normal(email))
    until = throttle.hit(work, name, every=INVITE_EVERY, burst=INVITE_AT_ONCE)
    if until is not None:
        what = N_("This address has been invited several times. It can be invited again after {time}.")
        raise Throttled(what, until=until, field="email")


def open_to(work: UnitOfWork, company_id: int, email: str) -> int | None:
    """The company's invitation to this address that still waits for its answer."""
    expiry.run_out_invitations(work, company_id=company_id, email_key=email_address.normal(email))
    invitation_id = work.value(
        sa.select(_invitation.c.id).where(
            _invitation.c.company_id == company_id,
            _invitation.c.email_key == email_address.normal(email),
            _invitation.c.state == InvitationState.SENT.value,
        )
    )
    return None if invitation_id is None else int(invitation_id)


def store(work: UnitOfWork, firm: ServiceCompany, form: Invite) -> int:
    """Keep an invitation and mail its code; part of :func:`send` and of the import, which have asked for the right."""
    invitation_id = work.add(
        Invitation,
        company_id=firm.id,
        invited_by=work.actor.account_id,
        name=form.name,
        name_key=fold(form.name)[:160],
        address=form.address,
        country=form.country,
        email=form.email,
        email_key=email_address.normal(form.email),
        language=form.language,
        created_at=work.now,
        sent_at=work.now,
        expires_at=work.now + VALID_FOR,
        remind_at=work.now + REMIND_EVERY,
    )
    mail_code(work, firm, invitation_id, form, work.now + VALID_FOR)
    return invitation_id


def mail_code(
    work: UnitOfWork,
    firm: ServiceCompany,
    invitation_id: int,
    to: Invite | Invitation,
    until: dt.datetime,
    *,
    reminder: bool = False,
) -> None:
    """A fresh code for the invitation, which makes the older one void, to the customer's address. Of what the company
    typed only its own name goes along, without links: the customer has not asked for this letter. All the rest is shown
    to whoever types the code."""

    def code() -> str:
        return one_time_codes.issue_bound(work, Purpose.CARE, str(invitation_id))

    address, company = Stranger(to.email, to.language), plain_name(firm.name)
    if reminder:
        work.mail("invitation_reminder", address, code=code, company=company, until=until.isoformat())
    else:
        work.mail("care_invitation", address, code=code, company=company, until=until.isoformat())


ANSWERED = say(N_("This invitation has been answered or withdrawn. You can send a new one."))
OVER = say(N_("This invitation has been answered or has run out meanwhile."))


def reason_against_sending_again(state: str) -> Say | None:
    """What was answered or withdrawn is not sent again; what has run out is."""
    if state in (InvitationState.SENT, InvitationState.EXPIRED):
        return None
    return ANSWERED


def reason_against_withdrawing(state: str) -> Say | None:
    """Only what waits is withdrawn."""
    if state == InvitationState.SENT:
        return None
    return OVER


def available_for_state(actor: Actor, state: str) -> Available:
    """What the actor can do about an invitation in this state, for a row that was read within their scope."""
    return offered(actor, ((again, reason_against_sending_again(state)), (withdraw, reason_against_withdrawing(state))))


def state_now(invitation: Invitation | Any, now: dt.datetime) -> str:
    """The state of an invitation or its row; ``expired`` from the moment its time is over."""
    late = invitation.state == InvitationState.SENT and invitation.expires_at <= now
    return InvitationState.EXPIRED.value if late else str(invitation.state)


@action(
    "invitation.again",
    on=Invitation,
    when=lambda look, invitation: reason_against_sending_again(state_now(invitation, look.now)),
)
def again(work: UnitOfWork, invitation: Invitation) -> None:
    """Send it again, with a new code and another 28 days; one that has run out lives again."""
    invitation_id = invitation.id
    firm = recipients.firm(work, invitation.company_id)
    one_time_codes.allow(work, Purpose.CARE, invitation_id)
    invitation_limit.book(work, own_profile(work))
    other = open_to(work, firm.id, invitation.email)
    if other not in (None, invitation_id):
        raise Conflict(N_("There is a later invitation to this address, which still waits for its answer."))
    sendable = _invitation.c.state.in_((InvitationState.SENT.value, InvitationState.EXPIRED.value))
    until = work.now + VALID_FOR
    done = work.change(
        Invitation,
        _invitation.c.id == invitation_id,
        sendable,
        state=InvitationState.SENT.value,
        sent_at=work.now,
        expires_at=until,
        remind_at=work.now + REMIND_EVERY,
        version=_invitation.c.version + 1,
    )
    if done == 0:
        raise Conflict(ANSWERED)
    mail_code(work, firm, invitation_id, invitation, until)
    work.record("invitation.again", "invitation", invitation_id)


@action(
    "invitation.withdraw",
    on=Invitation,
    when=lambda look, invitation: reason_against_withdrawing(state_now(invitation, look.now)),
)
def withdraw(work: UnitOfWork, invitation: Invitation) -> None:
    """Take it back: its code is worth nothing from now on."""
    invitation_id = invitation.id
    done = work.change(
        Invitation,
        _invitation.c.id == invitation_id,
        *waiting(work),
        state=InvitationState.WITHDRAWN.value,
        answered_at=work.now,
        version=_invitation.c.version + 1,
    )
    if done == 0:
        raise Conflict(OVER)
    one_time_codes.void_bound(work, Purpose.CARE, str(invitation_id))
    work.record("invitation.withdraw", "invitation", invitation_id)


def waiting(look: ReadContext) -> tuple[sa.ColumnElement[bool], ...]:
    """What must hold for an invitation to be answered, for every statement that relies on it."""
    return _invitation.c.state == InvitationState.SENT.value, _invitation.c.expires_at > look.now


def page(look: ReadContext, ask: pagination.PageRequest, search: str = "") -> Page[InvitationRow]:
    """The actor's company's invitations with their states, newest first."""
    query = look.scoped(
        Invitation,
        _invitation.c.id,
        _invitation.c.name,
        _invitation.c.email,
        _invitation.c.address,
        _invitation.c.state,
        moment(_invitation.c.sent_at),
        moment(_invitation.c.expires_at),
        moment(_invitation.c.answered_at),
    ).where(_invitation.c.company_id == look.actor.company_id)
    if search:
        query = query.where(
            each_word(search, _invitation.c.name_key, _invitation.c.email_words, _invitation.c.email_key)
        )
    now = look.now
    return pagination.read(look, query, (_invitation.c.id,), ask, lambda row: _row(row, now))


def _row(row: Any, now: dt.datetime) -> InvitationRow:
    left, state = days_left(row.expires_at, now), state_now(row, now)
    return InvitationRow(
        row.id, row.name, row.email, row.address, state, row.sent_at, row.expires_at, left, row.answered_at
    )
