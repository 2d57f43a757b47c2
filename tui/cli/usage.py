"""What argparse says, in the reader's language: its help, and what is wrong with how a command was called."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any, NoReturn

from core.i18n.sanitize import visible
from core.i18n.translation import N_, _

WRONG_USAGE = 2

_SLIPS = (
    (
        r"(?:argument .+?: )?invalid choice: (?P<value>.+?) \(choose from (?P<known>.+)\)",
        N_("{value} is not known here. Choose one of: {known}."),
    ),
    (r"the following arguments are required: (?P<names>.+)", N_("Something is missing: {names}.")),
    (r"unrecognized arguments: (?P<names>.+)", N_("Nothing here takes this: {names}.")),
    (r"argument (?P<name>.+?): expected (?:one|at least one) argument", N_("{name} wants a value after it.")),
    (
        r"argument (?P<name>.+?): invalid int value: (?P<value>.+)",
        N_("{name} is a whole number, which {value} is not."),
    ),
    (r"argument (?P<name>.+?): ignored explicit argument (?P<value>.+)", N_("{name} takes no value ({value}).")),
)
"""Sentences of argparse (3.11 to 3.14), which knows no other way to be told apart, and ours."""


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, _("usage: ") if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """Speaks the reader's language where argparse would speak its own."""

    def __init__(self, **more: Any) -> None:
        super().__init__(add_help=False, formatter_class=_Help, allow_abbrev=False, **more)
        self._positionals.title, self._optionals.title = _("what to do"), _("options")
        self.add_argument("--help", "-h", action="help", help=_("show this help"))

    def error(self, message: str) -> NoReturn:
        """argparse quotes what was typed; it must not reach the terminal as it is."""
        self.print_usage(sys.stderr)
        self.exit(WRONG_USAGE, f"{self.prog}: {visible(told(message))}\n")


def told(message: str) -> str:
    """argparse's ``message`` as our own sentence; one that is not among ours stays as it is."""
    for pattern, sentence in _SLIPS:
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match:
            return _(sentence).format(**match.groupdict())
    return message
