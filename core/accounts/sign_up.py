"""Signing up as a support customer (002 p.4, *Rejestracja nowego konta*; spec/accounts.md, *Signing up*).

What the page answers never depends on whether a login or address is taken: the mail says it, to the owner of the
address. Only contract number and code are checked in the open, throttled.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field as Hidden
from pydantic import model_validator

from core import addresses, codes, passwords, throttle
from core.accounts import fields, log_in, newcomers
from core.accounts.models import Account, AccountState, Purpose, Role
from core.accounts.newcomers import KEPT_FOR as KEPT_FOR
from core.accounts.newcomers import PERSON, Started, TermsAccepted, own_address_only
from core.accounts.newcomers import TERMS_VERSION as TERMS_VERSION
from core.accounts.recovery import not_a_code
from core.contracts import activation
from core.contracts.models import Contract, ContractKind
from core.desk import prepared
from core.errors import Invalid
from core.forms import Ask, Email, FormModel, LoginName, Phone, Text
from core.forms import Code as CodeKind
from core.words import N_
from core.work import Look, Stranger, Work, table

_account = table(Account)

AT_HOME = {"at_home": True}
"""What is remembered of somebody who signed up without a contract: they begin with *Service*, not with tickets."""


class SignUp(FormModel):
    """The guide's form, field by field, and the consent that must be given."""

    login: Annotated[
        str,
        LoginName(),
        Ask(N_("Login"), help=N_("3–64 letters, digits and . _ - @. It can never be changed."), section=N_("You")),
    ]
    email: Annotated[str, Email(), Ask(N_("E-mail"), help=N_("A code is sent there."))]
    first_name: Annotated[str, Text(limit=80), Ask(N_("First name"))]
    last_name: Annotated[str, Text(limit=80), Ask(N_("Last name"))]
    phone: Annotated[str, Phone(), Ask(N_("Phone"), help=N_("With + and the country code, or as dialled in Poland."))]
    language: fields.Language
    password: fields.OwnPassword
    again: fields.PasswordAgain
    contract: Annotated[
        str,
        Text(limit=40),
        Ask(N_("Contract number"), help=N_("As printed on the certificate."), section=N_("Contract")),
    ]
    code: Annotated[
        str, CodeKind(), Hidden(repr=False), Ask(N_("Activation code"), help=N_("Capitals and dashes don't matter."))
    ]
    company: Annotated[str, Text(limit=120), Ask(N_("Company"))]
    terms: TermsAccepted

    @model_validator(mode="after")
    def _login_with_at_is_own_address(self) -> "SignUp":
        own_address_only(self.login, self.email)
        return self

    @model_validator(mode="after")
    def _password_will_do(self) -> "SignUp":
        fields.password_will_do(self.password, self.login, self.email, self.company, self.first_name, self.last_name)
        return self


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The address is confirmed; ``standing`` says whether the company's people must still say yes. ``number`` and
    ``company`` are empty for somebody who signed up without a contract."""

    login: str
    number: str
    company: str
    standing: str


@dataclass(frozen=True, slots=True)
class _Newcomer:
    """Whom the first letter goes to."""

    id: int
    email: str
    language: str


def _knock(work: Work, form: SignUp, receipt: str = "") -> None:
    activation.knock(work, form.contract, addresses.normal(form.email))


def _hash(_look: Look, form: SignUp, receipt: str = "") -> dict[str, Any]:
    return {"hashed": passwords.hash(form.password.get_secret_value())}


@prepared(_hash, first=_knock)
def start(work: Work, form: SignUp, receipt: str = "", *, hashed: str = "") -> Started:
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
    codes.allow(work, Purpose.CONFIRM, addresses.normal(form.email))
    newcomers.hold(work, form.email)
    newcomers.make_room(work, form.login, newcomers.of_receipt(work, receipt, PERSON), form.email)
    account_id, mark = 0, newcomers.mark()
    if _tell_if_taken(work, form):
        codes.void(work, codes.NOBODY, Purpose.CONFIRM)
    else:
        account_id = _store(work, form, hashed, mark)
        code = codes.issue(work, account_id, Purpose.CONFIRM, binding=str(contract.id))
        newcomer = _Newcomer(account_id, form.email, form.language)
        work.mail("confirm_address", newcomer, secrets_={"code": code}, name=form.first_name, login=form.login)
        work.record("account.sign_up", "account", account_id)
    return Started(form.email, newcomers.receipt(work, account_id, mark, PERSON))


def _clear_tries(work: Work, form: SignUp) -> None:
    for name in activation.buckets(work, form.contract, addresses.normal(form.email)):
        throttle.clear(work, name)


def _tell_if_taken(work: Work, form: SignUp) -> bool:
    """Whether address or login are somebody's; they hear that they have an account already, or whoever signed up that
    login or address must be another one."""
    by, namesake = newcomers.held(work, form.email), newcomers.has_login(work, form.login)
    if namesake is not None and by.account is None and by.company is None:
        to = Stranger(form.email, form.language)
        work.mail("login_taken", to, login=form.login, name=form.first_name, is_address=False)
        work.record("account.sign_up_taken", "account", namesake.id)
        return True
    newcomers.tell_holder(work, by, form.email, form.language, form.first_name)
    return not by.free


def _store(work: Work, form: SignUp, hashed: str, mark: str) -> int:
    return work.add(
        Account,
        login=form.login,
        login_key=log_in.login_key(form.login),
        email=form.email,
        email_key=addresses.normal(form.email),
        role=Role.CUSTOMER.value,
        first_name=form.first_name,
        last_name=form.last_name,
        phone=form.phone,
        language=form.language,
        zone=work.settings.desk.zone,
        password_hash=hashed,
        terms_version=TERMS_VERSION,
        terms_at=work.now,
        preferences={"company": form.company, "receipt": mark},
        created_at=work.now,
    )


def confirm(work: Work, typed: str) -> Confirmed:
    """The mailed code: the account is active from now on, and the contract with it if there is one."""
    work.require("account.sign_up")
    taken = codes.take(work, Purpose.CONFIRM, typed)
    account = work.unscoped(Account, _account.c.id == taken[0]) if taken is not None else None
    if taken is None or account is None or account.state != AccountState.UNCONFIRMED:
        raise Invalid({"code": not_a_code()})
    contract = work.unscoped(Contract, table(Contract).c.id == int(taken[1])) if taken[1] else None
    if taken[1] and contract is None:
        raise Invalid({"code": not_a_code()})
    if contract is not None and contract.kind == ContractKind.SUBSCRIPTION:
        from core.subscribers.sign_up import claim

        claim(work, account, contract)
        work.record("account.confirm", "account", account.id)
        return Confirmed(account.login, contract.number, "", account.standing)
    given = (
        {"company": (account.preferences or {}).get("company", ""), "contract": contract.id} if contract else AT_HOME
    )
    work.change(Account, _account.c.id == account.id, state=AccountState.ACTIVE.value, preferences=given)
    work.record("account.confirm", "account", account.id)
    if contract is None:
        work.mail("welcome_alone", account, name=account.first_name, login=account.login)
        return Confirmed(account.login, "", "", account.standing)
    done = activation.claim(work, account, contract)
    work.mail(
        "welcome", account, name=account.first_name, login=account.login, number=done.number, standing=done.standing
    )
    return Confirmed(account.login, done.number, done.company, done.standing)
