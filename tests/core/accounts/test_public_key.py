"""Public keys as people paste them: those that are taken, and why the others are not."""

from __future__ import annotations

import base64
import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from core.accounts import public_key
from core.forms import FormError
from tests.factories.keys import ed25519_key, hardware_ecdsa_key, hardware_key, packed

BLOB = base64.b64decode(ed25519_key().line.split()[1])
POINT = BLOB[-32:]


def rsa_line(bits: int) -> str:
    """A key of so many bits. Nobody has its other half; that takes no time to find."""
    numbers = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) + 1)
    return numbers.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def ecdsa_line(curve: ec.EllipticCurve) -> str:
    public = ec.derive_private_key(4711, curve).public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def refusal(typed: str) -> str:
    with pytest.raises(FormError) as refused:
        public_key.read(typed)
    return refused.value.say.text()


@pytest.mark.parametrize(
    "line",
    [
        ed25519_key().line,
        ecdsa_line(ec.SECP256R1()),
        rsa_line(3072),
        rsa_line(8192),
        hardware_key().line,
        hardware_ecdsa_key().line,
    ],
    ids=lambda line: line[:20],
)
def test_what_is_taken_is_kept_without_its_comment(line: str) -> None:
    key = public_key.read(f"  {line}\n")
    assert key.line == " ".join(line.split()[:2])
    assert len(key.line) <= 2048
    assert key.kind == line.split()[0] and key.kind in public_key.LABELS
    assert public_key.is_hardware(key.line) == line.startswith("sk-")


def test_the_fingerprint_is_the_one_that_openssh_writes() -> None:
    """GitHub's host key, whose fingerprint is published."""
    line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    key = public_key.read(f"{line} git hosting")
    assert key.fingerprint == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
    assert key.comment == "git hosting"


def private_key(form: PrivateFormat) -> str:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


@pytest.mark.parametrize(
    "typed",
    [
        private_key(PrivateFormat.OpenSSH),
        " ".join(private_key(PrivateFormat.OpenSSH).split("\n")),
        private_key(PrivateFormat.OpenSSH).split("\n")[1],
        private_key(PrivateFormat.PKCS8),
        "PuTTY-User-Key-File-3: ssh-ed25519 Encryption: none",
    ],
    ids=["whole", "on one line", "without its head", "another notation", "PuTTY"],
)
def test_a_private_key_is_refused_loudly(typed: str) -> None:
    said = refusal(typed)
    assert "PRIVATE" in said and "lost" in said
    assert typed[30:60] not in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "not a public key"),
        ("ola@laptop", "not a public key"),
        ("ssh-ed25519", "not a public key"),
        ('from="10.0.0.0/8" ' + ed25519_key().line, "not a public key"),
        ("ssh-dss AAAAB3NzaC1kc3MAAAA=", "ssh-dss are not taken"),
        (ecdsa_line(ec.SECP384R1()), "ecdsa-sha2-nistp384 are not taken"),
        ("ssh-ed25519-cert-v01@openssh.com AAAA", "are not taken"),
        (rsa_line(2048), "3072 to 8192 bits here, and this one has 2048"),
        (rsa_line(8200), "this one has 8200"),
        (ed25519_key().line[:60], "not whole"),
        (ed25519_key().line[:60] + " " + ed25519_key().line[60:], "not whole"),
        (ed25519_key().line.replace("ssh-ed25519", "ecdsa-sha2-nistp256"), "not whole"),
        (packed("ssh-ed25519", POINT[:-1]), "not whole"),
        (packed("ssh-ed25519", POINT, b"more"), "not whole"),
        (packed("sk-ssh-ed25519@openssh.com", POINT), "not whole"),
        (packed("sk-ssh-ed25519@openssh.com", POINT, b""), "not whole"),
        (packed("sk-ssh-ed25519@openssh.com", POINT, b"ssh:", b"more"), "not whole"),
        (packed("sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", bytes(65), b"ssh:"), "not whole"),
        (f"{ed25519_key().line} {ed25519_key('ewa').line}", "several keys"),
        ("---- BEGIN SSH2 PUBLIC KEY ----", "another notation"),
        ("-----BEGIN RSA PUBLIC KEY-----", "another notation"),
    ],
    ids=lambda text: text[:24],
)
def test_why_others_are_not_taken_is_said(typed: str, said: str) -> None:
    assert said in refusal(typed)


def test_a_key_has_one_encoding_and_so_one_fingerprint() -> None:
    """Otherwise one key could be two accounts' own."""
    modulus = b"\0" + ((1 << 3071) + 1).to_bytes(384, "big")
    assert public_key.read(packed("ssh-rsa", b"\1\0\1", modulus)).line == rsa_line(3072)
    assert "not whole" in refusal(packed("ssh-rsa", b"\0\1\0\1", modulus))
    spare = rsa_line(3072)
    assert spare.endswith("="), "its last letter has bits to spare"
    at = spare.index("=") - 1
    other = chr(ord(spare[at]) + 1)
    assert "not whole" in refusal(spare[:at] + other + spare[at + 1 :])


@given(st.one_of(st.text(), st.binary().map(lambda blob: f"ssh-ed25519 {base64.b64encode(blob).decode()}")))
def test_nothing_that_is_typed_is_a_crash(typed: str) -> None:
    _reads_or_refuses(typed)


@given(
    st.sampled_from(sorted(public_key.LABELS)),
    st.lists(st.one_of(st.binary(max_size=80), st.sampled_from([POINT, b"nistp256", b"ssh:", b"\1\0\1"])), max_size=5),
)
def test_no_fields_of_any_kind_are_a_crash(kind: str, fields: list[bytes]) -> None:
    _reads_or_refuses(packed(kind, *fields))


@given(st.integers(0, len(BLOB) - 1), st.binary(min_size=1, max_size=4))
def test_no_damage_of_a_good_key_is_a_crash(at: int, other: bytes) -> None:
    damaged = BLOB[:at] + other + BLOB[at + len(other) :]
    _reads_or_refuses(f"ssh-ed25519 {base64.b64encode(damaged).decode()}")


def _reads_or_refuses(typed: str) -> None:
    """What is read can be read again, and is the same."""
    with contextlib.suppress(FormError):
        key = public_key.read(typed)
        assert public_key.read(key.line).fingerprint == key.fingerprint
