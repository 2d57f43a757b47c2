"""Words to search by, the same for SQLite's FTS5 and PostgreSQL's ``simple`` configuration.

Neither engine knows Polish: FTS5 never folds ł and PostgreSQL has no Polish configuration. So what is indexed is a
text of our own, words folded and stemmed both ways - ``stem(fold(w))`` and ``fold(stem(w))`` - beside the word as it
is. That finds 82 % of inflected forms (75 % typed without accents) where folding alone finds 2 % (docs/facts.md,
*Search*). Things written with separators (``AB-12/3``, ``00:1b:21``, ``jan@example.com``) are also indexed joined from
each of their parts on, so they are found typed with, without, or with other separators, and from the middle.

The tokens hold letters and digits only, so a query built of them cannot carry any syntax of either engine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from core.i18n.sanitize import clean, fold, one_kind

LONGEST_WORD = 64
MOST_PARTS = 12
MOST_TERMS = 12
LONGEST_QUERY = 400
SHORTEST_PREFIX = 2
"""One letter as a prefix would read a large part of the index."""

_WORD = re.compile(r"[^\W_]+(?:[-.:/@_+\\][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to find: any of ``alternatives`` as a whole word, or one that begins with ``prefix`` if that is set."""

    alternatives: tuple[str, ...]
    prefix: str = ""


def words(text: str) -> list[str]:
    """Every token ``text`` is found by, in its order; a word said twice is there twice."""
    return [token for match in _WORD.finditer(_prepared(text)) for token in _tokens(match[0])]


def index_text(text: str) -> str:
    """What goes into the index column: :func:`words` with spaces between (about 1.6 times the length)."""
    return " ".join(words(text))


def query_terms(typed: str) -> list[Term]:
    """What ``typed`` asks for; all terms must be found. Empty when there is no letter or digit in it.

    The last word counts as unfinished unless a space follows, a word before ``*`` always, and so does anything with
    separators.
    """
    text = _prepared(typed[:LONGEST_QUERY], keep_end=True)
    terms = []
    for match in _WORD.finditer(text):
        following = text[match.end() : match.end() + 1]
        term = _term(match[0], unfinished=following in ("", "*"))
        if term and term not in terms:
            terms.append(term)
    return terms[:MOST_TERMS]


def to_fts5(terms: Sequence[Term], column: str = "") -> str:
    """An FTS5 query for ``MATCH``; every token quoted. Empty for no terms, which the caller must not send."""
    query = " AND ".join(f"({_any_fts5(term)})" for term in terms)
    return f"{{{column}}} : ({query})" if column and query else query


def _any_fts5(term: Term) -> str:
    return " OR ".join([f'"{word}"' for word in term.alternatives] + ([f'"{term.prefix}" *'] if term.prefix else []))


def to_tsquery(terms: Sequence[Term]) -> str:
    """The same for ``to_tsquery('simple', …)`` over ``to_tsvector('simple', index_text)``; bind it as a parameter."""
    return " & ".join(f"({_any_tsquery(term)})" for term in terms)


def _any_tsquery(term: Term) -> str:
    return " | ".join([f"'{word}'" for word in term.alternatives] + ([f"'{term.prefix}':*"] if term.prefix else []))


def _prepared(text: str, *, keep_end: bool = False) -> str:
    """Composed, one line, one kind of dash and apostrophe; a trailing space is kept where it says that the last word
    is finished."""
    ended = keep_end and text[-1:].isspace()
    return unicodedata.normalize("NFKC", one_kind(clean(text))) + (" " if ended else "")


def _tokens(text: str) -> Iterator[str]:
    parts = _PART.findall(text)
    for part in parts:
        yield from _forms(part[:LONGEST_WORD])
    if len(parts) > 1:
        yield from _joined(parts)


def _joined(parts: Sequence[str]) -> Iterator[str]:
    """``a-b-c`` is also ``abc`` and ``bc``: with prefixes, any run of parts is found (``c`` is a word already)."""
    for start in range(len(parts) - 1):
        yield from filter(None, [_join(parts[start:])])


def _join(parts: Sequence[str]) -> str:
    return "".join(_plain(part) for part in parts[:MOST_PARTS])[:LONGEST_WORD]


def _term(text: str, *, unfinished: bool) -> Term | None:
    parts = _PART.findall(text)
    if len(parts) > 1:
        joined = _join(parts)
        return Term((joined,), joined) if joined else None
    word = text[:LONGEST_WORD]
    forms = _forms(word)
    prefix = _plain(word) if unfinished else ""
    return Term(forms, prefix if len(prefix) >= SHORTEST_PREFIX else "") if forms else None


@lru_cache(maxsize=20_000)
def _forms(word: str) -> tuple[str, ...]:
    """The word folded, ``stem(fold(w))`` and ``fold(stem(w))``, each once. 20,000 words are kept (about 5 MB)."""
    plain = _plain(word)
    stems = (plain, _plain(_stemmed(plain)), _plain(_stemmed(word.lower())))
    return tuple(dict.fromkeys(stem for stem in stems if stem))


def _stemmed(word: str) -> str:
    if not word.isalpha():
        return word
    with _stemming:
        return str(_stemmer().stemWord(word))


def _plain(word: str) -> str:
    """Folded, and without the letters that FTS5's tokenizer is too old to know: it holds Unicode 6.1, this asks 3.2."""
    folded = fold(word)
    if folded.isascii():
        return "".join(_PART.findall(folded))
    return "".join(sign for sign in folded if unicodedata.ucd_3_2_0.category(sign)[0] in "LN")


_stemming = Lock()
"""Snowball's stemmer keeps the word in itself while it works, and screens search from several threads."""


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    """The Polish stemmer, imported at the first word."""
    import snowballstemmer

    return snowballstemmer.stemmer("polish")
