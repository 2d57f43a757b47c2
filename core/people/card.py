"""One person with an account, as the desk's staff see them."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from core.models.accounts import Account, Session
from core.models.companies import Company
from core.models.names import full_name
from core.models.subscribers import Subscriber
from core.people.staff import PersonRow
from core.service.unit_of_work import ReadContext, not_found, table

_account, _company, _subscriber = table(Account), table(Company), table(Subscriber)
_session = table(Session)


@dataclass(frozen=True, slots=True)
class PersonCard:
    """``second_step`` says whether an authenticator is enrolled; ``sessions`` counts those that are open now."""

    person: PersonRow
    phone: str
    language: str
    zone: str
    created_at: dt.datetime
    logged_in_at: dt.datetime | None
    authenticator: bool
    sessions: int
    subscriber_id: int | None


def card(look: ReadContext, account_id: int) -> PersonCard:
    """The card of an account; for the desk's staff alone."""
    account = look.find(Account, account_id)
    look.require("account.read", account)
    if not look.actor.staff:
        raise not_found()
    company = look.value(sa.select(_company.c.name).where(_company.c.id == account.company_id))
    open_ones = sa.select(sa.func.count()).where(
        _session.c.account_id == account_id, _session.c.ended_at.is_(None), _session.c.expires_at > look.now
    )
    subscriber = sa.select(_subscriber.c.id).where(_subscriber.c.account_id == account_id)
    name = full_name(account)
    return PersonCard(
        person=PersonRow(
            account.id, account.login, name, account.email, account.role, account.state, company or "", account.standing
        ),
        phone=account.phone,
        language=account.language,
        zone=account.zone,
        created_at=account.created_at,
        logged_in_at=account.logged_in_at,
        authenticator=account.totp_secret is not None,
        sessions=int(look.value(open_ones)),
        subscriber_id=look.value(subscriber),
    )
