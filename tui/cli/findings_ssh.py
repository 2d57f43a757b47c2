"""What ``okienko check`` says of sessions over SSH: whose address is believed, and who can be remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.i18n.translation import _
from core.service.settings import Settings
from tui.machine.finding import Finding


def trust(settings: Settings) -> Iterator[Finding]:
    """What the settings ask for is only believed from root; without them it is said what is missing, and for what."""
    ssh = settings.ssh
    asked = ssh.kiosk_uid is not None or ssh.own_accounts
    if asked and not settings.beyond_doubt:
        text = _("The settings under ssh are not believed: somebody else than root could have written them.")
        yield Finding(
            "ssh", False, text, _("Move okienko.toml to a folder that only root can write, and set OKIENKO_CONFIG.")
        )
        return
    if settings.is_served:
        yield Finding("ssh", True, _("“okienko serve” knows the address of whoever comes by its doors."))
    if ssh.kiosk_uid is not None:
        text = _("The address of whoever logs in as unix account {uid} is believed.").format(uid=ssh.kiosk_uid)
        yield Finding("ssh", True, text)
    elif not settings.is_served:
        text = _("No SSH client's address is believed, so tries at passwords are counted by account alone.")
        do = _(
            "Open the desk with “okienko serve”, or name the unix account that only sshd starts: ssh.kiosk_uid (see "
            "docs/operating.md)."
        )
        yield Finding("ssh", True, text, do)


def remembering(settings: Settings) -> Iterator[Finding]:
    """Who is remembered on this machine."""
    if settings.ssh.own_accounts:
        if settings.beyond_doubt:
            text = _("Whoever comes in over SSH by their own unix account can be remembered there.")
            yield Finding("remember me", True, text)
        return
    text = _("Nobody is remembered over SSH: a unix account may be everybody's, and whoever has it would be let in.")
    if settings.is_served:
        yield Finding(
            "remember me", True, _("Nobody is remembered in sessions of “okienko serve”; an SSH key logs in.")
        )
        return
    do = _(
        "If each unix account is one person's and sshd forces no command, say so: ssh.own_accounts = true, in an "
        "okienko.toml that only root can write."
    )
    yield Finding("remember me", True, text, do)


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (trust, remembering)
