"""What this process keeps from others on the machine: its memory holds the desk's key and whatever people type."""

from __future__ import annotations

import contextlib
import resource
import sys

_PR_SET_DUMPABLE = 4
"""``linux/prctl.h``."""


def keep_memory_private() -> None:
    """Leave no memory on the disk when this process breaks, and let no other process of this user read it.

    Where the system knows no such thing, or refuses, the process goes on without.
    """
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # deferred: 2 ms that only this needs

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
