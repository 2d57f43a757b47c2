"""A company that nobody knows invites so many people a day; until ten have accepted, or an agent has looked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from core import forms
from core.care import invitation_reply, invitations
from core.errors import Conflict, DeskError, Forbidden, NotFound, Throttled
from core.imports.csv.source import Pasted
from core.imports.invitations import import_invitations
from core.installers import invitation_limit
from core.installers import invitations as installer_invitations
from core.installers.invitations import Colleague
from core.models.accounts import Role, Standing
from core.models.care import Invitation, InvitationState
from core.service.desk import Desk
from tests.core.care.acting import invite_form, invited
from tests.factories.cares import installer, service_company
from tests.factories.desks import journal_of, logged_in, mail, make_desk, seat

LIMIT = 12


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path / "d", care={"invitations_a_day": LIMIT})


def boss_of(desk: Desk) -> Desk:
    return installer(desk, "iga", service_company(desk), Standing.OWNER)


def send(boss: Desk, number: int, first: int = 0) -> None:
    for one in range(first, first + number):
        boss.do(invitations.send, invite_form(email=f"k{one}@example.com"))


def test_so_many_a_day_and_then_tomorrow(desk: Desk) -> None:
    boss = boss_of(desk)
    send(boss, LIMIT - 1)
    boss.do(installer_invitations.invite, forms.fill(Colleague, {"email": "nel@example.com", "language": "en"}))
    with pytest.raises(Throttled) as wait:
        send(boss, 1, 50)
    assert str(LIMIT) in wait.value.text()
    assert wait.value.until == dt.datetime(2026, 11, 20, 23, 0, tzinfo=dt.UTC), "midnight in Warsaw"
    with pytest.raises(Throttled):
        boss.do(invitations.again, 1)
    mine = boss.actor().account_id or 0
    desk.clock.move(wait.value.until - desk.now)
    send(seat(desk, mine), 1, 50)
    assert len(mail(desk)) == LIMIT + 1


def test_once_ten_have_accepted_there_is_no_limit_a_day(desk: Desk) -> None:
    boss = boss_of(desk)
    send(boss, invitation_limit.ACCEPTED)
    accept_all(desk)
    send(boss, 2 * LIMIT, 100)


def test_invitations_that_were_declined_make_no_company_known(desk: Desk) -> None:
    """It could have sent them to addresses of its own."""
    boss = boss_of(desk)
    for one in range(invitation_limit.ACCEPTED):
        _number, code = invited(boss, email=f"k{one}@example.com")
        desk.do(invitation_reply.decline, code)
    send(boss, LIMIT - invitation_limit.ACCEPTED, 100)
    with pytest.raises(Throttled):
        send(boss, 1, 200)


def test_a_known_company_stays_within_what_the_desk_mails_to_strangers(tmp_path: Path) -> None:
    """The rest is an agent's to give."""
    desk = make_desk(tmp_path / "d", mail={"strangers_an_hour": 2 * 2 * LIMIT})
    boss = boss_of(desk)
    send(boss, LIMIT)
    accept_all(desk)
    send(boss, LIMIT, 100)
    with pytest.raises(Throttled, match="Very many"):
        send(boss, 1, 200)
    logged_in(desk, "adam", Role.AGENT).do(invitation_limit.lift, boss.actor().account_id)
    send(boss, LIMIT, 200)


def accept_all(desk: Desk) -> None:
    """Whoever was invited has accepted."""
    desk.as_system().do(lambda work: work.change(Invitation, sa.true(), state=InvitationState.ACCEPTED.value))


def test_a_file_of_the_companys_own_is_limited_and_the_operators_is_not(desk: Desk) -> None:
    boss = boss_of(desk)
    rows = "".join(f"k{one}@example.com;Klient;ul. Krzywa {one}\n" for one in range(LIMIT + 1))
    content = Pasted(f"email;name;address\n{rows}".encode())
    with pytest.raises(Throttled):
        boss.do(import_invitations, content)
    assert mail(desk) == []
    report = desk.as_system().do(import_invitations, content, company="serwis@example.com")
    assert (report.created, len(mail(desk))) == (LIMIT + 1, LIMIT + 1)
    send(boss, LIMIT, 100)


def test_an_agent_lifts_it(desk: Desk) -> None:
    boss = boss_of(desk)
    send(boss, LIMIT)
    mine = boss.actor().account_id or 0
    with pytest.raises((Forbidden, NotFound)):
        boss.do(invitation_limit.lift, mine)
    agent = logged_in(desk, "adam", Role.AGENT)
    with pytest.raises(DeskError, match="no installer company"):
        agent.do(invitation_limit.lift, agent.actor().account_id)
    agent.do(invitation_limit.lift, mine)
    assert journal_of(desk)[-1] == "company.invitations_unlimited"
    send(boss, 2 * LIMIT, 100)
    with pytest.raises(Conflict):
        agent.do(invitation_limit.lift, mine)
