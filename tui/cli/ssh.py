"""``okienko ssh setup|check``: the operator's own sshd as a door of the desk."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.i18n.translation import _
from tui.machine.desk import load_settings
from tui.machine.finding import Finding
from tui.machine.terminal import tell


def setup(args: argparse.Namespace) -> int:
    """Write the files, say what to do with them, and try whether they hold."""
    from tui.serve.openssh import setup as writing  # deferred: start-up, a command loads what it runs

    address, _colon, port = args.listen.rpartition(":")
    written = writing.write(
        load_settings(),
        Path(args.folder),
        user=args.user,
        address=address,
        port=int(port),
    )
    tell(_("Written: {folder}. An sshd of the desk's own:").format(folder=written.folder))
    tell(f"    /usr/sbin/sshd -f {written.config}")
    tell(_("or, in one that is there already, at the end of its sshd_config:"))
    tell(f"    Include {written.match}")
    return check(args)


def check(args: argparse.Namespace) -> int:
    """Say of everything whether it is in order; 1 when something isn't."""
    from tui.serve.openssh import check as checking  # deferred: start-up, a command loads what it runs

    wrong = 0
    for finding in checking.check(load_settings(), Path(args.folder).absolute(), args.user):
        wrong += not finding.ok
        _tell(finding)
    if not wrong:
        tell(_("Everything is in order."))
    return int(wrong > 0)


def _tell(finding: Finding) -> None:
    mark = "!! " if not finding.ok else "!  " if finding.warning else "ok "
    tell(f"{mark} {finding.name}: {finding.found}")
    if finding.do:
        tell(f"    → {finding.do}")
