"""What people type in messages is shown as they typed it, but for what they mean to be bold, a list or code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.markdown_lite import markdown_lines


def shown(text: str) -> str:
    return "\n".join(line.plain for line in markdown_lines(text, 120))


@pytest.mark.parametrize(
    "text",
    [
        "Proszę wybrać *101*2# na telefonie",
        "*100#",
        r"Dysk sieciowy \\serwer\udział",
        r"Usuń C:\tmp\*.*",
        r"C:\*.* oraz D:\*.*",
        "2*3*4 i 2 * 3 * 4",
        "a.*b.*c",
        "rm *.o foo*",
        "wersja__init__.py i _plik_ i snake_case_name",
        "~user i 3~~4~~5",
        "R&amp;D &copy; &#42;",
        r"\*nie\*",
        r"C:\*1* i /var/*log*",
        "pole* wymagane*",
        "**kwargs and *args",
    ],
)
def test_codes_paths_and_patterns_stay_as_typed(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "plain", "style"),
    [
        ("to jest **ważne**!", "to jest ważne!", "bold"),
        ("**Uwaga:** prąd", "Uwaga: prąd", "bold"),
        ("*Czy działa?*", "Czy działa?", "italic"),
        ("„**tak**”, (*nie*)", "„tak”, (nie)", "italic"),
        ("~~stare~~ nowe", "stare nowe", "strike"),
        ("***bardzo***", "bardzo", "bold"),
    ],
)
def test_what_stands_around_words_marks_them(text: str, plain: str, style: str) -> None:
    (line,) = markdown_lines(text, 80)
    assert line.plain == plain
    assert any(style in str(span.style) for span in line.spans)


@given(st.text(st.sampled_from("a1 *_~\\.#&;`(„!"), max_size=24))
def test_no_letter_or_digit_is_ever_lost(text: str) -> None:
    assert [sign for sign in shown(text) if sign.isalnum()] == [sign for sign in text if sign.isalnum()]
