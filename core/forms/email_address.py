"""E-mail addresses: which ones the desk can write to, and when two of them are the same one.

Checked by email-validator by syntax alone; nothing is looked up in the network. Letters outside ASCII are refused
before the @ because most servers cannot deliver them and a Cyrillic ``а`` would make a second "admin"; behind the @
they are fine and become punycode in the key.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from core.errors import Say, say
from core.i18n.translation import N_

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

MAX_LENGTH = 254
"""RFC 5321 §4.5.3.1.3: a path of 256 octets less its angle brackets."""


def _validated(address: str) -> ValidatedEmail:
    """Raises ``EmailNotValidError`` (a ValueError); the package is imported late, it costs 30 ms."""
    from email_validator import validate_email

    return validate_email(
        address,
        check_deliverability=False,
        allow_smtputf8=False,
        allow_quoted_local=False,
        allow_domain_literal=False,
        allow_display_name=False,
    )


def problem(address: str) -> Say | None:
    """What is wrong with ``address`` as it stands (it is not trimmed), or None when the desk can write to it."""
    local, at, domain = address.rpartition("@")
    if len(address) > MAX_LENGTH:
        return say(N_("An e-mail address has at most {limit} characters."), limit=MAX_LENGTH)
    if not (at and local and domain):
        return say(N_("An e-mail address has an @ with something before and after it, as in anna@example.com."))
    if not local.isascii():
        return say(N_("Only letters without accents can stand before the @ of an e-mail address."))
    try:
        _validated(address)
    except ValueError:
        return say(N_("This is not an e-mail address the desk can write to. It should look like anna@example.com."))
    return None


def normal(address: str) -> str:
    """The key by which an address belongs to one account: its ASCII form without regard to case.

    Empty when ``address`` is none, so that a look-up finds nobody instead of failing: whoever logs in may type
    a login here. Case before the @ is dropped although RFC 5321 lets a server tell it apart; none does, and two
    accounts that differ by it alone are one person's mistake or another one's trick.
    """
    trimmed = address.strip()
    if problem(trimmed):
        return ""
    validated = _validated(trimmed)
    return (validated.ascii_email or validated.normalized).casefold()


@lru_cache(maxsize=1024)
def domain_as_sent(address: str) -> str:
    """The domain of ``address`` as it travels: punycode where it has letters outside ASCII, as ids and greetings need
    it. ``localhost`` where ``address`` is none."""
    domain = address.rpartition("@")[2]
    return domain if domain and domain.isascii() else normal(address).rpartition("@")[2] or "localhost"
