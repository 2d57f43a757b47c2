"""Badges: a state told by a glyph and a word; the colour only helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.content import Content
from textual.widgets import Static

from core.i18n.translation import N_, _
from tui.text import plain


@dataclass(frozen=True, slots=True)
class Look:
    """How one state is shown: a glyph one cell wide, a msgid, a theme variable."""

    glyph: str
    word: str
    colour: str = "$foreground"


STATUS: Final = {
    "new": Look("○", N_("new"), "$text-accent"),
    "open": Look("●", N_("open"), "$text-success"),
    "waiting": Look("◐", N_("waiting"), "$text-warning"),
    "waiting_customer": Look("◐", N_("waiting for customer"), "$text-warning"),
    "waiting_vendor": Look("◑", N_("waiting for vendor"), "$text-warning"),
    "resolved": Look("✓", N_("resolved"), "$text-primary"),
    "closed": Look("■", N_("closed"), "$text-muted"),
}

PRIORITY: Final = {
    "critical": Look("▲", N_("critical"), "$text-error"),
    "urgent": Look("▲", N_("urgent"), "$text-error"),
    "high": Look("↑", N_("high"), "$text-warning"),
    "normal": Look("·", N_("normal"), "$foreground"),
    "low": Look("↓", N_("low"), "$text-muted"),
}

STATE: Final = {
    "active": Look("●", N_("active"), "$text-success"),
    "pending": Look("○", N_("pending"), "$text-warning"),
    "approved": Look("✓", N_("approved"), "$text-success"),
    "withdrawn": Look("■", N_("withdrawn"), "$text-muted"),
    "ran_out": Look("×", N_("ran out"), "$text-muted"),
    "accepted": Look("✓", N_("accepted"), "$text-success"),
    "declined": Look("×", N_("declined"), "$text-error"),
    "waits": Look("○", N_("waits for an answer"), "$text-warning"),
    "question": Look("!", N_("your answer, please"), "$text-warning"),
    "allowed": Look("✓", N_("allowed"), "$text-success"),
    "denied": Look("×", N_("denied"), "$text-error"),
    "ended": Look("■", N_("ended"), "$text-muted"),
    "rejected": Look("×", N_("rejected"), "$text-error"),
    "suspended": Look("■", N_("suspended"), "$text-warning"),
    "expiring": Look("!", N_("about to expire"), "$text-warning"),
    "expired": Look("×", N_("expired"), "$text-error"),
    "paid": Look("✓", N_("paid"), "$text-success"),
    "due": Look("!", N_("due"), "$text-warning"),
    "overdue": Look("×", N_("overdue"), "$text-error"),
    "sent": Look("✓", N_("sent"), "$text-success"),
    "failed": Look("×", N_("failed"), "$text-error"),
    "queued": Look("○", N_("queued"), "$text-warning"),
    "held": Look("◐", N_("held"), "$text-warning"),
    "sending": Look("►", N_("being sent"), "$text-primary"),
    "cancelled": Look("■", N_("cancelled"), "$text-muted"),
    "off": Look("■", N_("switched off"), "$text-muted"),
    "unregistered": Look("○", N_("not registered"), "$text-warning"),
    "early": Look("○", N_("not yet started"), "$text-muted"),
}

_KINDS: Final = {"status": STATUS, "priority": PRIORITY, "state": STATE}


def badge(kind: str, value: str) -> Content:
    """The badge of ``value`` among ``status``, ``priority`` or ``state``; one nobody knows is shown as its own word."""
    look = _KINDS[kind].get(value)
    if look is None:
        return plain(f"· {value}")
    return drawn(look)


def drawn(look: Look) -> Content:
    """Glyph and word in the look's colour."""
    return Content(f"{look.glyph} {_(look.word)}").stylize(look.colour)


class Badge(Static):
    """One badge as a widget."""

    DEFAULT_CSS = "Badge { width: auto; height: 1; }"

    def __init__(self, kind: str, value: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        self._kind, self._value = kind, value
        super().__init__(id=id, classes=classes)

    def show(self, value: str) -> None:
        """Show another value of the same kind."""
        self._value = value
        self.refresh(layout=True)

    def render(self) -> Content:
        return badge(self._kind, self._value)
