"""Names that differ by an accent are two; lists are searched and sorted by columns of their own"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.db import text_search
from core.i18n.collation import sort_key
from core.i18n.sanitize import clean, fold, identity
from core.subscribers.search import words_of

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BATCH = 5_000
COLUMNS: tuple[tuple[str, str, int, tuple[str, ...]], ...] = (
    ("company", "words", 120, ("name",)),
    ("account", "name_words", 160, ("first_name", "last_name")),
    ("account", "email_words", 254, ("email",)),
    ("account", "name_order", 240, ("last_name", "first_name")),
    ("product", "words", 161, ("vendor", "name")),
    ("product", "name_order", 240, ("vendor", "name")),
    ("subscriber", "name_order", 240, ("name",)),
    ("invitation", "email_words", 254, ("email",)),
    ("care_grant", "name_order", 240, ("name",)),
)
"""Each new column and the columns it is made of; ``name_order`` is for sorting, the others for searching."""
FOLDED = (
    ("subscriber", "id", "name", "name_key", 160),
    ("application", "id", "name", "name_key", 160),
    ("invitation", "id", "name", "name_key", 160),
    ("care_grant", "id", "name", "name_key", 160),
    ("care_grant", "id", "address", "address_key", 200),
    ("line", "asset_id", "town", "town_key", 80),
)
"""What is searched by already; apostrophes, quotation marks and dashes are folded there now."""
IDENTITIES: tuple[tuple[str, tuple[tuple[str, str, int], ...], tuple[str, ...], str], ...] = (
    ("company", (("name", "name_key", 120),), ("kind",), "t.kind = 'service' OR"),
    ("product", (("vendor", "vendor_key", 80), ("name", "name_key", 80)), ("category",), ""),
    ("asset", (("identifier", "identifier_key", 64),), (), ""),
    ("application", (("device", "device_key", 64),), ("state",), "t.state <> 'pending' OR"),
)
"""Table, texts with their keys, within what the keys are unique, and where they need not be."""
ORDER = {
    "ix_subscriber_name": ("subscriber", (), ""),
    "ix_care_grant_company": ("care_grant", ("company_id",), "ended_at IS NULL"),
}
DASHES = (
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2796\u2e3a\u2e3b\ufe58\ufe63\uff0d\u02b9\u02bb\u02bc\u02bd\ua78c"
)
"""Signs that split a word before, or were taken for a letter of it, and are a dash or an apostrophe now."""


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, column, limit, _of in COLUMNS:
        collation = ' COLLATE "C"' if column == "name_order" and not sqlite else ""
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR({limit}){collation} DEFAULT '' NOT NULL")
    _fill()
    _index("name_order")
    for table, texts, within, free in IDENTITIES:
        _identify(table, texts, within, free, identity)
    for table, key, text, column, limit in FOLDED:
        _fold(table, key, text, column, limit)
    _found()


def downgrade() -> None:
    """Of companies that an accent tells apart, the one without it has the older key; the others keep theirs."""
    for table, texts, within, free in IDENTITIES:
        _identify(table, texts, within, free, _as_before)
    _index("name_key")
    for table, column, _limit, _of in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def _index(column: str) -> None:
    for name, (table, before, where) in ORDER.items():
        only = sa.text(where) if where else None
        op.drop_index(name, table)
        op.create_index(name, table, [*before, column, "id"], sqlite_where=only, postgresql_where=only)


def _rows(table: str, columns: Sequence[str], key: str = "id", where: str = "") -> Iterator[Sequence[Any]]:
    """All rows, a batch at a time, each with its key first."""
    listed = ", ".join((key, *columns))
    more = f"AND ({where})" if where else ""
    after = sa.text(f"SELECT {listed} FROM {table} WHERE {key} > :last {more} ORDER BY {key} LIMIT {BATCH}")
    last = -1
    while rows := op.get_bind().execute(after, {"last": last}).all():
        yield rows
        last = rows[-1][0]


def _write(table: str, key: str, columns: Sequence[str], values: list[dict[str, Any]]) -> None:
    told = ", ".join(f"{column} = :{column}" for column in columns)
    if values:
        op.get_bind().execute(sa.text(f"UPDATE {table} SET {told} WHERE {key} = :key"), values)


def _fill() -> None:
    for table in dict.fromkeys(table for table, *_rest in COLUMNS):
        made = [(column, limit, of) for where, column, limit, of in COLUMNS if where == table]
        texts = list(dict.fromkeys(text for _column, _limit, of in made for text in of))
        for rows in _rows(table, texts):
            values = []
            for row in rows:
                known = dict(zip(texts, row[1:], strict=True))
                values.append(
                    {
                        "key": row[0],
                        **{
                            column: (sort_key if column == "name_order" else fold)(*(known[text] for text in of))[
                                :limit
                            ]
                            for column, limit, of in made
                        },
                    }
                )
            _write(table, "id", [column for column, _limit, _of in made], values)


def _identify(
    table: str,
    texts: tuple[tuple[str, str, int], ...],
    within: tuple[str, ...],
    free: str,
    made: Callable[[str], str],
) -> None:
    """Keys anew, but where another row has that key already: then it keeps the one it has."""
    keys = [key for _text, key, _limit in texts]
    told = ", ".join(f"{key} = :{key}" for key in keys)
    same = " AND ".join([*(f"o.{key} = :{key}" for key in keys), *(f"o.{one} = t.{one}" for one in within)])
    # One by one: these are the few whose names have letters beyond ASCII.
    change = sa.text(
        f"UPDATE {table} AS t SET {told} WHERE id = :key AND ({free} NOT EXISTS "
        f"(SELECT 1 FROM {table} AS o WHERE o.id <> t.id AND {same}))"
    )
    columns = [*(text for text, _key, _limit in texts), *keys]
    for rows in _rows(table, columns):
        for row in rows:
            known = dict(zip(columns, row[1:], strict=True))
            wanted = {key: made(known[text])[:limit] for text, key, limit in texts}
            if any(known[key] != value for key, value in wanted.items()):
                op.get_bind().execute(change, {"key": row[0], **wanted})


def _fold(table: str, key: str, text: str, column: str, limit: int) -> None:
    for rows in _rows(table, (text, column), key):
        told = [{"key": id_, column: new} for id_, said, old in rows if (new := fold(said)[:limit]) != old]
        _write(table, key, [column], told)


def _found() -> None:
    """The words of subscribers, articles and tickets."""
    facts = ("name", "street", "postcode", "town", "email", "tax_id", "phone")
    for rows in _rows("subscriber", (*facts, "words")):
        told = [
            {"key": row[0], "words": new}
            for row in rows
            if (new := words_of(dict(zip(facts, row[1:-1], strict=True)))) != row[-1]
        ]
        _write("subscriber", "id", ["words"], told)
    for article in (
        op.get_bind().execute(sa.text("SELECT article_id, language, title, body, found_by FROM article_text")).all()
    ):
        new = f" {' '.join([*text_search.words(article.title), *text_search.words(article.body)])} "
        if new != article.found_by:
            op.get_bind().execute(
                sa.text("UPDATE article_text SET found_by = :new WHERE article_id = :id AND language = :language"),
                {"new": new, "id": article.article_id, "language": article.language},
            )
    for rows in _rows("ticket", ("subject",), where=_with_dashes("subject")):
        for id_, subject in rows:
            _add_words(id_, "public", subject)
    for rows in _rows("message", ("ticket_id", "kind", "body"), where=_with_dashes("body")):
        for _id, ticket_id, kind, body in rows:
            _add_words(ticket_id, "staff" if kind == "note" else "public", body)


def _with_dashes(column: str) -> str:
    return " OR ".join(f"{column} LIKE '%{sign}%'" for sign in DASHES)


def _add_words(ticket_id: int, column: str, text: str) -> None:
    bind = op.get_bind()
    said = bind.execute(sa.text(f"SELECT {column} FROM ticket_words WHERE ticket_id = :id"), {"id": ticket_id}).scalar()
    if said is None:
        return
    known = set(said.split())
    new = [word for word in dict.fromkeys(text_search.words(text)) if word not in known]
    if new:
        changed = sa.text(f"UPDATE ticket_words SET {column} = :said WHERE ticket_id = :id")
        bind.execute(changed, {"said": " ".join([said, *new]), "id": ticket_id})


_STROKES = str.maketrans("łŁđĐøØħĦŧŦıƗɨ", "llddoohhttiii")


def _as_before(text: str) -> str:
    """The key of before: without accents."""

    def bare(said: str) -> str:
        spread = unicodedata.normalize("NFKD", said.translate(_STROKES))
        return "".join(sign for sign in spread if not unicodedata.category(sign).startswith("M")).translate(_STROKES)

    return " ".join(bare(bare(bare(clean(text)).casefold()).casefold()).split())
