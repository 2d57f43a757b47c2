"""Search words, held against a real FTS5 table."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.db import text_search
from core.i18n.sanitize import clean

DOCUMENTS = (
    "Zgłoszenie: zażółć gęślą jaźń",
    "Łódź, ulica Żeromskiego – drukarka nie drukuje",
    "Dwie faktury za książki, brak zgłoszeń",
    "Zgloszenie bez ogonkow, Lodz",
    "Naprawa drukarki, S/N BM40-1234-5678",
    "Zapora 00:1B:21:3C:4D:5E pod adresem 192.0.2.10, pisze jan.nowak@example.com w sprawie 7.2.4",
)


def found(query: str, *documents: str) -> list[int]:
    """Numbers, from 1, of the documents that FTS5 finds."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE t USING fts5(scope, body)")
    rows = [("scope c1", text_search.index_text(document)) for document in documents]
    base.executemany("INSERT INTO t (scope, body) VALUES (?, ?)", rows)
    match = text_search.to_fts5(text_search.query_terms(query), "body")
    if not match:
        return []
    return [number for (number,) in base.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rowid", (match,))]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("zgłoszenie", [1, 3, 4]),
        ("ZGLOSZENIA", [1, 3, 4]),
        ("zgłoszeń", [1, 3, 4]),
        ("drukarkę", [2, 5]),
        ("druk* ", [2, 5]),
        ("druk ", []),
        ("dru", [2, 5]),
        ("lodz", [2, 4]),
        ("faktura", [3]),
        ("fakturą za książkę", [3]),
        ("BM40-1234-5678", [5]),
        ("bm4012345678", [5]),
        ("1234-56", [5]),
        ("12345678", [5]),
        ("00-1b-21-3c-4d-5e", [6]),
        ("001b213c4d5e", [6]),
        ("3c:4d", [6]),
        ("192.0.2.10", [6]),
        ("jan.nowak@example.com", [6]),
        ("example.com", [6]),
        ("nowak", [6]),
        ("7.2.4", [6]),
        ("drukarka faktura", []),
        ("c1", []),
        ("'; drop table t; --", []),
        ('"', []),
        ("*", []),
        ("body : x OR NEAR(", []),
        ("", []),
    ],
)
def test_what_is_found(query: str, expected: list[int]) -> None:
    assert found(query, *DOCUMENTS) == expected


def test_every_token_of_a_query_is_quoted() -> None:
    terms = text_search.query_terms("NEAR a-b wor")
    assert text_search.to_fts5(terms, "body") == '{body} : (("near") AND ("ab" OR "ab" *) AND ("wor" OR "wor" *))'
    assert text_search.to_tsquery(terms) == "('near') & ('ab' | 'ab':*) & ('wor' | 'wor':*)"


def test_a_space_ends_the_last_word() -> None:
    assert text_search.query_terms("dom")[0].prefix == "dom"
    assert text_search.query_terms("dom ")[0].prefix == ""
    assert text_search.query_terms("d")[0].prefix == ""


def test_a_query_has_an_end() -> None:
    assert len(text_search.query_terms(" ".join(f"a{number}" for number in range(1000)))) <= text_search.MOST_TERMS


def test_the_stemmer_waits_for_the_first_word() -> None:
    program = (
        "import sys, core.db.text_search as s; s.index_text('12'); raise SystemExit('snowballstemmer' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_several_threads_stem_as_one_does() -> None:
    forms = [f"{stem}{ending}" for stem in ("drukark", "faktur", "książk") for ending in ("ami", "ach", "om", "i")] * 20
    alone = [text_search.words(form) for form in forms]
    text_search._forms.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(text_search.words, forms)) == alone


TEXT = st.one_of(st.text(max_size=60), st.text(alphabet="aąłŁß½İ9 -.:@_/*\"'", max_size=40))


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_tokens_hold_letters_and_digits_only(text: str) -> None:
    terms = text_search.query_terms(text)
    tokens = [*text_search.words(text), *(word for term in terms for word in (*term.alternatives, term.prefix))]
    assert all(token.isalnum() and len(token) <= 4 * text_search.LONGEST_WORD for token in tokens if token)


@settings(max_examples=150, deadline=None)
@given(TEXT, st.data())
def test_a_document_is_found_by_each_of_its_words_and_their_beginnings(text: str, data: st.DataObject) -> None:
    for word in clean(text).split():
        if not text_search.query_terms(word):
            continue
        assert found(word, text) == [1]
        assert found(word + " ", text) == [1]
    plain = [token for token in text_search.words(text) if len(token) >= text_search.SHORTEST_PREFIX]
    if plain:
        token = data.draw(st.sampled_from(plain))
        length = data.draw(st.integers(text_search.SHORTEST_PREFIX, len(token)))
        assert found(token[:length], text) == [1]


@pytest.mark.parametrize("written", ["AB-12/3", "AB–12/3", "AB—12/3", "AB−12/3", "AB‑12/3"])
@pytest.mark.parametrize("typed", ["AB-12/3", "ab–12", "AB12", "O'Brien", "O’Brien", "OʼBrien"])
def test_dashes_and_apostrophes_of_any_kind_find_each_other(written: str, typed: str) -> None:
    assert found(typed, f"Pani O’Brien pyta o {written}", f"Pani OʼBrien pyta o {written}", "AB 12 3") == [1, 2]
