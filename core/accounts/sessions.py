"""Being logged in, and being remembered."""

import datetime as dt
import secrets
from dataclasses import dataclass, field

import sqlalchemy as sa

from core.accounts import login_attempts, ssh_keys
from core.clock import AHEAD
from core.models.accounts import Account, AccountState, Device, Role, Session, SpentToken, Standing
from core.service.actions import action
from core.service.settings import Policy, Settings
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_session, _device, _account, _spent = table(Session), table(Device), table(Account), table(SpentToken)


@dataclass(frozen=True, slots=True)
class Entered:
    """A login that has passed every step. ``token`` is the remembered login's, when one was asked for and allowed."""

    session_id: int
    account_id: int
    role: str
    token: str | None = field(default=None, repr=False)
    remembering_refused: bool = False


@dataclass(frozen=True, slots=True)
class Remembered:
    """One line of *remembered devices*."""

    id: int
    label: str
    created_at: dt.datetime
    used_at: dt.datetime
    expires_at: dt.datetime


def second_step(settings: Settings, account: Account) -> Policy:
    """What follows the account's password by its role: ``off``, ``mail`` or ``strong``. Whoever decides about an
    installer company's people is a role of its own."""
    policy: Policy = getattr(settings.security.second_step, "installer_owner" if owns(account) else account.role)
    return policy


def owns(account: Account) -> bool:
    """Whether the account decides about the people of an installer company."""
    return account.role == Role.INSTALLER and account.standing == Standing.OWNER


def may_be_remembered(settings: Settings, account: Account, *, authenticator: bool) -> bool:
    """Whether a file on their own computer may let this person in. Where the second step is ``strong`` a file is no
    authenticator, so nobody is; but the owner of an installer company is where an ``authenticator`` was used: what must
    not be changed by whoever finds that computer, the company's data, has the management password."""
    if second_step(settings, account) != "strong":
        return True
    return owns(account) and authenticator and account.totp_secret is not None


def begin(
    work: UnitOfWork, account: Account, *, remember: bool = False, label: str = "", authenticator: bool = False
) -> Entered:
    """Open a session. Nobody is remembered where the file would be everybody's (over SSH), nor who
    :func:`may_be_remembered` says must not be.

    Args:
        authenticator: Whether a code of the account's authenticator was part of this log-in.
    """
    allowed = work.peer.own_computer and may_be_remembered(work.settings, account, authenticator=authenticator)
    device_id, token = _remember(work, account.id, label, authenticator) if remember and allowed else (None, None)
    key_id = ssh_keys.book_use(work, account.id, authenticator=authenticator)
    session_id = _open(work, account.id, device_id, key_id)
    by_key = {"key": key_id} if key_id is not None else {}
    work.record("account.log_in", "account", account.id, **by_key)
    return Entered(session_id, account.id, account.role, token, remembering_refused=remember and not allowed)


def _open(work: UnitOfWork, account_id: int, device_id: int | None, key_id: int | None = None) -> int:
    work.change(Account, _account.c.id == account_id, logged_in_at=work.now)
    login_attempts.remember_source(work, account_id)
    return work.add(
        Session,
        account_id=account_id,
        device_id=device_id,
        ssh_key_id=key_id,
        created_at=work.now,
        expires_at=work.now + dt.timedelta(hours=work.settings.security.session_hours),
        ended_at=None,
    )


def _remember(work: UnitOfWork, account_id: int, label: str, authenticator: bool) -> tuple[int, str]:
    token = secrets.token_urlsafe(32)
    device_id = work.add(
        Device,
        account_id=account_id,
        token_mac=_mac(work, token),
        label=label[:80],
        authenticator=authenticator,
        created_at=work.now,
        used_at=work.now,
        expires_at=work.now + dt.timedelta(days=work.settings.security.remember_days),
        revoked_at=None,
    )
    return device_id, token


def _mac(look: ReadContext, token: str) -> str:
    return look.keys.mac("device", token)


def resume(work: UnitOfWork, token: str) -> Entered | None:
    """Log in by a remembered token and give out the next one; None when it is not (or no longer) good.

    Each token is good until its successor was used: whoever's computer stopped between getting the next one and
    writing it down comes with the last one again, and gets another. A token that was spent before that must have been
    copied, so the computer is forgotten, whoever came in by it is out, and the owner gets a letter. Over SSH nobody is
    remembered: the folder it lies in is everybody's there.
    """
    if not work.peer.own_computer:
        return None
    mac = _mac(work, token)
    alive = _device.c.revoked_at.is_(None), _device.c.expires_at > work.now, _device.c.created_at <= work.now + AHEAD
    device = work.row(
        sa.select(_device).where(sa.or_(_device.c.token_mac == mac, _device.c.previous_mac == mac), *alive)
    )
    if device is None:
        _forget_copied(work, mac)
        return None
    following = secrets.token_urlsafe(32)
    # The one that is neither the successor's nor this one any more: of two that were given out, only one was kept.
    spent = device.previous_mac if device.token_mac == mac else device.token_mac
    still = _device.c.id == device.id, _device.c.token_mac == device.token_mac
    if work.change(Device, *still, token_mac=_mac(work, following), previous_mac=mac, used_at=work.now) == 0:
        return None
    if spent:
        work.add_all(SpentToken, [{"mac": spent, "device_id": device.id, "spent_at": work.now}])
    account = work.unscoped(Account, _account.c.id == device.account_id, _account.c.state == AccountState.ACTIVE.value)
    if account is None or not may_be_remembered(work.settings, account, authenticator=device.authenticator):
        work.change(Device, _device.c.id == device.id, revoked_at=work.now)
        return None
    session_id = _open(work, device.account_id, device.id)
    work.record("account.resume", "account", device.account_id, device=device.id)
    return Entered(session_id, device.account_id, account.role, following)


def _forget_copied(work: UnitOfWork, mac: str) -> None:
    copied = work.row(
        sa.select(_device.c.id, _device.c.account_id, _device.c.label)
        .join_from(_spent, _device, _spent.c.device_id == _device.c.id)
        .where(_spent.c.mac == mac)
    )
    if copied is None or not _revoke(work, copied.id):
        return
    account = work.unscoped(Account, _account.c.id == copied.account_id)
    if account is not None:
        work.mail("device_copied", account, name=account.first_name, device=copied.label)
    work.record("device.copied", "account", copied.account_id, device=copied.id)


def _revoke(work: UnitOfWork, device_id: int) -> bool:
    """Forget a computer and end the sessions that came from it, but the one in which that is being done. Whether it
    was remembered until now."""
    spared = _session.c.id != work.actor.session_id if work.actor.session_id is not None else sa.true()
    work.change(Session, _session.c.device_id == device_id, _session.c.ended_at.is_(None), spared, ended_at=work.now)
    return work.change(Device, _device.c.id == device_id, _device.c.revoked_at.is_(None), revoked_at=work.now) == 1


SPENT_AT_ONCE = 500


def forget_spent(work: UnitOfWork) -> int:
    """A job: spent tokens of computers that would be forgotten by now anyway tell nothing any more."""
    over = sa.select(_device.c.id).where(_device.c.expires_at <= work.now)
    old = sa.select(_spent.c.mac).where(_spent.c.device_id.in_(over)).limit(SPENT_AT_ONCE)
    return work.connection.execute(sa.delete(_spent).where(_spent.c.mac.in_(old))).rowcount


KEPT_FOR = dt.timedelta(days=30)


def forget_over(work: UnitOfWork) -> int:
    """A job: log-ins that ran out a month ago. What they did stands in the journal."""
    over = sa.select(_session.c.id).where(_session.c.expires_at <= work.now - KEPT_FOR).limit(SPENT_AT_ONCE)
    return work.connection.execute(sa.delete(_session).where(_session.c.id.in_(over))).rowcount


def log_out(work: UnitOfWork) -> None:
    """End this session, and the remembered login it came from or made."""
    row = work.row(sa.select(_session.c.device_id).where(_session.c.id == work.actor.session_id))
    work.change(Session, _session.c.id == work.actor.session_id, ended_at=work.now)
    if row is not None and row.device_id is not None:
        work.change(Device, _device.c.id == row.device_id, revoked_at=work.now)
    work.record("account.log_out", "account", work.actor.account_id)


def end_all(work: UnitOfWork, account_id: int, *, but: int | None = None) -> None:
    """End every session and remembered login of an account, and remove its SSH keys: its password changed, or somebody
    unlocked it.

    ``but`` is the session in which the person is doing so; the key that it came by stays.
    """
    ssh_keys.end_all(work, account_id, but=but)
    spared = _session.c.id != but if but is not None else sa.true()
    work.change(Session, _session.c.account_id == account_id, _session.c.ended_at.is_(None), spared, ended_at=work.now)
    work.change(Device, _device.c.account_id == account_id, _device.c.revoked_at.is_(None), revoked_at=work.now)


def remembered(look: ReadContext) -> list[Remembered]:
    """The actor's own remembered devices, the latest used first."""
    rows = look.rows(
        look.scoped(
            Device, _device.c.id, _device.c.label, _device.c.created_at, _device.c.used_at, _device.c.expires_at
        )
        .where(_device.c.revoked_at.is_(None), _device.c.expires_at > look.now)
        .order_by(_device.c.used_at.desc(), _device.c.id.desc())
    )
    return [Remembered(*row) for row in rows]


@action("device.forget", on=Device)
def forget(work: UnitOfWork, device: Device) -> None:
    """Revoke one of the actor's remembered devices: its token is worth nothing from now on, and who came in by it is
    out."""
    _revoke(work, device.id)
    work.record("device.forget", "account", work.actor.account_id, device=device.id)
