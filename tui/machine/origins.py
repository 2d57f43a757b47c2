"""Where each setting comes from: the environment, the settings file, or nowhere."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from typing import Any

from core import paths
from core.i18n.translation import N_

ENVIRONMENT, FILE, DEFAULT = N_("environment"), N_("file"), N_("default")


def origin_of(path: tuple[str, ...]) -> str:
    """Where the setting of this name was set, whether or not it can be used."""
    below: Any = file_content()
    for name in path:
        if isinstance(below, list) and name.isdigit():  # [[contact]]: the slip is in one of its tables
            below = below[int(name)] if int(name) < len(below) else None
        else:
            below = below.get(name) if isinstance(below, Mapping) else None
    return origin(path, named(), below)


def named() -> set[str]:
    return {name.upper() for name, value in os.environ.items() if value}


def file_content() -> dict[str, Any]:
    """The settings file as it is written; empty when there is none."""
    try:
        return tomllib.loads(paths.settings_file().read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}


def origin(path: tuple[str, ...], named: set[str], in_file: Any) -> str:
    """The environment wins over the file; it may name the setting itself or a whole section (as JSON)."""
    for length in range(1, len(path) + 1):
        if f"OKIENKO_{'__'.join(path[:length])}".upper() in named:
            return ENVIRONMENT
    return FILE if in_file is not None else DEFAULT
