"""One table of the kinds of files: what each row names is there, and nothing that brings in a file lacks a row."""

from __future__ import annotations

import dataclasses
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import core.imports
from core.imports import registry
from core.imports.csv.pipeline import FileKind
from core.imports.csv.source import Source
from core.imports.registry import KINDS, ImportKind, ImportOption
from core.service.desk import prepared
from tests.support.telling import no_problem

ROOT = Path(__file__).parents[3]
REGISTRY = "core/imports/registry.py"
PAGE = "docs/importing.md"
_WORD = re.compile(r"`(\w+)`")


def problems_of(kind: ImportKind) -> Iterator[str]:
    """What is wrong with the use case that a row names."""
    try:
        use_case = kind.use_case()
    except (ImportError, AttributeError) as error:
        yield f"{kind.name}: {kind.path} can't be imported ({error}); mend `path` of its row in {REGISTRY}."
        return
    if not hasattr(use_case, "prepare"):
        yield f"{kind.name}: {kind.path} is no import; make it by `pipeline.importing`, or mend the row of the kind."
    wanted, known = {option.name for option in kind.options}, options(made_of(kind))
    for name in sorted(wanted - known):
        yield f"{kind.name}: its rows are taken without {name}=; add it to the `Pass`, or mend the row of the kind."
    for name in sorted(known - wanted):
        yield f"{kind.name}: nobody can say {name}=, which its `Pass` takes; add it to its row in {REGISTRY}."


def unregistered(modules: Iterable[ModuleType]) -> Iterator[str]:
    """Use cases that bring in a file and are in no row."""
    known = {id(kind.use_case()) for kind in KINDS.values()}
    for module in modules:
        for name, value in vars(module).items():
            ours = getattr(value, "__module__", "").startswith(("core.imports", __name__))
            if callable(value) and hasattr(value, "prepare") and ours and id(value) not in known:
                yield f"{module.__name__}.{name} is no kind of file yet: add its row to KINDS in {REGISTRY}."


def undocumented(kind: ImportKind, page: str) -> Iterator[str]:
    """What operators are not told: each kind has one row, which begins with its name and has all its columns."""
    rows = re.findall(rf"^\| `{re.escape(kind.name)}`[^|`]*\|(.*)\|$", page, re.MULTILINE)
    if len(rows) != 1:
        yield f"{kind.name}: {len(rows)} rows of {PAGE} begin with `{kind.name}`; one should, and name its columns."
        return
    missing = {*made_of(kind).needed, *made_of(kind).optional} - set(_WORD.findall(rows[0]))
    if missing:
        yield f"{kind.name}: its row in {PAGE} doesn't name {', '.join(sorted(missing))}."


def made_of(kind: ImportKind) -> FileKind[Any]:
    """What the kind's module says of it."""
    module: Any = import_module(kind.path.partition(":")[0])
    assert isinstance(module.KIND, FileKind)
    return module.KIND


def options(kind: FileKind[Any]) -> set[str]:
    """What its pass must be told besides."""
    parameters = inspect.signature(kind.over).parameters
    return {name for name, parameter in parameters.items() if parameter.kind is parameter.KEYWORD_ONLY}


def page() -> str:
    return (ROOT / PAGE).read_text(encoding="utf-8")


def modules() -> list[ModuleType]:
    return [import_module(one.name) for one in pkgutil.walk_packages(core.imports.__path__, "core.imports.")]


def test_every_kind_has_its_use_case() -> None:
    no_problem(problem for kind in KINDS.values() for problem in problems_of(kind))


def test_every_use_case_that_brings_in_a_file_is_a_kind() -> None:
    no_problem(unregistered(modules()))


def test_operators_are_told_the_columns_of_every_kind() -> None:
    no_problem(problem for kind in KINDS.values() for problem in undocumented(kind, page()))


def test_every_kind_is_known_by_its_own_name() -> None:
    assert len(KINDS) == len(registry._ALL)


def test_a_file_is_opened_for_its_use_case(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("a;b\n1;2\n")
    assert isinstance(KINDS["usage"].open(file), Source)


def test_options_of_a_kind_are_its_arguments() -> None:
    given = SimpleNamespace(company="serwis@example.com", file="x.csv")
    assert KINDS["invitations"].arguments(given) == {"company": "serwis@example.com"}
    assert KINDS["usage"].arguments(given) == {}


# --- what a mistake is told ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"path": "core.imports.nowhere:import_usage"}, "mend `path` of its row"),
        ({"path": "core.imports.usage:import_nothing"}, "mend `path` of its row"),
        ({"path": "core.imports.usage:read"}, "usage: core.imports.usage:read is no import"),
        ({"options": (ImportOption("company", "", ""),)}, "taken without company="),
        ({"path": "core.imports.invitations:import_invitations"}, "nobody can say company="),
    ],
)
def test_a_row_that_fits_no_use_case(change: dict[str, Any], told: str) -> None:
    assert told in " ".join(problems_of(dataclasses.replace(KINDS["usage"], **change)))


def test_a_module_without_a_row() -> None:
    @prepared(lambda _look: {})
    def import_meters(_work: Any) -> None: ...

    module = ModuleType("core.imports.meters")
    module.import_meters = import_meters  # type: ignore[attr-defined]
    (told,) = unregistered([module])
    assert (
        told
        == "core.imports.meters.import_meters is no kind of file yet: add its row to KINDS in core/imports/registry.py."
    )


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_whose_row_is_gone_or_there_twice(kind: ImportKind) -> None:
    """Also where another row names the same columns."""
    lines = page().splitlines()
    [row] = [line for line in lines if line.startswith(f"| `{kind.name}`")]
    gone = "\n".join(line for line in lines if line != row)
    assert list(undocumented(kind, gone)) == [
        f"{kind.name}: 0 rows of {PAGE} begin with `{kind.name}`; one should, and name its columns."
    ]
    assert "2 rows" in next(undocumented(kind, f"{page()}\n{row}"))
    stranger = row.replace(f"`{kind.name}`", "`phones`", 1)
    assert "0 rows" in next(undocumented(kind, f"{gone}\n{stranger}"))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_row_without_a_column(kind: ImportKind) -> None:
    for column in (*made_of(kind).needed, *made_of(kind).optional):
        told = list(undocumented(kind, page().replace(f" `{column}`", " something")))
        assert told == [f"{kind.name}: its row in {PAGE} doesn't name {column}."]
