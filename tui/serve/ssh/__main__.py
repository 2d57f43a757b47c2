"""``python -m tui.serve.ssh``: the SSH door as a process of its own, started by the supervisor."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from pathlib import Path

from core.service.desk import Desk
from core.service.settings import Settings
from tui.machine.desk import allowed
from tui.process import keep_memory_private
from tui.serve.life import Life, open_until_told
from tui.serve.log import note_failure
from tui.serve.ssh.channel import bound_variables
from tui.serve.ssh.door import Door


async def serve(door: Door, listener: socket.socket, life: Life) -> None:
    """Be open, see :func:`tui.serve.life.open_until_told`."""
    asyncio.get_running_loop().set_exception_handler(note_failure)

    def close() -> None:
        listener.close()
        door.cut_idle()

    await open_until_told(life, door.serve(listener), close=close, empty=door.empty)
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
