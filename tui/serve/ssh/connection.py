"""One SSH connection: who is there. A key that an account has added and that was proven, or a guest; never what was
only offered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import asyncssh

from tui.serve.log import log
from tui.serve.ssh.channel import Channel

if TYPE_CHECKING:
    from asyncssh import SSHKey, SSHServerConnection

MOST_KEYS = 6
"""Keys that a client may offer."""
DESK_SECONDS = 5.0
"""A desk that takes longer is not waited for."""
WITHOUT_SESSION = 10.0
"""Seconds that a connection is kept which has no session yet, or none any more: whoever knows how to get in could hold
any number of them otherwise."""


class Visits(Protocol):
    """What a connection asks of its door."""

    parent: Any
    language: str
    """The desk's."""

    def is_known(self, fingerprint: str) -> bool:
        """Whether some account has added this key; blocking."""

    def authenticated(self, connection: Connection) -> None:
        """It is known who is there."""

    def lost(self, connection: Connection) -> None:
        """The connection is over."""

    def locked_session(self, key: str) -> Channel | None:
        """A session of this key whose screen is covered."""


@dataclass(eq=False)
class Connection(asyncssh.SSHServer):
    """Answers asyncssh. ``address`` and ``port`` are the client's, also behind a balancer."""

    visits: Visits
    address: str
    port: int
    key: str = ""
    """The fingerprint of the key that was proven; believed only once :meth:`auth_completed` was called."""
    offered: list[str] = field(default_factory=list)
    is_authenticated: bool = False
    connection: SSHServerConnection | None = None
    channel: Channel | None = None
    _names: int = 0
    _tries: int = 0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, conn: SSHServerConnection) -> None:
        self.connection = conn

    def connection_lost(self, exc: Exception | None) -> None:
        self._keep_for(None)
        self.visits.lost(self)

    def begin_auth(self, username: str) -> bool:
        # True: False would let the first “none” in before any key is offered, and no key were ever seen.
        self._names += 1
        if self._names > 1:
            self._disconnect(asyncssh.DISC_PROTOCOL_ERROR, "one user name a connection")
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def kbdint_auth_supported(self) -> bool:
        return True

    async def validate_public_key(self, username: str, key: SSHKey) -> bool:
        """Called when a key is offered, and again with its signature."""
        self._tries += 1
        if self._tries > 2 * MOST_KEYS:
            self._disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "too many keys")
            return False
        fingerprint = key.get_fingerprint("sha256")
        if not await self._is_known(fingerprint):
            line = key.export_public_key("openssh").decode("ascii", "replace").strip()
            kind_and_key = " ".join(line.split()[:2])
            if kind_and_key not in self.offered and len(self.offered) < MOST_KEYS:
                self.offered.append(kind_and_key)
            return False
        self.key = fingerprint
        return True

    async def _is_known(self, fingerprint: str) -> bool:
        """A desk that can't be asked knows nobody: people come in as guests and hear what is wrong there."""
        try:
            known = asyncio.get_running_loop().run_in_executor(None, self.visits.is_known, fingerprint)
            return await asyncio.wait_for(known, DESK_SECONDS)
        except Exception as error:
            log("not_asked", why=type(error).__name__)
            return False

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        # Whoever comes in by this way has proven no key, whatever was accepted before.
        self.key = ""
        return "", "", "", []

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        return True

    def auth_completed(self) -> None:
        self.is_authenticated = True
        self.visits.authenticated(self)
        self._keep_for(WITHOUT_SESSION)
        log("ssh_in", address=self.address, port=self.port, key=self.key, offered=len(self.offered) or None)

    def session_requested(self) -> Any:
        """One session a connection; everything else that can be asked for is refused by asyncssh's own defaults."""
        if self.channel is not None or not self.is_authenticated:
            return False
        self._keep_for(None)
        self.channel = Channel(self)
        return self.channel

    def session_over(self) -> None:
        """The client leaves by itself now; one that stays is of no use."""
        self._keep_for(WITHOUT_SESSION)

    def _keep_for(self, seconds: float | None) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = asyncio.get_running_loop().call_later(seconds, self.abort) if seconds is not None else None

    def abort(self) -> None:
        """Cut the line."""
        if self.connection is not None:
            self.connection.abort()

    def _disconnect(self, code: int, reason: str) -> None:
        log("ssh_refused", address=self.address, why=reason)
        if self.connection is not None:
            self.connection.disconnect(code, reason)
