"""What ``core.i18n.sanitize`` promises, held against all of Unicode and against random text."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.i18n.sanitize import clean, clean_id, fold, identity, printable, visible

ANY = st.text(st.characters())
CONTROLS = [chr(n) for n in (*range(0x20), *range(0x7F, 0xA0))]
HIDDEN = ["\u202e", "\u2066", "\u200b", "\u200e", "\ufeff", "\u2060", "\u3164", "\U000e0041", "\ud800"]


@pytest.mark.parametrize("bad", [*CONTROLS, *HIDDEN])
def test_nothing_a_terminal_obeys_or_a_reader_cannot_see_is_left(bad: str) -> None:
    text = f"a{bad}b"
    assert visible(text) == "ab"
    for cleaned in (clean(text), clean(text, multiline=True), clean_id(text), fold(text)):
        assert bad == "\n" or bad not in cleaned


@given(ANY)
@example("a\x1b]52;c;QQ==\x07b\r\nc\td\u2028e")
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    for cleaned in (clean, clean_id, fold, identity, printable, visible, lambda t: clean(t, multiline=True)):
        once = cleaned(text)
        assert cleaned(once) == once


@given(ANY, st.integers(0, 20))
def test_cleaned_text_is_short_trimmed_composed_and_visible(text: str, limit: int) -> None:
    for cleaned in (clean(text, limit=limit), clean(text, multiline=True, limit=limit), clean_id(text, limit=limit)):
        assert len(cleaned) <= limit
        assert cleaned == cleaned.strip()
        assert visible(cleaned.replace("\n", "")) == cleaned.replace("\n", "")
        assert unicodedata.is_normalized("NFC", cleaned)
        cleaned.encode()


def test_every_single_character_of_unicode_is_cleaned_for_good() -> None:
    """Of those without a meaning of their own (unassigned, private, ideographs) every eleventh will do."""
    for code in range(sys.maxunicode + 1):
        if code % 11 and unicodedata.category(chr(code)) in ("Cn", "Co", "Lo"):
            continue
        once = clean_id(chr(code))
        assert visible(once) == once == clean_id(once), hex(code)


def test_lines_survive_only_where_they_are_wanted() -> None:
    assert clean(" Pierwszy\r\nDrugi\rTrzeci\tkoniec \n", multiline=True) == "Pierwszy\nDrugi\nTrzeci    koniec"
    assert clean("Subject\r\n\tfolded") == "Subject folded"


def test_letters_typed_in_two_ways_are_one() -> None:
    assert clean("za\u0328b") == "ząb"
    assert clean_id("ＡＤ\u200dＭＩＮ\ufe0f") == "ADMIN"


def test_emoji_stay_whole() -> None:
    assert clean("👩\u200d🔧 jedzie") == "👩\u200d🔧 jedzie"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Łódź", "LODZ"), ("ŻÓŁĆ  gęsi", "zolc gesi"), ("Straße", "STRASSE"), ("Ørsted", "orsted"), ("İzmir", "izmir")],
)
def test_folding_makes_spellings_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("typed", ["O'Brien", "O’Brien", "O‘Brien", "OʼBrien", "O`Brien", "O´Brien", "O′Brien"])
def test_apostrophes_of_any_kind_are_one_for_searching(typed: str) -> None:
    assert fold(typed) == "o'brien"


@pytest.mark.parametrize(
    "typed", ['Sklep "Róża" - Łódź', "Sklep „Róża” – Łódź", "Sklep «Róża» — Łódź", "Sklep “Róża” − Łódź"]
)
def test_quotation_marks_and_dashes_of_any_kind_are_one_for_searching(typed: str) -> None:
    assert fold(typed) == 'sklep "roza" - lodz'


@pytest.mark.parametrize(
    ("one", "other"),
    [("Łoś  S.A.", "łoś s.a."), ("Łos\u0301", "ŁOŚ"), ("ＬＯＳ", "los"), ("Lo\u200ds", "Los"), ("STRASSE", "Straße")],
)
def test_what_is_one_thing_however_it_is_written(one: str, other: str) -> None:
    assert identity(one) == identity(other)


@pytest.mark.parametrize(("one", "other"), [("Łoś", "Los"), ("Żak", "Źak"), ("Muller", "Müller"), ("Orsted", "Ørsted")])
def test_an_accent_makes_another_thing(one: str, other: str) -> None:
    assert identity(one) != identity(other)
    assert fold(one) == fold(other), "and either is found by the other"


def test_a_flood_of_marks_keeps_to_its_cell() -> None:
    flood = "Z" + "\u0335\u0336\u0337\u0338\u0334" * 300 + "algo"
    for kept in (visible(flood), clean(flood)):
        assert len(kept) <= len("Zalgo") + 4
        assert kept.endswith("algo")
    assert visible("ắ̀") == "ắ̀"
