"""The side channel of a session that a server runs: what is no drawing goes to its door this way, and comes back."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any

from tui.serve import hand_over

LARGEST_FILE = 20 * 1024 * 1024


class SideChannel:
    """The session's end. Messages are JSON objects; a file goes along as a descriptor."""

    def __init__(self, link: socket.socket, *, takes_files: bool) -> None:
        self._link = link
        self.takes_files = takes_files
        """Whether a file can be handed to whoever sits there: a browser keeps one, a terminal can't."""

    def say(self, **message: Any) -> bool:
        """Say something to the door; False when it is gone."""
        return hand_over.send(self._link, message)

    def send_file(self, name: str, kind: str, content: bytes) -> bool:
        """Hand over a file for the reader to keep. ``kind`` is its media type. False when it can't be."""
        if not self.takes_files or len(content) > LARGEST_FILE:
            return False
        number = os.memfd_create("okienko", os.MFD_CLOEXEC)
        try:
            with os.fdopen(os.dup(number), "wb") as file:
                file.write(content)
            os.lseek(number, 0, os.SEEK_SET)
            return hand_over.send(self._link, {"download": {"name": name, "type": kind}}, [number])
        finally:
            os.close(number)

    def listen(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Have ``listener`` called, in the running event loop, with whatever the door says from now on."""
        loop = asyncio.get_running_loop()
        self._link.setblocking(False)

        def hear() -> None:
            try:
                got = hand_over.receive(self._link)
            except (BlockingIOError, hand_over.BadHandOver):
                return
            if got is None:
                loop.remove_reader(self._link)
                return
            message, files = got
            hand_over.close_all(files)
            listener(message)

        loop.add_reader(self._link, hear)
