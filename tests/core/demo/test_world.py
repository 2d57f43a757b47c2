"""The demo's world: as large as promised, true to the desk's own rules, the same for a seed, and nobody's property."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa

from core import forms, resources
from core.accounts import login
from core.clock import MovableClock
from core.companies import activation
from core.db import text_search
from core.db.pagination import PageRequest
from core.demo import data, mailbox, plots, world
from core.demo.personas import Cast
from core.errors import Forbidden
from core.forms.field_types import raw
from core.models.accounts import Account
from core.models.care import AccessRequest, Application, Grant, GrantEvent, Invitation
from core.models.companies import Company, ServiceProfile
from core.models.contracts import Asset, Contract, Cover, Product, StoredDefinition
from core.models.devices import DeviceSetting
from core.models.mail import Outbox
from core.models.tickets import Answer, Event, Message, Status, Ticket, TicketAsset, TicketWords
from core.products import catalogue
from core.products.definitions import as_model
from core.security import passwords
from core.service import audit_log
from core.service.desk import Desk
from core.service.unit_of_work import ReadContext, table
from core.tickets import detail, listing
from tests.factories.desks import START, copied, make_desk, scratch, seat

NOBODYS = ("clico", "classcom", "panasonic", "aquarea", "palo alto", "fortinet", "cisco", "juniper", "e-bok", "aruba")


def build(folder: Path, seed: int = 7) -> tuple[Desk, Cast]:
    made = world.settings(folder)
    desk = make_desk(folder, MovableClock(START), demo=True, desk=made.desk, mail=made.mail)
    return desk, world.build(desk, seed=seed)


@lru_cache(maxsize=1)
def _made_once() -> tuple[Desk, Cast]:
    desk, cast = build(scratch() / "desk")
    desk.close()
    return desk, cast


def built(folder: Path) -> tuple[Desk, Cast]:
    """The world as it was made, once a process."""
    made, cast = _made_once()
    return copied(made, folder), cast


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Cast]]:
    """One world for every test that only looks."""
    passwords.use_profile("test")
    desk, cast = built(tmp_path_factory.mktemp("demo") / "desk")
    yield desk, cast
    desk.close()


def rows(desk: Desk, *columns: Any) -> list[Any]:
    return list(desk.as_system().see(lambda look: look.rows(sa.select(*columns))))


def test_it_is_as_large_as_promised(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    roles = Counter(row.role for row in rows(desk, table(Account)))
    assert roles["agent"] == 4
    assert roles["admin"] == 1
    assert sum(roles.values()) >= 60
    assert len(rows(desk, table(Company))) >= 12
    assert len(rows(desk, table(Contract))) >= 40
    assert len(rows(desk, table(Asset))) >= 300
    assert len(rows(desk, table(Ticket))) >= 500
    said = Counter(row.ticket_id for row in rows(desk, table(Message)))
    new = {row.id for row in rows(desk, table(Ticket)) if row.status == Status.NEW}
    assert all(2 <= number <= 12 for ticket, number in said.items() if ticket not in new)


def test_there_is_one_of_every_kind(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    people = rows(desk, table(Account))
    assert Counter(row.standing for row in people)["pending"] == 2
    assert any(row.password_hash is None for row in people)
    assert {row.language for row in people} == {"pl", "en"}
    assert all(row.totp_secret for row in people if row.role in ("agent", "admin"))
    assert all(row.totp_secret for row in people if row.role == "installer" and row.standing == "owner")
    assert {row.status for row in rows(desk, table(Ticket))} == set(Status)
    assert {row.priority for row in rows(desk, table(Ticket))} == {1, 2, 3, 4}
    assert {row.category for row in rows(desk, table(Product))} == {
        one.category for one in catalogue.catalogue().definitions
    }
    created = [row.created_at for row in rows(desk, table(Ticket))]
    assert START - min(created) > dt.timedelta(days=500)
    assert START - max(created) < dt.timedelta(days=1)


def test_contracts_are_in_every_state(demo: tuple[Desk, Cast]) -> None:
    desk, cast = demo
    now = desk.as_system().see(mailbox.standing)
    assert min(now.active, now.expiring, now.expired, now.not_begun, now.open_tickets) > 0
    assert {one.good_for for one in cast.contracts} == {"sign_up", "register", "early", "ended"}
    for one in cast.contracts:
        found = desk.as_system().see(activation.matching, one.number, one.code.lower())
        assert found is not None
        assert found.registered_at is None
        wrong = activation.out_of_period(found, START.date())
        assert (wrong is None) == (one.good_for in ("sign_up", "register"))


def test_every_status_is_its_last_event(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    last: dict[int, str] = {}
    before: dict[int, str] = {}
    for row in sorted(rows(desk, table(Event)), key=lambda row: row.id):
        if row.what == "status":
            assert row.before == last.get(row.ticket_id, "1")
            before[row.ticket_id], last[row.ticket_id] = row.before, row.after
    for ticket in rows(desk, table(Ticket)):
        assert str(ticket.status) == last.get(ticket.id, "1")
        assert (ticket.closed_at is not None) == (ticket.status == Status.CLOSED)
        assert (ticket.resolved_at is not None) == (ticket.status >= Status.RESOLVED)
        assert (ticket.assignee_id is None) == (ticket.status == Status.NEW)


def test_time_only_runs_forward(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    tickets = {row.id: row for row in rows(desk, table(Ticket))}
    at: dict[int, dt.datetime] = {}
    for event in sorted(rows(desk, table(Event)), key=lambda row: row.id):
        assert tickets[event.ticket_id].created_at <= event.at <= START
        assert event.at >= at.get(event.ticket_id, event.at)
        at[event.ticket_id] = event.at
    spoken: dict[int, dt.datetime] = {}
    for message in sorted(rows(desk, table(Message)), key=lambda row: row.id):
        assert message.created_at >= spoken.get(message.ticket_id, message.created_at)
        spoken[message.ticket_id] = message.created_at
    numbered = sorted(tickets.values(), key=lambda row: row.id)
    assert [row.created_at for row in numbered] == sorted(row.created_at for row in numbered)


def test_every_answer_fits_its_definition(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    given: dict[int, dict[str, Any]] = {}
    for row in rows(desk, table(Answer)):
        given.setdefault(row.ticket_id, {})[row.question] = row.value
    versions = {one.version: one for one in catalogue.catalogue().definitions}
    technical = [row for row in rows(desk, table(Ticket)) if row.kind == "technical"]
    assert len(technical) > 350
    for ticket in technical:
        definition = versions[ticket.definition]
        typed = {key: _typed(definition.question(key), value) for key, value in given[ticket.id].items()}
        wrong = forms.check(as_model(definition, "en"), typed)
        assert not wrong, (ticket.id, {name: said.text() for name, said in wrong.items()})
        assert set(forms.fill(as_model(definition, "en"), typed).model_fields_set) >= set(typed)
    assert {row.version for row in rows(desk, table(StoredDefinition))} == {row.definition for row in technical}


def _typed(question: Any, value: Any) -> Any:
    """A kept answer as somebody would have typed it."""
    if question.type == "datetime":
        return dt.datetime.fromisoformat(value).strftime("%Y-%m-%d %H:%M")
    return raw(value)


def test_every_identifier_fits_its_product(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    products = {row.id: catalogue.catalogue().find(row.vendor, row.name) for row in rows(desk, table(Product))}
    for asset in rows(desk, table(Asset)):
        found = products[asset.product_id]
        assert found is not None
        assert found[1].identify(asset.identifier) == asset.identifier


def test_tickets_are_about_what_was_covered_then(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    contracts = {row.id: row for row in rows(desk, table(Contract))}
    covers = {(row.contract_id, row.asset_id) for row in rows(desk, table(Cover))}
    tickets = {row.id: row for row in rows(desk, table(Ticket))}
    for link in rows(desk, table(TicketAsset)):
        ticket = tickets[link.ticket_id]
        if ticket.grant_id is not None:
            continue
        contract = contracts[ticket.contract_id]
        assert (ticket.contract_id, link.asset_id) in covers
        assert contract.valid_from <= ticket.created_at.date() <= contract.valid_until
        assert contract.company_id == ticket.company_id


def test_it_is_found_counted_and_read_like_any_ticket(demo: tuple[Desk, Cast]) -> None:
    desk, cast = demo
    agent = seat(desk, next(one.id for one in cast.personas if one.role == "agent"))
    page = agent.see(listing.page, listing.View("all", search="tunel vpn kawe"), PageRequest())
    assert page.rows
    counted = Counter(row.status for row in rows(desk, table(Ticket)) if row.team_id is None)
    assert agent.see(listing.counts)["new"] == counted[Status.NEW]
    shown = agent.see(detail.ticket, page.rows[0].id)
    assert shown.conversation
    assert shown.history
    assert shown.answers
    noted = next(row for row in rows(desk, table(Message)) if row.kind == "note")
    words = next(row for row in rows(desk, table(TicketWords)) if row.ticket_id == noted.ticket_id)
    assert text_search.index_text(noted.body) in words.staff
    assert text_search.index_text(noted.body) not in words.public


def test_everybody_logs_in_with_the_one_password(demo: tuple[Desk, Cast]) -> None:
    desk, cast = demo
    customer = next(one for one in cast.personas if one.role == "customer" and not one.authenticator)
    step = desk.do(login.password, customer.login, cast.password)
    assert step is not None
    assert step.step == "code"
    agent = next(one for one in cast.personas if one.role == "agent")
    step = desk.do(login.password, agent.login, cast.password)
    assert step is not None
    assert step.step == "authenticator"
    for _time in range(2):
        shown = mailbox.authenticator_code(desk, agent.id)
        assert shown is not None
        step = desk.do(login.password, agent.login, cast.password)
        assert step is not None
        answer = desk.do(login.authenticator, step.attempt, shown.code)
        assert getattr(answer, "entered", None) is not None


def test_the_journal_has_one_entry_and_is_whole(tmp_path: Path) -> None:
    desk, _cast = build(tmp_path / "desk")
    entries = rows(desk, table(audit_log.Entry))
    assert [row.action for row in entries] == ["demo.build"]

    def whole(look: ReadContext) -> bool:
        return audit_log.verify(look.connection, look.keys).whole

    assert desk.as_system().see(whole)
    desk.close()


_UNLIKE = {
    Account: {"totp_secret", "password_hash"},
    Contract: {"code_mac"},
    Outbox: {"message_id", "secrets"},
    ServiceProfile: {"management_hash"},
}
"""What a desk's own key or fresh randomness goes into."""


@pytest.mark.thorough
def test_a_seed_tells_one_world(tmp_path: Path) -> None:
    one, cast = build(tmp_path / "one", seed=3)
    two, again = build(tmp_path / "two", seed=3)
    other, _other_cast = build(tmp_path / "other", seed=4)
    assert cast == again
    same: list[Any] = [Account, Company, Product, Asset, Contract, Cover, Ticket, TicketAsset, Answer, Message, Event]
    same += [ServiceProfile, Application, Invitation, Grant, AccessRequest, GrantEvent, DeviceSetting]
    for model in (*same, TicketWords, Outbox):
        columns = [column for column in table(model).c if column.name not in _UNLIKE.get(model, set())]
        assert rows(one, *columns) == rows(two, *columns), model
    bodies = [rows(desk, table(Message).c.body) for desk in (one, other)]
    assert bodies[0] != bodies[1]
    named = [rows(desk, table(Application).c.device) for desk in (one, other)]
    assert named[0] != named[1]
    for desk in (one, two, other):
        desk.close()


def test_every_text_is_there_in_both_languages() -> None:
    assert len(data.stories()) >= 40
    assert len({story.id for story in data.stories()}) == len(data.stories())
    for story in data.stories():
        assert set(story.subject) == {"pl", "en"}
        assert 2 <= len(story.talk) <= 12
        assert story.talk[0].by == "customer"
        assert story.talk[-1].by == "resolved"
        assert all(line.by in data.SPEAKERS for line in story.talk)
        assert all(line.by != "resolved" for line in story.talk[:-1])
        for line in story.talk:
            assert line.text["pl"].strip()
            assert line.text["en"].strip()
            assert line.text["pl"] != line.text["en"]
    categories = {story.category for story in data.stories()}
    assert categories == {"", *(one.category for one in catalogue.catalogue().definitions)}
    told = data.world()
    for one in (*told["staff"], *told["personas"]):
        assert set(one["shows"]) == {"pl", "en"}
    for part in ("names", "texts", "places"):
        assert set(told["care"][part]) == {"pl", "en"}
        assert told["care"][part]["pl"].keys() == told["care"][part]["en"].keys()


def test_nothing_of_the_makers_is_in_the_data() -> None:
    for file in resources.root().rglob("*"):
        if file.suffix in (".toml", ".j2", ".md"):
            text = file.read_text(encoding="utf-8").casefold()
            found = [name for name in NOBODYS if re.search(rf"\b{re.escape(name)}\b", text)]
            assert not found, (file, found)


@pytest.mark.parametrize("status", list(Status))
def test_a_story_is_told_up_to_a_status(status: Status) -> None:
    import random

    for story in data.stories():
        rng = random.Random(1)
        course = plots.plot(
            rng,
            plots.lines_until(story, status, rng),
            status,
            START - dt.timedelta(days=3),
            START,
            priority=2,
        )
        if plots.reaches(story, status):
            assert course.status is status, story.id
        assert course.steps[-1].at <= START


def test_a_real_desk_shows_none_of_this(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        world.build(desk)
    with pytest.raises(Forbidden):
        mailbox.authenticator_code(desk, 1)
    with pytest.raises(Forbidden):
        mailbox.PostBox(desk)
    for use_case in (lambda: desk.as_system().do(mailbox.enter, 1), lambda: desk.as_system().see(mailbox.standing)):
        with pytest.raises(Forbidden):
            use_case()


def test_nothing_from_outside_reaches_the_demos_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DATABASE_URL", "postgresql://real/desk")
    monkeypatch.setenv("OKIENKO_MAIL__BACKEND", "smtp")
    monkeypatch.setenv("OKIENKO_MAIL__HOST", "mail.example.com")
    monkeypatch.setenv("OKIENKO_SECURITY__KEY_FILE", "/real/desk.key")
    (tmp_path / "okienko.toml").write_text('[mail]\nbackend = "smtp"\n', encoding="utf-8")
    monkeypatch.setenv("OKIENKO_CONFIG", str(tmp_path / "okienko.toml"))
    made = world.settings(tmp_path / "demo")
    assert made.demo
    assert made.database_url is None
    assert made.database_file.parent == made.key_file.parent == tmp_path / "demo"
    assert (made.mail.backend, made.mail.host, made.maildir) == ("maildir", "localhost", tmp_path / "demo" / "mail")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("your code is:\n\n    123456\n\nbye", "123456"),
        ("code\n\n    12345678\n", "12345678"),
        ("x\n    K7QF-M2XD-9PLT-3HWC\n\n okienko confirm K7QF-M2XD-9PLT-3HWC", ""),
        ("x\n    K7QF-M2XD-9P1T-3HWC\n\n okienko confirm K7QF-M2XD-9P1T-3HWC", "K7QF-M2XD-9P1T-3HWC"),
        ("ticket 123456 has an answer", ""),
    ],
)
def test_the_code_of_a_mail_is_the_one_on_a_line_of_its_own(body: str, code: str) -> None:
    assert mailbox.code_in(body) == code


def test_the_authenticator_shows_what_an_app_would(demo: tuple[Desk, Cast]) -> None:
    desk, cast = demo
    admin = next(one for one in cast.personas if one.role == "admin")
    shown = mailbox.authenticator_code(desk, admin.id)
    assert shown is not None

    def secret(look: ReadContext) -> str:
        account = look.unscoped(Account, table(Account).c.id == admin.id)
        assert account is not None
        assert account.totp_secret is not None
        return look.keys.unseal("totp", account.totp_secret, str(account.id))

    assert shown.code == pyotp.TOTP(desk.as_system().see(secret)).at(START)
    customer = next(one for one in cast.personas if not one.authenticator)
    assert mailbox.authenticator_code(desk, customer.id) is None
