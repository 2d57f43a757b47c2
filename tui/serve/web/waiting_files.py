"""Files that sessions hand over, each at an address of its own for a minute, for one browser, once."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from core.i18n.sanitize import clean

LARGEST = 20 * 1024 * 1024
LASTS = 60.0
"""Seconds that a file waits to be fetched."""
MOST_A_SESSION = 2
"""More that wait would be memory; the oldest goes."""
LONGEST_NAME = 120
PIECE = 64 * 1024
UNKNOWN_KIND = "application/octet-stream"

_KIND = re.compile(r"(?:application|text|image)/[a-z0-9][a-z0-9.+-]{0,60}")
_ACTIVE = re.compile(r"html|xml|svg|script")
"""Kinds that a browser could run; they are handed over as bytes."""
_UNSAFE = re.compile(r'[/\\:*?"<>|]+')


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file in memory. ``number`` is its descriptor, ``owner`` the session that it is for."""

    name: str
    kind: str
    number: int
    size: int
    owner: str

    def __enter__(self) -> WaitingFile:
        return self

    def __exit__(self, *_failure: object) -> None:
        os.close(self.number)

    @property
    def disposition(self) -> str:
        """The header that has a browser save it under its name."""
        plain = self.name.encode("ascii", "replace").decode().replace("?", "_")
        return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(self.name, safe='')}"

    def pieces(self) -> Iterator[bytes]:
        """What is in it."""
        at = 0
        while at < self.size and (piece := os.pread(self.number, min(PIECE, self.size - at), at)):
            yield piece
            at += len(piece)


class WaitingFiles:
    """All of them, by the hash of the secret in their address."""

    def __init__(self) -> None:
        self._files: dict[bytes, WaitingFile] = {}

    def add(self, owner: str, name: str, kind: str, number: int) -> str:
        """Keep the file ``number`` for the session ``owner``; returns the secret of its address, or nothing where it
        is no file in memory, or too large. The descriptor is ours from here on."""
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            os.close(number)
            return ""
        theirs = [key for key, file in self._files.items() if file.owner == owner]
        for key in theirs[: len(theirs) + 1 - MOST_A_SESSION]:
            self._drop(key)
        secret = secrets.token_urlsafe(24)
        self._files[_key(secret)] = WaitingFile(safe_name(name), safe_kind(kind), number, status.st_size, owner)
        asyncio.get_running_loop().call_later(LASTS, self._drop, _key(secret))
        return secret

    def has(self, secret: str) -> bool:
        """Whether a file waits at this address."""
        return _key(secret) in self._files

    def take(self, secret: str, owner: str) -> WaitingFile | None:
        """The file at this address, for its own session alone and once; the descriptor is the caller's then."""
        file = self._files.get(_key(secret))
        if file is None or file.owner != owner:
            return None
        return self._files.pop(_key(secret))

    def forget(self, owner: str) -> None:
        """That session has ended, and nobody fetches them any more."""
        for key in [key for key, file in self._files.items() if file.owner == owner]:
            self._drop(key)

    def _drop(self, key: bytes) -> None:
        file = self._files.pop(key, None)
        if file is not None:
            os.close(file.number)


def _key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def safe_name(name: str) -> str:
    """``name`` as one that every system can save, and that hides no folder and no other ending."""
    safe = _UNSAFE.sub("-", clean(name)).strip(" .-")[-LONGEST_NAME:].strip(" .-")
    return safe or "okienko"


def safe_kind(kind: str) -> str:
    """A media type as the header has it; whatever a browser could run is only bytes."""
    return kind if _KIND.fullmatch(kind) and not _ACTIVE.search(kind) else UNKNOWN_KIND
