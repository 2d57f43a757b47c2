"""``python -m tui.serve.web``: the browser's door, as the server starts it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import resource
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from core.service.settings import Settings
from tui.serve.log import log
from tui.serve.web import server


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the door until SIGTERM, and then until its sessions are over."""
    parser = argparse.ArgumentParser(prog="okienko-web")
    parser.add_argument("--listen-fd", type=int, required=True, help="a listening socket")
    parser.add_argument("--parent", type=Path, required=True, help="the socket at which sessions are started")
    given = parser.parse_args(arguments)
    listening = socket.socket(fileno=given.listen_fd)
    listening.set_inheritable(False)
    settings = Settings.load()
    # aiohttp would write headers and tracebacks; what is worth a line is written by tui.serve.log.
    logging.getLogger("aiohttp").addHandler(logging.NullHandler())
    logging.getLogger("aiohttp").propagate = False
    _allow_many_files()
    _say_who_can_come(settings)
    asyncio.run(_serve(settings, listening, given.parent))
    return 0


async def _serve(settings: Settings, listening: socket.socket, parent: Path) -> None:
    loop, ending = asyncio.get_running_loop(), asyncio.Event()
    loop.set_exception_handler(_note_failure)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    await server.serve(settings, listening, parent, ending)


def _note_failure(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """asyncio's own handler would print what went wrong with its values."""
    error = context.get("exception")
    if not isinstance(error, ConnectionError | TimeoutError):
        log("web_failed", what=type(error).__name__ if error else "unknown")


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
    raise SystemExit(main())
