"""What the database itself keeps up: list indexes, counts, the search index, and that the journal is only added to.

Written once for both databases and used by migration 0001. Frozen with it: a later change of these is a new
migration with its own statements.
"""

_OWNERS = (
    ("'desk'", "0", None),
    ("'assignee'", "{row}.assignee_id", "{row}.assignee_id IS NOT NULL"),
    ("'company'", "{row}.company_id", "{row}.company_id IS NOT NULL"),
    ("'requester'", "{row}.requester_id", "{row}.company_id IS NULL"),
)


Owners = tuple[tuple[str, str, str | None], ...]
"""Whose tickets are counted: the kind, which row of it, and when that is one."""


def add(row: str, owners: Owners = _OWNERS) -> str:
    """One more ticket for every owner of ``row``."""
    return "\n".join(
        f"INSERT INTO tally (owner_kind, owner_id, status, tickets) SELECT {kind}, {owner.format(row=row)}, {row}.status, 1 "
        f"WHERE {(when or 'true').format(row=row)} "
        "ON CONFLICT (owner_kind, owner_id, status) DO UPDATE SET tickets = tally.tickets + 1;"
        for kind, owner, when in owners
    )


def take(row: str, owners: Owners = _OWNERS) -> str:
    """One fewer."""
    return "\n".join(
        f"UPDATE tally SET tickets = tickets - 1 WHERE owner_kind = {kind} AND owner_id = {owner.format(row=row)} "
        f"AND status = {row}.status AND {(when or 'true').format(row=row)};"
        for kind, owner, when in owners
    )


COUNTED = "status, assignee_id, company_id, requester_id"
_FTS_COLUMNS = "public, staff, scope"


def _fts(row: str, gone: bool) -> str:
    values = ", ".join(f"{row}.{column.strip()}" for column in _FTS_COLUMNS.split(","))
    if gone:
        return (
            f"INSERT INTO ticket_fts (ticket_fts, rowid, {_FTS_COLUMNS}) VALUES ('delete', {row}.ticket_id, {values});"
        )
    return f"INSERT INTO ticket_fts (rowid, {_FTS_COLUMNS}) VALUES ({row}.ticket_id, {values});"


NEWEST = "changed_at DESC, id DESC"
INDEXES = (
    # Alembic can't compare indexes over expressions, so those of the lists stand here; the models name the same.
    f"CREATE INDEX ix_ticket_changed ON ticket ({NEWEST})",
    f"CREATE INDEX ix_ticket_open ON ticket ({NEWEST}) WHERE status < 5",
    f"CREATE INDEX ix_ticket_new ON ticket ({NEWEST}) WHERE status = 1",
    f"CREATE INDEX ix_ticket_done ON ticket ({NEWEST}) WHERE status >= 5",
    f"CREATE INDEX ix_ticket_assignee ON ticket (assignee_id, {NEWEST}) WHERE status < 5",
    f"CREATE INDEX ix_ticket_company ON ticket (company_id, {NEWEST})",
    f"CREATE INDEX ix_ticket_company_open ON ticket (company_id, {NEWEST}) WHERE status < 5",
    f"CREATE INDEX ix_ticket_requester ON ticket (requester_id, {NEWEST})",
)

SQLITE = (
    *INDEXES,
    f"CREATE TRIGGER tally_insert AFTER INSERT ON ticket BEGIN {add('NEW')} END",
    f"CREATE TRIGGER tally_update AFTER UPDATE OF {COUNTED} ON ticket BEGIN {take('OLD')} {add('NEW')} END",
    f"CREATE TRIGGER tally_delete AFTER DELETE ON ticket BEGIN {take('OLD')} END",
    # The text is folded before it gets here, so the tokenizer only splits; prefixes of two and three signs are
    # indexed because somebody who types a word passes through them (34 ms without, 0.09 ms with them).
    f"CREATE VIRTUAL TABLE ticket_fts USING fts5({_FTS_COLUMNS}, content='ticket_words', content_rowid='ticket_id', "
    "tokenize='unicode61 remove_diacritics 0', prefix='2 3')",
    f"CREATE TRIGGER fts_insert AFTER INSERT ON ticket_words BEGIN {_fts('NEW', gone=False)} END",
    f"CREATE TRIGGER fts_update AFTER UPDATE ON ticket_words BEGIN {_fts('OLD', gone=True)} {_fts('NEW', gone=False)} END",
    f"CREATE TRIGGER fts_delete AFTER DELETE ON ticket_words BEGIN {_fts('OLD', gone=True)} END",
    "CREATE TRIGGER journal_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END",
    "CREATE TRIGGER journal_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END",
)

SQLITE_DOWN = (
    "DROP TRIGGER IF EXISTS tally_insert",
    "DROP TRIGGER IF EXISTS tally_update",
    "DROP TRIGGER IF EXISTS tally_delete",
    "DROP TRIGGER IF EXISTS fts_insert",
    "DROP TRIGGER IF EXISTS fts_update",
    "DROP TRIGGER IF EXISTS fts_delete",
    "DROP TRIGGER IF EXISTS journal_update",
    "DROP TRIGGER IF EXISTS journal_delete",
    "DROP TABLE IF EXISTS ticket_fts",
)

POSTGRESQL = (
    *INDEXES,
    f"""CREATE FUNCTION okienko_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN {take("OLD")} END IF;
  IF TG_OP <> 'DELETE' THEN {add("NEW")} END IF;
  RETURN NULL;
END $$""",
    "CREATE TRIGGER tally_insert AFTER INSERT OR DELETE ON ticket FOR EACH ROW EXECUTE FUNCTION okienko_tally()",
    f"CREATE TRIGGER tally_update AFTER UPDATE OF {COUNTED} ON ticket FOR EACH ROW EXECUTE FUNCTION okienko_tally()",
    "CREATE INDEX ix_ticket_words_public ON ticket_words USING gin (to_tsvector('simple', public || ' ' || scope))",
    "CREATE INDEX ix_ticket_words_staff ON ticket_words "
    "USING gin (to_tsvector('simple', public || ' ' || staff || ' ' || scope))",
    """CREATE FUNCTION okienko_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the journal is only added to'; END $$""",
    "CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
    "FOR EACH STATEMENT EXECUTE FUNCTION okienko_append_only()",
)

POSTGRESQL_DOWN = (
    "DROP TRIGGER IF EXISTS tally_insert ON ticket",
    "DROP TRIGGER IF EXISTS tally_update ON ticket",
    "DROP TRIGGER IF EXISTS journal_append_only ON journal",
    "DROP FUNCTION IF EXISTS okienko_tally()",
    "DROP FUNCTION IF EXISTS okienko_append_only()",
    "DROP INDEX IF EXISTS ix_ticket_words_public",
    "DROP INDEX IF EXISTS ix_ticket_words_staff",
)
