"""The whole table of rights, spelled out: every action, every kind of actor, everything it may be done to.

``python -m tests.core.service.policy_golden`` writes ``policy_golden.txt`` anew. Read the difference before you keep
it: each line that appears there is something that somebody may do from now on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import SQLModel

from core import permissions
from core.models.accounts import Account, Device
from core.models.billing import Invoice, Payment, ServiceOrder
from core.models.care import AccessRequest, Application, Grant, Invitation
from core.models.companies import ServiceProfile
from core.models.contracts import Asset, Contract
from core.models.drafts import UnsentForm
from core.models.knowledge import Article, ArticleState
from core.models.ssh_keys import SshKey
from core.models.subscribers import Subscriber
from core.models.tickets import Ticket
from core.service import policy
from core.service.actor import GUEST, SYSTEM, Actor

GOLDEN = Path(__file__).with_name("policy_golden.txt")

ME, COLLEAGUE, STRANGER = 1, 2, 3
OURS, THEIRS = 10, 20
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)

ACTORS = {
    "guest": GUEST,
    "system": SYSTEM,
    "customer without a company": Actor(role="customer", account_id=ME),
    "customer who waits": Actor(role="customer", account_id=ME),
    "customer, member": Actor(role="customer", account_id=ME, company_id=OURS),
    "customer, owner": Actor(role="customer", account_id=ME, company_id=OURS, owner=True),
    "customer, subscriber": Actor(role="customer", account_id=ME, subscriber_id=OURS),
    "installer": Actor(role="installer", account_id=ME),
    "installer, member": Actor(role="installer", account_id=ME, company_id=OURS),
    "installer, owner": Actor(role="installer", account_id=ME, company_id=OURS, owner=True),
    "agent": Actor(role="agent", account_id=ME),
    "admin": Actor(role="admin", account_id=ME),
}
WAITS = "customer who waits"


def things(action: str, actor: str) -> Iterator[tuple[str, SQLModel | None]]:
    """Whatever ``action`` could be done to, by how the actor stands to it."""
    yield "nothing in particular", None
    match action.partition(".")[0]:
        case "account":
            mine = ACTORS[actor].company_id
            standing = "member" if mine else "none"
            if actor == WAITS:
                mine, standing = OURS, "pending"
            yield "own", _account(ME, mine, standing)
            yield "of nobody's company", _account(STRANGER, None, "none")
            yield "a colleague's", _account(COLLEAGUE, OURS, "member")
            yield "of one who asks to join", _account(COLLEAGUE, OURS, "pending")
            yield "of another company", _account(STRANGER, THEIRS, "member")
        case "device":
            yield "own", _device(ME)
            yield "another's", _device(STRANGER)
        case "ssh_key":
            yield "own", _ssh_key(ME)
            yield "another's", _ssh_key(STRANGER)
        case "draft":
            yield "own", _draft(ME)
            yield "another's", _draft(STRANGER)
        case "subscriber" | "line" | "invoice" | "payment" | "consent" | "order" as kind:
            yield "the own subscriber's", _of_subscriber(kind, OURS)
            yield "another subscriber's", _of_subscriber(kind, THEIRS)
        case "contract" | "asset" as kind:
            yield "the own subscriber's", _owned(kind, None, subscriber=OURS)
            yield "another subscriber's", _owned(kind, None, subscriber=THEIRS)
            yield "nobody's", _owned(kind, None)
            yield "of the own company", _owned(kind, OURS)
            yield "of another company", _owned(kind, THEIRS)
            if kind == "asset":
                yield "own", _owned(kind, None, ME)
                yield "another's", _owned(kind, None, STRANGER)
        case "profile":
            yield "of the own company", _profile(OURS)
            yield "of another company", _profile(THEIRS)
        case "article":
            for state in ArticleState:
                yield state.value, Article(kind="news", state=state.value, created_at=NOW, changed_at=NOW)
        case "application" | "invitation" | "grant" | "permission" as kind:
            yield "own, with another company", _care(kind, ME, THEIRS)
            yield "a customer's of the own company", _care(kind, STRANGER, OURS)
            yield "another's, with another company", _care(kind, STRANGER, THEIRS)
            if kind == "invitation":
                yield "nobody's yet, of the own company", _care(kind, None, OURS)
                yield "nobody's yet, of another company", _care(kind, None, THEIRS)
        case "ticket":
            yield "own, of no company", _ticket(ME, None)
            yield "own, in the own company", _ticket(ME, OURS)
            yield "own, left in another company", _ticket(ME, THEIRS)
            yield "another's, of no company", _ticket(STRANGER, None)
            yield "a colleague's", _ticket(COLLEAGUE, OURS)
            yield "of another company", _ticket(STRANGER, THEIRS)
            yield "own, handled by a service company", _ticket(ME, None, THEIRS)
            yield "another's, handled by the own company", _ticket(STRANGER, None, OURS)
            yield "another's, handled by another company", _ticket(STRANGER, None, THEIRS)


def _account(id_: int, company: int | None, standing: str) -> Account:
    return Account(id=id_, login="x", login_key="x", email="", email_key="", company_id=company, standing=standing)


def _ssh_key(person: int) -> SshKey:
    return SshKey(account_id=person, fingerprint="", line="", added_at=NOW)


def _draft(account: int) -> UnsentForm:
    return UnsentForm(account_id=account, form="ticket.new", content="", changed_at=NOW)


def _device(person: int) -> Device:
    return Device(account_id=person, token_mac="", created_at=NOW, used_at=NOW, expires_at=NOW)


def _owned(kind: str, company: int | None, person: int | None = None, *, subscriber: int | None = None) -> SQLModel:
    of = {"company_id": company, "subscriber_id": subscriber}
    if kind == "asset":
        return Asset(product_id=1, identifier="", identifier_key="", created_at=NOW, account_id=person, **of)
    period = {"valid_from": NOW.date(), "valid_until": NOW.date()}
    return Contract(number="", number_key="", code_mac="", created_at=NOW, **period, **of)


def _of_subscriber(kind: str, subscriber: int) -> SQLModel:
    day = NOW.date()
    match kind:
        case "invoice":
            days = {"issued_on": day, "sold_on": day, "due_on": day}
            sums = {"net": 1, "vat": 0, "gross": 1, "unpaid": 1}
            by = {"seller_id": 1, "buyer_id": 1}
            return Invoice(subscriber_id=subscriber, number="", number_key="", created_at=NOW, **days, **sums, **by)
        case "payment":
            of = {"subscriber_id": subscriber, "paid_on": day, "amount": 1}
            return Payment(mark="", mark_key="", created_at=NOW, **of)
        case "order":
            of = {"subscriber_id": subscriber, "effective_on": day}
            return ServiceOrder(ticket_id=1, service="", name="", price=1, every="once", **of)
        case "line":
            return _owned("asset", None, subscriber=subscriber)
    named = {"number": "", "number_key": "", "name": "", "name_key": ""}
    return Subscriber(id=subscriber, created_at=NOW, changed_at=NOW, **named)


def _ticket(person: int, company: int | None, team: int | None = None) -> Ticket:
    of = {"requester_id": person, "company_id": company, "team_id": team}
    return Ticket(subject="", kind="technical", created_at=NOW, changed_at=NOW, **of)


def _profile(company: int) -> ServiceProfile:
    addresses = {"email": "", "email_key": "", "management_email": "", "management_key": "", "management_hash": ""}
    return ServiceProfile(company_id=company, **addresses, country="PL", zone="", phone="", language="pl")


def _care(kind: str, person: int | None, company: int) -> SQLModel:
    of = {"customer_id": person, "company_id": company}
    said = {"name": "", "name_key": "", "address": "", "country": "PL"}
    match kind:
        case "application":
            asks = {"product_id": 1, "device": "", "device_key": "", "level": 1, "phone": "", "language": "pl"}
            return Application(**of, **said, **asks, created_at=NOW, expires_at=NOW)
        case "invitation":
            to = {"email": "", "email_key": "", "language": "pl"}
            return Invitation(**of, **said, **to, created_at=NOW, sent_at=NOW, expires_at=NOW)
        case "grant":
            return Grant(**of, **said, asset_id=1, level=1, since=NOW)
    return AccessRequest(**of, grant_id=1, asked_by=1, right_="control", reason="", hours=1, asked_at=NOW)


def spelled_out() -> str:
    """A line for every action and actor: what it may be done to, or *never*."""
    lines = []
    for action in permissions.RULES:
        for actor in ACTORS:
            offered = dict(things(action, actor))
            allowed = [name for name, thing in offered.items() if policy.allows(ACTORS[actor], action, thing)]
            told = "anything" if len(allowed) == len(offered) else " / ".join(allowed) or "never"
            lines.append(f"{action:18} {actor:28} {told}")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    GOLDEN.write_text(spelled_out(), encoding="utf-8")
