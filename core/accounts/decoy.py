"""Whoever does not exist is dealt with like somebody who does: on a stand-in, of which nothing stays.

That a name is unknown must not be told by the time an answer takes. Every step taken for a known account is taken for
an unknown name as well, on the desk's first account: the same statements, the same letter sealed and promised. What was
written for it is taken away in the same transaction, by a statement that for a known account meets nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.accounts.login_attempts import login_key
from core.forms import email_address
from core.i18n.sanitize import clean_id
from core.models.accounts import Account, AccountState, Code, Purpose
from core.models.mail import Outbox
from core.service import one_time_codes
from core.service.unit_of_work import ReadContext, Stranger, UnitOfWork, table

_account, _code, _outbox = table(Account), table(Code), table(Outbox)


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """``account`` is whose name was typed, or, not ``known``, the one that stands in. None on a desk without any."""

    account: Account | None
    known: bool
    name: str

    @property
    def owner(self) -> Account | None:
        """The account, when the name is its own."""
        return self.account if self.known else None

    @property
    def bucket(self) -> tuple[str, object]:
        """What quiet limits on the account are counted by, and on a name that is nobody's just so."""
        return ("account", self.account.id) if self.known and self.account else ("nobody", self.name)


def named(look: ReadContext, typed: str, *, active: bool = False) -> NamedAccount:
    """The account with this e-mail address, or else with this login, by one statement that always finds a row. A login
    may be an address that its account has left since: that is first of all the name of whoever has the address now.
    With ``active``, one that can't be used counts as unknown."""
    name, address = login_key(typed), email_address.normal(clean_id(typed, limit=254))
    whose = sa.func.coalesce(
        sa.select(_account.c.id).where(_account.c.email_key == address, sa.literal(bool(address))).scalar_subquery(),
        sa.select(_account.c.id).where(_account.c.login_key == name, sa.literal(bool(name))).scalar_subquery(),
        sa.select(sa.func.min(_account.c.id)).scalar_subquery(),
    )
    account = look.unscoped(Account, _account.c.id == whose)
    if account is None:
        return NamedAccount(None, known=False, name=name)
    known = (bool(address) and account.email_key == address) or (bool(name) and account.login_key == name)
    return NamedAccount(account, known=known and (not active or account.state == AccountState.ACTIVE), name=name)


def issue(work: UnitOfWork, named: NamedAccount, purpose: Purpose, *, keep: bool = False, sent: bool = True) -> str:
    """:func:`core.service.one_time_codes.issue` for whoever was named; for a stand-in (or not ``sent``) a code that
    nobody has."""
    real = named.known and named.account is not None and sent
    owner = named.account.id if real and named.account is not None else None
    code, code_id = one_time_codes.issue_for(work, owner, purpose, keep=keep)
    work.connection.execute(sa.delete(_code).where(_code.c.id == (one_time_codes.NOBODY if real else code_id)))
    return code


def mail(
    work: UnitOfWork,
    letter: str,
    named: NamedAccount,
    *,
    sent: bool = True,
    code: Callable[[], str] | None = None,
    **details: Any,
) -> None:
    """:meth:`core.service.unit_of_work.UnitOfWork.mail` to whoever was named, with what ``code`` makes; for a stand-in
    (or not ``sent``) a letter that nobody gets."""
    account = named.account
    if account is None:
        return
    real = named.known and sent
    to = account if real else Stranger(_nowhere(work, named), account.language)
    letter_id = work.mail(letter, to, code=code, **details)
    work.connection.execute(sa.delete(_outbox).where(_outbox.c.id == (one_time_codes.NOBODY if real else letter_id)))


def _nowhere(look: ReadContext, named: NamedAccount) -> str:
    """Where a letter to nobody is addressed, another place for each name; it never leaves its transaction."""
    return f"{look.keys.mac('nobody', named.name)[:16]}@nobody.invalid"
