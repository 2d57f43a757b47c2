"""From a letter to the mail that carries it (RFC 5322), safe in every header.

``EmailMessage`` refuses a line break in any header value; subjects are cleaned before, so a hostile one can't become a
letter that never leaves. One recipient a mail, an id that never changes, and the marks by which automatic answers are
kept away (RFC 3834).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.errors import DeskError
from core.forms import email_address
from core.i18n.sanitize import clean
from core.i18n.translation import N_

if TYPE_CHECKING:
    from core.billing.invoices import File
    from core.mail.templates import Letter
    from core.security.crypto import Keys
    from core.service.settings import Settings

LOOP_HEADER = "X-Okienko-Loop"
_UNFOLDED = policy.SMTP.clone(max_line_length=998)


class _Policy(EmailPolicy):
    """CRLF, and three cures for how the standard library folds headers.

    Before Python 3.14 a long id in References became encoded words, which breaks the thread, so ids stay whole. In a
    subject spaces between words got lost, and text that looks like an encoded word was taken for one, which lets a
    line break in (CVE-2024-6923), so subjects are encoded here.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name == "Subject":
            return f"Subject: {_encoded(str(value), 76)}\r\n".encode("ascii")
        chosen = _UNFOLDED if name in ("Message-ID", "In-Reply-To", "References") else policy.SMTP
        return chosen.fold_binary(name, value)


def _encoded(subject: str, width: int) -> str:
    """``subject`` by RFC 2047, lines of at most ``width`` characters (0: one line); plain where it can be."""
    plain = subject.isascii() and subject.isprintable() and "=?" not in subject
    header = Header(subject, "us-ascii" if plain else "utf-8", maxlinelen=width, header_name="Subject")
    return header.encode(linesep="\r\n")


POLICY = _Policy(linesep="\r\n")


def sender(settings: Settings) -> Address:
    """Who every mail is from; raises :class:`DeskError` when the setting is no address."""
    if email_address.problem(settings.mail.sender) is not None:
        raise DeskError(
            N_("The sender of the desk's mail is not an e-mail address: {address}. Set mail.sender."),
            address=settings.mail.sender,
        )
    return Address(clean(settings.desk.name), addr_spec=_ascii(settings.mail.sender))


def build(
    letter: Letter,
    *,
    settings: Settings,
    keys: Keys,
    to: str,
    message_id: str,
    at: dt.datetime,
    ticket_id: int | None = None,
    files: Sequence[File] = (),
) -> EmailMessage:
    """The mail with ``letter`` (and ``files``) to the address ``to``. ``at`` becomes its date, so that a repeat is the
    same mail.

    Raises ValueError for an address or id that can't stand in a header.
    """
    message = EmailMessage(policy=POLICY)
    from_ = sender(settings)
    message["From"] = from_
    message["To"] = Address(addr_spec=_ascii(to))
    message["Subject"] = _encoded(_one_line(letter.subject), 0)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = _id_as_sent(message_id)
    if ticket_id is not None:
        message["Reply-To"] = Address(addr_spec=from_.addr_spec)
        message["In-Reply-To"] = message["References"] = thread_id(settings, keys, ticket_id)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message[LOOP_HEADER] = from_.addr_spec
    message.set_content(letter.body, cte="quoted-printable")
    for file in files:
        kind, _, exactly = file.kind.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=exactly, filename=file.name)
    return message


def thread_id(settings: Settings, keys: Keys, ticket_id: int) -> str:
    """The root that all mails of a ticket refer to: never sent itself, the same for ever, signed as every id is."""
    token = f"{ticket_id}.0"
    return (
        f"<okienko.{token}.{keys.mac('message-id', token)[:16]}@{email_address.domain_as_sent(settings.mail.sender)}>"
    )


def _id_as_sent(message_id: str) -> str:
    """An id may have been promised while ids still carried the sender's domain with its own letters."""
    if message_id.isascii():
        return message_id
    left, _, domain = message_id.strip("<>").rpartition("@")
    return f"<{left}@{email_address.domain_as_sent(f'desk@{domain}')}>"


def _one_line(text: str) -> str:
    if text.splitlines() not in ([text], []):
        raise ValueError("a line break in a header")
    return text


@lru_cache(maxsize=1024)
def _ascii(address: str) -> str:
    """The address with its domain as it travels (punycode); one that can't be written to is refused."""
    if email_address.problem(address) is not None:
        raise ValueError("not an e-mail address")
    return f"{address.rpartition('@')[0]}@{email_address.normal(address).rpartition('@')[2]}"
