"""``okienko journal verify|anchor``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.i18n.translation import _, ngettext
from tui.machine.desk import open_desk
from tui.machine.terminal import complain, tell

if TYPE_CHECKING:
    from core.service.audit_log import JournalVerdict


def verify(args: argparse.Namespace) -> int:
    """Whether the journal is whole; 1, with what was found, when it isn't."""
    from core.service import audit_check, audit_log  # deferred: start-up, a command loads what it runs

    since = audit_log.read_anchor(args.anchor) if args.anchor is not None else None
    with open_desk() as desk:
        verdict = desk.see(audit_check.verify, since)
    if verdict.whole:
        tell(_("The journal is whole: no entry was changed, and none is missing."))
        if verdict.unchecked:
            tell(
                ngettext(
                    "{n} entry at its beginning is older than the desk's key, which can't check it.",
                    "{n} entries at its beginning are older than the desk's key, which can't check them.",
                    verdict.unchecked,
                ).format(n=verdict.unchecked)
            )
        if since is not None:
            tell(_("It goes on from the line that was kept."))
        return 0
    for text in _found(verdict):
        complain(text)
    return 1


def _found(verdict: JournalVerdict) -> Iterator[str]:
    if verdict.broken_at is not None:
        yield _("The journal was tampered with: entry {number} was changed, or one before it is missing.").format(
            number=verdict.broken_at
        )
    if verdict.cut_off:
        yield ngettext(
            "The journal was tampered with: {n} entry is missing at its end.",
            "The journal was tampered with: {n} entries are missing at its end.",
            verdict.cut_off,
        ).format(n=verdict.cut_off)
    if verdict.end_wrong:
        yield _("The journal was tampered with: what the desk has noted of its end is gone or does not fit.")
    if verdict.unlike_anchor:
        yield _("The journal is not the one that this line was taken of, or an older state of it was put back.")


def anchor(_args: argparse.Namespace) -> int:
    """Print the line to keep elsewhere."""
    from core.service import audit_check  # deferred: start-up, a command loads what it runs

    with open_desk() as desk:
        tell(desk.see(audit_check.anchor).line())
    return 0
