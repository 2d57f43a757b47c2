"""What can't be done about a device's care says why, the same from its row, from its card and from an attempt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.care import access_requests, applications, approval, grants, invitations, overview
from core.db.pagination import PageRequest
from core.errors import Conflict
from core.models.accounts import Standing
from core.models.care import Application, Grant
from core.service.actions import Available
from core.service.desk import Desk
from tests.core.care.acting import DEVICE, applied, approved, asked, invited, row
from tests.core.care.conftest import World
from tests.factories import cares
from tests.factories.desks import contract, logged_in


def words(available: Available) -> dict[str, str]:
    """The reasons, by action; empty where it can be done."""
    return {name: "" if reason is None else reason.text() for name, reason in available.items()}


def refused(desk: Desk, act: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """What an attempt says."""
    with pytest.raises(Conflict) as refusal:
        desk.do(act, *args, **kwargs)
    return refusal.value.text()


def lines(desk: Desk) -> dict[str, dict[str, str]]:
    """What the customer can do about each line of *Service*, by the line's kind."""
    actor = desk.actor()
    page = desk.see(overview.overview, PageRequest())
    return {line.kind: words(overview.available_for(actor, line)) for line in page.rows}


def test_an_application_is_changed_and_decided_while_it_waits(world: World) -> None:
    application = applied(world.zofia)
    assert lines(world.zofia) == {"application": {"application.level": "", "application.withdraw": ""}}
    assert words(world.iwan.see(approval.card, application).available) == {
        "application.approve": "",
        "application.reject": "",
    }
    world.zofia.do(applications.withdraw, application)
    mine = words(world.zofia.see(applications.card, application).available)
    assert mine == lines(world.zofia)["application"]
    assert mine["application.level"] == refused(world.zofia, applications.change_level, application, 3, seen=2) != ""
    theirs = words(world.iwan.see(approval.card, application).available)
    assert theirs["application.approve"] == theirs["application.reject"]
    assert theirs["application.reject"] == "The customer has withdrawn this application."
    assert theirs["application.reject"] == refused(
        world.iwan, approval.reject, application, approval.Rejection(reason="x"), seen=2
    )


def test_an_application_that_ran_out_is_over_before_the_job_has_run(world: World) -> None:
    application = applied(world.zofia)
    world.later(days=29)
    assert row(world.desk, Application, application).state == "pending"
    assert lines(world.zofia)["application"]["application.withdraw"] == refused(
        world.zofia, applications.withdraw, application
    )


def test_a_service_that_has_ended_is_not_changed(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia))
    assert lines(world.zofia) == {"service": {"grant.level": "", "grant.end": ""}}
    world.zofia.do(grants.end, grant, seen=1)
    over = "This service has ended."
    assert lines(world.zofia) == {"service": {"grant.level": over, "grant.end": over}}
    assert words(world.zofia.see(grants.card, grant).available) == {"grant.level": over, "grant.end": over}
    assert words(world.iwan.see(grants.card, grant).available) == {"grant.ask": over}
    for act in (lambda: refused(world.zofia, grants.end, grant, seen=2), lambda: refused_to_ask(world, grant)):
        assert act() == over
    assert row(world.desk, Grant, grant).version == 2


def refused_to_ask(world: World, grant: int) -> str:
    form = access_requests.AskAccess(right="control", reason="x", hours=1)
    return refused(world.iwan, access_requests.ask, grant, form)


def test_where_everything_is_open_there_is_nothing_to_ask_for(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="4"))
    reason = words(world.iwan.see(grants.card, grant).available)["grant.ask"]
    assert reason == refused_to_ask(world, grant) == "You have this access now; there is nothing to ask for."


def test_a_question_and_a_permission_have_keys_of_their_own(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia))
    request = asked(world.iwan, grant)
    waits, answered = "This is only asked for: allow it or deny it.", "This was allowed."
    assert lines(world.zofia)["question"] == {"permission.answer": "", "permission.stop": waits}
    assert refused(world.zofia, access_requests.stop, request) == waits
    world.zofia.do(access_requests.answer, request, allow=True)
    running = lines(world.zofia)["permission"]
    assert running["permission.stop"] == ""
    assert running["permission.answer"] == refused(world.zofia, access_requests.answer, request, allow=False)
    assert running["permission.answer"].startswith(answered)
    assert refused(world.iwan, access_requests.withdraw, request).startswith(answered)
    world.zofia.do(access_requests.stop, request)
    assert refused(world.zofia, access_requests.stop, request) == "This permission is over already."


def test_an_invitation_is_sent_again_until_it_is_answered(world: World) -> None:
    invitation, _code = invited(world.iwan)
    actor = world.iwan.actor()

    def can() -> dict[str, str]:
        page = world.iwan.see(invitations.page, PageRequest())
        return words(invitations.available_for_state(actor, page.rows[0].state))

    assert can() == {"invitation.again": "", "invitation.withdraw": ""}
    world.later(days=29)
    assert can()["invitation.again"] == ""
    assert can()["invitation.withdraw"] == refused(world.iwan, invitations.withdraw, invitation) != ""
    world.iwan.do(invitations.again, invitation)
    world.iwan.do(invitations.withdraw, invitation)
    assert can()["invitation.again"] == refused(world.iwan, invitations.again, invitation) != ""


def test_whoever_has_left_the_company_is_told_that_its_device_is_not_theirs(world: World) -> None:
    contract(world.desk, company="Tarnina sp. z o.o.", identifiers=(DEVICE,), category="heat_pump")
    owner = logged_in(world.desk, "ola", company="Tarnina sp. z o.o.", standing=Standing.OWNER)
    grant = approved(world.iwan, applied(owner))
    cares.join(world.desk, owner.actor().account_id or 0, None)
    reasons = words(owner.see(grants.card, grant).available)
    assert set(reasons.values()) == {refused(owner, grants.end, grant, seen=1)}
    assert "not yours any more" in reasons["grant.level"]
