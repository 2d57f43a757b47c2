"""Logging in: login or e-mail and password, then the second step.

What is said and how long it takes does not tell whether an account exists: the try is booked first, a hash is
computed in any case, and one sentence serves an unknown login, a wrong password, an account that has not been
confirmed, was switched off, or was moved here without a password.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from core.accounts import decoy, login_attempts, pending_login, second_factor, sessions
from core.accounts.decoy import NamedAccount
from core.accounts.login_attempts import TryRate, login_key
from core.accounts.pending_login import AttemptOver
from core.accounts.sessions import Entered
from core.errors import Invalid, say
from core.forms import email_address
from core.i18n.translation import N_
from core.models.accounts import Account, AccountState, Purpose
from core.security import passwords
from core.service import one_time_codes, throttle
from core.service.actions import open_action
from core.service.desk import nothing, paced, prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_account = table(Account)

DIGITS = {"customer": 6, "installer": 6, "agent": 8, "admin": 8}


LOCKED_LETTERS = TryRate(dt.timedelta(days=1), 1)


@dataclass(frozen=True, slots=True)
class Next:
    """What comes after the password: ``step`` is ``code``, ``authenticator``, ``enrol`` or ``done``.

    ``attempt`` names the attempt to the next call; with ``done`` the login is ``entered``. ``address`` is where the
    code went, with most of it hidden.
    """

    step: str
    attempt: str = ""
    digits: int = 6
    address: str = ""
    entered: Entered | None = None


def by_name(look: ReadContext, typed: str) -> Account | None:
    """The account with this e-mail address, or else with this login (:func:`core.accounts.decoy.named`)."""
    return decoy.named(look, typed).owner


def named(look: ReadContext, email: str) -> Account | None:
    """The account whose *login* is this address. It keeps that name when its address changes, so nobody else may have
    the address: mail of one and log-ins of the other would meet under it."""
    keys = {login_key(email), email_address.normal(email)}
    return look.unscoped(Account, _account.c.login_key.in_(keys))


def _knock(work: UnitOfWork, login: str, password: str, **_: Any) -> dict[str, Any]:
    """Book the try before the slow work, for names that exist and names that don't alike."""
    held_until = login_attempts.book(work, login)
    if held_until is not None:
        _tell_owner(work, decoy.named(work, login, active=True), held_until)
    return {"held_until": held_until}


def forget_failures(work: UnitOfWork, account: Account) -> None:
    """A new password or an agent's unlock: both names of the account are free again."""
    login_attempts.forget(work, account)


def _verify(
    look: ReadContext, login: str, password: str, *, held_until: dt.datetime | None = None, **_: Any
) -> dict[str, Any]:
    """While the name is held, only the password of an account that knows this source is compared; one hash is computed
    in any case."""
    named = decoy.named(look, login)
    familiar = login_attempts.is_familiar(look, named.account.id if named.account else one_time_codes.NOBODY)
    checked = named.owner.password_hash if named.owner and (held_until is None or familiar) else None
    return {"checked": checked, "verdict": passwords.verify(password, checked)}


_REFUSED = passwords.PasswordVerdict(ok=False)


@paced
@prepared(_verify, first=_knock)
@open_action("account.log_in")
def password(
    work: UnitOfWork,
    login: str,
    password: str,
    *,
    remember: bool = False,
    label: str = "",
    held_until: dt.datetime | None = None,
    checked: str | None = None,
    verdict: passwords.PasswordVerdict = _REFUSED,
) -> Next | None:
    """The first step. None: login or password is wrong. Raises :class:`Throttled` while the name is paused for this
    source, or held: then :mod:`core.accounts.login_unlock` lets the owner in."""
    named = decoy.named(work, login)
    account = named.owner
    if account is None or not verdict.ok or account.password_hash != checked or account.state != AccountState.ACTIVE:
        if held_until is not None:
            raise login_attempts.paused(held_until)
        _tell_owner(work, named, login_attempts.pause_begins(work, login))
        return None
    login_attempts.right(work, account, login, held_until)
    renew_hash(work, account, verdict)
    return _second_step(work, account, remember, label)


def renew_hash(work: UnitOfWork, account: Account, verdict: passwords.PasswordVerdict) -> None:
    """Store the stronger hash of a password that was right, if it came with one."""
    if verdict.new_hash is not None:
        work.change(Account, _account.c.id == account.id, password_hash=verdict.new_hash)


def _tell_owner(work: UnitOfWork, named: NamedAccount, until: dt.datetime | None) -> None:
    """Logging in is closed to strangers until then: whoever owns the account should know, once a day."""
    if until is None or named.account is None:
        return
    if LOCKED_LETTERS.hit(work, throttle.bucket(work, "locked-letter", *named.bucket)) is None:
        decoy.mail(work, "account_locked", named, until=until.isoformat())
        work.record("account.paused", "account", named.account.id if named.known else None)


def mailbox_shown(work: UnitOfWork, account: Account, *, remember: bool, label: str) -> Next:
    """What follows a right password that came with a code from the account's mailbox: never another one."""
    if account.totp_secret is not None:
        return _next(account, "authenticator", pending_login.begin(work, account, "authenticator", mailbox=True))
    if sessions.second_step(work.settings, account) == "strong":
        return _next(account, "enrol", pending_login.begin(work, account, "enrol", mailbox=True))
    pending_login.allow_codes(work, account.id)
    return Next("done", entered=sessions.begin(work, account, remember=remember, label=label))


def _second_step(work: UnitOfWork, account: Account, remember: bool, label: str) -> Next:
    policy = sessions.second_step(work.settings, account)
    if policy == "off" and account.totp_secret is None:
        return Next("done", entered=sessions.begin(work, account, remember=remember, label=label))
    return ask_authenticator(work, account) if account.totp_secret is not None else ask_code(work, account)


def ask_authenticator(work: UnitOfWork, account: Account) -> Next:
    """The account's authenticator is to be shown next."""
    return _next(account, "authenticator", pending_login.begin(work, account, "authenticator"))


def ask_code(work: UnitOfWork, account: Account) -> Next:
    """A code is mailed and asked for next. Raises :class:`Throttled` while no more are mailed."""
    attempt = pending_login.waiting(work, account.id)
    if attempt is None:
        attempt = pending_login.begin(work, account, "code")
        _mail_code(work, account, attempt)
    return _next(account, "code", attempt)


def _next(account: Account, step: str, attempt: str) -> Next:
    return Next(step, attempt, DIGITS[account.role] if step == "code" else 6, veiled(account.email))


def veiled(address: str) -> str:
    """Enough of an address for its owner to know it: ``a…a@example.com``."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}…{local[-1:] if len(local) > 2 else ''}@{domain}"


def _mail_code(work: UnitOfWork, account: Account, attempt: str) -> None:
    code = one_time_codes.issue(work, account.id, Purpose.LOGIN, binding=attempt, digits=DIGITS[account.role])
    work.mail("login_code", account, secrets_={"code": code}, name=account.first_name)


def again(work: UnitOfWork, attempt: str) -> Next:
    """Mail a new code for this attempt; the older one is void. The tries are the attempt's: a new code brings none."""
    account = pending_login.account_of(work, attempt, "code", tries=True)
    one_time_codes.allow(work, Purpose.LOGIN, account.id)
    _mail_code(work, account, attempt)
    return _next(account, "code", attempt)


def _pay_code(work: UnitOfWork, attempt: str, typed: str, *, remember: bool = False, label: str = "") -> None:
    pending_login.pay(work, attempt, "code")


def _pay_authenticator(work: UnitOfWork, attempt: str, typed: str, *, remember: bool = False, label: str = "") -> None:
    pending_login.pay(work, attempt, "authenticator")


@prepared(nothing, first=_pay_code)
def code(work: UnitOfWork, attempt: str, typed: str, *, remember: bool = False, label: str = "") -> Next:
    """The mailed code. A wrong one says how many tries are left; after the fifth the attempt is over. Raises
    :class:`Throttled` while the account's second step is paused."""
    account = pending_login.account_of(work, attempt, "code")
    if not one_time_codes.matches(work, Purpose.LOGIN, typed, attempt):
        return _wrong(work, account, attempt)
    if sessions.second_step(work.settings, account) == "strong":
        return _next(account, "enrol", pending_login.go_on(work, attempt, "enrol"))
    return Next("done", entered=_entered(work, account, attempt, remember, label, authenticator=False))


@prepared(nothing, first=_pay_authenticator)
def authenticator(work: UnitOfWork, attempt: str, typed: str, *, remember: bool = False, label: str = "") -> Next:
    """A code of the authenticator app, or one of the recovery codes. Raises :class:`Throttled` as :func:`code`."""
    account = pending_login.account_of(work, attempt, "authenticator")
    if not second_factor.accepts(work, account, typed):
        return _wrong(work, account, attempt)
    return Next("done", entered=_entered(work, account, attempt, remember, label, authenticator=True))


def _entered(
    work: UnitOfWork, account: Account, attempt: str, remember: bool, label: str, *, authenticator: bool
) -> Entered:
    pending_login.complete(work, attempt, account.id)
    return sessions.begin(work, account, remember=remember, label=label, authenticator=authenticator)


@dataclass(frozen=True, slots=True)
class Wrong(Next):
    """Not that code: ``left`` tries remain. Returned, not raised, because the try that was paid for must stay paid."""

    left: int = 0


def _wrong(work: UnitOfWork, account: Account, attempt: str) -> Next:
    return Wrong("wrong", left=pending_login.left(work, account, attempt))


def wrong_code(left: int) -> Invalid:
    """The sentence for :class:`Wrong`, beside the field."""
    if left == 0:
        return Invalid({"code": say(N_("That is not the code, and it was the last try. Please log in again."))})
    return Invalid({"code": say(N_("That is not the code. Tries left: {left}."), left=left)})


def enrolling(work: UnitOfWork, attempt: str) -> Account:
    """The account whose attempt has passed the code and must now add an authenticator.

    One that has got one meanwhile has to show it: another attempt may not put its own in that place.
    """
    account = pending_login.account_of(work, attempt, "enrol")
    if account.totp_secret is not None:
        raise AttemptOver()
    return account


def begin_enrolling(work: UnitOfWork, attempt: str) -> second_factor.Draft:
    """A new secret for the authenticator of an attempt that has passed the code."""
    return second_factor.begin(work, enrolling(work, attempt))


def enrol(
    work: UnitOfWork, attempt: str, typed: str, *, remember: bool = False, label: str = ""
) -> tuple[list[str], Entered]:
    """The authenticator is added and the log-in finished in one transaction. Returns the recovery codes, shown this
    once, and what was entered."""
    codes = second_factor.finish(work, enrolling(work, attempt), typed)
    return codes, finish_enrolling(work, attempt, remember=remember, label=label)


def finish_enrolling(work: UnitOfWork, attempt: str, *, remember: bool = False, label: str = "") -> Entered:
    """The authenticator was added: in."""
    account = pending_login.account_of(work, attempt, "enrol")
    if account.totp_secret is None:
        raise AttemptOver()
    return _entered(work, account, attempt, remember, label, authenticator=True)
