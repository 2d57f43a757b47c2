"""A ticket may be an order of a service: the check of its kind is made anew, with what hangs on the table.

Used by migration 0003, and frozen with it. SQLite can't change a check in place, so the table is copied, which loses its
triggers, and indexes over expressions with it.
"""

from core.migrations.standing_orders import COUNTED, INDEXES
from core.migrations.team_orders import _INDEXES as TEAM_INDEXES
from core.migrations.team_orders import _OWNERS as OWNERS
from core.migrations.team_orders import _sqlite_triggers

_LISTS = ("changed", "open", "new", "done", "assignee", "company", "company_open", "requester")
_TEAMS = ("team", "team_open", "team_new", "grant")
_OF_0001 = tuple(
    statement
    for statement in INDEXES
    if any(
        f" ix_ticket_{name} " in statement for name in ("changed", "assignee", "company", "company_open", "requester")
    )
)

BEFORE = (
    *(f"DROP TRIGGER {name}" for name in ("tally_insert", "tally_update", "tally_delete")),
    *(f"DROP INDEX ix_ticket_{name}" for name in (*_LISTS, *_TEAMS)),
)
AFTER = (*_OF_0001, *TEAM_INDEXES, *_sqlite_triggers(OWNERS, f"{COUNTED}, team_id"))
