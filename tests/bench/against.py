"""``NAME --against COMMIT``: the same figure of an older commit and of this one, turn and turn about.

The older commit gets a checkout of its own (``git worktree``) in a temporary folder, with an environment of its own,
and both go when all is over. Each turn is a process of either commit, so that what else the machine does meets both;
what is printed is the median over the turns. Each commit runs its own bench where it has one; one that it lacks is laid
into its checkout, and so runs against its program.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench import report, targets

ROOT = Path(__file__).parents[2]
BENCH = Path("tests/bench")
SMALL: dict[str, list[str]] = {
    "queue": ["10000"],
    "ticket": ["10000"],
    "pending": ["10000"],
    "panel": ["10000"],
    "postgres": ["10000"],
    "imports": ["20000"],
    "keys": ["--tickets", "10000"],
    "crowd": ["--seconds", "6"],
}
"""What is measured when nothing else is asked for; options that older benches know too."""
BESIDE = ("report", "plain", "store", "conversations")
"""What a bench that is laid into an older checkout may need beside it."""
WHERE = frozenset((*targets.SIZES, "rows", "smallest", "largest", "processes", "seconds", "pairs", "sessions"))
"""Numbers that say what was measured, not how it went."""
RUN = "import importlib, sys; importlib.import_module('tests.bench.' + sys.argv[1]).main(sys.argv[2:])"
PATIENCE = 1800


class Failed(Exception):
    """What was tried for the older commit, and what came of it."""


def run(name: str, commit: str, options: Sequence[str], turns: int, *, same_bench: bool = False) -> int:
    try:
        with checkout(commit) as tree:
            _lay(name, tree, same_bench=same_bench)
            if name == "answers":
                return _compare_answers(tree, options)
            return _compare_figures(name, tree, options, turns)
    except Failed as failure:
        print(f"--against {commit}: {failure}", file=sys.stderr)
        return 2


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """The commit's checkout, with its environment in ``.venv``."""
    folder = Path(tempfile.mkdtemp(prefix="okienko-against-"))
    tree = folder / "tree"
    try:
        _step("making its checkout", ["git", "worktree", "add", "--quiet", "--detach", str(tree), commit], ROOT)
        _step("making its environment", [sys.executable, "-m", "venv", str(tree / ".venv")], tree)
        pip = [str(_python(tree)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", ".[test]"]
        _step("installing it with what it needs", pip, tree)
        yield tree
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["git", "worktree", "prune"], cwd=ROOT, check=False)


def _python(tree: Path) -> Path:
    return tree / ".venv" / "bin" / "python"


def _step(what: str, command: list[str], folder: Path) -> None:
    print(f"{what} …", file=sys.stderr, flush=True)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    if done.returncode:
        raise Failed(f"{what} failed:\n{' '.join(command)}\n{(done.stderr or done.stdout)[-2000:]}")


def _lay(name: str, tree: Path, *, same_bench: bool) -> None:
    """This commit's bench where the older one has none (or is to be measured by this one), with what it needs."""
    there = (tree / BENCH / f"{name}.py").exists() or (tree / BENCH / name).is_dir()
    if there and not same_bench and name != "answers":
        return
    print(f"the older commit is measured by this commit's bench of {name}", file=sys.stderr)
    for part in (name, *BESIDE):
        source = ROOT / BENCH / part
        if source.is_dir():
            shutil.copytree(source, tree / BENCH / part, dirs_exist_ok=True)
        else:
            shutil.copy(source.with_suffix(".py"), tree / BENCH)


def _figures(tree: Path, python: Path, name: str, options: Sequence[str]) -> list[str]:
    """The lines that the bench prints in that checkout."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = [str(python), "-c", RUN, name, *options]
    done = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    if done.returncode:
        raise Failed(f"{name} failed in {tree}:\n{done.stderr[-2000:]}")
    if not done.stdout.strip():
        raise Failed(f"{name} printed nothing:\n{done.stderr[-2000:]}")
    return done.stdout.splitlines()


def _compare_figures(name: str, tree: Path, options: Sequence[str], turns: int) -> int:
    chosen = list(options) or SMALL.get(name, [])
    before: dict[str, list[float]] = defaultdict(list)
    after: dict[str, list[float]] = defaultdict(list)
    for turn in range(1, turns + 1):
        print(f"turn {turn} of {turns} …", file=sys.stderr, flush=True)
        for folder, python, into in ((tree, _python(tree), before), (ROOT, Path(sys.executable), after)):
            for text in _figures(folder, python, name, chosen):
                for what, value in numbers(json.loads(text)).items():
                    into[what].append(value)
    ratios: dict[str, float] = {}
    rows = []
    for what in [each for each in after if each in before]:
        old, new = statistics.median(before[what]), statistics.median(after[what])
        if old:
            ratios[what] = round(new / old, 3)
            rows.append((what, f"{old:,g}", f"{new:,g}", f"{ratios[what]:.2f}"))
        report.line("against", what=what, before=old, after=new, ratio=ratios.get(what))
    for what in before.keys() ^ after.keys():
        side = "before" if what in before else "after"
        print(f"only {side}: {what}", file=sys.stderr)
    print("\n" + report.table(("figure", "before", "after", "ratio"), rows))
    asked = targets.changes_beside(name, ratios)
    if asked:
        print("\n" + asked)
    return 0


def numbers(line: Mapping[str, Any]) -> dict[str, float]:
    """A line's numbers by a name that says what each is of; those of objects by a dotted one."""
    if "smallest" in line and line["smallest"] == line["largest"]:
        return {}  # nothing grew: there was one size
    said = [str(line["figure"])]
    said += [f"{key}={value}" for key, value in line.items() if key in WHERE or (_is_text(value) and key != "figure")]
    head = ", ".join(said)
    values: dict[str, float] = {}
    for key, value in line.items():
        inner = value.items() if isinstance(value, Mapping) else [("", value)]
        for part, each in inner:
            if key not in WHERE and isinstance(each, int | float) and not isinstance(each, bool):
                values[f"{head}: {key}{'.' if part else ''}{part}"] = float(each)
    return values


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) < 60


def _compare_answers(tree: Path, options: Sequence[str]) -> int:
    """Line by line; each that differs is shown around its first difference."""
    before = _figures(tree, _python(tree), "answers", options)
    after = _figures(ROOT, Path(sys.executable), "answers", options)
    print(f"before: {before[-1]}\nafter:  {after[-1]}")
    old, new = ({_asked(text): text for text in lines[:-1]} for lines in (before, after))
    differing = [what for what in {**old, **new} if old.get(what) != new.get(what)]
    for what in differing:
        print(f"differs: {what}: {difference(old.get(what), new.get(what))}")
    print(f"{len(new)} answers, {len(differing)} differ" + (f"; the first: {differing[0]}" if differing else ""))
    return 1 if differing else 0


def _asked(text: str) -> str:
    line = json.loads(text)
    return f"{line['database']}, {line['desk']}: {line['asked']}"


def difference(before: str | None, after: str | None) -> str:
    """Where two lines part, with some of what stands there."""
    if before is None or after is None:
        return "only after" if before is None else "only before"
    at = sum(1 for _same in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    return f"…{before[max(at - 40, 0) : at + 60]}… became …{after[max(at - 40, 0) : at + 60]}…"
