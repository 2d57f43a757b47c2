"""Sign-ups on their way, from the form to the code that comes back: the steps that everybody who signs up goes.

A code is proof of a mailbox, not of a form. Somebody can fill in a form of their own with an address that is not
theirs, and its owner, who is signing up at that very time, would confirm it with a code that is in her own mail. So a
code counts only on the page where its form was sent in (the receipt), or with that form's own login and password.

Nothing is anybody's before that: whoever is first to come back gets login and address. Each form lives or dies by
itself; nobody's sign-up makes another one void.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from core.accounts import address_owner, login_attempts
from core.accounts.address_owner import TERMS_VERSION, Started
from core.accounts.login_attempts import login_key
from core.accounts.recovery import not_a_code
from core.errors import Invalid, say
from core.forms import FormError, LoginName, email_address
from core.i18n.translation import N_
from core.models.accounts import Account, AccountState, Code, Purpose, Registration, RegistrationKind, Role
from core.security import passwords
from core.service import mail_allowance, one_time_codes, throttle
from core.service.unit_of_work import ReadContext, Stranger, UnitOfWork, not_found, table

_registration, _account, _code = table(Registration), table(Account), table(Code)

KEPT_FOR = dt.timedelta(hours=24)
"""How long a sign-up waits for its code; each code that is sent begins that anew."""
BATCH = 200
MARK_BYTES, MARK_SIGNS = 12, 16
"""What a form's mark is made of, and how it is written: a code's binding begins with it."""

OTHER_FORM = say(
    N_(
        "This code was mailed for another form than the one you sent in here. Each letter names its form: please type "
        "the code of yours."
    )
)
NOT_THAT_FORM = say(N_("This is not the login and password of the form that the code was mailed for."))
LOGIN_TAKEN = say(N_("This login was given to somebody before. Choose another one."))
IN_USE_NOW = say(N_("This address has come into use here meanwhile. Please log in, or sign up with another one."))


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """A form as it is kept: what every kind has, and in ``details`` the rest of it."""

    kind: RegistrationKind
    login: str
    email: str
    language: str
    hashed: str = field(repr=False)
    details: dict[str, Any] = field(default_factory=dict)
    contract_id: int | None = None
    notice_email: str = ""
    management_hash: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Proof:
    """That somebody who has a code also sent in the form that it was mailed for."""

    receipt: str = ""
    login: str = ""
    password: str = field(default="", repr=False)


# The receipt


def receipt_of(look: ReadContext, mark: str) -> str:
    """Says to the desk, and to nobody else, which sign-up it is for."""
    return look.keys.seal("receipt", mark, "registration")


def by_receipt(look: ReadContext, receipt: str) -> Registration | None:
    """The sign-up of a receipt, if it is there still."""
    try:
        mark = look.keys.unseal("receipt", receipt, "registration")
    except (InvalidTag, ValueError):
        return None
    return look.unscoped(Registration, _registration.c.mark == mark)


def sign_of(mark: str) -> str:
    """A few signs that stand on the page and in its letters: made here, so that nobody writes to a stranger by them."""
    return "".join(one_time_codes.ALPHABET[ord(sign) % len(one_time_codes.ALPHABET)] for sign in mark[:4])


# Sending a form in


def keep(work: UnitOfWork, asked: RegistrationRequest, receipt: str = "") -> str:
    """Store a form; with the receipt of an earlier one that waits still it takes that one's place. Returns its mark."""
    mine = by_receipt(work, receipt)
    if mine is not None:
        void_replaced(work, mine, Purpose.CONFIRM, asked.email)
    values = {**columns_of(asked), "expires_at": work.now + KEPT_FOR}
    if mine is not None:
        again = _registration.c.mark == mine.mark, _registration.c.kind == asked.kind.value, *waiting(work)
        if work.change(Registration, *again, **values):
            return mine.mark
    mark = secrets.token_urlsafe(MARK_BYTES)
    work.add(Registration, kind=asked.kind.value, mark=mark, created_at=work.now, **values)
    return mark


def columns_of(asked: RegistrationRequest) -> dict[str, Any]:
    """A form as a row, but for its mark and its times."""
    return {
        "login": asked.login,
        "email": asked.email,
        "notice_email": asked.notice_email,
        "language": asked.language,
        "password_hash": asked.hashed,
        "management_hash": asked.management_hash,
        "details": asked.details,
        "contract_id": asked.contract_id,
        "terms_version": TERMS_VERSION,
    }


def waiting(look: ReadContext) -> tuple[sa.ColumnElement[bool], ...]:
    """What must hold for a sign-up to be gone on with, for every statement that relies on it."""
    return _registration.c.done_at.is_(None), _registration.c.expires_at > look.now


def begin(work: UnitOfWork, asked: RegistrationRequest, receipt: str = "", *, in_vain: bool = False) -> Started:
    """Keep a person's form and mail its code, or word to whoever has the address. ``in_vain`` it gets neither, and can
    never be finished: the caller has told whom that concerns."""
    mail_allowance.admit(work)
    mark = keep(work, asked, receipt)
    by = address_owner.find(work, asked.email)
    allow_code(work, Purpose.CONFIRM, mark, asked.email)

    def code() -> str:
        return issue(work, Purpose.CONFIRM, mark, asked.email)

    if by.free and not in_vain:
        work.mail("confirm_address", Stranger(asked.email, asked.language), code=code, form=sign_of(mark))
        work.record("account.sign_up_mailed")  # as an address that is known here leaves one: the same work is done
    elif in_vain or address_owner.tell_holder(work, by, asked.email, asked.language):
        code()  # which nobody gets: what happens here is the same
    return Started(asked.email, receipt_of(work, mark), sign_of(mark))


def allow_code(work: UnitOfWork, purpose: Purpose, mark: str, email: str) -> None:
    """A code for a form: once a minute and five times an hour to one address. Counted by the form too: by the address
    alone, a stranger could keep its owner from signing up."""
    one_time_codes.allow(work, purpose, mark, email_address.normal(email))


def issue(work: UnitOfWork, purpose: Purpose, mark: str, email: str) -> str:
    """A code for one address of a form. It is bound to both: a form may hold another address by the time that the code
    comes back, and one mailbox is no proof of another. Older ones for the same are void."""
    one_time_codes.void_bound(work, purpose, mark)
    return one_time_codes.issue_bound(work, purpose, _binding(work, mark, email))


def void_replaced(work: UnitOfWork, registration: Registration, purpose: Purpose, email: str) -> None:
    """The form is about to hold ``email``: codes that were mailed to another address are worth nothing, whether or not
    a letter leaves for the new one."""
    old = address_for(registration, purpose)
    if email_address.normal(old) != email_address.normal(email):
        for binding in (registration.mark, _binding(work, registration.mark, old)):
            one_time_codes.void_bound(work, purpose, binding)


def address_for(registration: Registration, purpose: Purpose) -> str:
    """The address of a sign-up that codes of this purpose prove."""
    return registration.notice_email if purpose is Purpose.COMPANY else registration.email


def _binding(look: ReadContext, mark: str, email: str) -> str:
    return f"{mark}:{look.keys.mac('sign-up-address', email_address.normal(email))[:32]}"


# The code comes back


def by_code(look: ReadContext, typed: str, *purposes: Purpose) -> tuple[Purpose, Registration] | None:
    """The sign-up that a living code was mailed for, and what for: one that holds the code's address still."""
    for purpose in purposes:
        binding = one_time_codes.bound_to(look, purpose, typed) or ""
        mark, _, address = binding.partition(":")
        registration = look.unscoped(Registration, _registration.c.mark == mark, *waiting(look)) if mark else None
        # An upgrade bound codes of before to the mark alone; those are void once the address is replaced.
        if registration is not None and (
            not address or binding == _binding(look, mark, address_for(registration, purpose))
        ):
            return purpose, registration
    return None


def is_of_form(look: ReadContext, typed: str) -> bool:
    """Whether a code was mailed for a form: then it takes that form's login and password, or its page."""
    look.require("account.recover")
    return by_code(look, typed, Purpose.CONFIRM, Purpose.COMPANY, Purpose.MANAGEMENT) is not None


def knock(work: UnitOfWork, typed: str, proof: Proof, *purposes: Purpose) -> None:
    """Book a try at the login and password of a form, before the slow work."""
    work.require("account.sign_up")
    match = None if proof.receipt else by_code(work, typed, *purposes)
    if match is not None:
        until, _failures = throttle.attempt(work, throttle.bucket(work, "form", match[1].mark))
        if until is not None:
            raise login_attempts.paused(until)


def proved(look: ReadContext, typed: str, proof: Proof, *purposes: Purpose) -> str:
    """The mark of the sign-up that a code was mailed for, once it is proved to be the form of whoever types it. Raises
    :class:`Invalid`: whoever holds the code has the mailbox, so they are told what is wrong."""
    look.require("account.sign_up")
    match = by_code(look, typed, *purposes)
    if match is None:
        raise Invalid({"code": not_a_code()})
    registration = match[1]
    if proof.receipt:
        mine = by_receipt(look, proof.receipt)
        if mine is None or mine.mark != registration.mark:
            raise Invalid({"code": OTHER_FORM})
        return registration.mark
    names = {login_key(registration.login), email_address.normal(registration.email)}
    named = bool(names & {login_key(proof.login), email_address.normal(proof.login)})
    if not passwords.verify(proof.password, registration.password_hash).ok or not named:
        raise Invalid({"password": NOT_THAT_FORM})
    return registration.mark


def taken(work: UnitOfWork, typed: str, mark: str, login: str, *purposes: Purpose) -> tuple[Purpose, Registration]:
    """Use up the code of a sign-up that :func:`proved` gave the mark of, unless its login or address has become
    somebody's: then it says so, the code stays good, and ``login`` may name another one."""
    match = by_code(work, typed, *purposes)
    if match is None or match[1].mark != mark:
        raise Invalid({"code": not_a_code()})
    purpose, registration = match
    email = address_for(registration, purpose)
    wanted = _login(registration, login)
    address_owner.hold(work, registration.email, *filter(None, [registration.notice_email]), login=wanted)
    if not address_owner.find(work, email).free:
        raise Invalid({"code": IN_USE_NOW})
    if address_owner.has_login(work, wanted) is not None:
        raise Invalid({"login": LOGIN_TAKEN})
    if one_time_codes.take(work, purpose, typed) is None:
        raise Invalid({"code": not_a_code()})
    throttle.clear(work, throttle.bucket(work, "form", mark))
    if wanted != registration.login:
        work.change(Registration, _registration.c.mark == mark, login=wanted)
        registration.login = wanted
    return purpose, registration


def _login(registration: Registration, login: str) -> str:
    """The login that is wanted by now: the form's, or the one that was typed in its place."""
    if not login or registration.kind == RegistrationKind.HOME:
        return registration.login
    try:
        wanted = str(LoginName().value(login))
        address_owner.own_address_only(wanted, registration.email)
    except FormError as error:
        raise Invalid({"login": error.say}) from None
    return wanted


def end(work: UnitOfWork, mark: str, *, also: Sequence[sa.ColumnElement[bool]] = ()) -> bool:
    """The account comes now: of two at the same moment one may make it. Nothing but that it is done is kept."""
    mine = _registration.c.mark == mark, *waiting(work), *also
    emptied = {"password_hash": "", "management_hash": "", "details": {}}
    return work.change(Registration, *mine, done_at=work.now, **emptied) == 1


def open_account(work: UnitOfWork, registration: Registration, role: Role, **more: Any) -> Account:
    """The account that a proved sign-up becomes. What its form was kept with by the name of an account's column is the
    account's; ``more`` is what else is known, or known better."""
    details = {name: value for name, value in registration.details.items() if name in Account.model_fields}
    account_id = work.add(
        Account,
        login=registration.login,
        login_key=login_key(registration.login),
        email=registration.email,
        email_key=email_address.normal(registration.email),
        role=role.value,
        state=AccountState.ACTIVE.value,
        language=registration.language,
        password_hash=registration.password_hash,
        terms_version=registration.terms_version,
        terms_at=registration.created_at,
        created_at=work.now,
        **{"zone": work.settings.desk.zone, **details, **more},
    )
    account = work.unscoped(Account, _account.c.id == account_id)
    if account is None:
        raise not_found()
    return account


# Forgetting


def give_up(work: UnitOfWork, contract_ids: Sequence[int]) -> None:
    """What was begun with these contracts comes to nothing."""
    _forget(work, sa.select(_registration.c.mark).where(_registration.c.contract_id.in_(contract_ids)))


def forget(work: UnitOfWork) -> int:
    """A job: sign-ups that nobody came back for in time are gone, with all that was typed. Says how many."""
    over = sa.select(_registration.c.mark).where(_registration.c.expires_at <= work.now)
    return _forget(work, over.order_by(_registration.c.id).limit(BATCH))


def _forget(work: UnitOfWork, chosen: sa.Select[Any]) -> int:
    marks = [row.mark for row in work.rows(chosen)]
    if not marks:
        return 0
    begins = sa.func.substr(_code.c.binding, 1, MARK_SIGNS)  # whatever address the form held when a code was mailed
    bound = _code.c.account_id.is_(None), _code.c.purpose.in_(_PURPOSES), begins.in_(marks)
    work.connection.execute(sa.delete(_code).where(*bound))
    gone = work.connection.execute(sa.delete(_registration).where(_registration.c.mark.in_(marks)))
    return int(gone.rowcount)


_PURPOSES = [each.value for each in (Purpose.CONFIRM, Purpose.COMPANY, Purpose.MANAGEMENT)]
