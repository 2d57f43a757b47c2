"""The own password, asked once more: before what whoever finds an open session must not be able to do."""

import datetime as dt
from typing import Annotated, Any

from pydantic import SecretStr

from core.accounts import login_attempts
from core.accounts.login_attempts import TryRate
from core.errors import Invalid, say
from core.forms import FormModel, Label, Secret
from core.i18n.translation import N_
from core.models.accounts import Account, Session
from core.security import passwords
from core.service import throttle
from core.service.actions import own_action
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table

PasswordNow = Annotated[SecretStr, Secret(), Label(N_("Password now"))]
NOT_YOURS = say(N_("That is not your password."))

OF_ALL_SESSIONS = TryRate(dt.timedelta(minutes=40), 10)
"""Tries at the own password from all the sessions of an account: at most 46 a day. Whoever is kept waiting by somebody
at another session can choose a new password by mail, which ends that session."""


class OwnPassword(FormModel):
    """Nothing but the password."""

    now: PasswordNow


def own_account(look: ReadContext) -> Account:
    """The actor's own account, which they may change."""
    account = look.find(Account, look.actor.account_id or 0)
    look.require("account.change", account)
    return account


def pay(work: UnitOfWork) -> None:
    """Pay for one try: whoever sits at an open session may not guess its password for ever. Raises
    :class:`core.errors.Throttled` beside the field ``now``. The caller is the ``first`` of an own action."""
    own_account(work)
    until, _failures = throttle.attempt(work, _tries_here(work), longest=login_attempts.LONGEST_PAUSE)
    if until is None:
        until = OF_ALL_SESSIONS.hit(work, _tries(work, work.actor.account_id))
    if until is not None:
        raise login_attempts.paused(until, "now")


def check(look: ReadContext, now: SecretStr) -> dict[str, Any]:
    """What was right, for :func:`still`. Raises :class:`Invalid` beside the field ``now``."""
    account = own_account(look)
    if not passwords.verify(now.get_secret_value(), account.password_hash).ok:
        raise Invalid({"now": NOT_YOURS})
    return {"checked": account.password_hash}


def still(work: UnitOfWork, account: Account, checked: str | None) -> None:
    """The password that was checked before the transaction is still the account's: the try is given back."""
    if checked is None or account.password_hash != checked:
        raise Invalid({"now": NOT_YOURS})
    throttle.clear(work, _tries_here(work))
    OF_ALL_SESSIONS.give_back(work, _tries(work, account.id))


def _tries_left(work: UnitOfWork) -> int:
    """How often it can still be tried in this session without a pause."""
    return max(throttle.FREE_FAILURES - throttle.failures(work, _tries_here(work)), 0)


def _tries(work: UnitOfWork, account_id: int | None) -> str:
    return throttle.bucket(work, "own-password", account_id)


def _tries_here(work: UnitOfWork) -> str:
    """One session's pauses are not another's."""
    return throttle.member(work, _tries(work, work.actor.account_id), work.actor.session_id or 0)


class SessionPassword(OwnPassword):
    """What opens a session again that was left alone."""

    now: Annotated[SecretStr, Secret(), Label(N_("Password"))]


def _pay_to_open(work: UnitOfWork, form: SessionPassword) -> None:
    pay(work)


def _compare(look: ReadContext, form: SessionPassword) -> dict[str, Any]:
    account = own_account(look)
    right = passwords.verify(form.now.get_secret_value(), account.password_hash).ok
    return {"checked": account.password_hash if right else None}


@prepared(_compare, first=_pay_to_open)
@own_action("account.open_again", find=own_account)
def open_again(work: UnitOfWork, account: Account, form: SessionPassword, *, checked: str | None = None) -> int | None:
    """The password of a session that was left alone and locked. Tries are paid for as everywhere in an open session.

    Returns:
        None when it was right, else how many tries are left. Returned, not raised, because a try stays paid, and with
        the last one the session ends.
    """
    if checked is not None and checked == account.password_hash:
        still(work, account, checked)
        work.record("session.opened", "account", account.id)
        return None
    left = _tries_left(work)
    if left == 0:
        work.change(Session, table(Session).c.id == work.actor.session_id, ended_at=work.now)
        work.record("session.closed", "account", account.id)
    return left
