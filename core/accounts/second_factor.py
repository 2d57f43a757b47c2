"""The authenticator app and its recovery codes (RFC 6238)."""

import datetime as dt
import secrets as random
from dataclasses import dataclass, field

import pyotp
import sqlalchemy as sa

from core.accounts import login_attempts
from core.accounts.sessions import second_step
from core.errors import Forbidden, Invalid, say
from core.i18n.sanitize import fold
from core.i18n.translation import N_
from core.models.accounts import Account, Code, Purpose
from core.service import one_time_codes, throttle
from core.service.actions import own_action
from core.service.desk import nothing, prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_account, _code = table(Account), table(Code)

STEP = 30
"""Seconds a code lives; one step to either side is accepted, each step once."""
RECOVERY_CODES = 10
QR_ROOM = 106
"""Bytes in a QR code of version 5, level L."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an authenticator app needs: the address for its camera, and the same for typing."""

    uri: str = field(repr=False)
    secret: str = field(repr=False)


def begin(work: UnitOfWork, account: Account) -> Draft:
    """Make a secret for ``account`` and keep it, sealed, until :func:`finish` proves that it was scanned."""
    secret = pyotp.random_base32(length=32)
    work.change(Account, _account.c.id == account.id, totp_draft=_seal(work, account.id, secret))
    uri = _uri(secret, account.login, work.settings.desk.name)
    return Draft(uri, " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)))


def _uri(secret: str, login: str, desk: str) -> str:
    """The address in the QR code, its names cut until it fits: 41 by 21 cells is all that 80 by 24 has room for."""
    issuer, name = fold(desk)[:12].strip(), login
    while True:
        uri = str(pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer.title()))
        if len(uri) <= QR_ROOM or len(name) <= 1:
            return uri
        name = name[:-1]


def finish(work: UnitOfWork, account: Account, typed: str) -> list[str]:
    """Turn the draft into the account's second step and return ten recovery codes, shown this once."""
    step = _matching_step(work, account.id, account.totp_draft, typed)
    if step is None:
        raise Invalid({"code": say(N_("That is not the code the app shows now. Wait for the next one and type it."))})
    work.change(Account, _account.c.id == account.id, totp_secret=account.totp_draft, totp_draft=None, totp_step=step)
    work.record("second_step.on", "account", account.id)
    work.mail("second_step_changed", account, on=True)
    return new_recovery_codes(work, account.id)


def accepts(work: UnitOfWork, account: Account, typed: str) -> bool:
    """Whether ``typed`` is a code of the account's authenticator that was not used before, or a recovery code."""
    step = _matching_step(work, account.id, account.totp_secret, typed)
    if step is not None:
        newer = _account.c.totp_step < step
        return work.change(Account, _account.c.id == account.id, newer, totp_step=step) == 1
    taken = _take_recovery(work, account.id, typed)
    if taken:
        work.record("second_step.recovery_code", "account", account.id)
        work.mail("recovery_code_used", account, left=_recovery_left(work, account.id))
    return taken


def _matching_step(work: UnitOfWork, account_id: int, sealed: str | None, typed: str) -> int | None:
    """The time step whose code ``typed`` is, within one step of now."""
    digits = one_time_codes.tidy_digits(typed)
    if sealed is None or len(digits) != 6 or one_time_codes.tidy(typed):
        return None
    totp = pyotp.TOTP(work.keys.unseal("totp", sealed, str(account_id)))
    now = int(work.now.timestamp())
    for step in (now // STEP - 1, now // STEP, now // STEP + 1):
        if random.compare_digest(totp.at(for_time=step * STEP), digits):
            return step
    return None


def _seal(work: UnitOfWork, account_id: int, secret: str) -> str:
    return work.keys.seal("totp", secret, str(account_id))


def new_recovery_codes(work: UnitOfWork, account_id: int) -> list[str]:
    """Ten new codes; older ones are worth nothing from now on."""
    work.change(
        Code,
        _code.c.account_id == account_id,
        _code.c.purpose == Purpose.RECOVERY.value,
        *_unused(),
        voided_at=work.now,
    )
    fresh = [one_time_codes.make() for _ in range(RECOVERY_CODES)]
    far = work.now + dt.timedelta(days=36500)
    work.add_all(
        Code,
        [
            {
                "account_id": account_id,
                "purpose": Purpose.RECOVERY.value,
                "mac": _recovery_mac(work, account_id, code.replace("-", "")),
                "created_at": work.now,
                "expires_at": far,
                "used_at": None,
                "voided_at": None,
            }
            for code in fresh
        ],
    )
    return fresh


def _take_recovery(work: UnitOfWork, account_id: int, typed: str) -> bool:
    signs = one_time_codes.tidy(typed)
    if signs is None:
        return False
    mine = _code.c.mac == _recovery_mac(work, account_id, signs)
    return work.change(Code, mine, _code.c.account_id == account_id, *_unused(), used_at=work.now) == 1


def _recovery_mac(work: UnitOfWork, account_id: int, signs: str) -> str:
    return work.keys.mac("recovery", str(account_id), signs)


def _recovery_left(work: UnitOfWork, account_id: int) -> int:
    query = sa.select(sa.func.count()).where(
        _code.c.account_id == account_id, _code.c.purpose == Purpose.RECOVERY.value, *_unused()
    )
    return int(work.value(query))


def _unused() -> tuple[sa.ColumnElement[bool], ...]:
    return _code.c.used_at.is_(None), _code.c.voided_at.is_(None)


def turn_off(work: UnitOfWork, account: Account, typed: str) -> None:
    """Back to mailed codes, for whoever may: staff must keep theirs. Asks for a current code."""
    if second_step(work.settings, account) == "strong":
        raise Forbidden(N_("Your role needs an authenticator. You can change it for another one, not switch it off."))
    if not accepts(work, account, typed):
        raise Invalid({"code": say(N_("That is not a code of your authenticator."))})
    work.change(Account, _account.c.id == account.id, totp_secret=None, totp_draft=None)
    work.record("second_step.off", "account", account.id)
    work.mail("second_step_changed", account, on=False)


def _own(look: ReadContext) -> Account:
    return look.find(Account, look.actor.account_id or 0)


@own_action("account.finish_authenticator", find=_own)
def finish_own(work: UnitOfWork, account: Account, typed: str) -> list[str]:
    """:func:`finish` for the actor's own account."""
    return finish(work, account, typed)


def _pay(work: UnitOfWork, typed: str) -> None:
    """Whoever sits at an open session may not guess six digits for ever."""
    until, _failures = throttle.attempt(work, _bucket(work), longest=login_attempts.LONGEST_PAUSE)
    if until is not None:
        raise login_attempts.paused(until, "code")


def _bucket(work: UnitOfWork) -> str:
    """One session's: whoever guesses at another one keeps nobody waiting here."""
    return throttle.member(work, throttle.bucket(work, "own-code", work.actor.account_id), work.actor.session_id or 0)


@prepared(nothing, first=_pay)
@own_action("account.end_authenticator", find=_own)
def turn_off_own(work: UnitOfWork, account: Account, typed: str) -> None:
    """:func:`turn_off` for the actor's own account. Wrong tries are throttled."""
    turn_off(work, account, typed)
    throttle.clear(work, _bucket(work))
