"""The two sides of a grant, as far as letters and statements need them."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.errors import Conflict
from core.i18n.translation import N_
from core.models.accounts import Account, AccountState
from core.models.companies import Company, ServiceProfile
from core.models.names import display_name
from core.service.unit_of_work import ReadContext, Stranger, table

_account, _company, _profile = table(Account), table(Company), table(ServiceProfile)


@dataclass(frozen=True, slots=True)
class ServiceCompany:
    """A service company that works: both of its addresses are confirmed."""

    id: int
    name: str
    email: str
    language: str
    phone: str

    @property
    def box(self) -> Stranger:
        """Its notification address: a mailing list of its people, so no account's."""
        return Stranger(self.email, self.language)


@dataclass(frozen=True, slots=True)
class CustomerRecipient:
    """An account as letters reach it, in the language it chose for them."""

    id: int | None
    email: str
    language: str


_firm = (
    sa.select(_company.c.id, _company.c.name, _profile.c.email, _profile.c.language, _profile.c.phone)
    .join_from(_profile, _company, _profile.c.company_id == _company.c.id)
    .where(_profile.c.active_at.is_not(None))
)


def firm(look: ReadContext, company_id: int | None) -> ServiceCompany:
    """The service company with this id. Raises :class:`Conflict` while it does not work (yet)."""
    row = look.row(_firm.where(_company.c.id == company_id)) if company_id is not None else None
    if row is None:
        raise Conflict(N_("Your company is not registered yet: both of its addresses must be confirmed first."))
    return ServiceCompany(*row)


def firm_by_email(look: ReadContext, email_key: str) -> ServiceCompany | None:
    """The service company that is notified at this address."""
    row = look.row(_firm.where(_profile.c.email_key == email_key))
    return ServiceCompany(*row) if row else None


def customer(look: ReadContext, account_id: int, language: str = "") -> CustomerRecipient | None:
    """The account, if mail still reaches it; ``language`` is the one chosen for this matter."""
    row = look.row(
        sa.select(_account.c.id, _account.c.email, _account.c.language).where(
            _account.c.id == account_id, _account.c.state == AccountState.ACTIVE.value
        )
    )
    return CustomerRecipient(row.id, row.email, language or row.language) if row else None


def active(account_id: Any) -> sa.ColumnElement[bool]:
    """The account in this column is active: part of statements that must not serve one that is gone."""
    return sa.exists().where(_account.c.id == account_id, _account.c.state == AccountState.ACTIVE.value)


def name_of(look: ReadContext, account_id: int | None) -> str:
    """How people know an account: its person's name, or its login."""
    row = look.row(
        sa.select(_account.c.first_name, _account.c.last_name, _account.c.login).where(_account.c.id == account_id)
    )
    return display_name(row) if row else ""
