"""A real SMTP server on loopback that can be told to misbehave."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import lru_cache
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "desk", "s3cret-of-the-desk"


@lru_cache(maxsize=2)
def certificate(name: str = "localhost") -> tuple[bytes, bytes]:
    """A self-signed certificate and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2120, 1, 1, tzinfo=dt.UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Handler:
    """Takes mail; ``answers`` maps an address to what is said to it at RCPT, ``after_data`` is said to every mail, and
    ``to_senders`` to every MAIL FROM."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.answers: dict[str, str] = {}
        self.after_data = "250 OK"
        self.to_senders = "250 OK"
        self.senders = 0
        self.cut_after_data = False
        self.connections = 0
        self.secured: list[bool] = []
        self.lock = threading.Lock()

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += session.host_name is None
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.senders += 1
        if self.to_senders.startswith("250"):
            envelope.mail_from = address
        return self.to_senders

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.after_data.startswith("250"):
            with self.lock:
                self.taken.append(bytes(envelope.content or b""))
                self.secured.append(server.transport.get_extra_info("ssl_object") is not None)
        transport: Any = server.transport
        if self.cut_after_data:
            transport.abort()
        return self.after_data

    def messages(self) -> list[EmailMessage]:
        return [BytesParser(policy=policy.default).parsebytes(one) for one in self.taken]


def _allow(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


class Server:
    """Started and stopped by ``with``; certificate files lie in ``folder``. Without ``tls`` it is plain and open."""

    def __init__(self, folder: Path, *, tls: bool = False, implicit: bool = False, name: str = "localhost") -> None:
        self.handler = Handler()
        self.port = free_port()
        self.ca_file = folder / f"{name}.pem"
        self._folder, self._tls, self._implicit, self._name = folder, tls, implicit, name
        self._controller: Controller | None = None

    def __enter__(self) -> Server:
        options: dict[str, Any] = {}
        if self._tls or self._implicit:
            context = self._context()
            options = {"ssl_context": context} if self._implicit else {"tls_context": context, "require_starttls": True}
            options |= {
                "authenticator": _allow,
                "auth_required": not self._implicit,  # aiosmtpd warns that it doesn't see the outer TLS
                "auth_require_tls": not self._implicit,
            }
        self._controller = Controller(self.handler, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()
        return self

    def _context(self) -> ssl.SSLContext:
        made, key = certificate(self._name)
        self.ca_file.write_bytes(made)
        both = self._folder / f"{self._name}-key.pem"
        both.write_bytes(made + key)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(both)
        return context

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None


class Silent:
    """Accepts connections and says nothing, until it is closed."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = int(self._socket.getsockname()[1])

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
