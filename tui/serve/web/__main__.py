"""``python -m tui.serve.web``: the browsers' door as a process of its own, started by the supervisor."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import resource
import socket
import sys
from pathlib import Path

from core.service.settings import Settings
from tui.process import keep_memory_private
from tui.serve.life import Life
from tui.serve.log import log, note_failure
from tui.serve.web import server


def main() -> int:
    """Read the settings, serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--life", type=int, required=True)
    parser.add_argument("--listen", type=int, required=True)
    parser.add_argument("--parent", type=Path, required=True)
    args = parser.parse_args()
    keep_memory_private()
    _keep_aiohttp_quiet()
    _allow_many_files()
    settings = Settings.load()
    _say_who_can_come(settings)
    asyncio.run(_serve(settings, socket.socket(fileno=args.listen), args.parent, Life(args.life)))
    return 0


async def _serve(settings: Settings, listening: socket.socket, parent: Path, life: Life) -> None:
    listening.set_inheritable(False)
    asyncio.get_running_loop().set_exception_handler(note_failure)
    await server.serve(settings, listening, parent, life)


def _keep_aiohttp_quiet() -> None:
    """It would write headers and tracebacks; what is worth a line is written by :mod:`tui.serve.log`."""
    logger = logging.getLogger("aiohttp")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False


def _allow_many_files() -> None:
    """Each session has four descriptors here."""
    with contextlib.suppress(ValueError, OSError):
        _now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _say_who_can_come(settings: Settings) -> None:
    host = settings.serve.web.rpartition(":")[0]
    if not settings.serve.web_address and host not in ("127.0.0.1", "localhost", "[::1]"):
        log("web_address_missing", hint="set serve.web_address, or browsers elsewhere are refused")


if __name__ == "__main__":
    sys.exit(main())
