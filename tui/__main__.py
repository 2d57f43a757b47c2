"""The way in: cleans the environment before Textual can read it, then hands over to :mod:`tui.cli.program`.

Through its variables Textual writes typed passwords to a file, imports any module and presses keys by itself
(docs/facts.md, *Textual*). They are read when Textual is imported, so this module imports nothing of the kind.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import MutableMapping

from tui.process import keep_memory_private

DROPPED_PREFIXES = ("TEXTUAL", "PYTHON")
DROPPED = ("BROWSER", "SSLKEYLOGFILE", "ESCDELAY")
SIZE = ("COLUMNS", "LINES", "ROWS")
"""Exported by a shell they override the real terminal (40x10 drawn on 80x24); in a browser they are the size."""


def scrub(environ: MutableMapping[str, str]) -> None:
    """Drop from ``environ`` what steers Textual or Python from outside, and turn kitty's key protocol off.

    The protocol costs Polish letters where AltGr is reported as Alt (docs/facts.md, *Textual*). A session started by
    ``okienko web`` says so in OKIENKO_WEB and keeps its size.
    """
    unwanted = DROPPED if environ.get("OKIENKO_WEB") else DROPPED + SIZE
    for name in list(environ):
        if name.startswith(DROPPED_PREFIXES) or name in unwanted:
            del environ[name]
    environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"


def main() -> int:
    """Run ``okienko`` with ``sys.argv``; the exit status. ``--version`` alone costs no import of weight."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from core.version import __version__  # deferred: start-up, a command loads what it runs

        sys.stdout.write(f"okienko {__version__}\n")
        return 0
    scrub(os.environ)
    keep_memory_private()
    if not sys.argv[1:]:
        # What is typed most often needs no parser of arguments (8 ms).
        return _open()
    from tui.cli.program import main as command  # deferred: start-up, a command loads what it runs

    return command()


def _open() -> int:
    """The interface; what keeps it from opening is said as every command says it."""
    # Nothing of what is imported and built until the desk is open is garbage (docs/facts.md, *Textual*).
    gc.disable()
    from tui.launch import run  # deferred: start-up, a command loads what it runs

    try:
        return run()
    except Exception as error:
        from tui.cli.program import explain  # deferred: start-up, a command loads what it runs

        return explain(error)


if __name__ == "__main__":
    sys.exit(main())
