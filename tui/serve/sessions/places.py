"""How many may be here: in all, of one household, by one key; and what whoever is one too many reads.

Guests, whom nobody knows, can't fill the server: a share of its places is for people who come with a known key, and
for those guests who have logged in meanwhile.
"""

from __future__ import annotations

from collections import Counter

from core.i18n.translation import N_
from core.service.client_address import household
from core.service.settings import ServeSection
from tui.serve.hand_over import Visitor

REFUSALS = {
    "ending": N_("The desk is being restarted. Please come again in a moment."),
    "guests": N_("The server is full at the moment. Please try again in a few minutes."),
    "sessions": N_("Too many people are here at the moment. Please come again soon."),
    "address": N_("Too many sessions are open from your address. Please close one of them first."),
    "key": N_("Too many sessions are open with your key. Please close one of them first."),
}


NOT_FOR_GUESTS = 4
"""One of so many places, and at least one, is never a guest's."""


def for_guests(sessions: int) -> int:
    """How many of all places guests can have. Where there is one alone, it is anybody's: else nobody could log in."""
    return sessions - max(1, sessions // NOT_FOR_GUESTS) if sessions > 1 else sessions


def is_guest(visitor: Visitor) -> bool:
    """Whether nothing is known of them when they come. sshd proves any key, known here or not."""
    return not visitor.key or visitor.source == "sshd"


class Places:
    """Who has one, by what they are counted by."""

    def __init__(self, limits: ServeSection) -> None:
        self._limits = limits
        self._taken = 0
        self._guests = 0
        self._households: Counter[str] = Counter()
        self._keys: Counter[str] = Counter()

    def why_not(self, visitor: Visitor) -> str:
        """Why there is none for this visitor, as a name of :data:`REFUSALS`; empty when there is."""
        if is_guest(visitor) and self._guests >= for_guests(self._limits.sessions):
            return "guests"
        if self._taken >= self._limits.sessions:
            return "guests" if is_guest(visitor) else "sessions"
        if self._households[household(visitor.address)] >= self._limits.sessions_an_address:
            return "address"
        if visitor.key and self._keys[visitor.key] >= self._limits.sessions_a_key:
            return "key"
        return ""

    def take(self, visitor: Visitor) -> None:
        """The visitor has come."""
        self._add(visitor, 1)
        self._guests += is_guest(visitor)

    def log_in(self, visitor: Visitor, logged_in: bool) -> None:
        """A visitor who is here has logged in, or out again."""
        if is_guest(visitor):
            self._guests += -1 if logged_in else 1

    def give_back(self, visitor: Visitor, *, logged_in: bool) -> None:
        """The visitor has left; ``logged_in`` is what was said last."""
        self._add(visitor, -1)
        self._guests -= is_guest(visitor) and not logged_in

    def _add(self, visitor: Visitor, change: int) -> None:
        self._taken += change
        for counter, what in ((self._households, household(visitor.address)), (self._keys, visitor.key)):
            if what:
                counter[what] += change
                if counter[what] <= 0:
                    del counter[what]
