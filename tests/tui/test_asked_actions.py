"""What a key asks of core is an action of that name, for roles that can ever do it, and the screen can carry it out."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator

import pytest
from textual.screen import Screen

import core.actions
from core.permissions import RULES
from core.service.actions import AnyAction
from core.tickets.actions import ON_TICKET
from tests.core.test_layers import calls, modules, told
from tests.support.telling import no_problem
from tui import keys_page
from tui.app import OkienkoApp
from tui.commands import Command, declared
from tui.screens.room import RoomScreen
from tui.screens.tickets.formatting import happened
from tui.screens.tickets.ticket import TicketScreen

WHERE = "its `roles`, or the row in core/permissions.py"
TICKET = "tui/screens/tickets/ticket_keys.py"
SENTENCES = "tui/screens/tickets/formatting.py"
ACTIONS = core.actions.every_action()
PEOPLE = {"customer", "installer", "agent", "admin"}
TAKE = declared(TicketScreen)["ticket.take"]


def unknown(commands: Iterable[Command]) -> Iterator[str]:
    """Keys that nobody would ever be offered: what they ask is no action."""
    for command in commands:
        for name in command.asked:
            if name not in ACTIONS:
                yield f"{command.id} asks {name!r}, which is no action: mend its `asks`, or declare the action in core."


def misplaced(commands: Iterable[Command]) -> Iterator[str]:
    """Keys for those who can never do what they ask, and keys that some of those who can don't have."""
    for command in commands:
        able = {role for name in command.asked for role in RULES.get(name, ())} & PEOPLE
        if not command.roles or not command.asked:
            continue
        for role in sorted(command.roles - able):
            yield f"{command.id} is a key of {role}, who never may: mend {WHERE}."
        for role in sorted(able - command.roles):
            yield f"{command.id} is no key of {role}, who may do it: mend {WHERE}."


def unmade(screen: type) -> Iterator[str]:
    """Keys that do nothing when they are pressed, and say nothing."""
    for command in declared(screen).values():
        where, _dot, name = command.action_name.rpartition(".")
        if not any(hasattr(kind, f"action_{name}") for kind in ((OkienkoApp,) if where == "app" else (screen, Screen))):
            yield f"{command.id}: {screen.__name__} has no action_{name}: write it, or mend `action` of the command."


def keyless(actions: Iterable[AnyAction], commands: Iterable[Command]) -> Iterator[str]:
    """What can be done to a ticket, and nobody can do it on the screen."""
    asked = {name for command in commands for name in command.asked}
    for each in actions:
        if each.name not in asked:
            yield f"No key does {each.name}: add a Command with asks={each.name!r} to {TICKET}."


def noted() -> set[str]:
    """What is written into a ticket's history besides words."""
    return {
        str(call.args[2].value)
        for call in calls(modules()["core.tickets.workflow"])
        if told(call.func) == "_note" and isinstance(call.args[2], ast.Constant)
    }


def unsaid(changes: Iterable[str]) -> Iterator[str]:
    """Changes of a ticket that its history would not tell."""
    for what in sorted(changes):
        if not happened(what, "1", "2"):
            yield f"The history says nothing of {what!r}: add its sentence to `happened` in {SENTENCES}."


def test_every_key_asks_an_action_that_there_is() -> None:
    no_problem(unknown(keys_page.commands()))


def test_who_has_a_key_has_the_right_and_the_other_way_round() -> None:
    no_problem(misplaced(keys_page.commands()))


@pytest.mark.parametrize("screen", keys_page.screens(), ids=lambda cls: cls.__name__)
def test_every_key_does_something(screen: type) -> None:
    no_problem(unmade(screen))


def test_everything_that_can_be_done_to_a_ticket_has_a_key() -> None:
    no_problem(keyless(ON_TICKET, declared(TicketScreen).values()))


def test_every_change_of_a_ticket_is_told_in_its_history() -> None:
    assert {"status", "assignee", "priority"} <= noted()
    no_problem(unsaid(noted()))


# --- what a mistake is told ------------------------------------------------------------------------------------------


def test_a_key_that_asks_no_action() -> None:
    (problem,) = unknown([dataclasses.replace(TAKE, asks="ticket.taek")])
    assert problem.startswith("ticket.take asks 'ticket.taek', which is no action")


@pytest.mark.parametrize(
    ("roles", "says"),
    [
        ({"installer", "agent", "admin", "customer"}, "ticket.take is a key of customer, who never may"),
        ({"installer", "agent"}, "ticket.take is no key of admin, who may do it"),
    ],
)
def test_a_key_of_other_roles_than_the_right(roles: set[str], says: str) -> None:
    (problem,) = misplaced([dataclasses.replace(TAKE, roles=frozenset(roles))])
    assert problem.startswith(says)


def test_a_key_without_its_method() -> None:
    class Wrong(RoomScreen):
        DESK_COMMANDS = (dataclasses.replace(TAKE, action="taek"),)

    assert list(unmade(Wrong)) == [
        "ticket.take: Wrong has no action_taek: write it, or mend `action` of the command.",
    ]


def test_an_action_without_a_key() -> None:
    (problem,) = keyless([ACTIONS["ticket.take"]], [])
    assert problem == f"No key does ticket.take: add a Command with asks='ticket.take' to {TICKET}."


def test_a_change_that_the_history_would_not_tell() -> None:
    assert list(unsaid(["colour"])) == [
        f"The history says nothing of 'colour': add its sentence to `happened` in {SENTENCES}."
    ]
