"""The figures of the house: ``python -m tests.measure [FOLDER]``, of this checkout or of another one.

Each line is a name and a number, so that two checkouts can be held beside one another. What is counted is read from the
code; nothing is imported or run.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.support.source import parsed

OURS = ("core", "tui")
WHY = "# deferred: "
LONG = 300
"""Lines beyond which a file is seldom."""


class House:
    """All modules of one checkout."""

    def __init__(self, root: Path) -> None:
        files = [file for part in OURS for file in sorted((root / part).rglob("*.py"))]
        self.files = {
            ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file for file in files
        }
        self.text = {name: file.read_text(encoding="utf-8") for name, file in self.files.items()}
        self.tree = {name: parsed(file) for name, file in self.files.items()}
        self.packages = {name for name, file in self.files.items() if file.name == "__init__.py"}

    def lines(self, name: str) -> int:
        return self.text[name].count("\n")

    def imports(self) -> Iterator[tuple[str, str, int, bool]]:
        """By whom, what, at which line, whether inside a function; not those for type checkers alone."""
        for name, tree in self.tree.items():
            yield from self._imports(name, tree, inside=False)

    def _imports(self, name: str, node: ast.AST, *, inside: bool) -> Iterator[tuple[str, str, int, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.ImportFrom) and child.module and child.module.split(".")[0] in OURS:
                for alias in child.names:
                    whole = f"{child.module}.{alias.name}"
                    yield name, whole if whole in self.files else child.module, child.lineno, inside
            else:
                function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
                yield from self._imports(name, child, inside=inside or function)

    def public_classes(self) -> Counter[str]:
        """Of core: how many modules have one of this name."""
        return Counter(
            node.name
            for name, tree in self.tree.items()
            for node in tree.body
            if name.startswith("core") and isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        )

    def check_actions(self) -> Iterator[int]:
        """Lines of each ``check_action`` of the interface."""
        for tree in self.tree.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef) and node.name == "check_action":
                    yield (node.end_lineno or node.lineno) - node.lineno + 1


def says_why(lines: list[str], line: int) -> bool:
    """Whether the import at this line, or the first of those it stands among, says why it is no import of the top."""
    at = line - 1
    while WHY not in lines[at] and lines[at - 1].lstrip().startswith(("from ", "import ")):
        at -= 1
    return WHY in lines[at]


def in_circles(graph: dict[str, set[str]]) -> int:
    """How many nodes stand in some circle."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [*graph.get(start, ())]
        while waiting:
            at = waiting.pop()
            if at not in seen:
                seen.add(at)
                waiting += graph.get(at, ())
        return seen

    return sum(node in reached(node) for node in graph)


def second_level(module: str) -> str:
    return ".".join(module.split(".")[:2])


def figures(root: Path) -> Iterator[tuple[str, int]]:
    house = House(root)
    yield "modules", len(house.files)
    yield "lines", sum(house.lines(name) for name in house.files)
    yield f"modules of more than {LONG} lines", sum(house.lines(name) > LONG for name in house.files)
    by_folder = Counter(file.parent for file in house.files.values())
    yield "modules in the fullest folder", max(by_folder.values())
    yield "modules at the root of core", by_folder[root / "core"]
    found = list(house.imports())
    modules, packages = defaultdict(set), defaultdict(set)
    for by, imported, _line, _inside in found:
        if by != imported:
            modules[by].add(imported)
        if second_level(by) != second_level(imported):
            packages[second_level(by)].add(second_level(imported))
    yield "packages in a circle", in_circles(packages)
    yield "modules in a circle", in_circles(modules)
    late = {(by, line) for by, _imported, line, inside in found if inside}
    yield "imports inside functions", len(late)
    yield "of them without a reason", sum(not says_why(house.text[by].split("\n"), line) for by, line in late)
    twice = [name for name, times in house.public_classes().items() if times > 1]
    yield "public class names of core used twice", len(twice)
    rules = list(house.check_actions())
    yield "check_action methods", len(rules)
    yield "their lines", sum(rules)


def main() -> None:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    for name, number in figures(root):
        sys.stdout.write(f"{name:40} {number:7,}\n")


if __name__ == "__main__":
    main()
