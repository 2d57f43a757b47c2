"""Where a server is reached: its ports, and the sockets at which terminals are handed over."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DeskError
from core.i18n.translation import N_
from tui.serve import hand_over
from tui.serve.log import log

if TYPE_CHECKING:
    from core.service.settings import Settings

BACKLOG = 128


def own_folder(settings: Settings) -> Path:
    """Where the sockets are and what children make for a while: always the same of a desk, so that what an earlier
    server left that was killed goes now. Whoever calls this holds the desk's server lock."""
    name = hashlib.sha256(f"{os.geteuid()} {settings.data_dir}".encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"okienko-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:  # somebody else's, who wants to be in the way
        return Path(tempfile.mkdtemp(prefix="okienko-"))
    return folder


def unix_door(path: Path) -> socket.socket:
    listener = hand_over.open_socket()
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(BACKLOG)
    return listener


def kiosk_door(path: Path) -> socket.socket:
    """Where sshd's forced command hands over. Its folder says who may knock (0750, the account's group), and the kernel
    who does: of anybody but that account nothing is taken. What an earlier server left there is nobody's."""
    if path.exists() and not path.is_socket():
        raise DeskError(N_("{path} is a file: name another place in serve.kiosk."), path=str(path))
    path.unlink(missing_ok=True)
    listener = unix_door(path)
    path.chmod(0o666)
    return listener


def tcp_door(stack: contextlib.ExitStack, passed: socket.socket | None, place: str) -> socket.socket | None:
    if passed is not None:
        return stack.enter_context(passed)
    if not place:
        return None
    host, _colon, port = place.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = stack.enter_context(socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6 and host == "::":
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind((host, int(port)))
    listener.listen(BACKLOG)
    log("listening", address=host, port=listener.getsockname()[1])
    return listener
