"""How a mail leaves the desk: the small interface behind which a folder and a server look the same."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol

from core.i18n import translation
from core.i18n.sanitize import clean


class Undelivered(Exception):
    """A mail did not leave. ``reason`` is a msgid, ``detail`` what a server or the system said about it."""

    def __init__(self, reason: str, detail: object = "") -> None:
        self.reason = reason
        self.detail = clean(str(detail), limit=200)
        super().__init__(self.stored_text)

    @property
    def stored_text(self) -> str:
        """What is kept with the row: the msgid, a colon, the detail. :func:`explain` reads it."""
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


class Permanent(Undelivered):
    """Trying again would end the same."""


class Temporary(Undelivered):
    """This mail may leave later."""


class Unreachable(Temporary):
    """No mail can leave now: the server doesn't answer; the disk is full."""


class Unwelcome(Unreachable):
    """The server takes no mail from this desk as it is set up: its sender, password or encryption. That is about no
    letter, so it costs none a try."""


def explain(error: str) -> str:
    """A kept reason in the current language; the server's own words stay as they are."""
    reason, colon, detail = error.partition(": ")
    return f"{translation.gettext(reason)}{colon}{detail}" if reason else ""


class Transport(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Hand over one mail to its one recipient. Raises :class:`Temporary` or :class:`Permanent`."""

    def check(self) -> None:
        """Whether mail could leave now, without sending any. Raises :class:`Temporary`."""

    def close(self) -> None: ...
