"""Who belongs to a company: asking to join, being let in or not."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.companies import activation, membership_claim
from core.db import pagination
from core.db.pagination import Page, PageRequest
from core.errors import Conflict, Say, say
from core.i18n.translation import N_
from core.models.accounts import Account, AccountState, Standing
from core.models.companies import Company
from core.models.contracts import Contract
from core.models.names import full_name
from core.service.actions import action
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_account, _company, _contract = table(Account), table(Company), table(Contract)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who wants to join a company."""

    id: int
    login: str
    name: str
    email: str
    company: str
    asked_at: dt.datetime


def waiting(look: ReadContext, ask: PageRequest) -> Page[Waiting]:
    """Those the actor may decide about, the longest waiting first."""
    query = (
        look.scoped(
            Account,
            _account.c.id,
            _account.c.login,
            _account.c.first_name,
            _account.c.last_name,
            _account.c.email,
            _company.c.name,
            _account.c.created_at,
        )
        .join_from(_account, _company, _account.c.company_id == _company.c.id)
        .where(_account.c.standing == Standing.PENDING.value, _account.c.state == AccountState.ACTIVE.value)
    )
    if not (look.actor.staff or look.actor.owner):
        query = query.where(sa.false())
    return pagination.read(look, query, (_account.c.created_at, _account.c.id), ask, _waiting, descending=False)


def _waiting(row: Any) -> Waiting:
    return Waiting(row[0], row[1], full_name(row), row[4], row[5], row[6])


DECIDED = say(N_("Somebody has already decided about this person."))


def reason_against_deciding(_look: ReadContext, account: Account) -> Say | None:
    """The first decision stands; a later one is told so."""
    waits = account.standing == Standing.PENDING
    return None if waits else DECIDED


@action("account.decide", on=Account, when=reason_against_deciding)
def decide(work: UnitOfWork, account: Account, *, let_in: bool) -> None:
    """Let a colleague in, or not."""
    account_id = account.id
    to = {"standing": Standing.MEMBER.value} if let_in else {"standing": Standing.NONE.value, "company_id": None}
    if work.change(Account, _account.c.id == account_id, _account.c.standing == Standing.PENDING.value, **to) == 0:
        raise Conflict(DECIDED)
    company = work.unscoped(Company, _company.c.id == account.company_id)
    if let_in and account.company_id is not None:
        activation.bring_own_tickets(work, account_id, account.company_id)
        _register_waiting_contract(work, account, account.company_id)
    work.mail("colleague_decided", account, let_in=let_in, company=company.name if company else "")
    work.record("company.join_decided", "account", account_id, let_in=let_in, company=account.company_id)


def _register_waiting_contract(work: UnitOfWork, account: Account, company_id: int) -> None:
    """The contract whose code the newcomer brought counts from now on, if it did not before and is still nobody's or
    this company's."""
    claim = membership_claim.find_claim(work, account.id)
    if claim is None or claim.contract_id is None:
        return
    free = sa.or_(_contract.c.company_id == company_id, _contract.c.company_id.is_(None))
    contract = work.unscoped(Contract, _contract.c.id == claim.contract_id, free)
    if contract is not None:
        activation.register_for(work, contract, account.id, company_id)
