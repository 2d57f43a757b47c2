"""The actions there are and the table of rights: no action without a row, no row without an action or a query."""

from __future__ import annotations

import ast
from pathlib import Path

import core.actions
from core.permissions import HOLDERS, RULES
from core.service.actions import Action
from core.tickets.actions import ON_TICKET
from tests.core.test_layers import is_action, modules

ROOT = Path(__file__).parents[2]


def asked_for(tree: ast.AST) -> set[str]:
    """The rights that a module asks for by name: ``require("…")``, ``may("…")``."""
    return {
        str(call.args[0].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("require", "may")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def words(tree: ast.AST) -> set[str]:
    """Every text in a module but what it writes into the journal: a right may be asked for by a variable."""
    journal = {
        id(call.args[0])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "record"
        and call.args
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in journal
    }


def test_no_row_of_rights_is_without_an_action_or_a_query() -> None:
    used = set(core.actions.every_action()) | {holder.read for holder in HOLDERS.values()}
    for name, tree in modules().items():
        if name != "core.permissions":
            used |= words(tree) & set(RULES)
    idle = set(RULES) - used
    assert not idle, f"nothing asks for {sorted(idle)}: take the rows out of RULES, or declare their actions"


def test_what_is_asked_for_by_name_has_a_row_of_rights() -> None:
    for name, tree in modules().items():
        unknown = asked_for(tree) - set(RULES)
        assert not unknown, f"{name} asks for {sorted(unknown)}, which nobody ever has: give it a row in RULES"


def test_whoever_declares_an_action_is_among_those_that_are_walked() -> None:
    declaring = {
        name
        for name, tree in modules().items()
        if any(isinstance(node, ast.FunctionDef) and is_action(node) for node in tree.body)
    }
    walked = {module.__name__ for module in core.actions.DECLARING}
    assert not declaring - walked, f"put into DECLARING of core/actions.py: {sorted(declaring - walked)}"
    assert not walked - declaring, (
        f"no action is declared there, so take out of core/actions.py: {sorted(walked - declaring)}"
    )


def test_everything_that_can_be_done_to_a_ticket_is_offered_for_one() -> None:
    on_ticket = {
        name
        for name, each in core.actions.every_action().items()
        if isinstance(each, Action) and each.on is not None and each.on.__name__ == "Ticket"
    }
    lacking = on_ticket - {each.name for each in ON_TICKET}
    assert not lacking, f"no screen hears of {sorted(lacking)}: put them into ON_TICKET of core/tickets/actions.py"
