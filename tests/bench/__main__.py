"""``python -m tests.bench NAME [options]``: figures, one JSON object a line, and at the end each beside its target.

Without a name: all that have a target, with 10 and 100 thousand tickets, in about ten minutes; ``--million`` measures a
million besides. ``NAME --against COMMIT`` measures that commit too, turn and turn about (:mod:`tests.bench.against`).
"""

from __future__ import annotations

import argparse
import importlib
import sys
import traceback

from tests.bench import report, targets

WHOLE: dict[str, tuple[list[str], list[str]]] = {
    "startup": ([], []),
    "queue": (["10000", "100000"], ["10000", "100000", "1000000"]),
    "ticket": (["10000", "100000"], ["10000", "100000", "1000000"]),
    "create": ([], []),
    "reply": ([], []),
    "pending": (["10000", "100000"], ["10000", "100000", "1000000"]),
    "panel": (["100", "100000"], ["100", "100000"]),
    "postgres": (["10000"], ["10000", "100000"]),
    "imports": (["20000", "--kinds", "lines"], ["1000000", "--kinds", "lines", "--most-lines", "1000000"]),
    "keys": (["--tickets", "10000"], ["--tickets", "1000000"]),
}
"""What the whole run measures: with these options, or with those where a million is asked for."""
NAMES = (*WHOLE, "crowd", "reset", "serve", "answers")
"""The rest has no target by itself and takes its time: by name only."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        allow_abbrev=False,
        add_help=not arguments or arguments[0].startswith("-"),  # else it is the figure's own that is asked for
    )
    parser.add_argument("name", nargs="?", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--million", action="store_true", help="with a million tickets, or lines")
    parser.add_argument("--against", metavar="COMMIT", help="an older commit, measured turn and turn about")
    parser.add_argument("--turns", type=int, default=3, help="how many turns each commit has")
    parser.add_argument("--same-bench", action="store_true", help="this commit's bench for the older one as well")
    chosen, options = parser.parse_known_args(arguments)
    if chosen.against:
        from tests.bench import against

        if chosen.name is None:
            parser.error("--against is for one figure: python -m tests.bench NAME --against COMMIT")
        return against.run(chosen.name, chosen.against, options, chosen.turns, same_bench=chosen.same_bench)
    names = [chosen.name] if chosen.name else list(WHOLE)
    failed = []
    for name in names:
        ours = WHOLE[name][chosen.million] if name in WHOLE and (chosen.million or not chosen.name) else []
        bench = importlib.import_module(f"tests.bench.{name}")
        try:
            bench.main([*ours, *options])
        except Exception:
            if chosen.name:
                raise
            failed.append(name)  # the others are measured all the same
            traceback.print_exc()
    written = targets.beside(report.LINES, names) if report.LINES else ""
    if written:
        print(f"\n{written}")
    if failed:
        print(f"\nThese broke off: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
