"""Signing up as a support customer (002 p.4, *Rejestracja nowego konta*; spec/accounts.md, *Signing up*).

What the page answers never depends on whether a login or address is taken: the mail says it, to the owner of the
address. Only contract number and code are checked in the open, throttled.
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field as Hidden
from pydantic import SecretStr, model_validator

from core import addresses, codes, passwords, throttle
from core.accounts import log_in
from core.accounts.models import Account, AccountState, Code, Purpose, Role
from core.accounts.recovery import not_a_code
from core.contracts import activation
from core.contracts.models import Contract
from core.desk import prepared
from core.errors import Invalid, say
from core.forms import Ask, Check, Choice, Email, FormError, FormModel, LoginName, OneOf, Phone, Secret, Text, same_as
from core.forms import Code as CodeKind
from core.mail.models import Outbox
from core.words import N_
from core.work import Look, Stranger, Work, table

_account, _code = table(Account), table(Code)

TERMS_VERSION = "2026-11"
KEPT_FOR = dt.timedelta(hours=24)
"""How long an unconfirmed sign-up holds its login; then somebody else may take it."""


def own_address_only(login: str, email: str) -> None:
    """A login that looks like an address must be the account's own: people log in by either."""
    if "@" in login and addresses.normal(login) != addresses.normal(email):
        raise FormError("login", say(N_("A login with @ in it must be your own e-mail address.")))


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
    language: Annotated[
        str,
        OneOf(offered=(Choice("pl", "polski"), Choice("en", "English"))),
        Ask(N_("Language"), help=N_("Of the screens and of your mail.")),
    ]
    password: Annotated[
        SecretStr,
        Secret(),
        Ask(N_("Password"), help=N_("At least 8 characters; a few words are best."), section=N_("Password")),
    ]
    again: Annotated[
        SecretStr,
        Secret(),
        same_as("password", say(N_("The two passwords differ. Type the same one twice."))),
        Ask(N_("Password again")),
    ]
    contract: Annotated[
        str,
        Text(limit=40),
        Ask(N_("Contract number"), help=N_("As printed on the certificate."), section=N_("Contract")),
    ]
    code: Annotated[
        str, CodeKind(), Hidden(repr=False), Ask(N_("Activation code"), help=N_("Capitals and dashes don't matter."))
    ]
    company: Annotated[str, Text(limit=120), Ask(N_("Company"))]
    terms: Annotated[
        bool,
        Check(must=True),
        Ask(N_("I accept the terms of use, the privacy notice and the storage notice (F6 shows them)")),
    ]

    @model_validator(mode="after")
    def _login_with_at_is_own_address(self) -> "SignUp":
        own_address_only(self.login, self.email)
        return self

    @model_validator(mode="after")
    def _password_will_do(self) -> "SignUp":
        known = (self.login, self.email, self.company, self.first_name, self.last_name)
        problem = passwords.problem(self.password.get_secret_value(), alone=False, context=known)
        if problem:
            raise FormError("password", problem)
        return self


@dataclass(frozen=True, slots=True)
class Started:
    """Mail is on its way to ``address``, says the page in any case. ``receipt`` lets the same person do it over."""

    address: str
    receipt: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The address is confirmed; ``standing`` says whether the company's people must still say yes."""

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
    _make_room(work, form, receipt)
    fresh = secrets.token_urlsafe(16)
    taken = _taken_by(work, form)
    if taken is not None:
        _tell_owner(work, form, taken)
        codes.void(work, codes.NOBODY, Purpose.CONFIRM)
        work.record("account.sign_up_taken", "account", taken.id)
    else:
        account_id = _store(work, form, hashed, fresh)
        code = codes.issue(work, account_id, Purpose.CONFIRM, binding=str(contract.id))
        newcomer = _Newcomer(account_id, form.email, form.language)
        work.mail("confirm_address", newcomer, secrets_={"code": code}, name=form.first_name, login=form.login)
        work.record("account.sign_up", "account", account_id)
    return Started(form.email, fresh)


def _clear_tries(work: Work, form: SignUp) -> None:
    for name in activation.buckets(work, form.contract, addresses.normal(form.email)):
        throttle.clear(work, name)


def _make_room(work: Work, form: SignUp, receipt: str) -> None:
    """Unconfirmed sign-ups that stand in the way and may go: the same person's earlier one, anybody's to the same
    address (only its owner could confirm it), and one of the same login that nobody confirmed in time."""
    mine = _account.c.preferences["receipt"].as_string() == _receipt(work, receipt) if receipt else sa.false()
    same_address = _account.c.email_key == addresses.normal(form.email)
    late = sa.and_(_account.c.login_key == log_in.login_key(form.login), _account.c.created_at < work.now - KEPT_FOR)
    gone = [
        row.id
        for row in work.rows(
            sa.select(_account.c.id).where(
                _account.c.state == AccountState.UNCONFIRMED.value, sa.or_(mine, same_address, late)
            )
        )
    ]
    if gone:
        work.change(Outbox, table(Outbox).c.account_id.in_(gone), account_id=None)
        work.connection.execute(sa.delete(_code).where(_code.c.account_id.in_(gone)))
        work.connection.execute(sa.delete(_account).where(_account.c.id.in_(gone)))


def _receipt(work: Work, receipt: str) -> str:
    return work.keys.mac("receipt", receipt)


def _taken_by(work: Work, form: SignUp) -> Account | None:
    """Whoever has this address, or else this login, or has the address for a login. All are always asked for, so that
    the time tells nothing."""
    by_address = work.unscoped(Account, _account.c.email_key == addresses.normal(form.email))
    by_login = work.unscoped(Account, _account.c.login_key == log_in.login_key(form.login))
    by_namesake = log_in.named(work, form.email)
    return by_address or by_login or by_namesake


def _tell_owner(work: Work, form: SignUp, taken: Account) -> None:
    """The owner of the address learns that it has an account already, or that login or address must be another one."""
    if taken.email_key == addresses.normal(form.email):
        work.mail("sign_up_known", taken, login=taken.login, name=taken.first_name)
        return
    by_login = taken.login_key == log_in.login_key(form.login)
    work.mail(
        "login_taken",
        Stranger(form.email, form.language),
        login=form.login if by_login else form.email,
        name=form.first_name,
        is_address=not by_login,
    )


def _store(work: Work, form: SignUp, hashed: str, receipt: str) -> int:
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
        preferences={"company": form.company, "receipt": _receipt(work, receipt)},
        created_at=work.now,
    )


def confirm(work: Work, typed: str) -> Confirmed:
    """The mailed code: the account is active from now on, and the contract with it."""
    work.require("account.sign_up")
    taken = codes.take(work, Purpose.CONFIRM, typed)
    if taken is None:
        raise Invalid({"code": not_a_code()})
    account = work.unscoped(Account, _account.c.id == taken[0])
    contract = work.unscoped(Contract, table(Contract).c.id == int(taken[1]))
    if account is None or contract is None or account.state != AccountState.UNCONFIRMED:
        raise Invalid({"code": not_a_code()})
    given = {"company": (account.preferences or {}).get("company", ""), "contract": contract.id}
    work.change(Account, _account.c.id == account.id, state=AccountState.ACTIVE.value, preferences=given)
    work.record("account.confirm", "account", account.id)
    done = activation.claim(work, account, contract)
    work.mail(
        "welcome", account, name=account.first_name, login=account.login, number=done.number, standing=done.standing
    )
    return Confirmed(account.login, done.number, done.company, done.standing)
