"""The table of rights: held against a reviewed list, against the row scopes, and against rules told apart from it."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from core import policy
from core.accounts.models import Account, Device, Role, Standing
from core.actor import GUEST, SYSTEM, Actor
from core.contracts.models import Asset, Contract
from core.desk import Desk
from core.errors import Forbidden
from core.tickets.models import Ticket
from core.work import Work, table
from tests.core.policy_golden import ACTORS, GOLDEN, WAITS, spelled_out, things
from tests.desks import START, contract, person, seat

SCOPED = (Account, Device, Contract, Asset, Ticket)
CUSTOMERS = [name for name in ACTORS if name.startswith("customer")]
FOREIGN = (
    "of nobody's company",
    "of another company",
    "another's",
    "another's, of no company",
    "own, left in another company",
    "nobody's",
)


def test_every_right_is_as_reviewed() -> None:
    """After a wanted change: python -m tests.core.policy_golden, and read the difference."""
    assert spelled_out() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("actor", ACTORS.values(), ids=str)
def test_what_is_not_in_the_table_is_refused(actor: Actor) -> None:
    for action in ("", "ticket", "ticket.destroy", "Ticket.read", "ticket.read "):
        assert not policy.allows(actor, action)
        with pytest.raises(Forbidden):
            policy.require(actor, action)


def test_a_role_the_table_does_not_know_may_nothing() -> None:
    ghost = Actor(role="", account_id=1, company_id=10, owner=True)
    for action in policy.RULES:
        assert not any(policy.allows(ghost, action, thing) for _name, thing in things(action, WAITS))


@pytest.mark.parametrize("actor", CUSTOMERS)
def test_customers_never_reach_what_is_anothers(actor: str) -> None:
    for action in policy.RULES:
        if not action.endswith((".create", ".register")):  # those are about nothing that is there yet
            for name, thing in things(action, actor):
                assert not (name in FOREIGN and policy.allows(ACTORS[actor], action, thing)), (action, name)


def test_whoever_waits_to_be_let_in_sees_nothing_of_the_company() -> None:
    waits = ACTORS[WAITS]
    for action in policy.RULES:
        for name, thing in things(action, WAITS):
            if name in ("of the own company", "a colleague's", "of one who asks to join", "own, in the own company"):
                assert not policy.allows(waits, action, thing) or action.endswith((".create", ".register"))


def test_guests_do_nothing_but_come_in_and_the_system_reads_no_ones_words() -> None:
    assert {action for action in policy.RULES if policy.allows(GUEST, action)} == {
        "account.sign_up",
        "account.log_in",
        "account.recover",
        "desk.set_up",
    }
    assert not policy.allows(SYSTEM, "ticket.read")


def test_only_administrators_make_or_switch_accounts() -> None:
    for name, actor in ACTORS.items():
        for action in ("account.employ", "account.switch", "mail.read", "mail.retry", "journal.read"):
            assert policy.allows(actor, action) <= (name in ("admin", "system")), (name, action)


def test_only_staff_see_or_do_what_is_internal() -> None:
    for name, actor in ACTORS.items():
        for action in ("ticket.note", "ticket.assign", "ticket.status", "ticket.priority", "account.unlock"):
            allowed = any(policy.allows(actor, action, thing) for _what, thing in things(action, name))
            assert allowed == (name in ("agent", "admin"))


def test_nobody_changes_another_ones_account() -> None:
    for name, actor in ACTORS.items():
        for what, thing in things("account.change", name):
            assert policy.allows(actor, "account.change", thing) <= (what == "own")


# One table, two readings: what a list shows is what may be opened.


@pytest.fixture
def crowd(desk: Desk) -> dict[str, Desk]:
    """Two companies, everybody who can stand to one in some way, and things of everybody's."""
    ids = {
        "olga": person(desk, "olga", company="Ours", standing=Standing.OWNER),
        "ola": person(desk, "ola", company="Ours"),
        "piotr": person(desk, "piotr", company="Ours", standing=Standing.PENDING),
        "tadek": person(desk, "tadek", company="Theirs", standing=Standing.OWNER),
        "teresa": person(desk, "teresa", company="Theirs", standing=Standing.PENDING),
        "nina": person(desk, "nina"),
        "iwan": person(desk, "iwan", Role.INSTALLER),
        "irena": person(desk, "irena", Role.INSTALLER, company="Ours", standing=Standing.OWNER),
        "adam": person(desk, "adam", Role.AGENT),
        "root": person(desk, "root", Role.ADMIN),
    }
    for number, (company, registered) in enumerate(itertools.product(("Ours", "Theirs", ""), (True, False))):
        contract(desk, f"K-{number}", company=company, identifiers=(f"S-{number}",), registered=registered)

    def fill(work: Work) -> None:
        companies = [*work.rows(sa.select(table(Account).c.company_id).distinct())]
        for requester, (company,) in itertools.product(ids.values(), companies):
            ticket = {"subject": "x", "kind": "technical", "requester_id": requester, "company_id": company}
            work.add(Ticket, **ticket, created_at=START, changed_at=START)
        for number, account in enumerate(ids.values()):
            token = {"token_mac": str(number), "created_at": START, "used_at": START}
            work.add(Device, account_id=account, **token, expires_at=START + dt.timedelta(days=1))

    desk.as_system().do(fill)
    return {"guest": desk, "system": desk.as_system(), **{name: seat(desk, id_) for name, id_ in ids.items()}}


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_a_list_shows_exactly_what_may_be_opened(crowd: dict[str, Desk], model: type[SQLModel]) -> None:
    column = table(model).c.id
    read = policy._HOLDERS[model].read
    seen = {}
    for name, desk in crowd.items():
        ids = [row.id for row in desk.see(lambda look: look.rows(sa.select(column)))]
        everything = [desk.see(lambda look, one=one: look.unscoped(model, column == one)) for one in ids]
        actor = desk.actor()
        allowed = {thing.id for thing in everything if policy.allows(actor, read, thing)}
        seen[name] = {row.id for row in desk.see(lambda look: look.rows(look.scoped(model, column)))}
        assert seen[name] == allowed, name
    assert seen["guest"] == seen["system"] == set()
    if model is not Device:
        assert seen["adam"] == seen["root"] > seen["ola"]
        assert not (seen["ola"] & seen["tadek"])
    if model in (Contract, Asset):
        assert seen["piotr"] == seen["nina"] == seen["iwan"] == set()


def test_no_model_is_scoped_without_a_rule_for_reading_it() -> None:
    assert set(policy._HOLDERS) == set(SCOPED)
    assert {holder.read for holder in policy._HOLDERS.values()} <= set(policy.RULES)
