"""A desk of before: what somebody brought at sign-up leaves their preferences, and what screens remember stays."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from core.accounts import profile
from core.care import overview
from core.companies import activation, membership
from core.contracts import coverage
from core.db.pagination import PageRequest
from core.models.accounts import Account, Standing
from core.models.companies import MembershipClaim
from core.service import upgrade
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.desks import contract, logged_in, person, seat

BEFORE = "0014"
"""The last migration of a desk that kept such facts among the preferences."""
OURS = "Tarnina sp. z o.o."
CHOICES = {"screens": {"tickets.tickets": {"kind": "admin", "company": 7, "at_home": True}}}
"""What a screen remembers, by names of its own; some of them are the names of facts."""


def write_preferences(desk: Desk, account_id: int, preferences: dict[str, Any]) -> None:
    """As an older version kept them."""
    changed = sa.text("UPDATE account SET preferences = CAST(:told AS JSONB) WHERE id = :id")
    if desk.store.is_sqlite:
        changed = sa.text("UPDATE account SET preferences = :told WHERE id = :id")
    with desk.store.engine.begin() as connection:
        connection.execute(changed, {"told": json.dumps(preferences), "id": account_id})


def read_preferences(desk: Desk) -> dict[int, Any]:
    """By the account; whatever version the tables are of."""
    with desk.store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT id, preferences FROM account").all()
    return {id_: json.loads(told) if isinstance(told, str) else told for id_, told in rows}


def claims(desk: Desk) -> dict[int, tuple[str, int | None]]:
    rows = desk.as_system().see(lambda look: look.rows(sa.select(table(MembershipClaim))))
    return {row.account_id: (row.company_name, row.contract_id) for row in rows}


def at_home(desk: Desk) -> set[int]:
    chosen = sa.select(table(Account).c.id).where(table(Account).c.at_home)
    return {row.id for row in desk.as_system().see(lambda look: look.rows(chosen))}


def test_facts_leave_the_preferences_and_come_back(any_desk: Desk) -> None:
    desk = any_desk
    support, _assets = contract(desk)
    waiting = person(desk, "ola", company=OURS, standing=Standing.PENDING)
    home, both, plain, alone, choosing = (person(desk, name) for name in ("zofia", "wanda", "ewa", "jan", "iga"))
    kept = {
        waiting: {"company": OURS, "contract": support, **CHOICES},
        home: {"at_home": True},
        both: {"at_home": True, "contract": support, **CHOICES},
        plain: {},
        alone: {"company": "Ciepło i Syn"},
        choosing: CHOICES,
    }
    upgrade.run(desk.store, "downgrade", BEFORE)
    for account_id, preferences in kept.items():
        write_preferences(desk, account_id, preferences)
    upgrade.run(desk.store, "upgrade", "head")
    assert read_preferences(desk) == {
        waiting: CHOICES,
        home: {},
        both: CHOICES,
        plain: {},
        alone: {},
        choosing: CHOICES,
    }
    assert claims(desk) == {waiting: (OURS, support), both: ("", support), alone: ("Ciepło i Syn", None)}
    assert at_home(desk) == {home, both}
    upgrade.run(desk.store, "downgrade", BEFORE)
    assert read_preferences(desk) == kept
    upgrade.run(desk.store, "upgrade", "head")
    assert (len(claims(desk)), at_home(desk)) == (3, {home, both})


def test_people_of_before_go_on_as_they_would_have(any_desk: Desk) -> None:
    """The contract that waited counts once they are let in; the named company is asked; home begins with *Service*."""
    desk = any_desk
    waits, _assets = contract(desk, registered=False)
    contract(desk, "OK-2", identifiers=("FW-2",), company="", registered=False)
    owner = logged_in(desk, "szefowa", company=OURS, standing=Standing.OWNER)
    ola = person(desk, "ola", company=OURS, standing=Standing.PENDING)
    jan, zofia = person(desk, "jan"), person(desk, "zofia")
    upgrade.run(desk.store, "downgrade", BEFORE)
    write_preferences(desk, ola, {"company": OURS, "contract": waits, **CHOICES})
    write_preferences(desk, jan, {"company": OURS})
    write_preferences(desk, zofia, {"at_home": True})
    upgrade.run(desk.store, "upgrade", "head")
    assert owner.see(coverage.contracts, PageRequest()).rows == []
    owner.do(membership.decide, ola, let_in=True)
    assert [row.number for row in owner.see(coverage.contracts, PageRequest()).rows] == ["OK-1"]
    assert seat(desk, ola).see(profile.kept_choice, "tickets.tickets") == CHOICES["screens"]["tickets.tickets"]
    form = activation.RegisterContract(number="OK-2", code="ABCD-EFGH")
    assert seat(desk, jan).do(activation.register, form).standing == Standing.PENDING
    assert [seat(desk, who).see(overview.comes_first) for who in (zofia, ola)] == [True, False]


def test_a_contract_that_is_gone_is_named_no_more(any_desk: Desk) -> None:
    desk = any_desk
    ola = person(desk, "ola")
    upgrade.run(desk.store, "downgrade", BEFORE)
    write_preferences(desk, ola, {"company": OURS, "contract": 4711})
    upgrade.run(desk.store, "upgrade", "head")
    assert claims(desk) == {ola: (OURS, None)}
    upgrade.run(desk.store, "downgrade", BEFORE)
    assert read_preferences(desk) == {ola: {"company": OURS}}
