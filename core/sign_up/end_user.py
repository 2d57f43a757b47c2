"""Signing up as an end user: somebody with a heat pump at home and no contract.

The login is the e-mail address, whatever signs that has: with accounts that were moved here from an older system, these
are the exception to what a chosen login may be made of (:class:`core.forms.formats.LoginName`). On the way of an
installer's invitation the address is proved by the invitation's code, so the account is active at once; the code stays
good for answering the invitation.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import model_validator

from core.accounts import address_owner, form_fields, sessions
from core.accounts import registration as account_registration
from core.accounts.address_owner import Started
from core.accounts.recovery import not_a_code
from core.accounts.sessions import Entered
from core.accounts.sign_up_form import EverySignUp
from core.errors import Invalid, say
from core.forms import Email, FormError, Label, Phone, email_address
from core.i18n.translation import N_
from core.models.accounts import Account, Purpose, Registration, RegistrationKind, Role
from core.models.care import Invitation, InvitationState
from core.service import one_time_codes
from core.service.actions import open_action
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from core.sign_up import recipe
from core.sign_up.confirmed import Confirmed
from core.sign_up.recipe import Recipe

_invitation = table(Invitation)

LONGEST_LOGIN = 64
"""What a login may have; an address may have 254."""
HAS_ACCOUNT = say(N_("This address has an account already. Please log in; the invitation waits for you there."))


IN_USE = say(N_("This address is in use here already. Please ask to be invited at another one."))


class EndUser(EverySignUp):
    """What is asked of somebody at home: as little as there can be."""

    email: Annotated[
        str,
        Email(),
        Label(N_("E-mail"), help=N_("A code is sent there. You log in with this address."), section=N_("You")),
    ]
    first_name: form_fields.FirstName
    last_name: form_fields.LastName
    phone: Annotated[
        str | None, Phone(), Label(N_("Phone"), help=N_("With + and the country code, or as dialled in Poland."))
    ] = None
    language: form_fields.Language
    password: form_fields.OwnPassword
    again: form_fields.PasswordAgain

    @model_validator(mode="after")
    def _address_can_be_a_login(self) -> "EndUser":
        if len(self.email) > LONGEST_LOGIN:
            what = say(
                N_(
                    "Your address is your login too, and that has at most {limit} characters. Please use a shorter one."
                ),
                limit=LONGEST_LOGIN,
            )
            raise FormError("email", what)
        return self

    @model_validator(mode="after")
    def _password_will_do(self) -> "EndUser":
        form_fields.password_will_do(
            self.password, self.email, self.email.partition("@")[0], self.first_name, self.last_name
        )
        return self


@dataclass(frozen=True, slots=True)
class Arrived:
    """The account that an invitation led to. ``entered`` is None where the desk wants more than a mailed code after the
    password: then they log in."""

    login: str
    entered: Entered | None


@prepared(recipe.hash_password)
@open_action("sign_up.end_user")
def start(work: UnitOfWork, form: EndUser, receipt: str = "", *, hashed: str = "") -> Started:
    """Take a sign-up and mail its code; :func:`core.sign_up.confirmation.confirm` takes that. With the ``receipt`` of
    an earlier one it takes that one's place: the address was corrected, or the code is to be sent again."""
    started = account_registration.begin(work, RECIPE.request(form, hashed), receipt)
    work.record("account.sign_up")
    return started


def enter(work: UnitOfWork, registration: Registration) -> Confirmed:
    """The code came back: the account is there, with a device or without."""
    account = account_registration.open_account(work, registration, Role.CUSTOMER, at_home=True)
    work.record("account.confirm", "account", account.id)
    work.mail("welcome_alone", account, name=account.first_name, login=account.login)
    return Confirmed(account.login, "", "", account.standing)


def _invitation_of(look: ReadContext, code: str) -> Invitation | None:
    bound = one_time_codes.bound_to(look, Purpose.CARE, code)
    if bound is None or not bound.isdecimal():
        return None
    waiting = _invitation.c.state == InvitationState.SENT.value, _invitation.c.expires_at > look.now
    return look.unscoped(Invitation, _invitation.c.id == int(bound), *waiting)


def _hash_invited(look: ReadContext, code: str, form: EndUser) -> dict[str, Any]:
    return recipe.hash_password(look, form)


@prepared(_hash_invited)
@open_action("sign_up.invited")
def enter_by_invitation(work: UnitOfWork, code: str, form: EndUser, *, hashed: str = "") -> Arrived:
    """Sign up with an invitation's code and be in: the code came by mail to the form's address, so it is proved. The
    code is not used up; the invitation is still to be answered."""
    invitation = _invitation_of(work, code)
    if invitation is None:
        raise Invalid({"code": not_a_code()})
    if email_address.normal(form.email) != invitation.email_key:
        raise Invalid({"email": say(N_("The invitation was sent to another address. Please use that one."))})
    address_owner.hold(work, form.email, login=form.email)
    by = address_owner.find(work, form.email)
    if not by.free:
        raise Invalid({"email": HAS_ACCOUNT if by.account is not None else IN_USE})
    account = _account_at_once(work, form, hashed)
    work.record("account.sign_up", "account", account.id, invitation=invitation.id)
    work.mail("welcome_alone", account, name=account.first_name, login=account.login)
    mail_is_enough = sessions.second_step(work.settings, account) != "strong"
    return Arrived(account.login, sessions.begin(work, account) if mail_is_enough else None)


def _account_at_once(work: UnitOfWork, form: EndUser, hashed: str) -> Account:
    """The same recipe where nothing has to be waited for: the invitation's code was the proof."""
    columns = account_registration.columns_of(RECIPE.request(form, hashed))
    proved = Registration(kind=RECIPE.kind.value, mark="", created_at=work.now, expires_at=work.now, **columns)
    return account_registration.open_account(work, proved, Role.CUSTOMER)


RECIPE = Recipe(
    RegistrationKind.HOME, asks=EndUser, enter=enter, keeps=("first_name", "last_name", "phone"), login="email"
)
