"""The two addresses of a service company that works: each is proved by its own code whenever it is changed. (Before
that they are those of its sign-up, :mod:`core.sign_up.installer`.)

A code belongs to the account that asked for it and is bound to the address, as typed, that it was mailed to. Until it
comes back nothing of a working company changes.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.accounts import address_owner
from core.accounts.recovery import not_a_code
from core.errors import Invalid
from core.forms import email_address
from core.i18n.plain_name import plain_name
from core.models.accounts import Account, Code, Purpose, Standing
from core.models.companies import Company, ServiceProfile
from core.service import one_time_codes
from core.service.unit_of_work import ReadContext, Stranger, UnitOfWork, table

_account, _code = table(Account), table(Code)
_profile, _company = table(ServiceProfile), table(Company)

BOTH = (Purpose.COMPANY, Purpose.MANAGEMENT)
"""The notification address and the management address, by what their codes are for."""
FIELDS = {Purpose.COMPANY: "email", Purpose.MANAGEMENT: "management_email"}
"""Each one's name in the forms and in :class:`ServiceProfile`."""
_KEYS = {Purpose.COMPANY: "email_key", Purpose.MANAGEMENT: "management_key"}
_CONFIRMED = {Purpose.COMPANY: "email_confirmed_at", Purpose.MANAGEMENT: "management_confirmed_at"}


@dataclass(frozen=True, slots=True)
class Proved:
    """An address is proved. ``waits_for`` is the other one while the company waits for that; ``login`` is whose
    account begins to work with the company, and empty when the company worked already."""

    company: str
    address: str
    waits_for: str
    login: str


def columns(purpose: Purpose, email: str, key: str, confirmed_at: dt.datetime | None) -> dict[str, Any]:
    """What an address of a company is stored as."""
    return {FIELDS[purpose]: email, _KEYS[purpose]: key, _CONFIRMED[purpose]: confirmed_at}


def send_code(work: UnitOfWork, purpose: Purpose, account_id: int, email: str, language: str, *, company: str) -> None:
    """Mail a code to an address that is to become the company's. Older ones for the same are void."""
    managing, to = purpose is Purpose.MANAGEMENT, Stranger(email, language)

    def code() -> str:
        void(work, purpose, account_id)
        return one_time_codes.issue(work, account_id, purpose, binding=email)

    if not work.mail("confirm_company", to, code=code, company=plain_name(company), management=managing, form=""):
        keep_waiting(work, purpose, account_id, email)


def keep_waiting(work: UnitOfWork, purpose: Purpose, account_id: int, email: str) -> None:
    """As :func:`send_code` leaves it, for an address that is somebody's: it waits like any other, for a code that
    nobody has."""
    void(work, purpose, account_id)
    one_time_codes.issue(work, account_id, purpose, binding=email)


def void(work: UnitOfWork, purpose: Purpose, account_id: int) -> None:
    """Codes for this address of the account's company, whoever of it asked for them."""
    mine = sa.select(_account.c.company_id).where(_account.c.id == account_id).scalar_subquery()
    people = sa.select(_account.c.id).where(_account.c.company_id == mine)
    unused = _code.c.used_at.is_(None), _code.c.voided_at.is_(None)
    work.change(Code, _code.c.account_id.in_(people), _code.c.purpose == purpose.value, *unused, voided_at=work.now)


def pending(look: ReadContext, company_id: int) -> dict[Purpose, str]:
    """New addresses that wait for their codes."""
    people = sa.select(_account.c.id).where(_account.c.company_id == company_id)
    alive = _code.c.used_at.is_(None), _code.c.voided_at.is_(None), _code.c.expires_at > look.now
    rows = look.rows(
        sa.select(_code.c.purpose, _code.c.binding)
        .where(_code.c.account_id.in_(people), _code.c.purpose.in_([purpose.value for purpose in BOTH]), *alive)
        .order_by(_code.c.id)
    )
    return {Purpose(row.purpose): row.binding for row in rows}


def free_for(look: ReadContext, purpose: Purpose, company_id: int, email: str) -> address_owner.AddressOwner:
    """Whose an address is besides the company's own. The company may be managed at the address of one of its owners,
    as it is from the start; many may read the notification address, so that is nobody's else."""
    by = address_owner.find(look, email)
    ours = by.company is not None and by.company.company_id == company_id
    company = None if ours else by.company
    if purpose is Purpose.COMPANY:
        return address_owner.AddressOwner(by.account, company, by.namesake)
    return address_owner.AddressOwner(
        _unless_owner(by.account, company_id), company, _unless_owner(by.namesake, company_id)
    )


def _unless_owner(account: Account | None, company_id: int) -> Account | None:
    owns = account is not None and account.company_id == company_id and account.standing == Standing.OWNER
    return None if owns else account


def take_code(work: UnitOfWork, typed: str, company_id: int | None = None) -> Proved:
    """Use up a code of a working company's new address; with ``company_id`` only one of that company's. Raises
    :class:`Invalid`."""
    for purpose in BOTH:
        taken = one_time_codes.take(work, purpose, typed)
        if taken is not None:
            break
    else:
        raise Invalid({"code": not_a_code()})
    account = work.unscoped(Account, _account.c.id == taken[0])
    profile = work.unscoped(ServiceProfile, _profile.c.company_id == account.company_id) if account else None
    if account is None or profile is None or company_id not in (None, profile.company_id):
        raise Invalid({"code": not_a_code()})
    name = str(work.value(sa.select(_company.c.name).where(_company.c.id == profile.company_id)))
    return _changed(work, purpose, profile, name, taken[1])


def _changed(work: UnitOfWork, purpose: Purpose, profile: ServiceProfile, name: str, email: str) -> Proved:
    """A working company's address is another one from now on; whoever reads the old one hears of it."""
    address_owner.hold(work, email)
    other = profile.management_key if purpose is Purpose.COMPANY else profile.email_key
    key = email_address.normal(email)
    if key == other or not free_for(work, purpose, profile.company_id, email).free:
        raise Invalid({"code": not_a_code()})
    to = columns(purpose, email, key, work.now)
    work.change(ServiceProfile, _profile.c.company_id == profile.company_id, version=_profile.c.version + 1, **to)
    old = Stranger(getattr(profile, FIELDS[purpose]), profile.language)
    work.mail("company_address_changed", old, company=name, management=purpose is Purpose.MANAGEMENT)
    work.record("company.address", "company", profile.company_id, which=purpose.value)
    return Proved(name, email, "", "")
