"""What a session of a server can ask of the door that its reader came by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Side(Protocol):
    """What is no drawing goes this way; :class:`tui.serve.side.SideChannel` is the real one."""

    takes_files: bool
    """Whether a file can be handed to whoever sits there: a browser keeps one, a terminal can't."""

    def say(self, **message: Any) -> bool:
        """Say something to the door; False when it is gone."""

    def send_file(self, name: str, kind: str, content: bytes) -> bool:
        """Hand over a file for the reader to keep. ``kind`` is its media type. False when it can't be."""

    def listen(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Have ``listener`` called with whatever the door says."""
