"""How often a test repeats what differs only in chance: fewer by default, all with ``--full``."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

_full = False


def play_all(full: bool) -> None:
    """Said once, before the tests are read. Tests that name their own number of examples keep it."""
    global _full
    _full = full
    # How long an example takes is the machine's business: on a busy one it says nothing about the code.
    patient = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("few", max_examples=30, **patient)
    settings.register_profile("many", **patient)
    settings.load_profile("many" if full else "few")


def times(usual: int, full: int) -> int:
    return full if _full else usual
