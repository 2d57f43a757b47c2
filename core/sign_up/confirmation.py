"""The code of a person's sign-up comes back: the account begins, and whatever else begins with it."""

from core.accounts import registration as account_registration
from core.accounts.recovery import not_a_code
from core.accounts.registration import Proof
from core.errors import Invalid
from core.models.accounts import Purpose
from core.service.actions import open_action
from core.service.unit_of_work import UnitOfWork
from core.sign_up import customer, end_user, recipe, subscriber
from core.sign_up.confirmed import Confirmed

RECIPES = {each.kind.value: each for each in (customer.RECIPE, end_user.RECIPE, subscriber.RECIPE)}
"""Those whose one code makes an account; a company's two are :func:`core.sign_up.installer.confirm`'s."""


@recipe.by_code(Purpose.CONFIRM)
@open_action("sign_up.confirm")
def confirm(work: UnitOfWork, typed: str, proof: Proof, login: str = "", *, mark: str = "") -> Confirmed:
    """The mailed code of a person's sign-up, with the proof that the form is theirs: they have an account from now on,
    and the contract with it if there is one. ``login`` takes the place of the form's where that has been given out
    meanwhile, which is said beside that field."""
    _purpose, registration = account_registration.taken(work, typed, mark, login, Purpose.CONFIRM)
    done = RECIPES[registration.kind].enter(work, registration)
    if not account_registration.end(work, mark):
        raise Invalid({"code": not_a_code()})
    return done
