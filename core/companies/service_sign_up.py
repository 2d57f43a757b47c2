"""Signing up as an installer company (000 p.5; spec/care.md): one form, two addresses, two passwords, two codes.

What the page answers never depends on what is here already. An address that is somebody's is told to its owner alone,
while the other one gets its code as ever: whoever owns one of the two learns nothing about the other.

The company's first account has the management address for its own: that is read by one person, and so are the codes to
log in and to choose a new password. Many may read the notification address, so it is no account's.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from core import addresses, codes, forms, passwords
from core.accounts import log_in, newcomers
from core.accounts.models import Account, AccountState, Purpose, Role, Standing
from core.accounts.newcomers import TERMS_VERSION
from core.companies import service_addresses
from core.companies.models import Company, CompanyKind, ServiceProfile
from core.companies.service_addresses import BOTH, FIELDS, Proved
from core.companies.service_form import OTHER_ADDRESS, ServiceSignUp, check_year
from core.desk import prepared
from core.errors import Conflict, Invalid
from core.text import fold
from core.words import N_
from core.work import Look, Stranger, Work, table

_account, _profile = table(Account), table(ServiceProfile)


@dataclass(frozen=True, slots=True)
class Status:
    """Which of the two addresses has been confirmed; with both the company works."""

    email: bool = False
    management: bool = False

    @property
    def finished(self) -> bool:
        """Nothing is left to do but logging in."""
        return self.email and self.management

    def of(self, purpose: Purpose) -> bool:
        """Whether this one is confirmed."""
        return self.email if purpose is Purpose.COMPANY else self.management


def _hash(look: Look, form: ServiceSignUp, *_more: Any) -> dict[str, Any]:
    check_year(look, form)
    return {
        "hashed": passwords.hash(form.password.get_secret_value()),
        "management": passwords.hash(form.management_password.get_secret_value()),
    }


@prepared(_hash)
def start(work: Work, form: ServiceSignUp, *, hashed: str = "", management: str = "") -> str:
    """Take a sign-up and mail a code to each address. Returns a receipt: with it the same person sees what has come
    back (:func:`status`) and sends again (:func:`again`)."""
    work.require("account.sign_up")
    for purpose in BOTH:
        codes.allow(work, purpose, addresses.normal(_email(form, purpose)))
    return _begin(work, form, hashed, management, BOTH)


@prepared(_hash)
def again(
    work: Work, form: ServiceSignUp, receipt: str, purpose: Purpose, *, hashed: str = "", management: str = ""
) -> str:
    """Send one of the codes again, to the address that the form holds now: it may have been corrected. The other
    address stays as it is, confirmed or not. Returns the receipt that counts from now on."""
    work.require("account.sign_up")
    email = _email(form, purpose)
    codes.allow(work, purpose, addresses.normal(email))
    mine = _mine(work, receipt)
    if mine is None or mine.state != AccountState.UNCONFIRMED or mine.company_id is None:
        return _begin(work, form, hashed, management, (purpose,))
    _correct(work, mine.id, mine.company_id, form, purpose)
    return receipt


def _email(form: ServiceSignUp, purpose: Purpose) -> str:
    return str(getattr(form, FIELDS[purpose]))


def _begin(work: Work, form: ServiceSignUp, hashed: str, management: str, mailed: tuple[Purpose, ...]) -> str:
    newcomers.hold(work, form.email, form.management_email)
    newcomers.make_room(work, form.login, None, form.email, form.management_email)
    namesake = newcomers.has_login(work, form.login)
    by = {purpose: newcomers.held(work, _email(form, purpose)) for purpose in BOTH}
    if namesake is not None:
        _tell_login_taken(work, form, by[Purpose.MANAGEMENT], namesake)
        codes.void(work, codes.NOBODY, *BOTH)
        return newcomers.receipt(work, 0, newcomers.mark(), newcomers.COMPANY)
    keys = {purpose: _key(_email(form, purpose), by[purpose]) for purpose in BOTH}
    company_id = _store_company(work, form, management, keys)
    mark = newcomers.mark()
    account_id = _store_account(work, form, hashed, company_id, keys[Purpose.MANAGEMENT], mark)
    work.record("company.sign_up", "company", company_id, account=account_id)
    for purpose in mailed:
        _send(work, account_id, form, purpose, by[purpose])
    return newcomers.receipt(work, account_id, mark, newcomers.COMPANY)


def _tell_login_taken(work: Work, form: ServiceSignUp, by: newcomers.Held, namesake: Account) -> None:
    """By mail to what was to be the account's address, or to whoever owns that."""
    if by.account is not None or by.company is not None:
        newcomers.tell_holder(work, by, form.management_email, form.language, form.first_name or "")
        return
    to = Stranger(form.management_email, form.language)
    work.mail("login_taken", to, login=form.login, name=form.first_name or "", is_address=False)
    work.record("account.sign_up_taken", "account", namesake.id)


def _key(email: str, by: newcomers.Held) -> str:
    """The address's own key; one that is somebody's is taken by nobody here, and can't be confirmed."""
    return addresses.normal(email) if by.free else f"taken:{secrets.token_hex(8)}"


def _store_company(work: Work, form: ServiceSignUp, management: str, keys: dict[Purpose, str]) -> int:
    company_id = work.add(
        Company,
        name=form.company,
        name_key=fold(form.company)[:120],
        kind=CompanyKind.SERVICE.value,
        created_at=work.now,
    )
    found: dict[str, Any] = {"company_id": company_id, "management_hash": management, "founded": form.founded}
    told = {"country": form.country, "zone": form.zone, "phone": form.phone, "url": form.url or ""}
    both: dict[str, Any] = {}
    for purpose in BOTH:
        both |= service_addresses.columns(purpose, _email(form, purpose), keys[purpose], None)
    work.add_all(ServiceProfile, [{**found, **told, **both, "employees": form.employees, "language": form.language}])
    return company_id


def _store_account(work: Work, form: ServiceSignUp, hashed: str, company_id: int, email_key: str, mark: str) -> int:
    return work.add(
        Account,
        login=form.login,
        login_key=log_in.login_key(form.login),
        email=form.management_email,
        email_key=email_key,
        role=Role.INSTALLER.value,
        first_name=form.first_name or "",
        last_name=form.last_name or "",
        phone=form.phone,
        language=form.language,
        zone=form.zone,
        password_hash=hashed,
        company_id=company_id,
        standing=Standing.OWNER.value,
        terms_version=TERMS_VERSION,
        terms_at=work.now,
        preferences={"receipt": mark},
        created_at=work.now,
    )


def _send(work: Work, account_id: int, form: ServiceSignUp, purpose: Purpose, by: newcomers.Held) -> None:
    """The code to its address; or word to whoever the address is of."""
    email = _email(form, purpose)
    if by.free:
        service_addresses.send_code(work, purpose, account_id, email, form.language, company=form.company)
    else:
        newcomers.tell_holder(work, by, email, form.language, form.first_name or "")
        service_addresses.void(work, purpose, account_id)


def _correct(work: Work, account_id: int, company_id: int, form: ServiceSignUp, purpose: Purpose) -> None:
    """One address of a sign-up that is under way, corrected or the same; another sign-up that was after it goes."""
    email = _email(form, purpose)
    newcomers.hold(work, email)
    newcomers.make_room(work, form.login, None, email, but=account_id)
    by = _others(work, account_id, company_id, email)
    key = _key(email, by)
    waiting = _profile.c.company_id == company_id, _profile.c.active_at.is_(None)
    _refuse_known(work, company_id, purpose, email)
    work.change(ServiceProfile, *waiting, **service_addresses.columns(purpose, email, key, None))
    to = {"email": email, "email_key": key} if purpose is Purpose.MANAGEMENT else {}
    if work.change(Account, _account.c.id == account_id, created_at=work.now, **to) == 0:
        raise Conflict(N_("This sign-up has made room for another one. Please start again."))
    _send(work, account_id, form, purpose, by)
    work.record("company.sign_up_again", "company", company_id, which=purpose.value)


def _refuse_known(look: Look, company_id: int, purpose: Purpose, email: str) -> None:
    """The company's other address, as it is by now (a form may be older), or the same one when it is confirmed."""
    profile = look.unscoped(ServiceProfile, _profile.c.company_id == company_id)
    if profile is None:
        return
    now = {each: addresses.normal(getattr(profile, FIELDS[each])) for each in BOTH}
    other = next(each for each in BOTH if each is not purpose)
    if addresses.normal(email) == now[other]:
        raise Invalid({FIELDS[purpose]: OTHER_ADDRESS})
    done = profile.email_confirmed_at if purpose is Purpose.COMPANY else profile.management_confirmed_at
    if addresses.normal(email) == now[purpose] and done is not None:
        raise Conflict(N_("This address is confirmed already."))


def _others(work: Work, account_id: int, company_id: int, email: str) -> newcomers.Held:
    """Whose an address is besides this sign-up's own."""
    by = newcomers.held(work, email)
    account = None if by.account is not None and by.account.id == account_id else by.account
    company = None if by.company is not None and by.company.company_id == company_id else by.company
    namesake = None if by.namesake is not None and by.namesake.id == account_id else by.namesake
    return newcomers.Held(account, company, namesake)


def _mine(look: Look, receipt: str) -> Account | None:
    return newcomers.of_receipt(look, receipt, newcomers.COMPANY)


def corrected(form: ServiceSignUp, purpose: Purpose, email: str) -> ServiceSignUp:
    """The form with another address. Whatever that makes wrong in it is said beside the address that was typed: no
    other field is on the screen then."""
    name = FIELDS[purpose]
    others = [addresses.normal(_email(form, each)) for each in BOTH if each is not purpose]
    if addresses.normal(email) in others:
        raise Invalid({name: OTHER_ADDRESS})
    try:
        return forms.fill(ServiceSignUp, {**forms.typed(form), name: email})
    except Invalid as error:
        raise Invalid({name: next(iter(error.fields.values()))}) from None


def status(look: Look, receipt: str) -> Status:
    """What has come back so far. A sign-up that can never be finished looks like one whose mail was not read yet."""
    look.require("account.sign_up")
    mine = _mine(look, receipt)
    profile = look.unscoped(ServiceProfile, _profile.c.company_id == mine.company_id) if mine is not None else None
    if profile is None:
        return Status()
    return Status(profile.email_confirmed_at is not None, profile.management_confirmed_at is not None)


def confirm(work: Work, typed: str) -> Proved:
    """A code that was mailed to one of a company's addresses, of a sign-up or of a change."""
    work.require("account.sign_up")
    return service_addresses.take_code(work, typed)
