"""How a list is searched: every word that was typed stands in one of its columns, in any order."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.text import fold

MOST_WORDS = 20
"""Of what was typed or pasted: each is a condition, and a database takes only so many."""


def each_word(typed: str, *columns: Any) -> sa.ColumnElement[bool]:
    """A condition on columns of folded text: ``Kowalski Jan`` finds *Jan Kowalski*, and a word of the address beside
    one of the name finds them too. Signs that mean something to LIKE are taken as they stand."""
    words = fold(typed).split()[:MOST_WORDS]
    return sa.and_(
        sa.true(), *(sa.or_(*(column.contains(word, autoescape=True) for column in columns)) for word in words)
    )
