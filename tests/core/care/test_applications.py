"""Case 1: applying, the pending list, the decision, and everything that can come in between."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from core import forms
from core.care import applications, approval, device_ids, expiry, grants, history, reminders
from core.care.approval import Approval, Rejection
from core.db.pagination import PageRequest
from core.errors import Conflict, Forbidden, Invalid, NotFound, Throttled
from core.models.accounts import Account, AccountState, Standing
from core.models.care import Application, Grant
from core.models.contracts import Asset
from core.service.unit_of_work import UnitOfWork, table
from tests.core.care.acting import (
    DEVICE,
    application_form,
    applied,
    approved,
    latest,
    row,
    waiting,
)
from tests.core.care.conftest import World
from tests.factories import cares
from tests.factories.desks import contract, journal_of, logged_in, mail


def refused(error: pytest.ExceptionInfo[Invalid], field: str) -> str:
    return error.value.fields[field].text()


def test_the_whole_of_case_one(world: World) -> None:
    application = applied(world.zofia)
    [line] = waiting(world.iwan)
    assert (line.device, line.name, line.days_left, line.soon) == (DEVICE, "Zofia Rzepa", 28, False)
    card = world.irena.see(approval.card, application)
    assert (card.email, card.phone, card.country, card.language, card.level) == (
        "zofia@example.com",
        "600 700 800",
        "PL",
        "pl",
        2,
    )
    assert card.expires_at - card.created_at == dt.timedelta(days=28)
    grant = approved(world.iwan, application, "Do zobaczenia w piątek.")
    assert waiting(world.iwan) == []
    seen = {who: who.see(grants.card, grant) for who in (world.zofia, world.iwan)}
    assert seen[world.zofia].available == {"grant.level": None, "grant.end": None}
    assert seen[world.iwan].available == {"grant.ask": None}
    assert replace(seen[world.zofia], available={}) == replace(seen[world.iwan], available={})
    assert (seen[world.zofia].device, seen[world.zofia].level) == (DEVICE, 2)
    assert [one.device for one in world.iwan.see(grants.customers, PageRequest()).rows] == [DEVICE]
    assert [one.id for one in world.zofia.see(grants.mine)] == [grant]
    sent = [(one.letter, one.address, one.language) for one in mail(world.desk)]
    assert sent == [
        ("application_sent", "zofia@example.com", "pl"),
        ("application_received", "serwis@example.com", "en"),
        ("application_approved", "zofia@example.com", "pl"),
    ]
    assert mail(world.desk)[-1].details["message"] == "Do zobaczenia w piątek."
    assert journal_of(world.desk)[-2:] == ["application.apply", "application.approve"]
    assert [one.what for one in world.zofia.see(history.read, grant)] == ["granted"]


def test_an_address_nobody_has_is_told_by_mail_alone(world: World) -> None:
    world.zofia.do(applications.apply, application_form(company_email="nikt@example.com"))
    assert [one.letter for one in mail(world.desk)] == ["application_unknown"]
    assert world.zofia.see(applications.mine) == []
    assert applied(world.zofia)  # and the device is free


def test_the_management_address_is_not_one_to_apply_to(world: World) -> None:
    world.zofia.do(applications.apply, application_form(company_email="zarzad-serwis@example.com"))
    assert [one.letter for one in mail(world.desk)] == ["application_unknown"]


@pytest.mark.parametrize("typed", ["B12345678", "B1234567890", "123456789B", "Ą123456789", "B12345678O", "BB23456789"])
def test_a_device_id_that_cannot_be_is_refused_beside_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as wrong:
        application_form(device=typed)
    assert "one letter and nine digits" in refused(wrong, "device")


@pytest.mark.parametrize("typed", ["b123456789", " B 123 456 789 ", "\uff22123456789"])
def test_a_device_id_is_one_however_it_is_typed(typed: str) -> None:
    assert application_form(device=typed).device == DEVICE


def test_a_device_that_waits_or_is_in_service_is_refused(world: World) -> None:
    application = applied(world.zofia)
    for customer in (world.zofia, world.nina):
        with pytest.raises(Invalid) as wrong:
            customer.do(applications.apply, application_form())
        assert "application for this device already" in refused(wrong, "device")
    approved(world.iwan, application)
    for customer in (world.zofia, world.nina):
        with pytest.raises(Invalid) as wrong:
            customer.do(applications.apply, application_form())
        assert "in service already" in refused(wrong, "device")
    assert len(mail(world.desk, "application_received")) == 1


def test_what_is_anothers_can_not_be_brought_into_service(world: World) -> None:
    contract(world.desk, company="Tarnina sp. z o.o.", identifiers=(DEVICE,), category="heat_pump")
    with pytest.raises(Invalid) as wrong:
        world.zofia.do(applications.apply, application_form())
    assert "in service already" in refused(wrong, "device")
    member = logged_in(world.desk, "maja", company="Tarnina sp. z o.o.")
    with pytest.raises(Invalid):
        member.do(applications.apply, application_form())  # a member's word is not the company's
    owner = logged_in(world.desk, "ola", company="Tarnina sp. z o.o.", standing=Standing.OWNER)
    approved(world.iwan, applied(owner))


def test_somebody_who_left_the_company_decides_no_more_about_its_device(world: World) -> None:
    contract(world.desk, company="Tarnina sp. z o.o.", identifiers=(DEVICE,), category="heat_pump")
    owner = logged_in(world.desk, "ola", company="Tarnina sp. z o.o.", standing=Standing.OWNER)
    grant = approved(world.iwan, applied(owner))
    cares.join(world.desk, owner.actor().account_id or 0, None)
    for act in (lambda: owner.do(grants.set_level, grant, 4, seen=1), lambda: owner.do(grants.end, grant, seen=1)):
        with pytest.raises(Conflict):
            act()


def test_whose_device_it_is_hears_of_the_try_once_a_day(world: World) -> None:
    approved(world.iwan, applied(world.zofia))
    for _try in range(3):
        with pytest.raises(Invalid):
            world.nina.do(applications.apply, application_form())
    assert [one.address for one in mail(world.desk, "device_claimed")] == ["zofia@example.com"]
    world.later(days=1)
    with pytest.raises(Invalid):
        world.nina.do(applications.apply, application_form())
    assert len(mail(world.desk, "device_claimed")) == 2


def test_switching_an_account_off_withdraws_what_it_applied_for(world: World) -> None:
    from core.models.accounts import Role
    from core.people import staff

    application = applied(world.zofia)
    root = logged_in(world.desk, "root", Role.ADMIN)
    root.do(staff.switch, world.zofia.actor().account_id, on=False)
    assert waiting(world.iwan) == []
    assert row(world.desk, Application, application).state == "withdrawn"
    assert [one.address for one in mail(world.desk, "application_withdrawn")] == ["serwis@example.com"]
    assert applied(world.nina)


def test_the_company_forgets_whom_it_did_not_take_on(world: World) -> None:
    application = applied(world.zofia)
    world.iwan.do(approval.reject, application, Rejection(reason="Za daleko"), seen=1)
    card = world.iwan.see(approval.card, application)
    assert (card.address, card.phone, card.email, card.message) == ("", "", "", "Za daleko")
    taken = approved(world.iwan, applied(world.zofia))
    assert world.iwan.see(grants.card, taken).email == "zofia@example.com"
    world.zofia.do(grants.end, taken, seen=1)
    ended = world.iwan.see(grants.card, taken)
    assert (ended.address, ended.phone, ended.email) == ("", "", "")
    assert world.zofia.see(grants.card, taken).address


def test_only_customers_apply(world: World) -> None:
    with pytest.raises(Forbidden):
        world.iwan.do(applications.apply, application_form())


def test_somebody_who_applies_over_and_over_is_slowed_down(world: World) -> None:
    for number in range(device_ids.TRIES_AT_ONCE):
        world.zofia.do(applications.apply, application_form(company_email=f"kto{number}@example.com"))
    with pytest.raises(Throttled):
        world.zofia.do(applications.apply, application_form())


def test_a_decision_happens_once_and_names_who_was_faster(world: World) -> None:
    application = applied(world.zofia)
    approved(world.iwan, application)
    for decide, form in ((approval.approve, Approval()), (approval.reject, Rejection(reason="nie"))):
        with pytest.raises(Conflict) as beaten:
            world.irena.do(decide, application, form, seen=1)
        assert "Iwan Testowa approved" in beaten.value.text()
    assert len(mail(world.desk, "application_approved")) == 1
    assert mail(world.desk, "application_rejected") == []


def test_a_rejection_says_why_and_frees_the_device(world: World) -> None:
    application = applied(world.zofia)
    world.iwan.do(approval.reject, application, Rejection(reason="Za daleko od nas."), seen=1)
    [letter] = mail(world.desk, "application_rejected")
    assert letter.details["reason"] == "Za daleko od nas."
    assert [one.state for one in world.zofia.see(applications.mine)] == ["rejected"]
    assert applied(world.nina)
    with pytest.raises(Invalid):
        forms.fill(Rejection, {"reason": " "})


def test_approval_a_second_after_it_ran_out(world: World) -> None:
    application = applied(world.zofia)
    world.later(days=28, seconds=-1)
    assert waiting(world.iwan)[0].days_left == 1
    world.later(seconds=1)
    assert waiting(world.iwan) == []
    assert approval.count.__name__ and world.iwan.see(approval.count) == 0
    with pytest.raises(Conflict) as late:
        approved(world.iwan, application)
    assert "ran out" in late.value.text()
    assert (
        world.desk.as_system().see(lambda look: look.value(sa.select(sa.func.count()).select_from(table(Grant)))) == 0
    )
    assert applied(world.nina)  # no job has run, and still the device is free
    assert [one.state for one in world.zofia.see(applications.mine)] == ["expired"]
    assert len(mail(world.desk, "application_expired")) == 2


def test_approval_in_the_last_second(world: World) -> None:
    application = applied(world.zofia)
    world.later(days=28, seconds=-1)
    assert approved(world.iwan, application)


def test_only_what_was_shown_is_granted(world: World) -> None:
    application = applied(world.zofia, level="4")
    shown = world.iwan.see(approval.card, application)
    world.zofia.do(applications.change_level, application, 1, seen=1)
    with pytest.raises(Conflict) as changed:
        approved(world.iwan, application, seen=shown.version)
    assert "has changed this application" in changed.value.text()
    grant = approved(world.iwan, application, seen=2)
    assert world.iwan.see(grants.card, grant).level == 1


def test_withdrawing(world: World) -> None:
    application = applied(world.zofia)
    with pytest.raises(NotFound):
        world.nina.do(applications.withdraw, application)
    world.zofia.do(applications.withdraw, application)
    assert waiting(world.iwan) == []
    with pytest.raises(Conflict) as gone:
        approved(world.iwan, application)
    assert "withdrawn" in gone.value.text()
    with pytest.raises(Conflict):
        world.zofia.do(applications.withdraw, application)
    assert [one.address for one in mail(world.desk, "application_withdrawn")] == ["serwis@example.com"]


def test_a_customer_who_is_gone_is_not_taken_on(world: World) -> None:
    application = applied(world.zofia)
    gone = {"state": AccountState.OFF.value}
    world.desk.as_system().do(lambda work: work.change(Account, table(Account).c.login == "zofia", **gone))
    with pytest.raises(Conflict) as nobody:
        approved(world.iwan, application)
    assert "does not exist any more" in nobody.value.text()
    assert row(world.desk, Application, application).state == "pending"
    world.later(days=28)
    assert world.desk.as_system().do(expiry.run_out_applications) == 1
    assert [one.address for one in mail(world.desk, "application_expired")] == ["serwis@example.com"]


def test_another_company_sees_and_decides_nothing(world: World) -> None:
    application = applied(world.zofia)
    assert waiting(world.obcy) == [] and world.obcy.see(approval.count) == 0
    for act in (
        lambda: world.obcy.see(approval.card, application),
        lambda: approved(world.obcy, application),
        lambda: world.obcy.do(approval.reject, application, Rejection(reason="nie"), seen=1),
    ):
        with pytest.raises(NotFound):
            act()
    [outcome] = world.obcy.do(approval.approve_several, [(application, 1)], Approval())
    assert outcome.wrong is not None and (outcome.name, outcome.device) == ("", "")


def test_somebody_who_left_the_company_decides_nothing(world: World) -> None:
    application = applied(world.zofia)
    cares.join(world.desk, world.irena.actor().account_id or 0, None)
    with pytest.raises(NotFound):
        approved(world.irena, application)


def test_staff_of_the_desk_read_and_never_decide(world: World) -> None:
    from core.models.accounts import Role

    application = applied(world.zofia)
    for role in (Role.AGENT, Role.ADMIN):
        staff = logged_in(world.desk, f"ktos-{role.value}", role)
        assert staff.see(approval.card, application).name == "Zofia Rzepa"
        with pytest.raises(Forbidden):
            approved(staff, application)


def test_several_at_once_each_with_its_own_result(world: World) -> None:
    ids = [applied(world.zofia, device=f"B12345678{number}", name=f"Osoba {number}") for number in range(4)]
    world.zofia.do(applications.withdraw, ids[1])
    approved(world.irena, ids[2])
    outcomes = world.iwan.do(approval.approve_several, [(one, 1) for one in ids], Approval(message="Witamy"))
    assert [one.wrong is None for one in outcomes] == [True, False, False, True]
    assert "withdrawn" in outcomes[1].wrong.text() and "Irena" in outcomes[2].wrong.text()
    assert [one.name for one in outcomes] == [f"Osoba {number}" for number in range(4)]
    assert len(world.iwan.see(grants.customers, PageRequest()).rows) == 3
    assert len(mail(world.desk, "application_approved")) == 3


def test_the_list_is_oldest_first_and_marks_those_about_to_run_out(world: World) -> None:
    applied(world.zofia, device="B000000001", name="Żaneta Łoś")
    world.later(days=20)
    applied(world.nina, device="C000000002", name="Antoni Kluska")
    world.later(days=5)
    assert [(one.device, one.soon, one.days_left) for one in waiting(world.iwan)] == [
        ("B000000001", True, 3),
        ("C000000002", False, 23),
    ]
    assert [one.device for one in waiting(world.iwan, "zaneta los")] == ["B000000001"]
    assert [one.device for one in waiting(world.iwan, "c0000")] == ["C000000002"]
    assert waiting(world.iwan, "%") == []


def test_reminders_after_a_week_two_and_three_then_the_end(world: World) -> None:
    applied(world.zofia)
    told: list[tuple[int, int]] = []
    system = world.desk.as_system()
    for day in range(1, 30):
        world.later(days=1)
        reminded, gone = system.do(reminders.remind_companies), system.do(expiry.run_out_applications)
        if reminded or gone:
            told.append((day, reminded or -gone))
        assert system.do(reminders.remind_companies) == system.do(expiry.run_out_applications) == 0
    assert told == [(7, 1), (14, 1), (21, 1), (28, -1)]
    assert [one.address for one in mail(world.desk, "application_reminder")] == ["serwis@example.com"] * 3
    assert sorted((one.address, one.language) for one in mail(world.desk, "application_expired")) == [
        ("serwis@example.com", "en"),
        ("zofia@example.com", "pl"),
    ]


def test_a_job_that_missed_weeks_reminds_once(world: World) -> None:
    applied(world.zofia)
    world.later(days=22)
    assert world.desk.as_system().do(reminders.remind_companies) == 1
    world.later(days=5)
    assert world.desk.as_system().do(reminders.remind_companies) == 0


def test_what_was_decided_is_not_reminded_of(world: World) -> None:
    approved(world.iwan, applied(world.zofia))
    world.later(days=40)
    system = world.desk.as_system()
    assert [system.do(reminders.remind_companies), system.do(expiry.run_out_applications)] == [0, 0]


def test_the_device_becomes_the_customers_own_with_the_approval_only(world: World) -> None:
    def owner() -> int | None:
        chosen = sa.select(table(Asset).c.account_id).where(table(Asset).c.identifier == DEVICE)
        return world.desk.as_system().see(lambda look: look.value(chosen))

    application = applied(world.zofia)
    assert owner() is None
    approved(world.iwan, application)
    assert owner() == world.zofia.actor().account_id
    assert latest(world.desk, Asset) == 1


def test_ending_the_service_frees_the_device_for_its_owner_only(world: World) -> None:
    grant = approved(world.iwan, applied(world.zofia))
    world.zofia.do(grants.end, grant, seen=1)
    assert applied(world.zofia)
    with pytest.raises(Invalid):
        world.nina.do(applications.apply, application_form())


def test_the_page_of_the_pending_list_walks_its_index(world: World) -> None:
    from tests.factories.desks import statements

    applied(world.zofia)
    with statements(world.desk) as sent:
        waiting(world.iwan)
        world.iwan.see(approval.count)
    plans: list[str] = []

    def explain(work: UnitOfWork) -> None:
        for one in sent:
            if "FROM application" in one:
                count = one.count("?")
                rows = work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", tuple([1] * count))
                plans.append(" ".join(str(found[3]) for found in rows))

    world.desk.as_system().do(explain)
    assert len(plans) == 2
    assert all("ix_application_pending" in one and "TEMP B-TREE" not in one for one in plans), plans
