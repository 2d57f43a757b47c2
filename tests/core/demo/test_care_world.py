"""The demo's care: every state there is, true to the desk's own rules, and nobody sees another company's."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from core import forms, jobs
from core.accounts import login
from core.care import (
    access,
    access_requests,
    approval,
    device_ids,
    grants,
    history,
    invitation_reply,
    invitations,
    overview,
)
from core.clock import MovableClock
from core.db.pagination import PageRequest
from core.demo import data, mailbox, world
from core.demo.personas import Cast, Persona
from core.demo.world import STAGES
from core.devices import fault_ticket, monitoring
from core.errors import NotFound
from core.installers import profile
from core.installers.profile import ManagementPassword
from core.mail import delivery
from core.models.accounts import Account
from core.models.care import (
    AccessRequest,
    Application,
    ApplicationState,
    Grant,
    GrantEvent,
    Invitation,
    InvitationState,
    RequestState,
)
from core.models.companies import ServiceProfile
from core.models.contracts import Asset
from core.models.devices import DeviceSetting
from core.models.levels import Right, always
from core.models.mail import MailState, Outbox
from core.models.tickets import OPEN_BELOW, Tally, Ticket, TicketAsset, TicketWords
from core.security import passwords
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.tickets import detail, listing
from tests.core.demo.test_world import built
from tests.factories.desks import START, make_desk, seat

ALL = PageRequest(limit=200)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Cast]]:
    """One world for every test that only looks."""
    passwords.use_profile("test")
    desk, cast = built(tmp_path_factory.mktemp("demo") / "desk")
    yield desk, cast
    desk.close()


@pytest.fixture
def own(tmp_path: Any) -> Iterator[tuple[Desk, Cast]]:
    """One for a test that does something."""
    desk, cast = built(tmp_path / "desk")
    yield desk, cast
    desk.close()


def rows(desk: Desk, model: Any) -> list[Any]:
    return list(
        desk.as_system().see(lambda look: look.rows(sa.select(table(model)).order_by(*table(model).primary_key)))
    )


def persona(cast: Cast, role: str, part: int = 0) -> Persona:
    return [one for one in cast.personas if one.role == role][part]


def at_home(cast: Cast) -> list[Persona]:
    """Those with a heat pump: question waiting, applied, invited."""
    return cast.personas[-6:-3]  # type: ignore[return-value]


def installers(desk: Desk) -> dict[int, Desk]:
    """Somebody of each service company, by company."""
    people = [row for row in rows(desk, Account) if row.role == "installer" and row.standing == "member"]
    return {row.company_id: seat(desk, row.id) for row in people}


def test_it_is_as_large_as_promised(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    assert len(rows(desk, ServiceProfile)) == 3
    assert all(row.active_at for row in rows(desk, ServiceProfile))
    home = [row for row in rows(desk, Account) if row.role == "customer" and row.email.endswith("@poczta.example")]
    assert len(home) >= 40
    running = [row for row in rows(desk, Grant) if row.ended_at is None]
    assert {row.level for row in running} == {1, 2, 3, 4}
    assert len(rows(desk, Grant)) - len(running) >= 4
    states = Counter(row.state for row in rows(desk, Application))
    assert states["pending"] == 14
    assert states["rejected"] == 1
    assert len(rows(desk, Invitation)) == 8
    assert {row.state for row in rows(desk, Invitation)} == set(InvitationState)
    assert {row.state for row in rows(desk, AccessRequest)} == set(RequestState)


def test_the_pending_are_of_all_ages_and_one_is_about_to_run_out(demo: tuple[Desk, Cast]) -> None:
    desk, cast = demo
    page = seat(desk, persona(cast, "installer").id).see(approval.page, ALL)
    left = [row.days_left for row in page.rows]
    assert left == sorted(left)
    assert (left[0], left[-1]) == (2, 28)
    assert [row.soon for row in page.rows] == [True] + [False] * 9
    assert seat(desk, persona(cast, "installer").id).see(approval.count) == 10


def test_every_application_and_invitation_keeps_the_rules(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    for row in rows(desk, Application):
        assert device_ids.named(row.device) is not None
        assert row.expires_at - row.created_at == dt.timedelta(days=28)
        waits = row.state == ApplicationState.PENDING
        assert waits == (row.decided_at is None)
        assert not waits or row.expires_at > START
        assert row.remind_at is None or START < row.remind_at < row.expires_at
        assert waits or row.created_at < row.decided_at <= START
    for row in rows(desk, Invitation):
        waits = row.state == InvitationState.SENT
        assert waits == (row.answered_at is None)
        assert not waits or row.expires_at > START
        assert row.answered_at is None or row.sent_at < row.answered_at <= START
        assert (row.customer_id is None) == (row.state != InvitationState.ACCEPTED)
    created = [row.created_at for row in rows(desk, Application)]
    sent = [row.sent_at for row in rows(desk, Invitation)]
    assert (created, sent) == (sorted(created), sorted(sent))


def test_nothing_is_due_at_the_first_moment(own: tuple[Desk, Cast]) -> None:
    desk, _cast = own
    assert not any(jobs.run(desk).values())
    desk.clock.move(dt.timedelta(days=3))  # type: ignore[attr-defined]
    done = jobs.run(desk)
    assert done["applications-run-out"] == 1
    assert done["invitations-run-out"] == 1
    assert done["application-reminders"] > 0


def test_every_grant_has_its_two_sides_and_where_it_came_from(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    applications = {row.id: row for row in rows(desk, Application)}
    invited = {row.id: row for row in rows(desk, Invitation)}
    assets = {row.id: row for row in rows(desk, Asset)}
    for row in rows(desk, Grant):
        assert assets[row.asset_id].account_id == row.customer_id
        assert assets[row.asset_id].company_id is None
        assert (row.application_id is None) != (row.invitation_id is None)
        if row.application_id is not None:
            came = applications[row.application_id]
            assert (came.state, came.decided_at, came.customer_id) == ("approved", row.since, row.customer_id)
            assert came.device == assets[row.asset_id].identifier
        else:
            accepted = invited[row.invitation_id]
            assert (accepted.state, accepted.answered_at, accepted.customer_id) == (
                "accepted",
                row.since,
                row.customer_id,
            )
    taken = {row.application_id for row in rows(desk, Grant)}
    assert {row.id for row in applications.values() if row.state == "approved"} <= taken


def test_the_histories_tell_only_what_could_happen(demo: tuple[Desk, Cast]) -> None:
    """Walked again by the rules: levels follow each other, and a right was used only while it was open."""
    desk, _cast = demo
    people = {row.id: row for row in rows(desk, Account)}
    told: dict[int, list[Any]] = {}
    for event in rows(desk, GrantEvent):
        told.setdefault(event.grant_id, []).append(event)
    whats: Counter[str] = Counter()
    for grant in rows(desk, Grant):
        events = told[grant.id]
        assert [one.at for one in events] == sorted(one.at for one in events)
        assert events[0].what == "granted"
        level, changes = int(events[0].detail), 0
        allowed: dict[str, dt.datetime] = {}
        for one in events:
            whats[one.what] += 1
            actor = people[one.actor_id]
            ours = actor.company_id == grant.company_id
            assert ours or actor.id == grant.customer_id
            match one.what:
                case "level":
                    before, level = (int(part) for part in one.detail.split())
                    assert before != level
                    changes += 1
                    assert not ours
                case "allowed":
                    allowed[one.right_] = one.at + dt.timedelta(hours=int(one.detail.split()[0]))
                case "stopped":
                    del allowed[one.right_]
                case "used":
                    assert ours
                    open_ = always(level, Right(one.right_)) or one.at < allowed.get(one.right_, grant.since)
                    assert open_, (grant.id, one)
                    assert bool(one.detail) == (one.right_ != "monitoring")
        assert level == grant.level
        assert grant.version == 1 + changes + (grant.ended_at is not None)
        assert (events[-1].what == "ended") == (grant.ended_at is not None)
    assert set(whats) == {"granted", "level", "asked", "allowed", "denied", "withdrawn", "stopped", "used", "ended"}


def test_every_order_to_a_device_is_in_a_history(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    ordered = [row for row in rows(desk, DeviceSetting) if row.actor_id is not None]
    used = [row for row in rows(desk, GrantEvent) if row.what == "used" and row.detail]
    assert len(ordered) == len(used) > 5
    assert sorted(row.at for row in ordered) == sorted(row.at for row in used)


def test_a_device_is_out_of_order_and_its_owner_is_asked(own: tuple[Desk, Cast]) -> None:
    desk, cast = own
    owner = seat(desk, at_home(cast)[0].id)
    assert owner.see(overview.comes_first)
    question, running = owner.see(overview.overview, PageRequest()).rows[:2]
    assert (question.kind, question.right, running.kind, running.state) == ("question", "control", "service", "active")
    assert running.asset_id is not None
    values = owner.see(fault_ticket.fault_ticket, running.asset_id)
    assert values["error_code"] == "H62"
    firm = seat(desk, persona(cast, "installer").id)
    assert firm.do(monitoring.look_in, running.asset_id).reading.error == "H62"
    assert not firm.see(access.may, Right.CONTROL, running.asset_id).allowed
    owner.do(access_requests.answer, question.thing_id, allow=True)
    assert firm.see(access.may, Right.CONTROL, running.asset_id).allowed


def test_one_permission_runs_now(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    now = [row for row in rows(desk, AccessRequest) if row.state == "allowed" and row.until > START]
    assert len(now) == 1
    company = installers(desk)[now[0].company_id]
    grant = next(row for row in rows(desk, Grant) if row.id == now[0].grant_id)
    assert company.see(access.may, Right(now[0].right_), grant.asset_id).by is access.By.PERMISSION


def test_the_codes_in_the_post_room_open_the_invitations(own: tuple[Desk, Cast]) -> None:
    desk, cast = own
    delivery.deliver(desk)
    mails = {
        mail.to: mailbox.code_in(mail.body) for mail in mailbox.PostBox(desk).mails() if mailbox.code_in(mail.body)
    }
    waiting = [row for row in rows(desk, Invitation) if row.state == InvitationState.SENT]
    assert len(waiting) == 3
    for row in waiting:
        assert desk.see(invitation_reply.invited, mails[row.email]).id == row.id
    guest = at_home(cast)[2]
    assert guest.by_hand
    assert guest.name in {row.name for row in waiting}
    assert guest.id not in {row.id for row in rows(desk, Account)}


def test_every_letter_of_the_first_days_can_be_written(own: tuple[Desk, Cast]) -> None:
    desk, _cast = own
    letters = Counter(row.letter for row in rows(desk, Outbox))
    expected = {"application_sent", "application_received", "application_reminder", "access_asked"}
    assert {*expected, "care_invitation", "invitation_reminder", "ticket_replied"} <= set(letters)
    due = [row.due_at for row in rows(desk, Outbox)]
    assert due == sorted(due)
    delivery.deliver(desk)
    assert {row.state for row in rows(desk, Outbox)} == {MailState.SENT.value}
    about = [mail for mail in mailbox.PostBox(desk).mails() if "Pompa i Okoliczności" in mail.subject]
    assert about


def test_an_installers_morning(demo: tuple[Desk, Cast]) -> None:
    """Tickets in every view, counted as they are; about devices the company looks after, answered by its people."""
    desk, _cast = demo
    people = {row.id: row for row in rows(desk, Account)}
    tickets = {row.id: row for row in rows(desk, Ticket) if row.team_id is not None}
    tally = {(row.owner_kind, row.owner_id, row.status): row.tickets for row in rows(desk, Tally)}
    links = {row.ticket_id: row.asset_id for row in rows(desk, TicketAsset)}
    by_id = {row.id: row for row in rows(desk, Grant)}
    for ticket in tickets.values():
        grant = by_id[ticket.grant_id]
        assert (grant.company_id, grant.asset_id) == (ticket.team_id, links[ticket.id])
        assert grant.customer_id == ticket.requester_id
        assert ticket.contract_id is None
        assert grant.since <= ticket.created_at <= (grant.ended_at or START)
        assert ticket.assignee_id is None or people[ticket.assignee_id].company_id == ticket.team_id
    for company_id, member in installers(desk).items():
        mine = [row for row in tickets.values() if row.team_id == company_id]
        assert member.see(listing.counts)["new"] == sum(row.status == 1 for row in mine) > 0
        assert member.see(listing.counts)["all"] == len(mine)
        page = member.see(listing.page, listing.View("all"), ALL)
        assert {row.id for row in page.rows} == {row.id for row in mine}
        for status in range(1, 7):
            assert tally.get(("team", company_id, status), 0) == sum(row.status == status for row in mine)
        listed = member.see(grants.customers, ALL).rows
        open_ = Counter(row.grant_id for row in mine if row.status < OPEN_BELOW)
        assert {row.id: row.open_tickets for row in listed} == {row.id: open_[row.id] for row in listed}


def test_nobody_sees_another_companys(demo: tuple[Desk, Cast]) -> None:
    desk, _cast = demo
    of = installers(desk)
    scope = {row.ticket_id: row.scope for row in rows(desk, TicketWords)}
    for company_id, member in of.items():
        for ticket in rows(desk, Ticket):
            if ticket.team_id == company_id:
                assert member.see(detail.ticket, ticket.id).subject == ticket.subject
                assert f" t{company_id} care " in scope[ticket.id]
            elif ticket.id % 7 == 0 or ticket.team_id is not None:
                with pytest.raises(NotFound):
                    member.see(detail.ticket, ticket.id)
        for grant in rows(desk, Grant):
            if grant.company_id != company_id:
                with pytest.raises(NotFound):
                    member.see(history.read, grant.id)
                assert not member.see(access.may, Right.MONITORING, grant.asset_id).allowed
        theirs = {row.id for row in rows(desk, Application) if row.company_id == company_id and row.state == "pending"}
        assert {row.id for row in member.see(approval.page, ALL).rows} == theirs
        theirs = {row.id for row in rows(desk, Invitation) if row.company_id == company_id}
        assert {row.id for row in member.see(invitations.page, ALL).rows} == theirs


def test_the_played_installers_get_in_and_manage(own: tuple[Desk, Cast]) -> None:
    desk, cast = own
    owner, member = persona(cast, "installer", 0), persona(cast, "installer", 1)
    assert (owner.standing, owner.authenticator, member.standing) == ("owner", True, "member")
    assert {owner.language, member.language} == {"pl", "en"}
    step = desk.do(login.password, owner.login, cast.password)
    assert step is not None
    assert step.step == "authenticator"
    step = desk.do(login.password, member.login, cast.password)
    assert step is not None
    assert step.step == "code"
    secret = data.world()["care"]["management_password"]
    assert all(secret in text for text in owner.shows.values())
    typed = forms.fill(ManagementPassword, {"password": secret})
    assert seat(desk, owner.id).do(profile.unlock, typed)


def test_it_is_made_in_no_time(tmp_path: Any) -> None:
    """The visitor waits for it. Measured by the processor's time: other tests run beside this one."""
    made = world.settings(tmp_path / "desk")
    desk = make_desk(tmp_path / "desk", MovableClock(START), demo=True, desk=made.desk, mail=made.mail)
    heard: list[int] = []
    begun = time.process_time()
    world.build(desk, announce=heard.append)
    assert time.process_time() - begun < 1.8
    assert heard == list(range(len(STAGES)))
    desk.close()
