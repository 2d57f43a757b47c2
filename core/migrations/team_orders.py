"""What the database keeps up of tickets since an installer's team may handle them: lists and counts by team.

Used by migration 0002, and frozen with it like :mod:`core.migrations.standing_orders`.
"""

from core.migrations.standing_orders import COUNTED, INDEXES, NEWEST, add, take

_OWNERS = (
    ("'desk'", "0", "{row}.team_id IS NULL"),
    ("'care'", "0", "{row}.team_id IS NOT NULL"),
    ("'team'", "{row}.team_id", "{row}.team_id IS NOT NULL"),
    ("'assignee'", "{row}.assignee_id", "{row}.assignee_id IS NOT NULL"),
    ("'company'", "{row}.company_id", "{row}.company_id IS NOT NULL"),
    ("'requester'", "{row}.requester_id", "{row}.company_id IS NULL"),
)
_COUNTED = f"{COUNTED}, team_id"

_RENEWED = tuple(f"DROP INDEX ix_ticket_{name}" for name in ("open", "new", "done"))
_OURS = ("open", "new", "done", "team", "team_open", "team_new", "grant")
_INDEXES = (
    f"CREATE INDEX ix_ticket_open ON ticket ({NEWEST}) WHERE status < 5 AND team_id IS NULL",
    f"CREATE INDEX ix_ticket_new ON ticket ({NEWEST}) WHERE status = 1 AND team_id IS NULL",
    f"CREATE INDEX ix_ticket_done ON ticket ({NEWEST}) WHERE status >= 5 AND team_id IS NULL",
    f"CREATE INDEX ix_ticket_team ON ticket (team_id, {NEWEST}) WHERE team_id IS NOT NULL",
    f"CREATE INDEX ix_ticket_team_open ON ticket (team_id, {NEWEST}) WHERE status < 5 AND team_id IS NOT NULL",
    f"CREATE INDEX ix_ticket_team_new ON ticket (team_id, {NEWEST}) WHERE status = 1 AND team_id IS NOT NULL",
    "CREATE INDEX ix_ticket_grant ON ticket (grant_id) WHERE status < 5 AND grant_id IS NOT NULL",
)
_NAMES = ("tally_insert", "tally_update", "tally_delete")
_FORGOTTEN = "DELETE FROM tally WHERE owner_kind IN ('care', 'team')"
_BACK = (
    "INSERT INTO tally (owner_kind, owner_id, status, tickets) "
    "SELECT 'desk', 0, status, tickets FROM tally WHERE owner_kind = 'care' AND tickets > 0 "
    "ON CONFLICT (owner_kind, owner_id, status) DO UPDATE SET tickets = tally.tickets + excluded.tickets"
)
"""Without teams every ticket is the desk's again."""


def _sqlite_triggers(owners: tuple[tuple[str, str, str | None], ...], counted: str) -> tuple[str, ...]:
    return (
        f"CREATE TRIGGER tally_insert AFTER INSERT ON ticket BEGIN {add('NEW', owners)} END",
        f"CREATE TRIGGER tally_update AFTER UPDATE OF {counted} ON ticket "
        f"BEGIN {take('OLD', owners)} {add('NEW', owners)} END",
        f"CREATE TRIGGER tally_delete AFTER DELETE ON ticket BEGIN {take('OLD', owners)} END",
    )


def _postgresql_function(owners: tuple[tuple[str, str, str | None], ...]) -> str:
    return f"""CREATE OR REPLACE FUNCTION okienko_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN {take("OLD", owners)} END IF;
  IF TG_OP <> 'DELETE' THEN {add("NEW", owners)} END IF;
  RETURN NULL;
END $$"""


def _postgresql_update(counted: str) -> tuple[str, ...]:
    return (
        "DROP TRIGGER IF EXISTS tally_update ON ticket",
        f"CREATE TRIGGER tally_update AFTER UPDATE OF {counted} ON ticket "
        "FOR EACH ROW EXECUTE FUNCTION okienko_tally()",
    )


_BEFORE: tuple[tuple[str, str, str | None], ...] = (
    ("'desk'", "0", None),
    *(owner for owner in _OWNERS if owner[0] in ("'assignee'", "'company'", "'requester'")),
)
_FIRST_INDEXES = tuple(
    statement for statement in INDEXES if any(f" ix_ticket_{name} " in statement for name in ("open", "new", "done"))
)
_DROP_OURS = tuple(f"DROP INDEX ix_ticket_{name}" for name in _OURS)

SQLITE = (
    *_RENEWED,
    *_INDEXES,
    *(f"DROP TRIGGER {name}" for name in _NAMES),
    *_sqlite_triggers(_OWNERS, _COUNTED),
)
SQLITE_DOWN = (
    *(f"DROP TRIGGER {name}" for name in _NAMES),
    *(f"DROP INDEX ix_ticket_{n}" for n in ("changed", "assignee", "company", "company_open", "requester", *_OURS)),
)
SQLITE_AGAIN = (_BACK, _FORGOTTEN, *INDEXES, *_sqlite_triggers(_BEFORE, COUNTED))
"""After the table was copied without its teams, which loses its triggers."""

POSTGRESQL = (*_RENEWED, *_INDEXES, _postgresql_function(_OWNERS), *_postgresql_update(_COUNTED))
POSTGRESQL_DOWN = ("DROP TRIGGER IF EXISTS tally_update ON ticket", *_DROP_OURS)
POSTGRESQL_AGAIN = (_BACK, _FORGOTTEN, *_FIRST_INDEXES, _postgresql_function(_BEFORE), *_postgresql_update(COUNTED))
