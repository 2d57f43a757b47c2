"""Reading a public key of SSH as somebody pastes it, and saying why one is not taken.

Of each kind only one encoding is accepted, so that a key has one fingerprint. Keys of hardware (``sk-…``) are read by
hand: ``cryptography`` doesn't load them (RFC 4251 §5 for the fields, OpenSSH's PROTOCOL.u2f for their order).
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from core.errors import Say, say
from core.forms import FieldKind, FormError
from core.i18n.sanitize import clean
from core.i18n.translation import N_

ED25519: Final = "ssh-ed25519"
ECDSA: Final = "ecdsa-sha2-nistp256"
RSA: Final = "ssh-rsa"
HARDWARE: Final = {"sk-ssh-ed25519@openssh.com": ED25519, "sk-ecdsa-sha2-nistp256@openssh.com": ECDSA}
"""What hardware holds, and what kind of key that is."""
LABELS: Final = {
    ED25519: "Ed25519",
    ECDSA: "ECDSA",
    RSA: "RSA",
    "sk-ssh-ed25519@openssh.com": N_("Ed25519, hardware"),
    "sk-ecdsa-sha2-nistp256@openssh.com": N_("ECDSA, hardware"),
}
"""What each kind that is taken is called, as a msgid."""

RSA_LEAST, RSA_MOST = 3072, 8192
"""Bits; the longest one makes a line of 1,400 characters."""
PASTED: Final = 16_000
"""Characters: a private key that was pasted by mistake fits, so that it can be said what has happened."""

_PRIVATE = re.compile(r"PRIVATE KEY|PuTTY-User-Key-File|\bb3BlbnNzaC1rZXktdjE")
"""The heads of such files, and how the content of OpenSSH's begins in base64."""
_KIND = re.compile(r"(ssh|ecdsa|sk)-[A-Za-z0-9@.-]{1,60}")
_PEM = re.compile(r"-{4,5} ?BEGIN (SSH2 |RSA |)PUBLIC KEY ?-{4,5}")

_NOT_A_KEY = say(
    N_(
        "This is not a public key. It is one line that begins like ssh-ed25519 AAAA…: the content of a file such as "
        "id_ed25519.pub."
    )
)
_PRIVATE_KEY = say(
    N_(
        "This is a PRIVATE key, which nobody but you may ever see! It was not kept here, but it has left your "
        "computer: take it as lost, use it nowhere any more, and make a new pair. What belongs here is the line of the "
        "file that ends in .pub."
    )
)
_CUT = say(
    N_("The key is not whole, or was changed on its way. Copy the line once more, from its beginning to its end.")
)
_OTHER_FORM = say(
    N_(
        "This is a public key in another notation. What is wanted is the one line that “ssh-keygen -i -f FILE” makes "
        "of it."
    )
)
_MANY = say(N_("These are several keys. Add them one after another."))


def _no_kind(kind: str) -> Say:
    return say(
        N_("Keys of the kind {kind} are not taken here. A good new one is made by: ssh-keygen -t ed25519"), kind=kind
    )


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that is taken. ``line`` is its kind and itself in base64, as in the file, without the comment."""

    kind: str
    line: str
    fingerprint: str
    """``SHA256:…``, as OpenSSH writes it."""
    comment: str


def is_hardware(line: str) -> bool:
    """Whether the key of this line is held by hardware that waits for a touch. Whoever made the key says so."""
    return line.partition(" ")[0] in HARDWARE


def read(typed: str) -> PublicKey:
    """The key of a pasted line.

    Raises:
        FormError: It is none, or none that is taken; the sentence says what is wanted.
    """
    if _PRIVATE.search(typed):
        raise FormError("", _PRIVATE_KEY)
    if _PEM.search(typed):
        raise FormError("", _OTHER_FORM)
    kind, _space, rest = clean(typed).partition(" ")
    encoded, _space, comment = rest.strip().partition(" ")
    if not _KIND.fullmatch(kind) or not encoded:
        raise FormError("", _NOT_A_KEY)
    if kind not in LABELS:
        raise FormError("", _no_kind(kind))
    if re.search(rf"(?:^| )({'|'.join(map(re.escape, LABELS))}) AAAA", comment):
        raise FormError("", _MANY)
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise FormError("", _CUT) from None
    if base64.b64encode(blob).decode() != encoded:
        raise FormError("", _CUT)
    _check(kind, blob)
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return PublicKey(kind, f"{kind} {encoded}", f"SHA256:{digest}", comment.strip())


def _check(kind: str, blob: bytes) -> None:
    """Refuse a key that is not whole, or is weak."""
    from cryptography.exceptions import UnsupportedAlgorithm  # deferred: start-up, screens need the labels alone
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    plain = _without_hardware(kind, blob)
    line = b" ".join((HARDWARE.get(kind, kind).encode(), base64.b64encode(plain)))
    try:
        key = serialization.load_ssh_public_key(line)
    except (ValueError, NotImplementedError, UnsupportedAlgorithm):  # the middle one for a compressed point
        raise FormError("", _CUT) from None
    if isinstance(key, rsa.RSAPublicKey) and not RSA_LEAST <= key.key_size <= RSA_MOST:
        raise FormError(
            "",
            say(
                N_("An RSA key has {least} to {most} bits here, and this one has {bits}."),
                least=RSA_LEAST,
                most=RSA_MOST,
                bits=key.key_size,
            ),
        )
    if key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH) != line:
        raise FormError("", _CUT)


def _without_hardware(kind: str, blob: bytes) -> bytes:
    """The same key as it would be without hardware: the application that it is bound to, mostly ``ssh:``, is left
    out."""
    if kind not in HARDWARE:
        return blob
    fields = _fields(blob)
    if len(fields) < 3 or fields[0] != kind.encode() or not fields[-1] or not fields[-1].isascii():
        raise FormError("", _CUT)
    return b"".join(len(each).to_bytes(4, "big") + each for each in (HARDWARE[kind].encode(), *fields[1:-1]))


def _fields(blob: bytes) -> list[bytes]:
    """The strings that a key is made of, each behind its length."""
    fields, at = [], 0
    while at < len(blob):
        length = int.from_bytes(blob[at : at + 4], "big")
        if at + 4 + length > len(blob):
            raise FormError("", _CUT)
        fields.append(blob[at + 4 : at + 4 + length])
        at += 4 + length
    return fields


@dataclass(frozen=True)
class PublicKeyLine(FieldKind):
    """One public key as OpenSSH writes it; the value is the line with its comment."""

    name = "text"
    limit: int = PASTED

    def read(self, text: str) -> str:
        read(text)
        return text
