"""How a test says what is wrong: all of it, a sentence a line, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def no_problem(problems: Iterable[str]) -> None:
    """Fail with these sentences, if there are any. An ``assert`` would shorten them."""
    sentences = list(problems)
    if sentences:
        pytest.fail("\n".join(sentences), pytrace=False)
