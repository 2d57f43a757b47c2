"""One line of the server's log: ``logfmt`` on standard error, ids and addresses and never what people typed."""

from __future__ import annotations

import asyncio
import re
import sys

_PLAIN = re.compile(r"[A-Za-z0-9_.:/+\-\[\]%@]+")


def log(event: str, **fields: object) -> None:
    """Write ``event`` with what is known of it; what is None or empty is left out."""
    parts = [event, *(f"{name}={_quoted(value)}" for name, value in fields.items() if value not in (None, ""))]
    try:
        sys.stderr.write(" ".join(parts) + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):  # whoever read it is gone; that must end nobody's session
        return


def _quoted(value: object) -> str:
    text = str(value)
    if _PLAIN.fullmatch(text):
        return text
    cleaned = "".join(sign if sign.isprintable() else "?" for sign in text)
    return '"' + cleaned.replace("\\", "\\\\").replace('"', '\\"') + '"'


def note_failure(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """What an event loop tells of a task that failed. Its own way would print the failure with its values."""
    error = context.get("exception")
    if not isinstance(error, ConnectionError | TimeoutError):
        log("failed", what=type(error).__name__ if error else "unknown")
