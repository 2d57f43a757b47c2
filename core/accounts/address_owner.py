"""What every way of signing up shares: whose an address or a login is, and who hears of it.

What a page answers never depends on what is here already; the mail says it, to the owner of the address. An address
serves one account or one service company only, and the two are different tables: whoever gives an address to somebody
calls :func:`hold` first, so that two who ask for the same one at the same moment come one after the other.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa

from core.accounts import login as account_login
from core.accounts.login_attempts import login_key
from core.errors import say
from core.forms import Check, FormError, Label, email_address
from core.i18n.translation import N_
from core.models.accounts import Account
from core.models.companies import Company, ServiceProfile
from core.service import throttle
from core.service.unit_of_work import ReadContext, Stranger, UnitOfWork, table

_account, _profile, _company = table(Account), table(ServiceProfile), table(Company)

TERMS_VERSION = "2026-11-20"


TermsAccepted = Annotated[
    bool,
    Check(must=True),
    Label(N_("I accept the terms of use, the privacy notice and the storage notice (F6 shows them)")),
]
"""The last field of every form by which somebody begins something here."""


@dataclass(frozen=True, slots=True)
class Started:
    """Mail is on its way to ``address``, says the page in any case. With the ``receipt`` the same person does it over,
    and types the code; ``sign`` stands in the letter too, so that the letters of two sign-ups can be told apart."""

    address: str
    receipt: str
    sign: str


@dataclass(frozen=True, slots=True)
class AddressOwner:
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
    if "@" in login and email_address.normal(login) != email_address.normal(email):
        raise FormError("login", say(N_("A login with @ in it must be your own e-mail address.")))


def hold(work: UnitOfWork, *emails: str, login: str = "") -> None:
    """Let nobody else ask for these addresses, or this login, until this transaction has ended. On SQLite writers take
    turns anyway; on PostgreSQL the second one waits at the row of a bucket, and then sees what the first one did."""
    names = [throttle.bucket(work, "address", key) for key in sorted({email_address.normal(email) for email in emails})]
    if login:
        names.append(throttle.bucket(work, "login-name", login_key(login)))
    for name in names:
        throttle.hit(work, name, every=dt.timedelta(milliseconds=1), burst=1_000_000)


def find(look: ReadContext, email: str) -> AddressOwner:
    """Whose an address is. All is always asked for, so that the time tells nothing."""
    key = email_address.normal(email)
    account = look.unscoped(Account, _account.c.email_key == key)
    return AddressOwner(account, company_at(look, email), account_login.named(look, email))


def company_at(look: ReadContext, email: str) -> ServiceProfile | None:
    """The service company one of whose two addresses this is."""
    key = email_address.normal(email)
    return look.unscoped(ServiceProfile, sa.or_(_profile.c.email_key == key, _profile.c.management_key == key))


def has_login(look: ReadContext, login: str) -> Account | None:
    """Whoever has this login, or ever had it."""
    return look.unscoped(Account, _account.c.login_key == login_key(login))


def tell_holder(work: UnitOfWork, by: AddressOwner, email: str, language: str) -> bool:
    """The owner of an address that somebody wanted learns of it; of one that is a login, whoever reads its mail. Says
    whether the letter leaves."""
    if by.account is not None:
        work.record("account.sign_up_taken", "account", by.account.id)
        return bool(work.mail("sign_up_known", by.account, login=by.account.login, name=by.account.first_name))
    if by.company is not None:
        company = work.unscoped(Company, _company.c.id == by.company.company_id)
        notified = by.company.email_key == email_address.normal(email)
        to = Stranger(by.company.email if notified else by.company.management_email, by.company.language)
        work.record("account.sign_up_taken", "company", by.company.company_id)
        return bool(work.mail("address_of_company", to, company=company.name if company else ""))
    work.record("account.sign_up_taken", "account", by.namesake.id if by.namesake is not None else None)
    return bool(work.mail("login_taken", Stranger(email, language)))
