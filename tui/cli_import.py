"""``okienko import contracts|accounts|invitations FILE``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.words import _, ngettext
from tui.cli_tools import complain, open_desk, tell, tell_json

if TYPE_CHECKING:
    from core.exchange.report import Progress, Report

SHOWN = 100
"""Slips that are printed; ``--json`` has them all."""


def run(args: argparse.Namespace) -> int:
    """Import the file and say what came of it; 1 when anything was refused."""
    from core.exchange.csv_file import content_of

    file = Path(args.file)
    content = content_of(file)
    more = {"company": args.company} if args.what == "invitations" else {}
    with open_desk(make=True) as desk, _bar() as progress:
        report: Report = desk.do(_use_case(args.what), content, dry_run=args.dry_run, progress=progress, **more)
    if args.json:
        tell_json(report.as_json())
    elif report.refused:
        _tell_slips(report, file.name)
    else:
        _tell_counts(report, dry_run=args.dry_run)
    return int(report.refused)


def _use_case(what: str) -> Any:
    if what == "contracts":
        from core.exchange.contracts import import_contracts

        return import_contracts
    if what == "invitations":
        from core.exchange.invitations import import_invitations

        return import_invitations
    from core.exchange.accounts import import_accounts

    return import_accounts


@contextmanager
def _bar() -> Iterator[Progress | None]:
    """A progress bar where somebody can see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _tell_slips(report: Report, file: str) -> None:
    for slip in report.errors[:SHOWN]:
        place = f"{file}:{slip.line}: {slip.column}".rstrip(": ")
        complain(f"{place}: {slip.say.text()}")
    more = len(report.errors) - SHOWN
    if more > 0:
        complain(
            ngettext("… and {n} more (--json tells all).", "… and {n} more (--json tells all).", more).format(n=more)
        )
    complain(_("Nothing was brought in. Please correct the file and try again."))


def _tell_counts(report: Report, *, dry_run: bool) -> None:
    tell(ngettext("{n} row read.", "{n} rows read.", report.rows).format(n=report.rows))
    tell(
        _("New: {created}, changed: {updated}, as before: {unchanged}.").format(
            created=report.created, updated=report.updated, unchanged=report.unchanged
        )
    )
    if dry_run:
        tell(_("This was a trial: nothing was written."))
