"""One session of a browser. It outlives its connection by a minute, so that a page loaded again goes on with it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from tui.serve import hand_over
from tui.serve.hand_over import Visitor
from tui.serve.line import Line
from tui.serve.web.waiting_files import WaitingFiles

KEPT = 60.0
"""Seconds that a session waits for its browser."""
BACKLOG = 64 * 1024
"""Bytes that wait for the browser before the program has to."""

ENDED, ELSEWHERE, TURNED_AWAY = 4000, 4001, 4002
"""Why a WebSocket is closed, for the page; the numbers stand in ``page.js``, too."""


class BrowserSession:
    """The door's side of one session (:class:`tui.serve.line.Door`)."""

    def __init__(self, address: str, files: WaitingFiles, over: Callable[[BrowserSession], None]) -> None:
        """``over`` is called once, when the session has ended."""
        self.address = address
        self.token = secrets.token_urlsafe(24)
        self.line = Line(self)
        self._files = files
        self._over = over
        self._socket: web.WebSocketResponse | None = None
        self._waiting: deque[bytes | dict[str, Any]] = deque()
        self._bytes = 0
        self._something = asyncio.Event()
        self._may_type = asyncio.Event()
        self._may_type.set()
        self._offered: list[str] = []
        self._held = False
        self._sentence = ""
        self._end: asyncio.TimerHandle | None = None
        self._pump: asyncio.Task[None] | None = None
        self._let_go_with: asyncio.Future[int] | None = None

    @property
    def key(self) -> bytes:
        """What the session is found by: tokens are compared by their hashes alone."""
        return key_of(self.token)

    @property
    def has_browser(self) -> bool:
        """Whether somebody looks at it."""
        return self._socket is not None

    @property
    def waiting(self) -> int:
        """Bytes that the browser has not been sent yet."""
        return self._bytes

    @property
    def waits(self) -> bool:
        """Whether the program has to wait for the browser."""
        return self._held

    def open(self, parent: Path, visitor: Visitor, columns: int, rows: int) -> None:
        """Have the parent start the session. Raises OSError when it isn't there."""
        self.line.open(parent, visitor, columns, rows)

    # The browser

    def attach(self, socket: web.WebSocketResponse, columns: int, rows: int, *, again: bool) -> asyncio.Future[int]:
        """This browser has the session from now on; another one that has it is let go of.

        Args:
            again: The session is older than this browser's terminal, which has seen nothing of it.

        Returns:
            What becomes the number to close this browser's connection with.
        """
        self._let_go(ELSEWHERE)
        self._socket = socket
        self._say({"session": self.token})
        self._let_go_with = let_go = asyncio.get_running_loop().create_future()
        self._pump = asyncio.get_running_loop().create_task(self._send(socket, let_go))
        if again:
            self._put(self.line.modes())
            self._offered = [secret for secret in self._offered if self._files.has(secret)]
            for secret in self._offered:
                self._offer(secret)
            self.line.resize(columns, rows)
            self.line.redraw()
        return let_go

    def detach(self, socket: web.WebSocketResponse) -> None:
        """That browser is gone. If it had the session, it is kept for a while."""
        if self._socket is socket:
            self._let_go(None)
            if self.line.is_open:
                self._end = asyncio.get_running_loop().call_later(KEPT, self.close)

    def _let_go(self, code: int | None) -> None:
        """Nobody has the session; whoever had it is told ``code``. What the program says meanwhile is not kept: all of
        it is drawn for the next one."""
        if self._end is not None:
            self._end.cancel()
            self._end = None
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None
        self._socket = None
        if self._let_go_with is not None and not self._let_go_with.done() and code is not None:
            self._let_go_with.set_result(code)
        self._waiting.clear()
        self._bytes = 0
        self._may_type.set()
        self._hold(False)

    async def may_type(self) -> None:
        """Wait while the program doesn't read what was typed."""
        await self._may_type.wait()

    def close(self) -> None:
        """End the session: its terminal hangs up."""
        if self.line.is_open:
            self.line.close()
            self.ended(0)

    # What the line calls

    def write(self, data: bytes) -> None:
        if self._socket is not None:
            self._put(data)
            if self._bytes > BACKLOG:
                self._hold(True)

    def write_error(self, data: bytes) -> None:
        self._sentence = data.decode(errors="replace").strip()

    def pause_typing(self, pause: bool) -> None:
        if pause:
            self._may_type.clear()
        else:
            self._may_type.set()

    def told(self, message: dict[str, Any], files: list[int]) -> None:
        download = message.get("download")
        if not isinstance(download, dict) or len(files) != 1:
            hand_over.close_all(files)
            return
        secret = self._files.add(self.token, str(download.get("name")), str(download.get("type")), files[0])
        if secret:
            self._offered.append(secret)
            self._offer(secret)

    def ended(self, status: int) -> None:
        """The last that is said is said before the connection ends."""
        self._files.forget(self.token)
        self._over(self)
        self._say({"ended": status, "sentence": self._sentence})
        if self._socket is None:
            self._let_go(None)

    # Towards the browser

    def _offer(self, secret: str) -> None:
        self._say({"download": f"/download/{secret}"})

    def _hold(self, hold: bool) -> None:
        """Have the program wait for the browser, or not any more."""
        if hold != self._held and self.line.is_open:
            self._held = hold
            if hold:
                self.line.pause()
            else:
                self.line.resume()

    def _say(self, message: dict[str, Any]) -> None:
        if self._socket is not None:
            self._waiting.append(message)
            self._something.set()

    def _put(self, data: bytes) -> None:
        if data:
            self._waiting.append(data)
            self._bytes += len(data)
            self._something.set()

    async def _send(self, socket: web.WebSocketResponse, let_go: asyncio.Future[int]) -> None:
        """Pass on what waits, as fast as this browser reads it."""
        with contextlib.suppress(ConnectionError, RuntimeError):
            while True:
                while self._waiting:
                    each = self._waiting.popleft()
                    if isinstance(each, bytes):
                        await socket.send_bytes(each)
                        self._bytes -= len(each)
                        if self._bytes <= BACKLOG // 2:
                            self._hold(False)
                    else:
                        await socket.send_json(each)
                        if "ended" in each:
                            let_go.set_result(TURNED_AWAY if self._sentence else ENDED)
                            return
                self._something.clear()
                await self._something.wait()


def key_of(token: str) -> bytes:
    """The hash that a token is kept and looked up by."""
    return hashlib.sha256(token.encode()).digest()
