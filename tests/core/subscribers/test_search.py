"""Finding a subscriber: by a phone number however it is written, and by nothing when nothing was said."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.db.pagination import PageRequest
from core.models.accounts import Role
from core.service.desk import Desk
from core.subscribers import detail
from tests.factories.desks import logged_in
from tests.factories.subscribers import subscriber
from tests.support.amounts import times


@pytest.fixture
def agent(desk: Desk) -> Desk:
    """At a desk with one subscriber."""
    subscriber(desk, phone="600 100 200", email="a-b.c_d@example.com", name="Anna Ćwik-Łoś", street="ul. Krzywa 1/2")
    return logged_in(desk, "adam", Role.AGENT)


def found(agent: Desk, typed: str) -> list[str]:
    return [row.number for row in agent.see(detail.subscribers, PageRequest(), typed).rows]


WRITTEN = ("600 100 200", "+48 600 100 200", "48600100200", "0048 600-100-200", "(48) 600100200")
"""One phone as five people write it."""


@pytest.mark.parametrize(
    "typed",
    [
        "600 100 200",
        "600-100-200",
        "+48 600 100 200",
        "+48600100200",
        "(+48) 600 100 200",
        "48600100200",
        "0048 600 100 200",
        "+48 600 100",
        "600.100.200",
        "600/100/200,",
        "tel. 600 100 200",
        "６００ １００ ２００",
    ],
)
def test_a_phone_is_found_with_the_prefix_and_without(any_desk: Desk, typed: str) -> None:
    for at, phone in enumerate((*WRITTEN, "600 100 201")):
        subscriber(any_desk, f"A-{at}", contract=f"U/{at}", phone=phone, addresses=(f"203.0.113.{at}",))
    numbers = [f"A-{at}" for at in range(len(WRITTEN))]
    if typed == "+48 600 100":
        numbers.append(f"A-{len(WRITTEN)}")
    assert sorted(found(logged_in(any_desk, "adam", Role.AGENT), typed)) == numbers


def test_the_phone_of_another_country_keeps_its_prefix(desk: Desk) -> None:
    subscriber(desk, "A-1", contract="U/1", phone="+49 151 2345 6789", addresses=("203.0.113.1",))
    subscriber(desk, "A-2", contract="U/2", phone="480 123 456", addresses=("203.0.113.2",))
    agent = logged_in(desk, "adam", Role.AGENT)
    assert found(agent, "+49 151 23456789") == ["A-1"]
    assert found(agent, "480123456") == ["A-2"]
    assert found(agent, "480 123") == ["A-2"]
    assert found(agent, "+48 480 1") == ["A-2"], "after a prefix fewer digits tell"


@pytest.mark.parametrize("typed", ["------", "-", ".", "+", "()", "- -", "+--+--+", "%", "_", "…", "//////", "😀"])
def test_signs_alone_find_nobody(agent: Desk, typed: str) -> None:
    assert found(agent, typed) == []


@pytest.mark.parametrize("typed", ["pn00000001@line", "pn0000"])
def test_a_router_names_its_subscriber(agent: Desk, typed: str) -> None:
    assert found(agent, typed) == ["A-1001"]


def test_signs_beside_a_word_are_left_out(agent: Desk) -> None:
    assert found(agent, "ćwik - anna") == ["A-1001"]
    assert found(agent, "ćwik - jan") == []
    assert found(agent, "   ") == ["A-1001"], "nothing was said: everybody"


@pytest.mark.parametrize("typed", ["12-345", "1-2", "+48"])
def test_a_few_digits_are_no_phone(desk: Desk, typed: str) -> None:
    subscriber(desk, phone="612 345 678", addresses=("203.0.113.1",))
    assert found(logged_in(desk, "adam", Role.AGENT), typed) == []


@settings(max_examples=times(30, 80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text("+-()/. 048\u200b%_'\"x", max_size=12))
def test_whatever_is_typed_is_a_question(agent: Desk, typed: str) -> None:
    """Nobody is found by signs, and nothing that is typed means anything to the database."""
    shown = found(agent, typed)
    assert not shown or not typed.strip() or any(sign.isalnum() for sign in typed)


@pytest.mark.parametrize(
    "typed", ["Krzywa 1", "ul. Krzywa 1", "ul.Krzywa", "UL KRZYWA", "ulica krzywa 1/2", "ul. Krzywa 1/2 Ćwik"]
)
def test_a_street_is_found_with_ul_and_without(desk: Desk, typed: str) -> None:
    for number, street in enumerate(("ul. Krzywa 1/2", "Krzywa 1/2", "ulica Krzywa 1/2", "UL.KRZYWA 1/2")):
        subscriber(desk, f"A-{number}", contract=f"U/{number}", name="Anna Ćwik", street=street, addresses=())
    subscriber(desk, "B-1", contract="U/9", name="Anna Ćwik", street="ul. Prosta 1/2", addresses=())
    assert sorted(found(logged_in(desk, "adam", Role.AGENT), typed)) == ["A-0", "A-1", "A-2", "A-3"]
