"""SSH keys for tests, always the same ones, and connections that have proven or offered them."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core import forms
from core.accounts import public_key, ssh_keys
from core.service.client_address import Peer
from core.service.desk import Desk
from tests.factories.desks import PASSWORD

HOME = "192.0.2.7"


@dataclass(frozen=True)
class Pair:
    """A public key as its file has it."""

    line: str

    @property
    def fingerprint(self) -> str:
        return public_key.read(self.line).fingerprint


def ed25519_key(seed: str = "ola", comment: str = "ola@laptop") -> Pair:
    """The Ed25519 key that is made of ``seed``."""
    private = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())
    line = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return Pair(f"{line} {comment}".strip())


def hardware_key(seed: str = "ola", comment: str = "token") -> Pair:
    """The same as one of hardware would be."""
    raw = base64.b64decode(ed25519_key(seed).line.split()[1])[-32:]
    return Pair(f"{packed('sk-ssh-ed25519@openssh.com', raw, b'ssh:')} {comment}".strip())


def hardware_ecdsa_key() -> Pair:
    """A key of older hardware."""
    point = ec.derive_private_key(4711, ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Pair(packed("sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", raw, b"ssh:"))


def packed(kind: str, *fields: bytes) -> str:
    """Kind and fields as a line."""
    blob = b"".join(len(each).to_bytes(4, "big") + each for each in (kind.encode(), *fields))
    return f"{kind} {base64.b64encode(blob).decode()}"


def came(*offered: Pair, proven: Pair | None = None, address: str = HOME) -> Peer:
    """A connection over SSH."""
    lines = tuple(pair.line for pair in offered)
    key = proven.fingerprint if proven is not None else ""
    return Peer(ipaddress.ip_address(address), "ssh", 40000, afar=True, key=key, offered=lines)


def coming(desk: Desk, pair: Pair | None = None, address: str = HOME) -> Desk:
    """The desk as somebody finds it whose connection has proven this key, before anybody has logged in."""
    guest = desk.acting(None)
    guest.peer = came(proven=pair, address=address)
    return guest


def add(mine: Desk, pair: Pair, name: str = "", password: str = PASSWORD) -> bool:
    """Add the key to the account of ``mine``; whether it waits."""
    values = {"line": pair.line, "name": name, "now": password}
    return mine.do(ssh_keys.add, forms.fill(ssh_keys.NewKey, values))


def confirmed(mine: Desk, pair: Pair) -> Desk:
    """Add the key and come with it for the first time; returns the desk as that connection finds it."""
    from core.accounts import key_login

    add(mine, pair)
    guest = coming(mine, pair)
    comer = guest.see(key_login.who_comes)
    assert comer is not None
    guest.do(key_login.confirm, comer.key_id)
    return guest
