"""The owner's way in while strangers' wrong tries hold the name: a code from their own mailbox, and the password.

Whoever knows a login can have the code mailed, so its letters have an allowance of their own, and it can't be used up
against the owner: a code is good for a day, the next letter comes within four hours, and one letter makes no earlier
code void, nor does a log-in with another one, which makes room for another letter. So when nothing is sent any more, a
code that lets in lies in the mailbox already. The code (80 bits) is
looked up before a hash is computed; a wrong one costs nothing and helps nobody guess. With a right one the password's
tries are counted apart from those of strangers. The mailbox was shown, so no log-in code follows; an authenticator
does.
"""

import datetime as dt
from typing import Any

from core.accounts import decoy, login, login_attempts, recovery
from core.accounts.login import Next
from core.accounts.login_attempts import TryRate
from core.errors import Invalid
from core.models.accounts import Account, AccountState, Purpose
from core.security import passwords
from core.service import one_time_codes, throttle
from core.service.actions import open_action
from core.service.desk import paced, prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_account = table(Account)

LETTERS = TryRate(dt.timedelta(hours=4), 3)
"""At most nine a day, however many ask, and one more for each that was used."""


@paced
@open_action("account.ask_way_in")
def ask(work: UnitOfWork, login: str) -> None:
    """Mail a code to whoever has this login or e-mail, unless enough of them lie there. Says nothing about either."""
    named = decoy.named(work, login, active=True)
    if named.account is None:
        return
    sent = LETTERS.hit(work, throttle.bucket(work, "way-in-letter", *named.bucket)) is None

    def code() -> str:
        return decoy.issue(work, named, Purpose.WAY_IN, keep=True, sent=sent)

    decoy.mail(work, "way_in", named, sent=sent, code=code, name=named.account.first_name)
    if sent:  # whoever asks on and on fills neither the mailbox nor the journal
        work.record("account.way_in_asked", "account", named.account.id if named.known else None)


def _owner(look: ReadContext, code: str) -> Account:
    """Whose code this is, without using it up."""
    account_id = one_time_codes.owner(look, Purpose.WAY_IN, code)
    active = _account.c.state == AccountState.ACTIVE.value
    account = None if account_id is None else look.unscoped(Account, _account.c.id == account_id, active)
    if account is None:
        raise Invalid({"code": recovery.not_a_code()})
    return account


def _tries(work: UnitOfWork, account: Account) -> str:
    return throttle.bucket(work, "way-in", account.id)


def _pay(work: UnitOfWork, code: str, password: str, **_: Any) -> None:
    until, _failures = throttle.attempt(work, _tries(work, _owner(work, code)))
    if until is not None:
        raise login_attempts.paused(until, "password")


def _verify(look: ReadContext, code: str, password: str, **_: Any) -> dict[str, Any]:
    checked = _owner(look, code).password_hash
    return {"checked": checked, "verdict": passwords.verify(password, checked)}


_REFUSED = passwords.PasswordVerdict(ok=False)


@prepared(_verify, first=_pay)
@open_action("account.enter")
def enter(
    work: UnitOfWork,
    code: str,
    password: str,
    *,
    remember: bool = False,
    label: str = "",
    checked: str | None = None,
    verdict: passwords.PasswordVerdict = _REFUSED,
) -> Next | None:
    """The mailed code and the password. None: not the password; the code stays good. Raises :class:`Invalid` beside
    ``code`` for one that is not good, and :class:`Throttled` beside ``password`` after many wrong ones."""
    account = _owner(work, code)
    if not verdict.ok or account.password_hash != checked:
        return None
    if one_time_codes.take(work, Purpose.WAY_IN, code) is None:
        raise Invalid({"code": recovery.not_a_code()})
    throttle.clear(work, _tries(work, account))
    LETTERS.give_back(work, throttle.bucket(work, "way-in-letter", "account", account.id))
    login.renew_hash(work, account, verdict)
    work.record("account.way_in", "account", account.id)
    return login.mailbox_shown(work, account, remember=remember, label=label)
