"""*May X do Y to device Z now?* The whole table, as a rule and through the desk, and every use written down."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from core.care import access, access_request_list, access_requests, grants, history
from core.care.access import By, DeviceStanding, verdict
from core.errors import Conflict, DeskError, Forbidden, Invalid, NotFound, Throttled
from core.models.accounts import Role
from core.models.accounts import Standing as Member
from core.models.levels import Level, Right, always
from core.people import staff
from core.service.desk import Desk
from tests.core.care.acting import applied, approved, asked
from tests.core.care.conftest import World, keep_sessions
from tests.factories import cares
from tests.factories.desks import journal_of, logged_in, mail
from tests.factories.subscribers import subscriber

NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
GUIDE = {
    # level: monitoring, control, operation settings: is it there always?
    1: (False, False, False),
    2: (True, False, False),
    3: (True, True, False),
    4: (True, True, True),
}
UNTIL = (None, NOW - SECOND, NOW, NOW + SECOND, NOW + dt.timedelta(days=7))


def test_the_levels_are_the_guides() -> None:
    assert {level: tuple(always(level, right) for right in Right) for level in range(1, 5)} == GUIDE


@pytest.mark.parametrize(
    ("standing", "level", "right", "until"), itertools.product(DeviceStanding, (None, *Level), Right, UNTIL)
)
def test_every_cell(standing: DeviceStanding, level: int | None, right: Right, until: dt.datetime | None) -> None:
    allowed, by = verdict(standing, level, right, until, NOW)
    permitted = until is not None and until > NOW
    if standing is DeviceStanding.OWNER:
        assert (allowed, by) == (True, By.OWNERSHIP)
    elif standing is DeviceStanding.NONE or level is None:
        assert (allowed, by) == (False, By.NOTHING)
    elif GUIDE[level][list(Right).index(right)]:
        assert (allowed, by) == (True, By.LEVEL)
    else:
        assert (allowed, by) == ((True, By.PERMISSION) if permitted else (False, By.DEMAND))


def test_through_the_desk_for_everybody(world: World) -> None:
    """Level × right × everyone, while the grant runs and after it has ended: 216 answers and no leak."""
    desk = world.desk
    everyone: dict[str, Desk] = {
        "owner": world.zofia,
        "member of the company": world.irena,
        "owner of the company": world.iwan,
        "another company": world.obcy,
        "another customer": world.nina,
        "agent": logged_in(desk, "adam", Role.AGENT),
        "admin": logged_in(desk, "root", Role.ADMIN),
        "installer of none": cares.installer(desk, "wolny", None),
        "system": desk.as_system(),
    }
    keep_sessions(desk)
    inside = {"member of the company", "owner of the company"}
    grant = approved(world.iwan, applied(world.zofia, level="1"))
    asset = world.iwan.see(grants.card, grant).asset_id
    answers = 0
    for level in range(1, 5):
        if level > 1:
            world.zofia.do(grants.set_level, grant, level, seen=level - 1)
        for (name, who), (place, right) in itertools.product(everyone.items(), enumerate(Right)):
            found = who.see(access.may, right, asset)
            wanted = name == "owner" or (name in inside and GUIDE[level][place])
            assert found.allowed == wanted, (level, name, right)
            assert (found.grant_id == grant) == (name in inside)
            answers += 1
    world.zofia.do(grants.end, grant, seen=4)
    for level, (name, who), right in itertools.product(range(1, 5), everyone.items(), Right):
        assert who.see(access.may, right, asset).allowed == (name == "owner"), (level, name, right)
        answers += 1
    assert answers == 216


def test_a_client_companys_device_is_its_members(world: World) -> None:
    from tests.factories.desks import contract

    _contract, (asset,) = contract(world.desk, company="Tarnina", identifiers=("B999999999",), category="heat_pump")
    member = logged_in(world.desk, "maja", company="Tarnina")
    waits = logged_in(world.desk, "piotr", company="Tarnina", standing=Member.PENDING)
    assert member.see(access.may, Right.CONTROL, asset).by is By.OWNERSHIP
    assert waits.see(access.may, Right.CONTROL, asset).by is By.NOTHING


def test_what_is_no_business_of_ones_is_not_there(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="1"))
    asset = world.iwan.see(grants.card, grant).asset_id
    with pytest.raises(Forbidden):
        world.iwan.see(access.require, Right.MONITORING, asset)
    for who, thing in ((world.obcy, asset), (world.nina, asset), (world.iwan, 4711)):
        with pytest.raises(NotFound):
            who.see(access.require, Right.MONITORING, thing)


def test_what_belongs_to_no_account_and_no_company_is_not_that_of_whoever_has_none(world: World) -> None:
    line = subscriber(world.desk).lines[0]
    assert world.zofia.actor().company_id is None
    with pytest.raises(NotFound):
        world.zofia.see(access.require, Right.MONITORING, line)


def test_a_changed_level_counts_at_once_and_is_told_to_both(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="4"))
    asset = world.iwan.see(grants.card, grant).asset_id
    assert world.iwan.see(access.may, Right.SETTINGS, asset).allowed
    world.zofia.do(grants.set_level, grant, 2, seen=1)
    assert not world.iwan.see(access.may, Right.CONTROL, asset).allowed
    assert world.iwan.see(access.may, Right.MONITORING, asset).allowed
    assert [
        (one.address, one.details["before"], one.details["level"]) for one in mail(world.desk, "level_changed")
    ] == [
        ("zofia@example.com", 4, 2),
        ("serwis@example.com", 4, 2),
    ]
    latest = world.iwan.see(history.read, grant)[0]
    assert (latest.what, latest.detail) == ("level", "4 2")
    assert journal_of(world.desk)[-1] == "grant.level"


def test_a_lower_level_ends_what_was_allowed_on_demand(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="3"))
    asset = world.iwan.see(grants.card, grant).asset_id
    world.zofia.do(access_requests.answer, asked(world.iwan, grant, "settings", hours=168), allow=True)
    assert world.iwan.see(access.may, Right.SETTINGS, asset).allowed
    world.zofia.do(grants.set_level, grant, 1, seen=1)
    assert not any(world.iwan.see(access.may, right, asset).allowed for right in Right)
    assert [one.what for one in world.iwan.see(history.read, grant)][:2] == ["stopped", "level"]


def test_a_permission_ends_when_the_level_opens_the_same_anyway(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="2"))
    for right in ("control", "settings"):
        world.zofia.do(access_requests.answer, asked(world.iwan, grant, right), allow=True)
    world.zofia.do(grants.set_level, grant, 3, seen=1)
    assert [one.right for one in world.zofia.see(access_request_list.running)] == ["settings"]


def test_letters_about_the_level_are_not_endless_and_the_change_always_counts(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="1"))
    for turn in range(1, 12):
        world.zofia.do(grants.set_level, grant, turn % 2 + 1, seen=turn)
        assert world.iwan.see(grants.card, grant).level == turn % 2 + 1
    assert len(mail(world.desk, "level_changed")) == 2 * grants.LETTERS_AT_ONCE


def test_whoever_asked_and_left_the_company_hears_nothing_more(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="1"))
    request = asked(world.irena, grant, "control")
    cares.join(world.desk, world.irena.actor().account_id or 0, None)
    world.zofia.do(access_requests.answer, request, allow=True)
    assert [one.address for one in mail(world.desk, "access_answered")] == ["serwis@example.com"]


def test_nobody_is_asked_over_and_over(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="1"))
    for _turn in range(access_requests.ASK_AT_ONCE):
        world.iwan.do(access_requests.withdraw, asked(world.iwan, grant, "control"))
    with pytest.raises(Throttled):
        asked(world.irena, grant, "control")


def test_only_the_customer_changes_the_level_or_ends_the_service(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia))
    agent = logged_in(world.desk, "adam", Role.AGENT)
    for who, wrong in ((world.iwan, Forbidden), (agent, Forbidden), (world.obcy, NotFound), (world.nina, NotFound)):
        with pytest.raises(wrong):
            who.do(grants.set_level, grant, 4, seen=1)
        with pytest.raises(wrong):
            who.do(grants.end, grant, seen=1)


@pytest.mark.parametrize("level", [0, 5, -1])
def test_there_are_four_levels(world: World, level: int) -> None:
    grant = approved(world.iwan, applied(world.zofia))
    with pytest.raises(Invalid):
        world.zofia.do(grants.set_level, grant, level, seen=1)


def test_two_changes_from_one_sight_of_it(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia))
    world.zofia.do(grants.set_level, grant, 3, seen=1)
    with pytest.raises(Conflict):
        world.zofia.do(grants.set_level, grant, 4, seen=1)
    world.zofia.do(grants.end, grant, seen=2)
    for late in (
        lambda: world.zofia.do(grants.end, grant, seen=3),
        lambda: world.zofia.do(grants.set_level, grant, 4, seen=3),
    ):
        with pytest.raises(Conflict):
            late()
    assert len(mail(world.desk, "service_ended")) == 2


def test_on_demand_from_the_question_to_its_end(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="2"))
    asset = world.iwan.see(grants.card, grant).asset_id
    request = asked(world.irena, grant, "control", hours=2)
    assert world.zofia.see(access_request_list.waiting) == 1
    [question] = world.zofia.see(access_request_list.to_answer)
    assert (question.right, question.hours, question.asked_by, question.company) == (
        "control",
        2,
        "Irena Testowa",
        cares.COMPANY,
    )
    assert not world.irena.see(access.may, Right.CONTROL, asset).allowed
    until = world.zofia.do(access_requests.answer, request, allow=True)
    assert until == world.desk.now + dt.timedelta(hours=2)
    found = world.iwan.see(access.may, Right.CONTROL, asset)  # it is the company's, not only the asker's
    assert (found.allowed, found.by, found.until) == (True, By.PERMISSION, until)
    assert not world.irena.see(access.may, Right.SETTINGS, asset).allowed
    world.later(hours=2, seconds=-1)
    assert world.irena.see(access.may, Right.CONTROL, asset).allowed
    world.later(seconds=1)
    assert not world.irena.see(access.may, Right.CONTROL, asset).allowed
    assert [one.address for one in mail(world.desk, "access_asked")] == ["zofia@example.com"]
    assert [one.address for one in mail(world.desk, "access_answered")] == ["irena@example.com"]
    assert [one.what for one in world.zofia.see(history.read, grant)] == ["allowed", "asked", "granted"]


def test_a_permission_ended_early_is_over_at_once(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="1"))
    asset = world.iwan.see(grants.card, grant).asset_id
    request = asked(world.iwan, grant, "monitoring", hours=168)
    world.zofia.do(access_requests.answer, request, allow=True)
    world.zofia.do(access_requests.stop, request)
    assert not world.iwan.see(access.may, Right.MONITORING, asset).allowed
    with pytest.raises(Conflict):
        world.zofia.do(access_requests.stop, request)
    assert [one.details["state"] for one in mail(world.desk, "access_answered")] == ["allowed", "ended"]


def test_denied_withdrawn_and_too_old_questions_open_nothing(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="1"))
    asset = world.iwan.see(grants.card, grant).asset_id
    denied = asked(world.iwan, grant, "control")
    world.zofia.do(access_requests.answer, denied, allow=False)
    withdrawn = asked(world.iwan, grant, "control")
    world.irena.do(access_requests.withdraw, withdrawn)
    old = asked(world.iwan, grant, "control")
    world.later(days=7)
    assert world.zofia.see(access_request_list.to_answer) == [] and world.zofia.see(access_request_list.waiting) == 0
    for request in (denied, withdrawn, old):
        with pytest.raises(Conflict):
            world.zofia.do(access_requests.answer, request, allow=True)
    assert not world.iwan.see(access.may, Right.CONTROL, asset).allowed
    assert asked(world.iwan, grant, "control")  # and it can be asked again


def test_the_end_of_the_service_ends_what_was_allowed(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="1"))
    asset = world.iwan.see(grants.card, grant).asset_id
    request = asked(world.iwan, grant, "control")
    world.zofia.do(access_requests.answer, request, allow=True)
    world.zofia.do(grants.end, grant, seen=1)
    assert not world.iwan.see(access.may, Right.CONTROL, asset).allowed
    with pytest.raises(Conflict):
        asked(world.iwan, grant, "control")
    assert world.zofia.see(access_request_list.running) == []


def test_a_customer_who_is_switched_off_leaves_nobody_at_the_controls(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="3"))
    asset = world.iwan.see(grants.card, grant).asset_id
    assert world.iwan.see(access.may, Right.CONTROL, asset).allowed
    customer = world.zofia.actor().account_id
    assert customer is not None
    root, before = logged_in(world.desk, "root", Role.ADMIN), len(mail(world.desk))
    root.do(staff.switch, customer, on=False)
    assert not any(world.iwan.see(access.may, right, asset).allowed for right in Right)
    card = world.iwan.see(grants.card, grant)
    assert card.ended_at is not None
    letters = mail(world.desk)[before:]
    assert [(row.letter, row.address) for row in letters] == [
        ("service_ended", "zofia@example.com"),
        ("service_ended", "serwis@example.com"),
    ]
    assert all(row.details["switched_off"] for row in letters)
    assert journal_of(world.desk)[-2:] == ["grant.abandon", "account.switch"]
    root.do(staff.switch, customer, on=True)
    assert not world.iwan.see(access.may, Right.MONITORING, asset).allowed, "it does not begin again by itself"


def test_only_one_open_question_a_right_and_none_for_what_is_open(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="2"))
    asked(world.iwan, grant, "control")
    for right in ("control", "monitoring"):
        with pytest.raises(Invalid) as wrong:
            asked(world.irena, grant, right)
        assert "right" in wrong.value.fields
    asked(world.iwan, grant, "settings")


@pytest.mark.parametrize("hours", ["0", "169", "-1", "1.5", "", "x"])
def test_an_hour_to_seven_days(hours: str) -> None:
    from core import forms
    from core.care.access_requests import AskAccess

    assert "hours" in forms.check(AskAccess, {"right": "control", "reason": "x", "hours": hours})


def test_others_neither_ask_nor_answer(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia, level="1"))
    request = asked(world.iwan, grant, "control")
    with pytest.raises(NotFound):
        asked(world.obcy, grant, "control")
    for who in (world.nina, world.obcy, world.iwan, world.irena):
        for act in (lambda who=who: who.do(access_requests.answer, request, allow=True),):
            with pytest.raises(DeskError):
                act()
    with pytest.raises(Forbidden):
        world.zofia.do(access_requests.withdraw, request)


def test_the_history_is_both_sides_and_nobody_elses(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia))
    assert world.zofia.see(history.read, grant) == world.irena.see(history.read, grant)
    for who in (world.obcy, world.nina):
        with pytest.raises(NotFound):
            who.see(history.read, grant)


def test_a_visit_is_one_use(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia))

    def uses() -> int:
        return sum(one.what == "used" for one in world.zofia.see(history.read, grant))

    for _look in range(3):
        world.iwan.do(history.used, grant, Right.MONITORING)
    assert uses() == 1
    world.irena.do(history.used, grant, Right.MONITORING)
    assert uses() == 2
    world.later(minutes=15)
    world.iwan.do(history.used, grant, Right.MONITORING)
    world.iwan.do(history.used, grant, Right.CONTROL, "room 21 → 20")
    world.iwan.do(history.used, grant, Right.CONTROL, "room 20 → 21")
    assert uses() == 5
