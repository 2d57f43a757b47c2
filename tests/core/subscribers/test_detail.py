"""What a subscriber and an agent see and may do: data, lines, passwords, corrections, consent; and nobody else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.contracts import coverage
from core.db.pagination import PageRequest
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.forms import fill
from core.models.accounts import Role
from core.models.subscribers import Line
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.subscribers import consent, detail, edit, lines
from core.tickets import create
from tests.factories.desks import journal_of, logged_in, mail, person, seat
from tests.factories.subscribers import Made, coming_from, subscriber


@dataclass
class People:
    """Wanda and Bruno have a line each; Adam is an agent, Nina has nothing, Iwan is an installer."""

    desk: Desk
    wanda: Desk
    bruno: Desk
    adam: Desk
    nina: Desk
    iwan: Desk
    hers: Made
    his: Made


@pytest.fixture
def people(desk: Desk) -> People:
    hers = subscriber(
        desk,
        account_id=person(desk, "wanda"),
        addresses=("203.0.113.7", "2001:db8:77::/56"),
        street="ul. Ptasia 14/2",
        email="w.zielinska@example.com",
        phone="+48 600 100 200",
    )
    his = subscriber(
        desk,
        "A-2002",
        contract="U/2002/2025",
        account_id=person(desk, "bruno"),
        name="Bruno Kłos",
        addresses=("203.0.113.8",),
        email="bruno@example.com",
    )
    by = {"wanda": hers, "bruno": his}
    seats = {login: seat(desk, _account_of(desk, made)) for login, made in by.items()}
    agent, nobody = logged_in(desk, "adam", Role.AGENT), logged_in(desk, "nina")
    return People(
        desk, seats["wanda"], seats["bruno"], agent, nobody, logged_in(desk, "iwan", Role.INSTALLER), hers, his
    )


def _account_of(desk: Desk, made: Made) -> int:
    from core.models.subscribers import Subscriber

    found = desk.as_system().see(lambda look: look.unscoped(Subscriber, table(Subscriber).c.id == made.id))
    assert found is not None and found.account_id is not None
    return found.account_id


def test_a_subscriber_sees_what_the_guide_promises(people: People) -> None:
    card = people.wanda.see(detail.mine)
    assert (card.name, card.street, card.postcode, card.town) == (
        "Wanda Zielińska",
        "ul. Ptasia 14/2",
        "34-442",
        "Łapsze",
    )
    [contract] = card.contracts
    assert (contract.number, contract.monthly_fee, contract.valid_until, contract.state) == (
        "U/1001/2025",
        6900,
        None,
        "active",
    )
    [line] = card.lines
    assert line.addresses == ("203.0.113.7", "2001:db8:77::/56")
    assert (line.contract, line.pppoe_login) == ("U/1001/2025", f"pn{people.hers.contract_id:08}@line")
    assert line.address == "ul. Krzywa 3, 34-442 Łapsze"
    assert not line.here


def test_my_address_now(people: People) -> None:
    assert people.wanda.see(detail.here) == detail.Here("", "local", "")
    at_home = coming_from(people.wanda, "203.0.113.7").see(detail.here)
    assert (at_home.address, at_home.line) == ("203.0.113.7", people.wanda.see(detail.mine).lines[0].identifier)
    assert people.wanda.see(detail.mine).lines[0].here
    assert coming_from(people.wanda, "203.0.113.8").see(detail.here).line == "", "that is somebody else's"
    assert coming_from(people.wanda, "198.51.100.1").see(detail.here).line == ""


def test_nobody_else_sees_it(people: People) -> None:
    for other in (people.bruno, people.nina, people.iwan, people.desk):
        with pytest.raises(NotFound):
            other.see(detail.card, people.hers.id)
        assert not [row for row in other.see(detail.subscribers, PageRequest()).rows if row.id == people.hers.id]
        with pytest.raises((NotFound, Forbidden)):
            other.do(lines.reveal, people.hers.lines[0])
        with pytest.raises((NotFound, Forbidden)):
            other.do(lines.reset, people.hers.lines[0])
    with pytest.raises(NotFound):
        people.nina.see(detail.mine)
    assert people.adam.see(detail.card, people.hers.id).pesel == "•••••••••58"


def test_staff_find_a_subscriber_by_whatever_they_are_told(people: People) -> None:
    line = people.wanda.see(detail.mine).lines[0].identifier
    said = (
        "ptasia",
        "lapsze Ptasia 14",
        "Zielińska ptas",
        "w.zielinska@",
        "wanda@example.com",
        "600 100 200",
        "600-100-2",
    )
    for typed in (*said, "zielin", "WANDA", "a-1001", "U/1001", line.lower(), "203.0.113.7", "2001:db8:77:1::5"):
        found = people.adam.see(detail.subscribers, PageRequest(), typed).rows
        assert [row.id for row in found] == [people.hers.id], typed
    for typed in ("kłos ptasia", "600 100 201", "%", "44051401458"):
        assert people.adam.see(detail.subscribers, PageRequest(), typed).rows == [], typed
    assert {row.id for row in people.adam.see(detail.subscribers, PageRequest(), "łaps").rows} == {
        people.hers.id,
        people.his.id,
    }
    assert people.adam.see(detail.subscribers, PageRequest(), "198.51.100.1").rows == []


def test_the_password_of_a_line_is_shown_on_request_and_each_time_written_down(people: People) -> None:
    assert people.wanda.do(lines.reveal, people.hers.lines[0]) == "krzywa-jabłoń-7"
    assert journal_of(people.desk).count("line.reveal") == 1
    with pytest.raises(Forbidden):
        people.adam.do(lines.reveal, people.hers.lines[0])
    new = people.adam.do(lines.reset, people.hers.lines[0])
    assert people.wanda.do(lines.reveal, people.hers.lines[0]) == new != "krzywa-jabłoń-7"
    [told] = mail(people.desk, "line_password_changed")
    assert told.address == "wanda@example.com" and new not in str(told.details)
    again = people.wanda.do(lines.reset, people.hers.lines[0])
    assert again != new and len(again) == lines.LENGTH
    with people.desk.store.reading() as connection:
        kept = connection.exec_driver_sql(f"SELECT pppoe_password FROM {table(Line).name}").scalars().all()
    assert not any(again in one for one in kept), "it is sealed"


def test_an_agent_corrects_an_address_and_two_do_not_overwrite_each_other(people: People) -> None:
    known, version = people.adam.see(edit.current, people.hers.id)
    form = fill(edit.Address, {**known, "street": "ul. Prosta 4"})
    people.adam.do(edit.correct, people.hers.id, form, seen=version)
    assert people.wanda.see(detail.mine).street == "ul. Prosta 4"
    found = [people.adam.see(detail.subscribers, PageRequest(), typed).rows for typed in ("prosta", "ptasia")]
    assert [[row.id for row in rows] for rows in found] == [[people.hers.id], []]
    with pytest.raises(Conflict):
        people.adam.do(edit.correct, people.hers.id, fill(edit.Address, {**known, "town": "Nie"}), seen=version)
    with pytest.raises((NotFound, Forbidden)):
        people.wanda.do(edit.correct, people.hers.id, form, seen=version + 1)
    with pytest.raises(Invalid):
        fill(edit.Address, {**known, "email": "nie@"})
    with people.desk.store.reading() as connection:
        facts = connection.exec_driver_sql("SELECT facts FROM journal WHERE action = 'subscriber.correct'").scalar()
    assert "street" in facts and "Prosta" not in facts


def test_consent_is_kept_with_its_version_and_time(people: People) -> None:
    assert people.wanda.see(consent.state) == consent.ConsentState(False, "", None)
    people.wanda.do(consent.decide, agreed=True)
    given = people.wanda.see(consent.state)
    assert (given.given, given.version, given.at) == (True, consent.VERSION, people.desk.now)
    people.wanda.do(consent.decide, agreed=True)
    people.wanda.do(consent.decide, agreed=False)
    assert not people.wanda.see(consent.state).given
    with people.desk.store.reading() as connection:
        said = connection.exec_driver_sql("SELECT given FROM consent ORDER BY id").scalars().all()
    assert [bool(one) for one in said] == [True, False], "saying it again is no new word"
    assert [row.letter for row in mail(people.desk)] == ["e_invoices_changed"] * 2
    with pytest.raises(Forbidden):
        people.adam.do(lambda work: work.require("consent.change"))


def test_a_line_under_a_running_contract_can_be_asked_about(people: People) -> None:
    line = people.hers.lines[0]
    covered = people.wanda.see(coverage.assets, PageRequest(), covered_only=True).rows
    assert [row.id for row in covered] == [line]
    asked = people.wanda.see(create.ask, (line,))
    assert "symptom" in {field.name for field in asked.product}
    with pytest.raises(Invalid):
        people.bruno.see(create.ask, (line,))
    assert people.bruno.see(coverage.assets, PageRequest()).rows[0].id == people.his.lines[0]
    assert [row.number for row in people.wanda.see(coverage.contracts, PageRequest()).rows] == ["U/1001/2025"]
    assert people.adam.see(coverage.contracts, PageRequest(), "zielin").rows[0].company == "Wanda Zielińska"
