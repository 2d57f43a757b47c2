"""How an installer company's addresses and people are written on a screen."""

from __future__ import annotations

from typing import Any, Final

from textual.content import Content

from core.i18n.translation import N_
from core.models.accounts import Purpose
from tui.text import plain
from tui.widgets.badge import Look, drawn

ADDRESSES: Final = {Purpose.COMPANY: N_("Notification e-mail"), Purpose.MANAGEMENT: N_("Management e-mail")}
"""What each of the two is called."""

CONFIRMED: Final = Look("✓", N_("confirmed"), "$text-success")
WAITS: Final = Look("○", N_("waits for its code"), "$text-warning")

STANDINGS: Final = {
    "owner": Look("◆", N_("company owner"), "$text-accent"),
    "member": Look("●", N_("company member"), "$text-success"),
    "invited": Look("○", N_("invited"), "$text-warning"),
}


def wants_authenticator(desk: Any) -> bool:
    """Whether the desk wants one of those who decide about a company's people."""
    return bool(desk.settings.security.second_step.installer_owner == "strong")


def address(email: str, confirmed: bool) -> Content:
    """The address, and whether its code has come back."""
    return plain(f"{email}  ") + drawn(CONFIRMED if confirmed else WAITS)
