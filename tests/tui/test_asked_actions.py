"""What a key asks of core is an action of that name, for roles that can ever do it, and the screen can carry it out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

import pytest
from textual.screen import Screen

import core.actions
from core.permissions import RULES
from core.service.actions import AnyAction
from core.tickets.actions import ON_TICKET
from tests.support.telling import no_problem
from tui import keys_page
from tui.app import OkienkoApp
from tui.commands import Command, declared
from tui.screens.tickets.ticket import TicketScreen

WHERE = "its `roles`, or the row in core/permissions.py"
TICKET = "tui/screens/tickets/ticket.py"
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
    """Keys for those who can never do it, and rights that nobody has a key for."""
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


def test_every_key_asks_an_action_that_there_is() -> None:
    no_problem(unknown(keys_page.commands()))


def test_who_has_a_key_has_the_right_and_the_other_way_round() -> None:
    no_problem(misplaced(keys_page.commands()))


@pytest.mark.parametrize("screen", keys_page.screens(), ids=lambda cls: cls.__name__)
def test_every_key_does_something(screen: type) -> None:
    no_problem(unmade(screen))


def test_everything_that_can_be_done_to_a_ticket_has_a_key() -> None:
    no_problem(keyless(ON_TICKET, declared(TicketScreen).values()))


# --- what a mistake is told ------------------------------------------------------------------------------------------


def test_a_key_that_asks_no_action() -> None:
    (told,) = unknown([dataclasses.replace(TAKE, asks="ticket.taek")])
    assert told.startswith("ticket.take asks 'ticket.taek', which is no action")


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ({"installer", "agent", "admin", "customer"}, "ticket.take is a key of customer, who never may"),
        ({"installer", "agent"}, "ticket.take is no key of admin, who may do it"),
    ],
)
def test_a_key_of_other_roles_than_the_right(roles: set[str], told: str) -> None:
    (problem,) = misplaced([dataclasses.replace(TAKE, roles=frozenset(roles))])
    assert problem.startswith(told)


def test_a_key_without_its_method() -> None:
    class Wrong(TicketScreen):
        DESK_COMMANDS = (dataclasses.replace(TAKE, action="taek"),)

    assert list(unmade(Wrong)) == [
        "ticket.take: Wrong has no action_taek: write it, or mend `action` of the command.",
    ]


def test_an_action_without_a_key() -> None:
    (told,) = keyless(ON_TICKET, [each for each in declared(TicketScreen).values() if each.id != "ticket.take"])
    assert told == f"No key does ticket.take: add a Command with asks='ticket.take' to {TICKET}."
