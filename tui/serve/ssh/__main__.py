"""``python -m tui.serve.ssh``: the SSH door as a process of its own, started by the supervisor."""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
import sys
from pathlib import Path

from core.service.desk import Desk
from core.service.settings import Settings
from tui.machine.desk import allowed
from tui.process import keep_memory_private
from tui.serve.life import Life
from tui.serve.ssh.channel import bound_variables
from tui.serve.ssh.door import Door


async def serve(door: Door, listener: socket.socket, life: Life) -> None:
    """Until told to end (SIGTERM: at once), or to leave (SIGHUP: when the last has gone), or the supervisor is gone."""
    loop = asyncio.get_running_loop()
    leave, end = asyncio.Event(), asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, leave.set)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    accepting = asyncio.ensure_future(door.serve(listener))
    life.ready()
    orphaned = asyncio.ensure_future(life.ended())
    ends, leaves = asyncio.ensure_future(end.wait()), asyncio.ensure_future(leave.wait())
    await asyncio.wait({accepting, ends, leaves, orphaned}, return_when=asyncio.FIRST_COMPLETED)
    accepting.cancel()
    listener.close()
    door.cut_idle()
    if not end.is_set():  # whoever forks the sessions ends them; they are written for until they have
        await asyncio.wait({ends, asyncio.ensure_future(door.empty())}, return_when=asyncio.FIRST_COMPLETED)
    door.cut_all()


def main() -> int:
    """Read the settings, open the desk, serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--life", type=int, required=True)
    parser.add_argument("--listen", type=int, required=True)
    parser.add_argument("--parent", type=Path, required=True)
    args = parser.parse_args()
    keep_memory_private()
    bound_variables()
    settings = Settings.load()
    desk = Desk.open(settings, may=allowed(settings))
    try:
        door = Door(desk, args.parent)
        asyncio.run(serve(door, socket.socket(fileno=args.listen), Life(args.life)))
    finally:
        desk.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
