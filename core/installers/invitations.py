"""Inviting a colleague into a service company, and coming in by the code.

An invitation is a code and nothing else: bound to the company and the address, living as long as the code does. One to
an address that is somebody's is there too, and looks alike; only that nobody has its code.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import model_validator

from core.accounts import address_owner, form_fields
from core.accounts.address_owner import TERMS_VERSION, TermsAccepted, own_address_only
from core.accounts.login_attempts import login_key
from core.accounts.recovery import not_a_code
from core.errors import Conflict, Invalid, Throttled, say
from core.forms import Email, FormError, FormModel, Label, LoginName, OneOf, Phone, Text, email_address
from core.i18n.plain_name import plain_name
from core.i18n.translation import N_
from core.installers import invitation_limit
from core.installers import profile as installer_profile
from core.models.accounts import Account, AccountState, Code, Purpose, Role, Standing
from core.models.companies import Company, ServiceProfile
from core.models.names import full_name
from core.security import passwords
from core.service import one_time_codes, throttle
from core.service.actions import open_action, own_action
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, Stranger, UnitOfWork, table

_account, _code = table(Account), table(Code)
_profile, _company = table(ServiceProfile), table(Company)

LONGEST_ADDRESS = 230
"""An invitation is bound to the company's number and this, in the 254 characters that a code has for it."""
INVITE_EVERY = dt.timedelta(minutes=6)
INVITE_AT_ONCE = 20
"""So many invitations of one company at once, then one each six minutes: the desk's mail is nobody's megaphone."""


class Colleague(FormModel):
    """Who is invited."""

    email: Annotated[str, Email(), Label(N_("E-mail"), help=N_("A code to join your company is sent there."))]
    language: Annotated[
        str,
        OneOf(offered=form_fields.SPOKEN),
        Label(N_("Language of mail"), help=N_("The invitation is written in it.")),
    ]

    @model_validator(mode="after")
    def _fits(self) -> "Colleague":
        if len(self.email) > LONGEST_ADDRESS:
            raise FormError("email", say(N_("At most {limit} characters."), limit=LONGEST_ADDRESS))
        return self


class NewMember(FormModel):
    """What the colleague chooses. The address is the one that the invitation went to."""

    login: Annotated[
        str, LoginName(), Label(N_("Login"), help=N_("3–64 letters, digits and . _ - @. It can never be changed."))
    ]
    first_name: Annotated[str, Text(limit=80), Label(N_("First name"))]
    last_name: Annotated[str, Text(limit=80), Label(N_("Last name"))]
    phone: Annotated[str | None, Phone(), Label(N_("Phone"))] = None
    language: form_fields.Language
    password: form_fields.NewPassword
    again: form_fields.PasswordAgain
    terms: TermsAccepted

    @model_validator(mode="after")
    def _password_will_do(self) -> "NewMember":
        form_fields.password_will_do(self.password, self.login, self.first_name, self.last_name)
        return self


@dataclass(frozen=True, slots=True)
class CompanyInvitation:
    """What an invitation says to whoever holds its code. ``login`` is theirs if they were of a company once: with that
    account they come back."""

    company: str
    email: str
    login: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """The account of somebody who is of the company now; it logs in like any other."""

    login: str
    company: str


def bound(look: ReadContext, company_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Codes that are bound to this company's invitations. SQLite compares bytes, so that a range says the same and one
    index walks it; PostgreSQL may have the order of a language, in which the range would be empty."""
    begins = _code.c.binding.startswith(f"{company_id}:", autoescape=True)
    if look.connection.dialect.name != "sqlite":
        return (begins,)
    return _code.c.binding >= f"{company_id}:", _code.c.binding < f"{company_id};", begins


@own_action("member.invite", find=installer_profile.of_actor)
def invite(work: UnitOfWork, profile: ServiceProfile, form: Colleague) -> str:
    """Mail a colleague a code to join; an older one to the same address is void. Returns the address, whether or not
    it is somebody's already: its owner alone is told that."""
    invitation_limit.book(work, profile)
    until = throttle.hit(
        work, throttle.bucket(work, "member-invite", profile.company_id), every=INVITE_EVERY, burst=INVITE_AT_ONCE
    )
    if until is not None:
        raise Throttled(N_("Many people were invited. The next one can be after {time}."), until=until)
    one_time_codes.allow(work, Purpose.MEMBER, email_address.normal(form.email))
    by = address_owner.find(work, form.email)
    company = _name(work, profile.company_id)
    if by.account is not None and _inside(by.account, profile.company_id):
        raise Invalid({"email": say(N_("This is the address of somebody of your company."))})
    back = _may_return(by, profile.company_id)
    bound_to = f"{profile.company_id}:{email_address.normal(form.email)}"

    def code() -> str:
        return one_time_codes.issue_bound(work, Purpose.MEMBER, bound_to)

    to = Stranger(form.email, form.language)
    if by.free or back:
        sent = work.mail("member_invited", to, code=code, company=plain_name(company), back=back)
    else:
        sent = False
        work.mail("member_known", to, company=plain_name(company))
    if not sent and not one_time_codes.alive(work, Purpose.MEMBER, bound_to):
        code()  # which nobody has: it waits in the list like any other
    work.record("company.member_invited", "company", profile.company_id)
    return form.email


def _inside(account: Account, company_id: int) -> bool:
    return account.company_id == company_id and account.standing in (Standing.MEMBER, Standing.OWNER)


def _may_return(by: address_owner.AddressOwner, company_id: int) -> bool:
    """It is the address of an installer who is of no company: logins are never given out again, so they come back with
    the one they have. A company that they founded may still be managed at their address."""
    account, company = by.account, by.company
    if account is None or (account.role, account.state) != (Role.INSTALLER, AccountState.ACTIVE):
        return False
    nowhere = account.standing == Standing.NONE and account.company_id is None
    ours = company is None or company.company_id == company_id
    return nowhere and ours and (by.namesake is None or by.namesake.id == account.id)


@own_action("member.uninvite", find=installer_profile.of_actor)
def withdraw(work: UnitOfWork, profile: ServiceProfile, invitation_id: int) -> None:
    """Make an invitation that was not answered worth nothing."""
    unused = _code.c.used_at.is_(None), _code.c.voided_at.is_(None), _code.c.expires_at > work.now
    ours = _code.c.purpose == Purpose.MEMBER.value, *bound(work, profile.company_id)
    if work.change(Code, _code.c.id == abs(invitation_id), *ours, *unused, voided_at=work.now) == 0:
        raise Conflict(N_("This invitation has been answered or has run out."))
    work.record("company.member_uninvited", "company", profile.company_id)


def asked(look: ReadContext, code: str) -> CompanyInvitation:
    """Who invites whom, for whoever holds a living code. Raises :class:`Invalid` for any other one."""
    look.require("account.sign_up")
    invitation = _by_code(look, one_time_codes.bound_to(look, Purpose.MEMBER, code))
    if invitation is None:
        raise Invalid({"code": not_a_code()})
    by = address_owner.find(look, invitation[2])
    login = by.account.login if by.account is not None and _may_return(by, invitation[0]) else ""
    return CompanyInvitation(invitation[1], invitation[2], login)


def _by_code(look: ReadContext, binding: str | None) -> tuple[int, str, str] | None:
    """The working company of an invitation, its name, and the address it went to."""
    company_id, _, email = (binding or "").partition(":")
    if not company_id.isdecimal():
        return None
    working = _profile.c.company_id == int(company_id), _profile.c.active_at.is_not(None)
    name = look.value(
        sa.select(_company.c.name).join_from(_company, _profile, _company.c.id == _profile.c.company_id).where(*working)
    )
    return None if name is None else (int(company_id), str(name), email)


def _hash(_look: ReadContext, code: str, form: NewMember) -> dict[str, Any]:
    return {"hashed": passwords.hash(form.password.get_secret_value())}


@prepared(_hash)
@open_action("member.join")
def join(work: UnitOfWork, code: str, form: NewMember, *, hashed: str = "") -> Joined:
    """Use up an invitation: an account of the company is there from now on. Whoever holds the code has the address, so
    they are told in the open what is taken; that leaves the code as it was."""
    company_id, company, email = _taken(work, code)
    try:
        own_address_only(form.login, email)
    except FormError as error:
        raise Invalid({"login": error.say}) from None
    address_owner.hold(work, email, login=form.login)
    if address_owner.has_login(work, form.login) is not None:
        raise Invalid({"login": say(N_("This login was given to somebody before. Choose another one."))})
    if not address_owner.find(work, email).free:
        raise Invalid({"code": say(N_("The address that was invited has an account by now. Please log in."))})
    account_id = _store(work, form, hashed, company_id, email)
    account = work.unscoped(Account, _account.c.id == account_id)
    if account is not None:
        work.mail("member_welcome", account, name=form.first_name, login=form.login, company=company)
    _tell_company(work, company_id, company, full_name(form), form.login)
    work.record("company.member_joined", "account", account_id, company=company_id)
    return Joined(form.login, company)


def _taken(work: UnitOfWork, code: str) -> tuple[int, str, str]:
    """Use up an invitation. Gives the company, its name, and the address that is proved."""
    taken = one_time_codes.take(work, Purpose.MEMBER, code)
    invitation = _by_code(work, taken[1]) if taken is not None else None
    if invitation is None:
        raise Invalid({"code": not_a_code()})
    return invitation


@open_action("member.return")
def come_back(work: UnitOfWork, code: str) -> Joined:
    """Use up an invitation with the account that is there already, of an installer who is of no company. The code
    proves the address and nothing else: they log in as ever afterwards."""
    company_id, company, email = _taken(work, code)
    address_owner.hold(work, email)
    by = address_owner.find(work, email)
    account = by.account
    if account is None or not _may_return(by, company_id):
        raise Invalid({"code": not_a_code()})
    nowhere = _account.c.standing == Standing.NONE.value, _account.c.company_id.is_(None)
    active = _account.c.id == account.id, _account.c.state == AccountState.ACTIVE.value
    if work.change(Account, *active, *nowhere, company_id=company_id, standing=Standing.MEMBER.value) == 0:
        raise Invalid({"code": not_a_code()})
    work.mail("member_welcome", account, name=account.first_name, login=account.login, company=company)
    _tell_company(work, company_id, company, full_name(account), account.login)
    work.record("company.member_joined", "account", account.id, company=company_id)
    return Joined(account.login, company)


def _store(work: UnitOfWork, form: NewMember, hashed: str, company_id: int, email: str) -> int:
    profile = work.unscoped(ServiceProfile, _profile.c.company_id == company_id)
    return work.add(
        Account,
        login=form.login,
        login_key=login_key(form.login),
        email=email,
        email_key=email_address.normal(email),
        role=Role.INSTALLER.value,
        state=AccountState.ACTIVE.value,
        first_name=form.first_name,
        last_name=form.last_name,
        phone=form.phone or "",
        language=form.language,
        zone=profile.zone if profile else work.settings.desk.zone,
        password_hash=hashed,
        company_id=company_id,
        standing=Standing.MEMBER.value,
        terms_version=TERMS_VERSION,
        terms_at=work.now,
        created_at=work.now,
    )


def _tell_company(work: UnitOfWork, company_id: int, company: str, name: str, login: str) -> None:
    profile = work.unscoped(ServiceProfile, _profile.c.company_id == company_id)
    if profile is not None:
        to = Stranger(profile.email, profile.language)
        work.mail("member_joined", to, company=company, colleague=name, login=login)


def _name(look: ReadContext, company_id: int) -> str:
    return str(look.value(sa.select(_company.c.name).where(_company.c.id == company_id)))
