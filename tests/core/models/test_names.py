"""What people and roles are called, said in one place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from core.models.accounts import Account, Role
from core.models.names import ROLE_LABELS, display_name, full_name, full_name_column
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from tests.factories.desks import person

ROOT = Path(__file__).parents[3]
HOME = "core/models/names.py"
_PUT_TOGETHER = re.compile(r"""first_name(?: or '')?\} \{|first_name \+ |\} \{[^}]*\}"\.strip\(\) or """)


def put_together(path: str, source: str) -> Iterator[str]:
    """Lines that say the rule again."""
    for number, line in enumerate(source.splitlines(), start=1):
        if _PUT_TOGETHER.search(line):
            yield f"{path}:{number} puts a name together: call full_name, display_name or full_name_column of {HOME}."


@pytest.mark.parametrize(
    ("first", "last", "login", "full", "display"),
    [
        ("Ola", "Nowak", "ola", "Ola Nowak", "Ola Nowak"),
        ("Ola", "", "ola", "Ola", "Ola"),
        ("", "Nowak", "ola", "Nowak", "Nowak"),
        ("", "", "ola", "", "ola"),
        (None, None, None, "", ""),
    ],
)
def test_a_person_is_called_by_name_and_else_by_login(
    first: str | None, last: str | None, login: str | None, full: str, display: str
) -> None:
    row = SimpleNamespace(first_name=first, last_name=last, login=login)
    assert (full_name(row), display_name(row)) == (full, display)


def test_the_database_puts_names_together_alike(any_desk: Desk) -> None:
    account = table(Account)
    names = [("Ola", "Nowak"), ("Ola", ""), ("", "Nowak"), ("", "")]
    for number, (first, last) in enumerate(names):
        whose = account.c.id == person(any_desk, f"p{number}")
        any_desk.as_system().do(UnitOfWork.change, Account, whose, first_name=first, last_name=last)
    chosen = sa.select(full_name_column(account)).order_by(account.c.id)
    told = [row[0] for row in any_desk.as_system().see(lambda look: look.rows(chosen))]
    assert told == [full_name(SimpleNamespace(first_name=first, last_name=last)) for first, last in names]


def test_every_role_has_a_label() -> None:
    assert set(ROLE_LABELS) == {role.value for role in Role}, f"add what the role is called to ROLE_LABELS in {HOME}"


def test_names_are_put_together_in_one_place() -> None:
    paths = [path for folder in ("core", "tui") for path in (ROOT / folder).rglob("*.py")]
    files = {path.relative_to(ROOT).as_posix(): path for path in paths}
    assert not [
        problem
        for name, path in files.items()
        if name != HOME
        for problem in put_together(name, path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(
    "line",
    [
        'f"{row.first_name} {row.last_name}"',
        "f\"{row.first_name or ''} {x}\"",
        '_a.c.first_name + " " + _a.c.last_name',
        'f"{row[1]} {row[2]}".strip() or row[3]',
    ],
)
def test_a_name_that_is_put_together_again(line: str) -> None:
    (told,) = put_together("core/x.py", f"\n{line}\n")
    assert told == f"core/x.py:2 puts a name together: call full_name, display_name or full_name_column of {HOME}."
