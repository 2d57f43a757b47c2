"""How contracts and assets are said and shown."""

from __future__ import annotations

from textual.content import Content

from core import words
from core.contracts import catalogue
from core.words import N_, ngettext
from tui.widgets.badge import badge

NOT_COVERED = N_(
    "No active contract and no service company covers this asset now, so no technical ticket can be opened about it."
)
_STATES = {"active": "active", "soon": "expiring", "expired": "expired", "waiting": "unregistered", "early": "early"}


def state(value: str) -> Content:
    """How a contract stands, as glyph and word."""
    return badge("state", _STATES[value])


def days_left(days: int) -> str:
    """``12 days left``; nothing once it is over."""
    return ngettext("{n} day left", "{n} days left", days).format(n=days) if days else ""


def category_name(key: str) -> str:
    """A category's name in the reader's language; its key when the catalogue has lost it."""
    known = catalogue.definition(key)
    return known.name.read_in(words.language()) if known else key
