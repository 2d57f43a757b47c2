"""What every way of signing up shares: whose an address or a login is, who hears of it, and what makes room.

What a page answers never depends on what is here already; the mail says it, to the owner of the address. An address
serves one account or one service company only, and the two are different tables: whoever gives an address to somebody
calls :func:`hold` first, so that two who ask for the same one at the same moment come one after the other.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from core import addresses, throttle
from core.accounts import log_in
from core.accounts.models import Account, AccountState, Code
from core.companies.models import Company, ServiceProfile
from core.errors import say
from core.kinds import FormError
from core.mail.models import Outbox
from core.words import N_
from core.work import Look, Stranger, Work, table

_account, _code, _profile, _company = table(Account), table(Code), table(ServiceProfile), table(Company)

TERMS_VERSION = "2026-11"
KEPT_FOR = dt.timedelta(hours=24)
"""How long an unconfirmed sign-up holds its login; then somebody else may take it."""


@dataclass(frozen=True, slots=True)
class Started:
    """Mail is on its way to ``address``, says the page in any case. ``receipt`` lets the same person do it over."""

    address: str
    receipt: str


@dataclass(frozen=True, slots=True)
class Held:
    """Whose an address is: an account's, a service company's, or only the login of an account that has left it. The
    last one is in the way too: mail of one and log-ins of the other would meet under it."""

    account: Account | None
    company: ServiceProfile | None
    namesake: Account | None

    @property
    def free(self) -> bool:
        """Nobody's."""
        return self.account is None and self.company is None and self.namesake is None


def own_address_only(login: str, email: str) -> None:
    """A login that looks like an address must be the account's own: people log in by either."""
    if "@" in login and addresses.normal(login) != addresses.normal(email):
        raise FormError("login", say(N_("A login with @ in it must be your own e-mail address.")))


def receipt_mac(work: Work, receipt: str) -> str:
    """What is kept of a receipt."""
    return work.keys.mac("receipt", receipt)


def hold(work: Work, *emails: str) -> None:
    """Let nobody else ask for these addresses until this transaction has ended. On SQLite writers take turns anyway;
    on PostgreSQL the second one waits at the row of a bucket, and then sees what the first one did."""
    for key in sorted({addresses.normal(email) for email in emails}):
        throttle.hit(work, throttle.bucket(work, "address", key), every=dt.timedelta(milliseconds=1), burst=1_000_000)


def held(look: Look, email: str) -> Held:
    """Whose an address is. All is always asked for, so that the time tells nothing."""
    key = addresses.normal(email)
    account = look.unscoped(Account, _account.c.email_key == key)
    return Held(account, company_at(look, email), log_in.named(look, email))


def company_at(look: Look, email: str) -> ServiceProfile | None:
    """The service company one of whose two addresses this is."""
    key = addresses.normal(email)
    return look.unscoped(ServiceProfile, sa.or_(_profile.c.email_key == key, _profile.c.management_key == key))


def has_login(look: Look, login: str) -> Account | None:
    """Whoever has this login, or ever had it."""
    return look.unscoped(Account, _account.c.login_key == log_in.login_key(login))


def tell_holder(work: Work, by: Held, email: str, language: str, name: str) -> None:
    """The owner of an address that somebody wanted learns of it; of one that is a login, whoever wanted it."""
    if by.account is not None:
        work.mail("sign_up_known", by.account, login=by.account.login, name=by.account.first_name)
        work.record("account.sign_up_taken", "account", by.account.id)
    elif by.company is not None:
        company = work.unscoped(Company, _company.c.id == by.company.company_id)
        known = company.name if company else ""
        work.mail("address_of_company", Stranger(email, by.company.language), company=known)
        work.record("account.sign_up_taken", "company", by.company.company_id)
    elif by.namesake is not None:
        work.mail("login_taken", Stranger(email, language), login=email, name=name, is_address=True)
        work.record("account.sign_up_taken", "account", by.namesake.id)


def make_room(work: Work, login: str, receipt: str, *emails: str, but: int | None = None) -> None:
    """Unconfirmed sign-ups that stand in the way and may go: the same person's earlier one, anybody's to the same
    address (only its owner could confirm it), and one of the same login that nobody confirmed in time. That of a
    company goes whole, though one of its two addresses may have been confirmed. ``but`` is the account
    that asks."""
    keys = [addresses.normal(email) for email in emails]
    mine = _account.c.preferences["receipt"].as_string() == receipt_mac(work, receipt) if receipt else sa.false()
    late = sa.and_(_account.c.login_key == log_in.login_key(login), _account.c.created_at < work.now - KEPT_FOR)
    by_company = _account.c.company_id.in_(
        sa.select(_profile.c.company_id).where(
            sa.or_(_profile.c.email_key.in_(keys), _profile.c.management_key.in_(keys)), _profile.c.active_at.is_(None)
        )
    )
    in_the_way = sa.or_(mine, late, _account.c.email_key.in_(keys), by_company)
    gone = work.rows(
        sa.select(_account.c.id, _account.c.company_id).where(
            _account.c.state == AccountState.UNCONFIRMED.value, in_the_way, _account.c.id.is_distinct_from(but)
        )
    )
    if gone:
        _forget(work, [row.id for row in gone], [row.company_id for row in gone if row.company_id is not None])


def _forget(work: Work, accounts: list[int], companies: list[int]) -> None:
    """As if they had never signed up; letters on their way to them are nobody's."""
    work.change(Outbox, table(Outbox).c.account_id.in_(accounts), account_id=None)
    work.connection.execute(sa.delete(_code).where(_code.c.account_id.in_(accounts)))
    work.connection.execute(sa.delete(_account).where(_account.c.id.in_(accounts)))
    if companies:
        waiting = _profile.c.company_id.in_(companies), _profile.c.active_at.is_(None)
        work.connection.execute(sa.delete(_profile).where(*waiting))
        work.connection.execute(sa.delete(_company).where(_company.c.id.in_(companies)))
