"""First starts that are killed: ``first_start FOLDER POINT…``, each point ``EVENT:FILE``.

For each point a process makes a desk in a folder of its own, and is killed just before the interpreter does that to
that file. Forked from this one, which has no threads, so that nothing is imported again.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from core.service.desk import Desk
from core.service.settings import Settings


def die_before(event: str, file: Path) -> None:
    def hook(name: str, given: tuple[Any, ...]) -> None:
        if name == event and given and str(given[0]) == str(file):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def main(folder: str, *points: str) -> None:
    from alembic import command  # noqa: F401 - imported once for all

    for number, point in enumerate(points):
        event, _colon, name = point.partition(":")
        place = Path(folder) / str(number)
        child = os.fork()
        if child == 0:
            die_before(event, place / name)
            Desk.open(Settings(data_dir=place))
            os._exit(0)
        _child, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
