"""The command line, as thin as argparse: which command, with what. Each is imported when it is chosen.

Exit status: 0 done, 1 something is wrong (said on stderr), 2 wrong usage or no terminal, 70 a
mistake of ours with its number, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from core.db.upgrade_notice import heard_by
from core.errors import DeskError, Say
from core.i18n.translation import _
from core.imports import registry
from core.version import __version__
from tui.cli.usage import Parser
from tui.machine import terminal

Run = Callable[[argparse.Namespace], int]
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. Never a traceback."""
    try:
        args = _parser().parse_args(argv)
    except SystemExit as leaving:  # argparse has said why
        return int(leaving.code or 0)
    try:
        with heard_by(_Waiting()):
            return int(args.run(args))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        return explain(error)


class _Waiting:
    """Tells on the terminal, each time it is something new, why a command doesn't begin yet."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, sentence: Say) -> None:
        if sentence.text() != self._last:
            self._last = sentence.text()
            terminal.complain(self._last)


def explain(error: Exception) -> int:
    """Say what has kept a command from its end; the exit status to leave with."""
    match error:
        case DeskError():
            terminal.complain("\n".join(what.text() for what in error.fields.values()))
            return 1
        case BrokenPipeError():  # whoever read our output, such as head, has gone
            sys.stderr.close()
            return 0
        case OSError():
            return _unusable(error)
        case _:
            return _incident(error)


def _unusable(error: OSError) -> int:
    """A full disk, a place that can't be written: the machine's matter, said in words and no mistake of ours."""
    reason = error.strerror or type(error).__name__
    if error.filename is None:
        terminal.complain(_("This could not be written or read: {reason}.").format(reason=reason))
    else:
        terminal.complain(_("{path}: {reason}.").format(path=error.filename, reason=reason))
    try:
        sys.stdout.flush()
    except OSError:  # what is left of the output can't leave at the end either, and has been told
        sys.stdout = None
    return 1


def _incident(error: Exception) -> int:
    from core import paths  # deferred: start-up, a command loads what it runs
    from tui import crash

    number = crash.incident_number()
    written = crash.write_down(number, error, paths.state_folder() / "incidents.log")
    terminal.complain(crash.page(number, written=written))
    return crash.STATUS


def _late(module: str, function: str) -> Run:
    """``function(args)`` of a module that is imported when it runs."""

    def run(args: argparse.Namespace) -> int:
        return int(getattr(import_module(module), function)(args))

    return run


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="okienko", description=_("The service desk that lives in the terminal."))
    version = f"okienko {__version__}"
    parser.add_argument("--version", "-V", action="version", version=version, help=_("show which Okienko this is"))
    parser.set_defaults(run=_late("tui.launch", "run"), screen="", code="")
    commands: Any = parser.add_subparsers(metavar=_("COMMAND"), parser_class=Parser)
    _screens(commands)
    _imports(commands)
    _mail(commands)
    _making(commands)
    _operating(commands)
    return parser


def _screens(commands: Any) -> None:
    demo = commands.add_parser("demo", help=_("open a demo desk with an invented company in it"))
    demo.set_defaults(run=_late("tui.demo.app", "run"))

    tour = commands.add_parser("tour", help=_("play the tour: every procedure, step by step"))
    tour.add_argument("names", nargs="*", metavar=_("NAME"), help=_("the scenarios to play"))
    tour.add_argument("--all", action="store_true", help=_("play all of them"))
    tour.add_argument("--list", action="store_true", help=_("name them, each with where it comes from"))
    tour.add_argument("--json", action="store_true", help=_("the list for programs"))
    tour.add_argument("--headless", action="store_true", help=_("without a terminal; one line a scenario"))
    tour.add_argument("--language", choices=("pl", "en"), help=_("play in this language"))
    tour.add_argument("--screenshots", metavar=_("FOLDER"), help=_("save pictures of the steps there"))
    tour.set_defaults(run=_late("tui.demo.tour.command", "main"))

    for screen, help_text in (
        ("answer", _("answer an installer's invitation with the code from the mail")),
        ("confirm", _("confirm your address with the code from the mail")),
        ("join", _("join an installer company with the code from the mail")),
        ("enter", _("get in with the code from the mail and your password")),
        ("reset", _("choose a new password with the code from the mail")),
    ):
        command = commands.add_parser(screen, help=help_text)
        command.add_argument(
            "code", nargs="?", default="", metavar=_("CODE"), help=_("the code; it is asked for if left out")
        )
        command.set_defaults(run=_late("tui.launch", "run"), screen=screen)

    help_text = _("write an invoice of yours into a file, as whoever this computer remembers")
    invoice = commands.add_parser("invoice", help=help_text, description=help_text)
    invoice.add_argument("number", metavar=_("NUMBER"), help=_("the invoice's number"))
    invoice.add_argument("--xml", action="store_true", help=_("for the national e-invoice system instead of a PDF"))
    invoice.set_defaults(run=_late("tui.cli.invoice", "run"))


def _imports(commands: Any) -> None:
    bring = commands.add_parser("import", help=_("bring in contracts, people or subscribers from a CSV file or LMS"))
    kinds: Any = bring.add_subparsers(metavar=_("WHAT"), required=True, dest="what", parser_class=Parser)
    for kind in registry.KINDS.values():
        command = kinds.add_parser(kind.name, help=_(kind.title))
        command.add_argument("file", metavar=_("FILE"), help=_("CSV with ; or , in UTF-8 or Windows-1250"))
        for option in kind.options:
            command.add_argument(f"--{option.name}", required=True, metavar=_(option.metavar), help=_(option.title))
        command.add_argument("--dry-run", action="store_true", help=_("only say what would come of it"))
        command.add_argument("--json", action="store_true", help=_("the report for programs"))
        command.set_defaults(run=_late("tui.cli.import_", "run"))
    lms = kinds.add_parser("lms", help=_("all of that from an LMS database"))
    lms.add_argument(
        "url",
        nargs="?",
        metavar="URL",
        help=_("postgresql://user@host/database; the password may come from PGPASSWORD or .pgpass"),
    )
    lms.add_argument(
        "--url-file", metavar=_("FILE"), help=_("a file with the address, which may hold the password then")
    )
    lms.add_argument("--dry-run", action="store_true", help=_("only say what would come of it"))
    lms.add_argument(
        "--allow-removal",
        action="store_true",
        help=_("also when much of what came from LMS is gone from it"),
    )
    lms.add_argument("--json", action="store_true", help=_("the report for programs"))
    lms.set_defaults(run=_late("tui.cli.import_", "run_lms"))


def _mail(commands: Any) -> None:
    mail = commands.add_parser("mail", help=_("deliver mail, and see what became of it"))
    parts: Any = mail.add_subparsers(metavar=_("WHAT"), required=True, dest="what", parser_class=Parser)
    deliver = parts.add_parser("deliver", help=_("send what is due"))
    deliver.add_argument(
        "--follow", action="store_true", help=_("go on until stopped; waits while another worker runs")
    )
    deliver.set_defaults(run=_late("tui.cli.mail", "deliver"))
    retry = parts.add_parser("retry", help=_("put failed letters back in the queue"))
    retry.add_argument("ids", nargs="*", type=int, metavar=_("NUMBER"), help=_("these letters only"))
    retry.set_defaults(run=_late("tui.cli.mail", "retry"))
    listed = parts.add_parser("list", help=_("the latest letters"))
    listed.add_argument("--state", choices=("queued", "held", "sending", "sent", "failed", "cancelled"))
    listed.add_argument("--limit", type=int, default=50, metavar=_("NUMBER"), help=_("how many at most (50)"))
    listed.add_argument("--json", action="store_true", help=_("the list for programs"))
    listed.set_defaults(run=_late("tui.cli.mail", "show"))


def _making(commands: Any) -> None:
    help_text = _("make the desk and its administrator, without a terminal")
    init = commands.add_parser("init", help=help_text, description=help_text)
    init.add_argument("--admin-email", required=True, metavar=_("ADDRESS"), help=_("the administrator's address"))
    init.add_argument("--login", metavar=_("LOGIN"), help=_("their login; else the address"))
    init.add_argument("--name", metavar=_("NAME"), help=_("their first and last name"))
    init.add_argument("--language", choices=("pl", "en"), help=_("their language; else the desk's"))
    init.add_argument(
        "--code-file",
        metavar=_("FILE"),
        help=_("holds the one-time code to set; else OKIENKO_INIT_CODE does, or one is made and printed"),
    )
    init.set_defaults(run=_late("tui.cli.init", "run"))

    help_text = _("bring the desk's tables up to date with this program")
    upgrade = commands.add_parser("upgrade", help=help_text, description=help_text)
    upgrade.add_argument(
        "--take-key",
        action="store_true",
        help=_("also with another key, where the desk's own is lost for good: what that one sealed stays shut"),
    )
    upgrade.set_defaults(run=_late("tui.cli.upgrade", "run"))


def _operating(commands: Any) -> None:
    help_text = _("make the desk reachable over SSH and in browsers, until told to end")
    serve = commands.add_parser("serve", help=help_text, description=help_text)
    serve.add_argument("--cold", action="store_true", help=_("ready sooner, and slower for everybody who comes"))
    serve.set_defaults(run=_late("tui.cli.serve", "run"))
    ssh = commands.add_parser("ssh", help=_("your own sshd as a door of the desk"))
    doors: Any = ssh.add_subparsers(metavar=_("WHAT"), required=True, dest="what", parser_class=Parser)
    for name, about in (
        ("setup", _("write what it needs, and try whether anything else comes through")),
        ("check", _("try it again")),
    ):
        part = doors.add_parser(name, help=about)
        part.add_argument("folder", metavar=_("FOLDER"), help=_("where only root can write, such as /opt/okienko/ssh"))
        part.add_argument("--user", default="desk", metavar=_("NAME"), help=_("the unix account (desk)"))
        part.add_argument("--listen", default="0.0.0.0:22", metavar=_("PLACE"), help=_("address and port"))
        part.set_defaults(run=_late("tui.cli.ssh", name))
    check = commands.add_parser("check", help=_("look at everything and say what to do"))
    check.add_argument("--json", action="store_true", help=_("the findings for programs"))
    check.set_defaults(run=_late("tui.cli.check", "run"))
    jobs = commands.add_parser("jobs", help=_("what the desk does by itself: reminders, what runs out"))
    parts: Any = jobs.add_subparsers(metavar=_("WHAT"), required=True, dest="what", parser_class=Parser)
    run = parts.add_parser("run", help=_("do what is due"))
    run.add_argument("--follow", action="store_true", help=_("go on until stopped; waits while another one runs"))
    run.add_argument("--json", action="store_true", help=_("the figures for programs"))
    run.set_defaults(run=_late("tui.cli.jobs", "run"))
    config = commands.add_parser("config", help=_("the settings in force"))
    config_parts: Any = config.add_subparsers(metavar=_("WHAT"), required=True, dest="what", parser_class=Parser)
    config_parts.add_parser("show", help=_("each setting and where it comes from; secrets hidden")).set_defaults(
        run=_late("tui.cli.config", "show")
    )
    journal = commands.add_parser("journal", help=_("the record of who did what"))
    verified: Any = journal.add_subparsers(metavar=_("WHAT"), required=True, dest="what", parser_class=Parser)
    looked_through = verified.add_parser("verify", help=_("find an entry that was changed or removed"))
    looked_through.add_argument("--anchor", metavar=_("LINE"), help=_("a line of “journal anchor”, kept elsewhere"))
    looked_through.set_defaults(run=_late("tui.cli.journal", "verify"))
    verified.add_parser("anchor", help=_("print a line to keep elsewhere, for verify")).set_defaults(
        run=_late("tui.cli.journal", "anchor")
    )
