"""Keyset pages: any walk through them shows each row once, in order, on both databases."""

from __future__ import annotations

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.db import pagination
from core.db.pagination import Page, PageRequest
from core.models.companies import Company
from core.service.desk import Desk
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from tests.factories.desks import START

_company = table(Company)
_sort = (_company.c.kind, _company.c.id)


def fill(desk: Desk, kinds: list[bool]) -> list[int]:
    """Companies in few kinds, so that many sort alike; their ids in the list's order."""

    def make(work: UnitOfWork) -> None:
        work.connection.execute(sa.delete(_company))
        for number, service in enumerate(kinds):
            kind = "service" if service else "client"
            work.add(Company, name=str(number), name_key=str(number), kind=kind, created_at=START)

    desk.as_system().do(make)
    return [row.id for row in desk.see(lambda look: look.rows(sa.select(_company.c.id).order_by(*_sort)))]


def page(desk: Desk, ask: PageRequest, descending: bool) -> Page[int]:
    def query(look: ReadContext) -> Page[int]:
        return pagination.read(look, sa.select(*_sort), _sort, ask, lambda row: row.id, descending=descending)

    return desk.see(query)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.booleans(), max_size=12), limit=st.integers(1, 5), descending=st.booleans())
def test_forwards_and_backwards_are_the_whole_list(desk: Desk, kinds: list[bool], limit: int, descending: bool) -> None:
    walk(desk, kinds, limit, descending)


def test_the_same_on_a_server(postgres_desk: Desk) -> None:
    walk(postgres_desk, [True, False, True, True, False, False, True], 2, descending=True)
    walk(postgres_desk, [True, False, True, True, False, False, True], 3, descending=False)


def walk(desk: Desk, kinds: list[bool], limit: int, descending: bool) -> None:
    whole = fill(desk, kinds)
    if descending:
        whole.reverse()
    forwards, ask = [], PageRequest(limit=limit)
    while True:
        got = page(desk, ask, descending)
        forwards += got.rows
        assert got.more_before == (ask.after is not None)
        assert got.more_after == (len(forwards) < len(whole))
        if not got.more_after:
            break
        ask = PageRequest(after=got.end, limit=limit)
    assert forwards == whole
    backwards, ask = [], PageRequest(last=True, limit=limit)
    while True:
        got = page(desk, ask, descending)
        backwards = [*got.rows, *backwards]
        assert got.more_after == (ask.before is not None)
        assert got.more_before == (len(backwards) < len(whole))
        if not got.more_before:
            break
        ask = PageRequest(before=got.start, limit=limit)
    assert backwards == whole


def test_nothing_to_show(desk: Desk) -> None:
    for ask in (
        PageRequest(),
        PageRequest(last=True),
        PageRequest(after=("client", 5)),
        PageRequest(before=("client", 5)),
    ):
        got = page(desk, ask, descending=True)
        assert (list(got.rows), got.start, got.end) == ([], None, None)


def test_a_cursor_whose_row_is_gone_still_holds_its_place(desk: Desk) -> None:
    whole = fill(desk, [False] * 6)
    first = page(desk, PageRequest(limit=3), descending=False)
    desk.as_system().do(
        lambda work: work.connection.execute(sa.delete(_company).where(_company.c.id == first.rows[-1]))
    )
    assert page(desk, PageRequest(after=first.end, limit=9), descending=False).rows == whole[3:]
