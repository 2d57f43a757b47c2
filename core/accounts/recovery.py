"""Getting back in (also the only way in for accounts moved from an older system)."""

from typing import Any

from core.accounts import decoy, form_fields, pending_login, sessions
from core.accounts import login as account_login
from core.accounts.login_attempts import login_key
from core.errors import Invalid, Say, say
from core.i18n.translation import N_
from core.models.accounts import Account, AccountState, Purpose
from core.security import passwords
from core.service import mail_allowance, one_time_codes
from core.service.actions import open_action
from core.service.desk import paced, prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_account = table(Account)


@paced
@open_action("account.recover")
def ask(work: UnitOfWork, login: str) -> None:
    """Mail a reset code to whoever has this login or e-mail. Says nothing about whether somebody does.

    The same letter names the login, for those who forgot that. Until the code is used the old password works.
    """
    mail_allowance.admit_from_here(work)
    one_time_codes.allow(work, Purpose.RESET, login_key(login))
    named = decoy.named(work, login, active=True)
    if named.account is not None and one_time_codes.within_rate(work, Purpose.RESET, *named.bucket):
        who = named.account

        def code() -> str:
            return decoy.issue(work, named, Purpose.RESET)

        decoy.mail(work, "reset", named, code=code, login=who.login, name=who.first_name)
    work.record("account.reset_asked", "account", named.owner.id if named.owner else None)


def _hash(look: ReadContext, code: str, password: str, again: str) -> dict[str, Any]:
    """Checked and hashed before the transaction. Whose code it is comes out only when it is taken, so rules that need
    the account are checked there."""
    if password != again:
        raise Invalid({"again": form_fields.DIFFER})
    problem = passwords.problem(password, alone=False, context=(look.settings.desk.name,))
    if problem:
        raise Invalid({"password": problem})
    return {"hashed": passwords.hash(password)}


@prepared(_hash)
@open_action("account.set_password")
def set_password(work: UnitOfWork, code: str, password: str, again: str, *, hashed: str = "") -> str:
    """Use the mailed code, of a reset or an invitation, to set a new password; returns the login. Every session and
    remembered login ends.

    It neither logs in nor skips the second step. A refused password leaves the code as it was.
    """
    taken = one_time_codes.take(work, Purpose.RESET, code) or one_time_codes.take(work, Purpose.INVITE, code)
    if taken is None:
        raise Invalid({"code": not_a_code()})
    account = work.unscoped(Account, _account.c.id == taken[0], _account.c.state == AccountState.ACTIVE.value)
    if account is None:
        raise Invalid({"code": not_a_code()})
    problem = weakness(work, account, password)
    if problem:
        raise Invalid({"password": problem})
    replace_password(work, account, hashed)
    return account.login


def not_a_code() -> Say:
    """One sentence for wrong, used, replaced and too old."""
    return say(N_("This code is not good (any more). Check it, or ask for a new one."))


def weakness(look: ReadContext, account: Account, password: str) -> Say | None:
    """What is wrong with ``password`` for this account: too short for its second step, or too close to its names."""
    alone = sessions.second_step(look.settings, account) == "off" and account.totp_secret is None
    context = (account.login, account.email, account.first_name, account.last_name, look.settings.desk.name)
    return passwords.problem(password, alone=alone, context=context)


def replace_password(work: UnitOfWork, account: Account, hashed: str, *, keep_session: int | None = None) -> None:
    """Store a new hash, end everything the old one opened - sessions (but ``keep_session``), remembered logins, half
    logins, codes on their way - and tell the owner by mail."""
    work.change(Account, _account.c.id == account.id, password_hash=hashed)
    sessions.end_all(work, account.id, but=keep_session)
    one_time_codes.void(work, account.id, Purpose.LOGIN, Purpose.RESET, Purpose.INVITE, Purpose.EMAIL, Purpose.WAY_IN)
    pending_login.give_up(work, account.id)
    account_login.forget_failures(work, account)
    pending_login.allow_codes(work, account.id)
    work.mail("password_changed", account, login=account.login, name=account.first_name)
    work.record("account.password", "account", account.id)
