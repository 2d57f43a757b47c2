"""Opening a ticket: what is asked, what is covered, and all of it or nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from core.db.pagination import PageRequest
from core.errors import Forbidden, Invalid
from core.models.accounts import Role, Standing
from core.models.mail import Outbox
from core.models.tickets import Answer, Event, Message, Status, Tally, Ticket, TicketAsset, TicketKind, TicketWords
from core.service import audit_log
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.tickets import create, detail, listing
from core.tickets.listing import View
from tests.factories.desks import admin_values, contract, journal_of, logged_in, mail, person, ticket_values

OURS = "Tarnina sp. z o.o."
TABLES = (Ticket, TicketAsset, Answer, Message, Event, TicketWords, Outbox, Tally)


def stored(desk: Desk) -> dict[str, int]:
    """How many rows each table of a ticket holds."""

    def count(look: Any) -> dict[str, int]:
        return {
            model.__name__: int(look.value(sa.select(sa.func.count()).select_from(table(model)))) for model in TABLES
        }

    return desk.as_system().see(count)


@pytest.fixture
def ola(desk: Desk) -> Desk:
    return logged_in(desk, "ola", company=OURS)


def refused(desk: Desk, values: dict[str, Any], assets: tuple[int, ...] = ()) -> set[str]:
    with pytest.raises(Invalid) as error:
        desk.do(create.create, values, assets)
    return set(error.value.fields)


def test_an_administrative_ticket(any_desk: Desk) -> None:
    person(any_desk, "adam", Role.AGENT)
    mine = logged_in(any_desk, "ola", company=OURS)
    number = mine.do(create.create, admin_values("Nie mogę zarejestrować kontraktu"))
    shown = mine.see(detail.ticket, number)
    assert (shown.kind, shown.status, shown.version, shown.assets, shown.answers) == ("administrative", 1, 1, (), ())
    assert [(said.body, said.staff) for said in shown.conversation] == [("How do I register a contract?", False)]
    assert [event.what for event in shown.history] == ["created"]
    assert [(row.letter, row.address, row.details["number"]) for row in mail(any_desk)] == [
        ("ticket_created", "ola@example.com", number),
        ("ticket_new", "adam@example.com", number),
    ]
    assert journal_of(any_desk)[-1] == "ticket.create"


def test_a_technical_ticket_with_what_its_product_asks(any_desk: Desk) -> None:
    _id, assets = contract(any_desk, identifiers=("FW-1", "FW-2"))
    mine = logged_in(any_desk, "ola", company=OURS)
    number = mine.do(create.create, ticket_values("Nie działa"), assets)
    shown = mine.see(detail.ticket, number)
    assert (shown.kind, shown.relation, shown.contract.number) == ("technical", "fault", "OK-1")
    assert [asset.identifier for asset in shown.assets] == ["FW-1", "FW-2"]
    assert len(shown.answers) >= 5
    for typed in ("nie działa", "fw-2", "Barwa", str(number)):
        assert [row.id for row in mine.see(listing.page, View(search=typed), PageRequest()).rows] == [number]


def test_an_asset_twice_is_one_asset(desk: Desk, ola: Desk) -> None:
    _id, (asset,) = contract(desk)
    number = ola.do(create.create, ticket_values(), (asset, asset))
    assert len(ola.see(detail.ticket, number).assets) == 1


# What is not covered


@pytest.mark.parametrize(
    "given",
    [
        {"valid_until": dt.date(2026, 11, 19)},
        {"valid_from": dt.date(2026, 11, 21)},
        {"registered": False},
        {"company": "Inna"},
        {"company": ""},
    ],
)
def test_only_what_is_covered_today(desk: Desk, ola: Desk, given: dict[str, Any]) -> None:
    contract(desk, "GOOD", identifiers=("good",))
    _id, bad = contract(desk, "BAD", identifiers=("bad",), **given)
    for assets in (bad, (1, *bad), (999,)):
        assert refused(ola, ticket_values(), assets) == {"assets"}
        with pytest.raises(Invalid):
            ola.see(create.ask, assets)
    assert stored(desk)["Ticket"] == 0


def test_cover_that_ends_while_the_form_is_open(desk: Desk, ola: Desk) -> None:
    _id, assets = contract(desk, valid_until=dt.date(2026, 11, 20))
    assert ola.see(create.ask, assets).kind is TicketKind.TECHNICAL
    desk.clock.move(dt.timedelta(hours=11))
    assert ola.see(create.ask, assets)
    desk.clock.move(dt.timedelta(minutes=59))
    ola.do(create.create, ticket_values(), assets)


def test_one_kind_of_device_a_ticket(desk: Desk, ola: Desk) -> None:
    _id, firewall = contract(desk)
    _id, switch = contract(desk, "OK-2", identifiers=("SW-1",), category="switch")
    assert refused(ola, ticket_values(), firewall + switch) == {"assets"}


def test_somebody_who_waits_has_nothing_covered(desk: Desk) -> None:
    _id, assets = contract(desk)
    waits = logged_in(desk, "ola", company=OURS, standing=Standing.PENDING)
    assert refused(waits, ticket_values(), assets) == {"assets"}


# What is missing


@pytest.mark.parametrize(
    "left_out", ["subject", "priority", "description", "relation", "occurred", "production", "area"]
)
def test_what_is_left_out_is_named(desk: Desk, ola: Desk, left_out: str) -> None:
    _id, assets = contract(desk)
    assert refused(ola, ticket_values() | {left_out: ""}, assets) == {left_out}
    assert refused(ola, {k: v for k, v in ticket_values().items() if k != left_out}, assets) == {left_out}
    assert sum(stored(desk).values()) == 0


def test_a_question_that_another_answer_brings_up(desk: Desk, ola: Desk) -> None:
    _id, assets = contract(desk)
    missing = refused(ola, ticket_values(changed="yes"), assets)
    assert missing
    asked = {field.name: field for field in ola.see(create.ask, assets).product}
    assert all(asked[name].when is not None and asked[name].when.field == "changed" for name in missing)


def test_nothing_is_kept_of_a_question_that_was_not_asked(desk: Desk, ola: Desk) -> None:
    _id, assets = contract(desk)
    asked = ola.see(create.ask, assets).product
    hidden = next(field.name for field in asked if field.when is not None and field.when.field == "changed")
    number = ola.do(create.create, ticket_values(**{hidden: "was typed before"}), assets)
    kept = desk.as_system().see(lambda look: look.rows(sa.select(table(Answer).c.question)))
    assert hidden not in {row.question for row in kept}
    assert number


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"subject": "x" * 151}, "subject"),
        ({"subject": "\x1b\u202e\u200b "}, "subject"),
        ({"priority": "9"}, "priority"),
        ({"priority": "' OR 1=1"}, "priority"),
        ({"description": "x" * 20_001}, "description"),
    ],
)
def test_what_can_not_be(desk: Desk, ola: Desk, values: dict[str, str], field: str) -> None:
    assert refused(ola, {**admin_values(), **values}) == {field}


def test_hostile_text_is_kept_as_text(desk: Desk, ola: Desk) -> None:
    number = ola.do(
        create.create, admin_values("[@click=app.quit]x[/]\x1b]52;c;aGk=\x07\u202e", description="a\x9b31mb\n[/]")
    )
    shown = ola.see(detail.ticket, number)
    assert shown.subject == "[@click=app.quit]x[/]]52;c;aGk="
    assert shown.conversation[0].body == "a31mb\n[/]"


def test_values_of_other_names_are_nothing(desk: Desk, ola: Desk) -> None:
    number = ola.do(create.create, {**admin_values(), "status": "6", "company_id": "99", "requester_id": "99"})
    shown = ola.see(detail.ticket, number)
    assert (shown.status, shown.customer.login) == (Status.NEW, "ola")


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMIN, Role.INSTALLER])
def test_only_customers_ask_for_help(desk: Desk, role: Role) -> None:
    with pytest.raises(Forbidden):
        logged_in(desk, "ktos", role).do(create.create, admin_values())
    with pytest.raises(Forbidden):
        desk.do(create.create, admin_values())


# All or nothing


@pytest.mark.parametrize("fails", ["journal", "mail", "words"])
def test_all_of_it_or_nothing(desk: Desk, ola: Desk, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    _id, assets = contract(desk)
    person(desk, "adam", Role.AGENT)
    before, told = stored(desk), journal_of(desk)

    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError(fails)

    from core.service.unit_of_work import UnitOfWork
    from core.tickets import search_index

    with monkeypatch.context() as patch:
        where = {"journal": (audit_log, "write"), "mail": (UnitOfWork, "mail"), "words": (search_index, "first")}[fails]
        patch.setattr(*where, fail)
        with pytest.raises(RuntimeError, match=fails):
            ola.do(create.create, ticket_values(), assets)
    assert stored(desk) == before
    assert journal_of(desk) == told
    assert ola.do(create.create, ticket_values(), assets) == 1, "not even a number was used up"


def test_the_teams_address_instead_of_every_agent(tmp_path: Any) -> None:
    from tests.factories.desks import make_desk

    desk = make_desk(tmp_path / "d", desk={"team_email": "zespol@example.com", "language": "pl"})
    person(desk, "adam", Role.AGENT)
    logged_in(desk, "ola").do(create.create, admin_values())
    assert [(row.letter, row.address, row.language) for row in mail(desk, "ticket_new")] == [
        ("ticket_new", "zespol@example.com", "pl")
    ]
    desk.close()
