"""The door itself: accepts, counts, and lets nobody wait at it for long."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh

from core.errors import DeskError
from tui.serve import proxy_header
from tui.serve.log import log
from tui.serve.ssh import algorithms
from tui.serve.ssh.channel import Channel
from tui.serve.ssh.connection import Connection
from tui.serve.ssh.strangers import Strangers

if TYPE_CHECKING:
    from core.service.desk import Desk

HEADER_SECONDS = 5.0
LOOK_SECONDS = 0.2


class Door:
    """Everybody who comes by SSH. It asks the desk one thing: whether a key is somebody's."""

    def __init__(self, desk: Desk, parent: Path) -> None:
        self.parent = parent
        self.language: str = desk.settings.desk.language
        self._desk = desk.as_system()
        limits = desk.settings.serve
        self._strangers = Strangers(limits.strangers)
        self._most = 2 * limits.sessions + limits.strangers
        self._balancers = [ipaddress.ip_network(each) for each in limits.balancers]
        self._connections: set[Connection] = set()
        self._options: dict[str, Any] = {**algorithms.options(), "server_host_keys": [str(host_key(desk.settings))]}
        self._tasks: set[asyncio.Task[None]] = set()
        self._left = asyncio.Event()

    # Accepting

    async def serve(self, listener: socket.socket) -> None:
        """Accept whoever comes, until cancelled."""
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        while True:
            try:
                client, (address, port, *_more) = await loop.sock_accept(listener)
            except OSError as error:  # no descriptor is left: those who are here first
                log("not_accepted", why=error.strerror)
                await asyncio.sleep(LOOK_SECONDS)
                continue
            task = asyncio.ensure_future(self._let_in(client, address, port))
            self._tasks.add(task)
            task.add_done_callback(self._is_done)

    async def empty(self) -> None:
        """Until nobody is here any more."""
        while self._connections or self._tasks:
            self._left.clear()
            await self._left.wait()

    def cut_idle(self) -> None:
        """Cut every line that nobody's session is on: whoever comes by it would only find the door closed."""
        for connection in list(self._connections):
            if connection.channel is None or connection.channel.line is None:
                connection.abort()

    def cut_all(self) -> None:
        """Cut every line."""
        for connection in list(self._connections):
            connection.abort()

    async def _let_in(self, client: socket.socket, address: str, port: int) -> None:
        client.setblocking(False)
        if self._is_balancer(address):
            try:
                async with asyncio.timeout(HEADER_SECONDS):
                    behind = await proxy_header.read(client)
            except (proxy_header.BadHeader, TimeoutError, OSError):
                log("bad_proxy_header", address=address)
                client.close()
                return
            if behind is None:
                client.close()
                return
            address, port = behind
        connection = Connection(self, _plain(address), port)
        if len(self._connections) >= self._most:
            log("ssh_refused", address=connection.address, why="too many connections")
            client.close()
            return
        if not await self._strangers.come(connection):
            log("ssh_refused", address=connection.address, why="too many at the door")
            client.close()
            return
        self._connections.add(connection)
        try:
            await asyncssh.run_server(client, server_factory=lambda: connection, **self._options)
        except (OSError, asyncssh.Error) as error:
            log("ssh_failed", address=connection.address, why=type(error).__name__)
            self.lost(connection)

    def _is_balancer(self, address: str) -> bool:
        parsed = ipaddress.ip_address(_plain(address)) if self._balancers else None
        return any(parsed in each for each in self._balancers)

    # What connections ask

    def is_known(self, fingerprint: str) -> bool:
        from core.accounts import ssh_keys  # deferred: the door is open before it needs to know keys

        try:
            return bool(self._desk.see(ssh_keys.known, fingerprint))
        except DeskError as error:  # whoever comes gets in as a guest, and is told there that the desk can't be opened
            log("keys_not_read", why=type(error).__name__)
            return False

    def authenticated(self, connection: Connection) -> None:
        self._strangers.go(connection)

    def lost(self, connection: Connection) -> None:
        if connection not in self._connections:
            return
        self._connections.discard(connection)
        self._left.set()
        self._strangers.go(connection)

    def locked_session(self, key: str) -> Channel | None:
        mine = (each.channel for each in self._connections if key and each.key == key and each.is_authenticated)
        return next((channel for channel in mine if channel is not None and channel.locked), None)

    def _is_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._left.set()


def _plain(address: str) -> str:
    """An IPv4 address that came by an IPv6 socket is one all the same."""
    with contextlib.suppress(ValueError):
        parsed = ipaddress.ip_address(address.partition("%")[0])
        return str(getattr(parsed, "ipv4_mapped", None) or parsed)
    return address


def host_key(settings: Any) -> Path:
    """The key by which clients know this desk again; made at the first start, for its owner alone."""
    path: Path = settings.data_dir / "ssh_host_ed25519_key"
    if not path.exists():
        made = asyncssh.generate_private_key("ssh-ed25519", comment="okienko")
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made.export_private_key())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another door was faster
            os.link(draft, path)
        draft.unlink()
        log("host_key", fingerprint=made.get_fingerprint("sha256"))
    return path
