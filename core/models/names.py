"""What people and their roles are called, said once. Light: an interface may import it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from core.i18n.translation import N_

if TYPE_CHECKING:
    import sqlalchemy as sa

ROLE_LABELS: Final = {
    "customer": N_("customer"),
    "installer": N_("installer"),
    "agent": N_("agent"),
    "admin": N_("administrator"),
}
"""By :class:`core.models.accounts.Role`: the msgid of what it is called."""


class HasFullName(Protocol):
    """An account, a form, or a row with these columns; None where an outer join found nobody."""

    @property
    def first_name(self) -> str | None: ...

    @property
    def last_name(self) -> str | None: ...


class HasDisplayName(HasFullName, Protocol):
    """The same with the login."""

    @property
    def login(self) -> str | None: ...


def full_name(person: HasFullName) -> str:
    """First and last name; empty where neither is known."""
    return f"{person.first_name or ''} {person.last_name or ''}".strip()


def display_name(person: HasDisplayName) -> str:
    """How people know an account: its person's name, else its login; empty for nobody."""
    return full_name(person) or person.login or ""


def full_name_column(account: Any) -> sa.ColumnElement[str]:
    """:func:`full_name` in SQL, of the table ``account`` or an alias of it."""
    import sqlalchemy as sa  # deferred: start-up, screens need the labels alone

    return sa.func.trim(account.c.first_name + " " + account.c.last_name)
