"""How *My account* shows SSH keys."""

from __future__ import annotations

from core.accounts import public_key
from core.accounts.public_key import PublicKey
from core.accounts.ssh_keys import OwnKey
from core.i18n import dates
from core.i18n.translation import _
from tui.widgets.menu import Option

SHOWN = 15
"""Signs of a fingerprint: ``SHA256:`` and the eight that tell one's own keys apart."""


def short(fingerprint: str) -> str:
    """As much of a fingerprint as tells one's own keys apart."""
    return f"{fingerprint[:SHOWN]}…"


def called(key: OwnKey) -> str:
    """What its owner calls it, or what kind it is."""
    return key.name or kind(key.kind)


def kind(of: str) -> str:
    """The kind of a key in the reader's language."""
    return _(public_key.LABELS[of])


def used(key: OwnKey) -> str:
    """Whether it waits, or when it was used last."""
    if key.waits:
        return _("waits for its first use")
    if key.here:
        return _("you are here by it")
    return _("last used {time}").format(time=dates.moment(key.used_at)) if key.used_at else _("not used yet")


def row(key: OwnKey) -> tuple[str, str]:
    """One row of the card."""
    added = _("added {time}").format(time=dates.day(key.added_at.astimezone(dates.zone()).date()))
    return called(key), " · ".join((kind(key.kind), short(key.fingerprint), used(key), added))


def offered(key: PublicKey) -> Option[str]:
    """A key that somebody came with, with its whole fingerprint: it is compared with what ``ssh-add -l`` says."""
    line = f"{key.line} {key.comment}".strip()
    return Option(line, f"{key.fingerprint} {kind(key.kind)}", search=key.comment)


def empty(address: str) -> str:
    """What a key is good for, and how one is added. ``address`` is the desk's, or empty."""
    sentence = _("An SSH key lets you in without a password: press n and paste its public line.")
    if not address:
        return sentence
    return sentence + " " + _("Or come with it (ssh {address}), and n offers it to you.").format(address=address)
