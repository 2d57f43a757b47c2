"""Every act on a device asks anew what is open: to the owner all, to the company what level and permissions say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import sqlalchemy as sa

from core.care.access import By
from core.db.pagination import PageRequest
from core.devices import control, fault_ticket, monitoring, schedule
from core.devices.device_list import devices
from core.devices.monitoring import LookAgain, Monitored
from core.devices.summary import face
from core.errors import Forbidden, Invalid, NotFound
from core.i18n.sanitize import identity
from core.models.accounts import Account
from core.models.contracts import Asset, Product
from core.models.levels import ALWAYS_FROM, Right
from core.products import catalogue
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.core.devices.stage import Stage
from tests.factories.cares import device, grant, join
from tests.factories.desks import contract, logged_in, person

Act = Callable[[Stage, Desk], Any]
ACTS: dict[str, tuple[Right, Act]] = {
    "look in": (Right.MONITORING, lambda stage, who: who.do(monitoring.look_in, stage.asset_id)),
    "what can be steered": (Right.CONTROL, lambda stage, who: who.do(control.steering, stage.asset_id)),
    "steer": (Right.CONTROL, lambda stage, who: stage.steer(who, room="20")),
    "steer nothing": (Right.CONTROL, lambda stage, who: stage.steer(who)),
    "the week": (Right.SETTINGS, lambda stage, who: who.do(schedule.programme, stage.asset_id)),
    "save the week": (Right.SETTINGS, lambda stage, who: stage.plan(who, monday="7 21")),
}
LEVELS = pytest.mark.parametrize("level", [1, 2, 3, 4])


@pytest.fixture
def stage(desk: Desk) -> Stage:
    return Stage(desk)


def refuses(error: type[Exception], stage: Stage, who: Desk, rights: Iterable[Right] = tuple(Right)) -> None:
    """Every act that needs one of these rights is refused."""
    for name, (right, act) in ACTS.items():
        if right in rights:
            try:
                act(stage, who)
            except error:
                continue
            pytest.fail(f"not refused: {name}")


@LEVELS
def test_the_owner_may_everything_whatever_the_level(desk: Desk, level: int) -> None:
    stage = Stage(desk, level)
    for _right, act in ACTS.values():
        act(stage, stage.owner)
    stage.end()
    for _right, act in ACTS.values():
        act(stage, stage.owner)


@LEVELS
def test_the_company_may_what_its_level_opens(desk: Desk, level: int) -> None:
    stage = Stage(desk, level)
    refuses(Forbidden, stage, stage.ola, [right for right in Right if level < ALWAYS_FROM[right]])
    assert stage.history() == []
    assert stage.seen() == 0
    for right, act in ACTS.values():
        if level >= ALWAYS_FROM[right]:
            act(stage, stage.ola)


@pytest.mark.parametrize("right", Right)
def test_a_permission_opens_its_right_alone_until_its_end(desk: Desk, right: Right) -> None:
    stage = Stage(desk, level=1)
    stage.allow(right, hours=2)
    for opened, act in ACTS.values():
        if opened is right:
            act(stage, stage.ola)
    refuses(Forbidden, stage, stage.ola, [other for other in Right if other is not right])
    stage.move(hours=2)
    refuses(Forbidden, stage, stage.ola)


@pytest.mark.parametrize("right", Right)
def test_a_permission_that_was_ended_early_is_over(desk: Desk, right: Right) -> None:
    stage = Stage(desk, level=1)
    request = stage.allow(right)
    stage.stop(request)
    refuses(Forbidden, stage, stage.ola)


def test_a_lowered_level_counts_at_the_next_act(desk: Desk) -> None:
    stage = Stage(desk, level=4)
    for _right, act in ACTS.values():
        act(stage, stage.ola)
        stage.level(1)
        refuses(Forbidden, stage, stage.ola)
        stage.level(4)


@pytest.mark.parametrize("right", Right)
def test_after_the_end_the_company_is_a_stranger(desk: Desk, right: Right) -> None:
    stage = Stage(desk, level=4)
    stage.allow(right)
    stage.end()
    refuses(NotFound, stage, stage.ola)


def test_somebody_removed_from_the_company_is_a_stranger_at_once(desk: Desk) -> None:
    stage = Stage(desk, level=4)
    for _right, act in ACTS.values():
        act(stage, stage.ola)
    account_id = stage.ola.actor().account_id
    assert account_id is not None
    join(desk, account_id, None)
    refuses(NotFound, stage, stage.ola)


def test_it_is_nobody_elses_business(stage: Stage) -> None:
    stage.level(4)
    for stranger in stage.strangers.values():
        refuses(NotFound, stage, stranger)
        with pytest.raises(NotFound):
            stranger.see(face, stage.asset_id)
        with pytest.raises(NotFound):
            stranger.see(monitoring.watch, stage.asset_id)
        with pytest.raises(NotFound):
            stranger.do(control.reset_fault, stage.asset_id)
        with pytest.raises(NotFound):
            stranger.see(fault_ticket.fault_ticket, stage.asset_id)
    assert stage.history() == []
    assert stage.seen() == 0


def test_what_does_not_exist_is_said_in_the_same_words(stage: Stage) -> None:
    with pytest.raises(NotFound) as missing:
        stage.ola.do(monitoring.look_in, 999_999)
    with pytest.raises(NotFound) as hidden:
        stage.strangers["another company"].do(monitoring.look_in, stage.asset_id)
    assert missing.value.text() == hidden.value.text()


# Looking


def test_a_look_is_written_once_a_visit(stage: Stage) -> None:
    with pytest.raises(LookAgain):
        stage.ola.see(monitoring.watch, stage.asset_id)
    stage.ola.do(monitoring.look_in, stage.asset_id)
    for _refresh in range(20):
        stage.ola.see(monitoring.watch, stage.asset_id)
        stage.ola.do(monitoring.look_in, stage.asset_id)
        stage.move(seconds=30)
    assert stage.history() == [("used", "monitoring", "")]
    stage.move(minutes=15)
    with pytest.raises(LookAgain):
        stage.ola.see(monitoring.watch, stage.asset_id)
    stage.ola.do(monitoring.look_in, stage.asset_id)
    assert stage.history() == [("used", "monitoring", "")] * 2


READINGS = pytest.mark.parametrize(
    ("right", "reading"),
    [(Right.CONTROL, control.steering), (Right.SETTINGS, schedule.programme)],
    ids=["control", "settings"],
)


@READINGS
def test_whoever_opens_a_form_has_read_what_it_holds(desk: Desk, right: Right, reading: Any) -> None:
    """Targets and holidays say whether anybody is at home: reading them is a use, sent or not."""
    stage = Stage(desk, level=4)
    for _again in range(3):
        stage.ola.do(reading, stage.asset_id)
        stage.move(minutes=5)
    assert stage.history() == [("used", right.value, "")], "once a visit"
    stage.ola.do(reading, stage.asset_id)
    assert stage.history() == [("used", right.value, "")] * 2
    stage.owner.do(reading, stage.asset_id)
    assert len(stage.history()) == 2, "the owner's own look is no use of the company's"


@READINGS
def test_a_form_that_is_not_open_leaves_no_line(desk: Desk, right: Right, reading: Any) -> None:
    stage = Stage(desk, level=1)
    with pytest.raises(Forbidden):
        stage.ola.do(reading, stage.asset_id)
    assert stage.history() == []
    stage.allow(right, hours=1)
    stage.ola.do(reading, stage.asset_id)
    assert stage.history() == [("used", right.value, "")]


def test_a_colleagues_look_is_not_ones_own(stage: Stage) -> None:
    from tests.factories.cares import installer

    stage.ola.do(monitoring.look_in, stage.asset_id)
    ewa = installer(stage.desk, "ewa", stage.company_id)
    with pytest.raises(LookAgain):
        ewa.see(monitoring.watch, stage.asset_id)


def test_the_owners_look_is_nobodys_to_read(stage: Stage) -> None:
    stage.owner.see(monitoring.watch, stage.asset_id)
    stage.owner.do(monitoring.look_in, stage.asset_id)
    assert stage.history() == []


def test_what_is_monitored_is_one_picture(stage: Stage) -> None:
    found: Monitored = stage.owner.see(monitoring.watch, stage.asset_id)
    assert found.day == found.face.today == dt.date(2026, 11, 20)
    assert found.course[0].at == dt.datetime(2026, 11, 19, 23, tzinfo=dt.UTC), "midnight in Warsaw"
    assert found.course[-1].at == stage.desk.now
    last = found.course[-1]
    assert (last.room, last.tank, last.outdoor) == (found.reading.room, found.reading.tank, found.reading.outdoor)
    yesterday: Monitored = stage.owner.see(monitoring.watch, stage.asset_id, dt.date(2026, 11, 19))
    assert len(yesterday.course) == 145
    assert yesterday.reading == found.reading


def test_days_end_with_what_may_be_known(stage: Stage) -> None:
    """A company looks back to the day its grant began, the owner thirty days, nobody into the future."""
    for who, first in ((stage.owner, dt.date(2026, 10, 21)), (stage.ola, dt.date(2026, 11, 17))):
        who.do(monitoring.look_in, stage.asset_id, first)
        for refused in (first - dt.timedelta(days=1), dt.date(2026, 11, 21)):
            with pytest.raises(Invalid):
                who.do(monitoring.look_in, stage.asset_id, refused)


def test_faces_say_what_is_open_and_on_what_it_rests(stage: Stage) -> None:
    stage.allow(Right.CONTROL, hours=3)
    theirs, owners = stage.ola.see(face, stage.asset_id), stage.owner.see(face, stage.asset_id)
    assert {right: one.by for right, one in theirs.opened.items()} == {
        Right.MONITORING: By.LEVEL,
        Right.CONTROL: By.PERMISSION,
        Right.SETTINGS: By.DEMAND,
    }
    assert theirs.opened[Right.CONTROL].until == stage.desk.now + dt.timedelta(hours=3)
    assert theirs.to_ask == (Right.SETTINGS,)
    assert (theirs.customer, theirs.level, theirs.owner) == ("Jagoda Testowa", 2, False)
    assert owners.company_may == theirs.opened
    assert all(one.by is By.OWNERSHIP for one in owners.opened.values())
    assert (owners.company, owners.owner, owners.to_ask) == ("Ciepłownia Test", True, ())
    stage.end()
    alone = stage.owner.see(face, stage.asset_id)
    assert (alone.company, alone.level, alone.grant_id, alone.company_may) == ("", None, None, {})


# The list


def test_the_list_holds_ones_own_devices_that_can_be_reached(stage: Stage) -> None:
    grant(stage.desk, stage.company_id, stage.customer_id, "M111222333", level=3)
    stage.end()
    rows = stage.owner.see(devices, PageRequest()).rows
    assert [(row.identifier, row.company, row.level) for row in rows] == [
        ("M111222333", "Ciepłownia Test", 3),
        ("B123456789", "", None),
    ]
    assert all(-30 < row.reading.outdoor < 40 for row in rows)
    assert stage.ola.see(devices, PageRequest()).rows == []
    for who, stranger in stage.strangers.items():
        assert [row.identifier for row in stranger.see(devices, PageRequest()).rows] == [], who


def test_a_companys_devices_are_its_peoples(any_desk: Desk) -> None:
    """Those that the catalogue says can be reached from afar, whatever the other ones' identifiers look like."""
    _contract, (local,) = contract(any_desk, company="Tarnina", identifiers=("K000000002",), category="heat_pump")
    contract(any_desk, "OK-2", company="Tarnina", identifiers=("A000000009",), category="firewall")
    pump = device(any_desk, person(any_desk, "zosia"), "K000000001")
    ola = logged_in(any_desk, "ola", company="Tarnina")
    asset, account = table(Asset), table(Account)
    company = sa.select(account.c.company_id).where(account.c.login_key == "ola").scalar_subquery()
    any_desk.as_system().do(lambda work: work.change(Asset, asset.c.id == pump, account_id=None, company_id=company))
    rows = ola.see(devices, PageRequest()).rows
    assert [row.identifier for row in rows] == ["K000000001"]
    ola.do(monitoring.look_in, rows[0].id)
    named = catalogue.definition("heat_pump")
    assert named is not None
    home = next(one for one in named.products if not one.remote)
    keys = {
        "vendor": home.vendor,
        "vendor_key": identity(home.vendor),
        "name": home.name,
        "name_key": identity(home.name),
    }
    products = table(Product)
    of_local = sa.select(asset.c.product_id).where(asset.c.id == local).scalar_subquery()
    any_desk.as_system().do(lambda work: work.change(Product, products.c.id == of_local, **keys))
    assert [row.identifier for row in ola.see(devices, PageRequest()).rows] == ["K000000001"], "known, but not remote"
