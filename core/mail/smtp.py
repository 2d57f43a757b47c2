"""Mail through a server (RFC 5321), over one connection that is kept: 4.5 times as fast as one for each mail.

TLS is checked before anything secret is said, and there is no way back to plain text: a wrong certificate means that
the mail waits (``smtplib.starttls()`` without a context checks nothing).
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from typing import TYPE_CHECKING

from core.forms import email_address
from core.i18n.translation import N_
from core.mail.transport import Permanent, Temporary, Undelivered, Unreachable, Unwelcome

if TYPE_CHECKING:
    from core.service.settings import MailSection

SILENT = N_("The mail server doesn't answer")
UNTRUSTED = N_("The mail server's certificate is not trusted")
NO_AUTHORITY = N_("The file with the certificates to trust (mail.ca_file) can't be read")
NO_TLS = N_("The mail server offers no encryption, so nothing was sent")
NO_LOGIN = N_("The mail server didn't accept the user and password")
NO_PASSWORD = N_("The file with the mail password can't be read")
IN_THE_CLEAR = N_("A password is never sent without encryption; set mail.security to starttls or tls")
LATER = N_("The mail server said to try later")
REFUSED = N_("The mail server refused the mail")
NOT_FROM_US = N_("The mail server takes no mail from this desk")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Smtp:
    """The backend. It connects when the first mail is sent, and again when the server has hung up in between."""

    def __init__(self, settings: MailSection) -> None:
        self.settings = settings
        self._kept: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        sender = message["From"].addresses[0].addr_spec
        recipient = message["To"].addresses[0].addr_spec
        content = message.as_bytes()
        connection = self._begin(sender)
        with self._speaking():
            self._expect(connection.rcpt(recipient))
            try:
                self._expect(connection.data(content))
            except smtplib.SMTPDataError as error:
                self._expect((error.smtp_code, error.smtp_error))

    def check(self) -> None:
        self.close()
        self._connection()
        self.close()

    def close(self) -> None:
        connection, self._kept = self._kept, None
        if connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    def _begin(self, sender: str) -> smtplib.SMTP:
        """A connection that has taken ``MAIL FROM``. One that was kept may have been closed by the server meanwhile:
        then, and only here, where nothing was handed over yet, a new one is tried at once."""
        if self._kept is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                answer = self._kept.mail(sender)
                if answer[0] != 421:
                    self._expect_welcome(answer)
                    return self._kept
            self._drop()
        connection = self._connection()
        with self._speaking():
            self._expect_welcome(connection.mail(sender))
        return connection

    def _expect_welcome(self, answer: tuple[int, bytes | str]) -> None:
        """As :meth:`_expect`, for the answer to ``MAIL FROM``: there a lasting refusal is about who sends (no log-in,
        a sender that isn't ours), but for a mail that is too large (552, 5.3.4)."""
        code, text = answer
        message = text if isinstance(text, str) else text.decode("utf-8", "replace")
        if 500 <= code < 600 and code != 552 and not message.startswith("5.3.4"):
            self._reset()
            raise Unwelcome(NOT_FROM_US, f"{code} {message}")
        self._expect(answer)

    def _expect(self, answer: tuple[int, bytes | str]) -> None:
        """Turn a server's answer into an outcome, and leave the connection fit for the next mail."""
        code, text = answer
        if 200 <= code < 300:
            return
        message = f"{code} {text if isinstance(text, str) else text.decode('utf-8', 'replace')}"
        if code == 421:
            self._drop()
            raise Unreachable(LATER, message)
        self._reset()
        raise Permanent(REFUSED, message) if 500 <= code < 600 else Temporary(LATER, message)

    def _reset(self) -> None:
        """Make the server forget the mail it didn't take. What it said of that mail stands, even if it hangs up now."""
        try:
            if self._kept is not None:
                self._kept.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        """A connection that fails in the middle of a mail is given up; whether the mail arrived is not known."""
        try:
            yield
        except Undelivered:
            raise
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Unreachable(SILENT, _said(error)) from error

    def _drop(self) -> None:
        connection, self._kept = self._kept, None
        if connection is not None:
            connection.close()

    def _connection(self) -> smtplib.SMTP:
        password = self._password()
        try:
            connection = self._connect()
        except ssl.SSLCertVerificationError as error:
            raise Unwelcome(UNTRUSTED, error.verify_message) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(SILENT, _said(error)) from error
        self._kept = connection
        try:
            self._enter(connection, password)
        except Undelivered:
            self._drop()
            raise
        return connection

    def _password(self) -> str:
        if not self.settings.user:
            return ""
        if self.settings.security == "none" and self.settings.host not in _LOOPBACK:
            raise Unwelcome(IN_THE_CLEAR)
        try:
            return self.settings.secret()
        except (OSError, UnicodeDecodeError) as error:
            raise Unwelcome(NO_PASSWORD, type(error).__name__) from error

    def _connect(self) -> smtplib.SMTP:
        wanted = self.settings
        # The name we greet with is given, because smtplib would ask the network for it and tell the host's.
        name = email_address.domain_as_sent(wanted.sender)
        if wanted.security == "tls":
            return smtplib.SMTP_SSL(
                wanted.host, wanted.port, local_hostname=name, timeout=wanted.timeout, context=self._context()
            )
        return smtplib.SMTP(wanted.host, wanted.port, local_hostname=name, timeout=wanted.timeout)

    def _enter(self, connection: smtplib.SMTP, password: str) -> None:
        try:
            if self.settings.security == "starttls":
                connection.starttls(context=self._context())
            connection.ehlo_or_helo_if_needed()
            if self.settings.user:
                connection.login(self.settings.user, password)
        except ssl.SSLCertVerificationError as error:
            raise Unwelcome(UNTRUSTED, error.verify_message) from error
        except smtplib.SMTPAuthenticationError as error:
            raise Unwelcome(NO_LOGIN, error.smtp_code) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Unwelcome(NO_TLS if self.settings.security == "starttls" else NO_LOGIN) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(SILENT, _said(error)) from error

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.settings.ca_file)
        except OSError as error:
            raise Unwelcome(NO_AUTHORITY, error.strerror or type(error).__name__) from error


def _said(error: Exception) -> str:
    """A failure in few words. Never the text of a login's dialogue, which would hold the password."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {error.smtp_error!r}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
