"""A folder that any mail reader opens (the Maildir format): the backend until a server is named, and the demo's.

A mail is written whole under ``tmp``, synced, and only then linked into ``new``, so nobody ever reads half of one. Its
name comes from its Message-ID: a worker that died between the link and its note in the outbox delivers nothing twice.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import email
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from core.i18n.translation import N_
from core.mail.transport import Unreachable
from core.paths import private_folder

_ABANDONED = 36 * 3600
"""Seconds after which a file in ``tmp`` is nobody's any more, as the format's author laid down."""

UNWRITABLE = N_("The mail folder can't be written to")


class Maildir:
    """The backend. Its folders belong to their owner only, as its mails do: they may hold codes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ready = False

    def send(self, message: EmailMessage) -> None:
        try:
            self._open()
            draft = self._write(message.as_bytes())
            try:
                with contextlib.suppress(FileExistsError):
                    os.link(draft, self.folder / "new" / _name(message))
                _sync_folder(self.folder / "new")
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise Unreachable(UNWRITABLE, error.strerror or error) from error

    def check(self) -> None:
        try:
            self._open()
            self._write(b"").unlink()
        except OSError as error:
            raise Unreachable(UNWRITABLE, error.strerror or error) from error

    def close(self) -> None:
        """Nothing is kept open."""

    def _open(self) -> None:
        if self._ready:
            return
        for part in ("", "tmp", "new", "cur"):
            private_folder(self.folder / part)
        oldest = time.time() - _ABANDONED  # the machine's clock, because that is what stamps files
        for file in (self.folder / "tmp").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if file.stat().st_mtime < oldest:
                    file.unlink()
        self._ready = True

    def _write(self, content: bytes) -> Path:
        draft = self.folder / "tmp" / secrets.token_hex(12)
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(file, "wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return draft


def _name(message: EmailMessage) -> str:
    """Seconds of its date first, so that names sort by age."""
    written = int(parsedate_to_datetime(message["Date"]).timestamp())
    return f"{written}.{hashlib.sha256(message['Message-ID'].encode()).hexdigest()[:24]}.okienko"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with a mail; ``size`` in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Post:
    """A delivered mail, as a reader sees it."""

    file: Path
    to: str
    subject: str
    at: dt.datetime
    message_id: str
    body: str = field(repr=False)
    files: tuple[Attached, ...] = ()


def newest(folder: Path, limit: int = 50) -> list[Post]:
    """The latest mails in a Maildir, newest first, whether some reader has opened them or not."""
    files = [file for part in ("new", "cur") for file in _files(folder / part)]
    files.sort(key=lambda file: (_age(file), file.stat().st_mtime_ns), reverse=True)
    return [_read(file) for file in files[:limit]]


def _files(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def _age(file: Path) -> int:
    stamp = file.name.partition(".")[0]
    return int(stamp) if stamp.isdecimal() else 0


def _read(file: Path) -> Post:
    message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    return Post(
        file=file,
        to=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        at=parsedate_to_datetime(str(message["Date"])),
        message_id=str(message.get("Message-ID", "")),
        body=str(body.get_content()) if body is not None else "",
        files=tuple(_attached(part) for part in message.iter_attachments()),
    )


def _attached(part: EmailMessage) -> Attached:
    content = part.get_payload(decode=True)
    return Attached(part.get_filename() or part.get_content_type(), len(content) if isinstance(content, bytes) else 0)
