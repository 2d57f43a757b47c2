"""A desk of before: its names are made anew, so that what differs by an accent is two and everything is found."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.care import invitations
from core.companies import names
from core.db.pagination import PageRequest
from core.imports.contracts import import_contracts
from core.models.accounts import Role
from core.models.companies import Company
from core.people import staff
from core.service import upgrade
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.subscribers import detail as subscribers
from core.tickets import conversation, create, listing
from core.tickets.listing import View
from tests.core.care.acting import invite_form
from tests.core.imports.test_contracts import file, row
from tests.core.knowledge.stage import form, published, titles
from tests.factories import cares
from tests.factories.desks import admin_values, logged_in, person
from tests.factories.subscribers import subscriber

BEFORE = "0009"
"""The last migration of the older keys."""


def run(desk: Desk, *statements: str) -> None:
    with desk.store.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def keys(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT name, name_key FROM company WHERE kind = 'client' ORDER BY id")
        return [(name, key) for name, key in rows]


def test_keys_come_and_go(any_desk: Desk) -> None:
    rows = (row(company="Źródło S.A."), row(contract_number="OK-2", company="Łoś", identifier="BM4000000002"))
    any_desk.as_system().do(import_contracts, file(*rows))
    new = [("Źródło S.A.", "źródło s.a."), ("Łoś", "łoś")]
    assert keys(any_desk) == new
    upgrade.run(any_desk.store, "downgrade", BEFORE)
    assert keys(any_desk) == [("Źródło S.A.", "zrodlo s.a."), ("Łoś", "los")]
    upgrade.run(any_desk.store, "upgrade", "head")
    assert keys(any_desk) == new
    report = any_desk.as_system().do(import_contracts, file(*rows))
    assert (report.created, report.updated, report.unchanged) == (0, 0, 2)


def test_two_companies_that_an_accent_tells_apart_go_back_as_two(any_desk: Desk) -> None:
    for name in ("Łoś", "Los"):
        any_desk.as_system().do(names.find_or_make, name)
    upgrade.run(any_desk.store, "downgrade", BEFORE)
    assert keys(any_desk) == [("Łoś", "łoś"), ("Los", "los")]
    upgrade.run(any_desk.store, "upgrade", "head")
    assert keys(any_desk) == [("Łoś", "łoś"), ("Los", "los")]


def test_lists_of_before_are_searched_and_sorted(any_desk: Desk) -> None:
    subscriber(any_desk, name="Ćwik O’Brien", email="jan@żółw.pl")
    subscriber(any_desk, "A-2", contract="U/2", name="Czyż O'Neil", addresses=())
    person(any_desk, "jan")
    iga = cares.installer(any_desk, "iga", cares.service_company(any_desk))
    iga.do(invitations.send, invite_form(name="Ola O’Brien", email="ola@żółw.pl"))
    upgrade.run(any_desk.store, "downgrade", BEFORE)
    run(
        any_desk,
        "UPDATE subscriber SET name_key = 'cwik o’brien', words = 'cwik o’brien' WHERE number = 'A-1001'",
        "UPDATE invitation SET name_key = 'ola o’brien'",
    )
    upgrade.run(any_desk.store, "upgrade", "head")
    agent = logged_in(any_desk, "adam", Role.AGENT)
    assert [one.name for one in agent.see(subscribers.subscribers, PageRequest()).rows] == [
        "Czyż O'Neil",
        "Ćwik O’Brien",
    ]
    for typed in ("O'Brien Ćwik", "żółw.pl"):
        assert [one.name for one in agent.see(subscribers.subscribers, PageRequest(), typed).rows] == ["Ćwik O’Brien"]
    assert [one.login for one in agent.see(staff.people, PageRequest(), "Testowa Jan").rows] == ["jan"]
    for typed in ("O'Brien", "ola@żółw.pl"):
        assert [one.name for one in iga.see(invitations.page, PageRequest(), typed).rows] == ["Ola O’Brien"]


def test_tickets_and_articles_of_before_are_found_by_dashes_of_any_kind(any_desk: Desk) -> None:
    ola, agent = logged_in(any_desk, "ola"), logged_in(any_desk, "adam", Role.AGENT)
    number = ola.do(create.create, admin_values("Część AB–12"))
    agent.do(conversation.note, number, conversation.Note(body="Zamiennik CD–34"))
    published(agent, form(title_pl="Numer EF–56"))
    upgrade.run(any_desk.store, "downgrade", BEFORE)
    run(
        any_desk,
        "UPDATE ticket_words SET public = '1 czesc ab 12', staff = 'zamiennik cd 34'",
        "UPDATE article_text SET found_by = ' numer ef 56 '",
    )
    upgrade.run(any_desk.store, "upgrade", "head")

    def found(as_: Desk, typed: str) -> list[int]:
        return [one.id for one in as_.see(listing.page, View("all", search=typed), PageRequest()).rows]

    assert found(ola, "AB-12") == found(agent, "AB-12") == found(agent, "CD-34") == [number]
    assert found(ola, "CD-34") == [], "a note stays the desk's own"
    assert titles(agent, search="EF-56") == ["Numer EF–56"]


def test_the_order_of_names_is_not_the_servers(postgres_desk: Desk) -> None:
    """A server's locale passes over spaces and puts small letters first."""
    wanted = (
        "SELECT table_name, collation_name FROM information_schema.columns "
        "WHERE column_name = 'name_order' AND table_schema = 'public' ORDER BY table_name"
    )
    with postgres_desk.store.reading() as connection:
        assert [tuple(one) for one in connection.exec_driver_sql(wanted)] == [
            (name, "C") for name in ("account", "care_grant", "product", "subscriber")
        ]


def test_names_written_in_parts_are_refused(desk: Desk) -> None:
    """What a list is sorted by is made of both names."""
    from core.models.accounts import Account

    with pytest.raises(TypeError, match="written together"):
        desk.as_system().do(lambda work: work.change(Account, sa.true(), first_name="Ola"))
    desk.as_system().do(names.find_or_make, "Łoś")
    desk.as_system().do(lambda work: work.change(Company, sa.true(), name="Ćma"))
    words = sa.select(table(Company).c.words)
    assert desk.as_system().see(lambda look: look.value(words)) == "cma"
