"""``okienko upgrade``: bring the desk's tables up to date, and say what was done.

On a server nothing else does: other machines may still use the tables with an older program.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.i18n.translation import _
from tui.machine.desk import load_settings
from tui.machine.terminal import complain, tell

if TYPE_CHECKING:
    from core.service.opening import OpenStore


def run(args: argparse.Namespace) -> int:
    """Upgrade; a desk that is up to date is left as it is."""
    from core.clock import SystemClock  # deferred: start-up, a command loads what it runs
    from core.service import audit_check, opening  # deferred: start-up, a command loads what it runs
    from core.service.desk import Desk  # deferred: start-up, a command loads what it runs
    from core.service.opening import May

    settings = load_settings()
    if not opening.is_there(settings):
        raise opening.NoDesk(opening.no_desk(settings))
    opened = opening.open_store(settings, May.UPGRADE | (May.TAKE_KEY if args.take_key else May.OPEN))
    desk = Desk(settings, opened.store, opened.keys, SystemClock())
    try:
        if args.take_key:
            desk.as_system().do(audit_check.record_key)
            complain(_("The key in {path} is the desk's from now on.").format(path=settings.key_file))
            complain(_("What another key has sealed stays shut: authenticators, codes and letters that wait."))
        _tell(opened)
    finally:
        desk.close()
    return 0


def _tell(opened: OpenStore) -> None:
    from core.service import upgrade  # deferred: start-up, a command loads what it runs

    if opened.before == upgrade.HEAD:
        tell(_("The tables are up to date ({version}).").format(version=upgrade.HEAD))
        return
    tell(_("The tables were at {before} and are at {head} now.").format(before=opened.before, head=upgrade.HEAD))
    if opened.copy is not None:
        tell(_("As it was before, the desk lies in {file}.").format(file=opened.copy))
