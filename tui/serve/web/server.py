"""The door itself: what is asked for, by whom, and whether they may have it."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, hdrs, web

from core.i18n.translation import LANGUAGES, N_, gettext, speaking
from core.service.settings import Settings
from tui.launch import SCREENS
from tui.serve.hand_over import Visitor
from tui.serve.life import Life, open_until_told
from tui.serve.log import log
from tui.serve.web import addresses, pages
from tui.serve.web.browser_session import TURNED_AWAY, BrowserSession, key_of
from tui.serve.web.listener import Connection, Listener
from tui.serve.web.waiting_files import WaitingFile, WaitingFiles

PROTOCOL = "okienko"
TOKEN = "token."  # noqa: S105 - what stands before one
"""A browser names its session as a second protocol: an address would be in logs and histories, a cookie is sent along
by any page."""
SESSION_HEADER = "X-Okienko-Session"
LARGEST_FRAME = 64 * 1024
ANSWER_WITHIN = 10.0
"""Seconds for a page to say what it wants once it is connected."""
BEAT = 20.0
"""Seconds between two questions whether the browser is still there."""
LEAVING = 10.0
"""Seconds for a browser to take the last that it is sent."""
FETCHING = 600.0
"""Seconds for a file to be fetched over a slow line."""

_CODE = re.compile(r"[A-Za-z0-9-]{4,40}")
_NO_ROOM: Final = N_("All places at the desk are taken just now. Please try again in a few minutes.")
_TOO_MANY: Final = N_("Too many sessions are open from your address. Please close one of them first.")
_NOBODY: Final = N_("The desk can't be reached just now. Please try again in a minute.")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NotUnderstood(Exception):
    """A page of ours says nothing like that."""


class WebDoor:
    """Everything that browsers get from this process."""

    def __init__(self, settings: Settings, parent: Path, port: int) -> None:
        """``parent`` is where sessions are started, ``port`` where this door listens."""
        self.settings = settings
        self.sites = addresses.own_sites(settings, port)
        self._parent = parent
        self._sessions: dict[bytes, BrowserSession] = {}
        self._places: Counter[str] = Counter()
        self._files = WaitingFiles()
        self._headers = dict(pages.HEADERS)
        if settings.serve.web_address.startswith("https:"):
            self._headers["Strict-Transport-Security"] = "max-age=31536000"
        self._closing = False
        self._one_over = asyncio.Event()

    def application(self) -> web.Application:
        """What answers requests; also for tests, without a listener of ours."""
        application = web.Application(middlewares=[self._guard], client_max_size=0)
        application.router.add_get("/", self._page)
        application.router.add_get("/session", self._session)
        application.router.add_get("/download/{secret}", self._download)
        for path in pages.contents():
            application.router.add_get(path, self._content)
        application.on_shutdown.append(self._shut_down)
        return application

    @property
    def sessions(self) -> tuple[BrowserSession, ...]:
        """Those that are open, with a browser or waiting for one."""
        return tuple(self._sessions.values())

    # What is true of every request

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if isinstance(request.protocol, Connection):
            request.protocol.arrived()
        try:
            if request.headers.get(hdrs.HOST, "").casefold() not in self.sites.hosts:
                # Whoever's name leads here without being ours may be made to, so that their pages could read ours.
                raise self._refuse(request, "host")
            response = await handler(request)
        except web.HTTPException as refusal:
            refusal.headers.update(self._headers)
            raise
        except ConnectionError:
            raise
        except Exception as error:
            log("web_failed", what=type(error).__name__)
            raise web.HTTPInternalServerError(headers=self._headers) from None
        if not response.prepared:
            response.headers.update(self._headers)
        return response

    def _refuse(self, request: web.Request, reason: str) -> web.HTTPForbidden:
        log("web_refused", reason=reason, address=self._address(request))
        return web.HTTPForbidden(text="403\n")

    def _address(self, request: web.Request) -> str:
        forwarded = request.headers.getall("X-Forwarded-For", [])
        return addresses.client_address(request.remote or "", forwarded, self.settings.serve.proxies)

    def _port(self, request: web.Request, address: str) -> int:
        """The client's port, where it is the client that is connected."""
        peer = request.transport.get_extra_info("peername") if request.transport is not None else None
        return int(peer[1]) if peer and address and addresses.client_address(peer[0], (), ()) == address else 0

    def _language(self, request: web.Request) -> str:
        asked = addresses.language_asked(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
        return asked or self.settings.desk.language

    def _language_of_page(self, request: web.Request, hello: dict[str, Any]) -> str:
        """That of the page that speaks: not every browser sends its languages along with a WebSocket."""
        of_page = hello.get("language")
        return of_page if of_page in LANGUAGES else self._language(request)

    # Pages and files

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return pages.page_response(self._language(request), self.settings.desk.name)

    async def _content(self, request: web.Request) -> web.StreamResponse:
        return pages.contents()[request.path].response(request)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        file = self._files.take(request.match_info["secret"], request.headers.get(SESSION_HEADER, ""))
        if file is None:
            raise web.HTTPNotFound(text="404\n")
        return await _sent(request, file)

    # Sessions

    async def _session(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get(hdrs.ORIGIN, "").casefold() not in self.sites.origins:
            raise self._refuse(request, "origin")
        offered = [each.strip() for each in request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "").split(",")]
        if PROTOCOL not in offered:
            raise web.HTTPBadRequest(text="400\n")
        token = next((each.removeprefix(TOKEN) for each in offered if each.startswith(TOKEN)), "")
        browser = web.WebSocketResponse(
            protocols=(PROTOCOL,),
            max_msg_size=LARGEST_FRAME,
            heartbeat=BEAT,
            timeout=5.0,
            compress=False,
            writer_limit=LARGEST_FRAME,
        )
        await browser.prepare(request)
        if isinstance(request.protocol, Connection):
            request.protocol.give(None)
        try:
            code = await self._serve(request, browser, token)
        except (NotUnderstood, TimeoutError):
            code = WSCloseCode.POLICY_VIOLATION
        if isinstance(request.protocol, Connection):
            request.protocol.give(LEAVING)
        await browser.close(code=code)
        return browser

    async def _serve(self, request: web.Request, browser: web.WebSocketResponse, token: str) -> int:
        """Until this browser has no session any more; returns what to close its connection with."""
        hello = await asyncio.wait_for(_hello(browser), ANSWER_WITHIN)
        session = self._sessions.get(key_of(token)) if token else None
        if session is not None:
            let_go = session.attach(browser, *_size(hello.get("size")), again=True)
        elif token:
            await browser.send_json({"gone": True})
            return WSCloseCode.OK
        else:
            begun = await self._begin(request, browser, hello)
            if begun is None:
                return TURNED_AWAY
            session, let_go = begun
        try:
            return await _listen(browser, session, let_go)
        finally:
            session.detach(browser)
            if self._closing and not session.has_browser:
                session.close()

    async def _begin(
        self, request: web.Request, browser: web.WebSocketResponse, hello: dict[str, Any]
    ) -> tuple[BrowserSession, asyncio.Future[int]] | None:
        address, language = self._address(request), self._language_of_page(request, hello)
        columns, rows = _size(hello.get("size"))
        place = addresses.place(address)
        reason = self._no_room(place)
        if reason:
            log("web_turned_away", address=address, sessions=len(self._sessions), here=self._places[place])
            await _turn_away(browser, reason, language)
            return None
        session = BrowserSession(address, self._files, self._over)
        visitor = Visitor(
            "web",
            address=address,
            port=self._port(request, address),
            colorterm="truecolor",
            language=language,
            words=_words(hello.get("words")),
        )
        try:
            session.open(self._parent, visitor, columns, rows)
        except OSError as error:
            log("web_no_parent", why=error.strerror)
            await _turn_away(browser, _NOBODY, language)
            return None
        self._sessions[session.key] = session
        self._places[place] += 1
        return session, session.attach(browser, columns, rows, again=False)

    def _no_room(self, place: str) -> str:
        serve = self.settings.serve
        if self._closing:
            return _NOBODY
        if len(self._sessions) >= serve.sessions:
            return _NO_ROOM
        return _TOO_MANY if place and self._places[place] >= serve.sessions_an_address else ""

    def _over(self, session: BrowserSession) -> None:
        if self._sessions.pop(session.key, None) is not None:
            self._places[addresses.place(session.address)] -= 1
            self._places += Counter()  # forget those that are at nothing
            self._one_over.set()

    async def _shut_down(self, _application: web.Application) -> None:
        for session in self.sessions:
            session.close()

    def leave(self) -> None:
        """Take nobody in any more. Who has lost their browser can't come back to this process: their session ends."""
        self._closing = True
        for session in self.sessions:
            if not session.has_browser:
                session.close()

    async def empty(self) -> None:
        """Until the last session is over."""
        while self._sessions:
            self._one_over.clear()
            await self._one_over.wait()


async def _listen(browser: web.WebSocketResponse, session: BrowserSession, let_go: asyncio.Future[int]) -> int:
    """Pass on what is typed, as fast as the program reads it, until this browser is let go of or goes by itself."""
    while True:
        receiving = asyncio.ensure_future(browser.receive())
        await asyncio.wait((receiving, let_go), return_when=asyncio.FIRST_COMPLETED)
        if let_go.done():
            receiving.cancel()
            return let_go.result()
        message = receiving.result()
        if message.type is WSMsgType.BINARY:
            session.line.type(message.data)
            await session.may_type()
        elif message.type is WSMsgType.TEXT:
            asked = _parsed(message.data)
            if "size" in asked:
                session.line.resize(*_size(asked["size"]))
            elif "ping" in asked:
                await browser.send_str('{"pong":true}')
            else:
                raise NotUnderstood
        else:
            return WSCloseCode.OK


async def _sent(request: web.Request, file: WaitingFile) -> web.StreamResponse:
    """Send the file and let go of it."""
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_DISPOSITION: file.disposition,
            hdrs.CONTENT_TYPE: file.kind,
            hdrs.CACHE_CONTROL: "no-store",
            **pages.HEADERS,
        }
    )
    response.content_length = file.size
    if isinstance(request.protocol, Connection):
        request.protocol.give(FETCHING)
    with file:
        await response.prepare(request)
        for piece in file.pieces():
            await response.write(piece)
        await response.write_eof()
    return response


async def _turn_away(browser: web.WebSocketResponse, reason: str, language: str) -> None:
    with speaking(language):
        await browser.send_json({"ended": 75, "sentence": gettext(reason)})


async def _hello(browser: web.WebSocketResponse) -> dict[str, Any]:
    message = await browser.receive()
    if message.type is not WSMsgType.TEXT:
        raise NotUnderstood
    return _parsed(message.data)


def _parsed(text: str) -> dict[str, Any]:
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood from error
    if not isinstance(asked, dict):
        raise NotUnderstood
    return asked


def _size(value: Any) -> tuple[int, int]:
    """Columns and rows; what a browser says while it has none is no mistake of its own."""
    if not isinstance(value, list) or len(value) != 2 or not all(type(each) is int for each in value):
        raise NotUnderstood
    return value[0], value[1]


def _words(value: Any) -> tuple[str, ...]:
    """``confirm`` and a code, as the address in a letter has them; nothing for anything else, so that no page gives
    commands."""
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(each, str) for each in value):
        return ()
    screen, code = value
    return (screen, code.upper()) if screen in SCREENS and _CODE.fullmatch(code) else ()


async def serve(settings: Settings, listening: socket.socket, parent: Path, life: Life) -> None:
    """Open the door at the socket ``listening`` (:func:`tui.serve.life.open_until_told`). Whoever loads their page anew
    comes back to their session, so it stays until all have left."""
    door = WebDoor(settings, parent, listening.getsockname()[1])
    runner = web.AppRunner(door.application(), access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    assert runner.server is not None  # noqa: S101 - it is there once it is set up

    def close() -> None:
        listening.close()
        door.leave()

    accepting = Listener(listening, runner.server, settings).run()
    await open_until_told(life, accepting, close=close, empty=door.empty, stays=True)
    await runner.cleanup()
