"""What every command of the command line shares: clean output, settings that explain themselves, an open desk."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from core.errors import DeskError, Say, say
from core.text import visible
from core.words import N_, _

if TYPE_CHECKING:
    from core.desk import Desk
    from core.settings import Settings


def tell(text: str, stream: TextIO | None = None) -> None:
    """Print ``text``, each line without anything a terminal would obey."""
    out = stream or sys.stdout
    encoding = out.encoding or "utf-8"
    for line in text.split("\n"):
        out.write(visible(line).encode(encoding, "replace").decode(encoding) + "\n")
    out.flush()


def complain(text: str) -> None:
    """The same, where errors go."""
    tell(text, sys.stderr)


def tell_json(thing: Any) -> None:
    """For programs; whatever isn't ASCII is escaped, so there is nothing to clean."""
    sys.stdout.write(json.dumps(thing, indent=2, default=str) + "\n")
    sys.stdout.flush()


def load_settings() -> Settings:
    """The settings in force; a :class:`DeskError` names what is wrong, never a value."""
    from tui import cli_settings

    return cli_settings.load()


def is_there(settings: Settings) -> bool:
    """Whether the settings name a desk that was made already. Looking makes none."""
    if settings.database_url is None:
        return settings.database_file.exists()
    from core import database, upgrade

    store = database.connect(settings)
    try:
        with store.reading() as connection:
            return upgrade.version(connection) is not None
    finally:
        store.close()


def need_desk(settings: Settings) -> None:
    """A mistyped folder must not become a second desk: only opening Okienko and importing make one."""
    if settings.database_url is None and not is_there(settings):
        raise DeskError(no_desk(settings))


def no_desk(settings: Settings) -> Say:
    """What is said instead of making one."""
    if settings.database_url is not None:
        return say(N_("There is no desk yet in the database that OKIENKO_DATABASE_URL names. “okienko” makes it."))
    return say(
        N_("There is no desk in {folder} yet. “okienko” makes it; or is OKIENKO_DATA_DIR mistyped?"),
        folder=str(settings.data_dir),
    )


@contextmanager
def open_desk(*, make: bool = False, trial: bool = False) -> Iterator[Desk]:
    """The desk of this machine, for the operator at its command line; with ``make`` a new one, which is said. A
    ``trial`` where there is none is held against an empty one that goes again."""
    settings = load_settings()
    if trial and settings.database_url is None and not is_there(settings):
        with tempfile.TemporaryDirectory() as folder:
            # Its key goes as well, also where another place than the desk's folder was named for it.
            security = settings.security.model_copy(update={"key_file": None})
            empty = settings.model_copy(update={"data_dir": Path(folder), "security": security})
            yield from _opened(empty, make=True, said=False)
    else:
        yield from _opened(settings, make=make, said=True)


def _opened(settings: Settings, *, make: bool, said: bool) -> Iterator[Desk]:
    from sqlalchemy.exc import SQLAlchemyError

    from core.desk import Desk

    try:
        new = not is_there(settings)
        if new and not make:
            raise DeskError(no_desk(settings))
        desk = Desk.open(settings)
    except SQLAlchemyError as error:
        kind = type(error).__name__
        raise DeskError(
            N_("The desk's database can't be opened ({kind}). “okienko check” says more."), kind=kind
        ) from error
    if new and said:
        complain(_("A new desk was made in {folder}.").format(folder=settings.data_dir))
    try:
        yield desk.as_system()
    finally:
        desk.close()
