"""Days and times look alike everywhere: no screen and no widget writes one in a form of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tui

HERE = Path(tui.__file__).parent
FORMS = ("strftime", "isoformat", "ctime")


def own_forms(source: str) -> Iterator[str]:
    """Where ``source`` writes a day or a time without :mod:`core.i18n.dates`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr=name) if name in FORMS:
                yield f"line {node.lineno}: {name}"
            case ast.FormattedValue(format_spec=ast.JoinedStr() as spec) if "%" in ast.unparse(spec):
                yield f"line {node.lineno}: {ast.unparse(node)}"
            case ast.ImportFrom(module=str(name)) if name.partition(".")[0] == "babel":
                yield f"line {node.lineno}: {name}"
            case ast.Import(names=names) if any(each.name.partition(".")[0] == "babel" for each in names):
                yield f"line {node.lineno}: babel"


@pytest.mark.parametrize("folder", ["screens", "widgets"])
def test_no_screen_writes_a_day_or_a_time_by_itself(folder: str) -> None:
    found = {str(file): list(own_forms(file.read_text(encoding="utf-8"))) for file in (HERE / folder).rglob("*.py")}
    assert found
    assert {file: forms for file, forms in found.items() if forms} == {}


@pytest.mark.parametrize(
    "source",
    ["x.strftime('%H')", "x.isoformat()", "f'{x:%H:%M}'", "from babel.dates import format_date", "import babel.dates"],
)
def test_a_form_of_its_own_is_found(source: str) -> None:
    assert list(own_forms(source))


def test_what_is_no_day_is_left_alone() -> None:
    assert not list(own_forms("f'{x:02} {y:.1f}%'; moments.day(x); date.fromisoformat(x)"))
