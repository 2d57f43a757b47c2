"""What every command of the command line shares: clean output, settings that explain themselves, an open desk."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from core.errors import DeskError
from core.text import visible
from core.words import N_

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
    from pydantic import ValidationError

    from core import places
    from core.settings import Settings

    try:
        return Settings.load()
    except ValidationError as error:
        slips = (
            f"{'.'.join(str(part) for part in slip['loc'])}: {slip['msg']}"
            for slip in error.errors(include_url=False, include_input=False)
        )
        raise DeskError(N_("These settings can't be used: {slips}"), slips="; ".join(slips)) from error
    except (OSError, ValueError) as error:
        raise DeskError(
            N_("The settings can't be read ({file}): {reason}"), file=str(places.settings_file()), reason=str(error)
        ) from error


@contextmanager
def open_desk() -> Iterator[Desk]:
    """The desk of this machine, for the operator at its command line."""
    settings = load_settings()
    from sqlalchemy.exc import SQLAlchemyError

    from core.desk import Desk

    try:
        desk = Desk.open(settings)
    except SQLAlchemyError as error:
        kind = type(error).__name__
        raise DeskError(
            N_("The desk's database can't be opened ({kind}). “okienko check” says more."), kind=kind
        ) from error
    try:
        yield desk.as_system()
    finally:
        desk.close()
