"""Coming with an SSH key that the connection has proven: whose it is, and what is still to be shown.

A key is the remembered computer of whoever comes over SSH: customers and installers are logged in by it. Where the
second step is ``strong``, the authenticator follows at each connection; for the owner of an installer company once in
so many days on that key, as at a remembered computer. Where the desk says so, a key of hardware counts as both steps.

Of a key that nobody is logged in by, its holder is asked whether the account that added it is theirs. Nothing is asked
of a key that is somebody's already, so of two accounts that added one the first to be answered has it. What somebody
answers is theirs to answer: they hold the key, and no account says more of itself here than its name.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from core.accounts import login, public_key, sessions, ssh_keys
from core.accounts.login import Next
from core.accounts.own_password import own_account
from core.accounts.sessions import Entered
from core.clock import AHEAD
from core.errors import Conflict, Forbidden
from core.i18n.translation import N_
from core.models.accounts import Account, AccountState
from core.models.names import full_name
from core.models.ssh_keys import SshKey
from core.service.actions import open_action, own_action
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_key, _account = table(SshKey), table(Account)


@dataclass(frozen=True, slots=True)
class Comer:
    """Whose account the key of this connection is, or would be.

    ``step`` is ``ask`` while that has to be asked, and after that what is to be shown: ``authenticator``, ``code`` (by
    mail, and then an authenticator is added) or ``done``.
    """

    step: str
    key_id: int
    login: str
    name: str
    key: str
    """What whoever added the key called it."""
    fingerprint: str
    added_at: dt.datetime
    added_from: str
    """The address it was added from; empty where that is not known."""


def who_comes(look: ReadContext) -> Comer | None:
    """What the key of this connection says; None for one that is unknown, or whose account is switched off."""
    look.require("ssh_key.enter")
    if not look.peer.key:
        return None
    key = _proven(look) or _first_waiting(look)
    account = _owner(look, key) if key is not None else None
    if key is None or account is None:
        return None
    step = "ask" if key.proven_at is None else _still_to_show(look, account, key)
    return Comer(
        step,
        key.id,
        account.login,
        full_name(account),
        key.name,
        key.fingerprint,
        key.added_at,
        key.added_from,
    )


def _proven(look: ReadContext) -> SshKey | None:
    """The row by which the key of this connection logs somebody in."""
    lives = _key.c.proven_at.is_not(None), _key.c.removed_at.is_(None)
    return look.unscoped(SshKey, _key.c.fingerprint == look.peer.key, *lives)


def _waits(look: ReadContext) -> tuple[sa.ColumnElement[bool], ...]:
    """Rows that whoever holds the key of this connection is to be asked about."""
    waiting = _key.c.proven_at.is_(None), _key.c.removed_at.is_(None)
    return _key.c.fingerprint == look.peer.key, *waiting, ~ssh_keys.somebodys(look.peer.key)


def _first_waiting(look: ReadContext) -> SshKey | None:
    """The one that was added first, of accounts that are not switched off."""
    active = sa.select(_account.c.id).where(_account.c.state == AccountState.ACTIVE.value)
    first = sa.select(sa.func.min(_key.c.id)).where(*_waits(look), _key.c.account_id.in_(active))
    return look.unscoped(SshKey, _key.c.id == first.scalar_subquery())


def _owner(look: ReadContext, key: SshKey) -> Account | None:
    return look.unscoped(Account, _account.c.id == key.account_id, _account.c.state == AccountState.ACTIVE.value)


def _still_to_show(look: ReadContext, account: Account, key: SshKey) -> str:
    """What has to follow the proven key."""
    if sessions.second_step(look.settings, account) != "strong":
        return "done"
    if look.settings.serve.hardware_keys == "both" and public_key.is_hardware(key.line):
        return "done"
    if account.totp_secret is None:
        return "code"
    return "done" if sessions.owns(account) and _shown_lately(look, key) else "authenticator"


def _shown_lately(look: ReadContext, key: SshKey) -> bool:
    lately = look.now - dt.timedelta(days=look.settings.security.remember_days)
    return key.authenticator_at is not None and lately < key.authenticator_at <= look.now + AHEAD


@open_action("ssh_key.enter")
def enter(work: UnitOfWork) -> Next | None:
    """Log in by the key that this connection has proven, or begin what has to follow it. None where it logs nobody in.
    Raises :class:`core.errors.Throttled` while no more codes are mailed."""
    key = _proven(work)
    account = _owner(work, key) if key is not None else None
    return None if key is None or account is None else _go_on(work, account, key)


_BY_KEY_ALONE = {
    "": N_("This needs an SSH key of your account: log in without a command, and add it under My account."),
    "ask": N_("Nobody has come with this key yet: come once without a command, to say whose account it is."),
    "authenticator": N_("Your role shows an authenticator besides the key: come without a command."),
    "code": N_("Your role shows an authenticator besides the key: come without a command."),
}


def enter_for_command(work: UnitOfWork) -> Entered:
    """Log in for what is done without a screen, where nothing can be asked: by the key alone, or not at all.

    Raises:
        Forbidden: The key is unknown, waits, or is not all that has to be shown.
    """
    work.require("ssh_key.enter")
    comer = who_comes(work)
    step = comer.step if comer is not None else ""
    entered = (enter(work) or Next("")).entered if step == "done" else None
    if entered is None:
        raise Forbidden(_BY_KEY_ALONE.get(step, _BY_KEY_ALONE[""]))
    return entered


def _go_on(work: UnitOfWork, account: Account, key: SshKey) -> Next:
    step = _still_to_show(work, account, key)
    if step == "done":
        return Next("done", entered=sessions.begin(work, account))
    return login.ask_authenticator(work, account) if step == "authenticator" else login.ask_code(work, account)


@open_action("ssh_key.confirm")
def confirm(work: UnitOfWork, key_id: int) -> Next:
    """Whoever holds the key says that the account is theirs: it logs them in, now and from now on, by the same rules
    as :func:`enter`. Raises :class:`Conflict` when the key has been removed or is somebody's meanwhile."""
    key = work.unscoped(SshKey, _key.c.id == key_id)
    account = _owner(work, key) if key is not None else None
    if (
        key is None
        or account is None
        or work.change(SshKey, _key.c.id == key_id, *_waits(work), proven_at=work.now) == 0
    ):
        raise _gone()
    work.mail("key_confirmed", account, name=account.first_name, key=key.name, fingerprint=key.fingerprint)
    work.record("ssh_key.confirm", "account", account.id, key=key_id)
    return _go_on(work, account, key)


@open_action("ssh_key.refuse")
def refuse(work: UnitOfWork, key_id: int) -> None:
    """Whoever holds the key says that the account is not theirs: it is taken off that account, whose owner is told,
    but not from where."""
    key = work.unscoped(SshKey, _key.c.id == key_id)
    account = _owner(work, key) if key is not None else None
    times = {"removed_at": work.now, "refused_at": work.now}
    if key is None or account is None or work.change(SshKey, _key.c.id == key_id, *_waits(work), **times) == 0:
        raise _gone()
    work.mail("key_refused", account, name=account.first_name, key=key.name, fingerprint=key.fingerprint)
    work.record("ssh_key.refuse", "account", account.id, key=key_id)


def _gone() -> Conflict:
    return Conflict(N_("This key was removed meanwhile, or logs somebody in already."))


@own_action("account.go_on", find=own_account)
def go_on(work: UnitOfWork, account: Account) -> None:
    """A session that was left alone is opened again by a connection that has proven the account's key."""
    work.record("session.taken_over", "account", account.id, key=work.peer.key, address=work.peer.address_text)
