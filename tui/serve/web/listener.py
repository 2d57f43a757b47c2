"""Accepting connections: no more than the door can carry, none that says nothing, and TLS with the newest certificate.

aiohttp bounds what a request may be; how many there are, from whom, and how long each may take is bounded here.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from core.service.settings import Settings
from tui.serve.log import log
from tui.serve.web import addresses

SILENCE = 10.0
"""Seconds until a connection has to have said its whole request, and how long one is kept for the next."""
WHOLE = 120.0
"""Seconds for everything on one connection that is no session: the page over a slow line."""
BESIDE = 100
"""Connections over those of sessions and strangers: pages are being loaded."""
KERNEL_HOLDS = 128 * 1024
"""Bytes that the kernel keeps for a browser that doesn't read; it would be megabytes."""
_LOG_EVERY = 10.0


class Connection(web.RequestHandler):
    """One connection, which is a stranger's until its first request is there."""

    __slots__ = ("_deadline", "_listener", "stranger")

    def __init__(self, server: web.Server, listener: Callable[[Connection, str], None], **options: Any) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **options)
        self._listener = listener
        self._deadline: asyncio.TimerHandle | None = None
        self.stranger = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.give(WHOLE)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.give(None)
        super().connection_lost(exc)
        self._listener(self, "lost")

    def arrived(self) -> None:
        """A whole request is there."""
        if self.stranger:
            self._listener(self, "arrived")
            self.stranger = False

    def give(self, seconds: float | None) -> None:
        """So long may it take from now on; None for a session, which has its own end."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if seconds is not None and self.transport is not None:
            self._deadline = asyncio.get_running_loop().call_later(seconds, self.transport.abort)


class Listener:
    """Takes connections from a listening socket for as long as :meth:`run` runs."""

    def __init__(self, listening: socket.socket, server: web.Server, settings: Settings) -> None:
        self._listening = listening
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_HOLDS)  # those it accepts have it, too
        self._server = server
        self._serve = settings.serve
        self._certificate = Certificate(self._serve.certificate) if self._serve.certificate else None
        self._strangers: Counter[str] = Counter()
        self._places: dict[Connection, str] = {}
        self._connecting: set[asyncio.Task[None]] = set()
        self._logged = -_LOG_EVERY
        self._refused = 0

    @property
    def strangers(self) -> int:
        """Connections that have not said what they want."""
        return self._strangers.total()

    async def run(self) -> None:
        """Accept until cancelled."""
        loop = asyncio.get_running_loop()
        self._listening.setblocking(False)
        while True:
            try:
                connection, address = await loop.sock_accept(self._listening)
            except OSError as error:  # no descriptor is left: those that are open end sooner than this does
                log("web_accept_failed", why=error.strerror)
                await asyncio.sleep(0.2)
                continue
            self._take(connection, str(address[0]))

    def _take(self, connection: socket.socket, address: str) -> None:
        place = self._place(address)
        if not self._has_room(place):
            connection.close()
            self._note_refused(address)
            return
        self._strangers[place] += 1
        task = asyncio.get_running_loop().create_task(self._connect(connection, place))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def _place(self, address: str) -> str:
        """What strangers are counted by; nothing for a proxy, behind which everybody is."""
        return addresses.place(address) if addresses.client_address(address, (), self._serve.proxies) else ""

    def _has_room(self, place: str) -> bool:
        most = self._serve.strangers
        in_all = len(self._places) + len(self._connecting) < self._serve.sessions + most + BESIDE
        # One place gets half of what there is, so that whoever opens all they can keeps nobody else out.
        return in_all and self.strangers < most and (not place or self._strangers[place] < max(most // 2, 1))

    async def _connect(self, connection: socket.socket, place: str) -> None:
        loop = asyncio.get_running_loop()
        made: list[Connection] = []

        def make() -> Connection:
            made.append(
                Connection(
                    self._server,
                    self._told,
                    keepalive_timeout=SILENCE,
                    lingering_time=1.0,
                    access_log=None,
                    max_headers=64,
                )
            )
            self._places[made[0]] = place
            return made[0]

        secured = self._certificate.context() if self._certificate else None
        try:
            await loop.connect_accepted_socket(
                make, connection, ssl=secured, ssl_handshake_timeout=SILENCE if secured else None
            )
        except (OSError, TimeoutError):
            connection.close()
            if made and made[0] in self._places:
                self._told(made[0], "lost")
            elif not made:
                self._strangers[place] -= 1

    def _told(self, connection: Connection, what: str) -> None:
        if connection not in self._places:
            return
        if connection.stranger:
            self._strangers[self._places[connection]] -= 1
            self._strangers += Counter()  # forget those that are at nothing
        if what == "lost":
            del self._places[connection]

    def _note_refused(self, address: str) -> None:
        """One line for many: a flood is not to be a flood of lines."""
        self._refused += 1
        now = asyncio.get_running_loop().time()
        if now - self._logged >= _LOG_EVERY:
            log("web_connections_refused", count=self._refused, last=address)
            self._logged, self._refused = now, 0


class Certificate:
    """The operator's own, read again when its file has changed: they are renewed while the desk is open."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._changed = 0.0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._read(file.stat().st_mtime)

    def context(self) -> ssl.SSLContext:
        """What the next connection is secured by. A new file that can't be read leaves the old one in force."""
        with contextlib.suppress(OSError):
            changed = self._file.stat().st_mtime
            if changed != self._changed:
                try:
                    self._read(changed)
                except (OSError, ssl.SSLError) as error:
                    self._changed = changed
                    log("web_certificate_unread", why=type(error).__name__)
        return self._context

    def _read(self, changed: float) -> None:
        self._context.load_cert_chain(self._file)
        self._changed = changed
