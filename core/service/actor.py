"""Whoever acts at the door, as it was a moment ago in the database. Light: an interface may import it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """An account with what the rules ask about it; or a guest (before logging in), or the system (the operator's
    command line and the desk's own jobs).

    ``company_id`` is set only for a member or owner: someone waiting to be let in has no company here, so nothing
    can forget to check it.
    """

    role: str
    account_id: int | None = None
    session_id: int | None = None
    login: str = ""
    name: str = ""
    company_id: int | None = None
    owner: bool = False
    subscriber_id: int | None = None
    """The subscriber whose account this is."""
    language: str = "en"
    zone: str = "Europe/Warsaw"

    @property
    def staff(self) -> bool:
        """Of the operator: agents and administrators."""
        return self.role in ("agent", "admin")

    @property
    def answers(self) -> bool:
        """On the side that answers tickets: the operator's staff, and installers for their own company's team. Which
        ticket they may answer is the policy's to say."""
        return self.staff or self.role == "installer"

    @property
    def journal_name(self) -> str:
        """How the journal names the actor: ids only."""
        return f"account:{self.account_id}" if self.account_id is not None else self.role


GUEST = Actor(role="guest")
SYSTEM = Actor(role="system")
