"""How contracts and assets are said and shown."""

from __future__ import annotations

import datetime as dt

from textual.content import Content

from core.contracts.coverage import ContractRow
from core.i18n import dates, translation
from core.i18n.translation import N_, _, ngettext
from core.models.contracts import NO_END
from core.products import catalogue
from tui.widgets.badge import badge

NOT_COVERED = N_(
    "No active contract and no service company covers this asset now, so no technical ticket can be opened about it."
)
_STATES = {"active": "active", "soon": "expiring", "expired": "expired", "waiting": "unregistered", "early": "early"}


def state(value: str) -> Content:
    """How a contract stands, as glyph and word."""
    return badge("state", _STATES[value])


def until(day: dt.date | None) -> str:
    """The last day; in words where no end was agreed, and a dash for none."""
    if day is None:
        return "—"
    return _("no end") if day == NO_END else dates.day(day)


def period(contract: ContractRow) -> str:
    """From the first to the last day."""
    return f"{dates.day(contract.valid_from)} – {until(contract.valid_until)}"


def days_left(days: int) -> str:
    """``12 days left``; nothing once it is over."""
    return ngettext("{n} day left", "{n} days left", days).format(n=days) if days else ""


def category_name(key: str) -> str:
    """A category's name in the reader's language; its key when the catalogue has lost it."""
    known = catalogue.definition(key)
    return known.name.read_in(translation.language()) if known else key
