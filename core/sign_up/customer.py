"""Signing up as a support customer.

What the page answers never depends on whether a login or address is taken: the mail says it, to the owner of the
address. Only contract number and code are checked in the open, throttled.
"""

from typing import Annotated, Any

from pydantic import Field as Hidden
from pydantic import model_validator

from core.accounts import form_fields
from core.accounts import registration as account_registration
from core.accounts.address_owner import Started, TermsAccepted, own_address_only
from core.accounts.recovery import not_a_code
from core.accounts.registration import RegistrationRequest
from core.companies import activation, membership_claim
from core.errors import Invalid
from core.forms import Email, FormModel, Label, LoginName, Phone, Text, email_address
from core.forms import PrintedCode as CodeKind
from core.i18n.translation import N_
from core.models.accounts import Registration, RegistrationKind, Role
from core.models.contracts import Contract
from core.security import passwords
from core.service import throttle
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from core.sign_up.confirmed import Confirmed


class SignUp(FormModel):
    """What somebody with a contract is asked, in this order, and the consent that must be given."""

    login: Annotated[
        str,
        LoginName(),
        Label(N_("Login"), help=N_("3–64 letters, digits and . _ - @. It can never be changed."), section=N_("You")),
    ]
    email: Annotated[str, Email(), Label(N_("E-mail"), help=N_("A code is sent there."))]
    first_name: Annotated[str, Text(limit=80), Label(N_("First name"))]
    last_name: Annotated[str, Text(limit=80), Label(N_("Last name"))]
    phone: Annotated[str, Phone(), Label(N_("Phone"), help=N_("With + and the country code, or as dialled in Poland."))]
    language: form_fields.Language
    password: form_fields.OwnPassword
    again: form_fields.PasswordAgain
    contract: Annotated[
        str,
        Text(limit=40),
        Label(N_("Contract number"), help=N_("As printed on the certificate."), section=N_("Contract")),
    ]
    code: Annotated[
        str, CodeKind(), Hidden(repr=False), Label(N_("Activation code"), help=N_("Capitals and dashes don't matter."))
    ]
    company: Annotated[str, Text(limit=120), Label(N_("Company"))]
    terms: TermsAccepted

    @model_validator(mode="after")
    def _login_with_at_is_own_address(self) -> "SignUp":
        own_address_only(self.login, self.email)
        return self

    @model_validator(mode="after")
    def _password_will_do(self) -> "SignUp":
        form_fields.password_will_do(
            self.password, self.login, self.email, self.company, self.first_name, self.last_name
        )
        return self


def _knock(work: UnitOfWork, form: SignUp, receipt: str = "") -> None:
    activation.knock(work, form.contract, email_address.normal(form.email))


def _hash(_look: ReadContext, form: SignUp, receipt: str = "") -> dict[str, Any]:
    return {"hashed": passwords.hash(form.password.get_secret_value())}


@prepared(_hash, first=_knock)
def start(work: UnitOfWork, form: SignUp, receipt: str = "", *, hashed: str = "") -> Started:
    """Take a sign-up and mail its code. With the ``receipt`` of an earlier one it takes that one's place:
    the address was corrected, or the code is to be sent again."""
    work.require("account.sign_up")
    contract = activation.matching(work, form.contract, form.code)
    if contract is None:
        raise Invalid({"code": activation.MISMATCH})
    wrong = activation.out_of_period(contract, work.today)
    if wrong:
        raise Invalid({"contract": wrong})
    _clear_tries(work, form)
    told = {"first_name": form.first_name, "last_name": form.last_name, "phone": form.phone, "company": form.company}
    asked = RegistrationRequest(
        RegistrationKind.SUPPORT, form.login, form.email, form.language, hashed, told, contract_id=contract.id
    )
    started = account_registration.begin(work, asked, receipt)
    work.record("account.sign_up", "contract", contract.id)
    return started


def _clear_tries(work: UnitOfWork, form: SignUp) -> None:
    for name in activation.buckets(work, form.contract, email_address.normal(form.email)):
        throttle.clear(work, name)


def enter(work: UnitOfWork, registration: Registration) -> Confirmed:
    """A support customer comes in with their contract."""
    contract = work.unscoped(Contract, table(Contract).c.id == registration.contract_id)
    if contract is None:
        raise Invalid({"code": not_a_code()})
    told = dict(registration.details)
    company_name = told.pop("company", "")
    account = account_registration.open_account(work, registration, Role.CUSTOMER, **told)
    membership_claim.file_claim(work, account.id, contract.id, company_name)
    work.record("account.confirm", "account", account.id)
    done = activation.claim(work, account, contract)
    work.mail(
        "welcome", account, name=account.first_name, login=account.login, number=done.number, standing=done.standing
    )
    return Confirmed(account.login, done.number, done.company, done.standing)
