"""One line of what ``okienko check`` has to say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is in order, what was found, and what to do. A warning is in order
    as far as the desk goes, and yet may not be what its operator wants. The names are those of ``check --json``."""

    name: str
    ok: bool
    found: str
    do: str = ""
    warning: bool = False
