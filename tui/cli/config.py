"""``okienko config show``: every setting in force, and where it comes from."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from core.errors import DeskError
from core.i18n.translation import _
from tui.machine import origins
from tui.machine.desk import load_settings, need_desk
from tui.machine.terminal import complain, tell

if TYPE_CHECKING:
    from pydantic import BaseModel

    from core.service.settings import Settings

HIDDEN = "••••••••"


def show(_args: argparse.Namespace) -> int:
    """One line a setting: name, value, origin. Secrets are hidden. Where there is no desk they are of, that is
    said as well; it is no failure, since settings are written before a desk is made."""
    from core import paths  # deferred: start-up, a command loads what it runs

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
    yield from _walk(settings, (), origins.named(), origins.file_content())


def _walk(part: BaseModel, path: tuple[str, ...], named: set[str], file: Any) -> Iterator[tuple[str, str, str]]:
    from pydantic import BaseModel

    for name in type(part).model_fields:
        value, here = getattr(part, name), (*path, name)
        below = file.get(name) if isinstance(file, Mapping) else None
        if isinstance(value, BaseModel):
            yield from _walk(value, here, named, below)
        else:
            yield ".".join(here), _shown(value), origins.origin(here, named, below)


def _shown(value: Any) -> str:
    from pydantic import SecretStr

    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return ", ".join(each.name.en if hasattr(each, "name") else str(each) for each in value)
    return "" if value is None else str(value)
