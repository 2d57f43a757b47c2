"""Where the files that ship are: ``data/`` of a checkout, ``core/_data`` of an installed wheel, by one function."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def root() -> Path:
    """The folder that holds products/, mail/, locale/ and the rest."""
    installed = Path(__file__).parent / "_data"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "data"


def folder(name: str) -> Path:
    """One folder below :func:`root`, such as ``products``."""
    return root() / name
