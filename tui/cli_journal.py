"""``okienko journal verify``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.words import _
from tui.cli_tools import complain, open_desk, tell

if TYPE_CHECKING:
    from core.work import Look


def verify(_args: argparse.Namespace) -> int:
    """Whether the journal's chain is whole; 1 and the entry's number when it isn't."""
    with open_desk() as desk:
        broken = desk.see(_broken_at)
    if broken is None:
        tell(_("The journal is whole: no entry was changed, and none is missing between two others."))
        return 0
    complain(
        _("The journal was tampered with: entry {number} was changed, or one before it is missing.").format(
            number=broken
        )
    )
    return 1


def _broken_at(look: Look) -> int | None:
    from core import journal

    look.require("journal.read")
    return journal.broken_at(look.connection, look.keys.derive("journal"))
