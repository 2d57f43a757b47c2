"""The company's own page: everybody of it reads, and whoever has the management password edits.

The password is remembered for five minutes in a ticket that only the session it was given to can use: nothing is
stored, and a ticket that is too old, of another session or from before the last change of that password is worth
nothing. It is looked at in the act itself.
"""

import dataclasses
import datetime as dt
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import SecretStr, model_validator

from core.accounts import address_owner, form_fields, login_attempts
from core.clock import AHEAD
from core.errors import Conflict, DeskError, Invalid, Throttled, say
from core.forms import Email, FormModel, Label, Secret, email_address, same_as
from core.i18n.sanitize import identity
from core.i18n.translation import N_
from core.installers import addresses
from core.installers.addresses import BOTH, FIELDS, Proved
from core.installers.forms import DIFFERENT, OTHER_ADDRESS, CompanyFields, check_year, two_addresses
from core.models.accounts import Account, Purpose
from core.models.companies import Company, ServiceProfile
from core.security import passwords
from core.service import one_time_codes, throttle
from core.service.actions import own_action
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, Stranger, UnitOfWork, not_found, table

_account, _profile, _company = table(Account), table(ServiceProfile), table(Company)

UNLOCKED_FOR = dt.timedelta(minutes=5)
_WRONG = say(N_("That is not the management password."))


class Locked(DeskError):
    """The management password has to be typed (again)."""

    def __init__(self) -> None:
        super().__init__(N_("Please type the management password: it is remembered for five minutes."))


class ProfileForm(CompanyFields):
    """What can be edited. A changed address counts once its code has come back."""

    management_email: Annotated[
        str,
        Email(),
        Label(
            N_("Management e-mail"),
            help=N_("Another one than for notifications. Where you get codes to log in: under My account."),
        ),
    ]

    @model_validator(mode="after")
    def _two_addresses(self) -> "ProfileForm":
        two_addresses(self.email, self.management_email)
        return self


class ManagementPassword(FormModel):
    """The key to editing."""

    password: Annotated[
        SecretStr, Secret(), Label(N_("Management password"), help=N_("It is remembered for five minutes."))
    ]


class NewManagementPassword(FormModel):
    now: Annotated[SecretStr, Secret(), Label(N_("Management password now"))]
    password: Annotated[
        SecretStr, Secret(), Label(N_("New management password"), help=N_("Another one than your own."))
    ]
    again: Annotated[
        SecretStr,
        Secret(),
        same_as("password", form_fields.DIFFER),
        Label(N_("The same again")),
    ]


@dataclass(frozen=True, slots=True)
class Profile:
    """The company as its people see it. ``new_email`` and ``new_management_email`` wait for their codes."""

    company: str
    country: str
    zone: str
    phone: str
    email: str
    management_email: str
    url: str
    founded: int | None
    employees: int | None
    language: str
    active_at: dt.datetime | None
    version: int
    new_email: str
    new_management_email: str

    def typed(self) -> dict[str, str]:
        """As raw values of :class:`ProfileForm`; an address that waits for its code stands for the one it follows."""
        values = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name in ProfileForm.model_fields
        }
        values["email"] = self.new_email or self.email
        values["management_email"] = self.new_management_email or self.management_email
        return {name: "" if value is None else str(value) for name, value in values.items()}


def of_actor(look: ReadContext) -> ServiceProfile:
    """The actor's own company. Raises :class:`core.errors.NotFound` for somebody of none."""
    profile = look.unscoped(ServiceProfile, _profile.c.company_id == look.actor.company_id)
    if profile is None:
        raise not_found()
    look.require("profile.read", profile)
    return profile


def read(look: ReadContext) -> Profile:
    """The actor's company."""
    profile = of_actor(look)
    waiting = addresses.pending(look, profile.company_id)
    name = look.value(sa.select(_company.c.name).where(_company.c.id == profile.company_id))
    own = {
        field.name: getattr(profile, field.name)
        for field in dataclasses.fields(Profile)
        if field.name in ServiceProfile.model_fields
    }
    return Profile(
        company=str(name),
        new_email=waiting.get(Purpose.COMPANY, ""),
        new_management_email=waiting.get(Purpose.MANAGEMENT, ""),
        **own,
    )


# The management password


def _pay(work: UnitOfWork, form: ManagementPassword | NewManagementPassword) -> None:
    """Book the try against whoever of the company tries: one who guesses keeps nobody else from editing. What can't
    be taken anyway costs none."""
    profile = _may_change(work)
    if isinstance(form, NewManagementPassword):
        _refuse_weak(work, profile, form)
    until, _failures = throttle.attempt(work, _bucket(work, profile), longest=login_attempts.LONGEST_PAUSE)
    if until is not None:
        raise login_attempts.paused(until, "now" if isinstance(form, NewManagementPassword) else "password")


def _bucket(work: UnitOfWork, profile: ServiceProfile) -> str:
    return throttle.bucket(work, "management", profile.company_id, work.actor.account_id)


def _may_change(look: ReadContext) -> ServiceProfile:
    profile = of_actor(look)
    look.require("profile.change", profile)
    return profile


def _check(look: ReadContext, form: ManagementPassword) -> dict[str, Any]:
    profile = _may_change(look)
    verdict = passwords.verify(form.password.get_secret_value(), profile.management_hash)
    return {"checked": profile.management_hash, "verdict": verdict}


_REFUSED = passwords.PasswordVerdict(ok=False)


@prepared(_check, first=_pay)
@own_action("profile.unlock", find=of_actor)
def unlock(
    work: UnitOfWork,
    profile: ServiceProfile,
    form: ManagementPassword,
    *,
    checked: str = "",
    verdict: passwords.PasswordVerdict = _REFUSED,
) -> str:
    """Prove the management password. Returns a ticket that opens editing for five minutes in this session."""
    if not verdict.ok or profile.management_hash != checked:
        raise Invalid({"password": _WRONG})
    throttle.clear(work, _bucket(work, profile))
    current_hash = checked
    if verdict.new_hash is not None:
        same = _profile.c.company_id == profile.company_id, _profile.c.management_hash == checked
        current_hash = (
            verdict.new_hash if work.change(ServiceProfile, *same, management_hash=verdict.new_hash) else checked
        )
    work.record("company.unlock", "company", profile.company_id)
    until = str(int((work.now + UNLOCKED_FOR).timestamp()))
    return f"{until}.{_mac(work, profile.company_id, current_hash, until)}"


def _mac(look: ReadContext, company_id: int, hashed: str, until: str) -> str:
    return look.keys.mac("company-unlock", str(look.actor.session_id), str(company_id), hashed, until)


def check_ticket(look: ReadContext, profile: ServiceProfile, ticket: str) -> None:
    """Whether ``ticket`` opens the company for this session now. Raises :class:`Locked` where it doesn't."""
    until, _, mac = ticket.partition(".")
    right = hmac.compare_digest(mac.encode(), _mac(look, profile.company_id, profile.management_hash, until).encode())
    longest = look.now + UNLOCKED_FOR + AHEAD
    if not right or not until.isdecimal() or not look.now.timestamp() < int(until) <= longest.timestamp():
        raise Locked()


def ask_unlocked(look: ReadContext, ticket: str) -> None:
    """Raises :class:`Locked` before a long form is opened, rather than after it."""
    check_ticket(look, _may_change(look), ticket)


def _refuse_weak(look: ReadContext, profile: ServiceProfile, form: NewManagementPassword) -> None:
    me = look.find(Account, look.actor.account_id or 0)
    context = (me.login, me.email, profile.email, profile.management_email, look.settings.desk.name)
    problem = passwords.problem(form.password.get_secret_value(), alone=False, context=context)
    if problem:
        raise Invalid({"password": problem})


def _check_both(look: ReadContext, form: NewManagementPassword) -> dict[str, Any]:
    profile = _may_change(look)
    if not passwords.verify(form.now.get_secret_value(), profile.management_hash).ok:
        raise Invalid({"now": _WRONG})
    me = look.find(Account, look.actor.account_id or 0)
    if passwords.verify(form.password.get_secret_value(), me.password_hash).ok:
        raise Invalid({"password": DIFFERENT})
    return {"checked": profile.management_hash, "hashed": passwords.hash(form.password.get_secret_value())}


@prepared(_check_both, first=_pay)
@own_action("profile.password", find=of_actor)
def change_password(
    work: UnitOfWork, profile: ServiceProfile, form: NewManagementPassword, *, checked: str = "", hashed: str = ""
) -> None:
    """Another management password; tickets given out for the old one are worth nothing. Both addresses are told."""
    same = _profile.c.company_id == profile.company_id, _profile.c.management_hash == checked
    if work.change(ServiceProfile, *same, management_hash=hashed) == 0:
        raise Invalid({"now": _WRONG})
    throttle.clear(work, _bucket(work, profile))
    for email in (profile.email, profile.management_email):
        work.mail("management_changed", Stranger(email, profile.language), company=_name(work, profile))
    work.record("company.management_password", "company", profile.company_id)


# Editing


@own_action("profile.edit", find=of_actor)
def edit(work: UnitOfWork, profile: ServiceProfile, form: ProfileForm, version: int, ticket: str) -> Sequence[str]:
    """Keep what was typed, unless it has changed since ``version`` was shown. Returns the addresses that a code was
    mailed to: until it comes back the old one stays."""
    check_ticket(work, profile, ticket)
    check_year(work, form)
    values = form.model_dump(exclude={"company", "email", "management_email"})
    values["url"] = form.url or ""
    before = {**values, **{name: getattr(profile, name) for name in values}}
    seen = _profile.c.company_id == profile.company_id, _profile.c.version == version
    if work.change(ServiceProfile, *seen, version=version + 1, **values) == 0:
        raise Conflict(N_("Somebody of your company has changed this meanwhile. Please look at it again."))
    work.change(Company, _company.c.id == profile.company_id, name=form.company, name_key=identity(form.company)[:120])
    changed = [name for name in values if before[name] != values[name]]
    work.record("company.edit", "company", profile.company_id, changed=changed)
    waiting = addresses.pending(work, profile.company_id)
    asked = {purpose: str(getattr(form, FIELDS[purpose])) for purpose in BOTH}
    return [
        email
        for purpose, email in asked.items()
        if _ask_for(work, profile, purpose, email, waiting.get(purpose, ""), form.company)
    ]


def _ask_for(
    work: UnitOfWork, profile: ServiceProfile, purpose: Purpose, email: str, waiting: str, company: str
) -> bool:
    """Whether a code was mailed: the address is a new one, and not the one that a code is on its way to already."""
    key = email_address.normal(email)
    now = {Purpose.COMPANY: profile.email_key, Purpose.MANAGEMENT: profile.management_key}
    if key == now[purpose]:
        addresses.void(work, purpose, work.actor.account_id or 0)
        return False
    if key in now.values():
        raise Invalid({FIELDS[purpose]: OTHER_ADDRESS})
    if waiting and key == email_address.normal(waiting):
        return False
    _allow(work, purpose, email)
    _send(work, profile, purpose, email, company)
    return True


def _allow(work: UnitOfWork, purpose: Purpose, email: str) -> None:
    """Edited is everything or nothing, so that whoever reads this knows where they are."""
    try:
        one_time_codes.allow(work, purpose, email_address.normal(email))
    except Throttled as error:
        what = N_("A code was sent to this address a moment ago. Nothing has been saved yet; try again after {time}.")
        raise Throttled(what, until=error.until, field=FIELDS[purpose]) from None


def _send(work: UnitOfWork, profile: ServiceProfile, purpose: Purpose, email: str, company: str) -> None:
    """A code to the new address, or word to whoever that is of; the company's people see the same in both cases."""
    address_owner.hold(work, email)
    by = addresses.free_for(work, purpose, profile.company_id, email)
    me = work.actor.account_id or 0
    if by.free:
        addresses.send_code(work, purpose, me, email, profile.language, company=company)
    else:
        address_owner.tell_holder(work, by, email, profile.language)
        addresses.keep_waiting(work, purpose, me, email)
    work.record("company.address_asked", "company", profile.company_id, which=purpose.value)


@own_action("profile.send_again", find=of_actor)
def send_again(work: UnitOfWork, profile: ServiceProfile, purpose: Purpose, ticket: str) -> str:
    """Another code to a new address whose first one has not come back. Returns the address."""
    check_ticket(work, profile, ticket)
    waiting = addresses.pending(work, profile.company_id).get(purpose)
    if waiting is None:
        raise Conflict(N_("No address waits for a code."))
    one_time_codes.allow(work, purpose, email_address.normal(waiting))
    _send(work, profile, purpose, waiting, _name(work, profile))
    return waiting


@own_action("profile.confirm", find=of_actor)
def confirm(work: UnitOfWork, profile: ServiceProfile, typed: str) -> Proved:
    """The code from a new address of the actor's company: it counts from now on."""
    return addresses.take_code(work, typed, profile.company_id)


def _name(look: ReadContext, profile: ServiceProfile) -> str:
    return str(look.value(sa.select(_company.c.name).where(_company.c.id == profile.company_id)))
