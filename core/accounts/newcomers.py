"""What every way of signing up shares: whose an address or a login is, who hears of it, and what makes room.

What a page answers never depends on what is here already; the mail says it, to the owner of the address. An address
serves one account or one service company only, and the two are different tables: whoever gives an address to somebody
calls :func:`hold` first, so that two who ask for the same one at the same moment come one after the other.
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from core import addresses, throttle
from core.accounts import log_in
from core.accounts.models import Account, AccountState, Code
from core.companies.models import Company, ServiceProfile
from core.errors import say
from core.forms import Ask, Check, FormError
from core.mail.models import Outbox
from core.words import N_
from core.work import Look, Stranger, Work, table

_account, _code, _profile, _company = table(Account), table(Code), table(ServiceProfile), table(Company)

TERMS_VERSION = "2026-11-20"
KEPT_FOR = dt.timedelta(hours=24)
"""How long an unconfirmed sign-up holds its login, and one that has proved an address both of them; then somebody else
may take it."""


TermsAccepted = Annotated[
    bool,
    Check(must=True),
    Ask(N_("I accept the terms of use, the privacy notice and the storage notice (F6 shows them)")),
]
"""The last field of every form by which somebody begins something here."""

PERSON, COMPANY = "person", "company"
"""Whose sign-up a receipt is for."""


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


def mark() -> str:
    """What a sign-up is known by, among its account's preferences, beside the number: that is given out again (SQLite)
    when the sign-up is forgotten."""
    return secrets.token_urlsafe(12)


def receipt(look: Look, account_id: int, mark: str, kind: str) -> str:
    """Says to the desk, and to nobody else, which sign-up it is for; 0 for one that could not be taken. ``kind`` keeps
    those of people and those of companies apart."""
    return look.keys.seal("receipt", f"{account_id:020d}{mark}", kind)


def of_receipt(look: Look, receipt: str, kind: str) -> Account | None:
    """The account of a receipt, if it is there still."""
    try:
        opened = look.keys.unseal("receipt", receipt, kind)
    except (InvalidTag, ValueError):
        return None
    account = look.unscoped(Account, _account.c.id == int(opened[:20]))
    return account if account is not None and (account.preferences or {}).get("receipt") == opened[20:] else None


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
    waits = by.company is not None and by.company.active_at is None
    if by.account is not None and not waits:
        work.mail("sign_up_known", by.account, login=by.account.login, name=by.account.first_name)
        work.record("account.sign_up_taken", "account", by.account.id)
    elif by.company is not None:
        company = work.unscoped(Company, _company.c.id == by.company.company_id)
        known = company.name if company else ""
        notified = by.company.email_key == addresses.normal(email)
        to = Stranger(by.company.email if notified else by.company.management_email, by.company.language)
        work.mail("address_of_company", to, company=known, waits=waits)
        work.record("account.sign_up_taken", "company", by.company.company_id)
    elif by.namesake is not None:
        work.mail("login_taken", Stranger(email, language), login=email, name=name, is_address=True)
        work.record("account.sign_up_taken", "account", by.namesake.id)


def make_room(
    work: Work, login: str, mine: Account | None, *emails: str, but: int | None = None, proved: bool = False
) -> None:
    """Unconfirmed sign-ups that stand in the way and may go: the same person's earlier one (``mine``, of their
    receipt), anybody's to the same address (only its owner could confirm it), and one of the same login that nobody
    confirmed in time. ``but`` is the account that asks.

    That of a company goes whole. Once one of its two addresses has been proved it stays for :data:`KEPT_FOR`, whoever
    types the other one; unless that is ``proved`` too, by a code that came to it.
    """
    asked = [addresses.normal(email) for email in emails], proved, login, mine, but
    gone = _in_the_way(work, *asked)
    if gone:
        # One of their codes may come back at this very moment. Whoever takes it has its row first, so that is what is
        # waited for here, before it is asked again who is in the way. (On SQLite writers take turns anyway.)
        theirs = sa.select(_code.c.id).where(_code.c.account_id.in_(gone)).order_by(_code.c.id)
        work.rows(theirs.with_for_update())
        _forget(work, _in_the_way(work, *asked))


def _in_the_way(
    look: Look, keys: list[str], proved: bool, login: str, mine: Account | None, but: int | None
) -> list[int]:
    may_go, stays = _companies_at(look, keys, proved)
    late = sa.and_(_account.c.login_key == log_in.login_key(login), _account.c.created_at < look.now - KEPT_FOR)
    any_of = [late, _account.c.email_key.in_(keys)]
    if mine is not None:
        any_of.append(_account.c.id == mine.id)
    if may_go:  # Asked for by name: with a subquery in its place, no index serves any of these (SQLite)
        any_of.append(_account.c.company_id.in_(may_go))
    waits = _account.c.state == AccountState.UNCONFIRMED.value, _account.c.id.is_distinct_from(but)
    rows = look.rows(sa.select(_account.c.id, _account.c.company_id).where(*waits, sa.or_(*any_of)))
    return [row.id for row in rows if row.company_id not in stays]


def _companies_at(look: Look, keys: list[str], proved: bool) -> tuple[list[int], list[int]]:
    """Companies that don't work yet and have one of these addresses: those that may go, and those that stay."""
    since = sa.select(_company.c.created_at).where(_company.c.id == _profile.c.company_id).scalar_subquery()
    one_proved = sa.or_(_profile.c.email_confirmed_at.is_not(None), _profile.c.management_confirmed_at.is_not(None))
    rows = look.rows(
        sa.select(_profile.c.company_id, sa.and_(one_proved, since >= look.now - KEPT_FOR).label("begun")).where(
            sa.or_(_profile.c.email_key.in_(keys), _profile.c.management_key.in_(keys)), _profile.c.active_at.is_(None)
        )
    )
    stays = [] if proved else [row.company_id for row in rows if row.begun]
    return [row.company_id for row in rows if row.company_id not in stays], stays


def _forget(work: Work, accounts: list[int]) -> None:
    """As if they had never signed up; letters on their way to them are nobody's. What has been confirmed by the time of
    the statements themselves stays."""
    waits = _account.c.id.in_(accounts), _account.c.state == AccountState.UNCONFIRMED.value
    rows = work.rows(sa.select(_account.c.id, _account.c.company_id).where(*waits).with_for_update())
    ids, companies = [row.id for row in rows], [row.company_id for row in rows if row.company_id is not None]
    work.change(Outbox, table(Outbox).c.account_id.in_(ids), account_id=None)
    work.connection.execute(sa.delete(_code).where(_code.c.account_id.in_(ids)))
    work.connection.execute(sa.delete(_account).where(*waits, _account.c.id.in_(ids)))
    if companies:
        unborn = _profile.c.company_id.in_(companies), _profile.c.active_at.is_(None)
        dropped = work.connection.execute(sa.delete(_profile).where(*unborn).returning(_profile.c.company_id))
        work.connection.execute(sa.delete(_company).where(_company.c.id.in_(list(dropped.scalars()))))
