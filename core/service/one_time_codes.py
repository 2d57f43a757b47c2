"""Codes that are mailed or shown once: how they are made, typed, kept and taken.

A terminal has no links to click, so every mail that would carry one carries a code. Kept is only a keyed MAC; a
code is good for one purpose and one account, once, and is taken by one conditional UPDATE.
"""

import datetime as dt
import hmac
import re
import secrets

import sqlalchemy as sa

from core.clock import AHEAD
from core.errors import Throttled
from core.i18n.sanitize import DASHES
from core.i18n.translation import N_
from core.models.accounts import Code, Purpose
from core.service import throttle
from core.service.unit_of_work import ReadContext, UnitOfWork, table

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""
LENGTH = 16
"""Signs of a code that stands alone: 80 bits."""

LIFETIME = {
    Purpose.LOGIN: dt.timedelta(minutes=10),
    Purpose.RESET: dt.timedelta(minutes=30),
    Purpose.CONFIRM: dt.timedelta(hours=24),
    Purpose.EMAIL: dt.timedelta(hours=24),
    Purpose.INVITE: dt.timedelta(days=28),
    Purpose.COMPANY: dt.timedelta(hours=24),
    Purpose.MANAGEMENT: dt.timedelta(hours=24),
    Purpose.MEMBER: dt.timedelta(days=28),
    Purpose.CARE: dt.timedelta(days=28),
    Purpose.WAY_IN: dt.timedelta(hours=24),
    Purpose.VOUCH: dt.timedelta(days=7),
}

_code = table(Code)

NOBODY = 0
"""The id of no account: whoever does not exist is charged the same statements, so that time tells nothing."""
_forgiven = str.maketrans({"O": "0", "I": "1", "L": "1"})


def make() -> str:
    """A new code that stands alone, as it is shown: ``K7QF-M2XD-9PT3-HWC0``."""
    return grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def make_digits(count: int) -> str:
    """``count`` digits; for codes that are bound to a login attempt."""
    return "".join(secrets.choice("0123456789") for _ in range(count))


def grouped(signs: str) -> str:
    return "-".join(signs[at : at + 4] for at in range(0, len(signs), 4))


def tidy(typed: str) -> str | None:
    """What a person typed, forgiving about case, spaces, dashes and O/0 I/1 L/1; None if it can't be a code."""
    signs = re.sub(rf"[\s{DASHES}.,_]", "", typed).upper().translate(_forgiven)
    return signs if len(signs) == LENGTH and all(sign in ALPHABET for sign in signs) else None


def tidy_digits(typed: str) -> str:
    """The digits of what was typed; people copy spaces along."""
    return re.sub(r"\D", "", typed, flags=re.ASCII)[:12]


def allow(work: UnitOfWork, purpose: Purpose, *whom: object) -> None:
    """At most one a minute and five an hour, whether or not ``whom`` exists; raises :class:`Throttled`."""
    until = _next_time(work, purpose, *whom)
    if until is not None:
        raise Throttled(N_("A code was sent a moment ago. You can ask for another one soon."), until=until)


def within_rate(work: UnitOfWork, purpose: Purpose, *whom: object) -> bool:
    """The same rate, asked quietly: for a limit on the account behind a name that nobody may learn about."""
    return _next_time(work, purpose, *whom) is None


def _next_time(work: UnitOfWork, purpose: Purpose, *whom: object) -> dt.datetime | None:
    minute = throttle.bucket(work, "code-minute", purpose.value, *whom)
    until = throttle.hit(work, minute, every=dt.timedelta(minutes=1), burst=1)
    if until is not None:
        return until
    hour = throttle.bucket(work, "code-hour", purpose.value, *whom)
    return throttle.hit(work, hour, every=dt.timedelta(minutes=12), burst=5)


def issue(
    work: UnitOfWork, account_id: int, purpose: Purpose, *, binding: str = "", digits: int = 0, preset: str = ""
) -> str:
    """Make a code (or take the ``preset`` one), make the older ones of this purpose void, and return it for the
    letter; only its MAC stays."""
    return issue_for(work, account_id, purpose, binding=binding, digits=digits, preset=preset)[0]


def issue_for(
    work: UnitOfWork,
    account_id: int | None,
    purpose: Purpose,
    *,
    binding: str = "",
    digits: int = 0,
    keep: bool = False,
    preset: str = "",
) -> tuple[str, int]:
    """:func:`issue` that returns the code's id as well, can ``keep`` the older ones, and makes one for nobody by the
    same statements (:mod:`core.accounts.decoy`)."""
    if not keep:
        void(work, NOBODY if account_id is None else account_id, purpose)
    code = preset or (make_digits(digits) if digits else make())
    code_id = work.add(
        Code,
        account_id=account_id,
        purpose=purpose.value,
        mac=_mac(work, purpose, code.replace("-", ""), binding if digits else ""),
        binding=binding,
        created_at=work.now,
        expires_at=work.now + LIFETIME[purpose],
        used_at=None,
        voided_at=None,
    )
    return code, code_id


def void(work: UnitOfWork, account_id: int, *purposes: Purpose) -> None:
    """Make an account's unused codes of these purposes worth nothing."""
    work.change(
        Code,
        _code.c.account_id == account_id,
        _code.c.purpose.in_([purpose.value for purpose in purposes]),
        _code.c.used_at.is_(None),
        _code.c.voided_at.is_(None),
        voided_at=work.now,
    )


def issue_bound(work: UnitOfWork, purpose: Purpose, binding: str) -> str:
    """:func:`issue` for somebody who may have no account yet: the code is for ``binding``, such as an invitation's id,
    and makes the older ones for it void."""
    void_bound(work, purpose, binding)
    code = make()
    work.add(
        Code,
        account_id=None,
        purpose=purpose.value,
        mac=_mac(work, purpose, code.replace("-", "")),
        binding=binding,
        created_at=work.now,
        expires_at=work.now + LIFETIME[purpose],
        used_at=None,
        voided_at=None,
    )
    return code


def void_bound(work: UnitOfWork, purpose: Purpose, binding: str) -> None:
    """Make the unused codes for ``binding`` worth nothing."""
    unused = _code.c.used_at.is_(None), _code.c.voided_at.is_(None)
    work.change(Code, _code.c.purpose == purpose.value, _code.c.binding == binding, *unused, voided_at=work.now)


def bound_to(look: ReadContext, purpose: Purpose, typed: str) -> str | None:
    """What a living code is bound to, without using it up: to show somebody what they are about to answer."""
    signs = tidy(typed)
    if signs is None:
        return None
    this_code = _code.c.mac == _mac(look, purpose, signs), _code.c.purpose == purpose.value
    bound = look.value(sa.select(_code.c.binding).where(*_alive(look), *this_code))
    return None if bound is None else str(bound)


def owner(look: ReadContext, purpose: Purpose, typed: str) -> int | None:
    """Whose living code this is, without using it up."""
    signs = tidy(typed)
    if signs is None:
        return None
    this_code = _code.c.mac == _mac(look, purpose, signs), _code.c.purpose == purpose.value
    whose: int | None = look.value(sa.select(_code.c.account_id).where(*_alive(look), *this_code))
    return whose


def take(work: UnitOfWork, purpose: Purpose, typed: str) -> tuple[int | None, str] | None:
    """Use up a code that stands alone. Returns (account id, what it was bound to), or None: no such code, used,
    void or too old, all alike. The account is None for a code that was made by :func:`issue_bound`."""
    signs = tidy(typed)
    if signs is None:
        return None
    row = work.connection.execute(
        sa.update(_code)
        .where(*_alive(work), _code.c.mac == _mac(work, purpose, signs), _code.c.purpose == purpose.value)
        .values(used_at=work.now)
        .returning(_code.c.account_id, _code.c.binding)
    ).first()
    return (row.account_id, row.binding) if row else None


def alive(look: ReadContext, purpose: Purpose, binding: str) -> bool:
    """Whether a code bound to ``binding`` can still be taken."""
    return good_until(look, purpose, binding) is not None


def good_until(look: ReadContext, purpose: Purpose, binding: str) -> dt.datetime | None:
    """When the code bound to ``binding`` runs out; None when there is none that can still be taken."""
    bound = _code.c.purpose == purpose.value, _code.c.binding == binding
    until: dt.datetime | None = look.value(sa.select(_code.c.expires_at).where(*_alive(look), *bound).limit(1))
    return until


def matches(work: UnitOfWork, purpose: Purpose, typed: str, binding: str) -> bool:
    """Use up a code of digits bound to ``binding``. The caller has already paid for the try."""
    row = work.row(
        sa.select(_code.c.id, _code.c.mac).where(
            *_alive(work), _code.c.purpose == purpose.value, _code.c.binding == binding
        )
    )
    mac = _mac(work, purpose, tidy_digits(typed), binding)
    if not hmac.compare_digest(row.mac if row else "0" * 64, mac) or row is None:
        return False
    return work.change(Code, _code.c.id == row.id, _code.c.used_at.is_(None), used_at=work.now) == 1


def _alive(look: ReadContext) -> tuple[sa.ColumnElement[bool], ...]:
    unused = _code.c.used_at.is_(None), _code.c.voided_at.is_(None)
    return *unused, _code.c.expires_at > look.now, _code.c.created_at <= look.now + AHEAD


def _mac(look: ReadContext, purpose: Purpose, signs: str, binding: str = "") -> str:
    return look.keys.mac("code", purpose.value, binding, signs)
