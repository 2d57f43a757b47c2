"""Taking a colleague's ticket: the first press says whose it is, the second one takes it."""

from __future__ import annotations


class SecondPress:
    """Remembers which ticket the reader was told about, and whose it was."""

    def __init__(self) -> None:
        self._asked_about: tuple[int, int] | None = None

    def asks(self, ticket_id: int, holder: int | None) -> bool:
        """Whether this press is the first one for a ticket that somebody has. Nobody's ticket needs no second one, and
        one that went to somebody else between the two presses is told of again."""
        first = holder is not None and self._asked_about != (ticket_id, holder)
        self._asked_about = (ticket_id, holder) if first and holder is not None else None
        return first
