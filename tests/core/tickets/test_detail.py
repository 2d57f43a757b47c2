"""One ticket as each side sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import NotFound
from core.models.accounts import Role
from core.models.contracts import Contract
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.tickets import conversation, create, detail, workflow
from tests.factories.desks import admin_values, contract, logged_in, ticket_values

OURS = "Tarnina sp. z o.o."


def test_address_and_phone_are_for_the_desk(any_desk: Desk) -> None:
    ola = logged_in(any_desk, "ola", company=OURS)
    number = ola.do(create.create, admin_values())
    colleague, agent = logged_in(any_desk, "ewa", company=OURS), logged_in(any_desk, "adam", Role.AGENT)
    assert agent.see(detail.ticket, number).customer.email == "ola@example.com"
    for customer in (ola, colleague):
        card = customer.see(detail.ticket, number).customer
        assert (card.name, card.company, card.email, card.phone) == ("Ola Testowa", OURS, "", "")


def test_missing_and_anothers_are_one(any_desk: Desk) -> None:
    number = logged_in(any_desk, "ola", company=OURS).do(create.create, admin_values())
    stranger = logged_in(any_desk, "obcy", company="Inna")
    said = []
    for asked in (number, 999, 0, -1):
        with pytest.raises(NotFound) as missing:
            stranger.see(detail.ticket, asked)
        said.append(missing.value.text())
    assert len(set(said)) == 1


def test_a_ticket_outlives_its_contracts_move(any_desk: Desk) -> None:
    """The contract went to another company: the ticket stays readable, the other company's contract unseen."""
    made, assets = contract(any_desk)
    ola = logged_in(any_desk, "ola", company=OURS)
    number = ola.do(create.create, ticket_values(), assets)
    other = logged_in(any_desk, "obcy", company="Inna").actor().company_id
    any_desk.as_system().do(lambda work: work.change(Contract, table(Contract).c.id == made, company_id=other))
    assert ola.see(detail.ticket, number).contract is None
    assert logged_in(any_desk, "adam", Role.AGENT).see(detail.ticket, number).contract.number == "OK-1"


def test_an_older_ticket_is_shown_as_it_was_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.products import catalogue
    from core.products.definitions import Catalogue

    _id, assets = contract(desk)
    ola = logged_in(desk, "ola", company=OURS)
    number = ola.do(create.create, ticket_values(), assets)
    before = ola.see(detail.ticket, number).answers
    gone = Catalogue(definitions=(), problems=())
    monkeypatch.setattr(catalogue, "catalogue", lambda: gone)
    assert ola.see(detail.ticket, number).answers == before != ()


def test_those_a_ticket_can_be_given_to(desk: Desk) -> None:
    agent = logged_in(desk, "adam", Role.AGENT)
    logged_in(desk, "root", Role.ADMIN)
    number = logged_in(desk, "ola").do(create.create, admin_values())
    logged_in(desk, "iwo", Role.INSTALLER)
    assert [name for _id, name in agent.see(detail.agents, number)] == ["Adam Testowa", "Root Testowa"]


def test_reading_changes_nothing(desk: Desk) -> None:
    ola = logged_in(desk, "ola")
    number = ola.do(create.create, admin_values())
    first = ola.see(detail.ticket, number)
    assert ola.see(detail.ticket, number) == first
    ola.do(workflow.close, number, seen=first.version)
    assert ola.see(detail.ticket, number).version == first.version + 1


def test_what_comes_late_on_a_server_is_read_after_a_change_as_well(any_desk: Desk) -> None:
    """A server gives out numbers before the changes are there, so a message with a smaller one may come later."""
    ola, adam = logged_in(any_desk, "ola"), logged_in(any_desk, "adam", Role.AGENT)
    number = ola.do(create.create, admin_values("Drukarka"))
    adam.do(conversation.note, number, conversation.Note(body="first"))
    adam.do(conversation.note, number, conversation.Note(body="second"))
    whole = adam.see(detail.ticket, number)
    late = replace(whole, conversation=whole.conversation[::2], history=whole.history[::2])
    again = adam.see(detail.ticket, number, late)
    if not any_desk.store.is_sqlite:
        assert again == whole
    assert adam.see(detail.ticket, number, whole) == whole
