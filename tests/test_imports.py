"""Who imports whom, read from the code itself: those imports too that stand inside functions.

import-linter holds the layers (pyproject.toml); here it is held that there is no circle among packages, wherever an
import stands, that an import inside a function says why it stands there, and what names may not be: a class of core
like another one, a value of any kind of value.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.measure import WHY, House, says_why
from tests.support.source import parsed

ROOT = Path(__file__).parents[1]
OURS = ("core", "tui")
pytestmark = pytest.mark.xdist_group("source")


class Import(NamedTuple):
    """One module of ours that another one imports."""

    by: str
    imported: str
    file: Path
    line: int
    inside: bool
    """Whether it stands inside a function."""


@lru_cache(maxsize=1)
def house() -> House:
    return House(ROOT)


@lru_cache(maxsize=1)
def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    files = [file for part in OURS for file in (ROOT / part).rglob("*.py")]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


@lru_cache(maxsize=1)
def imports() -> tuple[Import, ...]:
    """All of them but those for type checkers alone, which nothing runs."""
    return tuple(one for name, file in modules().items() for one in _imports(name, file))


def _imports(name: str, file: Path) -> Iterator[Import]:
    def walk(node: ast.AST, inside: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.ImportFrom) and child.module and child.module.split(".")[0] in OURS:
                for alias in child.names:
                    whole = f"{child.module}.{alias.name}"
                    yield Import(name, whole if whole in modules() else child.module, file, child.lineno, inside)
            elif isinstance(child, ast.Import):
                for alias in child.names:
                    if alias.name in modules():
                        yield Import(name, alias.name, file, child.lineno, inside)
            else:
                yield from walk(child, inside or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)))

    return walk(parsed(file), False)


def package(module: str) -> str:
    """``core.tickets`` of everything below it; the screens, which lead to one another like pages, are one."""
    return ".".join(module.split(".")[:2])


def test_there_is_no_circle_among_packages() -> None:
    graph: dict[str, dict[str, Import]] = defaultdict(dict)
    for one in imports():
        if package(one.by) != package(one.imported):
            graph[package(one.by)].setdefault(package(one.imported), one)
    circle = _circle(graph)
    told = [f"{one.file.relative_to(ROOT)}:{one.line}: {one.by} imports {one.imported}" for one in circle]
    assert not circle, "these imports close a circle; let the lower package be told instead of asking:\n" + "\n".join(
        told
    )


def _circle(graph: dict[str, dict[str, Import]]) -> list[Import]:
    """The imports of one circle; empty where there is none."""
    done: set[str] = set()

    def search(at: str, way: list[Import], on_way: list[str]) -> list[Import]:
        for to, one in graph.get(at, {}).items():
            if to in on_way:
                return [*way[on_way.index(to) :], one]
            if to not in done:
                found = search(to, [*way, one], [*on_way, to])
                if found:
                    return found
        done.add(at)
        return []

    return next((found for start in list(graph) if start not in done and (found := search(start, [], [start]))), [])


def test_a_circle_is_found() -> None:
    def edge(by: str, imported: str) -> Import:
        return Import(by, imported, ROOT, 1, inside=True)

    graph = {"a": {"b": edge("a", "b")}, "b": {"c": edge("b", "c")}, "c": {"b": edge("c", "b")}}
    assert [one.imported for one in _circle(graph)] == ["c", "b"]
    assert _circle({"a": {"b": edge("a", "b")}}) == []


def test_an_import_inside_a_function_says_why() -> None:
    unsaid = []
    for one in imports():
        if one.inside:
            lines = one.file.read_text(encoding="utf-8").splitlines()
            if not says_why(lines, one.line):
                unsaid.append(f"{one.file.relative_to(ROOT)}:{one.line}: {lines[one.line - 1].strip()}")
    assert not unsaid, f"move them to the top, or say “{WHY}why”:\n" + "\n".join(dict.fromkeys(unsaid))


def test_a_public_class_name_of_core_stands_for_one_thing() -> None:
    twice = [name for name, times in house().public_classes().items() if times > 1]
    assert not twice, f"two classes of core share a name; give each its own (docs/glossary.md): {', '.join(twice)}"


VAGUE = frozenset({"found", "one", "told", "kept", "given", "said", "shown", "held"})
"""What any value could be called."""

UNCHANGED = "core.migrations."
"""What made the tables of an earlier release stays as it was."""

COLUMNS = {
    "core.models.knowledge": "told",  # how much of an outage a line has been told
    "core.models.subscribers": "given",  # whether a consent was given or taken back
    "core.subscribers.consent": "given",  # the same, as it is read
    "tui.machine.finding": "found",  # a key of what ``check --json`` prints
}
"""Columns that bear such a name, and a key that others read: to rename one takes a migration, or breaks a script."""


def vague_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of each value or parameter that is called by a word for anything."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.Name(id=name, ctx=ast.Store())
                | ast.arg(arg=name)
                | ast.alias(asname=str(name))
                | ast.ExceptHandler(name=str(name))
            ) if name in VAGUE:
                yield node.lineno, name


def test_a_value_is_called_what_it_is() -> None:
    places = []
    for module, tree in house().tree.items():
        for line, name in vague_names(tree):
            if not module.startswith(UNCHANGED) and COLUMNS.get(module) != name:
                file = house().files[module].relative_to(ROOT)
                places.append(f"{file}:{line}: call “{name}” by what it holds, like “invoice”")
    assert not places, "a value bears its type's name (CONTRIBUTING.md, Style 3):\n" + "\n".join(sorted(places))


def test_every_column_that_bears_a_vague_name_is_there() -> None:
    trees = house().tree
    gone = [module for module, name in COLUMNS.items() if name not in dict(vague_names(trees[module])).values()]
    assert not gone, f"take out of COLUMNS what is there no more: {', '.join(gone)}"


@pytest.mark.parametrize(
    "source",
    [
        "told = 1",
        "told: int = 1",
        "first, *told = row",
        "for told in rows: pass",
        "[told.id for told in rows]",
        "if (told := read()): pass",
        "with opened() as told: pass",
        "def write(told): pass",
        "def write(*, told=None): pass",
        "lambda told: told.id",
        "from core import mail as told",
        "try: pass\nexcept OSError as told: pass",
    ],
)
def test_a_vague_name_is_seen_wherever_it_is_given(source: str) -> None:
    assert [name for _line, name in vague_names(ast.parse(source))] == ["told"]


def test_what_is_only_read_or_sent_on_may_be_called_anything() -> None:
    assert not list(vague_names(ast.parse("work.mail('outage', told=row.told); each = told; row.told = 1")))
