"""What is spoken: what OpenSSH of the last years speaks, and nothing with SHA-1 or CBC in it."""

from __future__ import annotations

from typing import Any, Final

KEY_EXCHANGE: Final = (
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
)
CIPHERS: Final = (
    "chacha20-poly1305@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-gcm@openssh.com",
    "aes256-ctr",
    "aes128-ctr",
)
MACS: Final = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com")
SIGNATURES: Final = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ecdsa-sha2-nistp256",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
LOGIN_SECONDS = 20
"""From the connection to knowing who is there."""


def options() -> dict[str, Any]:
    """What a connection of the server's is made with, beside its keys and its factory."""
    import asyncssh

    offered = set(asyncssh.kex.get_kex_algs())
    return {
        "kex_algs": [name for name in KEY_EXCHANGE if name.encode() in offered],
        "encryption_algs": list(CIPHERS),
        "mac_algs": list(MACS),
        "signature_algs": list(SIGNATURES),
        "compression_algs": ["none"],
        "login_timeout": LOGIN_SECONDS,
        "keepalive_interval": 30,
        "keepalive_count_max": 4,
        "encoding": None,
        "line_editor": False,
        "agent_forwarding": False,
        "x11_forwarding": False,
        "allow_scp": False,
        "sftp_factory": None,
        "password_auth": False,
        "host_based_auth": False,
        "gss_host": None,
        "gss_kex": False,
        "gss_auth": False,
        "server_version": "Okienko",
        "tcp_keepalive": False,
        "rekey_bytes": 1 << 30,
    }
