"""How often a test repeats what differs only in chance: fewer by default, all with ``--full``."""

from __future__ import annotations

from hypothesis import settings

_full = False


def play_all(full: bool) -> None:
    """Said once, before the tests are read. Tests that name their own number of examples keep it."""
    global _full
    _full = full
    settings.register_profile("few", max_examples=30)
    settings.load_profile("default" if full else "few")


def times(usual: int, full: int) -> int:
    return full if _full else usual
