"""Case 2, the customer's side: what a mailed code invites to, and saying yes or no to it.

The code alone opens nothing: it takes an account whose own address the invitation was sent to.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa

from core.accounts import form_fields
from core.accounts.address_owner import TermsAccepted
from core.accounts.recovery import not_a_code
from core.care import device_ids, expiry, grants, invitations, recipients
from core.care.device_ids import DeviceId
from core.errors import Conflict, Invalid, say
from core.forms import FormModel, Label, OneOf, Phone
from core.i18n.translation import N_
from core.models.accounts import Account, Purpose
from core.models.care import Invitation, InvitationState
from core.models.companies import Company, ServiceProfile
from core.models.levels import LEVELS
from core.service import one_time_codes
from core.service.actions import open_action
from core.service.desk import nothing, prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_invitation, _account = table(Invitation), table(Account)
_company, _profile = table(Company), table(ServiceProfile)


class Accept(FormModel):
    """What the invitation does not say yet."""

    device: Annotated[
        str,
        DeviceId(),
        Label(N_("Device ID"), help=N_("Printed on the adaptor: one letter and nine digits. Please check it twice.")),
    ]
    level: Annotated[
        str,
        OneOf(offered=LEVELS),
        Label(N_("Access level"), help=N_("F8 shows what each opens. You can change it at any time."), default="2"),
    ]
    phone: Annotated[str | None, Phone(), Label(N_("Phone"))] = None
    language: Annotated[str, OneOf(offered=form_fields.SPOKEN), Label(N_("Language"), help=N_("Of the mail about it."))]
    terms: TermsAccepted


@dataclass(frozen=True, slots=True)
class CareInvitation:
    """Who invites whom. ``known`` says whether the address has an account, so that the way goes on by logging in."""

    id: int
    company: str
    company_email: str
    company_phone: str
    name: str
    address: str
    country: str
    email: str
    language: str
    expires_at: dt.datetime
    known: bool


def invited(look: ReadContext, typed: str) -> CareInvitation:
    """What the code invites to, without using it up. Only whoever holds the code learns any of it."""
    look.require("invitation.open")
    invitation = _by_code(look, typed)
    _sent_to(look, invitation)
    row = look.row(
        sa.select(_company.c.name, _profile.c.email, _profile.c.phone)
        .join_from(_company, _profile, _profile.c.company_id == _company.c.id)
        .where(_company.c.id == invitation.company_id)
    )
    if row is None:
        raise Invalid({"code": not_a_code()})
    known = look.value(sa.select(_account.c.id).where(_account.c.email_key == invitation.email_key)) is not None
    return CareInvitation(
        invitation.id,
        row.name,
        row.email,
        row.phone,
        invitation.name,
        invitation.address,
        invitation.country,
        invitation.email,
        invitation.language,
        invitation.expires_at,
        known,
    )


def _by_code(look: ReadContext, typed: str) -> Invitation:
    """The invitation of a living code; one that was answered, withdrawn or has run out is told as such only to
    somebody whose code still says whose it was."""
    binding = one_time_codes.bound_to(look, Purpose.CARE, typed)
    invitation = look.unscoped(Invitation, _invitation.c.id == int(binding)) if binding else None
    if invitation is None:
        raise Invalid({"code": not_a_code()})
    if invitation.state == InvitationState.SENT and invitation.expires_at <= look.now:
        raise Invalid({"code": say(N_("This invitation ran out on {when}."), when=invitation.expires_at)})
    if invitation.state != InvitationState.SENT:
        raise Invalid({"code": not_a_code()})
    return invitation


def _sent_to(look: ReadContext, invitation: Invitation) -> None:
    """Somebody who is logged in sees and answers only what was sent to their own address."""
    mine = _account.c.id == look.actor.account_id, _account.c.email_key == invitation.email_key
    if look.actor.account_id is not None and look.value(sa.select(_account.c.id).where(*mine)) is None:
        raise Invalid(
            {"code": say(N_("This invitation was sent to another address than your account's. Only that one counts."))}
        )


def _book(work: UnitOfWork, typed: str, form: Accept) -> None:
    work.require("invitation.accept")
    device_ids.book_try(work, form.device)


@prepared(nothing, first=_book)
@open_action("invitation.accept")
def accept(work: UnitOfWork, typed: str, form: Accept) -> int:
    """Register: the company looks after the device from now on. Returns the grant's id; both sides get mail."""
    invitation = _by_code(work, typed)
    _sent_to(work, invitation)
    me = work.find(Account, work.actor.account_id or 0)
    expiry.run_out_applications(work, device_key=device_ids.key(form.device))
    wrong = device_ids.taken(work, form.device, me.id, device_ids.decides_for(work.actor))
    if wrong is not None:
        raise Invalid({"device": wrong})
    firm = recipients.firm(work, invitation.company_id)
    _answer(work, invitation, typed, InvitationState.ACCEPTED, customer_id=me.id)
    asset_id = device_ids.bring_in(work, form.device, me.id)
    agreed = _Agreed(
        firm.id,
        me.id,
        int(form.level),
        invitation.name,
        invitation.address,
        form.phone or me.phone,
        invitation.country,
        form.language,
    )
    grant_id = grants.begin(work, agreed, asset_id=asset_id, invitation_id=invitation.id)
    details: dict[str, Any] = {
        "name": invitation.name,
        "company": firm.name,
        "device": form.device,
        "level": int(form.level),
    }
    work.mail(
        "invitation_confirmed",
        recipients.CustomerRecipient(me.id, me.email, form.language),
        phone=firm.phone,
        email=firm.email,
        **details,
    )
    work.mail("invitation_accepted", firm.box, place=invitation.address, **details)
    work.record("invitation.accept", "invitation", invitation.id, grant=grant_id, level=int(form.level))
    return grant_id


@dataclass(frozen=True, slots=True)
class _Agreed:
    """An invitation with its answer, as a grant takes it over."""

    company_id: int
    customer_id: int
    level: int
    name: str
    address: str
    phone: str
    country: str
    language: str


@open_action("invitation.decline")
def decline(work: UnitOfWork, typed: str) -> None:
    """Say no; nobody needs an account for that. The company is told."""
    invitation = _by_code(work, typed)
    _sent_to(work, invitation)
    firm = recipients.firm(work, invitation.company_id)
    same = work.unscoped(Account, _account.c.id == work.actor.account_id, _account.c.email_key == invitation.email_key)
    _answer(work, invitation, typed, InvitationState.DECLINED, customer_id=same.id if same else None)
    work.mail("invitation_declined", firm.box, name=invitation.name, company=firm.name, email=invitation.email)
    work.record("invitation.decline", "invitation", invitation.id)


def _answer(
    work: UnitOfWork, invitation: Invitation, typed: str, state: InvitationState, *, customer_id: int | None
) -> None:
    """Use up the code and answer the invitation: both in statements that only the first of two can win."""
    if one_time_codes.take(work, Purpose.CARE, typed) is None:
        raise Invalid({"code": not_a_code()})
    done = work.change(
        Invitation,
        _invitation.c.id == invitation.id,
        *invitations.waiting(work),
        state=state.value,
        customer_id=customer_id,
        answered_at=work.now,
        version=_invitation.c.version + 1,
    )
    if done == 0:
        raise Conflict(N_("This invitation has been answered, withdrawn or has run out meanwhile."))
