"""Signing up as a subscriber.

PESEL and contract must be the same subscriber's, and the line rule must be met; anything else is one answer, throttled.
That a subscriber has an account already is told by mail, never on the page.
"""

import datetime as dt
from typing import Annotated

from pydantic import SecretStr, model_validator

from core.accounts import form_fields, login_attempts
from core.accounts import registration as account_registration
from core.accounts.address_owner import Started, own_address_only
from core.accounts.recovery import not_a_code
from core.accounts.sign_up_form import EverySignUp
from core.contracts.number import number_key
from core.errors import Invalid, Say, say
from core.forms import Label, Text, email_address
from core.forms import PrintedCode as CodeKind
from core.i18n.translation import N_
from core.models.accounts import Account, Purpose, Registration, RegistrationKind, Role
from core.models.contracts import Contract, ContractKind
from core.models.subscribers import Subscriber, SubscriberKind
from core.service import one_time_codes, throttle
from core.service.actions import open_action
from core.service.desk import prepared
from core.service.unit_of_work import Stranger, UnitOfWork, table
from core.sign_up import recipe
from core.sign_up.confirmed import Confirmed
from core.sign_up.recipe import Recipe
from core.subscribers import sign_up_rule
from core.subscribers.identity_check import Identity, fits

_account, _contract, _subscriber = table(Account), table(Contract), table(Subscriber)


class SubscriberSignUp(EverySignUp):
    """What a subscriber proves themselves with, and what every sign-up here asks beside it."""

    login: form_fields.Login
    email: form_fields.CodeAddress
    language: form_fields.Language
    password: form_fields.OwnPassword
    again: form_fields.PasswordAgain
    identity: Annotated[
        SecretStr,
        Identity(),
        Label(
            N_("PESEL"),
            help=N_("Only to compare; it is not kept. A company types its NIP."),
            section=N_("Your contract"),
        ),
    ]
    contract: Annotated[
        str, Text(limit=40), Label(N_("Number of your contract"), help=N_("As on the contract or an invoice."))
    ]

    @model_validator(mode="after")
    def _login_with_at_is_own_address(self) -> "SubscriberSignUp":
        own_address_only(self.login, self.email)
        return self

    @model_validator(mode="after")
    def _password_will_do(self) -> "SubscriberSignUp":
        form_fields.password_will_do(
            self.password, self.login, self.email, self.identity.get_secret_value(), self.contract
        )
        return self


class VouchedSignUp(SubscriberSignUp):
    """The same where the office can vouch for somebody who is not at their own line."""

    asked_last = (*SubscriberSignUp.asked_last, "code")

    code: Annotated[
        str,
        CodeKind(),
        Label(N_("Code from the office"), help=N_("Only if you are not at your own line."), required=False),
    ] = ""


def form_for(rule: str) -> type[SubscriberSignUp]:
    """The form under a line rule."""
    return VouchedSignUp if rule == "staff" else SubscriberSignUp


FROM_EVERY, FROM_BURST = dt.timedelta(minutes=2), 12
"""How often somebody may try from one place, right or wrong: a right one in between opens no way to twenty others."""


def _bucket(work: UnitOfWork, form: SubscriberSignUp) -> str:
    """Where wrong tries at a contract are counted: those from a line that it covers apart from all others, so that
    whoever knows its number, and sits elsewhere, can't keep its subscriber out."""
    number = number_key(form.contract)
    contract = work.unscoped(Contract, _contract.c.number_key == number)
    line = sign_up_rule.line_at(work, work.peer)
    at_home = sign_up_rule.covers(work, contract, line)
    return throttle.bucket(work, "subscribe", number, line if at_home else "elsewhere")


def _knock(work: UnitOfWork, form: SubscriberSignUp, receipt: str = "") -> None:
    whence = throttle.bucket(work, "subscribe-from", work.peer.network or work.peer.source)
    until = throttle.hit(work, whence, every=FROM_EVERY, burst=FROM_BURST)
    if until is None:
        until, _failures = throttle.attempt(work, _bucket(work, form))
    if until is not None:
        raise login_attempts.paused(until)


@prepared(recipe.hash_password, first=_knock)
@open_action("sign_up.subscriber")
def start(work: UnitOfWork, form: SubscriberSignUp, receipt: str = "", *, hashed: str = "") -> Started:
    """Take a sign-up and mail its code; :func:`core.sign_up.confirmation.confirm` takes that. With the ``receipt`` of
    an earlier one it takes that one's place: the address was corrected, or the code is to be sent again."""
    contract, subscriber = _matching(work, form)
    if contract is None or subscriber is None:
        raise Invalid({"contract": sign_up_rule.mismatch(work)})
    wrong = _out_of_period(contract, work.today)
    if wrong:
        raise Invalid({"contract": wrong})
    throttle.clear(work, _bucket(work, form))
    asked = RECIPE.request(form, hashed, contract_id=contract.id)
    started = account_registration.begin(work, asked, receipt, in_vain=_tell_if_known(work, form, subscriber))
    # Several may share an address behind one; the port tells them apart.
    whence = {"address": work.peer.address_text, "port": work.peer.port} if work.peer.address_text else {}
    work.record("subscriber.sign_up", "subscriber", subscriber.id, **whence)
    return started


def _out_of_period(contract: Contract, today: dt.date) -> Say | None:
    """What is said to the very subscriber when their contract has not begun, or is over."""
    if today < contract.valid_from:
        return say(N_("Your contract begins on {day}. You can sign up from that day on."), day=contract.valid_from)
    if today > contract.valid_until:
        sentence = N_("Your contract ended on {day}. Is there a newer one? Then sign up with its number.")
        return say(sentence, day=contract.valid_until)
    return None


def _matching(work: UnitOfWork, form: SubscriberSignUp) -> tuple[Contract | None, Subscriber | None]:
    """The subscription and its subscriber if everything fits. All of it is asked in any case."""
    contract = work.unscoped(
        Contract,
        _contract.c.number_key == number_key(form.contract),
        _contract.c.kind == ContractKind.SUBSCRIPTION.value,
    )
    of = contract.subscriber_id if contract is not None else 0
    subscriber = work.unscoped(Subscriber, _subscriber.c.id == of)
    theirs = fits(work, subscriber, form.identity)
    there = sign_up_rule.satisfied(work, contract, getattr(form, "code", ""))
    return (contract, subscriber) if theirs and there else (None, None)


def _tell_if_known(work: UnitOfWork, form: SubscriberSignUp, subscriber: Subscriber) -> bool:
    """Whether the subscriber has an account. Whoever has it hears of this; so does, by mail, whoever has proved to be
    the subscriber."""
    holder = work.unscoped(Account, _account.c.id == subscriber.account_id) if subscriber.account_id else None
    if holder is None:
        return False
    work.mail("subscriber_known", holder, login=holder.login, name=holder.first_name)
    if holder.email_key != email_address.normal(form.email):
        work.mail("subscriber_has_account", Stranger(form.email, form.language))
    work.record("account.sign_up_taken", "account", holder.id)
    return True


def _names(subscriber: Subscriber) -> tuple[str, str]:
    """A person's name as the contract has it; a company keeps its own as the last name."""
    if subscriber.kind == SubscriberKind.COMPANY:
        return "", subscriber.name[:80]
    first, _, last = subscriber.name.partition(" ")
    return first[:80], last[:80]


def enter(work: UnitOfWork, registration: Registration) -> Confirmed:
    """The code came back: from now on the account is the subscriber's. Of two that sign up at once, one wins; the other
    one's code is good for nothing."""
    contract = work.unscoped(Contract, _contract.c.id == registration.contract_id)
    of = contract.subscriber_id if contract is not None else 0
    subscriber = work.unscoped(Subscriber, _subscriber.c.id == of)
    if contract is None or subscriber is None:
        raise Invalid({"code": not_a_code()})
    first, last = _names(subscriber)
    account = account_registration.open_account(
        work, registration, Role.CUSTOMER, first_name=first, last_name=last, phone=subscriber.phone
    )
    free = _subscriber.c.id == subscriber.id, _subscriber.c.account_id.is_(None)
    if not work.change(Subscriber, *free, account_id=account.id, changed_at=work.now):
        raise Invalid({"code": not_a_code()})
    one_time_codes.void_bound(work, Purpose.VOUCH, str(subscriber.id))
    work.record("subscriber.claim", "subscriber", subscriber.id, account=account.id)
    work.record("account.confirm", "account", account.id)
    work.mail("welcome_subscriber", account, name=account.first_name, login=account.login, contract=contract.number)
    return Confirmed(account.login, contract.number, "", account.standing)


RECIPE = Recipe(RegistrationKind.SUBSCRIBER, asks=SubscriberSignUp, enter=enter)
"""Of the form only login, address, language and password are kept: who they are says the contract."""
