"""Every kind of CSV file that the desk takes in: one row each, from which come the command ``okienko import``, the
files of a scenario, and the tests.

A new kind is a module beside this one, a row here, and a row in the operators' documentation. What brings a kind in is
imported when it is used, so that the command line starts without a database library.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.i18n.translation import N_

if TYPE_CHECKING:
    from core.imports.csv.report import Report
    from core.imports.csv.source import Source


@dataclass(frozen=True, slots=True)
class ImportOption:
    """Something a kind must be told besides its file: an argument of its use case, and ``--name`` on the command line.
    Both texts are msgids."""

    name: str
    metavar: str
    title: str


@dataclass(frozen=True, slots=True)
class ImportKind:
    """One kind of file.

    ``path`` is ``module:function`` of the use case, ``title`` the msgid that the command line says of it. What the kind
    is made of stands in the module as ``KIND``.
    """

    name: str
    path: str
    title: str
    options: tuple[ImportOption, ...] = ()

    def use_case(self) -> Callable[..., Report]:
        """Import what brings in a file of this kind.

        It is for :meth:`core.service.desk.Desk.do` and takes what :meth:`open` gives, ``dry_run``, ``progress``,
        ``notice``, and :attr:`options` by name.
        """
        module, _colon, function = self.path.partition(":")
        use_case: Callable[..., Report] = getattr(import_module(module), function)
        return use_case

    def open(self, file: Path) -> Source:
        """What the use case takes of the file at this path. Raises DeskError for one that can't be read."""
        from core.imports.csv.source import Source  # deferred: start-up, only an import reads files

        return Source(file)

    def arguments(self, parsed: object) -> dict[str, str]:
        """Of an object that has :attr:`options` as attributes, such as parsed arguments: those, by name."""
        return {option.name: getattr(parsed, option.name) for option in self.options}


_ALL = (
    ImportKind(
        "contracts",
        "core.imports.contracts:import_contracts",
        N_("contracts and what they cover, one row an asset"),
    ),
    ImportKind(
        "accounts",
        "core.imports.accounts:import_accounts",
        N_("people from an older system, who then choose a password"),
    ),
    ImportKind(
        "invitations",
        "core.imports.invitations:import_invitations",
        N_("customers whom an installer company invites, one row each"),
        options=(ImportOption("company", N_("ADDRESS"), N_("the company's notification address")),),
    ),
    ImportKind(
        "subscribers",
        "core.imports.subscribers:import_subscribers",
        N_("an internet provider's customers, one row a contract"),
    ),
    ImportKind(
        "lines",
        "core.imports.lines:import_lines",
        N_("their internet lines with addresses, one row each"),
    ),
    ImportKind(
        "invoices",
        "core.imports.invoices:import_invoices",
        N_("their invoices and corrections of them, one row a line"),
    ),
    ImportKind("payments", "core.imports.payments:import_payments", N_("their payments, one row each")),
    ImportKind(
        "usage",
        "core.imports.usage:import_usage",
        N_("what went through the lines, one row a line and a day"),
    ),
)
KINDS: Final = {kind.name: kind for kind in _ALL}
"""By name, in the order in which the files of an internet provider are brought in."""
