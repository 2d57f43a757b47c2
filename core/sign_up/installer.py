"""Signing up as an installer company: one form, two addresses, two passwords, two codes.

What the page answers never depends on what is here already. An address that is somebody's is told to its owner alone,
while the other one gets its code as ever: whoever owns one of the two learns nothing about the other.

The company's first account has the management address for its own: that is read by one person, and so are the codes to
log in and to choose a new password. Many may read the notification address, so it is no account's.
"""

from dataclasses import dataclass
from typing import Any

from core import forms
from core.accounts import address_owner, sessions
from core.accounts import registration as account_registration
from core.accounts.address_owner import Started
from core.accounts.recovery import not_a_code
from core.accounts.registration import IN_USE_NOW, Proof
from core.errors import Conflict, Invalid
from core.forms import email_address
from core.i18n.sanitize import identity
from core.i18n.translation import N_
from core.installers import addresses
from core.installers.addresses import BOTH, FIELDS, Proved
from core.installers.forms import OTHER_ADDRESS, ServiceSignUp, check_year
from core.models.accounts import Purpose, Registration, RegistrationKind, Role, Standing
from core.models.companies import Company, CompanyKind, ServiceProfile
from core.security import passwords
from core.service import mail_allowance
from core.service.actions import open_action
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, Stranger, UnitOfWork, table
from core.sign_up import recipe
from core.sign_up.recipe import Recipe

_registration = table(Registration)
_CONFIRMED = {Purpose.COMPANY: "notice_confirmed_at", Purpose.MANAGEMENT: "email_confirmed_at"}
_KEPT_AS = {Purpose.COMPANY: "notice_email", Purpose.MANAGEMENT: "email"}


@dataclass(frozen=True, slots=True)
class ConfirmedAddresses:
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


def _hash(look: ReadContext, form: ServiceSignUp, *_more: Any) -> dict[str, Any]:
    check_year(look, form)
    return {
        "hashed": passwords.hash(form.password.get_secret_value()),
        "management": passwords.hash(form.management_password.get_secret_value()),
    }


@prepared(_hash)
@open_action("sign_up.installer")
def start(work: UnitOfWork, form: ServiceSignUp, *, hashed: str = "", management: str = "") -> Started:
    """Take a sign-up and mail a code to each address. With the receipt the same person types the codes, sees what has
    come back (:func:`status`) and sends again (:func:`again`)."""
    return _begin(work, form, hashed, management, BOTH)


@prepared(_hash)
@open_action("sign_up.installer_again")
def again(
    work: UnitOfWork, form: ServiceSignUp, receipt: str, purpose: Purpose, *, hashed: str = "", management: str = ""
) -> Started:
    """Send one of the codes again, to the address that the form holds now: it may have been corrected. The other
    address stays as it is, confirmed or not. What it returns counts from now on."""
    mine = account_registration.by_receipt(work, receipt)
    if mine is None or mine.expires_at <= work.now:
        return _begin(work, form, hashed, management, (purpose,))
    mail_allowance.admit(work)
    _correct(work, mine, form, purpose)
    return Started(_email(form, purpose), receipt, account_registration.sign_of(mine.mark))


def _email(form: ServiceSignUp, purpose: Purpose) -> str:
    return str(getattr(form, FIELDS[purpose]))


def _begin(work: UnitOfWork, form: ServiceSignUp, hashed: str, management: str, mailed: tuple[Purpose, ...]) -> Started:
    mail_allowance.admit(work, letters=len(mailed))
    asked = RECIPE.request(form, hashed, notice_email=form.email, management_hash=management)
    mark = account_registration.keep(work, asked)
    work.record("company.sign_up")
    for purpose in mailed:
        _send(work, mark, form, purpose)
    return Started(form.email, account_registration.receipt_of(work, mark), account_registration.sign_of(mark))


def _send(work: UnitOfWork, mark: str, form: ServiceSignUp, purpose: Purpose) -> None:
    """The code to its address; or word to whoever the address is of."""
    email = _email(form, purpose)
    by = address_owner.find(work, email)
    account_registration.allow_code(work, purpose, mark, email)

    def code() -> str:
        return account_registration.issue(work, purpose, mark, email)

    if by.free:
        work.mail(
            "confirm_company",
            Stranger(email, form.language),
            code=code,
            management=purpose is Purpose.MANAGEMENT,
            company="",
            form=account_registration.sign_of(mark),
        )
    elif address_owner.tell_holder(work, by, email, form.language):
        code()  # which nobody gets: what happens here is the same


def _correct(work: UnitOfWork, mine: Registration, form: ServiceSignUp, purpose: Purpose) -> None:
    """One address of a sign-up that is under way, corrected or the same."""
    email = _email(form, purpose)
    other = next(each for each in BOTH if each is not purpose)
    if email_address.normal(email) == email_address.normal(getattr(mine, _KEPT_AS[other])):
        raise Invalid({FIELDS[purpose]: OTHER_ADDRESS})  # as it is by now: a form may be older
    done = mine.done_at is not None or getattr(mine, _CONFIRMED[purpose]) is not None
    if done and email_address.normal(email) == email_address.normal(getattr(mine, _KEPT_AS[purpose])):
        raise Conflict(N_("This address is confirmed already."))
    account_registration.void_replaced(work, mine, purpose, email)
    to = {_KEPT_AS[purpose]: email, _CONFIRMED[purpose]: None, "expires_at": work.now + account_registration.KEPT_FOR}
    if work.change(Registration, _registration.c.mark == mine.mark, *account_registration.waiting(work), **to) == 0:
        raise Conflict(N_("This sign-up is over. Please start again."))
    _send(work, mine.mark, form, purpose)
    work.record("company.sign_up_again", which=purpose.value)


def corrected(form: ServiceSignUp, purpose: Purpose, email: str) -> ServiceSignUp:
    """The form with another address. Whatever that makes wrong in it is said beside the address that was typed: no
    other field is on the screen then."""
    name = FIELDS[purpose]
    others = [email_address.normal(_email(form, each)) for each in BOTH if each is not purpose]
    if email_address.normal(email) in others:
        raise Invalid({name: OTHER_ADDRESS})
    try:
        return forms.fill(ServiceSignUp, {**forms.typed(form), name: email})
    except Invalid as error:
        raise Invalid({name: next(iter(error.fields.values()))}) from None


def status(look: ReadContext, receipt: str) -> ConfirmedAddresses:
    """What has come back so far. A sign-up that can never be finished looks like one whose mail was not read yet."""
    look.require("account.sign_up")
    mine = account_registration.by_receipt(look, receipt)
    if mine is None:
        return ConfirmedAddresses()
    return ConfirmedAddresses(mine.notice_confirmed_at is not None, mine.email_confirmed_at is not None)


@recipe.by_code(*BOTH)
@open_action("sign_up.confirm_installer")
def confirm(work: UnitOfWork, typed: str, proof: Proof, login: str = "", *, mark: str = "") -> Proved:
    """A code that was mailed to one of a sign-up's addresses, with the proof that the form is theirs. The company works
    from the moment the second one is proved. ``login`` as in :func:`core.sign_up.confirmation.confirm`."""
    purpose, registration = account_registration.taken(work, typed, mark, login, *BOTH)
    as_read = [_registration.c[each] == getattr(registration, each) for each in _KEPT_AS.values()]
    waits = _registration.c.mark == mark, *as_read, *account_registration.waiting(work)
    if work.change(Registration, *waits, **{_CONFIRMED[purpose]: work.now}) == 0:
        raise Invalid({"code": not_a_code()})
    work.record("company.confirm", which=purpose.value)
    name, address = registration.details["company"], getattr(registration, _KEPT_AS[purpose])
    if not account_registration.end(
        work, mark, also=[_registration.c[each].is_not(None) for each in _CONFIRMED.values()]
    ):
        other = next(each for each in BOTH if each is not purpose)
        return Proved(name, address, getattr(registration, _KEPT_AS[other]), registration.login)
    RECIPE.enter(work, registration)
    return Proved(name, address, "", registration.login)


def _found(work: UnitOfWork, registration: Registration) -> None:
    """Both addresses are proved: the company is there, with its first account. The address that was proved first may
    have become somebody's since; then it has to be corrected."""
    for email in (registration.email, registration.notice_email):
        if not address_owner.find(work, email).free:
            raise Invalid({"code": IN_USE_NOW})
    details = registration.details
    name = details["company"]
    company_id = work.add(
        Company,
        name=name,
        name_key=identity(name)[:120],
        kind=CompanyKind.SERVICE.value,
        created_at=work.now,
    )
    boxes: dict[str, Any] = {}
    for purpose in BOTH:
        email = getattr(registration, _KEPT_AS[purpose])
        boxes |= addresses.columns(purpose, email, email_address.normal(email), work.now)
    profile = {
        **{name: value for name, value in details.items() if name in ServiceProfile.model_fields},
        "company_id": company_id,
        "management_hash": registration.management_hash,
        "language": registration.language,
        "active_at": work.now,
    }
    work.add_all(ServiceProfile, [{**profile, **boxes}])
    owner = {"company_id": company_id, "standing": Standing.OWNER.value}
    account = account_registration.open_account(work, registration, Role.INSTALLER, **owner)
    work.record("company.registered", "company", company_id, account=account.id)
    strong = sessions.second_step(work.settings, account) == "strong"
    for email in (registration.notice_email, registration.email):
        to = Stranger(email, registration.language)
        work.mail("company_registered", to, company=name, login=account.login, strong=strong)


RECIPE = Recipe(
    RegistrationKind.COMPANY,
    asks=ServiceSignUp,
    enter=_found,
    keeps=(
        "company",
        "country",
        "zone",
        "phone",
        "url",
        "founded",
        "employees",
        "first_name",
        "last_name",
    ),
    email="management_email",
)


@open_action("sign_up.confirm_change")
def confirm_change(work: UnitOfWork, typed: str) -> Proved:
    """A code that was mailed to the new address of a working company, typed before logging in."""
    return addresses.take_code(work, typed)
