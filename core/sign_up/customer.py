"""Signing up as a support customer.

What the page answers never depends on whether a login or address is taken: the mail says it, to the owner of the
address. Only contract number and code are checked in the open, throttled.
"""

from typing import Annotated

from pydantic import Field as Hidden
from pydantic import model_validator

from core.accounts import form_fields
from core.accounts import registration as account_registration
from core.accounts.address_owner import Started, own_address_only
from core.accounts.recovery import not_a_code
from core.accounts.sign_up_form import EverySignUp
from core.companies import activation, membership_claim
from core.errors import Invalid
from core.forms import Label, Phone, Text, email_address
from core.forms import PrintedCode as CodeKind
from core.i18n.translation import N_
from core.models.accounts import Registration, RegistrationKind, Role
from core.models.contracts import Contract
from core.service import throttle
from core.service.actions import open_action
from core.service.desk import prepared
from core.service.unit_of_work import UnitOfWork, table
from core.sign_up import recipe
from core.sign_up.confirmed import Confirmed
from core.sign_up.recipe import Recipe


class SignUp(EverySignUp):
    """What somebody with a contract is asked, in this order, and the consent that must be given."""

    login: form_fields.Login
    email: form_fields.CodeAddress
    first_name: form_fields.FirstName
    last_name: form_fields.LastName
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


@prepared(recipe.hash_password, first=_knock)
@open_action("sign_up.customer")
def start(work: UnitOfWork, form: SignUp, receipt: str = "", *, hashed: str = "") -> Started:
    """Take a sign-up and mail its code. With the ``receipt`` of an earlier one it takes that one's place:
    the address was corrected, or the code is to be sent again."""
    contract = activation.matching(work, form.contract, form.code)
    if contract is None:
        raise Invalid({"code": activation.MISMATCH})
    wrong = activation.out_of_period(contract, work.today)
    if wrong:
        raise Invalid({"contract": wrong})
    _clear_tries(work, form)
    asked = RECIPE.request(form, hashed, contract_id=contract.id)
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
    account = account_registration.open_account(work, registration, Role.CUSTOMER)
    membership_claim.file_claim(work, account.id, contract.id, registration.details.get("company", ""))
    work.record("account.confirm", "account", account.id)
    done = activation.claim(work, account, contract)
    work.mail(
        "welcome", account, name=account.first_name, login=account.login, number=done.number, standing=done.standing
    )
    return Confirmed(account.login, done.number, done.company, done.standing)


RECIPE = Recipe(
    RegistrationKind.SUPPORT, asks=SignUp, enter=enter, keeps=("first_name", "last_name", "phone", "company")
)
