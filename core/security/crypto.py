"""The desk's key: one file outside the database, and a key of its own for every purpose derived from it.

Without the key a stolen database or backup tells no code, token or authenticator secret (a six-digit code under a
plain hash falls in half a second: docs/facts.md, *Passwords and codes*).
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from core.errors import DeskError
from core.i18n.translation import N_
from core.paths import keep_names, private_folder

KEY_BYTES = 32


class Keys:
    """Derives by HKDF-SHA256 (RFC 5869) and keeps nothing but the master key."""

    def __init__(self, master: bytes) -> None:
        self._master = hmac.new(b"okienko", master, hashlib.sha256).digest()
        self._derived: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return "Keys(…)"

    def derive(self, purpose: str) -> bytes:
        """32 bytes for ``purpose``, the same every time."""
        if purpose not in self._derived:
            self._derived[purpose] = hmac.new(self._master, purpose.encode() + b"\x01", hashlib.sha256).digest()
        return self._derived[purpose]

    def mac(self, purpose: str, *parts: str) -> str:
        """A keyed MAC (hex) of ``parts`` for ``purpose``; the parts are length-prefixed, so they can't run together."""
        message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.new(self.derive(purpose), message, hashlib.sha256).hexdigest()

    def seal(self, purpose: str, text: str, about: str) -> str:
        """Encrypt ``text`` (AES-256-GCM) so that it opens only for this purpose and ``about``, the row it is for."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(12)
        box = AESGCM(self.derive(f"seal:{purpose}")).encrypt(nonce, text.encode(), about.encode())
        return base64.b64encode(nonce + box).decode()

    def unseal(self, purpose: str, sealed: str, about: str) -> str:
        """The text again; raises ``cryptography.exceptions.InvalidTag`` when anything of it was changed or moved."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        raw = base64.b64decode(sealed)
        return AESGCM(self.derive(f"seal:{purpose}")).decrypt(raw[:12], raw[12:], about.encode()).decode()


class KeyMissing(DeskError):
    """A desk is there, and its key is not."""


def load(path: Path) -> Keys:
    """Read the key file. It is never made here: only together with the tables (:mod:`core.service.opening`)."""
    try:
        return Keys(_read(path))
    except FileNotFoundError:
        raise KeyMissing(
            N_(
                "The key file {path} of this desk is missing. Put it back from your backup, or copy it from the "
                "machine that made the desk. Nothing was changed."
            ),
            path=str(path),
        ) from None


def draft_of(path: Path) -> Path:
    """Where a key waits until the tables that know it are in place."""
    return path.with_name(f"{path.name}.new")


def for_new_desk(path: Path) -> Keys:
    """The key that lies at ``path`` already, or else a draft beside it: the one an interrupted start has left, or a
    new one. Whoever calls this is alone (the writers' lock), and calls :func:`settle` when the tables are there."""
    if path.exists():
        return load(path)
    draft = draft_of(path)
    with contextlib.suppress(FileNotFoundError, DeskError):
        return Keys(_read(draft))
    if not path.parent.exists():
        private_folder(path.parent)
    draft.unlink(missing_ok=True)  # half written
    _write(draft)
    return Keys(_read(draft))


def settle(path: Path) -> None:
    """Move the draft into place. A key that lies there stays: it is never replaced."""
    draft = draft_of(path)
    with contextlib.suppress(FileNotFoundError, FileExistsError):
        os.link(draft, path)
    draft.unlink(missing_ok=True)
    keep_names(path.parent)


def _write(path: Path) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as handle:
        handle.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        handle.flush()
        os.fsync(handle.fileno())


def _read(path: Path) -> bytes:
    mode = path.stat().st_mode
    if mode & 0o077:
        raise DeskError(
            N_("The key file {path} can be read by others. Make it yours alone (chmod 600)."), path=str(path)
        )
    damaged = DeskError(N_("The key file {path} is damaged. Restore it from your backup."), path=str(path))
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except ValueError:
        raise damaged from None
    if len(key) < KEY_BYTES:
        raise damaged
    return key
