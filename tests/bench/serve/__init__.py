"""``serve``: what a session of the server takes, in time and memory and bytes; needs root for the memory.

First frames and memory with 1, 20 and 80 sessions, forked and started as a program; fifty who come at once by SSH;
bytes of each act; an agent's hour of work; and what eighty who do nothing cost.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from tests.bench.report import line
from tests.bench.serve import desk, first_frame, hour, storm, wire

PARTS = {"frames": first_frame.measure, "storm": storm.measure, "wire": wire.measure, "hour": hour.measure}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench serve")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="without any: all of them")
    wanted = parser.parse_args(arguments).parts or list(PARTS)
    with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
        path = Path(folder) / "desk"
        desk.make(path)
        for part in wanted:
            line("serve.load", minute=round(os.getloadavg()[0], 2), before=part)
            PARTS[part](path)
