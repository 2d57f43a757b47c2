"""Taking a colleague's ticket: the first press says whose it is, the second one takes it."""

from __future__ import annotations


class SecondPress:
    """Remembers which ticket the reader was told about, as it stood then."""

    def __init__(self) -> None:
        self._asked_about: tuple[int, int] | None = None

    def asks(self, ticket_id: int, version: int, assignee: str) -> bool:
        """Whether this press is the first one for a ticket that somebody has. Nobody's ticket needs no second one, and
        a ticket that changed between the two presses is told of again."""
        first = bool(assignee) and self._asked_about != (ticket_id, version)
        self._asked_about = (ticket_id, version) if first else None
        return first
