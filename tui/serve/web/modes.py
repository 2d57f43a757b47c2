"""What a program has set in its terminal, so that another terminal can take over in its middle."""

from __future__ import annotations

import re

MOST = 64
_SET = re.compile(rb"\x1b\[\?([0-9;]{1,64})([hl])")
_UNFINISHED = re.compile(rb"\x1b(?:\[(?:\?[0-9;]{0,64})?)?\Z")
_PASSING = frozenset({b"2026"})
"""Not set for long: that a frame is being drawn."""


class Modes:
    """Every mode that was set or reset (``ESC[?…h``), in the order in which it first was."""

    def __init__(self) -> None:
        self._modes: dict[bytes, bytes] = {}
        self._rest = b""

    def note(self, data: bytes) -> None:
        """The program has said ``data``; a sequence may end in the next."""
        data = self._rest + data
        for match in _SET.finditer(data):
            for name in match[1].split(b";"):
                if name not in _PASSING and (name in self._modes or len(self._modes) < MOST):
                    self._modes[name] = match[2]
        unfinished = _UNFINISHED.search(data)
        self._rest = unfinished[0] if unfinished else b""

    def restored(self) -> bytes:
        """What brings a new terminal into the same modes."""
        return b"".join(b"\x1b[?%s%s" % mode for mode in self._modes.items())
