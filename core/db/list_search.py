"""How a list is searched: every word that was typed stands in one of its columns, in any order."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.i18n.sanitize import fold, identity

MOST_WORDS = 20
"""Of what was typed or pasted: each is a condition, and a database takes only so many."""


def each_word(typed: str, *columns: Any, keys: tuple[Any, ...] = ()) -> sa.ColumnElement[bool]:
    """A condition on columns of folded text: ``Kowalski Jan`` finds *Jan Kowalski*, and a word of the address beside
    one of the name finds them too. Signs that mean something to LIKE are taken as they stand. ``keys`` are columns that
    keep every accent and dash (:func:`core.i18n.sanitize.identity`): there a word counts as it was typed, too."""
    words = fold(typed).split()[:MOST_WORDS]
    exact = identity(typed).split()[:MOST_WORDS]
    pairs = list(zip(words, exact if len(exact) == len(words) else words, strict=True))
    return sa.and_(sa.true(), *(sa.or_(*_holding(columns, keys, word, other)) for word, other in pairs))


def _holding(columns: tuple[Any, ...], keys: tuple[Any, ...], word: str, exact: str) -> list[sa.ColumnElement[bool]]:
    return [
        *(column.contains(word, autoescape=True) for column in (*columns, *keys)),
        *(column.contains(exact, autoescape=True) for column in keys if exact != word),
    ]


def key_begins(typed: str, column: Any) -> sa.ColumnElement[bool]:
    """A condition on a column that keeps every accent and dash (:func:`core.i18n.sanitize.identity`): it begins as it
    was typed, or as that is without accents and with the dash of keyboards."""
    beginnings = dict.fromkeys((identity(typed), fold(typed)))
    return sa.or_(*(column.startswith(beginning, autoescape=True) for beginning in beginnings))
