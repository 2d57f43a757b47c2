"""One action, one declaration: what it asks before it begins, and what it says when it can't."""

from __future__ import annotations

import pytest

from core.errors import Conflict, Forbidden, NotFound, Say, say
from core.models.accounts import Role
from core.models.tickets import Priority, Ticket
from core.service import actions
from core.service.actions import UndeclaredRight, action, available, open_action
from core.service.desk import Desk
from core.service.unit_of_work import ReadContext, UnitOfWork
from core.tickets import create
from tests.factories.desks import admin_values, logged_in, person, seat


@pytest.fixture(autouse=True)
def own_declarations(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares is declared for itself alone."""
    monkeypatch.setattr(actions, "_declared", {})


def reason_of_urgency(_look: ReadContext, ticket: Ticket) -> Say | None:
    return say("It is urgent.") if ticket.priority == Priority.URGENT else None


@pytest.fixture
def number(desk: Desk) -> int:
    return logged_in(desk, "ola", company="Ours").do(create.create, admin_values())


def test_an_action_finds_the_thing_and_runs(desk: Desk, number: int) -> None:
    @action("ticket.priority", on=Ticket)
    def raise_by(work: UnitOfWork, ticket: Ticket, steps: int, *, note: str) -> str:
        return f"{ticket.id}: {ticket.priority + steps} {note} {work.actor.role}"

    agent = logged_in(desk, "adam", Role.AGENT)
    ticket = agent.see(lambda look: look.find(Ticket, number))
    assert agent.do(raise_by, number, 2, note="now") == f"{number}: {ticket.priority + 2} now agent"


def test_what_is_hidden_is_not_found_and_what_is_seen_is_forbidden(desk: Desk, number: int) -> None:
    @action("ticket.priority", on=Ticket, denied=lambda _look, ticket: say(f"No. {ticket.id} is for the team."))
    def touch(_work: UnitOfWork, _ticket: Ticket) -> None:
        raise AssertionError("it began")

    with pytest.raises(NotFound):
        logged_in(desk, "obca", company="Others").do(touch, number)
    with pytest.raises(Forbidden, match=f"No. {number} is for the team"):
        logged_in(desk, "ewa", company="Ours").do(touch, number)


def test_what_cannot_be_done_now_says_why_before_it_begins(desk: Desk, number: int) -> None:
    @action("ticket.priority", on=Ticket, when=reason_of_urgency)
    def calm(work: UnitOfWork, ticket: Ticket) -> None:
        work.change(Ticket, Ticket.id == ticket.id, priority=Priority.URGENT.value)  # type: ignore[arg-type]

    agent = logged_in(desk, "adam", Role.AGENT)
    agent.do(calm, number)
    with pytest.raises(Conflict, match="It is urgent"):
        agent.do(calm, number)


def test_available_gives_a_reason_for_each_action_of_the_role_and_leaves_out_the_others(
    desk: Desk, number: int
) -> None:
    asked: list[str] = []

    def denied(_look: ReadContext, _ticket: Ticket) -> Say:
        asked.append("denied")
        return say("Not yours.")

    @action("ticket.close", on=Ticket)
    def close(_work: UnitOfWork, _ticket: Ticket) -> None: ...

    @action("ticket.priority", on=Ticket, when=reason_of_urgency, denied=denied)
    def rank(_work: UnitOfWork, _ticket: Ticket) -> None: ...

    @action("ticket.status", on=Ticket, denied=denied)
    def move(_work: UnitOfWork, _ticket: Ticket) -> None: ...

    def ask(look: ReadContext) -> dict[str, str | None]:
        ticket = look.unscoped(Ticket, Ticket.id == number)  # type: ignore[arg-type]
        assert ticket is not None
        ticket.priority = Priority.URGENT.value
        reasons = available(look, ticket, (close, rank, move))
        return {name: reason and reason.msgid for name, reason in reasons.items()}

    assert logged_in(desk, "adam", Role.AGENT).see(ask) == {"ticket.priority": "It is urgent.", "ticket.status": None}
    assert seat(desk, person(desk, "ewa", company="Ours")).see(ask) == {"ticket.close": None}
    assert asked == []
    installer = seat(desk, person(desk, "iga", Role.INSTALLER))
    assert installer.see(ask) == {"ticket.priority": "Not yours.", "ticket.status": "Not yours."}
    assert asked == ["denied"], "read once for all keys that it denies"


def test_an_open_action_asks_for_its_right(desk: Desk) -> None:
    @open_action("ticket.create")
    def begin(work: UnitOfWork, words: str) -> str:
        return f"{words} of {work.actor.role}"

    assert logged_in(desk, "ola").do(begin, "A ticket") == "A ticket of customer"
    with pytest.raises(Forbidden):
        desk.do(begin, "A ticket")


def test_an_action_without_a_row_of_rights_says_where_it_goes() -> None:
    with pytest.raises(UndeclaredRight, match=r"'ticket.paint'.*row in RULES of core/permissions.py"):

        @action("ticket.paint", on=Ticket)
        def paint(_work: UnitOfWork, _ticket: Ticket) -> None: ...

    with pytest.raises(UndeclaredRight, match=r"'ticket\.dream'"):

        @open_action("ticket.dream")
        def dream(_work: UnitOfWork) -> None: ...


def test_two_actions_of_one_name_are_refused() -> None:
    @action("ticket.close", on=Ticket)
    def close(_work: UnitOfWork, _ticket: Ticket) -> None: ...

    with pytest.raises(UndeclaredRight, match=r"second action 'ticket\.close'"):

        @action("ticket.close", on=Ticket)
        def shut(_work: UnitOfWork, _ticket: Ticket) -> None: ...
