"""This terminal: whether there is one, what is written on it, and where incidents are written down."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, TextIO

from core import paths
from core.i18n.sanitize import visible


def tell(text: str, stream: TextIO | None = None) -> None:
    """Print ``text``, each line without anything a terminal would obey."""
    out = stream or sys.stdout
    encoding = out.encoding or "utf-8"
    for line in text.split("\n"):
        out.write(visible(line).encode(encoding, "replace").decode(encoding) + "\n")
    out.flush()


def complain(text: str) -> None:
    """The same, where errors go."""
    tell(text, sys.stderr)


def tell_json(thing: Any) -> None:
    """For programs; whatever isn't ASCII is escaped, so there is nothing to clean."""
    sys.stdout.write(json.dumps(thing, indent=2, default=str) + "\n")
    sys.stdout.flush()


def on_terminal() -> bool:
    """Whether there is somebody to show anything to. ``TERM=dumb`` gets full-screen codes it can't draw."""
    import os

    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"


def log_path() -> Path:
    """Where incidents are written down."""
    return paths.private_folder(paths.state_folder()) / "incidents.log"


def users_log() -> Path:
    """Where incidents of a desk that is thrown away are written down: the user's own log, of no desk."""
    import platformdirs

    return Path(platformdirs.user_state_dir(paths.APPLICATION)) / "incidents.log"
