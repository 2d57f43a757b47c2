"""``okienko check``: look at everything a desk stands on, and say of what is wrong what to do about it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict

from core.errors import DeskError
from core.i18n.translation import _, ngettext
from tui.cli import findings, findings_provider, findings_serve, findings_ssh
from tui.cli.findings_store import NO_DESK
from tui.machine.desk import load_settings
from tui.machine.finding import Finding
from tui.machine.terminal import complain, tell, tell_json


def run(args: argparse.Namespace) -> int:
    """Print every finding; 1 when something is wrong. Warnings are not."""
    findings = []
    for finding in _all():
        findings.append(finding)
        if not args.json:
            _tell(finding)
    wrong = sum(not finding.ok for finding in findings)
    if args.json:
        tell_json({"ok": not wrong, "checks": [asdict(finding) for finding in findings]})
    elif wrong == 0:
        tell(_in_order(sum(finding.warning for finding in findings)))
    return int(wrong > 0)


def _all() -> Iterator[Finding]:
    """Without settings nothing else can be looked at."""
    try:
        settings = load_settings()
    except DeskError as error:
        yield Finding(
            "settings", False, error.text(), _("Correct okienko.toml or the environment; see docs/operating.md.")
        )
        return
    for look in (*findings.CHECKS, *findings_provider.CHECKS, *findings_ssh.CHECKS, *findings_serve.CHECKS):
        yield from look(settings)


def _in_order(warnings: int) -> str:
    if not warnings:
        return _("Everything is in order.")
    return ngettext(
        "Everything works; there is {n} warning.", "Everything works; there are {n} warnings.", warnings
    ).format(n=warnings)


def _tell(finding: Finding) -> None:
    """The report is what was asked for; that there is nothing to report on is an error."""
    out = complain if finding.name == NO_DESK else tell
    mark = "!! " if not finding.ok else "!  " if finding.warning else "ok "
    out(f"{mark} {finding.name}: {finding.found}")
    if finding.do:
        out(f"    → {finding.do}")
