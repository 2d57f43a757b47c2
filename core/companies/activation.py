"""Registering a contract with its number and activation code.

The import says which company a contract is for. Whoever holds number and code first brings that company to life as
its owner; once a company has people, the code only opens its door as far as asking to be let in. A contract imported
for nobody proves no company: a name that is typed makes a new one, and of one that is here already only asks.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field as Hidden

from core.accounts import login_attempts
from core.companies import membership_claim, names
from core.contracts.number import code_mac, number_key
from core.errors import Invalid, Say, say
from core.forms import FormModel, Label, PrintedCode, Text
from core.i18n.translation import N_
from core.models.accounts import Account, AccountState, Standing
from core.models.companies import Company
from core.models.contracts import Asset, Contract, Cover
from core.models.names import full_name
from core.models.tickets import Ticket, TicketKind
from core.service import throttle
from core.service.actions import open_action
from core.service.desk import nothing, prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from core.tickets import search_index, team

_account, _contract, _asset = table(Account), table(Contract), table(Asset)

MISMATCH = say(N_("This number and this code don't match a contract that you can register. Please check both."))
"""One sentence for an unknown number, a wrong code, and a contract of another company."""


class RegisterContract(FormModel):
    """The two things that come with a support certificate."""

    number: Annotated[str, Text(limit=40), Label(N_("Contract number"), help=N_("As printed on the certificate."))]
    code: Annotated[
        str,
        PrintedCode(),
        Hidden(repr=False),
        Label(N_("Activation code"), help=N_("Capitals and dashes don't matter.")),
    ]


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of it: ``standing`` is how the account now stands to the contract's company."""

    number: str
    company: str
    standing: str


def knock(work: UnitOfWork, number: str, who: object) -> None:
    """Book a try against the number and against whoever tries, before anything is compared. Commit it first."""
    for name in buckets(work, number, who):
        until, _failures = throttle.attempt(work, name)
        if until is not None:
            raise login_attempts.paused(until)


def buckets(work: UnitOfWork, number: str, who: object) -> tuple[str, str]:
    """Where tries are counted: against the number, and against whoever tries."""
    return throttle.bucket(work, "activate", number_key(number)), throttle.bucket(work, "activate-by", who)


def matching(look: ReadContext, number: str, code: str) -> Contract | None:
    """The contract with this number and code. Its period is not looked at: see :func:`out_of_period`."""
    return look.unscoped(
        Contract,
        _contract.c.number_key == number_key(number),
        _contract.c.code_mac == code_mac(look.keys, number, code),
    )


def out_of_period(contract: Contract, today: dt.date) -> Say | None:
    """Why a contract that was proved to be theirs can't be registered today."""
    if today < contract.valid_from:
        return say(N_("This contract starts on {day}. You can register it from that day on."), day=contract.valid_from)
    if today > contract.valid_until:
        return say(N_("This contract ended on {day}."), day=contract.valid_until)
    return None


def _first(work: UnitOfWork, form: RegisterContract) -> None:
    work.require("contract.register")
    knock(work, form.number, work.actor.account_id)


@prepared(nothing, first=_first)
@open_action("contract.register")
def register(work: UnitOfWork, form: RegisterContract) -> Registered:
    """Make the contract count for the actor's company; see :func:`claim`. Wrong tries are throttled."""
    contract = matching(work, form.number, form.code)
    account = work.find(Account, work.actor.account_id or 0)
    if contract is None or _of_another(work, contract, account):
        raise Invalid({"code": MISMATCH})
    wrong = out_of_period(contract, work.today)
    if wrong:
        raise Invalid({"number": wrong})
    if contract.registered_at is not None and contract.company_id == work.actor.company_id:
        raise Invalid({"number": say(N_("This contract is already registered for your company."))})
    for name in buckets(work, form.number, work.actor.account_id):
        throttle.clear(work, name)
    done = claim(work, account, contract)
    if done.standing == Standing.PENDING:
        membership_claim.file_claim(work, account.id, contract.id)
    work.mail("contract_registered", account, number=done.number, company=done.company, standing=done.standing)
    return done


def has_people(look: ReadContext, company_id: int | None) -> bool:
    """Whether a company has been brought to life. Its people may be switched off, and still nobody else takes it over
    with an old certificate: an agent lets the next one in."""
    if company_id is None:
        return False
    inside = _account.c.standing.in_((Standing.MEMBER, Standing.OWNER))
    return look.value(sa.select(_account.c.id).where(_account.c.company_id == company_id, inside).limit(1)) is not None


def _of_another(look: ReadContext, contract: Contract, account: Account) -> bool:
    """A company that lives holds it, and the account is settled in another one (or waits elsewhere)."""
    settled = account.company_id is not None and account.company_id != contract.company_id
    return settled and has_people(look, contract.company_id)


def claim(work: UnitOfWork, account: Account, contract: Contract) -> Registered:
    """Join account, company and contract, whichever way round they stand:

    - the company has nobody: the account becomes its owner (or, settled in a company, brings the contract there);
    - the contract is nobody's: the company that the account has named becomes its own, if it is a new one;
    - the account is inside: the contract is registered for the company;
    - else the account asks to be let in, and sees nothing until somebody does (:mod:`core.companies.membership`).
    """
    company_id = contract.company_id
    standing = account.standing
    if standing in (Standing.MEMBER, Standing.OWNER):
        company_id = account.company_id
    elif company_id is None:
        company_id, standing = _named_company(work, account)
    else:
        standing = Standing.PENDING if has_people(work, company_id) else Standing.OWNER
    if standing != account.standing or company_id != account.company_id:
        work.change(Account, _account.c.id == account.id, company_id=company_id, standing=str(standing))
        if standing == Standing.OWNER and company_id is not None:
            bring_own_tickets(work, account.id, company_id)
    if standing == Standing.PENDING:
        _tell_who_decides(work, account, company_id, proved=contract.company_id is not None)
        work.record("company.join_asked", "account", account.id, company=company_id, contract=contract.id)
    elif company_id is not None:
        register_for(work, contract, account.id, company_id)
    name = work.value(sa.select(table(Company).c.name).where(table(Company).c.id == company_id))
    return Registered(contract.number, str(name or ""), str(standing))


def register_for(work: UnitOfWork, contract: Contract, account_id: int, company_id: int) -> None:
    """From now on the contract counts. What it covers belongs to its company; the first registration stands."""
    if company_id != contract.company_id:
        _move(work, contract, company_id)
    work.change(
        Contract,
        _contract.c.id == contract.id,
        _contract.c.registered_at.is_(None),
        registered_at=work.now,
        registered_by=account_id,
    )
    work.record("contract.register", "contract", contract.id, account=account_id)


def _move(work: UnitOfWork, contract: Contract, company_id: int) -> None:
    """The code is proof enough for a contract whose company has nobody: it and what it covers change hands. An asset
    that is somebody else's stays theirs."""
    covered = sa.select(table(Cover).c.asset_id).where(table(Cover).c.contract_id == contract.id)
    with_it = _asset.c.company_id.is_not_distinct_from(contract.company_id)
    work.change(Contract, _contract.c.id == contract.id, company_id=company_id)
    work.change(Asset, _asset.c.id.in_(covered), with_it, company_id=company_id)


def _named_company(work: UnitOfWork, account: Account) -> tuple[int, Standing]:
    """A contract imported for nobody: the company is the one its holder named, or the holder. Anybody can type the name
    of a company that is here, people or none: somebody must know them before they are let in."""
    brought = membership_claim.find_claim(work, account.id)
    name = (brought.company_name if brought is not None else "") or full_name(account)
    known = names.known(work, name)
    return (known, Standing.PENDING) if known is not None else (names.find_or_make(work, name), Standing.OWNER)


def _tell_who_decides(work: UnitOfWork, account: Account, company_id: int | None, *, proved: bool) -> None:
    """The company's owners, or else the team; ``proved`` says whether the activation code was of its own contract."""
    name = work.value(sa.select(table(Company).c.name).where(table(Company).c.id == company_id))
    asks = full_name(account)
    for recipient in _owners(work, company_id) or team.addressees(work, None):
        work.mail("colleague_waits", recipient, colleague=asks, login=account.login, company=name, proved=proved)


def _owners(work: UnitOfWork, company_id: int | None) -> Sequence[Any]:
    owners = sa.select(_account.c.id, _account.c.email, _account.c.language).where(
        _account.c.company_id == company_id,
        _account.c.standing == Standing.OWNER.value,
        _account.c.state == AccountState.ACTIVE.value,
    )
    return work.rows(owners)


def bring_own_tickets(work: UnitOfWork, account_id: int, company_id: int) -> None:
    """Someone who joins brings along what they had asked before as nobody's member; a search finds it there too. What
    they ordered for their own line stays theirs."""
    ticket = table(Ticket)
    own = ticket.c.requester_id == account_id, ticket.c.company_id.is_(None), ticket.c.kind != TicketKind.ORDER.value
    asked = work.rows(sa.select(ticket.c.id, ticket.c.status, ticket.c.team_id).where(*own))
    work.change(Ticket, *own, company_id=company_id)
    for row in asked:
        search_index.rescope(work, row.id, search_index.scope_tokens(row.status, company_id, account_id, row.team_id))
