"""Waking the worker that delivers mail when another process of this machine has promised some: a code to log in with
must not wait until the worker looks by itself.

Only a hint: whoever can't ring, or isn't heard, is found by the worker's own round.
"""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

NAME = "mail.bell"
LONGEST = 100
"""Bytes of a socket's place that every system takes (Linux: 107); a desk in a longer one has no bell."""


def ring(folder: Path) -> None:
    """Wake the worker of the desk in ``folder``, if there is one beside it."""
    place = folder / NAME
    if len(os.fsencode(place)) > LONGEST:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.setblocking(False)
        link.sendto(b".", str(place))


@contextlib.contextmanager
def heard(folder: Path, event: threading.Event) -> Iterator[None]:
    """Set ``event`` whenever somebody rings, while the block runs. The caller is the only worker beside the folder:
    what lies there is an earlier one's that was killed."""
    place = folder / NAME
    if len(os.fsencode(place)) > LONGEST:
        yield
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        try:
            place.unlink(missing_ok=True)
            bell.bind(str(place))
            place.chmod(0o600)
        except OSError:  # a file system without sockets
            yield
            return
        thread = threading.Thread(target=_listen, args=(bell, event), name="mail-bell", daemon=True)
        thread.start()
        try:
            yield
        finally:
            place.unlink(missing_ok=True)
            bell.shutdown(socket.SHUT_RD)
            thread.join()


def _listen(bell: socket.socket, event: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while bell.recv(16):
            event.set()
