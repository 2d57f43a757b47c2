"""``okienko import KIND FILE`` for every kind in :mod:`core.imports.registry`, and from LMS."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.errors import DeskError
from core.i18n.translation import N_, _, ngettext
from core.imports import registry
from core.imports.csv.report import ENOUGH
from tui.machine.desk import open_desk
from tui.machine.terminal import complain, tell, tell_json

if TYPE_CHECKING:
    from core.imports.csv.report import Progress, Report, Slip

LMS_VARIABLE = "OKIENKO_LMS_URL"
SHOWN = 100
"""Slips that are printed; ``--json`` has as many as were looked for."""


def run(args: argparse.Namespace) -> int:
    """Import the file and say what came of it; 1 when anything was refused."""
    file = Path(args.file)
    kind = registry.KINDS[args.what]
    source, use_case, options = kind.open(file), kind.use_case(), kind.arguments(args)
    _read_much()
    with open_desk(make=True, trial=args.dry_run) as desk, _bar() as progress:
        report = desk.do(use_case, source, dry_run=args.dry_run, progress=progress, notice=_tell_of_waiting, **options)
    if args.json:
        tell_json(report.as_json())
    elif report.refused:
        _tell_slips(report, file.name)
    else:
        _tell_counts(report, dry_run=args.dry_run)
        _tell_warnings({file.name: report})
    return int(report.refused)


def _address(args: argparse.Namespace) -> str:
    """Where LMS is: of the arguments, a file, or the environment. What stands among the arguments everybody on the
    machine can read while the command runs, so a password there is spoken of."""
    if args.url is not None:
        if _has_password(args.url):
            complain(
                _(
                    "The password in the address can be seen by everybody on this machine. Use --url-file, "
                    "{variable}, PGPASSWORD or ~/.pgpass."
                ).format(variable=LMS_VARIABLE)
            )
        return str(args.url)
    if args.url_file is not None:
        file = Path(args.url_file)
        try:
            return file.read_text(encoding="utf-8-sig").strip()
        except UnicodeDecodeError:
            raise DeskError(N_("The file {path} is no text in UTF-8."), path=str(file)) from None
    address = os.environ.get(LMS_VARIABLE, "")
    if not address:
        raise DeskError(
            N_("Say where the LMS database is: its address, --url-file or {variable}."), variable=LMS_VARIABLE
        )
    return address


def _has_password(url: str) -> bool:
    """Whether an address holds a password."""
    return bool(urlsplit(url).password)


def _read_much() -> None:
    from core.db.engine import cache  # deferred: start-up, a command loads what it runs

    cache.for_import()


def run_lms(args: argparse.Namespace) -> int:
    """Bring everything from an LMS database and say, table by table, what came of it; 1 when it was refused."""
    from core.imports.lms.run import import_lms, source_of  # deferred: start-up, a command loads what it runs

    source = source_of(_address(args))
    _read_much()
    with open_desk(make=True, trial=args.dry_run) as desk, _bar() as progress:
        reports = import_lms(
            desk,
            source,
            dry_run=args.dry_run,
            removal=args.allow_removal,
            progress=progress,
            notice=_tell_of_waiting,
        )
    refused = any(report.refused for report in reports.values())
    if args.json:
        tell_json({name: report.as_json() for name, report in reports.items()})
    elif refused:
        for name, report in reports.items():
            _tell_places(report, name)
        complain(_("Nothing was brought in. Please correct it in LMS and try again."))
    else:
        for name, report in reports.items():
            tell(f"{name}:")
            _tell_counts(report, dry_run=False)
            _tell_taken(name, report, dry_run=args.dry_run)
        _tell_warnings(reports)
        _tell_trial(args.dry_run)
    return int(refused)


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


def _tell_of_waiting(seconds: int) -> None:
    """Said before the writing begins, while it can still be interrupted."""
    what = _("Writing it takes about {n} s, in which nobody else can save anything. At night it disturbs nobody.")
    complain(what.format(n=seconds))


def _tell_slips(report: Report, file: str) -> None:
    _tell_places(report, file)
    complain(_("Nothing was brought in. Please correct the file and try again."))


def _tell_taken(name: str, report: Report, *, dry_run: bool) -> None:
    """What LMS has no more, or has under another customer; which contracts those are is among the warnings."""
    if removed := getattr(report, "removed", 0):
        tell((_would_go if dry_run else _gone)(removed)[name].format(n=removed))
    if moved := getattr(report, "moved", 0):
        tell((_would_move if dry_run else _moved)(moved).format(n=moved))


def _gone(number: int) -> dict[str, str]:
    return {
        "customers": ngettext("{n} contract has ended.", "{n} contracts have ended.", number),
        "nodes": ngettext("{n} line has lost its addresses.", "{n} lines have lost their addresses.", number),
        "documents": ngettext(
            "{n} invoice was taken out of the balance.", "{n} invoices were taken out of the balance.", number
        ),
        "cash": ngettext("{n} payment was taken away.", "{n} payments were taken away.", number),
    }


def _would_go(number: int) -> dict[str, str]:
    return {
        "customers": ngettext("{n} contract would end.", "{n} contracts would end.", number),
        "nodes": ngettext("{n} line would lose its addresses.", "{n} lines would lose their addresses.", number),
        "documents": ngettext(
            "{n} invoice would be taken out of the balance.", "{n} invoices would be taken out of the balance.", number
        ),
        "cash": ngettext("{n} payment would be taken away.", "{n} payments would be taken away.", number),
    }


def _moved(number: int) -> str:
    return ngettext("{n} contract is another customer's now.", "{n} contracts are another customer's now.", number)


def _would_move(number: int) -> str:
    return ngettext("{n} contract would be another customer's.", "{n} contracts would be another customer's.", number)


def _tell_warnings(reports: dict[str, Report]) -> None:
    """Values that were left out, invoices that stay otherwise than LMS has them, contracts of somebody else now."""
    if any(report.warnings for report in reports.values()):
        complain(_("Please look at these. Wrong values are left out; everything else comes in:"))
    for name, report in reports.items():
        _tell_each(report.warnings, name, unlisted=report.more_warnings)


def _tell_places(report: Report, file: str) -> None:
    _tell_each(report.errors, file)


def _tell_each(slips: list[Slip], file: str, *, unlisted: int = 0) -> None:
    """The first of them; ``unlisted`` are those that were only counted."""
    for slip in slips[:SHOWN]:
        where = f"{file}:{slip.line}" if slip.line else file
        complain(f"{where}: {slip.column}".rstrip(": ") + f": {slip.say.text()}")
    more = max(len(slips) - SHOWN, 0) + unlisted
    if unlisted:
        complain(ngettext("… and {n} more.", "… and {n} more.", more).format(n=more))
    elif more > 0:
        complain(
            ngettext("… and {n} more (--json lists them).", "… and {n} more (--json lists them).", more).format(n=more)
        )
        if slips[-1].say.msgid == ENOUGH:
            complain(_(ENOUGH))


def _tell_counts(report: Report, *, dry_run: bool) -> None:
    tell(ngettext("{n} row read.", "{n} rows read.", report.rows).format(n=report.rows))
    tell(
        _("New: {created}, changed: {updated}, as before: {unchanged}.").format(
            created=report.created, updated=report.updated, unchanged=report.unchanged
        )
    )
    _tell_trial(dry_run)


def _tell_trial(dry_run: bool) -> None:
    if dry_run:
        tell(_("This was a trial: nothing was written."))
