"""``okienko check``: look at everything a desk stands on, and say of what is wrong what to do about it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict

from core.errors import DeskError
from core.words import _
from tui import cli_findings
from tui.cli_findings import Finding
from tui.cli_tools import load_settings, tell, tell_json


def run(args: argparse.Namespace) -> int:
    """Print every finding; 1 when something is wrong."""
    findings = []
    for finding in _all():
        findings.append(finding)
        if not args.json:
            _tell(finding)
    wrong = sum(not finding.ok for finding in findings)
    if args.json:
        tell_json({"ok": not wrong, "checks": [asdict(finding) for finding in findings]})
    elif wrong == 0:
        tell(_("Everything is in order."))
    return int(wrong > 0)


def _all() -> Iterator[Finding]:
    """Without settings nothing else can be looked at."""
    try:
        settings = load_settings()
    except DeskError as error:
        yield Finding("settings", False, error.text(), _("Correct okienko.toml or the environment; see the README."))
        return
    for look in cli_findings.CHECKS:
        yield from look(settings)


def _tell(finding: Finding) -> None:
    tell(f"{'ok ' if finding.ok else '!! '} {finding.name}: {finding.found}")
    if finding.do:
        tell(f"    → {finding.do}")
