"""An account's preferences are what screens remember: nothing else is kept there where no table shows it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from core.accounts import profile
from core.models.accounts import Account, Preferences
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.sign_up import customer, end_user
from tests.core.sign_up.test_end_user import form as at_home
from tests.factories.desks import come_back, contract, person, seat, sign_up_form

ROOT = Path(__file__).parents[3]
WHERE = ("core/models/accounts.py", "core/accounts/profile.py")
"""Where they are declared, and the only use cases about them; migrations tell of tables as they were."""


def used(path: str, source: str) -> Iterator[str]:
    """Where a module reads or writes them: as an attribute, by a keyword, or by the column's name."""
    for node in ast.walk(ast.parse(source)):
        names = (getattr(node, "attr", ""), getattr(node, "arg", ""), getattr(node, "value", ""))
        if "preferences" in names:
            line = getattr(node, "lineno", 0)
            yield f"{path}:{line} uses Account.preferences: a fact that is no choice of a screen's wants a column"


def test_nothing_but_the_choices_of_screens_uses_them() -> None:
    paths = [path for folder in ("core", "tui") for path in (ROOT / folder).rglob("*.py")]
    files = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    assert all(list(used(name, files[name])) for name in WHERE[1:]), "the test sees what is there"
    others = {name for name in files if name not in WHERE and not name.startswith("core/migrations/")}
    assert not [problem for name in sorted(others) for problem in used(name, files[name])]


@pytest.mark.parametrize(
    "source",
    [
        "account.preferences.get('company')",
        "work.change(Account, preferences=given)",
        "row = {'preferences': {}}",
        "_account.c['preferences']",
    ],
)
def test_whoever_uses_them_is_found(source: str) -> None:
    (told,) = used("core/x.py", f"\n{source}\n")
    assert told.startswith("core/x.py:2 uses Account.preferences")


def test_they_have_the_choices_of_screens_and_no_other_key() -> None:
    assert get_args(get_args(Preferences)[0]) == ("screens",)


def preferences(desk: Desk, account_id: int) -> object:
    account = desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.id == account_id))
    assert account is not None
    return account.preferences


def test_a_choice_is_all_that_is_there_after_signing_up(any_desk: Desk) -> None:
    contract(any_desk, company="", registered=False)
    come_back(any_desk, any_desk.do(customer.start, sign_up_form(login="ola")))
    come_back(any_desk, any_desk.do(end_user.start, at_home()))
    person(any_desk, "ewa")
    assert [preferences(any_desk, account_id) for account_id in (1, 2, 3)] == [{}, {}, {}]
    ola = seat(any_desk, 1)
    ola.do(profile.keep_choice, "tickets.tickets", {"kind": "admin"})
    ola.do(profile.keep_choice, "tickets.found", {"closed": True})
    assert preferences(any_desk, 1) == {
        "screens": {"tickets.tickets": {"kind": "admin"}, "tickets.found": {"closed": True}}
    }
