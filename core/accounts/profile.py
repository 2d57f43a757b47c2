"""My account: what a person can change about it."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import SecretStr

from core.accounts import address_owner, form_fields, own_password, recovery
from core.accounts.own_password import OwnPassword, PasswordNow, own_account
from core.accounts.second_factor import Draft, begin
from core.accounts.sessions import second_step
from core.errors import Invalid, say
from core.forms import Email, FieldKind, FormError, FormModel, Label, Phone, Secret, email_address, same_as
from core.i18n.translation import N_
from core.models.accounts import Account, Preferences, Purpose
from core.models.companies import Company
from core.security import passwords
from core.service import one_time_codes
from core.service.actions import own_action
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_account = table(Account)


class Zone(FieldKind):
    """The name of a time zone as the IANA database has it, such as Europe/Warsaw."""

    name = "text"
    limit: int = 64

    def read(self, text: str) -> str:
        if text not in zoneinfo.available_timezones():
            raise FormError("", say(N_("Not a time zone. It should look like Europe/Warsaw.")))
        return text


class Details(FormModel):
    first_name: form_fields.FirstName
    last_name: form_fields.LastName
    phone: Annotated[str | None, Phone(), Label(N_("Phone"))] = None
    language: form_fields.Language
    zone: Annotated[str, Zone(), Label(N_("Time zone"), help=N_("Such as Europe/Warsaw."))]


class NewPassword(FormModel):
    now: PasswordNow
    password: Annotated[
        SecretStr, Secret(), Label(N_("New password"), help=N_("A few words in a row are easy to remember."))
    ]
    again: Annotated[
        SecretStr,
        Secret(),
        same_as("password", form_fields.DIFFER),
        Label(N_("New password again")),
    ]


class NewAddress(FormModel):
    now: PasswordNow
    email: Annotated[str, Email(), Label(N_("New e-mail"), help=N_("A code is sent there; the old one is told."))]


@dataclass(frozen=True, slots=True)
class Me:
    """The actor's own account, to be shown."""

    id: int
    login: str
    email: str
    role: str
    first_name: str
    last_name: str
    phone: str
    language: str
    zone: str
    company: str
    standing: str
    authenticator: bool
    authenticator_required: bool
    created_at: dt.datetime


def me(look: ReadContext) -> Me:
    """Who I am to the desk."""
    account = own_account(look)
    company = look.unscoped(Company, table(Company).c.id == account.company_id) if account.company_id else None
    return Me(
        account.id,
        account.login,
        account.email,
        account.role,
        account.first_name,
        account.last_name,
        account.phone,
        account.language,
        account.zone,
        company.name if company else "",
        account.standing,
        account.totp_secret is not None,
        second_step(look.settings, account) == "strong",
        account.created_at,
    )


@own_action("account.details", find=own_account)
def change_details(work: UnitOfWork, account: Account, form: Details) -> None:
    """Name, phone, language of screens and mail, time zone."""
    details = {**form.model_dump(), "phone": form.phone or ""}
    work.change(Account, _account.c.id == account.id, **details)
    work.record(
        "account.details",
        "account",
        account.id,
        changed=[key for key in details if getattr(account, key) != details[key]],
    )


_Proving = NewPassword | NewAddress | OwnPassword


def _pay(work: UnitOfWork, form: _Proving) -> None:
    """What can't be taken anyway costs no try."""
    if isinstance(form, NewPassword):
        _refuse_weak(work, own_account(work), form)
    elif isinstance(form, NewAddress) and email_address.normal(form.email) == own_account(work).email_key:
        raise Invalid({"email": say(N_("This is your address already."))})
    own_password.pay(work)


def _refuse_weak(look: ReadContext, account: Account, form: NewPassword) -> None:
    problem = recovery.weakness(look, account, form.password.get_secret_value())
    if problem:
        raise Invalid({"password": problem})


def _check(look: ReadContext, form: _Proving) -> dict[str, Any]:
    prepared = own_password.check(look, form.now)
    if isinstance(form, NewPassword):
        prepared["hashed"] = passwords.hash(form.password.get_secret_value())
    return prepared


@prepared(_check, first=_pay)
@own_action("account.password", find=own_account)
def change_password(
    work: UnitOfWork, account: Account, form: NewPassword, *, checked: str | None = None, hashed: str = ""
) -> None:
    """A new password. Every other session and every remembered login ends, and a mail says so."""
    own_password.still(work, account, checked)
    _refuse_weak(work, account, form)
    recovery.replace_password(work, account, hashed, keep_session=work.actor.session_id)


@prepared(_check, first=_pay)
@own_action("account.ask_address", find=own_account)
def ask_new_address(work: UnitOfWork, account: Account, form: NewAddress, *, checked: str | None = None) -> str:
    """Mail a code to the new address; it counts once the code has come back. Returns the address."""
    own_password.still(work, account, checked)
    one_time_codes.allow(work, Purpose.EMAIL, account.id)
    address_owner.hold(work, form.email)
    by = _held(work, account, form.email)
    if not by.free:
        address_owner.tell_holder(work, by, form.email, account.language)
    else:

        def code() -> str:
            return one_time_codes.issue(work, account.id, Purpose.EMAIL, binding=form.email)

        work.mail("confirm_new_address", account, address=form.email, code=code)
    return form.email


def _held(look: ReadContext, account: Account, email: str) -> address_owner.AddressOwner:
    """Whose an address is besides the account's own: its login may be one, and an owner of a service company may have
    the company's management address."""
    by = address_owner.find(look, email)
    ours = look.actor.owner and by.company is not None and by.company.company_id == look.actor.company_id
    ours = ours and by.company is not None and by.company.management_key == email_address.normal(email)
    mine = by.namesake is not None and by.namesake.id == account.id
    return address_owner.AddressOwner(by.account, None if ours else by.company, None if mine else by.namesake)


@own_action("account.take_address", find=own_account)
def confirm_new_address(work: UnitOfWork, account: Account, typed: str) -> str:
    """The code from the new address: it is the account's now, and the old one is told. Returns it."""
    taken = one_time_codes.take(work, Purpose.EMAIL, typed)
    if taken is None or taken[0] != account.id:
        raise Invalid({"code": recovery.not_a_code()})
    address = taken[1]
    address_owner.hold(work, address)
    if not _held(work, account, address).free:
        raise Invalid({"code": recovery.not_a_code()})
    work.change(Account, _account.c.id == account.id, email=address, email_key=email_address.normal(address))
    one_time_codes.void(work, account.id, Purpose.LOGIN, Purpose.RESET, Purpose.INVITE, Purpose.WAY_IN)
    work.mail("address_changed", account, address=account.email, name=account.first_name, login=account.login)
    work.record("account.address", "account", account.id)
    return address


@prepared(_check, first=_pay)
@own_action("account.begin_authenticator", find=own_account)
def begin_authenticator(work: UnitOfWork, account: Account, form: OwnPassword, *, checked: str | None = None) -> Draft:
    """Start adding or changing the authenticator; :func:`core.accounts.second_factor.finish_own` completes it."""
    own_password.still(work, account, checked)
    return begin(work, account)


@own_action("account.remember_choice", find=own_account)
def keep_choice(work: UnitOfWork, account: Account, screen: str, choice: dict[str, Any]) -> None:
    """Remember what was chosen on a screen (filters, *show closed*) for the account."""
    choices = {**account.preferences.get("screens", {}), screen: choice}
    preferences: Preferences = {"screens": choices}
    work.change(Account, _account.c.id == account.id, preferences=preferences)


def kept_choice(look: ReadContext, screen: str) -> dict[str, Any]:
    """What :func:`keep_choice` kept, or nothing."""
    return dict(own_account(look).preferences.get("screens", {}).get(screen, {}))
