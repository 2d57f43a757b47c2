"""What the door serves besides sessions: one page of ours, and the terminal as the package textual-serve brings it.

All of it is read once, at the start: no request names a file. Nothing is loaded from anywhere else.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import importlib.util
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template

from aiohttp import web

from core import resources
from core.i18n.translation import N_, gettext, speaking

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Styles may stand in the page, since the terminal makes its own while it runs; scripts may not."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Server": "okienko",  # aiohttp would tell its version
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

WORDS = {
    "broken": N_("The line is broken. Trying again…"),
    "elsewhere": N_("This session goes on in another tab."),
    "here": N_("Go on here"),
    "ended": N_("The session has ended."),
    "again": N_("Start again"),
    "lost": N_("The file could not be fetched. Please ask for it once more."),
    "close": N_("Close"),
    "keys": N_("Keys"),
    "more": N_("More keys"),
    "keyboard": N_("Keyboard"),
    "smaller": N_("Smaller letters"),
    "larger": N_("Larger letters"),
    "script": N_("This page needs JavaScript. Without it the desk can be reached over SSH."),
}
"""What the page says, by the names that its script knows them by."""

_OURS = {
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_TERMINAL = {
    "/terminal/textual.js": ("js/textual.js", "text/javascript"),
    "/terminal/xterm.css": ("css/xterm.css", "text/css"),
    "/terminal/letters.ttf": ("fonts/RobotoMono-VariableFont_wght.ttf", "font/ttf"),
}


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it is sent. ``packed`` is the same with gzip; ``tag`` changes with it."""

    body: bytes
    packed: bytes
    kind: str
    tag: str

    def response(self, request: web.Request) -> web.Response:
        """The file, or that the browser's copy is still the right one."""
        headers = {"ETag": self.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == self.tag:
            return web.Response(status=304, headers=headers)
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        if packed:
            headers["Content-Encoding"] = "gzip"
        return web.Response(
            body=self.packed if packed else self.body, content_type=self.kind, charset="utf-8", headers=headers
        )


def terminal_folder() -> Path:
    """Where textual-serve's files are. It is found and not imported: none of its code runs here.

    Raises:
        LookupError: It is not installed.
    """
    spec = importlib.util.find_spec("textual_serve")
    if spec is None or spec.origin is None:
        raise LookupError("textual-serve")
    return Path(spec.origin).parent / "static"


@lru_cache(maxsize=1)
def contents() -> dict[str, Content]:
    """Every file that is served, by its path."""
    ours = resources.folder("web")
    files = {path: (ours / name, kind) for path, (name, kind) in _OURS.items()}
    theirs = terminal_folder()
    files |= {path: (theirs / name, kind) for path, (name, kind) in _TERMINAL.items()}
    return {path: _content(file.read_bytes(), kind) for path, (file, kind) in files.items()}


def _content(body: bytes, kind: str) -> Content:
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return Content(body, gzip.compress(body, mtime=0), kind, tag)


@lru_cache(maxsize=8)
def page(language: str, name: str) -> str:
    """The page in ``language``, of the desk called ``name``."""
    with speaking(language):
        words = {key: gettext(msgid) for key, msgid in WORDS.items()}
    template = Template((resources.folder("web") / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        language=language,
        name=html.escape(name),
        words=html.escape(json.dumps(words, ensure_ascii=False)),
        **{f"say_{key}": html.escape(text) for key, text in words.items()},
    )


def page_response(language: str, name: str) -> web.Response:
    """The page, kept by nobody: it is another for another language."""
    return web.Response(text=page(language, name), content_type="text/html", headers={"Cache-Control": "no-store"})
