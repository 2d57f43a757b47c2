"""What is said and written down when something breaks: a number to tell us by, a place, and no values.

Textual's own report shows local variables, so a password, a PESEL and a mail server's address were on a customer's
screen (docs/facts.md, *Textual*). Even the text of an exception may quote what was typed, so only types and places of
the code are kept.
"""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path
from traceback import walk_tb

from core.i18n.translation import _

STATUS = 70
"""EX_SOFTWARE of sysexits.h."""
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_FRAMES = 12


def incident_number() -> str:
    """A number that is easy to read out: six of 30 unmistakable signs (7 * 10^8 of them), as ``K7QF-2M``."""
    signs = "".join(secrets.choice(_ALPHABET) for _sign in range(6))
    return f"{signs[:4]}-{signs[4:]}"


def describe(error: BaseException) -> str:
    """The types of ``error`` and of what caused it, each with the last places it passed; no message, no values."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) < 5:
        frames = list(walk_tb(current.__traceback__))[-_FRAMES:]
        places = [
            f"{'/'.join(Path(frame.f_code.co_filename).parts[-3:])}:{line} {frame.f_code.co_name}"
            for frame, line in reversed(frames)
        ]
        parts.append(" < ".join([type(current).__qualname__, *places]))
        current = current.__cause__ or current.__context__
    return " | caused by ".join(parts)


def write_down(number: str, error: BaseException, log: Path | None) -> bool:
    """One line about ``error`` at the end of ``log`` (made with mode 0600); whether it is there."""
    if log is None:
        return False
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = f"{stamp} incident {number} {describe(error)}\n"
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.write(file, line.encode("utf-8", "replace"))
        finally:
            os.close(file)
    except OSError:
        return False
    return True


def page(number: str, *, written: bool) -> str:
    """What the person reads on the terminal that Okienko just left."""
    lines = [
        _("Okienko had to stop. This is our mistake, not yours."),
        _("What was already saved is safe. You can start Okienko again now."),
        _("If it happens again, tell us this number: {number}").format(number=number),
    ]
    if not written:
        lines.append(_("(The number could not be written to a log, so please say what you were doing.)"))
    return "\n".join(lines)
