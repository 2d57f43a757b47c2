"""``okienko config show``: every setting in force, and where it comes from."""

from __future__ import annotations

import argparse
import os
import tomllib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from core.errors import DeskError
from core.i18n.translation import N_, _
from tui.cli.tools import complain, load_settings, need_desk, tell

if TYPE_CHECKING:
    from pydantic import BaseModel

    from core.service.settings import Settings

ENVIRONMENT, FILE, DEFAULT = N_("environment"), N_("file"), N_("default")
HIDDEN = "••••••••"


def show(_args: argparse.Namespace) -> int:
    """One line a setting: name, value, origin. Secrets are hidden. Where there is no desk they are of, that is
    said as well; it is no failure, since settings are written before a desk is made."""
    from core import paths

    settings = load_settings()
    tell(_("Settings file: {file}").format(file=paths.settings_file()))
    for name, value, origin in in_force(settings):
        tell(f"{name} = {value}  ({_(origin)})")
    for name in settings.unknown_variables():
        complain(_("{name} in the environment is no setting of the desk's.").format(name=name))
    try:
        need_desk(settings)
    except DeskError as error:
        complain(error.text())
    return 0


def in_force(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Every setting: its dotted name, its value as text, its origin."""
    yield from _walk(settings, (), _named(), file_content())


def origin_of(path: tuple[str, ...]) -> str:
    """Where the setting of this name was set, whether or not it can be used."""
    below: Any = file_content()
    for name in path:
        if isinstance(below, list) and name.isdigit():  # [[contact]]: the slip is in one of its tables
            below = below[int(name)] if int(name) < len(below) else None
        else:
            below = below.get(name) if isinstance(below, Mapping) else None
    return _origin(path, _named(), below)


def _named() -> set[str]:
    return {name.upper() for name, value in os.environ.items() if value}


def file_content() -> dict[str, Any]:
    """The settings file as it is written; empty when there is none."""
    from core import paths

    try:
        return tomllib.loads(paths.settings_file().read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}


def _walk(part: BaseModel, path: tuple[str, ...], named: set[str], file: Any) -> Iterator[tuple[str, str, str]]:
    from pydantic import BaseModel

    for name in type(part).model_fields:
        value, here = getattr(part, name), (*path, name)
        below = file.get(name) if isinstance(file, Mapping) else None
        if isinstance(value, BaseModel):
            yield from _walk(value, here, named, below)
        else:
            yield ".".join(here), _shown(value), _origin(here, named, below)


def _shown(value: Any) -> str:
    from pydantic import SecretStr

    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return ", ".join(one.name.en if hasattr(one, "name") else str(one) for one in value)
    return "" if value is None else str(value)


def _origin(path: tuple[str, ...], named: set[str], in_file: Any) -> str:
    """The environment wins over the file; it may name the setting itself or a whole section (as JSON)."""
    for length in range(1, len(path) + 1):
        if f"OKIENKO_{'__'.join(path[:length])}".upper() in named:
            return ENVIRONMENT
    return FILE if in_file is not None else DEFAULT
