"""How many may be here: in all, of one household, by one key; and what whoever is one too many reads."""

from __future__ import annotations

from collections import Counter

from core.i18n.translation import N_
from core.service.client_address import household
from core.service.settings import ServeSection
from tui.serve.hand_over import Visitor

REFUSALS = {
    "ending": N_("The desk is being restarted. Please come again in a moment."),
    "sessions": N_("Too many people are here at the moment. Please come again soon."),
    "address": N_("Too many sessions are open from your address. Please close one of them first."),
    "key": N_("Too many sessions are open with your key. Please close one of them first."),
}


class Places:
    """Who has one, by what they are counted by."""

    def __init__(self, limits: ServeSection) -> None:
        self._limits = limits
        self._taken = 0
        self._households: Counter[str] = Counter()
        self._keys: Counter[str] = Counter()

    def why_not(self, visitor: Visitor) -> str:
        """Why there is none for this visitor, as a name of :data:`REFUSALS`; empty when there is."""
        if self._taken >= self._limits.sessions:
            return "sessions"
        if self._households[household(visitor.address)] >= self._limits.sessions_an_address:
            return "address"
        if visitor.key and self._keys[visitor.key] >= self._limits.sessions_a_key:
            return "key"
        return ""

    def take(self, visitor: Visitor) -> None:
        """The visitor has come."""
        self._add(visitor, 1)

    def give_back(self, visitor: Visitor) -> None:
        """The visitor has left."""
        self._add(visitor, -1)

    def _add(self, visitor: Visitor, change: int) -> None:
        self._taken += change
        for counter, what in ((self._households, household(visitor.address)), (self._keys, visitor.key)):
            if what:
                counter[what] += change
                if counter[what] <= 0:
                    del counter[what]
