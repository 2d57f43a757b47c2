"""The table of rights: held against a reviewed list, against the row scopes, and against rules told apart from it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from core import permissions
from core.errors import Forbidden
from core.models.accounts import Account, Device, Role, Standing
from core.models.billing import Invoice, InvoiceParty, Payment, ServiceOrder
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
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from tests.core.service.policy_golden import ACTORS, GOLDEN, WAITS, spelled_out, things
from tests.factories.cares import device, grant, join, service_company
from tests.factories.desks import START, contract, make_desk, person, seat
from tests.factories.subscribers import subscriber

CARE = (Application, Invitation, Grant, AccessRequest)
BILLED = (Subscriber, Invoice, Payment, ServiceOrder)
SCOPED = (Account, Device, SshKey, UnsentForm, Contract, Asset, Ticket, Article, ServiceProfile, *CARE, *BILLED)
CUSTOMERS = [name for name in ACTORS if name.startswith("customer")]
FOREIGN = (
    "of nobody's company",
    "of another company",
    "another's",
    "another's, of no company",
    "own, left in another company",
    "nobody's",
    "another subscriber's",
    "a customer's of the own company",
    "another's, with another company",
    "nobody's yet, of the own company",
    "nobody's yet, of another company",
    "another's, handled by the own company",
    "another's, handled by another company",
)
NOTHING_YET = (".create", ".register", ".apply", "invitation.open", "invitation.accept", "invitation.decline")
READ_BY_ALL = ("article.read", "service.read")
"""About nothing that is there yet, or about what a code proves."""
ANSWERING = ("ticket.note", "ticket.take", "ticket.assign", "ticket.status", "ticket.priority")


def test_every_right_is_as_reviewed() -> None:
    """After a wanted change: python -m tests.core.service.policy_golden, and read the difference."""
    assert spelled_out() == GOLDEN.read_text(encoding="utf-8"), (
        "not as it was reviewed: if that is wanted, run `python -m tests.core.service.policy_golden` "
        "and read what git shows as changed"
    )


@pytest.mark.parametrize("actor", ACTORS.values(), ids=str)
def test_what_is_not_in_the_table_is_refused(actor: Actor) -> None:
    for action in ("", "ticket", "ticket.destroy", "Ticket.read", "ticket.read "):
        assert not policy.allows(actor, action)
        with pytest.raises(Forbidden):
            policy.require(actor, action)


def test_a_role_the_table_does_not_know_may_nothing() -> None:
    ghost = Actor(role="", account_id=1, company_id=10, owner=True)
    for action in permissions.RULES:
        assert not any(policy.allows(ghost, action, thing) for _name, thing in things(action, WAITS))


@pytest.mark.parametrize("actor", CUSTOMERS)
def test_customers_never_reach_what_is_anothers(actor: str) -> None:
    for action in permissions.RULES:
        if not action.endswith(NOTHING_YET):
            for name, thing in things(action, actor):
                assert not (name in FOREIGN and policy.allows(ACTORS[actor], action, thing)), (action, name)


def test_whoever_waits_to_be_let_in_sees_nothing_of_the_company() -> None:
    waits = ACTORS[WAITS]
    for action in permissions.RULES:
        for name, thing in things(action, WAITS):
            if name in ("of the own company", "a colleague's", "of one who asks to join", "own, in the own company"):
                assert not policy.allows(waits, action, thing) or action.endswith(NOTHING_YET)


def test_guests_do_nothing_but_come_in_and_the_system_reads_no_ones_words() -> None:
    ways_in = {action for action in permissions.RULES if action.startswith("sign_up.")}
    assert {action for action in permissions.RULES if policy.allows(GUEST, action)} - ways_in == {
        "account.ask_way_in",
        "account.enter",
        "account.set_password",
        "member.join",
        "member.return",
        "account.sign_up",
        "account.log_in",
        "account.recover",
        "desk.set_up",
        "invitation.open",
        "invitation.accept",
        "invitation.decline",
        "subscriber.sign_up",
        "service.read",
        "ssh_key.confirm",
        "ssh_key.enter",
        "ssh_key.refuse",
    }
    assert not policy.allows(SYSTEM, "ticket.read")


def test_only_administrators_make_or_switch_accounts() -> None:
    for name, actor in ACTORS.items():
        for action in ("account.employ", "account.switch", "mail.read", "mail.retry", "journal.read"):
            assert policy.allows(actor, action) <= (name in ("admin", "system")), (name, action)


def test_only_those_who_answer_do_what_is_internal() -> None:
    for name, actor in ACTORS.items():
        for action in (*ANSWERING, "account.unlock"):
            allowed = any(policy.allows(actor, action, thing) for _what, thing in things(action, name))
            inside = name.startswith("installer,") and action in ANSWERING
            assert allowed == (name in ("agent", "admin") or inside)


def test_each_ticket_is_answered_by_the_team_that_handles_it_and_no_other() -> None:
    for name, actor in ACTORS.items():
        for action in (*ANSWERING, "ticket.reply"):
            for what, thing in things(action, name):
                if actor.answers and policy.allows(actor, action, thing):
                    ours = "handled by the own company" in what
                    assert ours if actor.role == "installer" else "handled" not in what, (name, action, what)
    for name in ("agent", "admin"):
        for what, thing in things("ticket.read", name):
            assert policy.allows(ACTORS[name], "ticket.read", thing), (name, what)


def test_an_installer_reaches_nothing_but_the_own_companys() -> None:
    """Neither another service company's, nor the operator's, nor what its members would be as customers."""
    for name in ("installer", "installer, member", "installer, owner"):
        for action in permissions.RULES:
            for what, thing in things(action, name):
                if thing is not None and action not in READ_BY_ALL and policy.allows(ACTORS[name], action, thing):
                    account = action.startswith(("account.", "device.", "ssh_key.", "draft."))
                    assert account or "of the own company" in what or "by the own company" in what, (action, what)
    for action in permissions.RULES.keys() - {*READ_BY_ALL}:
        allowed = {
            what for what, thing in things(action, "installer") if policy.allows(ACTORS["installer"], action, thing)
        }
        assert allowed <= {"own"}, "without a company there is only one's own account"


def test_nobody_changes_another_ones_account() -> None:
    for name, actor in ACTORS.items():
        for what, thing in things("account.change", name):
            assert policy.allows(actor, "account.change", thing) <= (what == "own")


# One table, two readings: what a list shows is what may be opened.


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    """The desk as each of :func:`everybody` sees it. Nothing is written on it: one for all models."""
    desk = make_desk(tmp_path_factory.mktemp("crowd") / "desk")
    yield everybody(desk)
    desk.close()


def everybody(desk: Desk) -> dict[str, Desk]:
    """Two companies, everybody who can stand to one in some way, and things of everybody's."""
    ids = {
        "olga": person(desk, "olga", company="Ours", standing=Standing.OWNER),
        "ola": person(desk, "ola", company="Ours"),
        "piotr": person(desk, "piotr", company="Ours", standing=Standing.PENDING),
        "tadek": person(desk, "tadek", company="Theirs", standing=Standing.OWNER),
        "teresa": person(desk, "teresa", company="Theirs", standing=Standing.PENDING),
        "nina": person(desk, "nina"),
        "sara": person(desk, "sara"),
        "iwan": person(desk, "iwan", Role.INSTALLER),
        "irena": person(desk, "irena", Role.INSTALLER),
        "igor": person(desk, "igor", Role.INSTALLER),
        "idalia": person(desk, "idalia", Role.INSTALLER),
        "adam": person(desk, "adam", Role.AGENT),
        "root": person(desk, "root", Role.ADMIN),
    }
    warm, other = service_company(desk), service_company(desk, "Inna", "inna@example.com")
    join(desk, ids["irena"], warm, Standing.OWNER)
    join(desk, ids["igor"], warm)
    join(desk, ids["idalia"], other)
    for number, (company, registered) in enumerate(itertools.product(("Ours", "Theirs", ""), (True, False))):
        contract(desk, f"K-{number}", company=company, identifiers=(f"S-{number}",), registered=registered)

    def fill(work: UnitOfWork) -> None:
        companies = [*work.rows(sa.select(table(Account).c.company_id).distinct())]
        for requester, (company,) in itertools.product(ids.values(), companies):
            ticket = {"subject": "x", "kind": "technical", "requester_id": requester, "company_id": company}
            for team in (None, warm, other):
                work.add(Ticket, **ticket, team_id=team, created_at=START, changed_at=START)
        for number, account in enumerate(ids.values()):
            token = {"token_mac": str(number), "created_at": START, "used_at": START}
            work.add(Device, account_id=account, **token, expires_at=START + dt.timedelta(days=1))
            work.add(SshKey, account_id=account, fingerprint=f"SHA256:{number}", line="", added_at=START)
            draft = {"account_id": account, "form": f"ticket.new:{account}", "content": "", "changed_at": START}
            work.add_all(UnsentForm, [draft])

        for state in ArticleState:
            work.add(Article, kind="news", state=state.value, reach={}, created_at=START, changed_at=START)

    desk.as_system().do(fill)
    supply(desk, ids["sara"], ids["nina"], None)
    look_after(desk, [ids["nina"], ids["ola"], ids["tadek"]], [warm, other])
    return {"guest": desk, "system": desk.as_system(), **{name: seat(desk, id_) for name, id_ in ids.items()}}


def supply(desk: Desk, *accounts: int | None) -> None:
    """Each of these (or nobody) is a subscriber with a line, an invoice, a payment and an order."""
    for at, account in enumerate(accounts):
        made = subscriber(
            desk, f"A-{at}", contract=f"U-{at}", account_id=account, addresses=(f"203.0.113.{at + 1}",)
        ).id

        def fill(work: UnitOfWork, at: int = at, made: int = made) -> None:
            body: dict[str, str] = {}
            party = work.add(InvoiceParty, digest=f"{at}", body=body)
            days = {"issued_on": START.date(), "sold_on": START.date(), "due_on": START.date()}
            sums = {"net": 1, "vat": 0, "gross": 1, "unpaid": 1}
            of = {"subscriber_id": made, "created_at": START}
            work.add(Invoice, **of, number="F", number_key=f"f{at}", seller_id=party, buyer_id=party, **days, **sums)
            work.add(Payment, **of, mark="P", mark_key=f"p{at}", paid_on=START.date(), amount=1)
            ticket = work.value(sa.select(table(Ticket).c.id).order_by(table(Ticket).c.id).offset(at).limit(1))
            order = {"service": "x", "name": "x", "price": 1, "every": "once", "effective_on": START.date()}
            work.add_all(ServiceOrder, [{"ticket_id": ticket, "subscriber_id": made, **order}])

        desk.as_system().do(fill)


def look_after(desk: Desk, customers: list[int], companies: list[int]) -> None:
    """An application, an invitation, a grant and a question for each customer and company, and invitations that nobody
    has answered."""
    pairs = list(itertools.product(customers, companies))
    later = {"expires_at": START + dt.timedelta(days=28)}
    said = {"name": "x", "name_key": "x", "address": "x", "country": "PL"}

    def fill(work: UnitOfWork) -> None:
        product = work.value(sa.select(table(Asset).c.product_id))
        for at, (customer, company) in enumerate(pairs):
            of = {"customer_id": customer, "company_id": company}
            one = {"product_id": product, "device": "x", "device_key": f"x{at}", "level": 1, "phone": ""}
            work.add(Application, **of, **said, **one, language="pl", created_at=START, **later)
            asks = {"right_": "control", "reason": "x", "hours": 1}
            work.add(AccessRequest, **of, **asks, grant_id=grants[at], asked_by=customer, asked_at=START)
        for at, (customer, company) in enumerate(itertools.product([*customers, None], companies)):
            to = {"email": "x@example.com", "email_key": f"x{at}@example.com", "language": "pl"}
            of = {"customer_id": customer, "company_id": company}
            work.add(Invitation, **of, **said, **to, created_at=START, sent_at=START, **later)

    grants = [grant(desk, company, customer, f"B{at:09}")[0] for at, (customer, company) in enumerate(pairs)]
    device(desk, customers[0], "B999999999")
    desk.as_system().do(fill)


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_a_list_shows_exactly_what_may_be_opened(crowd: dict[str, Desk], model: type[SQLModel]) -> None:
    column = table(model).c[
        {ServiceProfile: "company_id", ServiceOrder: "ticket_id", UnsentForm: "form"}.get(model, "id")
    ]
    read = permissions.HOLDERS[model].read
    seen = {}
    for name, desk in crowd.items():
        ids = [row[0] for row in desk.see(lambda look: look.rows(sa.select(column)))]
        everything = [desk.see(lambda look, one=one: look.unscoped(model, column == one)) for one in ids]
        actor = desk.actor()
        allowed = {getattr(thing, column.name) for thing in everything if policy.allows(actor, read, thing)}
        seen[name] = {row[0] for row in desk.see(lambda look: look.rows(look.scoped(model, column)))}
        assert seen[name] == allowed, name
    if model is Article:
        assert seen["guest"] == seen["ola"] == seen["iwan"] and len(seen["guest"]) == 1 < len(seen["adam"])
        assert seen["system"] == set()
        return
    assert seen["guest"] == seen["system"] == set()
    if model not in (Device, SshKey, UnsentForm):
        assert seen["adam"] == seen["root"] > seen["ola"]
        assert not (seen["ola"] & seen["tadek"])
    if model is Contract:
        assert seen["piotr"] == set()
    if model in BILLED:
        assert seen["sara"] and seen["nina"] and not seen["sara"] & seen["nina"]
        assert seen["ola"] == seen["irena"] == set()
    if model in (Contract, Asset):
        assert seen["iwan"] == seen["irena"] == seen["piotr"] == set()
    if model in (Ticket, ServiceProfile, *CARE):
        assert seen["irena"] == seen["igor"] != set()
        assert not seen["igor"] & seen["idalia"]
        assert seen["iwan"] == set()
    if model in CARE:
        assert seen["nina"] and not seen["nina"] & seen["ola"]


def test_no_model_is_scoped_without_a_rule_for_reading_it() -> None:
    assert set(permissions.HOLDERS) == set(SCOPED)
    assert {holder.read for holder in permissions.HOLDERS.values()} <= set(permissions.RULES)


@pytest.mark.parametrize("actor", ACTORS.values(), ids=str)
def test_a_kept_statement_asks_what_the_actors_own_would_and_holds_nobodys_ids(actor: Actor) -> None:
    @policy.made_once
    def read(somebody: Actor, model: type[SQLModel]) -> sa.Select[Any]:
        return sa.select(table(model)).where(policy.scope(somebody, model))

    for model in SCOPED:
        kept = read(actor, model).compile()
        own = sa.select(table(model)).where(policy.scope(actor, model)).compile()
        assert str(kept) == str(own)
        assert not any(value for name, value in kept.params.items() if name in policy.parameters(actor))


def test_a_statement_is_made_once_for_all_of_a_role_and_standing() -> None:
    made: list[tuple[Actor, str]] = []

    @policy.made_once
    def read(somebody: Actor, view: str) -> str:
        made.append((somebody, view))
        return f"{len(made)}. statement"

    one = Actor(role="customer", account_id=1, company_id=10, session_id=7, login="a", name="A", language="pl")
    other = Actor(role="customer", account_id=2, company_id=20, session_id=8, login="b", name="B", zone="UTC")
    assert read(one, "open") == read(other, "open") == "1. statement"
    assert made == [(Actor(role="customer", account_id=0, company_id=0), "open")]
    different = [
        read(one, "all"),
        read(replace(one, role="installer"), "open"),
        read(replace(one, account_id=None), "open"),
        read(replace(one, company_id=None), "open"),
        read(replace(one, owner=True), "open"),
        read(replace(one, subscriber_id=3), "open"),
    ]
    assert different == [f"{number}. statement" for number in range(2, 8)]
