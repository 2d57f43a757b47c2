"""What is covered on a day, and who sees it."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from core.contracts import coverage
from core.db.pagination import PageRequest
from core.errors import NotFound
from core.models.accounts import Role
from core.models.contracts import NO_END, Contract, Cover
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.cares import device
from tests.factories.desks import contract, logged_in, person
from tests.factories.subscribers import subscriber

OURS = "Tarnina sp. z o.o."
TODAY = dt.date(2026, 11, 20)
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("begins", "ends", "registered", "state"),
    [
        (-10, -1, True, "expired"),
        (-10, -1, False, "expired"),
        (-10, 0, True, "soon"),
        (-10, 29, True, "soon"),
        (-10, 30, True, "active"),
        (0, 100, True, "active"),
        (1, 100, True, "early"),
        (1, 100, False, "waiting"),
        (-10, 100, False, "waiting"),
    ],
)
def test_how_a_contract_stands(begins: int, ends: int, registered: bool, state: str) -> None:
    assert coverage.state(TODAY + begins * DAY, TODAY + ends * DAY, registered, TODAY) == state


def listed(desk: Desk, search: str = "") -> list[str]:
    return [row.number for row in desk.see(coverage.contracts, PageRequest(), search).rows]


def covered(desk: Desk, **given: object) -> list[str]:
    return [row.identifier for row in desk.see(coverage.assets, PageRequest(), **{"covered_only": True, **given}).rows]


def test_what_has_no_end_stands_last_on_every_page_and_counts_no_days(any_desk: Desk) -> None:
    for number in range(4):
        contract(any_desk, f"E-{number}", identifiers=(f"e{number}",), valid_until=NO_END)
        contract(any_desk, f"A-{number}", identifiers=(f"a{number}",), valid_until=TODAY + number * DAY)
    agent = logged_in(any_desk, "adam", Role.AGENT)
    rows, page = [], agent.see(coverage.contracts, PageRequest(limit=3))
    while True:
        rows += page.rows
        if not page.more_after:
            break
        page = agent.see(coverage.contracts, PageRequest(after=page.end, limit=3))
    assert [row.number for row in rows] == ["A-3", "A-2", "A-1", "A-0", "E-3", "E-2", "E-1", "E-0"]
    assert [row.days_left for row in rows] == [4, 3, 2, 1, 0, 0, 0, 0]
    back = agent.see(coverage.contracts, PageRequest(last=True, limit=3))
    assert [row.number for row in back.rows] == ["E-2", "E-1", "E-0"]
    before = agent.see(coverage.contracts, PageRequest(before=back.start, limit=3))
    assert [row.number for row in before.rows] == ["A-1", "A-0", "E-3"]


def test_the_order_of_the_list_is_read_off_an_index(desk: Desk) -> None:
    found = sa.select(table(Contract).c.id).order_by(coverage._END_ORDER.desc(), table(Contract).c.id.desc()).limit(9)
    plan = desk.as_system().see(
        lambda look: look.connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {found.compile(compile_kwargs={'literal_binds': True})}"
        ).fetchall()
    )
    assert "ix_contract_order" in str(plan)
    assert "TEMP B-TREE" not in str(plan)


def test_whose_an_asset_is_stands_in_its_line(any_desk: Desk) -> None:
    contract(any_desk, "A-1", identifiers=("a",))
    subscriber(any_desk, name="Wanda Zielińska")
    device(any_desk, person(any_desk, "zofia"))
    agent = logged_in(any_desk, "adam", Role.AGENT)
    whose = {row.identifier: row.company for row in agent.see(coverage.assets, PageRequest()).rows}
    assert sorted(whose.values()) == sorted([OURS, "Wanda Zielińska", "Zofia Testowa"])


def test_the_list_ends_with_what_ended_first(any_desk: Desk) -> None:
    contract(any_desk, "A-1", identifiers=("a",), valid_until=TODAY)
    contract(any_desk, "B-2", identifiers=("b", "b2"), valid_until=TODAY + 9 * DAY)
    contract(any_desk, "C-3", identifiers=("c",), company="Inna")
    contract(any_desk, "D-4", identifiers=("d",), registered=False)
    ola, agent = logged_in(any_desk, "ola", company=OURS), logged_in(any_desk, "adam", Role.AGENT)
    assert listed(ola) == ["B-2", "A-1"]
    assert set(listed(agent)) == {"A-1", "B-2", "C-3", "D-4"}
    rows = ola.see(coverage.contracts, PageRequest()).rows
    assert [(row.days_left, row.assets) for row in rows] == [(10, 2), (1, 1)]
    assert listed(agent, "inna") == ["C-3"]
    assert listed(agent, "b-2") == ["B-2"]
    assert listed(agent, "_-2") == []


def test_another_companys_and_an_unregistered_contract_are_not_there(desk: Desk) -> None:
    foreign, _ = contract(desk, "C-3", identifiers=("c",), company="Inna")
    waiting, _ = contract(desk, "D-4", identifiers=("d",), registered=False)
    ola = logged_in(desk, "ola", company=OURS)
    told = []
    for id_ in (foreign, waiting, 999):
        with pytest.raises(NotFound) as missing:
            ola.see(coverage.contract, id_)
        told.append(missing.value.text())
    assert len(set(told)) == 1
    assert logged_in(desk, "adam", Role.AGENT).see(coverage.contract, waiting).state == "waiting"


def test_covered_today_by_a_contract_that_counts(any_desk: Desk) -> None:
    contract(any_desk, "1", identifiers=("active",))
    contract(any_desk, "2", identifiers=("ends-today",), valid_until=TODAY)
    contract(any_desk, "3", identifiers=("begins-today",), valid_from=TODAY)
    contract(any_desk, "4", identifiers=("ended",), valid_until=TODAY - DAY)
    contract(any_desk, "5", identifiers=("early",), valid_from=TODAY + DAY)
    contract(any_desk, "6", identifiers=("unregistered",), registered=False)
    contract(any_desk, "7", identifiers=("foreign",), company="Inna")
    ola = logged_in(any_desk, "ola", company=OURS)
    assert covered(ola) == ["active", "ends-today", "begins-today"]
    everything = [row.identifier for row in ola.see(coverage.assets, PageRequest()).rows]
    assert everything == ["active", "ends-today", "begins-today", "ended", "early"]
    ids = tuple(row.id for row in logged_in(any_desk, "adam", Role.AGENT).see(coverage.assets, PageRequest()).rows)
    assert len(ids) == 7
    entitled = ola.see(coverage.covering, ids)
    assert len(entitled) == 3
    assert set(entitled) <= set(ids)


def test_of_two_contracts_the_one_that_ends_last_entitles(desk: Desk) -> None:
    short, (asset,) = contract(desk, "1", identifiers=("x",), valid_until=TODAY + DAY)
    long, _ = contract(desk, "2", identifiers=("y",), valid_until=TODAY + 9 * DAY)
    desk.as_system().do(lambda work: work.add_all(Cover, [{"contract_id": long, "asset_id": asset}]))
    ola = logged_in(desk, "ola", company=OURS)
    assert ola.see(coverage.covering, (asset,))[asset].contract_id == long
    row = next(row for row in ola.see(coverage.assets, PageRequest()).rows if row.id == asset)
    assert (row.contract, row.cover_until) == ("2", TODAY + 9 * DAY)
    assert short != long


def test_another_companys_contract_neither_covers_nor_shows_its_number(desk: Desk) -> None:
    _mine, (asset,) = contract(desk, "1", identifiers=("x",), valid_until=TODAY - DAY)
    theirs, _ = contract(desk, "SECRET-2", identifiers=("y",), company="Inna")
    desk.as_system().do(lambda work: work.add_all(Cover, [{"contract_id": theirs, "asset_id": asset}]))
    ola = logged_in(desk, "ola", company=OURS)
    (row,) = ola.see(coverage.assets, PageRequest()).rows
    assert (row.contract, row.cover_until) == ("", None)
    assert ola.see(coverage.covering, (asset,)) == {}
    assert covered(ola) == []


def test_narrowed_by_words_category_contract_and_what_is_taken_already(desk: Desk) -> None:
    one, (first, second) = contract(desk, "1", identifiers=("AB_1", "ABX1"))
    contract(desk, "2", identifiers=("SW-9",), category="switch")
    ola = logged_in(desk, "ola", company=OURS)
    assert covered(ola, search="ab_") == ["AB_1"]
    assert covered(ola, search="barwa") == ["AB_1", "ABX1", "SW-9"]
    (switch,) = [row for row in ola.see(coverage.assets, PageRequest()).rows if row.category == "switch"]
    assert covered(ola, beside=switch) == ["SW-9"]
    assert covered(ola, contract_id=one) == ["AB_1", "ABX1"]
    assert covered(ola, without=frozenset({first})) == ["ABX1", "SW-9"]
    assert second
