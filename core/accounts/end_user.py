"""Signing up as an end user: somebody with a heat pump at home and no contract (spec/accounts.md, *Signing up* 4).

The login is the e-mail address, whatever signs that has: with accounts that were moved here from an older system, these
are the exception to what a chosen login may be made of (:class:`core.notations.LoginName`). On the way of an
installer's invitation the address is proved by the invitation's code, so the account is active at once; the code stays
good for answering the invitation.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import model_validator

from core import addresses, codes, passwords
from core.accounts import fields, log_in, newcomers, sessions
from core.accounts.models import Account, AccountState, Purpose, Role
from core.accounts.newcomers import PERSON, TERMS_VERSION, Started, TermsAccepted
from core.accounts.recovery import not_a_code
from core.accounts.sessions import Entered
from core.care.models import Invitation, InvitationState
from core.desk import prepared
from core.errors import Invalid, say
from core.forms import Ask, Email, FormError, FormModel, Phone, Text
from core.words import N_
from core.work import Look, Work, not_found, table

_account, _invitation = table(Account), table(Invitation)

LONGEST_LOGIN = 64
"""What a login may have (spec/accounts.md, *Rules that hold for every account*); an address may have 254."""
HAS_ACCOUNT = say(N_("This address has an account already. Please log in; the invitation waits for you there."))


IN_USE = say(N_("This address is in use here already. Please ask to be invited at another one."))


class EndUser(FormModel):
    """What is asked of somebody at home: as little as there can be."""

    email: Annotated[
        str,
        Email(),
        Ask(N_("E-mail"), help=N_("A code is sent there. You log in with this address."), section=N_("You")),
    ]
    first_name: Annotated[str, Text(limit=80), Ask(N_("First name"))]
    last_name: Annotated[str, Text(limit=80), Ask(N_("Last name"))]
    phone: Annotated[
        str | None, Phone(), Ask(N_("Phone"), help=N_("With + and the country code, or as dialled in Poland."))
    ] = None
    language: fields.Language
    password: fields.OwnPassword
    again: fields.PasswordAgain
    terms: TermsAccepted

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
        fields.password_will_do(
            self.password, self.email, self.email.partition("@")[0], self.first_name, self.last_name
        )
        return self


@dataclass(frozen=True, slots=True)
class Arrived:
    """The account that an invitation led to. ``entered`` is None where the desk wants more than a mailed code after the
    password: then they log in."""

    login: str
    entered: Entered | None


@dataclass(frozen=True, slots=True)
class _Newcomer:
    """Whom the first letter goes to."""

    id: int
    email: str
    language: str


def _hash(_look: Look, form: EndUser, receipt: str = "") -> dict[str, Any]:
    return {"hashed": passwords.hash(form.password.get_secret_value())}


@prepared(_hash)
def start(work: Work, form: EndUser, receipt: str = "", *, hashed: str = "") -> Started:
    """Take a sign-up and mail its code; :func:`core.accounts.sign_up.confirm` takes that. With the ``receipt`` of an
    earlier one it takes that one's place: the address was corrected, or the code is to be sent again."""
    work.require("account.sign_up")
    codes.allow(work, Purpose.CONFIRM, addresses.normal(form.email))
    newcomers.hold(work, form.email)
    newcomers.make_room(work, form.email, newcomers.of_receipt(work, receipt, PERSON), form.email)
    account_id, mark = 0, newcomers.mark()
    by = newcomers.held(work, form.email)
    if not by.free:
        newcomers.tell_holder(work, by, form.email, form.language, form.first_name)
        codes.void(work, codes.NOBODY, Purpose.CONFIRM)
    else:
        account_id = _store(work, form, hashed, AccountState.UNCONFIRMED, {"receipt": mark})
        code = codes.issue(work, account_id, Purpose.CONFIRM)
        newcomer = _Newcomer(account_id, form.email, form.language)
        work.mail("confirm_address", newcomer, secrets_={"code": code}, name=form.first_name, login=form.email)
        work.record("account.sign_up", "account", account_id)
    return Started(form.email, newcomers.receipt(work, account_id, mark, PERSON))


def _store(work: Work, form: EndUser, hashed: str, state: AccountState, preferences: dict[str, Any]) -> int:
    return work.add(
        Account,
        login=form.email,
        login_key=log_in.login_key(form.email),
        email=form.email,
        email_key=addresses.normal(form.email),
        role=Role.CUSTOMER.value,
        state=state.value,
        first_name=form.first_name,
        last_name=form.last_name,
        phone=form.phone or "",
        language=form.language,
        zone=work.settings.desk.zone,
        password_hash=hashed,
        terms_version=TERMS_VERSION,
        terms_at=work.now,
        preferences=preferences,
        created_at=work.now,
    )


def _invitation_of(look: Look, code: str) -> Invitation | None:
    bound = codes.bound_to(look, Purpose.CARE, code)
    if bound is None or not bound.isdecimal():
        return None
    waiting = _invitation.c.state == InvitationState.SENT.value, _invitation.c.expires_at > look.now
    return look.unscoped(Invitation, _invitation.c.id == int(bound), *waiting)


def _hash_invited(look: Look, code: str, form: EndUser) -> dict[str, Any]:
    return _hash(look, form)


@prepared(_hash_invited)
def enter_by_invitation(work: Work, code: str, form: EndUser, *, hashed: str = "") -> Arrived:
    """Sign up with an invitation's code and be in: the code came by mail to the form's address, so it is proved. The
    code is not used up; the invitation is still to be answered."""
    work.require("account.sign_up")
    invitation = _invitation_of(work, code)
    if invitation is None:
        raise Invalid({"code": not_a_code()})
    if addresses.normal(form.email) != invitation.email_key:
        raise Invalid({"email": say(N_("The invitation was sent to another address. Please use that one."))})
    newcomers.hold(work, form.email)
    newcomers.make_room(work, form.email, None, form.email, proved=True)
    by = newcomers.held(work, form.email)
    if not by.free:
        raise Invalid({"email": HAS_ACCOUNT if by.account is not None else IN_USE})
    account_id = _store(work, form, hashed, AccountState.ACTIVE, {})
    account = work.unscoped(Account, _account.c.id == account_id)
    if account is None:
        raise not_found()
    work.record("account.sign_up", "account", account_id, invitation=invitation.id)
    work.mail("welcome_alone", account, name=account.first_name, login=account.login)
    mail_is_enough = sessions.second_step(work.settings, account) != "strong"
    return Arrived(account.login, sessions.begin(work, account) if mail_is_enough else None)
