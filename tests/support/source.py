"""The code as tests read it: each file once a process, and all who read it in one process (their group ``source``)."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def parsed(file: Path) -> ast.Module:
    """Don't change it: it is everybody's."""
    return ast.parse(file.read_text(encoding="utf-8"))
