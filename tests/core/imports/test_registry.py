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
from core.imports.csv.pipeline import Source
from core.imports.registry import KINDS, ImportKind, ImportOption
from core.service.desk import prepared

ROOT = Path(__file__).parents[3]
REGISTRY = "core/imports/registry.py"
_WORD = re.compile(r"`(\w+)`")


def problems_of(kind: ImportKind) -> Iterator[str]:
    """What is wrong with the use case that a row names."""
    try:
        use_case = kind.use_case()
    except (ImportError, AttributeError) as error:
        yield f"{kind.name}: {kind.path} can't be imported ({error}); mend `path` of its row in {REGISTRY}."
        return
    wanted = {"dry_run", "progress", *(option.name for option in kind.options), *(["notice"] if kind.streamed else [])}
    known = inspect.signature(use_case).parameters
    for name in sorted(wanted - {name for name, one in known.items() if one.kind is one.KEYWORD_ONLY}):
        yield f"{kind.name}: {kind.path} takes no {name}=; add it to the use case, or mend the row of the kind."
    content = next(iter(list(known)[1:]), "")
    if content != ("source" if kind.streamed else "content"):
        yield (
            f"{kind.name}: {kind.path} takes {content!r} after its work; `content` (bytes) where its row says "
            "streamed=False, `source` where it says streamed=True."
        )


def unregistered(modules: Iterable[ModuleType]) -> Iterator[str]:
    """Use cases that bring in a file and are in no row."""
    known = {id(kind.use_case()) for kind in KINDS.values()}
    for module in modules:
        for name, value in vars(module).items():
            ours = getattr(value, "__module__", "").startswith(("core.imports", __name__))
            if callable(value) and hasattr(value, "prepare") and ours and id(value) not in known:
                yield f"{module.__name__}.{name} is no kind of file yet: add its row to KINDS in {REGISTRY}."


def undocumented(kind: ImportKind, pages: str) -> Iterator[str]:
    """Columns that operators are not told of."""
    needed, optional = columns(kind)
    rows = [set(_WORD.findall(line)) for line in pages.splitlines() if line.startswith("|")]
    row = next((row for row in rows if set(needed) <= row), None)
    if row is None:
        yield (
            f"{kind.name}: no row of a table names its columns {', '.join(needed)}; add one to *Importing* in "
            "README.md or docs/importing.md."
        )
    missing = set(optional) - set(_WORD.findall(pages))
    if missing:
        yield f"{kind.name}: no page of the documentation names {', '.join(sorted(missing))}; add them to its row."


def columns(kind: ImportKind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns that a file must and may have, as its module says."""
    module: Any = import_module(kind.path.partition(":")[0])
    if kind.streamed:
        return module.KIND.needed, module.KIND.optional
    return module.COLUMNS, getattr(module, "OPTIONAL", ())


def documentation() -> str:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def modules() -> list[ModuleType]:
    return [import_module(one.name) for one in pkgutil.walk_packages(core.imports.__path__, "core.imports.")]


def test_every_kind_has_its_use_case() -> None:
    assert not [problem for kind in KINDS.values() for problem in problems_of(kind)]


def test_every_use_case_that_brings_in_a_file_is_a_kind() -> None:
    assert not list(unregistered(modules()))


def test_operators_are_told_the_columns_of_every_kind() -> None:
    pages = documentation()
    assert not [problem for kind in KINDS.values() for problem in undocumented(kind, pages)]


def test_every_kind_is_known_by_its_own_name() -> None:
    assert len(KINDS) == len(registry._ALL)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_file_is_opened_as_its_kind_is_read(kind: ImportKind, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("a;b\n1;2\n")
    assert isinstance(kind.open(file), Source if kind.streamed else bytes)


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
        ({"path": "core.imports.usage:read"}, "takes no dry_run="),
        ({"options": (ImportOption("company", "", ""),)}, "takes no company="),
        ({"streamed": False}, "takes 'source' after its work"),
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


def test_a_kind_without_documentation() -> None:
    assert len(list(undocumented(KINDS["invitations"], "| usage | `line`, `day` |"))) == 2
