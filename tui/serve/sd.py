"""What systemd gives a service and wants to hear of it: sockets that are passed in, and that it is ready."""

from __future__ import annotations

import contextlib
import os
import socket

FIRST = 3
"""The number of the first socket that is passed in."""


def notify(text: str) -> bool:
    """Tell whoever started this (``READY=1``, ``STOPPING=1``); False where nobody wants to hear it."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place.startswith(("/", "@")):
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
        link.sendto(text.encode(), "\0" + place[1:] if place.startswith("@") else place)
        return True
    return False


def passed_in() -> dict[str, socket.socket]:
    """Listening sockets by their names (``FileDescriptorName=``); empty unless they were meant for this process."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return {}
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    count = int(os.environ.get("LISTEN_FDS", "0"))
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    sockets = {}
    for place in range(count):
        os.set_inheritable(FIRST + place, False)
        name = names[place] if place < len(names) and names[place] else str(place)
        sockets[name] = socket.socket(fileno=FIRST + place)
    return sockets
