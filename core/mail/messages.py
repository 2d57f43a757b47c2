"""From a letter to the mail that carries it (RFC 5322), safe in every header.

``EmailMessage`` refuses a line break in any header value (facts: dependencies.md E8); subjects are cleaned before, so a
hostile one can't become a letter that never leaves. One recipient a mail, an id that never changes, and the marks by
which automatic answers are kept away (RFC 3834).
"""

from __future__ import annotations

import datetime as dt
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from core import addresses
from core.errors import DeskError
from core.text import clean
from core.words import N_

if TYPE_CHECKING:
    from core.keys import Keys
    from core.mail.letters import Letter
    from core.settings import Settings

LOOP_HEADER = "X-Okienko-Loop"
_UNFOLDED = policy.SMTP.clone(max_line_length=998)


class _Policy(EmailPolicy):
    """CRLF, and ids left whole: before Python 3.14 a long one in References became encoded words, which breaks the
    thread. Other headers fold at 78, so that an encoded word keeps to the 75 signs of RFC 2047."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        chosen = _UNFOLDED if name.lower() in ("message-id", "in-reply-to", "references") else policy.SMTP
        return chosen.fold_binary(name, value)


POLICY = _Policy(linesep="\r\n")


def sender(settings: Settings) -> Address:
    """Who every mail is from; raises :class:`DeskError` when the setting is no address."""
    if addresses.problem(settings.mail.sender) is not None:
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
) -> EmailMessage:
    """The mail with ``letter`` to the address ``to``. ``at`` becomes its date, so that a repeat is the same mail.

    Raises ValueError for an address or id that can't stand in a header.
    """
    message = EmailMessage(policy=POLICY)
    from_ = sender(settings)
    message["From"] = from_
    message["To"] = Address(addr_spec=_ascii(to))
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    if ticket_id is not None:
        message["Reply-To"] = Address(addr_spec=from_.addr_spec)
        message["In-Reply-To"] = message["References"] = thread_id(settings, keys, ticket_id)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message[LOOP_HEADER] = from_.addr_spec
    message.set_content(letter.body, cte="quoted-printable")
    return message


def thread_id(settings: Settings, keys: Keys, ticket_id: int) -> str:
    """The root that all mails of a ticket refer to: never sent itself, the same for ever, signed as every id is."""
    token = f"{ticket_id}.0"
    domain = settings.mail.sender.rpartition("@")[2]
    return f"<okienko.{token}.{keys.mac('message-id', token)[:16]}@{domain}>"


def _ascii(address: str) -> str:
    """The address with its domain as it travels (punycode); one that can't be written to is refused."""
    if addresses.problem(address) is not None:
        raise ValueError("not an e-mail address")
    return f"{address.rpartition('@')[0]}@{addresses.normal(address).rpartition('@')[2]}"
