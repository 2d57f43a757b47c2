"""A comment points only to what a clone has: whoever reads it must be able to go and look.

All comments and docstrings are walked, and the pages of documentation with them. A pointer is a path, a page's name, or
a dotted name in a role such as ``:mod:``.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.xdist_group("source")
WHAT_TO_DO = (
    "Say the reason itself in the comment (with its number), or put what was measured into docs/facts.md and name its "
    "section; or correct the path."
)
NOT_OURS = re.compile(
    r"""(?<![\w./-])(?:spec|facts|seeds)/\w        # folders that no clone has
      | \bhouse\.md\b | \bfacts:\s\w+\.md
      | \bseed\s00\d\b | \b00\d,?\sp\.\s?\d | \(00\d[,;)]  # pages of guides, by number
    """,
    re.VERBOSE,
)
PATH = re.compile(r"(?<![\w./-])(?:core|tui|tests|docs|data|screenshots|\.ci)/[\w./-]*\w\.[a-z]{2,5}\b")
PLACEHOLDER = re.compile(r"/[A-Z]{2,}\.")
SECTION = re.compile(r"\bdocs/facts\.md,\s+\*([^*]+)\*")
PAGE = re.compile(r"(?<![\w./*-])[\w-]+\.md\b")
ROLE = re.compile(r":(?:mod|func|class|meth|data|attr):`~?((?:core|tui|tests)(?:\.\w+)+)`")


@cache
def files() -> tuple[Path, ...]:
    """Everything that is in the repository, or is about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a clone: git does not know these files")
    return tuple(path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file())


@cache
def pages() -> frozenset[str]:
    return frozenset(path.name for path in files() if path.suffix == ".md")


@cache
def measured() -> frozenset[str]:
    """The sections of the page of measured reasons."""
    return frozenset(re.findall(r"^## (.+)$", (ROOT / "docs/facts.md").read_text(encoding="utf-8"), re.MULTILINE))


def said(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """The comments of a file, by line; all of it where it is a page."""
    if path.suffix == ".py":
        yield from said_in_python(text)
    elif path.suffix == ".md":
        yield from enumerate(text.splitlines(), 1)
    elif path.suffix in (".toml", ".cfg") or path.name == "run":
        for number, line in enumerate(text.splitlines(), 1):
            if "#" in line:
                yield number, line.partition("#")[2]
    elif path.suffix == ".tcss":
        for found in re.finditer(r"/\*.*?\*/", text, re.DOTALL):
            yield text.count("\n", 0, found.start()) + 1, found.group()


def said_in_python(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def dead_ends(text: str, beside: Path = ROOT) -> Iterator[str]:
    """What ``text`` points to and nobody finds. ``beside`` is the folder of the page it stands in."""
    yield from (found.group().strip("(,;)") for found in NOT_OURS.finditer(text))
    for found in PATH.finditer(text):
        if not (ROOT / found.group()).exists() and not PLACEHOLDER.search(found.group()):
            yield found.group()
    for found in SECTION.finditer(text):
        if found.group(1) not in measured():
            yield f"docs/facts.md, *{found.group(1)}*"
    for found in PAGE.finditer(text):
        if found.group() not in pages() and not (beside / found.group()).exists():
            yield found.group()
    for found in ROLE.finditer(text):
        if not resolves(found.group(1)):
            yield found.group(1)


@cache
def resolves(dotted: str) -> bool:
    """Whether a module has that name, or one that holds the rest of it."""
    parts = dotted.split(".")
    for known in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:known])
        module = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        if module.is_file():
            text = module.read_text(encoding="utf-8")
            return all(re.search(rf"\b{name}\b", text) for name in parts[known:])
    return False


def test_no_comment_points_to_what_a_clone_lacks() -> None:
    wrong = []
    for path in files():
        if path.suffix not in (".py", ".md", ".toml", ".cfg", ".tcss") and path.name != "run":
            continue
        if "_data" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        if not any(dead_ends(text, path.parent)):
            continue  # nor in a comment of it: to read a whole file is quicker than to take it apart
        for line, comment in said(path, text):
            place = path.relative_to(ROOT)
            wrong += [f"{place}:{line}: {pointer}" for pointer in dead_ends(comment, path.parent)]
    assert not wrong, "\n".join([f"{len(wrong)} comments point to what is not in the repository.", *wrong, WHAT_TO_DO])


@pytest.mark.parametrize(
    "comment",
    [
        "as said in spec/care.md",
        "(facts/limits.md §2)",
        "facts: dependencies.md E3",
        "seed 001, first page",
        "the form (000 p.8)",
        "(001, the last page)",
        "house.md says so",
        "see docs/no-such-page.md",
        "see core/no_such_module.py",
        "(docs/facts.md, *No such section*)",
        "security.md AU-02",
        ":mod:`core.nowhere.at_all`",
        ":func:`core.errors.no_such_function`",
    ],
)
def test_a_pointer_to_nothing_is_found(comment: str) -> None:
    assert list(dead_ends(comment))


@pytest.mark.parametrize(
    "comment",
    [
        "(docs/facts.md, *SQLite*)",
        "`docs/keys.md`, README.md, LICENSE",
        "data/products/*.toml, data/scenarios/NAME.toml, core/<domain>/models.py",
        "in 1,000 of 1,000 trials; FA(3); 0.001 ms; a spec, its facts",
        ":mod:`core.errors`, :class:`core.errors.DeskError`, :meth:`core.service.desk.Desk.do`",
    ],
)
def test_a_pointer_that_leads_somewhere_is_left_alone(comment: str) -> None:
    assert not list(dead_ends(comment))


def test_a_docstring_and_a_comment_are_both_read_and_a_string_is_not() -> None:
    source = '"""Of the module."""\nWORD = "not read"  # beside\n"""Of the constant."""\n'
    assert sorted(said_in_python(source)) == [
        (1, "Of the module."),
        (2, "# beside"),
        (3, "Of the constant."),
    ]
