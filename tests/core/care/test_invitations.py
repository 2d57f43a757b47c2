"""Case 2: inviting, the code, the answer, and what can come in between."""

from __future__ import annotations

import datetime as dt

import pytest

from core.care import applications, expiry, grants, invitation_reply, invitations, reminders
from core.db.pagination import PageRequest
from core.errors import Conflict, DeskError, Forbidden, Invalid, NotFound, Throttled
from core.models.care import Invitation
from core.service.desk import Desk
from tests.core.care.acting import (
    DEVICE,
    accept_form,
    accepted,
    application_form,
    applied,
    approved,
    invitations_of,
    invite_form,
    invited,
    row,
)
from tests.core.care.conftest import World
from tests.factories import cares
from tests.factories.desks import journal_of, logged_in, mail, mailed_code


def refused(error: pytest.ExceptionInfo[Invalid], field: str) -> str:
    return error.value.fields[field].text()


def test_the_whole_of_case_two(world: World) -> None:
    invitation, code = invited(world.iwan)
    shown = world.desk.see(invitation_reply.invited, code)
    assert (shown.company, shown.name, shown.email, shown.known) == (
        cares.COMPANY,
        "Zofia Rzepa",
        "zofia@example.com",
        True,
    )
    grant = accepted(world.zofia, code, level="3")
    card = world.iwan.see(grants.card, grant)
    assert (card.device, card.level, card.name, card.address) == (
        DEVICE,
        3,
        "Zofia Rzepa",
        "ul. Krzywa 3, 34-442 Łapsze",
    )
    assert [one.state for one in invitations_of(world.iwan)] == ["accepted"]
    assert [(one.letter, one.address, one.language) for one in mail(world.desk)] == [
        ("care_invitation", "zofia@example.com", "pl"),
        ("invitation_confirmed", "zofia@example.com", "pl"),
        ("invitation_accepted", "serwis@example.com", "en"),
    ]
    assert journal_of(world.desk)[-2:] == ["invitation.send", "invitation.accept"]
    assert row(world.desk, Invitation, invitation).customer_id == world.zofia.actor().account_id


def test_a_code_is_good_once(world: World) -> None:
    _invitation, code = invited(world.iwan)
    accepted(world.zofia, code)
    for act in (
        lambda: accepted(world.zofia, code, device="C123456789"),
        lambda: world.desk.see(invitation_reply.invited, code),
    ):
        with pytest.raises(Invalid):
            act()
    assert len(mail(world.desk, "invitation_accepted")) == 1


def test_somebody_elses_account_can_not_use_the_code(world: World) -> None:
    _invitation, code = invited(world.iwan)
    with pytest.raises(Invalid) as stolen:
        accepted(world.nina, code)
    assert "another address" in refused(stolen, "code")
    with pytest.raises(Invalid):
        world.nina.see(invitation_reply.invited, code)
    with pytest.raises(Invalid):
        world.nina.do(invitation_reply.decline, code)
    assert accepted(world.zofia, code)  # and it is not used up by that


def test_an_installer_or_agent_can_not_answer(world: World) -> None:
    _invitation, code = invited(world.iwan, email="irena@example.com")
    with pytest.raises(Forbidden):
        accepted(world.irena, code)


@pytest.mark.parametrize("typed", ["", "K7QF", "K7QF-M2XD-9PLT-3HWC", "💥" * 30])
def test_what_is_no_code_says_so(world: World, typed: str) -> None:
    for act in (lambda: world.desk.see(invitation_reply.invited, typed), lambda: accepted(world.zofia, typed)):
        with pytest.raises(Invalid) as wrong:
            act()
        assert "code" in wrong.value.fields


def test_declining_needs_no_account_and_tells_the_company(world: World) -> None:
    invitation, code = invited(world.iwan, email="ktos@example.com")
    assert world.desk.see(invitation_reply.invited, code).known is False
    world.desk.do(invitation_reply.decline, code)
    assert [one.address for one in mail(world.desk, "invitation_declined")] == ["serwis@example.com"]
    assert row(world.desk, Invitation, invitation).state == "declined"
    with pytest.raises(Invalid):
        world.desk.do(invitation_reply.decline, code)


def test_an_address_is_invited_once_until_it_answers(world: World) -> None:
    _first, code = invited(world.iwan)
    with pytest.raises(Invalid) as again:
        invited(world.irena, email="ZOFIA@example.com")
    assert "invited this address already" in refused(again, "email")
    world.obcy.do(invitations.send, invite_form())  # another company may
    world.zofia.do(invitation_reply.decline, code)
    invited(world.iwan)


def test_sending_again_makes_the_older_code_void_and_begins_anew(world: World) -> None:
    invitation, old = invited(world.iwan)
    world.later(days=20)
    world.irena.do(invitations.again, invitation)
    new = mailed_code(world.desk, "care_invitation")
    assert new != old
    with pytest.raises(Invalid):
        accepted(world.zofia, old)
    world.later(days=27)
    assert accepted(world.zofia, new)


def test_inviting_and_withdrawing_is_not_either(world: World) -> None:
    for _turn in range(invitations.INVITE_AT_ONCE):
        invitation, _code = invited(world.iwan)
        world.iwan.do(invitations.withdraw, invitation)
    for who in (world.iwan, world.obcy):
        with pytest.raises(Throttled):
            who.do(invitations.send, invite_form())
    world.later(days=1)
    assert invited(world.iwan)


def test_sending_again_is_not_a_way_to_flood_somebody(world: World) -> None:
    invitation, _code = invited(world.iwan)
    world.iwan.do(invitations.again, invitation)
    with pytest.raises(Throttled):
        world.iwan.do(invitations.again, invitation)


def test_one_that_ran_out_lives_again_when_it_is_sent_again(world: World) -> None:
    invitation, code = invited(world.iwan)
    world.later(days=28)
    with pytest.raises(Invalid):
        accepted(world.zofia, code)
    assert [one.state for one in invitations_of(world.iwan)] == ["expired"]
    world.iwan.do(invitations.again, invitation)
    assert accepted(world.zofia, mailed_code(world.desk, "care_invitation"))


def test_a_later_invitation_is_not_overtaken_by_an_older_one(world: World) -> None:
    old, _code = invited(world.iwan)
    world.later(days=28)
    invited(world.iwan)
    with pytest.raises(Conflict):
        world.iwan.do(invitations.again, old)


def test_withdrawing_makes_the_code_worth_nothing(world: World) -> None:
    invitation, code = invited(world.iwan)
    world.irena.do(invitations.withdraw, invitation)
    with pytest.raises(Invalid):
        accepted(world.zofia, code)
    for late in (invitations.withdraw, invitations.again):
        with pytest.raises(Conflict):
            world.iwan.do(late, invitation)


def test_another_company_reaches_nothing(world: World) -> None:
    invitation, _code = invited(world.iwan)
    assert invitations_of(world.obcy) == []
    for act in (invitations.withdraw, invitations.again):
        with pytest.raises(NotFound):
            world.obcy.do(act, invitation)


def test_somebody_of_no_company_invites_nobody(world: World) -> None:
    cares.join(world.desk, world.irena.actor().account_id or 0, None)
    with pytest.raises(DeskError):
        world.irena.do(invitations.send, invite_form())
    with pytest.raises(DeskError):
        world.zofia.do(invitations.send, invite_form())


def test_a_device_in_service_can_not_be_accepted_for(world: World) -> None:
    approved(world.iwan, applied(world.nina))
    _invitation, code = invited(world.iwan)
    with pytest.raises(Invalid) as taken:
        accepted(world.zofia, code)
    assert "in service already" in refused(taken, "device")
    assert accepted(world.zofia, code, device="C123456789")  # the code was not used up


def test_a_device_that_waits_elsewhere_must_be_decided_first(world: World) -> None:
    application = applied(world.zofia, company_email="inna@example.com")
    _invitation, code = invited(world.iwan)
    with pytest.raises(Invalid) as waits:
        accepted(world.zofia, code)
    assert "decided or withdrawn first" in refused(waits, "device")
    world.zofia.do(applications.withdraw, application)
    accepted(world.zofia, code)


def test_an_accepted_device_is_no_one_elses_to_apply_with(world: World) -> None:
    _invitation, code = invited(world.iwan)
    accepted(world.zofia, code)
    with pytest.raises(Invalid):
        world.nina.do(applications.apply, application_form())


def test_reminders_carry_a_code_that_works_and_then_it_runs_out(world: World) -> None:
    invited(world.iwan)
    system, told = world.desk.as_system(), []
    for day in range(1, 29):
        world.later(days=1)
        reminded, gone = system.do(reminders.remind_customers), system.do(expiry.run_out_invitations)
        if reminded or gone:
            told.append((day, reminded or -gone))
        if day == 21:
            assert world.desk.see(invitation_reply.invited, mailed_code(world.desk, "invitation_reminder"))
    assert told == [(7, 1), (14, 1), (21, 1), (28, -1)]
    codes = [one.address for one in mail(world.desk, "invitation_reminder")]
    assert codes == ["zofia@example.com"] * 3
    assert [one.address for one in mail(world.desk, "invitation_expired")] == ["serwis@example.com"]


def test_the_code_is_kept_nowhere_but_in_its_sealed_letter(world: World) -> None:
    _invitation, code = invited(world.iwan)
    plain = code.replace("-", "")
    raw = (world.desk.settings.data_dir / "desk.db").read_bytes()
    for one in (world.desk.settings.data_dir).glob("desk.db*"):
        raw += one.read_bytes()
    assert code.encode() not in raw and plain.encode() not in raw


def test_the_list_pages_and_searches(world: World) -> None:
    for number in range(7):
        invited(world.iwan, email=f"ktos{number}@example.com", name=f"Łucja {number}")
    first = world.iwan.see(invitations.page, PageRequest(limit=3))
    assert [one.name for one in first.rows] == ["Łucja 6", "Łucja 5", "Łucja 4"] and first.more_after
    second = world.iwan.see(invitations.page, PageRequest(limit=3, after=first.end))
    assert [one.name for one in second.rows] == ["Łucja 3", "Łucja 2", "Łucja 1"]
    assert [one.name for one in world.iwan.see(invitations.page, PageRequest(), "lucja 5").rows] == ["Łucja 5"]
    assert [one.email for one in world.iwan.see(invitations.page, PageRequest(), "ktos3@").rows] == [
        "ktos3@example.com"
    ]


def test_an_invitation_is_valid_for_twenty_eight_days_to_the_second(world: World) -> None:
    _invitation, code = invited(world.iwan)
    world.later(days=28, seconds=-1)
    assert world.desk.see(invitation_reply.invited, code).expires_at - world.desk.now == dt.timedelta(seconds=1)
    world.later(seconds=1)
    with pytest.raises(Invalid):
        world.desk.see(invitation_reply.invited, code)


def test_an_account_of_the_invited_address_can_be_new(world: World) -> None:
    _invitation, code = invited(world.iwan, email="nowa@example.com")
    nowa: Desk = logged_in(world.desk, "nowa")
    assert accepted(nowa, code)
    assert accept_form().language == "pl"
