"""Which back end the settings name: a server, or a folder."""

from core.mail.maildir import Maildir
from core.mail.transport import Transport
from core.service.settings import Settings


def open_transport(settings: Settings) -> Transport:
    """The backend that the settings name; nothing is connected or made before the first mail."""
    if settings.mail.backend == "smtp":
        from core.mail.smtp import Smtp  # deferred: start-up, the TLS and SMTP libraries

        return Smtp(settings.mail)
    return Maildir(settings.maildir)
