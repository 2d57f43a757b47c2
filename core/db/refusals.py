"""What a database refuses, told as what it is: a server that takes no changes, a right that is missing, a full disk.

Told by the standard's five-letter codes where there are some: a server's own words come in whatever language it was
set up in.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.db.engine import BUSY
from core.errors import DeskError, Say, Unavailable, say
from core.i18n.translation import N_

READ_ONLY = N_(
    "The desk's database takes no changes now: it is read-only (a standby, or closed for writing). Nothing was changed."
)
NO_ANSWER = N_("The desk's database does not answer. Nothing was changed; please try again.")
FULL = N_("The disk is full, so nothing can be saved. Nothing was changed.")
NOT_ALLOWED = N_(
    "The database does not allow that to the desk's own role. Nothing was changed; “okienko check” says which right is "
    "missing."
)
NO_SUCH_SIGN = N_(
    "The database keeps text in an encoding that has no place for one of these signs. Nothing was changed; "
    "“okienko check” says more."
)
DAMAGED = N_("The database file is damaged. Stop Okienko and restore your last copy.")

_BY_CODE = (
    ("25006", READ_ONLY),
    ("42501", NOT_ALLOWED),
    ("3F000", NOT_ALLOWED),
    ("53100", FULL),
    ("55P03", BUSY),
    ("57014", BUSY),
    ("22P05", NO_SUCH_SIGN),
    ("22021", NO_SUCH_SIGN),
    ("08", NO_ANSWER),
    ("53", NO_ANSWER),
    ("57", NO_ANSWER),
    ("58", NO_ANSWER),
)
"""The beginning of a code (SQLSTATE) and what it means; the first that fits counts."""
_LASTING = (NOT_ALLOWED, NO_SUCH_SIGN, DAMAGED)
"""What trying again does not help with."""


def explain(error: sa.exc.DBAPIError) -> DeskError | None:
    """What to say of ``error``; None when it is no refusal of the database's but a mistake of ours."""
    what = _by_code(error) or _by_kind(error)
    if what is None:
        return None
    return DeskError(what) if what.msgid in _LASTING else Unavailable(what)


def _by_code(error: sa.exc.DBAPIError) -> Say | None:
    code = getattr(error.orig, "sqlstate", None) or ""
    return next((say(msgid) for start, msgid in _BY_CODE if code.startswith(start)), None)


def _by_kind(error: sa.exc.DBAPIError) -> Say | None:
    """SQLite has no codes that reach here, and a server that was not reached has given none."""
    text = str(error.orig)
    if "malformed" in text or "not a database" in text:
        return say(DAMAGED)
    if not isinstance(error, sa.exc.OperationalError):
        return None
    if "readonly" in text:
        return say(READ_ONLY)
    if "full" in text or "No space" in text:
        return say(FULL)
    return say(NO_ANSWER)
