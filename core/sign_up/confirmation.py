"""The code of a person's sign-up comes back: the account begins, and whatever else begins with it."""

from typing import Any

from core.accounts import registration as account_registration
from core.accounts.recovery import not_a_code
from core.accounts.registration import Proof
from core.errors import Invalid
from core.models.accounts import Purpose, Registration, RegistrationKind
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork
from core.sign_up import customer, end_user, subscriber
from core.sign_up.confirmed import Confirmed


def _pay(work: UnitOfWork, typed: str, proof: Proof, login: str = "") -> None:
    account_registration.knock(work, typed, proof, Purpose.CONFIRM)


def _prove(look: ReadContext, typed: str, proof: Proof, login: str = "") -> dict[str, Any]:
    return {"mark": account_registration.proved(look, typed, proof, Purpose.CONFIRM)}


@prepared(_prove, first=_pay)
def confirm(work: UnitOfWork, typed: str, proof: Proof, login: str = "", *, mark: str = "") -> Confirmed:
    """The mailed code of a person's sign-up, with the proof that the form is theirs: they have an account from now on,
    and the contract with it if there is one. ``login`` takes the place of the form's where that has been given out
    meanwhile, which is said beside that field."""
    work.require("account.sign_up")
    _purpose, registration = account_registration.taken(work, typed, mark, login, Purpose.CONFIRM)
    done = _enter(work, registration)
    if not account_registration.end(work, mark):
        raise Invalid({"code": not_a_code()})
    return done


def _enter(work: UnitOfWork, registration: Registration) -> Confirmed:
    """By its kind: each knows what else begins with the account."""
    if registration.kind == RegistrationKind.SUBSCRIBER:
        return subscriber.enter(work, registration)
    if registration.kind == RegistrationKind.HOME:
        return end_user.enter(work, registration)
    return customer.enter(work, registration)
