"""``python -m tests.bench NAME [options]``: figures, one JSON object a line; without a name all of them."""

from __future__ import annotations

import importlib
import sys

NAMES = ("startup", "queue", "crowd", "create", "keys", "pending", "panel", "imports", "reset", "serve")


def main() -> int:
    names = sys.argv[1:2] or list(NAMES)
    for name in names:
        if name not in NAMES:
            print(f"no such figure: {name}; there are {', '.join(NAMES)}", file=sys.stderr)
            return 2
        importlib.import_module(f"tests.bench.{name}").main(sys.argv[2:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
